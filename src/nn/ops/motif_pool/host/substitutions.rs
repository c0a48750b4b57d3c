//! Scores of motifs at each position of one sequence, and what the change of one base makes of the best of each pool.

use std::ops::Range;

use super::{
    best_scores::greatest,
    sizes::{LANES, Row},
};
use crate::{
    genome::Strand,
    nn::ops::{Strands, host::simd},
};

/// Codes of a position: four bases and N.
const CODES: usize = 5;

/// A layer of motifs, for changes of single bases.
#[derive(Debug)]
pub(crate) struct SubstitutionTables {
    width: usize,
    /// A table for each block of motifs and each strand, `[block, strand]`.
    strands: Vec<StrandWeights>,
    /// Strands of a block.
    num_strands: usize,
    /// Of each block.
    bias: Vec<Row>,
    motifs: usize,
}

/// The weights of a block of motifs as they read on one strand.
#[derive(Debug)]
struct StrandWeights {
    /// `[position, code]`, where N counts 0.
    bases: Vec<[Row; CODES]>,
    /// `[channel, position]`
    signal: Vec<Row>,
}

/// The scores of a layer on one sequence; the memory grows with the longest.
#[derive(Clone, Debug, Default)]
pub(crate) struct SiteScores {
    /// `[block, strand, position]`
    scores: Vec<Row>,
    /// The best of a pool up to a position, this one included: `[block, position]`.
    before: Vec<Row>,
    /// The best of a pool from a position on: `[block, position]`.
    after: Vec<Row>,
    positions: usize,
}

impl SubstitutionTables {
    /// Makes the tables of `[motif, 4 + channel, width]` weights and `[motif]` biases.
    pub(crate) fn new([motifs, rows, width]: [usize; 3], weight: &[f32], bias: &[f32], strands: Strands) -> Self {
        let at = |motif: usize, row: usize, position: usize| {
            if motif < motifs { weight[(motif * rows + row) * width + position] } else { 0.0 }
        };
        let lanes =
            |first: usize, row: usize, position: usize| std::array::from_fn(|lane| at(first + lane, row, position));
        // A score of NaN is never the greatest and would be lost: the bias carries it.
        let carried = |motif: usize| {
            let mut weights = weight.chunks_exact(rows * width).skip(motif).take(1).flatten();
            let bias = bias.get(motif).copied().unwrap_or(0.0);
            if weights.all(|weight| weight.is_finite()) { bias } else { f32::NAN }
        };
        let strand = |first: usize, is_reverse: bool| {
            let place = |position: usize| if is_reverse { width - 1 - position } else { position };
            let base = |position: usize, code: usize| match code {
                4 => [0.0; LANES],
                _ => lanes(first, if is_reverse { 3 - code } else { code }, place(position)),
            };
            let taps = |row: usize| (0..width).map(move |position| (row, position));
            StrandWeights {
                bases: (0..width).map(|position| std::array::from_fn(|code| base(position, code))).collect(),
                signal: (4..rows).flat_map(taps).map(|(row, position)| lanes(first, row, place(position))).collect(),
            }
        };
        let both = [false, true];
        let read = if strands == Strands::Both { &both[..] } else { &both[..1] };
        let blocks = || (0..motifs).step_by(LANES);
        Self {
            width,
            strands: blocks().flat_map(|first| read.iter().map(move |is_reverse| strand(first, *is_reverse))).collect(),
            num_strands: read.len(),
            bias: blocks().map(|first| std::array::from_fn(|lane| carried(first + lane))).collect(),
            motifs,
        }
    }

    /// Positions in a motif.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of motifs.
    pub(crate) fn motifs(&self) -> usize {
        self.motifs
    }

    /// Scores a sequence of codes. The signal has a value of each channel for each code, or is empty where motifs scan
    /// none.
    pub(crate) fn read(&self, codes: &[u8], signal: &[f32], pools: &[Range<usize>], sites: &mut SiteScores) {
        simd::run(Read { tables: self, codes, signal, pools, sites });
    }

    /// Returns the best score of each motif in a pool, bias and ReLU included.
    pub(crate) fn best(&self, sites: &SiteScores, pool: &Range<usize>) -> impl Iterator<Item = f32> {
        let last = pool.end - 1;
        let block = move |(block, bias): (usize, &Row)| {
            let best = &sites.before[block * sites.positions + last];
            rectified(std::array::from_fn(|lane| best[lane] + bias[lane]))
        };
        self.bias.iter().enumerate().flat_map(block).take(self.motifs)
    }

    /// Returns the place, strand and score of each motif's best site in a pool, with the bias, before the ReLU. Of
    /// equal ones the first is the best, and at one place that of the forward strand.
    pub(crate) fn best_sites(
        &self,
        sites: &SiteScores,
        pool: &Range<usize>,
    ) -> impl Iterator<Item = (usize, Strand, f32)> {
        let strands = [Strand::Forward, Strand::Reverse];
        (0..self.motifs).map(move |motif| {
            let (block, lane) = (motif / LANES, motif % LANES);
            let score = |place: usize, strand: usize| {
                sites.scores[(block * self.num_strands + strand) * sites.positions + place][lane]
            };
            let all = pool.clone().flat_map(|place| (0..self.num_strands).map(move |strand| (place, strand)));
            let none = (pool.start, Strand::Forward, f32::NEG_INFINITY);
            let (place, strand, best) = all.fold(none, |best, (place, strand)| {
                let score = score(place, strand);
                if score > best.2 { (place, strands[strand], score) } else { best }
            });
            (place, strand, best + self.bias[block][lane])
        })
    }

    /// Writes the best score of each motif in a pool after the change of the code at a place to each of the four bases,
    /// bias and ReLU included, `[base, motif]` in whole blocks.
    pub(crate) fn substituted(&self, sites: &SiteScores, change: Change<'_>, best: &mut [[f32; 4 * LANES]]) {
        simd::run(Substituted { tables: self, sites, change, best });
    }

    /// The number of blocks of motifs.
    pub(crate) fn blocks(&self) -> usize {
        self.bias.len()
    }
}

/// Where a base changes, as a layer sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    /// The place in the sequence.
    pub(crate) place: usize,
    /// The code that is there.
    pub(crate) code: u8,
    /// The pool whose best score is wanted.
    pub(crate) pool: &'a Range<usize>,
}

impl Change<'_> {
    /// The positions of a motif that read the place.
    pub(crate) fn positions(&self, width: usize) -> Range<usize> {
        let first = (self.place + 1).saturating_sub(width).max(self.pool.start);
        first..(self.place + 1).min(self.pool.end).max(first)
    }
}

struct Read<'a> {
    tables: &'a SubstitutionTables,
    codes: &'a [u8],
    signal: &'a [f32],
    pools: &'a [Range<usize>],
    sites: &'a mut SiteScores,
}

impl simd::Work for Read<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { tables, codes, signal, pools, sites } = self;
        let width = tables.width;
        let positions = (codes.len() + 1).saturating_sub(width);
        sites.positions = positions;
        sites.scores.clear();
        for weights in &tables.strands {
            for position in 0..positions {
                let mut sum = [0.0; LANES];
                for (bases, code) in weights.bases.iter().zip(&codes[position..]) {
                    let row = &bases[usize::from(*code).min(CODES - 1)];
                    for lane in 0..LANES {
                        sum[lane] += row[lane];
                    }
                }
                let channels = weights.signal.chunks_exact(width).zip(signal.chunks_exact(codes.len()));
                for (taps, values) in channels {
                    for (tap, value) in taps.iter().zip(&values[position..]) {
                        for lane in 0..LANES {
                            sum[lane] += tap[lane] * value;
                        }
                    }
                }
                sites.scores.push(sum);
            }
        }
        sites.keep_best(tables.num_strands, pools);
    }
}

impl SiteScores {
    /// Finds the best scores before and after each position of each pool.
    #[inline(always)]
    fn keep_best(&mut self, num_strands: usize, pools: &[Range<usize>]) {
        let Self { scores, before, after, positions } = self;
        before.clear();
        after.clear();
        if *positions == 0 {
            return;
        }
        for block in scores.chunks_exact(num_strands * *positions) {
            let start = before.len();
            before.extend_from_slice(&block[..*positions]);
            for strand in block[*positions..].chunks_exact(*positions) {
                for (best, score) in before[start..].iter_mut().zip(strand) {
                    greatest(best, score);
                }
            }
            after.extend_from_slice(&before[start..]);
            for pool in pools {
                for position in pool.start + 1..pool.end {
                    let last = before[start + position - 1];
                    greatest(&mut before[start + position], &last);
                }
                for position in (pool.start + 1..pool.end).rev() {
                    let next = after[start + position];
                    greatest(&mut after[start + position - 1], &next);
                }
            }
        }
    }
}

struct Substituted<'a> {
    tables: &'a SubstitutionTables,
    sites: &'a SiteScores,
    change: Change<'a>,
    best: &'a mut [[f32; 4 * LANES]],
}

impl simd::Work for Substituted<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { tables, sites, change, best } = self;
        let (read, positions) = (change.positions(tables.width), sites.positions);
        let old = usize::from(change.code).min(CODES - 1);
        for (block, best) in best.iter_mut().enumerate() {
            // What no motif that reads the place has to do with.
            let mut rest = [f32::NEG_INFINITY; LANES];
            if read.start > change.pool.start {
                rest = sites.before[block * positions + read.start - 1];
            }
            if read.end < change.pool.end {
                greatest(&mut rest, &sites.after[block * positions + read.end]);
            }
            // By name: rows with an index would not stay in registers.
            let [mut a, mut c, mut g, mut t] = [rest; 4];
            for strand in 0..tables.num_strands {
                let index = block * tables.num_strands + strand;
                let scores = &sites.scores[index * positions..][read.clone()];
                let first = change.place - read.start;
                let weights = tables.strands[index].bases[..=first].iter().rev();
                for (score, bases) in scores.iter().zip(weights) {
                    let without: Row = std::array::from_fn(|lane| score[lane] - bases[old][lane]);
                    greatest(&mut a, &sum(&without, &bases[0]));
                    greatest(&mut c, &sum(&without, &bases[1]));
                    greatest(&mut g, &sum(&without, &bases[2]));
                    greatest(&mut t, &sum(&without, &bases[3]));
                }
            }
            let bias = &tables.bias[block];
            for (best, row) in best.chunks_exact_mut(LANES).zip([a, c, g, t]) {
                best.copy_from_slice(&rectified(sum(&row, bias)));
            }
        }
    }
}

#[inline(always)]
fn sum(a: &Row, b: &Row) -> Row {
    std::array::from_fn(|lane| a[lane] + b[lane])
}

/// The ReLU. NaN stays.
#[inline(always)]
fn rectified(values: Row) -> Row {
    values.map(|value| if value <= 0.0 { 0.0 } else { value })
}
