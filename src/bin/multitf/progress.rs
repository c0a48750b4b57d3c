//! Bars on the terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use multitf::train::Progress;

/// A bar over all trainings, and one line for each that is done.
pub struct Bars {
    bar: ProgressBar,
    budget: usize,
}

impl Bars {
    pub fn new(runs: usize, budget: usize) -> Self {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {percent}% eta {eta} {msg}")
            .expect("the template is a constant");
        let bar = ProgressBar::new((runs * budget) as u64).with_style(style);
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar, budget }
    }

    /// Shows how far the `index`th training is.
    pub fn update(&self, index: usize, name: &str, progress: &Progress<'_>) {
        // A budget that was raised fills the same share of the bar.
        let done = progress.draws * self.budget / progress.budget.max(1);
        self.bar.set_position((index * self.budget + done) as u64);
        let score = progress.validation.map_or_else(String::new, |v| format!(" {:.3}", v.average_precision));
        self.bar.set_message(format!("{name}{score}"));
    }

    /// Leaves a line above the bar, or on standard error where there is no terminal.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
