//! The files of one track.

mod bedgraph;
mod bigwig;
pub(super) mod places;

use std::path::Path;

use self::{bedgraph::Bedgraph, bigwig::Bigwig, places::Places};
use super::{TrackFile, TrackFormat, TrackValue, written::FileDigest};
use crate::{Result, genome::Genome};

/// The files of one track, as they are made from its values.
pub(super) struct Track<'g> {
    value: TrackValue,
    bedgraph: Option<Bedgraph>,
    bigwig: Option<Bigwig<'g>>,
}

impl<'g> Track<'g> {
    /// Begins the files, under their temporary names.
    pub(super) fn new(
        folder: &Path,
        file: &TrackFile,
        value: TrackValue,
        format: TrackFormat,
        genome: &'g Genome,
    ) -> Result<Self> {
        let bedgraph = format.has_bedgraph().then(|| Bedgraph::new(file.partial(folder))).transpose()?;
        let bigwig = format.has_bigwig().then(|| Bigwig::new(file.partial_bigwig(folder), genome)).transpose()?;
        Ok(Self { value, bedgraph, bigwig })
    }

    /// Adds the log-odds of some bins.
    pub(super) fn push(&mut self, places: &Places, log_odds: &[f32]) -> Result<()> {
        let rounded: Vec<i64> = log_odds.iter().map(|&log_odds| self.value.rounded(log_odds)).collect();
        if let Some(bedgraph) = &mut self.bedgraph {
            bedgraph.push(places, &rounded, self.value.decimals())?;
        }
        match &mut self.bigwig {
            Some(bigwig) => bigwig.push(places, &rounded, self.value),
            None => Ok(()),
        }
    }

    /// Completes the files, and returns the digests of the bedGraph and the bigWig file.
    pub(super) fn end(self) -> Result<[Option<FileDigest>; 2]> {
        let bedgraph = self.bedgraph.map(|bedgraph| bedgraph.end(self.value.decimals())).transpose()?;
        let bigwig = self.bigwig.map(|bigwig| bigwig.end(self.value)).transpose()?;
        Ok([bedgraph, bigwig])
    }
}
