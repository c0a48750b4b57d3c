//! Bars on the terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bins, some of which are done.
pub fn bins(all: usize, done: usize) -> ProgressBar {
    let bar = bar(all, "{elapsed_precise} {wide_bar} {percent}% {per_sec} bins eta {eta} {msg}");
    bar.set_position(done as u64);
    bar.reset_eta();
    bar
}

/// A bar over files.
pub fn files(all: usize) -> ProgressBar {
    bar(all, "{elapsed_precise} {wide_bar} {pos}/{len} bigWig files eta {eta}")
}

fn bar(all: usize, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is a constant");
    let bar = ProgressBar::new(all as u64).with_style(style);
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}
