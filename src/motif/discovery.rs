//! Discovery of motifs in the regions that factors bind.

mod kmer;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::{Background, CountMatrix, Motif, ProbabilityMatrix};
use crate::genome::{Genome, Interval, base};

/// Bases in the middle of a region that are searched: a binding site is near the middle of a peak.
const REGION_BP: usize = 300;
/// Positions of a motif on either side of its seed.
const FLANK: usize = 5;
const WIDTH: usize = FLANK + kmer::LENGTH + FLANK;
/// An enriched k-mer's score, a log-likelihood ratio (times 2), is above this; by chance some k-mer's is in one of 20
/// sets of regions.
const MIN_SCORE: f64 = 21.8;
/// A k-mer of one mismatch is a site of the motif if its score is above this share of the seed's.
const MIN_NEIGHBOR_SHARE: f64 = 0.1;
/// The least information, in bits, of a position that belongs to a motif's core.
const MIN_CORE_BITS: f64 = 0.3;
/// Bases in a row that the cores of two motifs must not share.
const OVERLAP: usize = 6;

/// The regions that a factor binds.
#[derive(Clone, Debug)]
pub struct RegionSet {
    /// The name, such as that of a factor.
    pub name: String,
    /// The regions, none twice.
    pub regions: Vec<Interval>,
}

/// Finds motifs in sets of regions: at most `count` in each set, and none in two sets.
///
/// Each 8-mer, on either strand, is scored by the log-likelihood ratio `2 (v ln(v / e) - (v - e))`, where `v` regions
/// hold it and `e` are expected from its frequency in the `background`. The best 8-mer of a set is a seed. The seed and
/// the enriched 8-mers of one mismatch are aligned in the regions, with 5 positions on either side, and the base counts
/// there are the motif (18 positions). Sets take turns: the best motif of each set comes first, then the second best,
/// and so on; a later seed must not share 6 bases in a row with an earlier motif. Motifs are named `name`, `name-2` and
/// so on, and are returned in the order of discovery. A set without an enriched 8-mer has no motif.
///
/// The motifs are meant to initialize filters, which training then refines. For motifs to publish, use a program that
/// reports their significance.
///
/// # Panics
///
/// Panics if an interval's chromosome is not in the genome.
///
/// # Examples
///
/// ```
/// use multitf::{genome::{Genome, Interval}, motif::{RegionSet, discover}};
///
/// # let mut state = 1_u32;
/// # let mut random = |count: usize| -> String {
/// #     let mut letter = || {
/// #         state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
/// #         ['A', 'C', 'G', 'T'][(state >> 30) as usize]
/// #     };
/// #     (0..count).map(|_| letter()).collect()
/// # };
/// // A site in the middle of each of twenty regions of 210 bp, with as much between them.
/// let letters: String = (0..20).map(|_| random(310) + "TGCTGAGTCA" + &random(100)).collect();
/// let genome = Genome::from_sequences([("chr1", letters + &random(91_600))])?;
/// let at = |start: usize, end: usize| Interval { chromosome: 0, start, end };
/// let regions = (0..20).map(|site| at(420 * site + 210, 420 * site + 420)).collect();
/// let found = discover(&genome, &[at(0, 100_000)], &[RegionSet { name: "MAFK".into(), regions }], 1);
/// assert_eq!(found[0].name, "MAFK");
/// let strands = [found[0].matrix.consensus(), found[0].matrix.reverse_complement().consensus()];
/// assert!(strands.iter().any(|strand| strand.contains("TGCTGAGTCA")), "{strands:?}");
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
///
/// Motifs from k-mers: Bailey 2011, [doi:10.1093/bioinformatics/btr261](https://doi.org/10.1093/bioinformatics/btr261),
/// and Heinz et al. 2010, [doi:10.1016/j.molcel.2010.05.004](https://doi.org/10.1016/j.molcel.2010.05.004).
pub fn discover(genome: &Genome, background: &[Interval], sets: &[RegionSet], count: usize) -> Vec<Motif> {
    let frequencies = Frequencies::new(genome, background);
    let mut searches: Vec<Search<'_>> = sets.par_iter().map(|set| Search::new(genome, set, &frequencies)).collect();
    let mut found = Vec::new();
    let mut taken = vec![false; 1 << (2 * OVERLAP)];
    for round in 1..=count {
        let before = found.len();
        for search in &mut searches {
            let Some((matrix, sites)) = search.next(genome, &taken) else { continue };
            mark(&matrix, &mut taken);
            let name = search.set.name.clone();
            let id = if round == 1 { name.clone() } else { format!("{name}-{round}") };
            found.push(Motif { id, name, matrix, sites: Some(sites as f64) });
        }
        if found.len() == before {
            break;
        }
    }
    found
}

/// How often each canonical k-mer occurs on either strand.
struct Frequencies {
    counts: Vec<u64>,
    bases: usize,
}

impl Frequencies {
    fn new(genome: &Genome, intervals: &[Interval]) -> Self {
        /// Bases that are decoded at a time.
        const CHUNK: usize = 1 << 16;
        let mut forward = vec![0; kmer::COUNT];
        for interval in intervals {
            for start in (interval.start..interval.end).step_by(CHUNK) {
                // A k-mer that begins in one chunk may end in the next.
                let end = interval.end.min(start + CHUNK + kmer::LENGTH - 1);
                for (_, kmer) in kmer::iter(&sequence(genome, Interval { start, end, ..*interval }, 0)) {
                    forward[usize::from(kmer)] += 1;
                }
            }
        }
        let mut counts = vec![0; kmer::COUNT];
        for (kmer, count) in (0..=u16::MAX).zip(forward) {
            counts[usize::from(kmer::canonical(kmer))] += count;
        }
        Self { counts, bases: intervals.iter().map(Interval::len).sum() }
    }
}

/// The search for the motifs of a set of regions.
struct Search<'a> {
    set: &'a RegionSet,
    regions: Vec<Interval>,
    /// The log-likelihood ratio (times 2) of each canonical k-mer.
    scores: Vec<f64>,
    /// The enriched k-mers, the best last.
    candidates: Vec<u16>,
}

impl<'a> Search<'a> {
    fn new(genome: &Genome, set: &'a RegionSet, frequencies: &Frequencies) -> Self {
        let regions: Vec<Interval> = set.regions.iter().copied().map(middle).collect();
        let mut holding = vec![0_u32; kmer::COUNT];
        for &region in &regions {
            let codes = sequence(genome, region, 0);
            let kmers: BTreeSet<u16> = kmer::iter(&codes).map(|(_, kmer)| kmer::canonical(kmer)).collect();
            for kmer in kmers {
                holding[usize::from(kmer)] += 1;
            }
        }
        let bases: usize = regions.iter().map(Interval::len).sum();
        let rate = bases as f64 / frequencies.bases.max(1) as f64;
        let score = |(&holding, &count): (&u32, &u64)| {
            let (found, expected) = (f64::from(holding), count as f64 * rate + 0.5);
            if found > expected { 2.0 * (found * (found / expected).ln() - (found - expected)) } else { 0.0 }
        };
        let scores: Vec<f64> = holding.iter().zip(&frequencies.counts).map(score).collect();
        let mut candidates: Vec<u16> = (0..=u16::MAX).filter(|&kmer| scores[usize::from(kmer)] > MIN_SCORE).collect();
        candidates.sort_by(|&a, &b| scores[usize::from(a)].total_cmp(&scores[usize::from(b)]).then(b.cmp(&a)));
        Self { set, regions, scores, candidates }
    }

    /// Returns the motif of the best k-mer that shares nothing with earlier motifs, and the number of its sites.
    fn next(&mut self, genome: &Genome, taken: &[bool]) -> Option<(ProbabilityMatrix, usize)> {
        while let Some(kmer) = self.candidates.pop() {
            let mut parts = (0..=kmer::LENGTH - OVERLAP).map(|shift| usize::from(kmer >> (2 * shift)) % taken.len());
            if !parts.any(|part| taken[part]) {
                return Some(self.grow(genome, kmer));
            }
        }
        None
    }

    /// Counts the bases around a seed, and around similar k-mers, in all regions.
    fn grow(&self, genome: &Genome, seed: u16) -> (ProbabilityMatrix, usize) {
        let score = |kmer: u16| self.scores[usize::from(kmer::canonical(kmer))];
        let is_similar = |&kmer: &u16| kmer == seed || score(kmer) > MIN_NEIGHBOR_SHARE * score(seed);
        let similar: Vec<u16> = kmer::neighbors(seed).filter(is_similar).collect();
        // Counts start at 1, so that no base is impossible.
        let (mut counts, mut sites) = (vec![[1.0; 4]; WIDTH], 0);
        for &region in &self.regions {
            let forward = sequence(genome, region, FLANK);
            let reverse: Vec<u8> = forward.iter().rev().map(|&code| base::complement(code)).collect();
            let inner = FLANK..forward.len() - FLANK;
            // A palindrome is counted on both strands, and is one site.
            let is_site = |kmer: u16| similar.contains(&kmer) || similar.contains(&kmer::reverse_complement(kmer));
            sites += kmer::iter(&forward[inner.clone()]).filter(|(_, kmer)| is_site(*kmer)).count();
            for strand in [forward, reverse] {
                for (start, _) in kmer::iter(&strand[inner.clone()]).filter(|(_, kmer)| similar.contains(kmer)) {
                    for (row, &code) in counts.iter_mut().zip(&strand[start..]).filter(|(_, code)| **code < base::N) {
                        row[usize::from(code)] += 1.0;
                    }
                }
            }
        }
        let matrix = CountMatrix::new(counts).and_then(|counts| counts.to_probabilities(&Background::UNIFORM, 0.0));
        (matrix.expect("no count is below 1"), sites)
    }
}

/// Marks the stretches of a motif's core, on both strands, that no later seed may hold.
fn mark(matrix: &ProbabilityMatrix, taken: &mut [bool]) {
    let Some(core) = matrix.trimmed(MIN_CORE_BITS) else { return };
    for strand in [core.consensus(), core.reverse_complement().consensus()] {
        let codes: Vec<u8> = strand.bytes().map(base::from_ascii).collect();
        for stretch in codes.windows(OVERLAP) {
            taken[stretch.iter().fold(0, |part, &code| part << 2 | usize::from(code))] = true;
        }
    }
}

/// Returns the middle of a region.
fn middle(region: Interval) -> Interval {
    let start = region.start + region.len().saturating_sub(REGION_BP) / 2;
    Interval { start, end: region.end.min(start + REGION_BP), ..region }
}

/// Returns the base codes of an interval with a flank on either side.
fn sequence(genome: &Genome, interval: Interval, flank: usize) -> Vec<u8> {
    let mut codes = vec![base::N; interval.len() + 2 * flank];
    genome.decode(interval.chromosome, interval.start as i64 - flank as i64, &mut codes);
    codes
}
