//! Whether the map of conflicts predicts whom sharing harms.

use super::html::{escape, paragraph};
use crate::{eval::TransferRow, metric::RankCorrelation, train::ConflictMap};

/// A correlation above it would be of use to predict who is harmed.
const USEFUL: f64 = 0.3;

/// Says whether factors that are pulled against lose by sharing, by the first shared model with transfers, which is
/// that of the map; empty without transfers of at least three tasks.
pub(super) fn html(map: &ConflictMap, transfers: &[TransferRow]) -> String {
    let Some(first) = transfers.first() else { return String::new() };
    let own = |task: &str| {
        let is_own = |row: &&TransferRow| row.tf == task || format!("{}@{}", row.tf, row.cell) == task;
        let rows = transfers.iter().filter(|row| row.shared == first.shared).filter(is_own);
        let deltas: Vec<f64> = rows.filter_map(|row| row.delta).collect();
        (!deltas.is_empty()).then(|| deltas.iter().sum::<f64>() / deltas.len() as f64)
    };
    let tasks = map.tasks().iter().enumerate();
    let pairs = tasks.filter_map(|(task, name)| Some((map.mean_cosine(task)?, own(name)?)));
    let (cosines, transfers): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let Some(correlation) = RankCorrelation::new(&cosines, &transfers, 0) else { return String::new() };
    let RankCorrelation { rho, low, high } = correlation;
    let verdict = if low > 0.0 {
        "factors that others pull against gain less by sharing, as the map predicts"
    } else if high < 0.0 {
        "factors that others pull against gain more by sharing: the map does not predict who is harmed"
    } else if high < USEFUL {
        "the map does not predict who is harmed"
    } else {
        "these data cannot tell whether the map predicts who is harmed"
    };
    let text = format!(
        "Does it predict who is harmed? Over {} factors, the rank correlation between the mean cosine with the others \
         and the difference {} - {} is {rho:+.2} ({low:+.2} to {high:+.2}): {verdict}.",
        cosines.len(),
        first.shared,
        first.own,
    );
    paragraph("", &escape(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::PairLooks;

    /// The mean cosines of the tasks rise with their numbers.
    fn map(count: u32) -> ConflictMap {
        let pair = |a: u32, b: u32| {
            let mut pair = PairLooks { samples: 500, ..PairLooks::default() };
            let product = if a == b { 1.0 } else { f64::from(a + b) / f64::from(2 * count) };
            (0..6).for_each(|_| pair.add(product));
            pair
        };
        let pairs = (0..count).flat_map(|a| (a..count).map(move |b| pair(a, b))).collect();
        ConflictMap::new((0..count).map(|task| format!("TF{task}")).collect(), pairs)
    }

    fn rows(deltas: impl Fn(u32) -> Option<f64>) -> Vec<TransferRow> {
        let row = |task: u32, cell: &str, delta| TransferRow {
            shared: "multi".into(),
            own: "single".into(),
            tf: format!("TF{task}"),
            cell: cell.into(),
            delta,
            ..TransferRow::default()
        };
        // Another shared model does not count.
        let other = TransferRow { shared: "recipe".into(), delta: Some(-9.0), ..row(11, "K562", None) };
        let tasks = (0..12).flat_map(|task| [row(task, "K562", deltas(task)), row(task, "A549", deltas(task))]);
        tasks.chain([other]).collect()
    }

    #[test]
    fn it_says_what_the_correlation_says() {
        let said = |deltas: &dyn Fn(u32) -> Option<f64>| html(&map(12), &rows(deltas));
        let predicted = said(&|task| Some(f64::from(task * task)));
        assert!(
            predicted.contains("Over 12 factors, the rank correlation between the mean cosine with the others and")
        );
        assert!(
            predicted.contains("multi - single is +1.00 (+1.00 to +1.00): factors that others pull against gain less")
        );
        let contrary = said(&|task| Some(-f64::from(task)));
        assert!(contrary.contains("is -1.00 (-1.00 to -1.00): factors that others pull against gain more"));
        let open = said(&|task| Some(f64::from(task * 5 % 12)));
        assert!(open.contains(": these data cannot tell whether the map predicts who is harmed.</p>"), "{open}");
        let half = said(&|task| (task < 6).then(|| f64::from(task)));
        assert!(half.contains("Over 6 factors"));
    }

    #[test]
    fn a_task_of_one_cell_type_has_its_own_transfer() {
        let mut map = map(3);
        map = ConflictMap::new(["A@x", "A@y", "B"].map(String::from).to_vec(), {
            let pairs = map.distinct_pairs().map(|(a, b)| *map.looks(a, b)).collect::<Vec<_>>();
            let own = *map.looks(0, 0);
            vec![own, pairs[0], pairs[1], own, pairs[2], own]
        });
        let row = |tf: &str, cell: &str, delta| TransferRow {
            tf: tf.into(),
            cell: cell.into(),
            delta: Some(delta),
            ..TransferRow::default()
        };
        let html = html(&map, &[row("A", "y", 2.0), row("A", "x", 1.0), row("B", "x", 3.0)]);
        assert!(html.contains("Over 3 factors") && html.contains("is +1.00"), "{html}");
    }

    #[test]
    fn nothing_is_said_without_transfers() {
        assert!(html(&map(12), &[]).is_empty() && html(&map(12), &rows(|_| None)).is_empty());
    }
}
