//! The best model for each factor.

use std::collections::BTreeMap;

use super::{comparison::ComparisonRow, run::ALL, verdict::Verdict};

/// Chooses a model for each factor: `base`, unless another one is better beyond doubt.
///
/// Of the rows only those count that compare a model with `base`. A model is better for a factor if it is significantly better
/// on one of the factor's tracks at least, significantly worse on none, and higher in their mean; of several the one with the
/// highest mean is taken. Factors that keep `base` are not in the result.
///
/// What is chosen is one trained model among others, on the data at hand: significance is that of the numbers alone
/// ([`ComparisonRow::nominal`]), not the published verdict, which speaks of models of a kind and so needs several seeds.
///
/// # Examples
///
/// ```
/// use multitf::eval::{choice::choose, comparison::ComparisonRow};
///
/// let row = |model: &str, tf: &str, delta, q| ComparisonRow {
///     model_a: model.into(),
///     model_b: "shared".into(),
///     tf: tf.into(),
///     delta: Some(delta),
///     q: Some(q),
///     ..ComparisonRow::default()
/// };
/// let rows = [
///     row("single", "Reb1", 0.2, 0.01),
///     row("grouped", "Reb1", 0.1, 0.01),
///     row("single", "Gal4", 0.3, 0.2),
/// ];
/// let chosen = choose("shared", &rows);
/// assert_eq!(chosen["Reb1"], "single");
/// assert!(!chosen.contains_key("Gal4"));
/// ```
pub fn choose(base: &str, rows: &[ComparisonRow]) -> BTreeMap<String, String> {
    let mut tracks: BTreeMap<(&str, &str), Vec<&ComparisonRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.model_b == base && row.tf != ALL) {
        tracks.entry((&row.tf, &row.model_a)).or_default().push(row);
    }
    let mut best: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for ((tf, model), tracks) in tracks {
        let says = |verdict| tracks.iter().any(|row| row.nominal() == Some(verdict));
        let deltas: Vec<f64> = tracks.iter().filter_map(|row| row.delta).collect();
        let mean = deltas.iter().sum::<f64>() / deltas.len() as f64;
        let is_better = says(Verdict::Better) && !says(Verdict::Worse) && mean > 0.0;
        if is_better && best.get(tf).is_none_or(|(highest, _)| mean > *highest) {
            best.insert(tf, (mean, model));
        }
    }
    best.into_iter().map(|(tf, (_, model))| (tf.to_owned(), model.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::reason::Reason;

    /// One seed: no verdict is published.
    fn row(cell: &str, delta: f64, q: f64) -> ComparisonRow {
        ComparisonRow {
            model_a: "own".into(),
            model_b: "shared".into(),
            tf: "CTCF".into(),
            cell: cell.into(),
            delta: Some(delta),
            q: Some(q),
            seeds: 1,
            verdict: Some(Verdict::Undecided),
            reason: Some(Reason::OneSeed),
            ..ComparisonRow::default()
        }
    }

    #[test]
    fn a_model_that_is_worse_in_a_cell_type_is_not_chosen() {
        let better = row("K562", 0.3, 0.049);
        let chosen = |other| choose("shared", &[better.clone(), other]).len();
        assert_eq!(chosen(row("A549", -0.1, 0.05)), 1);
        assert_eq!(chosen(row("A549", -0.1, 0.049)), 0);
        assert_eq!(chosen(row("A549", -0.4, 0.05)), 0);
        assert!(choose("shared", &[row("K562", 0.3, 0.05)]).is_empty());
    }

    #[test]
    fn of_several_better_models_the_one_with_the_highest_mean_is_chosen() {
        let of = |model: &str, delta| ComparisonRow { model_a: model.into(), ..row("K562", delta, 0.01) };
        for deltas in [[0.1, 0.3, 0.2], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]] {
            let models = ["grouped", "own", "tuned"];
            let rows: Vec<ComparisonRow> = models.iter().zip(deltas).map(|(model, delta)| of(model, delta)).collect();
            let best = deltas.iter().position(|delta| *delta == 0.3).unwrap();
            assert_eq!(choose("shared", &rows)["CTCF"], models[best], "{deltas:?}");
        }
    }

    #[test]
    fn other_comparisons_and_the_mean_of_all_do_not_count() {
        let other = ComparisonRow { model_b: "motif".into(), ..row("K562", 0.3, 0.01) };
        let all = ComparisonRow { tf: ALL.into(), ..row(ALL, 0.3, 0.01) };
        assert!(choose("shared", &[other, all]).is_empty());
    }
}
