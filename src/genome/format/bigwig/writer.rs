//! Writing bigWig files.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use gwseq_io::{
    bbi::{BbiWriter, BbiWriterOptions},
    genomic::ChrMap,
};

use super::{failure, text_of};
use crate::{
    Result,
    file::{at, replace_with},
    genome::{Genome, Interval, signal::RunOrder},
};

/// Writes a signal as a bigWig file. A reader of the path sees the old file or the new one, never half of one.
///
/// The runs come in order and do not overlap. A chromosome without a run is written as 0 throughout, since a reader
/// would take a missing one as not measured.
///
/// # Errors
///
/// [`Error::Mismatch`](crate::Error::Mismatch) for a run before the end of the last one or past the end of its
/// chromosome, and for a value that is not finite; [`Error::Io`](crate::Error::Io).
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, Interval, write_bigwig};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(100))])?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("signal.bigwig");
/// let run = |start, end| Interval { chromosome: 0, start, end };
/// write_bigwig(&path, &genome, [(run(10, 20), 1.5), (run(20, 40), 0.25)])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_bigwig(
    path: impl AsRef<Path>,
    genome: &Genome,
    runs: impl IntoIterator<Item = (Interval, f32)>,
) -> Result<()> {
    let path = path.as_ref();
    let feed = |write: WriteRun<'_>| {
        let whole = |chromosome| Interval { chromosome, start: 0, end: genome.length(chromosome) };
        let (mut next, mut order) = (0, RunOrder::new(genome));
        for (run, value) in runs {
            order.check(run, value)?;
            (next..run.chromosome.min(genome.len())).try_for_each(|chromosome| write(whole(chromosome), 0.0))?;
            write(run, value)?;
            next = run.chromosome + 1;
        }
        (next..genome.len()).try_for_each(|chromosome| write(whole(chromosome), 0.0))
    };
    replace_with(path, |partial| write_with(partial, path, genome, ALL_THREADS, feed))
}

/// As many threads as there are processors.
pub(in crate::genome::format) const ALL_THREADS: i64 = -1;

/// Takes one run after another.
pub(in crate::genome::format) type WriteRun<'a> = &'a mut dyn FnMut(Interval, f32) -> Result<()>;

/// Writes the runs that `feed` passes on, chromosome by chromosome, and puts the file on disk. Chromosomes without a
/// run are left out. The other arguments are those of [`BigwigWriter::new`].
pub(in crate::genome::format) fn write_with(
    path: &Path,
    shown: &Path,
    genome: &Genome,
    threads: i64,
    feed: impl FnOnce(WriteRun<'_>) -> Result<()>,
) -> Result<()> {
    let mut writer = BigwigWriter::new(path, shown, genome, threads)?;
    feed(&mut |run, value| writer.write(run, value))?;
    writer.close()?;
    File::open(path).and_then(|file| file.sync_all()).map_err(at(shown))
}

/// Writes the runs of a bigWig file one by one. An unfinished file is removed.
pub(crate) struct BigwigWriter<'g> {
    shown: PathBuf,
    genome: &'g Genome,
    writer: BbiWriter,
}

impl<'g> BigwigWriter<'g> {
    /// Begins a file, which so many threads compress. Errors have the path `shown`.
    pub(crate) fn new(path: &Path, shown: &Path, genome: &'g Genome, threads: i64) -> Result<Self> {
        let sizes = genome.names().enumerate().map(|(i, name)| (name.to_owned(), genome.length(i) as i64));
        let chr_sizes = Some(ChrMap::from_entries(sizes));
        let options = BbiWriterOptions { chr_sizes, parallel: threads, ..Default::default() };
        let writer = BbiWriter::create(text_of(path)?, options).map_err(failure(shown))?;
        Ok(Self { shown: shown.to_owned(), genome, writer })
    }

    /// Writes the next run. Those of a chromosome come together and in order.
    pub(crate) fn write(&mut self, run: Interval, value: f32) -> Result<()> {
        let (start, end) = (run.start as i64, run.end as i64);
        let written = self.writer.write_value(self.genome.name(run.chromosome), start, end, value);
        written.map_err(failure(&self.shown))
    }

    /// Completes the file, which is not on disk yet.
    pub(crate) fn close(mut self) -> Result<()> {
        self.writer.close().map_err(failure(&self.shown))
    }
}

impl Drop for BigwigWriter<'_> {
    fn drop(&mut self) {
        // This leaves a complete file alone.
        self.writer.abandon();
    }
}
