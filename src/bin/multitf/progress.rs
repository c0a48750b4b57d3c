//! Bars on the terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use multitf::{strategy::Event, train::Progress};

/// A bar over so many parts of a work, drawn as indicatif's template says.
pub fn bar(all: usize, template: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("a template is a constant that was tried");
    let bar = ProgressBar::new(all as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// A bar over all trainings, and one line for each that is done.
pub struct Bars {
    bar: ProgressBar,
    budget: usize,
}

impl Bars {
    pub fn new(runs: usize, budget: usize) -> Self {
        Self { bar: bar(runs * budget, "{elapsed_precise} {wide_bar} {percent}% eta {eta} {msg}"), budget }
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

/// Shows what happens in a comparison.
pub fn say(bars: Option<&Bars>, event: &Event<'_>) {
    match (event, bars) {
        (Event::Step { run, name, tf, progress }, Some(bars)) => {
            bars.update(*run, &format!("{name} {tf}"), progress);
        }
        (Event::Done { run }, Some(bars)) => {
            bars.update(run + 1, "", &Progress { draws: 0, budget: 1, validation: None });
        }
        (Event::Step { .. } | Event::Done { .. } | Event::Begun { .. }, _) => {}
        (event, Some(bars)) => bars.line(&event.to_string()),
        (event, None) => eprintln!("{event}"),
    }
}
