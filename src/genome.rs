//! Sequence, signal, peaks, intervals and labels, and the files that hold them.
//!
//! Every reader takes the [`Genome`], so that chromosomes are numbers from there on, and a file for another assembly is
//! an error instead of an empty result. Coordinates are 0-based and half-open everywhere.
//!
//! # Examples
//!
//! The labels of bins from sequence and peaks:
//!
//! ```
//! use multitf::genome::{BinGrid, Genome, Interval, Label, Labels, PeakSet};
//!
//! let genome = Genome::from_sequences([("chr1", "ACGTN".repeat(100))])?;
//! let grid = BinGrid::new(&genome, 200, 50)?;
//! assert_eq!(grid.len(), 7);
//!
//! let peaks = PeakSet::from_intervals(vec![Interval { chromosome: 0, start: 220, end: 320 }]);
//! let labels = Labels::from_peaks(&grid, &peaks, None);
//! let letters: String = (0..labels.len()).map(|bin| labels.get(bin).letter().unwrap_or('.')).collect();
//! assert_eq!(letters, "UAABBAA");
//! # Ok::<(), multitf::Error>(())
//! ```

pub mod base;

mod format;
mod grid;
mod interval;
mod label;
mod labels;
mod packed;
mod peak;
mod runs;
mod sequence;
mod signal;
mod strand;
mod variant;

pub use self::{
    format::*,
    grid::BinGrid,
    interval::Interval,
    label::Label,
    labels::Labels,
    peak::{Centers, PeakSet},
    sequence::Genome,
    signal::{MissingChromosomes, SignalTrack},
    strand::Strand,
    variant::Variant,
};
