//! Selects the best model for each factor.

use std::collections::BTreeMap;

use crate::eval::{ALL, ComparisonRow, Verdict};

/// Selects a model for each factor: `base`, unless another one is significantly better.
///
/// Only rows that compare a model with `base` count. A model is better for a factor if it is significantly better on at
/// least one of the factor's tracks, significantly worse on none, and higher in their mean. Of several such models the
/// one with the highest mean is taken. Factors that keep `base` are not in the result.
///
/// The choice is between trained models, on the data at hand. It therefore rests on the numbers alone
/// ([`ComparisonRow::nominal`]). The published verdict is about kinds of models, and needs several seeds.
///
/// # Examples
///
/// ```
/// use multitf::eval::{ComparisonRow, select_models};
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
/// let selected = select_models("shared", &rows);
/// assert_eq!(selected["Reb1"], "single");
/// assert!(!selected.contains_key("Gal4"));
/// ```
pub fn select_models(base: &str, rows: &[ComparisonRow]) -> BTreeMap<String, String> {
    let mut tracks: BTreeMap<(&str, &str), Vec<&ComparisonRow>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.model_b == base && row.tf != ALL) {
        tracks.entry((&row.tf, &row.model_a)).or_default().push(row);
    }
    let mut best: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for ((tf, model), tracks) in tracks {
        let has = |verdict| tracks.iter().any(|row| row.nominal() == Some(verdict));
        let deltas: Vec<f64> = tracks.iter().filter_map(|row| row.delta).collect();
        let mean = deltas.iter().sum::<f64>() / deltas.len() as f64;
        let is_better = has(Verdict::Better) && !has(Verdict::Worse) && mean > 0.0;
        if is_better && best.get(tf).is_none_or(|(highest, _)| mean > *highest) {
            best.insert(tf, (mean, model));
        }
    }
    best.into_iter().map(|(tf, (_, model))| (tf.to_owned(), model.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Reason;

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
    fn a_model_that_is_worse_in_a_cell_type_is_not_selected() {
        let better = row("K562", 0.3, 0.049);
        let selected = |other| select_models("shared", &[better.clone(), other]).len();
        assert_eq!(selected(row("A549", -0.1, 0.05)), 1);
        assert_eq!(selected(row("A549", -0.1, 0.049)), 0);
        assert_eq!(selected(row("A549", -0.4, 0.05)), 0);
        assert!(select_models("shared", &[row("K562", 0.3, 0.05)]).is_empty());
    }

    #[test]
    fn of_several_better_models_the_one_with_the_highest_mean_is_selected() {
        let row_of = |model: &str, delta| ComparisonRow { model_a: model.into(), ..row("K562", delta, 0.01) };
        for deltas in [[0.1, 0.3, 0.2], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]] {
            let models = ["grouped", "own", "tuned"];
            let rows: Vec<ComparisonRow> =
                models.iter().zip(deltas).map(|(model, delta)| row_of(model, delta)).collect();
            let best = deltas.iter().position(|delta| *delta == 0.3).unwrap();
            assert_eq!(select_models("shared", &rows)["CTCF"], models[best], "{deltas:?}");
        }
    }

    #[test]
    fn other_comparisons_and_the_mean_of_all_do_not_count() {
        let other = ComparisonRow { model_b: "motif".into(), ..row("K562", 0.3, 0.01) };
        let all = ComparisonRow { tf: ALL.into(), ..row(ALL, 0.3, 0.01) };
        assert!(select_models("shared", &[other, all]).is_empty());
    }
}
