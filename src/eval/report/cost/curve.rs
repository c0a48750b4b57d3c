//! What models score, over what they cost.

use std::sync::Arc;

use kuva::{
    backend::svg::SvgBackend,
    plot::{line::LinePlot, scatter::ScatterPlot},
    render::{
        layout::{Layout, TickFormat},
        plots::Plot,
        render::render_multiple,
    },
};

use super::super::{
    forest::theme,
    html::{Cell, escape, number, paragraph, section, table, text},
    numbers::{decimal, grouped},
};
use crate::eval::{CostRow, NA, group::group};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
/// The colours of kinds of models, in the order in which they appear.
const COLORS: [&str; 4] = ["var(--better)", "var(--worse)", "var(--equal)", "var(--undecided)"];
const NAMES: [&str; 8] = [
    "model",
    "#network-draws a seed",
    "#draws a seed",
    "#CPU seconds a seed",
    "#parameters",
    "#average precision",
    "#low",
    "#high",
];

/// The section on cost and score; empty without rows.
pub(in crate::eval::report) fn html(rows: &[CostRow]) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let note = format!(
        "Mean average precision over the {} tracks of the {} split that all models have, with its 95 % interval over \
         blocks of the genome and seeds. These intervals overlap more than those of differences: all models are scored \
         on the same bins. Costs are those of one seed, and those of single models are summed over their factors.",
        first.tracks, first.split
    );
    let table = table(&NAMES, rows.iter().map(cells));
    section("Score and cost", &[figure(rows), table, paragraph("small", &escape(&note))].concat())
}

fn cells(row: &CostRow) -> Vec<Cell> {
    let whole = |value: f64| grouped(value.round() as u64);
    let mut cells = vec![text(&row.model), number(row.network_draws.map_or_else(|| NA.to_owned(), whole))];
    cells.extend([whole(row.draws), decimal(row.cpu_seconds, 0), whole(row.parameters)].map(number));
    cells.extend([row.average_precision, row.low, row.high].map(|score| number(decimal(Some(score), 3))));
    cells
}

/// The plot, if two networks at least have a cost.
fn figure(rows: &[CostRow]) -> String {
    let known = rows.iter().filter_map(|row| Some((row.strategy.as_str(), (row.network_draws?, row))));
    let known = group(known.filter(|(_, (draws, _))| *draws > 0.0));
    if known.iter().map(|(_, rows)| rows.len()).sum::<usize>() < 2 {
        return String::new();
    }
    let (mut keys, mut plots) = (Vec::new(), Vec::new());
    for ((strategy, mut rows), color) in known.into_iter().zip(COLORS.into_iter().cycle()) {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        keys.push(format!("<span class=\"key\" style=\"color: {color}\">{}</span>", escape(strategy)));
        plots.extend([Plot::Line(line(&rows, color)), Plot::Scatter(points(&rows, color))]);
    }
    let layout = Layout::auto_from_plots(&plots)
        .with_width(WIDTH)
        .with_height(HEIGHT)
        .with_log_x()
        .with_x_label("network-draws a seed")
        .with_y_label("mean average precision")
        .with_x_tick_format(TickFormat::Custom(Arc::new(short)))
        .with_y_tick_format(TickFormat::Auto)
        .with_theme(theme())
        .with_tick_size(12)
        .with_label_size(13);
    let svg = SvgBackend::new().render_scene(&render_multiple(plots, layout));
    format!("<figure>\n{svg}\n<figcaption>{}</figcaption>\n</figure>\n", keys.join(" "))
}

/// A number of draws in thousands or millions.
fn short(draws: f64) -> String {
    let (scaled, unit) = if draws < 1e6 { (draws / 1e3, "k") } else { (draws / 1e6, "M") };
    format!("{}{unit}", (scaled * 100.0).round() / 100.0)
}

/// Through the arms of one kind of model, from the cheapest to the dearest.
fn line(rows: &[(f64, &CostRow)], color: &str) -> LinePlot {
    let places = rows.iter().map(|(draws, row)| (*draws, row.average_precision));
    LinePlot::new().with_data(places).with_color(color).with_stroke_width(1.5)
}

/// A point with its interval for each arm.
fn points(rows: &[(f64, &CostRow)], color: &str) -> ScatterPlot {
    let places = rows.iter().map(|(draws, row)| (*draws, row.average_precision));
    let errors = rows.iter().map(|(_, row)| (row.average_precision - row.low, row.high - row.average_precision));
    ScatterPlot::new().with_data(places).with_y_err_asymmetric(errors).with_color(color).with_size(4.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, strategy: &str, network_draws: Option<f64>) -> CostRow {
        CostRow {
            model: model.into(),
            strategy: strategy.into(),
            tracks: 7,
            draws: 1_000.0,
            network_draws,
            average_precision: 0.25,
            low: 0.125,
            high: 0.5,
            ..CostRow::default()
        }
    }

    #[test]
    fn each_kind_of_model_is_a_line_and_others_are_in_the_table_alone() {
        let rows = [
            row("recipe", "recipe", Some(4_000.0)),
            row("single", "single", Some(1e6)),
            row("single-4", "single", Some(4e6)),
            row("bo<st", "boost", None),
        ];
        let html = html(&rows);
        assert!(html.contains("<tr><td>bo&lt;st</td><td class=\"number\">NA</td>"), "{html}");
        assert!(html.contains("1,000,000") && html.contains("0.125") && html.contains("over the 7 tracks"));
        assert_eq!(html.matches("class=\"key\"").count(), 2);
        // A point for each of the three networks.
        assert_eq!(html.matches("<circle").count(), 3, "{html}");
        assert!(html.contains("var(--better)") && html.contains("var(--worse)") && !html.contains("NaN"));
    }

    #[test]
    fn draws_are_short() {
        assert_eq!([500.0, 20_000.0, 999_000.0, 1e6, 19.6e6].map(short), ["0.5k", "20k", "999k", "1M", "19.6M"]);
    }

    #[test]
    fn one_model_is_no_curve() {
        assert!(!html(&[row("multi", "multi", Some(1_000.0))]).contains("<svg"));
        assert_eq!(html(&[]), "");
    }
}
