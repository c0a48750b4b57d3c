//! Learning curves of a shared model and of each factor's own model, side by side.

use std::{collections::BTreeMap, fmt::Write};

use super::{html::escape, numbers::track_name};
use crate::eval::{LearningRow, TransferRow};

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 90.0;
const MARGIN: f64 = 18.0;

/// A small plot for each track that has both curves; empty if there is none.
pub(super) fn html(rows: &[&TransferRow], curves: &[LearningRow]) -> String {
    let panels: String = rows.iter().filter_map(|row| panel(row, curves)).collect();
    if panels.is_empty() {
        return panels;
    }
    let key = |class, name| format!("<span class=\"key {class}\">{}</span>", escape(name));
    format!(
        "<figure>\n<div class=\"panels\">\n{panels}</div>\n<figcaption>{} {} Average precision on the validation split \
         over the samples drawn, the mean of all seeds. Each plot ends at its own greatest value, and at the last \
         validation of the longer training. A curve that falls before its end overfits.</figcaption>\n</figure>\n",
        key("better", &rows[0].shared),
        key("worse", &rows[0].own),
    )
}

fn panel(row: &TransferRow, curves: &[LearningRow]) -> Option<String> {
    let (shared, own) = (curve(&row.shared, row, curves), curve(&row.own, row, curves));
    let all = || shared.iter().chain(&own);
    let right = all().map(|(draws, _)| *draws).fold(0.0, f64::max);
    let top = all().map(|(_, score)| *score).fold(0.0, f64::max);
    if shared.is_empty() || own.is_empty() || right == 0.0 || top == 0.0 {
        return None;
    }
    let line = |points: &[(f64, f64)], class: &str| {
        let place = |&(draws, score): &(f64, f64)| {
            (MARGIN + draws / right * (WIDTH - MARGIN), HEIGHT - score / top * (HEIGHT - MARGIN))
        };
        // A line through one point would not be seen.
        if let [only] = points {
            let (x, y) = place(only);
            return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"var(--{class})\"/>");
        }
        let mut path = String::new();
        for (x, y) in points.iter().map(place) {
            // Writing to a string cannot fail.
            let _ = write!(path, "{x:.1},{y:.1} ");
        }
        format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"var(--{class})\" stroke-width=\"1.5\"/>",
            path.trim_end()
        )
    };
    let name = escape(&track_name(&row.tf, &row.cell));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" width=\"{WIDTH}\" role=\"img\" \
         aria-label=\"{name}\" font-size=\"10\" font-family=\"system-ui, sans-serif\" fill=\"var(--text)\">\
         <text x=\"{MARGIN}\" y=\"11\">{name}</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"var(--faint)\">\
         {top:.2}</text><path d=\"M{MARGIN},{MARGIN} V{HEIGHT} H{WIDTH}\" fill=\"none\" stroke=\"var(--line)\"/>{}{}\
         </svg>\n",
        HEIGHT + 4.0,
        MARGIN - 1.0,
        MARGIN + 8.0,
        line(&own, "worse"),
        line(&shared, "better"),
    ))
}

/// Samples drawn and mean scores of a model's seeds on a track. A seed that stopped early counts only as far as it
/// goes.
fn curve(model: &str, row: &TransferRow, curves: &[LearningRow]) -> Vec<(f64, f64)> {
    let mut seeds: BTreeMap<u64, Vec<(u64, f64)>> = BTreeMap::new();
    for point in curves.iter().filter(|point| point.model == model && point.tf == row.tf && point.cell == row.cell) {
        seeds.entry(point.seed).or_default().push((point.draws, point.average_precision));
    }
    let longest = seeds.values().map(Vec::len).max().unwrap_or_default();
    let mean = |index: usize| {
        let points: Vec<&(u64, f64)> = seeds.values().filter_map(|points| points.get(index)).collect();
        let count = points.len() as f64;
        let draws = points.iter().map(|(draws, _)| *draws as f64).sum::<f64>() / count;
        (draws, points.iter().map(|(_, score)| score).sum::<f64>() / count)
    };
    (0..longest).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_the_mean_of_its_seeds_and_each_track_has_a_plot() {
        let point = |model: &str, seed, draws, average_precision| LearningRow {
            model: model.into(),
            seed,
            tf: "A<B".into(),
            cell: "K562".into(),
            draws,
            average_precision,
        };
        let curves = [
            point("multi", 0, 100, 0.25),
            point("multi", 0, 200, 0.5),
            point("multi", 1, 100, 0.75),
            point("single", 0, 50, 0.5),
        ];
        let row = TransferRow {
            shared: "multi".into(),
            own: "single".into(),
            tf: "A<B".into(),
            cell: "K562".into(),
            ..TransferRow::default()
        };
        assert_eq!(curve("multi", &row, &curves), [(100.0, 0.5), (200.0, 0.5)]);
        let html = html(&[&row], &curves);
        assert_eq!((html.matches("<svg").count(), html.matches("<polyline").count()), (1, 1));
        assert!(html.contains("A&lt;B (K562)") && !html.contains("A<B"));
        // Both reach the top, at the right end and a quarter of the way to it; one look is a dot.
        let dot = "<circle cx=\"51.0\" cy=\"18.0\" r=\"2.5\" fill=\"var(--worse)\"/>";
        assert!(html.contains("points=\"84.0,18.0 150.0,18.0\"") && html.contains(dot));
        let other = TransferRow { tf: "C".into(), ..row };
        assert!(super::html(&[&other], &curves).is_empty());
    }
}
