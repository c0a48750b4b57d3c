//! The section of one comparison: findings, plot, table.

use super::{
    findings, forest,
    html::{Cell, classed, escape, number, paragraph, section, table, text},
    numbers::{decimal, signed, tracks},
};
use crate::eval::{
    ComparisonRow, ComparisonSummary, EQUAL_WITHIN, MIN_BLOCKS, MIN_SEEDS, NA, Reason, SIGNIFICANT_Q, Verdict,
};

const NAMES: [&str; 10] =
    ["factor", "cell type", "#difference", "#low", "#high", "#p", "#q", "verdict", "reason", "#detectable"];

/// The section of a comparison.
pub(super) fn html(summary: &ComparisonSummary<'_>) -> String {
    let heading = format!("{} against {}, {}", summary.model_a, summary.model_b, summary.split);
    let rows = summary.mean.into_iter().chain(summary.rows().filter(|row| !row.is_mean()));
    let parts = [
        tally(summary),
        paragraph("", &escape(&findings::findings(summary).join(" "))),
        figure(summary),
        faults(summary),
        table(&NAMES, rows.map(cells)),
        undefined(summary),
    ];
    section(&escape(&heading), &parts.concat())
}

/// The number of tracks with each verdict.
fn tally(summary: &ComparisonSummary<'_>) -> String {
    let item = |verdict: Verdict| {
        format!("<li class=\"{verdict}\"><strong>{}</strong> {verdict}</li>", summary.count(verdict))
    };
    format!("<ul class=\"tally\">{}</ul>\n", Verdict::ALL.map(item).concat())
}

fn figure(summary: &ComparisonSummary<'_>) -> String {
    let plot = forest::svg(summary);
    if plot.is_empty() {
        return plot;
    }
    let label = format!("The difference {} - {} on each track, with its interval", summary.model_a, summary.model_b);
    let key = Verdict::ALL.map(|verdict| format!("<span class=\"key {verdict}\">{verdict}</span>"));
    format!(
        "<figure>\n<div class=\"wide\" role=\"img\" aria-label=\"{}\">{plot}</div>\n<figcaption>{} The verdict on {}. \
         Better or worse: q &lt; {SIGNIFICANT_Q} (Benjamini-Hochberg over the tracks of all pairs of models). \
         Equal: the whole interval lies \
         within ±{EQUAL_WITHIN} (shaded). Undecided: neither, or fewer than {MIN_SEEDS} seeds, or fewer than \
         {MIN_BLOCKS} blocks of the genome with bound and with unbound bins, or a model that ranks nothing. Lines are \
         95 % intervals of a paired bootstrap over blocks of the genome and training seeds. Detectable: the difference \
         that a test at 5 %, uncorrected, would have found with a probability of 80 %.</figcaption>\n</figure>\n",
        escape(&label),
        key.join(" "),
        escape(summary.model_a)
    )
}

fn cells(row: &ComparisonRow) -> Vec<Cell> {
    let mut cells = if row.is_mean() {
        vec![classed("mean", "mean over tracks"), text("")]
    } else {
        vec![text(&row.tf), text(&row.cell)]
    };
    cells.extend([row.delta, row.low, row.high].map(|value| number(signed(value))));
    cells.extend([row.p, row.q].map(|value| number(decimal(value, 4))));
    cells.push(row.verdict.map_or_else(|| text(NA), |verdict| classed(verdict.as_str(), verdict.as_str())));
    cells.push(text(row.reason.as_ref().map(ToString::to_string).unwrap_or_default()));
    cells.push(number(decimal(row.detectable, 3)));
    cells
}

/// Names the models that rank nothing, and where.
fn faults(summary: &ComparisonSummary<'_>) -> String {
    let note = |(reason, names): (&Reason, Vec<String>)| {
        paragraph("note", &escape(&format!("No verdict on {}: {reason}.", names.join(", "))))
    };
    summary.faults().into_iter().map(note).collect()
}

/// Names the tracks without a difference, and what they lack.
fn undefined(summary: &ComparisonSummary<'_>) -> String {
    let sentence = |(what, names): (&str, Vec<String>)| {
        let (count, split, names) = (tracks(names.len()), summary.split, names.join(", "));
        paragraph("", &escape(&format!("{count} without {what} in {split}, on which nothing can be said: {names}.")))
    };
    let groups = [
        ("a bound bin", summary.tracks_with(&Reason::NoBoundBin)),
        ("an unbound bin", summary.tracks_with(&Reason::NoUnboundBin)),
    ];
    groups.into_iter().filter(|(_, names)| !names.is_empty()).map(sentence).collect()
}
