//! The rows of the table: a backend beside the first, with one model.

use burn::tensor::Device;
use clap::ValueEnum;
use multitf::device;

use crate::{
    grid::{Head, Trunk},
    parity::Deviation,
};

/// A row of the table.
pub struct Row {
    cells: Vec<String>,
}

impl Row {
    const COLUMNS: [&str; 9] = [
        "backend",
        "head",
        "trunk",
        "forward",
        "loss",
        "gradient",
        "auPRC",
        "first's, same seed",
        "first's, all seeds",
    ];

    /// The heading of the table, and the line below it.
    pub fn heading() -> String {
        format!("{}\n{}", joined(Self::COLUMNS), joined(Self::COLUMNS.map(|_| "---")))
    }

    /// Puts the score of a training beside those of the first backend.
    pub fn new(device: &Device, model: (Head, Trunk), deviation: &Deviation, score: f64, first: &[f64]) -> Self {
        let least = first.iter().copied().fold(f64::INFINITY, f64::min);
        let most = first.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let cells = vec![
            device::name(device).to_owned(),
            name(model.0),
            name(model.1),
            format!("{:.1e}", deviation.forward),
            format!("{:.1e}", deviation.loss),
            format!("{:.1e}", deviation.gradient),
            format!("{score:.4}"),
            format!("{:.4}", first[0]),
            format!("{least:.4} to {most:.4}"),
        ];
        Self { cells }
    }

    pub fn line(&self) -> String {
        joined(&self.cells)
    }
}

fn joined(cells: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    cells.into_iter().fold("|".to_owned(), |line, cell| format!("{line} {} |", cell.as_ref()))
}

fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
