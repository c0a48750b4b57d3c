//! The section of one comparison: words, plot, table.

use super::{
    forest,
    html::{Cell, classed, escape, number, paragraph, section, table, text},
    words,
};
use crate::eval::{
    comparison::ComparisonRow,
    pair::Pair,
    plain::{decimal, signed, tracks},
    reason::Reason,
    table::UNDEFINED,
    verdict::{EQUAL_WITHIN, MIN_BLOCKS, MIN_SEEDS, SIGNIFICANT_Q, Verdict},
};

const NAMES: [&str; 9] = ["factor", "cell type", "#difference", "#low", "#high", "#p", "#q", "verdict", "reason"];

/// What a comparison found.
pub(super) fn html(pair: &Pair<'_>) -> String {
    let heading = format!("{} against {}, {}", pair.model_a, pair.model_b, pair.split);
    let rows = pair.mean.into_iter().chain(pair.tracks.iter().copied()).chain(pair.undefined.iter().copied());
    let parts = [
        tally(pair),
        paragraph("", &escape(&words::findings(pair).join(" "))),
        figure(pair),
        faults(pair),
        table(&NAMES, rows.map(cells)),
        undefined(pair),
    ];
    section(&escape(&heading), &parts.concat())
}

/// The number of tracks with each verdict.
fn tally(pair: &Pair<'_>) -> String {
    let item =
        |verdict: Verdict| format!("<li class=\"{verdict}\"><strong>{}</strong> {verdict}</li>", pair.count(verdict));
    format!("<ul class=\"tally\">{}</ul>\n", Verdict::ALL.map(item).concat())
}

fn figure(pair: &Pair<'_>) -> String {
    let plot = forest::svg(pair);
    if plot.is_empty() {
        return plot;
    }
    let label = format!("The difference {} - {} on each track, with its interval", pair.model_a, pair.model_b);
    let key = Verdict::ALL.map(|verdict| format!("<span class=\"key {verdict}\">{verdict}</span>"));
    format!(
        "<figure>\n<div class=\"wide\" role=\"img\" aria-label=\"{}\">{plot}</div>\n<figcaption>{} The verdict on {}. \
         Better or worse: q &lt; {SIGNIFICANT_Q} (Benjamini-Hochberg over tracks). Equal: the whole interval lies \
         within ±{EQUAL_WITHIN} (shaded). Undecided: neither, or fewer than {MIN_SEEDS} seeds, or fewer than {MIN_BLOCKS} \
         blocks of the genome with bound and with unbound bins, or a model that ranks nothing. Lines are 95 % intervals of a paired bootstrap over blocks of the genome and \
         training seeds.</figcaption>\n</figure>\n",
        escape(&label),
        key.join(" "),
        escape(pair.model_a)
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
    cells.push(row.verdict.map_or_else(|| text(UNDEFINED), |verdict| classed(verdict.as_str(), verdict.as_str())));
    cells.push(text(row.reason.as_ref().map(ToString::to_string).unwrap_or_default()));
    cells
}

/// Names the models that rank nothing, and where.
fn faults(pair: &Pair<'_>) -> String {
    let note = |(reason, names): (&Reason, Vec<String>)| {
        paragraph("note", &escape(&format!("No verdict on {}: {reason}.", names.join(", "))))
    };
    pair.faults().into_iter().map(note).collect()
}

/// Names the tracks without a difference, and what they lack.
fn undefined(pair: &Pair<'_>) -> String {
    let sentence = |(what, names): (&str, Vec<String>)| {
        let (count, split, names) = (tracks(names.len()), pair.split, names.join(", "));
        paragraph("", &escape(&format!("{count} without {what} in {split}, on which nothing can be said: {names}.")))
    };
    let groups = [
        ("a bound bin", pair.named(|reason| *reason == Reason::NoBoundBin)),
        ("an unbound bin", pair.named(|reason| *reason == Reason::NoUnboundBin)),
    ];
    groups.into_iter().filter(|(_, names)| !names.is_empty()).map(sentence).collect()
}
