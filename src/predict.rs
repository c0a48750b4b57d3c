//! What a model says: of samples, or of every bin of a genome.
//!
//! [`predict`] reads each sample's context on its own, which is what a split takes, and [`SequenceScorer`] sequences from
//! memory or FASTA files, or a few places of a genome. [`GenomeScan`] goes
//! along the chromosomes and computes the motifs once for each base, however many windows share it;
//! [`TrackWriter`] writes what it finds as bedGraph files, and
//! [`BigwigConfig`] turns these into bigWig files. Several processes scan a genome together, each of them a [`Shard`], and
//! [`merge_tracks`] puts their files together.
//!
//! # Examples
//!
//! ```
//! use burn::tensor::Device;
//! use multitf::{
//!     genome::{BinGrid, Genome},
//!     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
//!     predict::{GenomeScan, ScanSource},
//! };
//!
//! let device = Device::default();
//! let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 2).init(&device);
//! let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100)), ("chr2", "ACGT".repeat(100))])?;
//! let grid = BinGrid::new(&genome, 200, 50)?;
//! let scan = GenomeScan::new(&model, ScanSource::new(&genome, &grid), &device)?;
//! let mut bins = 0;
//! scan.run(|part| {
//!     assert_eq!(part.log_odds.len(), 2 * part.bins.len());
//!     bins += part.bins.len();
//!     Ok(())
//! })?;
//! assert_eq!(bins, grid.len());
//! # Ok::<(), multitf::Error>(())
//! ```

mod cuts;
mod fault;
mod file;
mod motifs;
mod pools;
mod scan;
mod sequence_batch;
mod sequence_scores;
mod sequences;
mod shard;
mod shared_motifs;
mod source;
mod stretch;
#[cfg(test)]
mod tests;
mod track_writer;
mod windows;

pub(crate) use self::windows::all_tasks;
pub use self::{
    scan::{GenomeScan, ScannedBins},
    sequence_scores::SequenceScores,
    sequences::SequenceScorer,
    shard::Shard,
    source::ScanSource,
    track_writer::{
        BigwigConfig, Foreign, RunIdentity, TrackFile, TrackValue, TrackWriter, TrackWriterConfig, merge_tracks,
        merge_tracks_with,
    },
    windows::{Predictions, TrackPrecision, predict, predict_samples},
};
pub use crate::error::PredictionFault;
