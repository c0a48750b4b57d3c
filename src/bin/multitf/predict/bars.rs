//! Bars on the terminal.

use indicatif::ProgressBar;

use crate::progress::bar;

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
