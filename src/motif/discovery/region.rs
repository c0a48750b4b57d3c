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

/// Returns what regions are compared with: the stretches of the same length on either side of each that no region
/// overlaps. Where there are fewer of them than regions, as with separate sequences, stretches of the background.
pub(super) fn controls(genome: &Genome, regions: &[Interval], background: &[Interval]) -> Vec<Interval> {
    let regions = Regions::new(regions);
    let flanks = regions.flanks(genome);
    if flanks.len() >= regions.sorted.len() { flanks } else { regions.elsewhere(background) }
}

/// The regions of a set.
struct Regions {
    sorted: Vec<Interval>,
    /// What they cover, each base once.
    covered: Vec<Interval>,
}

impl Regions {
    fn new(regions: &[Interval]) -> Self {
        let mut sorted = regions.to_vec();
        sorted.sort_unstable_by_key(|region| (region.chromosome, region.start, region.end));
        let mut covered: Vec<Interval> = Vec::new();
        for region in &sorted {
            match covered.last_mut() {
                Some(last) if last.chromosome == region.chromosome && region.start <= last.end => {
                    last.end = last.end.max(region.end);
                }
                _ => covered.push(*region),
            }
        }
        Self { sorted, covered }
    }

    fn is_free(&self, stretch: Interval) -> bool {
        let start = (stretch.chromosome, stretch.start);
        let next = self.covered.partition_point(|region| (region.chromosome, region.end) <= start);
        self.covered.get(next).is_none_or(|region| region.overlap(stretch) == 0)
    }

    fn flanks(&self, genome: &Genome) -> Vec<Interval> {
        let sides = |region: &Interval| {
            let before = region.start.checked_sub(region.len()).map(|start| (start, region.start));
            let after = Some((region.end, region.end + region.len()));
            let of_region = *region;
            [before, after].into_iter().flatten().map(move |(start, end)| Interval { start, end, ..of_region })
        };
        let is_inside = |side: &Interval| side.end <= genome.length(side.chromosome);
        self.sorted.iter().flat_map(sides).filter(|side| is_inside(side) && self.is_free(*side)).collect()
    }

    /// Free stretches of the background, of the regions' mean length: two for each region, evenly spread.
    fn elsewhere(&self, background: &[Interval]) -> Vec<Interval> {
        let length = self.sorted.iter().map(Interval::len).sum::<usize>() / self.sorted.len().max(1);
        if length == 0 {
            return Vec::new();
        }
        let pieces = background.iter().flat_map(|stretch| {
            let starts = (stretch.start..stretch.end).step_by(length);
            starts.map(move |start| Interval { start, end: stretch.end.min(start + length), ..*stretch })
        });
        let free: Vec<Interval> = pieces.filter(|piece| self.is_free(*piece)).collect();
        let step = free.len().div_ceil(2 * self.sorted.len()).max(1);
        free.into_iter().step_by(step).collect()
    }
}
