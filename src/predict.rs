//! Predictions of a model for samples, sequences, or every bin of a genome.
//!
//! - [`predict`] scores the samples of a split, each from its own context.
//! - [`SequenceScorer`] scores sequences from memory or FASTA files, or intervals of a genome.
//! - [`Predictor`] scores one sequence at a time, in microseconds.
//! - [`GenomeScan`] scores every bin of a genome, and computes the motifs once for all windows that share them.
//!   [`TrackWriter`] writes its predictions as bedGraph or bigWig files, and [`BigwigConfig`] converts the former.
//!   Several processes can share a scan, each with a [`Shard`]; [`merge_tracks`] joins their files.
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

mod batches;
mod fault;
mod model_file;
mod predictor;
mod samples;
mod scan;
mod sequence;
mod sequences;
mod signal;
#[cfg(test)]
mod tests;
mod tracks;

pub use self::{
    predictor::Predictor,
    samples::{Predictions, TrackPrecision, predict, predict_samples},
    scan::{GenomeScan, ScannedBins, shard::Shard, source::ScanSource},
    sequences::{SequenceScorer, scores::SequenceScores},
    tracks::{
        BigwigConfig, ExistingFiles, RunIdentity, TrackFile, TrackFormat, TrackValue, TrackWriter, TrackWriterConfig,
        merge_tracks, merge_tracks_with,
    },
};
pub(crate) use self::{samples::all_tasks, sequence::middle, signal::check_tracks};
pub use crate::error::PredictionFault;
