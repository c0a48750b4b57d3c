//! The section with the cost of training.

pub(super) mod curve;

use super::{
    html::{Cell, number, paragraph, section, table, text},
    numbers::{decimal, grouped},
};
use crate::eval::{NA, RunRow, group::group};

const NAMES: [&str; 9] = [
    "model",
    "#runs",
    "#draws a run",
    "#draws in all",
    "#network-draws in all",
    "#parameters a run",
    "#seconds in all",
    "#CPU seconds in all",
    "device",
];

/// The cost of training, summed over the runs of each model.
pub(super) fn html(runs: &[RunRow]) -> String {
    if runs.is_empty() {
        return String::new();
    }
    let note = "A run is one seed of a shared model, or one seed of one factor's own model. A drawn sample of a shared \
                model carries the labels of all its factors. A network-draw is one sample learned by one network: a \
                draw of a model with four members is four. CPU seconds are those of all threads, so that runs with \
                other numbers of threads, or beside other work, compare.";
    let rows =
        group(runs.iter().map(|run| (run.model.as_str(), run))).into_iter().map(|(model, runs)| row(model, &runs));
    section("Cost of training", &[table(&NAMES, rows), paragraph("small", note)].concat())
}

fn row(model: &str, runs: &[&RunRow]) -> Vec<Cell> {
    let mut devices: Vec<&str> = runs.iter().map(|run| run.device.as_str()).collect();
    devices.sort_unstable();
    devices.dedup();
    // Of unknown numbers there is no sum.
    let network_draws: Option<u64> = runs.iter().map(|run| run.network_draws).sum();
    let cpu_seconds: Option<f64> = runs.iter().map(|run| run.cpu_seconds).sum();
    vec![
        text(model),
        number(runs.len().to_string()),
        number(range(runs.iter().map(|run| run.draws))),
        number(grouped(runs.iter().map(|run| run.draws).sum())),
        number(network_draws.map_or_else(|| NA.to_owned(), grouped)),
        number(range(runs.iter().map(|run| run.parameters))),
        number(format!("{:.1}", runs.iter().map(|run| run.seconds).sum::<f64>())),
        number(decimal(cpu_seconds, 1)),
        text(devices.join(", ")),
    ]
}

/// The lowest and the highest number, or the only one.
fn range(numbers: impl Iterator<Item = u64> + Clone) -> String {
    let (low, high) = (numbers.clone().min().unwrap_or_default(), numbers.max().unwrap_or_default());
    if low == high { grouped(low) } else { format!("{} to {}", grouped(low), grouped(high)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_summed_by_model() {
        let run = |model: &str, draws, seconds| RunRow {
            model: model.into(),
            seed: 1,
            tf: "*".into(),
            draws,
            parameters: 1_200,
            seconds,
            device: "flex".into(),
            network_draws: Some(4 * draws),
            cpu_seconds: Some(2.0 * seconds),
        };
        let html = super::html(&[run("multi", 5_000, 2.0), run("single", 4_000, 1.0), run("single", 5_000, 1.5)]);
        let single = html.lines().find(|line| line.starts_with("<tr><td>single")).unwrap();
        let number = |text| format!("<td class=\"number\">{text}</td>");
        let expected = ["2", "4,000 to 5,000", "9,000", "36,000", "1,200", "2.5", "5.0"].map(number).concat();
        assert_eq!(single, format!("<tr><td>single</td>{expected}<td>flex</td></tr>"));
    }
}
