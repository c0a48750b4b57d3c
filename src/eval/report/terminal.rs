//! Tables for the terminal.

use crate::eval::{
    ComparisonRow, ComparisonSummary, CostRow, ModelMean, NA, Reason, Verdict,
    report::{
        numbers::{decimal, grouped, signed, tracks},
        pairs,
    },
};

/// Formats the mean scores of models as a text table, and names the tracks without a score.
///
/// ```
/// use multitf::eval::{ModelMean, ScoreRow, format_means};
///
/// let row = ScoreRow { model: "multi".into(), average_precision: Some(0.25), ..ScoreRow::default() };
/// let table = format_means(&ModelMean::all(&[row]));
/// assert!(table.starts_with("model  split  seeds  tracks  average_precision"));
/// assert!(table.contains("0.250"));
/// ```
pub fn format_means(means: &[ModelMean]) -> String {
    let mut lines = vec![["model", "split", "seeds", "tracks"].map(str::to_owned).to_vec()];
    let shown = ModelMean::shown(means);
    if let Some(first) = means.first() {
        lines[0].extend(first.scores().into_iter().take(shown).map(|(name, _)| name.to_owned()));
    }
    for mean in means {
        let mut line = vec![mean.model.clone(), mean.split.clone(), mean.seeds.to_string(), mean.tracks.to_string()];
        line.extend(mean.scores().into_iter().take(shown).map(|(_, score)| decimal(score, 3)));
        lines.push(line);
    }
    let mut text = aligned(&lines, 2);
    text.extend(means.iter().flat_map(left_out));
    text
}

/// A line for each thing that tracks without a score lack.
fn left_out(mean: &ModelMean) -> impl Iterator<Item = String> {
    mean.left_out().map(|(what, names)| {
        let (count, names) = (tracks(names.len()), names.join(", "));
        format!("{count} without {what} in {}, left out of {}'s means: {names}\n", mean.split, mean.model)
    })
}

/// Formats what models cost and score as a text table, the costs of a seed.
///
/// ```
/// use multitf::eval::{CostRow, format_costs};
///
/// let row = CostRow { model: "multi".into(), network_draws: Some(800_000.0), ..CostRow::default() };
/// assert!(format_costs(&[row]).contains("800,000"));
/// ```
pub fn format_costs(rows: &[CostRow]) -> String {
    let names = ["model", "network_draws", "cpu_seconds", "parameters", "average_precision", "low", "high"];
    let mut lines = vec![names.map(str::to_owned).to_vec()];
    let whole = |value: f64| grouped(value.round() as u64);
    for row in rows {
        let mut line = vec![row.model.clone(), row.network_draws.map_or_else(|| NA.to_owned(), whole)];
        line.extend([decimal(row.cpu_seconds, 0), whole(row.parameters)]);
        line.extend([row.average_precision, row.low, row.high].map(|score| decimal(Some(score), 3)));
        lines.push(line);
    }
    aligned(&lines, 1)
}

/// Formats comparisons as a text table: a line for each track, the highest difference first, then the mean. Of more
/// than three comparisons, only the means.
///
/// Below it, a line for each comparison counts the tracks and factors with each verdict, and says why tracks are
/// undecided, which loss is excluded and which could have been found, and which models rank nothing.
///
/// ```
/// use multitf::eval::{ComparisonRow, format_comparison};
///
/// let row = ComparisonRow { model_a: "multi".into(), tf: "REB1".into(), ..ComparisonRow::default() };
/// assert!(format_comparison(&[row]).contains("REB1"));
/// ```
pub fn format_comparison(rows: &[ComparisonRow]) -> String {
    let names = ["model_a", "model_b", "tf", "cell", "split", "delta", "low", "high", "q", "detectable", "verdict"];
    let mut lines = vec![names.map(str::to_owned).to_vec()];
    let mut reasons = vec!["reason".to_owned()];
    let summaries = ComparisonSummary::all(rows);
    let shows_tracks = summaries.len() <= pairs::FEW;
    for row in summaries.iter().flat_map(ComparisonSummary::rows).filter(|row| shows_tracks || row.is_mean()) {
        let names = [&row.model_a, &row.model_b, &row.tf, &row.cell, &row.split];
        let mut line: Vec<String> = names.map(String::clone).to_vec();
        line.extend([row.delta, row.low, row.high].map(signed));
        line.extend([decimal(row.q, 4), decimal(row.detectable, 3)]);
        line.push(row.verdict.map_or(NA, Verdict::as_str).to_owned());
        lines.push(line);
        reasons.push(row.reason.as_ref().map(ToString::to_string).unwrap_or_default());
    }
    let table = aligned(&lines, 5);
    let with_reason = |(line, reason)| format!("{line}  {reason}").trim_end().to_owned() + "\n";
    let mut text: String = table.lines().zip(reasons).map(with_reason).collect();
    if !shows_tracks {
        text += "(differences by track are in comparison.tsv and report.html)\n";
    }
    text.extend(summaries.iter().map(tally));
    text
}

/// How many tracks and factors of a comparison have which verdict, and why others are undecided.
fn tally(summary: &ComparisonSummary<'_>) -> String {
    let ComparisonSummary { model_a, model_b, split, .. } = summary;
    let tally = summary.tally();
    let [better, worse, equal, undecided] = Verdict::ALL.map(|verdict| tally.on(verdict));
    let mut text = format!(
        "{model_a} against {model_b} in {split}: better on {better}, worse on {worse}, equal on {equal}, undecided on \
         {undecided}{}; {}{}\n",
        summary.reasons(),
        tally.excluded_loss(),
        tally.detectable_loss().map(|detectable| format!("; {detectable}")).unwrap_or_default(),
    );
    let note =
        |(reason, names): (&Reason, Vec<String>)| format!("note: no verdict on {}: {reason}\n", names.join(", "));
    text.extend(summary.faults().into_iter().map(note));
    text
}

/// Pads columns to their widest field: aligns the first `left` to the left, the others to the right.
fn aligned(lines: &[Vec<String>], left: usize) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let fields = line.iter().zip(&widths).enumerate().map(|(column, (field, &width))| {
            if column < left { format!("{field:<width$}") } else { format!("{field:>width$}") }
        });
        text += fields.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ScoreRow;

    fn row(tf: &str, delta: Option<f64>) -> ComparisonRow {
        ComparisonRow {
            model_a: "multi".into(),
            model_b: "single".into(),
            tf: tf.into(),
            cell: "yeast".into(),
            split: "valid".into(),
            delta,
            low: delta.map(|delta| delta - 0.01),
            high: delta.map(|delta| delta + 0.01),
            q: delta.map(|_| 0.25),
            verdict: delta.map(|_| Verdict::Equal),
            reason: delta.is_none().then_some(Reason::NoBoundBin),
            detectable: delta.map(|_| 0.0126),
            ..ComparisonRow::default()
        }
    }

    #[test]
    fn a_comparison_is_sorted_with_undefined_tracks_and_the_mean_at_the_end() {
        let rows = [row("*", Some(0.5)), row("GAL4", None), row("REB1", Some(-0.1)), row("ABF1", Some(0.0004))];
        let expected = "\
model_a  model_b  tf    cell   split   delta     low    high       q  detectable  verdict  reason
multi    single   ABF1  yeast  valid   0.000  -0.010  +0.010  0.2500       0.013    equal
multi    single   REB1  yeast  valid  -0.100  -0.110  -0.090  0.2500       0.013    equal
multi    single   GAL4  yeast  valid      NA      NA      NA      NA          NA       NA  no bound bin
multi    single   *     yeast  valid  +0.500  +0.490  +0.510  0.2500       0.013    equal
multi against single in valid: better on 0, worse on 0, equal on 2, undecided on 0; for 1 of 2 factors a loss above \
0.02 is excluded; the median detectable loss is 0.013, and on 2 of 2 tracks it is below 0.02
";
        assert_eq!(format_comparison(&rows), expected);
    }

    #[test]
    fn undecided_tracks_are_counted_by_reason_and_models_that_rank_nothing_are_named() {
        let undecided = |tf: &str, reason| ComparisonRow {
            verdict: Some(Verdict::Undecided),
            reason: Some(reason),
            detectable: None,
            ..row(tf, Some(0.5))
        };
        let rows = [
            undecided("REB1", Reason::OneSeed),
            undecided("ABF1", Reason::OneSeed),
            undecided("GCN4", Reason::ConstantScores { model: "single".into() }),
            undecided("MCM1", Reason::ConstantScores { model: "single".into() }),
        ];
        let text = format_comparison(&rows);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("undecided  one seed"), "{}", lines[1]);
        let tally = "multi against single in valid: better on 0, worse on 0, equal on 0, undecided on 4 (one seed: 2; \
                     constant scores of single: 2); for 0 of 4 factors a loss above 0.02 is excluded";
        let note = "note: no verdict on GCN4 (yeast), MCM1 (yeast): constant scores of single";
        assert_eq!(lines[5..], [tally, note]);
    }

    #[test]
    fn of_many_pairs_of_models_only_the_means_are_shown() {
        let pair = |model: &str| ["ABF1", "*"].map(|tf| ComparisonRow { model_b: model.into(), ..row(tf, Some(0.5)) });
        let rows = |models: &[&str]| models.iter().flat_map(|model| pair(model)).collect::<Vec<_>>();
        let few = format_comparison(&rows(&["a", "b", "c"]));
        assert_eq!((few.matches("ABF1").count(), few.contains("comparison.tsv")), (3, false));
        let many = format_comparison(&rows(&["a", "b", "c", "d"]));
        assert_eq!((many.matches("ABF1").count(), many.contains("comparison.tsv")), (0, true));
        assert_eq!(many.matches("multi against").count(), 4);
    }

    #[test]
    fn costs_are_shown_in_whole_numbers_and_unknown_ones_are_not_available() {
        let row = CostRow { model: "single".into(), parameters: 1234.4, average_precision: 0.25, ..CostRow::default() };
        let known = CostRow { network_draws: Some(19_600_000.0), cpu_seconds: Some(59.6), ..row.clone() };
        let text = format_costs(&[known, row]);
        let expected = "\
model   network_draws  cpu_seconds  parameters  average_precision    low   high
single     19,600,000           60       1,234              0.250  0.000  0.000
single             NA           NA       1,234              0.250  0.000  0.000
";
        assert_eq!(text, expected);
    }

    #[test]
    fn undefined_tracks_are_counted_and_named() {
        let row = ScoreRow { model: "multi".into(), split: "test".into(), tf: "GAL4".into(), ..ScoreRow::default() };
        let text = format_means(&ModelMean::all(&[row]));
        let last = text.lines().last().unwrap();
        let header = "model  split  seeds  tracks  average_precision  auprc  auroc  recall10  recall50  bound_ap";
        assert_eq!(text.lines().next(), Some(header));
        assert_eq!(last, "1 track without a bound bin in test, left out of multi's means: GAL4 ()");
        let row = ScoreRow { positives: 1, model: "multi".into(), split: "test".into(), ..ScoreRow::default() };
        let text = format_means(&ModelMean::all(&[row]));
        assert!(text.ends_with("\n1 track without an unbound bin in test, left out of multi's means:  ()\n"), "{text}");
    }

    #[test]
    fn no_models_make_a_header_alone() {
        assert_eq!(format_means(&[]), "model  split  seeds  tracks\n");
        assert_eq!(format_comparison(&[]).lines().count(), 1);
    }
}
