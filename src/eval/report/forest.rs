//! A forest plot: the difference on each track with its interval.

use kuva::{
    backend::svg::SvgBackend,
    plot::forest::{ForestPlot, ForestRow},
    render::{
        annotations::ShadedRegion,
        layout::{Layout, TickFormat},
        plots::Plot,
        render::render_multiple,
        theme::Theme,
    },
};

use super::numbers::track_name;
use crate::eval::{ComparisonRow, ComparisonSummary, EQUAL_WITHIN};

const WIDTH: f64 = 760.0;
const ROW_HEIGHT: f64 = 19.0;
const AXIS_HEIGHT: f64 = 110.0;

/// Draws the mean of a comparison and below it the tracks, the highest difference first; empty if there are none.
///
/// Colours are the style sheet's variables, so that the plot follows the reader's light or dark screen.
pub(super) fn svg(summary: &ComparisonSummary<'_>) -> String {
    let one_cell = summary.tracks.windows(2).all(|two| two[0].cell == two[1].cell);
    let all = summary.mean.into_iter().chain(summary.tracks.iter().copied());
    let rows: Vec<ForestRow> = all.filter_map(|track| row(track, one_cell)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let height = (rows.len() as f64).mul_add(ROW_HEIGHT, AXIS_HEIGHT);
    let plot = ForestPlot { rows, marker_size: 5.0, ..ForestPlot::new() };
    let plots = vec![Plot::Forest(plot)];
    let layout = Layout::auto_from_plots(&plots)
        .with_width(WIDTH)
        .with_height(height)
        .with_x_label(format!(
            "difference in {}, {} - {}",
            summary.metric.replace('_', " "),
            summary.model_a,
            summary.model_b
        ))
        .with_x_tick_format(TickFormat::Auto)
        .with_shaded_region(
            ShadedRegion::vertical(-EQUAL_WITHIN, EQUAL_WITHIN).with_color("var(--equal)").with_opacity(0.18),
        )
        .with_theme(theme())
        .with_tick_size(12)
        .with_label_size(13);
    SvgBackend::new().render_scene(&render_multiple(plots, layout))
}

fn row(row: &ComparisonRow, one_cell: bool) -> Option<ForestRow> {
    let name = match (row.is_mean(), one_cell) {
        (true, _) => "mean".to_owned(),
        (false, true) => row.tf.clone(),
        (false, false) => track_name(&row.tf, &row.cell),
    };
    // A dollar sign would start a formula.
    let mut line = ForestRow::new(name.replace('$', "\\$"), row.delta?, row.low?, row.high?);
    // The area of a marker follows its weight: that of the mean stands out.
    line.weight = Some(if row.is_mean() { 2.0 } else { 1.0 });
    line.color = row.verdict.map(|verdict| format!("var(--{verdict})"));
    Some(line)
}

pub(super) fn theme() -> Theme {
    Theme {
        background: "none".into(),
        axis_color: "var(--line)".into(),
        grid_color: "var(--grid)".into(),
        tick_color: "var(--line)".into(),
        text_color: "var(--text)".into(),
        font_family: Some("system-ui, sans-serif".into()),
        ..Theme::light()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tf: &str, cell: &str, delta: Option<f64>) -> ComparisonRow {
        let (tf, cell) = (tf.to_owned(), cell.to_owned());
        ComparisonRow { tf, cell, delta, low: delta, high: delta, ..ComparisonRow::default() }
    }

    #[test]
    fn tracks_are_drawn_from_the_highest_difference_down() {
        let rows = [
            row("LOW", "x", Some(-0.5)),
            row("NONE", "x", None),
            row("HI<GH", "y", Some(0.5)),
            row("*", "*", Some(0.0)),
        ];
        let svg = svg(&ComparisonSummary::all(&rows)[0]);
        let place = |text: &str| {
            let before = svg.split(text).next().unwrap();
            let line = before.rsplit("<text").next().unwrap();
            line.split("y=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap()
        };
        assert!(place(">mean<") < place(">HI&lt;GH (y)<"));
        assert!(place(">HI&lt;GH (y)<") < place(">LOW (x)<"));
        assert!(!svg.contains("NONE"));
    }

    #[test]
    fn two_equal_models_can_be_drawn_and_no_tracks_are_not() {
        let equal = [row("REB1", "x", Some(0.0))];
        let drawn = svg(&ComparisonSummary::all(&equal)[0]);
        assert!(drawn.starts_with("<svg") && !drawn.contains("NaN") && drawn.contains(">REB1<"));
        let none = [row("REB1", "x", None)];
        assert_eq!(svg(&ComparisonSummary::all(&none)[0]), "");
    }
}
