//! Making the files of tracks from the values of a scan.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rayon::prelude::*;

use super::{
    TrackFormat, TrackWriterConfig,
    state::{RunState, TrackState},
    track::{Track, places::Places},
    values::{BlockPlace, ValuesFile},
    written::FileDigest,
};
use crate::{
    Result,
    genome::{BinGrid, Genome},
};

/// Number of tracks whose files are open together, however many tracks and processors there are. A track has at most
/// three open files: a bedGraph file, and a bigWig file twice.
pub(super) const OPEN_TRACKS: usize = 16;

/// Does something for each of so many tracks, some at a time, and returns the results or the first error.
pub(super) fn for_each_track<T: Send>(tracks: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let mut results = Vec::with_capacity(tracks);
    for first in (0..tracks).step_by(OPEN_TRACKS) {
        let group = first..tracks.min(first + OPEN_TRACKS);
        results.extend(all(group.into_par_iter().map(&work))?);
    }
    Ok(results)
}

/// What the files of tracks are made for, and where.
pub(super) struct Conversion<'a> {
    pub(super) config: &'a TrackWriterConfig,
    pub(super) folder: &'a Path,
    pub(super) genome: &'a Genome,
    pub(super) grid: &'a BinGrid,
    pub(super) format: TrackFormat,
    /// Time between two saves of the state.
    pub(super) save_every: Duration,
}

impl Conversion<'_> {
    /// Makes all files under their temporary names, and calls `each` with the final ones. Files that the state has, and
    /// which are unchanged, are kept.
    pub(super) fn run(&self, values: &mut ValuesFile, state: &mut RunState, each: &mut dyn FnMut(&Path)) -> Result<()> {
        let (files, mut saved) = (self.config.files.len(), Instant::now());
        let blocks = values.blocks(files)?;
        for first in (0..files).step_by(OPEN_TRACKS) {
            let tracks = first..files.min(first + OPEN_TRACKS);
            if !tracks.clone().into_par_iter().all(|track| self.is_made(track, state)) {
                let made = self.convert(values, &blocks, tracks.clone())?;
                for (track, [bedgraph, bigwig]) in tracks.clone().zip(made) {
                    state.tracks[track] = bedgraph.map(|file| TrackState { file });
                    state.bigwigs[track] = bigwig;
                }
                if saved.elapsed() >= self.save_every {
                    state.values = Some(values.sync()?);
                    state.save(self.folder)?;
                    saved = Instant::now();
                }
            }
            self.paths(tracks).iter().for_each(|(_, path)| each(path));
        }
        Ok(())
    }

    /// The temporary and the final paths of the files of some tracks.
    pub(super) fn paths(&self, tracks: Range<usize>) -> Vec<(PathBuf, PathBuf)> {
        let paths = |track: usize| {
            let (file, folder) = (&self.config.files[track], self.folder);
            let bedgraph = self.format.has_bedgraph().then(|| (file.partial(folder), file.bedgraph(folder)));
            let bigwig = self.format.has_bigwig().then(|| (file.partial_bigwig(folder), file.bigwig(folder)));
            bedgraph.into_iter().chain(bigwig)
        };
        tracks.flat_map(paths).collect()
    }

    /// Whether an interrupted conversion has made the files of a track.
    fn is_made(&self, track: usize, state: &RunState) -> bool {
        let file = &self.config.files[track];
        let is_whole = |wanted: bool, digest: Option<FileDigest>, path: PathBuf| match digest {
            Some(digest) => wanted && digest.check(&path).is_ok(),
            None => !wanted,
        };
        is_whole(self.format.has_bedgraph(), state.tracks[track].map(|track| track.file), file.partial(self.folder))
            && is_whole(self.format.has_bigwig(), state.bigwigs[track], file.partial_bigwig(self.folder))
    }

    /// Makes the files of some tracks, and returns the digests of their bedGraph and bigWig files.
    fn convert(
        &self,
        values: &mut ValuesFile,
        blocks: &[BlockPlace],
        tracks: Range<usize>,
    ) -> Result<Vec<[Option<FileDigest>; 2]>> {
        let Self { config, folder, genome, grid, format, .. } = *self;
        let new = |file| Track::new(folder, file, config.value, format, genome);
        let mut open: Vec<Track<'_>> = config.files[tracks.clone()].iter().map(new).collect::<Result<_>>()?;
        let mut log_odds = Vec::new();
        for block in blocks {
            values.read(block, tracks.clone(), &mut log_odds)?;
            let places = Places::new(genome, grid, block.bins.clone());
            let tracks = open.par_iter_mut().zip(log_odds.par_chunks(places.len()));
            all(tracks.map(|(track, log_odds)| track.push(&places, log_odds)))?;
        }
        all(open.into_par_iter().map(Track::end))
    }
}

/// Collects results, or returns the first error in their order.
fn all<T: Send>(results: impl IndexedParallelIterator<Item = Result<T>>) -> Result<Vec<T>> {
    results.collect::<Vec<_>>().into_iter().collect()
}
