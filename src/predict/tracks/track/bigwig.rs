//! A bigWig file that grows.

use std::path::PathBuf;

use crate::{
    Result,
    genome::{BigwigWriter, Genome},
    predict::tracks::{
        TrackValue,
        track::places::{Places, Run, follows},
        written::FileDigest,
    },
};

/// A bigWig file that grows.
pub(super) struct Bigwig<'g> {
    path: PathBuf,
    writer: BigwigWriter<'g>,
    /// The run that may still grow.
    run: Option<Run>,
}

impl<'g> Bigwig<'g> {
    /// Begins a file. Each file is written by one thread, since there are many.
    pub(super) fn new(path: PathBuf, genome: &'g Genome) -> Result<Self> {
        let writer = BigwigWriter::new(&path, &path, genome, 1)?;
        Ok(Self { path, writer, run: None })
    }

    /// Adds the values of some bins, in units of the last decimal.
    pub(super) fn push(&mut self, places: &Places, values: &[i64], value: TrackValue) -> Result<()> {
        for run in places.runs(values) {
            match &mut self.run {
                Some(last) if last.value == run.value && follows(last.place, run.place) => {
                    last.place.end = run.place.end;
                }
                _ => {
                    self.end_run(value)?;
                    self.run = Some(run);
                }
            }
        }
        Ok(())
    }

    /// Completes the file, and returns its digest.
    pub(super) fn end(mut self, value: TrackValue) -> Result<FileDigest> {
        self.end_run(value)?;
        self.writer.close()?;
        FileDigest::from_file(&self.path)
    }

    fn end_run(&mut self, value: TrackValue) -> Result<()> {
        self.run.take().map_or(Ok(()), |run| self.writer.write(run.place, value.number(run.value)))
    }
}
