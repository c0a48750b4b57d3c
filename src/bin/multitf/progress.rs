//! Progress bars.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use multitf::{
    Result,
    strategy::{Comparison, Event, Outcome},
    train::Progress,
};

/// A bar of so many steps, with a template of indicatif.
pub fn bar(all: usize, template: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates are valid constants");
    let bar = ProgressBar::new(all as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

/// A bar over all trainings, and a line for each that is done.
pub struct Bars {
    bar: ProgressBar,
    budget: usize,
}

impl Bars {
    pub fn new(runs: usize, budget: usize) -> Self {
        Self { bar: bar(runs * budget, "{elapsed_precise} {wide_bar} {percent}% eta {eta} {msg}"), budget }
    }

    /// Shows the progress of a training.
    pub fn update(&self, index: usize, name: &str, progress: &Progress<'_>) {
        // A training whose budget was raised takes the same share of the bar.
        let done = (progress.draws as f64 / progress.budget.max(1) as f64 * self.budget as f64) as usize;
        self.bar.set_position((index * self.budget + done) as u64);
        let score = progress.validation.map_or_else(String::new, |v| format!(" {:.3}", v.average_precision));
        self.bar.set_message(format!("{name}{score}"));
    }

    /// Prints a line above the bar, or on standard error where there is no terminal.
    pub fn line(&self, text: &str) {
        self.bar.suspend(|| eprintln!("{text}"));
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Shows an event of a comparison.
pub fn show(bars: Option<&Bars>, event: &Event<'_>) {
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

/// Runs a comparison with a bar over its trainings of `budget` draws each.
pub fn run_with_bars(comparison: Comparison<'_>, budget: usize) -> Result<Outcome> {
    let mut bars: Option<Bars> = None;
    let observer = |event: &Event<'_>| match event {
        Event::Begun { setup, runs } => {
            // Where cell types are left out, there is one beginning for each.
            if let Some(last) = bars.replace(Bars::new(*runs, budget)) {
                last.finish();
                eprintln!("{setup}");
            }
        }
        event => show(bars.as_ref(), event),
    };
    let outcome = comparison.with_observer(observer).run()?;
    if let Some(bars) = bars {
        bars.finish();
    }
    Ok(outcome)
}
