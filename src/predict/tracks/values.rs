//! The values of all tracks in one file, until a scan is done.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    TrackFile, TrackValue,
    written::{FileDigest, remove},
};
use crate::{Error, Result, file::at, predict::ScannedBins};

/// The log-odds of some bins for all tracks.
#[derive(Debug)]
pub(super) struct Block {
    /// The bins, as the grid counts them.
    pub(super) bins: Range<usize>,
    /// `[track, bin]`.
    pub(super) log_odds: Vec<f32>,
}

impl Block {
    /// Takes the log-odds of tracks out of those of all tasks.
    ///
    /// # Errors
    ///
    /// [`Error::ScoreNan`] for a NaN, and for log-odds that are to be written and are not finite.
    pub(super) fn new(part: &ScannedBins, files: &[TrackFile], value: TrackValue) -> Result<Self> {
        /// Number of tracks and bins that are copied together: a line of the cache in either order.
        const TILE: usize = 16;
        let (bins, tasks) = (part.bins.len(), part.log_odds.len() / part.bins.len());
        let mut log_odds = vec![0.0; files.len() * bins];
        let tiles = log_odds.par_chunks_mut(TILE * bins).zip(files.par_chunks(TILE));
        tiles.for_each(|(tile, files)| {
            for (rows, first) in part.log_odds.chunks(TILE * tasks).zip((0..).step_by(TILE)) {
                for (track, file) in tile.chunks_exact_mut(bins).zip(files) {
                    for (log_odds, row) in track[first..].iter_mut().zip(rows.chunks_exact(tasks)) {
                        *log_odds = row[file.task];
                    }
                }
            }
        });
        let is_wrong = |log_odds: &f32| log_odds.is_nan() || value == TrackValue::LogOdds && log_odds.is_infinite();
        match log_odds.par_iter().position_first(is_wrong) {
            Some(wrong) => Err(Error::ScoreNan { index: part.bins.start + wrong % bins }),
            None => Ok(Self { bins: part.bins.clone(), log_odds }),
        }
    }
}

/// A file that grows by blocks: the first bin and the number of bins in 8 bytes each, then the log-odds
/// `[track, bin]`. Numbers are in the order of bytes of the machine.
#[derive(Debug)]
pub(super) struct ValuesFile {
    path: PathBuf,
    file: File,
    digest: FileDigest,
}

/// A block in the file.
#[derive(Debug)]
pub(super) struct BlockPlace {
    pub(super) bins: Range<usize>,
    /// Where its log-odds begin.
    offset: u64,
}

impl ValuesFile {
    /// The bytes before a block's log-odds.
    const HEADER: usize = 16;

    /// Returns the path of the file.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("tracks.values")
    }

    /// Opens the file, checks its saved part, and cuts off the rest.
    pub(super) fn open(folder: &Path, digest: FileDigest) -> Result<Self> {
        let path = Self::path(folder);
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).write(true).truncate(false).open(&path).map_err(at(&path))?;
        digest.check_beginning(&mut file, &path)?;
        file.set_len(digest.bytes).map_err(at(&path))?;
        Ok(Self { path, file, digest })
    }

    /// A file on a disk that is full.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) fn full() -> Self {
        let (path, mut options) = (PathBuf::from("/dev/full"), OpenOptions::new());
        let file = options.write(true).open(&path).unwrap();
        Self { path, file, digest: FileDigest::default() }
    }

    /// Removes the file.
    pub(super) fn remove(folder: &Path) -> Result<()> {
        remove(&Self::path(folder))
    }

    /// Adds a block.
    pub(super) fn append(&mut self, block: &Block) -> Result<()> {
        let header = [block.bins.start as u64, block.bins.len() as u64];
        self.file.seek(SeekFrom::Start(self.digest.bytes)).map_err(at(&self.path))?;
        for bytes in [bytemuck::cast_slice(&header), bytemuck::cast_slice(&block.log_odds)] {
            self.file.write_all(bytes).map_err(at(&self.path))?;
            self.digest.extend(bytes);
        }
        Ok(())
    }

    /// Puts the file on disk, and returns its digest.
    pub(super) fn sync(&self) -> Result<FileDigest> {
        self.file.sync_data().map_err(at(&self.path))?;
        Ok(self.digest)
    }

    /// Finds the blocks of so many tracks.
    pub(super) fn blocks(&mut self, tracks: usize) -> Result<Vec<BlockPlace>> {
        let (mut blocks, mut start) = (Vec::new(), 0);
        while start < self.digest.bytes {
            let mut header = [0_u64; Self::HEADER / 8];
            self.read_at(start, bytemuck::cast_slice_mut(&mut header))?;
            let [first, bins] = header.map(|number| number as usize);
            let offset = start + Self::HEADER as u64;
            blocks.push(BlockPlace { bins: first..first + bins, offset });
            start = offset + (4 * tracks * bins) as u64;
        }
        Ok(blocks)
    }

    /// Reads the log-odds of some tracks in a block, `[track, bin]`.
    pub(super) fn read(&mut self, block: &BlockPlace, tracks: Range<usize>, log_odds: &mut Vec<f32>) -> Result<()> {
        log_odds.resize(tracks.len() * block.bins.len(), 0.0);
        let before = (4 * tracks.start * block.bins.len()) as u64;
        self.read_at(block.offset + before, bytemuck::cast_slice_mut(log_odds))
    }

    fn read_at(&mut self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        let read = self.file.seek(SeekFrom::Start(offset)).and_then(|_| self.file.read_exact(bytes));
        read.map_err(at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn blocks_are_read_back_for_any_of_the_tracks() {
        let folder = TestFolder::new("values");
        let mut file = ValuesFile::open(folder.path(), FileDigest::default()).unwrap();
        let block = |bins: Range<usize>| {
            let values = (0..3).flat_map(|track| bins.clone().map(move |bin| (100 * track + bin) as f32));
            Block { log_odds: values.collect(), bins: bins.clone() }
        };
        file.append(&block(2..7)).unwrap();
        let saved = file.sync().unwrap();
        file.append(&block(9..10)).unwrap();
        // What was added after the last save is cut off, and may be added again.
        drop(file);
        let mut file = ValuesFile::open(folder.path(), saved).unwrap();
        assert_eq!(fs::metadata(ValuesFile::path(folder.path())).unwrap().len(), 16 + 4 * 3 * 5);
        file.append(&block(9..10)).unwrap();
        let (blocks, mut found) = (file.blocks(3).unwrap(), Vec::new());
        assert_eq!(blocks.iter().map(|block| block.bins.clone()).collect::<Vec<_>>(), [2..7, 9..10]);
        file.read(&blocks[0], 1..3, &mut found).unwrap();
        assert_eq!(found, [102.0, 103.0, 104.0, 105.0, 106.0, 202.0, 203.0, 204.0, 205.0, 206.0]);
        file.read(&blocks[1], 0..2, &mut found).unwrap();
        assert_eq!(found, [9.0, 109.0]);
    }

    #[test]
    fn a_block_has_the_log_odds_of_each_track_in_the_order_of_bins() {
        let (bins, tasks) = (5..42, 40);
        let log_odds = bins.clone().flat_map(|bin| (0..tasks).map(move |task| (100 * bin + task) as f32)).collect();
        let part = ScannedBins { chromosome: 0, bins: bins.clone(), log_odds };
        let files: Vec<_> =
            (0..33).map(|track| TrackFile { task: 7 * track % tasks, name: track.to_string() }).collect();
        let block = Block::new(&part, &files, TrackValue::LogOdds).unwrap();
        let expected = files.iter().flat_map(|file| bins.clone().map(|bin| (100 * bin + file.task) as f32));
        assert_eq!(block.log_odds, expected.collect::<Vec<_>>());
        assert!(Block::new(&part, &[], TrackValue::LogOdds).unwrap().log_odds.is_empty());
    }
}
