//! A stretch of sequence and signal that motifs are scanned along.

use std::ops::Range;

use super::{
    best_scores::{BestScores, greatest},
    motif_tables::{Block, StrandTables},
    signal_track::{Track, unsummable},
    sizes::{LANES, Row, TILE},
    triplets::{self, TRIPLET},
};
use crate::nn::ops::host::simd::multiply_add;

/// Does something for each position of a tile. A loop is not always unrolled, and sums with an index that is not
/// constant would not stay in registers.
macro_rules! each_of_tile {
    ($i:ident => $work:expr) => {
        each_of_tile!(0 1 2 3 4 5, $i => $work)
    };
    ($($at:literal)*, $i:ident => $work:expr) => {
        $({
            let $i = $at;
            $work;
        })*
    };
}

/// A stretch of sequence and signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Indices of triplets, with N beyond the end as far as any motif reaches.
    triplets: Vec<u8>,
    /// A track for each channel.
    signal: Vec<Track>,
    /// Whether the signal is summed by its changes.
    has_runs: bool,
    /// Where the signal is no number that can be summed, and 0 in the tracks.
    spoiled: Vec<usize>,
}

impl Window {
    /// Reads codes, and tracks of as many values each.
    pub(super) fn new(codes: &[u8], tracks: &[f32]) -> Self {
        let mut window = Self::default();
        window.read(codes, tracks);
        window
    }

    /// Reads others in their place, in the same memory.
    pub(super) fn read(&mut self, codes: &[u8], tracks: &[f32]) {
        const BEYOND: usize = size_of::<u64>() + TRIPLET;
        self.triplets.clear();
        self.triplets.reserve(codes.len() + BEYOND);
        triplets::append(codes, BEYOND, &mut self.triplets);
        self.signal.resize_with(tracks.len() / codes.len(), Track::default);
        for (track, values) in self.signal.iter_mut().zip(tracks.chunks_exact(codes.len())) {
            track.read(values, BEYOND);
        }
        self.has_runs = self.signal.iter().all(Track::has_runs);
        self.spoiled.clear();
        self.spoiled.extend(tracks.chunks_exact(codes.len()).flat_map(unsummable));
        self.spoiled.sort_unstable();
    }

    /// Finds the pools in which a motif reads a value of the signal that cannot be summed. The lengths of the pools
    /// repeat.
    pub(super) fn spoiled_pools(&self, lengths: &[usize], pools: usize, width: usize) -> Vec<usize> {
        if self.spoiled.is_empty() {
            return Vec::new();
        }
        let mut end = 0;
        let is_spoiled = |length: &usize| {
            let start = end;
            end += length;
            self.is_spoiled(&(start..end), width)
        };
        let pools = lengths.iter().cycle().take(pools).map(is_spoiled).enumerate();
        pools.filter_map(|(pool, spoiled)| spoiled.then_some(pool)).collect()
    }

    /// Whether a motif at one of some positions reads a value of the signal that cannot be summed.
    pub(super) fn is_spoiled(&self, positions: &Range<usize>, width: usize) -> bool {
        let seen = self.spoiled[self.spoiled.partition_point(|&place| place < positions.start)..].first();
        seen.is_some_and(|place| *place < positions.end + width - 1)
    }

    /// Sums the signal by its changes in any case, so that the last digits of a score do not depend on where the window
    /// starts and ends.
    pub(super) fn by_changes(mut self) -> Self {
        self.sum_by_changes();
        self
    }

    /// [`Window::by_changes`] in place.
    pub(super) fn sum_by_changes(&mut self) {
        self.has_runs = true;
    }

    /// Writes the scores of positions from `first` on to rows or, if they are raised, where they are greater. The
    /// signal is summed by its changes.
    #[inline(always)]
    pub(super) fn score<const FUSED: bool, const RAISED: bool>(
        &self,
        strand: &StrandTables,
        first: usize,
        rows: &mut [Row],
    ) {
        let (tiles, rest) = rows.as_chunks_mut::<TILE>();
        for (tile, rows) in tiles.iter_mut().enumerate() {
            let scores = self.scores::<FUSED, true>(strand, first + tile * TILE);
            each_of_tile!(i => keep::<RAISED>(&mut rows[i], &scores[i]));
        }
        if !rest.is_empty() {
            let scores = self.scores::<FUSED, true>(strand, first + tiles.len() * TILE);
            rest.iter_mut().zip(&scores).for_each(|(row, score)| keep::<RAISED>(row, score));
        }
    }

    /// Finds the best scores of each pool on the forward strand of a block. The lengths of the pools repeat.
    #[inline(always)]
    pub(super) fn scan<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [BestScores],
    ) {
        if self.has_runs {
            self.strand::<FUSED, TRACKED, true, false>(&block.forward, lengths, bests);
        } else {
            self.strand::<FUSED, TRACKED, false, false>(&block.forward, lengths, bests);
        }
    }

    /// Keeps the scores that are better on the reverse strand, if the block has one.
    #[inline(always)]
    pub(super) fn scan_reverse<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [BestScores],
    ) {
        let Some(reverse) = &block.reverse else { return };
        if self.has_runs {
            self.strand::<FUSED, TRACKED, true, true>(reverse, lengths, bests);
        } else {
            self.strand::<FUSED, TRACKED, false, true>(reverse, lengths, bests);
        }
    }

    #[inline(always)]
    fn strand<const FUSED: bool, const TRACKED: bool, const RUNS: bool, const REVERSE: bool>(
        &self,
        strand: &StrandTables,
        lengths: &[usize],
        bests: &mut [BestScores],
    ) {
        let mut pools = bests.iter_mut().zip(lengths.iter().cycle());
        let Some((mut place, mut left)) = pools.next().map(|(place, length)| (place, *length)) else { return };
        let mut best = BestScores::NONE;
        for start in (0..).step_by(TILE) {
            let scores = self.scores::<FUSED, RUNS>(strand, start);
            let winner = |i: usize| 2 * (start + i) as i32 + i32::from(REVERSE);
            if left > TILE {
                for i in 0..TILE {
                    best.offer::<TRACKED>(&scores[i], winner(i));
                }
                left -= TILE;
                continue;
            }
            for (i, score) in scores.iter().enumerate() {
                best.offer::<TRACKED>(score, winner(i));
                left -= 1;
                if left == 0 {
                    if REVERSE {
                        place.merge::<TRACKED>(&best);
                    } else {
                        *place = best;
                    }
                    let Some((next, length)) = pools.next() else { return };
                    (place, left, best) = (next, *length, BestScores::NONE);
                }
            }
        }
    }

    /// The triplets of a tile, from the lowest byte on.
    #[inline(always)]
    fn triplets_at(&self, position: usize) -> u64 {
        let bytes = self.triplets[position..].first_chunk().copied();
        u64::from_le_bytes(bytes.unwrap_or_default())
    }

    /// The scores of the tile that starts at a position.
    #[inline(always)]
    fn scores<const FUSED: bool, const RUNS: bool>(&self, strand: &StrandTables, position: usize) -> [Row; TILE] {
        let mut sums = [[0.0; LANES]; TILE];
        for (step, table) in strand.bases.iter().enumerate() {
            let triplets = self.triplets_at(position + step * TRIPLET);
            each_of_tile!(i => {
                let row = table.row((triplets >> (8 * i)) as u8);
                for lane in 0..LANES {
                    sums[i][lane] += row[lane];
                }
            });
        }
        for (taps, track) in strand.signal.iter().zip(&self.signal) {
            let values = &track.values[position..position + taps.width() + TILE - 1];
            if RUNS {
                each_of_tile!(i => add::<FUSED>(&taps.total, values[i], &mut sums[i]));
                for (place, change) in track.changes(position, taps.width()) {
                    let rows = &taps.rest[taps.rest.len() + position - place - TILE..][..TILE];
                    each_of_tile!(i => add::<FUSED>(&rows[i], *change, &mut sums[i]));
                }
            } else {
                for (tap, values) in taps.rows.iter().zip(values.windows(TILE)) {
                    each_of_tile!(i => add::<FUSED>(tap, values[i], &mut sums[i]));
                }
            }
        }
        sums
    }
}

/// Writes a score or, if rows are raised, the greater of both.
#[inline(always)]
fn keep<const RAISED: bool>(row: &mut Row, score: &Row) {
    if RAISED {
        greatest(row, score);
    } else {
        *row = *score;
    }
}

#[inline(always)]
fn add<const FUSED: bool>(row: &Row, value: f32, sum: &mut Row) {
    for lane in 0..LANES {
        sum[lane] = multiply_add::<FUSED>(row[lane], value, sum[lane]);
    }
}
