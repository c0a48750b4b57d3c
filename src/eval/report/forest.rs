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

use crate::eval::{comparison::ComparisonRow, pair::Pair, verdict::EQUAL_WITHIN};

const WIDTH: f64 = 760.0;
const ROW_HEIGHT: f64 = 19.0;
const AXIS_HEIGHT: f64 = 110.0;

/// Draws the tracks of a comparison, the highest difference first, below their mean; nothing if there are none.
///
/// Colours are the style sheet's variables, so that the plot follows the reader's light or dark screen.
pub(super) fn svg(pair: &Pair<'_>) -> String {
    let rows: Vec<ForestRow> = pair.mean.into_iter().chain(pair.tracks.iter().copied()).filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let height = (rows.len() as f64).mul_add(ROW_HEIGHT, AXIS_HEIGHT);
    let plot = ForestPlot { rows, marker_size: 4.0, ..ForestPlot::new() };
    let plots = vec![Plot::Forest(plot)];
    let layout = Layout::auto_from_plots(&plots)
        .with_width(WIDTH)
        .with_height(height)
        .with_x_label(format!("difference in {}, {} - {}", pair.metric.replace('_', " "), pair.model_a, pair.model_b))
        .with_x_tick_format(TickFormat::Auto)
        .with_shaded_region(
            ShadedRegion::vertical(-EQUAL_WITHIN, EQUAL_WITHIN).with_color("var(--equal)").with_opacity(0.18),
        )
        .with_theme(theme())
        .with_tick_size(12)
        .with_label_size(13);
    SvgBackend::new().render_scene(&render_multiple(plots, layout))
}

fn row(row: &ComparisonRow) -> Option<ForestRow> {
    let name = if row.is_mean() { "mean".to_owned() } else { format!("{} ({})", row.tf, row.cell) };
    // A dollar sign would start a formula.
    let mut drawn = ForestRow::new(name.replace('$', "\\$"), row.delta?, row.low?, row.high?);
    drawn.color = row.verdict.map(|verdict| format!("var(--{verdict})"));
    Some(drawn)
}

fn theme() -> Theme {
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
