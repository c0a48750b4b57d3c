//! The section on what sharing does to each factor.

pub(super) mod borrowed;

use super::{
    html::{Cell, classed, escape, number, paragraph, section, table, text},
    learning,
    numbers::{decimal, grouped, sentence, signed, track_name, tracks},
};
use crate::eval::{ALL, LearningRow, NA, Reason, RunRow, TransferRow, Verdict, comparison::Tally};

const NAMES: [&str; 15] = [
    "factor",
    "cell type",
    "#cell types to train on",
    "#bound bins to train on",
    "#bound bins scored",
    "#shared",
    "#own",
    "#difference",
    "#low",
    "#high",
    "#q",
    "verdict",
    "#own seconds",
    "reason",
    "#detectable",
];

/// A section for each pair of models.
pub(super) fn html(rows: &[TransferRow], runs: &[RunRow], curves: &[LearningRow]) -> String {
    let mut pairs: Vec<(&str, &str)> = rows.iter().map(|row| (row.shared.as_str(), row.own.as_str())).collect();
    pairs.dedup();
    let of_pair = |(shared, own): (&str, &str)| {
        let rows: Vec<&TransferRow> = rows.iter().filter(|row| row.shared == shared && row.own == own).collect();
        pair_section(&rows, runs, curves)
    };
    pairs.into_iter().map(of_pair).collect()
}

fn pair_section(rows: &[&TransferRow], runs: &[RunRow], curves: &[LearningRow]) -> String {
    let (shared, own) = (rows[0].shared.as_str(), rows[0].own.as_str());
    let heading = format!("Does sharing hurt? {shared} against each factor's own model ({own})");
    let parts = [
        paragraph("", &escape(&findings(rows))),
        paragraph("", &escape(&cost(shared, own, rows, runs))),
        table(&NAMES, rows.iter().copied().map(cells)),
        learning::html(rows, curves),
    ];
    section(&escape(&heading), &parts.concat())
}

/// On how many tracks sharing does harm, and on how many that is excluded.
fn findings(rows: &[&TransferRow]) -> String {
    let scored = || rows.iter().copied().filter(|row| row.delta.is_some());
    let tally = Tally::new(scored());
    let why = Reason::format_counts(scored().filter_map(|row| row.reason.as_ref()));
    let harmed: Vec<String> =
        scored().filter(|row| row.verdict == Some(Verdict::Worse)).map(|row| track_name(&row.tf, &row.cell)).collect();
    let harmed = if harmed.is_empty() {
        "none".to_owned()
    } else {
        format!("{}: {}", tally.on(Verdict::Worse), harmed.join(", "))
    };
    let detectable = tally.detectable_loss().map(|detectable| format!(" {}", sentence(&detectable)));
    format!(
        "Of {} in {}, sharing is significantly worse on {harmed}; it is significantly better on {}, and undecided on \
         {}{why}. {} Where it is not, that does not prove a loss.{}",
        tracks(tally.tracks()),
        rows[0].split,
        tally.on(Verdict::Better),
        tally.on(Verdict::Undecided),
        sentence(&tally.excluded_loss()),
        detectable.unwrap_or_default(),
    )
}

/// The cost of both sides.
fn cost(shared: &str, own: &str, rows: &[&TransferRow], runs: &[RunRow]) -> String {
    let total = |runs: Vec<&RunRow>| -> (u64, f64) {
        (runs.iter().map(|run| run.draws).sum(), runs.iter().map(|run| run.seconds).sum())
    };
    let (draws, seconds) = total(runs.iter().filter(|run| run.model == shared && run.tf == ALL).collect());
    let is_compared = |run: &&RunRow| run.model == own && rows.iter().any(|row| row.tf == run.tf);
    let (own_draws, own_seconds) = total(runs.iter().filter(is_compared).collect());
    format!(
        "{shared} drew {} samples in {seconds:.0} s, the models of {own} {} in {own_seconds:.0} s, all seeds together.",
        grouped(draws),
        grouped(own_draws)
    )
}

fn cells(row: &TransferRow) -> Vec<Cell> {
    let mut cells = vec![text(&row.tf), text(&row.cell)];
    cells.push(number(row.training_cells.map_or_else(|| NA.to_owned(), |cells| cells.to_string())));
    cells.extend([row.training_positives, row.positives].map(|count| number(grouped(count))));
    cells.extend([row.shared_score, row.own_score].map(|score| number(decimal(score, 3))));
    cells.extend([row.delta, row.low, row.high].map(|value| number(signed(value))));
    cells.push(number(decimal(row.q, 4)));
    cells.push(row.verdict.map_or_else(|| text(NA), |verdict| classed(verdict.as_str(), verdict.as_str())));
    cells.push(number(format!("{:.1}", row.own_seconds)));
    cells.push(text(row.reason.as_ref().map(ToString::to_string).unwrap_or_default()));
    cells.push(number(decimal(row.detectable, 3)));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tf: &str, delta: Option<f64>, verdict: Verdict) -> TransferRow {
        TransferRow {
            shared: "multi".into(),
            own: "single".into(),
            tf: tf.into(),
            cell: "K562".into(),
            split: "valid".into(),
            delta,
            low: delta.map(|delta| delta - 0.005),
            verdict: delta.map(|_| verdict),
            ..TransferRow::default()
        }
    }

    #[test]
    fn harmed_factors_are_named_and_costs_are_those_of_compared_factors() {
        let run = |model: &str, tf: &str, draws| RunRow {
            model: model.into(),
            seed: 0,
            tf: tf.into(),
            draws,
            parameters: 1,
            seconds: 2.0,
            ..RunRow::default()
        };
        let rows = [
            row("<REST>", Some(-0.25), Verdict::Worse),
            TransferRow { reason: Some(Reason::OneSeed), ..row("MAX", Some(0.0), Verdict::Undecided) },
            row("JUN", None, Verdict::Equal),
        ];
        let runs = [run("multi", "*", 1_000), run("single", "<REST>", 2_000), run("single", "CTCF", 4_000)];
        let html = html(&rows, &runs, &[]);
        assert!(html.contains("Of 2 tracks in valid, sharing is significantly worse on 1: &lt;REST&gt; (K562); it is"));
        assert!(html.contains(
            "better on 0, and undecided on 1 (one seed: 1). For 0 of 2 factors a loss above 0.02 is excluded."
        ));
        assert!(html.contains(
            "<td class=\"undecided\">undecided</td><td class=\"number\">0.0</td><td>one seed</td>\
                 <td class=\"number\">NA</td></tr>"
        ));
        let many = TransferRow { reason: Some(Reason::WideInterval), ..rows[1].clone() };
        let excluded = "For 1 of 1 factor a loss above 0.02 is excluded.";
        assert!(super::html(&[many], &runs, &[]).contains(excluded));
        assert!(html.contains("multi drew 1,000 samples in 2 s, the models of single 2,000 in 2 s"));
        assert_eq!((html.matches("<section>").count(), html.matches("<tr><td>").count()), (1, 3));
        let recipe = TransferRow { shared: "recipe".into(), ..rows[0].clone() };
        let both = super::html(&[rows.as_slice(), &[recipe]].concat(), &runs, &[]);
        assert_eq!((both.matches("<section>").count(), both.matches("<tr><td>").count()), (2, 4));
        assert!(super::html(&[], &runs, &[]).is_empty());
    }
}
