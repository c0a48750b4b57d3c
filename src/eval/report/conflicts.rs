//! The section that shows which factors pull the shared features in the same direction, and which conflict.

use std::fmt::Write;

use super::{
    html::{Cell, classed, escape, number, paragraph, section, table, text},
    numbers::grouped,
};
use crate::train::{ConflictMap, MIN_COMMON_SAMPLES};

const CELL: usize = 13;
const MARGIN: usize = 90;
/// The most rows of the table.
const MOST: usize = 10;

/// Draws the map and names the pairs that conflict most; empty for fewer than two tasks.
pub(super) fn html(map: &ConflictMap) -> String {
    if map.tasks().len() < 2 {
        return String::new();
    }
    let about = "While the shared model trains, each factor pulls at the features that all share. A cell shows the \
                 cosine between the pulls of two factors, over the counted steps and the samples in which both were \
                 measured. Where it is positive, the factors help each other; where it is negative, they conflict. \
                 Similar factors stand side by side.";
    let key = "<span class=\"key better\">together</span> <span class=\"key worse\">against each other</span>";
    let figure = format!("<figure>{}<figcaption>{key}</figcaption></figure>\n", svg(map));
    section("Who pulls together", &[paragraph("", about), figure, conflicts(map)].concat())
}

fn svg(map: &ConflictMap) -> String {
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
            let Some(cosine) = map.cosine(a, b) else { continue };
            let (x, class) = (MARGIN + CELL * column, if cosine < 0.0 { "worse" } else { "better" });
            let (other, samples) = (escape(&map.tasks()[b]), grouped(map.samples(a, b)));
            let title = format!("{name}, {other}: {cosine:.2} over {samples} samples");
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{place}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"var(--{class})\" \
                 fill-opacity=\"{:.2}\"><title>{title}</title></rect>",
                cosine.abs()
            );
        }
    }
    svg + "</svg>"
}

/// The pairs that conflict most.
fn conflicts(map: &ConflictMap) -> String {
    let count = map.tasks().len();
    let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
    let few = pairs.clone().filter(|&(a, b)| map.samples(a, b) < MIN_COMMON_SAMPLES).count();
    let mut pairs: Vec<(f64, usize, usize)> = pairs.filter_map(|(a, b)| Some((map.cosine(a, b)?, a, b))).collect();
    let (all, negative) = (pairs.len(), pairs.iter().filter(|(cosine, ..)| *cosine < 0.0).count());
    let mut summary = format!("{negative} of {all} pairs pull against each other.");
    if few > 0 {
        let _ = write!(summary, " {few} more have fewer than {MIN_COMMON_SAMPLES} samples in common, and no cell.");
    }
    let summary = paragraph("", &summary);
    pairs.retain(|(cosine, ..)| *cosine < 0.0);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    if pairs.is_empty() {
        return summary;
    }
    let row = |&(cosine, a, b): &(f64, usize, usize)| -> Vec<Cell> {
        vec![
            text(&map.tasks()[a]),
            classed("worse", &map.tasks()[b]),
            number(format!("{cosine:+.3}")),
            number(grouped(map.samples(a, b))),
        ]
    };
    summary + &table(&["factor", "works against", "#cosine", "#common samples"], pairs.iter().take(MOST).map(row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflicts_are_drawn_counted_and_named() {
        let names = ["REB1", "<GAL4>", "ABF1"].map(String::from).to_vec();
        let products = vec![4.0, -2.0, 1.0, -2.0, 4.0, 0.0, 1.0, 0.0, 4.0];
        let squares = vec![4.0, 4.0, 4.0, 4.0, 4.0, 0.0, 4.0, 0.0, 4.0];
        let samples = |gal4_abf1| vec![5_000, 5_000, 5_000, 5_000, 5_000, gal4_abf1, 5_000, gal4_abf1, 5_000];
        let html = html(&ConflictMap::new(names.clone(), products.clone(), squares, samples(5_000)));
        assert!(html.contains("<p>1 of 2 pairs pull against each other.</p>"));
        let row = "<td>REB1</td><td class=\"worse\">&lt;GAL4&gt;</td><td class=\"number\">-0.500</td>\
                   <td class=\"number\">5,000</td>";
        assert!(html.contains(row));
        let header = "<tr><th scope=\"col\">factor</th><th scope=\"col\">works against</th>\
                      <th scope=\"col\" class=\"number\">cosine</th>\
                      <th scope=\"col\" class=\"number\">common samples</th></tr>";
        assert!(html.contains(header));
        assert!(html.contains("<title>REB1, &lt;GAL4&gt;: -0.50 over 5,000 samples</title>"));
        // Both ways, and no cell where no sample has both labels.
        assert_eq!(html.matches("<rect").count(), 4);
        assert!(!html.contains("<GAL4>"));
        let few = super::html(&ConflictMap::new(names, products, vec![4.0; 9], samples(99)));
        assert!(
            few.contains("1 of 2 pairs pull against each other. 1 more have fewer than 100 samples in common, and")
        );
        assert_eq!(few.matches("<rect").count(), 4);
        assert!(super::html(&ConflictMap::new(vec!["A".into()], vec![1.0], vec![1.0], vec![500])).is_empty());
    }
}
