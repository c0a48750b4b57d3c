//! A stretch of sequence and signal that motifs are scanned along.

use super::{
    super::vector::multiply_add,
    ABREAST,
    best::Best,
    letters::{self, STEP},
    table::{Block, LANES, Row, Strand},
    track::Track,
};

/// Does something for each position abreast. A loop is not always unrolled, and sums with an index that is not constant
/// would not stay in registers.
macro_rules! abreast {
    ($i:ident => $work:expr) => {
        abreast!(0 1 2 3 4 5, $i => $work)
    };
    ($($at:literal)*, $i:ident => $work:expr) => {
        $({
            let $i = $at;
            $work;
        })*
    };
}

/// A stretch of sequence and signal.
pub(super) struct Window {
    /// Indices of three letters, further than any motif reaches.
    letters: Vec<u8>,
    /// Each channel, as far.
    signal: Vec<Track>,
    /// Whether the changes of all channels are the shorter way.
    has_runs: bool,
    /// 0, or NaN where the signal has one.
    pub(super) poison: f32,
}

impl Window {
    /// Reads codes, and the tracks of as many values that follow each other.
    pub(super) fn new(codes: &[u8], tracks: &[f32]) -> Self {
        const BEYOND: usize = ABREAST + STEP;
        let mut letters = Vec::with_capacity(codes.len() + BEYOND);
        letters::append(codes, BEYOND, &mut letters);
        let signal: Vec<Track> = tracks.chunks_exact(codes.len()).map(|track| Track::new(track, BEYOND)).collect();
        let has_runs = signal.iter().all(Track::has_runs);
        Self { letters, signal, has_runs, poison: 0.0 * tracks.iter().sum::<f32>() }
    }

    /// Scans the signal by its changes wherever it comes from, so that what is found at a place does not depend, in its last
    /// digits, on where the window starts and ends.
    pub(super) fn by_changes(self) -> Self {
        Self { has_runs: true, ..self }
    }

    /// Finds the best of each pool on the forward strand of a block. The pools have these lengths, again and again.
    #[inline(always)]
    pub(super) fn scan<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [Best],
    ) {
        let keep = |best: &mut Best, found| *best = found;
        if self.has_runs {
            self.strand::<FUSED, TRACKED, true>(&block.forward, 0, lengths, bests, keep);
        } else {
            self.strand::<FUSED, TRACKED, false>(&block.forward, 0, lengths, bests, keep);
        }
    }

    /// Keeps what is better on the reverse strand, if the block has one.
    #[inline(always)]
    pub(super) fn scan_reverse<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [Best],
    ) {
        let Some(reverse) = &block.reverse else { return };
        let keep = |best: &mut Best, found| best.merge::<TRACKED>(&found);
        if self.has_runs {
            self.strand::<FUSED, TRACKED, true>(reverse, 1, lengths, bests, keep);
        } else {
            self.strand::<FUSED, TRACKED, false>(reverse, 1, lengths, bests, keep);
        }
    }

    #[inline(always)]
    fn strand<const FUSED: bool, const TRACKED: bool, const RUNS: bool>(
        &self,
        strand: &Strand,
        side: i32,
        lengths: &[usize],
        bests: &mut [Best],
        keep: impl Fn(&mut Best, Best),
    ) {
        let mut pools = bests.iter_mut().zip(lengths.iter().cycle());
        let Some((mut place, mut left)) = pools.next().map(|(place, length)| (place, *length)) else { return };
        let mut best = Best::NONE;
        for start in (0..).step_by(ABREAST) {
            let scores = self.scores::<FUSED, RUNS>(strand, start);
            let winner = |i: usize| 2 * (start + i) as i32 + side;
            if left > ABREAST {
                for i in 0..ABREAST {
                    best.offer::<TRACKED>(&scores[i], winner(i));
                }
                left -= ABREAST;
                continue;
            }
            for (i, score) in scores.iter().enumerate() {
                best.offer::<TRACKED>(score, winner(i));
                left -= 1;
                if left == 0 {
                    keep(place, best);
                    let Some((next, length)) = pools.next() else { return };
                    (place, left, best) = (next, *length, Best::NONE);
                }
            }
        }
    }

    /// The scores of neighbouring positions: sums that do not wait for each other.
    #[inline(always)]
    fn scores<const FUSED: bool, const RUNS: bool>(&self, strand: &Strand, position: usize) -> [Row; ABREAST] {
        let mut sums = [[0.0; LANES]; ABREAST];
        for (step, table) in strand.bases.iter().enumerate() {
            let letters = &self.letters[position + step * STEP..][..ABREAST];
            abreast!(i => {
                let row = table.row(letters[i]);
                for lane in 0..LANES {
                    sums[i][lane] += row[lane];
                }
            });
        }
        for (taps, track) in strand.signal.iter().zip(&self.signal) {
            let values = &track.values[position..position + taps.width() + ABREAST - 1];
            if RUNS {
                abreast!(i => add::<FUSED>(&taps.total, values[i], &mut sums[i]));
                for (place, change) in track.changes(position, taps.width()) {
                    let rows = &taps.rest[taps.rest.len() + position - place - ABREAST..][..ABREAST];
                    abreast!(i => add::<FUSED>(&rows[i], *change, &mut sums[i]));
                }
            } else {
                for (tap, values) in taps.rows.iter().zip(values.windows(ABREAST)) {
                    abreast!(i => add::<FUSED>(tap, values[i], &mut sums[i]));
                }
            }
        }
        sums
    }
}

#[inline(always)]
fn add<const FUSED: bool>(row: &Row, value: f32, sum: &mut Row) {
    for lane in 0..LANES {
        sum[lane] = multiply_add::<FUSED>(row[lane], value, sum[lane]);
    }
}
