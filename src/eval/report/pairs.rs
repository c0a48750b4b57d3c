//! All pairs of models at a glance.

use super::{
    html::{Cell, classed, number, paragraph, section, table, text},
    numbers::{decimal, signed},
};
use crate::eval::{ComparisonSummary, NA, Verdict};

/// The most pairs of models that need no overview.
pub(super) const FEW: usize = 3;
const NAMES: [&str; 10] =
    ["model", "minus", "#mean difference", "#low", "#high", "#q", "verdict", "#tracks", "#better", "#worse"];

/// A table with a row for each pair; empty if there are few.
pub(super) fn html(summaries: &[ComparisonSummary<'_>]) -> String {
    if summaries.len() <= FEW {
        return String::new();
    }
    let note = "Mean differences over common tracks with their 95 % intervals, q-values corrected over all pairs, and \
                on how many tracks the first model is significantly better and worse. Differences by track are in \
                comparison.tsv.";
    section("All pairs", &[table(&NAMES, summaries.iter().map(cells)), paragraph("small", note)].concat())
}

fn cells(summary: &ComparisonSummary<'_>) -> Vec<Cell> {
    let mean = summary.mean;
    let mut cells = vec![text(summary.model_a), text(summary.model_b)];
    let numbers = [mean.and_then(|row| row.delta), mean.and_then(|row| row.low), mean.and_then(|row| row.high)];
    cells.extend(numbers.map(|value| number(signed(value))));
    cells.push(number(decimal(mean.and_then(|row| row.q), 4)));
    let verdict = mean.and_then(|row| row.verdict);
    cells.push(verdict.map_or_else(|| text(NA), |verdict| classed(verdict.as_str(), verdict.as_str())));
    let counts = [summary.tracks.len(), summary.count(Verdict::Better), summary.count(Verdict::Worse)];
    cells.extend(counts.map(|count| number(count.to_string())));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ComparisonRow;

    #[test]
    fn each_of_many_pairs_has_a_row_and_few_need_none() {
        let pair = |model: &str| {
            let track = ComparisonRow {
                model_a: "re<cipe".into(),
                model_b: model.into(),
                tf: "ABF1".into(),
                delta: Some(0.25),
                verdict: Some(Verdict::Better),
                ..ComparisonRow::default()
            };
            [ComparisonRow { tf: "*".into(), low: Some(0.125), q: Some(0.01), ..track.clone() }, track]
        };
        let rows: Vec<ComparisonRow> = ["a", "b", "c", "d"].into_iter().flat_map(pair).collect();
        let summaries = ComparisonSummary::all(&rows);
        assert_eq!(html(&summaries[..3]), "");
        let html = html(&summaries);
        assert_eq!(html.matches("<td>re&lt;cipe</td>").count(), 4);
        let expected = "<td class=\"number\">+0.250</td><td class=\"number\">+0.125</td><td class=\"number\">NA</td>\
                        <td class=\"number\">0.0100</td><td class=\"better\">better</td><td class=\"number\">1</td>\
                        <td class=\"number\">1</td><td class=\"number\">0</td>";
        assert!(html.contains(expected), "{html}");
    }
}
