//! The section that shows which factors pull the shared weights in the same direction, and which conflict.

use std::fmt::Write;

use super::{
    harm,
    html::{Cell, classed, escape, number, paragraph, section, table, text},
    numbers::grouped,
};
use crate::{
    eval::TransferRow,
    train::{ConflictMap, MIN_COMMON_SAMPLES, MIN_LOOKS, PairVerdict},
};

const CELL: usize = 13;
const MARGIN: usize = 90;
/// The most rows of the table.
const MOST: usize = 10;

/// Draws the map, names the pairs that conflict, and says whether the map predicts who is harmed; empty for fewer than
/// two tasks.
pub(super) fn html(map: &ConflictMap, transfers: &[TransferRow]) -> String {
    if map.tasks().len() < 2 {
        return String::new();
    }
    let about = "While the shared model trains, each factor pulls at the weights that all share. A cell shows the \
                 cosine between the pulls of two factors, estimated every so many steps on samples that are drawn for \
                 this alone. Where it is positive, the factors pull together; where it is negative, against each \
                 other. Pale cells are estimates that chance explains as well. Similar factors stand side by side.";
    let strongest = map.distinct_pairs().filter_map(|(a, b)| map.cosine(a, b)).map(f64::abs).fold(0.0, f64::max);
    let key = format!(
        "<span class=\"key better\">together</span> <span class=\"key worse\">against each other</span> \
         The strongest colour is a cosine of {strongest:.2}; without a verdict, a colour has a quarter of its strength."
    );
    let figure = format!("<figure>{}<figcaption>{key}</figcaption></figure>\n", svg(map, strongest));
    let parts = [paragraph("", about), figure, paragraph("", &counts(map)), conflicts(map), harm::html(map, transfers)];
    section("Who pulls together", &parts.concat())
}

fn svg(map: &ConflictMap, strongest: f64) -> String {
    let order = map.order();
    let size = MARGIN + CELL * order.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"{size}\" height=\"{size}\" \
         font-size=\"10\" fill=\"var(--text)\" font-family=\"system-ui, sans-serif\">\n"
    );
    for (row, &a) in order.iter().enumerate() {
        let (name, place) = (escape(&map.tasks()[a]), MARGIN + CELL * row);
        let middle = place + CELL - 3;
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{name}</text>", MARGIN - 4);
        let up = MARGIN - 4;
        let _ = writeln!(svg, "<text transform=\"translate({middle} {up}) rotate(-90)\">{name}</text>");
        for (column, &b) in order.iter().enumerate().filter(|(_, b)| **b != a) {
            let x = MARGIN + CELL * column;
            svg += &cell(map, (a, b), (x, place), strongest).unwrap_or_default();
        }
    }
    svg + "</svg>"
}

/// The cell of two tasks; none without a cosine.
fn cell(map: &ConflictMap, (a, b): (usize, usize), (x, y): (usize, usize), strongest: f64) -> Option<String> {
    let cosine = map.cosine(a, b)?;
    let class = if cosine < 0.0 { "worse" } else { "better" };
    let [name, other] = [a, b].map(|task| escape(&map.tasks()[task]));
    let verdict = map.verdict(a, b);
    let is_told = matches!(verdict, PairVerdict::Together | PairVerdict::Against);
    let opacity = cosine.abs() / strongest.max(f64::MIN_POSITIVE) * if is_told { 1.0 } else { 0.25 };
    let range = map.interval(a, b).map_or_else(String::new, |[low, high]| format!(" ({low:+.2} to {high:+.2})"));
    let (samples, verdict) = (grouped(map.samples(a, b)), verdict.as_str());
    let title = format!("{name}, {other}: {cosine:+.2}{range} over {samples} samples, {verdict}");
    Some(format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"var(--{class})\" \
         fill-opacity=\"{opacity:.2}\"><title>{title}</title></rect>\n"
    ))
}

/// How many pairs there are of each verdict.
fn counts(map: &ConflictMap) -> String {
    let count = |verdict| map.distinct_pairs().filter(|&(a, b)| map.verdict(a, b) == verdict).count();
    let all = map.distinct_pairs().count();
    let [against, together, undecided, few] =
        [PairVerdict::Against, PairVerdict::Together, PairVerdict::Undecided, PairVerdict::TooFew].map(count);
    let looks = map.distinct_pairs().map(|(a, b)| map.looks(a, b).looks).max().unwrap_or_default();
    let mut summary = format!(
        "Of {all} pairs, {against} pull against each other, {together} pull together, and {undecided} are undecided \
         after {looks} looks. Of the pairs with a verdict, chance alone explains 5 %."
    );
    if few > 0 {
        let _ = write!(
            summary,
            " {few} have fewer than {MIN_LOOKS} looks or {MIN_COMMON_SAMPLES} samples in common, or gradients too \
             small to tell."
        );
    }
    if looks < MIN_LOOKS {
        summary += " There are too few looks for any verdict: the training was short.";
    }
    summary
}

/// The pairs that conflict most.
fn conflicts(map: &ConflictMap) -> String {
    let against = map.distinct_pairs().filter(|&(a, b)| map.works_against(a, b));
    let mut pairs: Vec<(f64, usize, usize)> = against.filter_map(|(a, b)| Some((map.cosine(a, b)?, a, b))).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    if pairs.is_empty() {
        return String::new();
    }
    let row = |&(cosine, a, b): &(f64, usize, usize)| -> Vec<Cell> {
        let end = |end: usize| map.interval(a, b).map_or_else(String::new, |interval| format!("{:+.3}", interval[end]));
        vec![
            text(&map.tasks()[a]),
            classed("worse", &map.tasks()[b]),
            number(format!("{cosine:+.3}")),
            number(end(0)),
            number(end(1)),
            number(grouped(map.samples(a, b))),
        ]
    };
    let names = ["factor", "works against", "#cosine", "#low", "#high", "#common samples"];
    table(&names, pairs.iter().take(MOST).map(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::PairLooks;

    /// Products around a mean, whose standard error is .1 of its own size and more.
    fn looks(mean: f64, spread: f64, samples: u64) -> PairLooks {
        let mut pair = PairLooks { samples, ..PairLooks::default() };
        for sign in [-1.0, 1.0, -1.0, 1.0, -1.0, 1.0] {
            pair.add(mean + sign * spread);
        }
        pair
    }

    fn names() -> Vec<String> {
        ["REB1", "<GAL4>", "ABF1"].map(String::from).to_vec()
    }

    fn map(common: u64) -> ConflictMap {
        let own = looks(4.0, 0.1, 9_000);
        let pairs = [own, looks(-2.0, 0.1, 5_000), looks(0.4, 2.0, 5_000), own, looks(1.0, 0.1, common), own];
        ConflictMap::new(names(), pairs.to_vec())
    }

    #[test]
    fn conflicts_are_drawn_counted_and_named() {
        let html = html(&map(5_000), &[]);
        let counts = "Of 3 pairs, 1 pull against each other, 1 pull together, and 1 are undecided after 6 looks. Of";
        assert!(html.contains(counts), "{html}");
        // -2 +- .1 sqrt(6 / 5) 2.5706 / sqrt(6), over 4.
        let row = "<td>REB1</td><td class=\"worse\">&lt;GAL4&gt;</td><td class=\"number\">-0.500</td>\
                   <td class=\"number\">-0.529</td><td class=\"number\">-0.471</td><td class=\"number\">5,000</td>";
        assert!(html.contains(row), "{html}");
        assert_eq!(html.matches("<tr><td>").count(), 1);
        let title = "<title>REB1, &lt;GAL4&gt;: -0.50 (-0.53 to -0.47) over 5,000 samples, against</title>";
        assert!(html.contains(title) && !html.contains("<GAL4>"), "{html}");
    }

    #[test]
    fn colours_are_scaled_to_the_strongest_cosine_and_pale_without_a_verdict() {
        let html = html(&map(5_000), &[]);
        assert!(html.contains("The strongest colour is a cosine of 0.50;"));
        // Both ways: -.5 and .25 with a verdict, .1 without.
        for opacity in ["1.00", "0.50", "0.05"] {
            assert_eq!(html.matches(&format!("fill-opacity=\"{opacity}\"")).count(), 2, "{opacity}");
        }
    }

    #[test]
    fn pairs_with_few_common_samples_have_no_cell_and_short_trainings_no_verdict() {
        let few = html(&map(99), &[]);
        assert_eq!(few.matches("<rect").count(), 4);
        assert!(few.contains(" 1 have fewer than 5 looks or 100 samples in common, or"), "{few}");
        let mut short = PairLooks { samples: 500, ..PairLooks::default() };
        short.add(-1.0);
        let own = looks(1.0, 0.0, 500);
        let short = html(&ConflictMap::new(names(), vec![own, short, short, own, short, own]), &[]);
        assert!(short.contains("Of 3 pairs, 0 pull against each other, 0 pull together, and 0 are undecided after 1"));
        assert!(short.contains("There are too few looks for any verdict: the training was short."));
        assert_eq!((short.matches("<rect").count(), short.matches("<table").count()), (6, 0));
        assert!(html(&ConflictMap::new(vec!["A".into()], vec![own]), &[]).is_empty());
    }
}
