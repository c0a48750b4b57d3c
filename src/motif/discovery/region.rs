//! A region as discovery reads it.

use super::word::{Halves, Layout, WIDTH};
use crate::genome::{Genome, Interval, base};

/// Bases on either side of a region that motifs may reach into.
const MARGIN: usize = 10;

/// The base codes of a motif's positions.
pub(super) type Window = [u8; WIDTH];

/// The bases of a region and the halves of its words.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// Base codes, with a margin on either side.
    codes: Vec<u8>,
    pub(super) halves: Halves,
}

impl Region {
    pub(super) fn new(genome: &Genome, interval: Interval) -> Self {
        let mut codes = vec![base::N; interval.len() + 2 * MARGIN];
        genome.decode(interval.chromosome, interval.start as i64 - MARGIN as i64, &mut codes);
        let halves = Halves::new(&codes[MARGIN..codes.len() - MARGIN]);
        Self { codes, halves }
    }

    /// The number of places of a word, on both strands.
    pub(super) fn places(&self, layout: Layout) -> usize {
        2 * (self.codes.len() - 2 * MARGIN + 1).saturating_sub(layout.span())
    }

    /// The bases around the word that starts at a position: on the forward strand, or on the reverse one. What is left
    /// of the width after the word and its flanks is unknown.
    pub(super) fn window(&self, layout: Layout, start: usize, is_reverse: bool) -> Window {
        let flank = layout.flank();
        let first = start + MARGIN - flank;
        let bases = &self.codes[first..first + layout.span() + 2 * flank];
        let mut window = [base::N; WIDTH];
        for (index, (to, &code)) in window.iter_mut().zip(bases).enumerate() {
            *to = if is_reverse { base::complement(bases[bases.len() - 1 - index]) } else { code };
        }
        window
    }
}

/// Reads regions.
pub(super) fn read(genome: &Genome, intervals: &[Interval]) -> Vec<Region> {
    intervals.iter().map(|&interval| Region::new(genome, interval)).collect()
}

/// Returns what regions are compared with: the stretches of the same length on either side of each that no other region
/// overlaps. Where there are fewer of them than regions, as with separate sequences, stretches of the background.
pub(super) fn controls(genome: &Genome, regions: &[Interval], background: &[Interval]) -> Vec<Interval> {
    let mut sorted = regions.to_vec();
    sorted.sort_unstable_by_key(|region| (region.chromosome, region.start, region.end));
    let flanks = flanks(genome, &sorted);
    if flanks.len() >= regions.len() { flanks } else { elsewhere(&sorted, background) }
}

fn flanks(genome: &Genome, sorted: &[Interval]) -> Vec<Interval> {
    let mut flanks = Vec::new();
    // The chromosome of the last region, and where the farthest one on it ends.
    let mut before = (usize::MAX, 0);
    for (index, region) in sorted.iter().enumerate() {
        if before.0 != region.chromosome {
            before = (region.chromosome, 0);
        }
        if let Some(start) = region.start.checked_sub(region.len()).filter(|&start| start >= before.1) {
            flanks.push(Interval { start, end: region.start, ..*region });
        }
        before.1 = before.1.max(region.end);
        let later = sorted[index + 1..].iter().take_while(|next| next.chromosome == region.chromosome);
        let next = later.map(|next| next.start).find(|&start| start >= region.end);
        let limit = next.unwrap_or_else(|| genome.length(region.chromosome));
        let end = region.end + region.len();
        if before.1 == region.end && end <= limit {
            flanks.push(Interval { start: region.end, end, ..*region });
        }
    }
    flanks
}

/// Stretches of the background that no region overlaps, of the regions' mean length: two for each region, evenly
/// spread.
fn elsewhere(sorted: &[Interval], background: &[Interval]) -> Vec<Interval> {
    let length = sorted.iter().map(Interval::len).sum::<usize>() / sorted.len().max(1);
    if length == 0 {
        return Vec::new();
    }
    let pieces = background.iter().flat_map(|stretch| {
        let starts = (stretch.start..stretch.end).step_by(length);
        starts.map(move |start| Interval { start, end: stretch.end.min(start + length), ..*stretch })
    });
    let is_free = |piece: &Interval| {
        let first = sorted.partition_point(|region| (region.chromosome, region.end) <= (piece.chromosome, piece.start));
        sorted.get(first).is_none_or(|region| region.overlap(*piece) == 0)
    };
    let free: Vec<Interval> = pieces.filter(is_free).collect();
    let step = free.len().div_ceil(2 * sorted.len()).max(1);
    free.into_iter().step_by(step).collect()
}
