//! Where motifs occur.

mod bounds;
mod candidates;
mod pairs;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use self::{bounds::Bounds, pairs::Pairs};
use super::LogOddsMatrix;
use crate::{
    Error, Result,
    genome::{Genome, Interval, Strand, base},
};

/// How many starts are looked at in one piece: its bases and what is made of them stay in a core's cache.
const CHUNK: usize = 1 << 14;

/// An occurrence of a motif.
///
/// See [`Scanner`] for an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The motif, as the scanner counts them.
    pub motif: usize,
    /// Where it lies on the forward strand.
    pub interval: Interval,
    /// The strand on which the motif reads as its matrix does.
    pub strand: Strand,
    /// The sum of the log-odds.
    pub score: f32,
}

/// Finds the occurrences of many motifs on both strands, all in one pass over a genome.
///
/// Each motif has a threshold of its own, in most cases from a p-value: see
/// [`ScoreDistribution::threshold`](super::ScoreDistribution::threshold). Stretches with an unknown base have no
/// occurrence.
///
/// Two bases at a time, an upper bound of the score is looked up in 16 entries, for 32 positions in one instruction
/// where the processor can (AVX2); only what the bound lets pass is added up in full.
///
/// # Examples
///
/// ```
/// use multitf::{
///     genome::{Genome, Interval, Strand},
///     motif::{Background, CountMatrix, Scanner},
/// };
///
/// let counts = CountMatrix::new(vec![[9.0, 0.0, 0.0, 0.0], [0.0, 9.0, 0.0, 0.0], [9.0, 0.0, 0.0, 0.0]])?;
/// let matrix = counts.to_probabilities(&Background::UNIFORM, 1.0)?.to_log_odds(&Background::UNIFORM, 0.0)?;
/// let scanner = Scanner::new([(&matrix, 3.0)])?;
///
/// let genome = Genome::from_sequences([("chr1", "GGACATGTAN")])?;
/// let hits = scanner.scan(&genome);
/// let found: Vec<_> = hits.iter().map(|hit| (hit.interval.start, hit.strand)).collect();
/// assert_eq!(found, [(2, Strand::Forward), (5, Strand::Reverse)]);
/// assert_eq!(hits[1].interval, Interval { chromosome: 0, start: 5, end: 8 });
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scanner {
    patterns: Vec<Pattern>,
    widest: usize,
}

/// A motif on one strand.
#[derive(Clone, Debug)]
struct Pattern {
    motif: usize,
    strand: Strand,
    rows: Vec<[f64; 4]>,
    threshold: f64,
    bounds: Bounds,
}

impl Scanner {
    /// Takes matrices and the least score of an occurrence of each.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a threshold that is not a number or minus infinity. Plus infinity finds nothing.
    pub fn new<'a>(motifs: impl IntoIterator<Item = (&'a LogOddsMatrix, f64)>) -> Result<Self> {
        let mut scanner = Self { patterns: Vec::new(), widest: 0 };
        for (motif, (matrix, threshold)) in motifs.into_iter().enumerate() {
            let works = threshold > f64::NEG_INFINITY;
            Error::unless(works, format!("threshold of motif {motif}"), "a score that can be reached", threshold)?;
            scanner.widest = scanner.widest.max(matrix.width());
            for (strand, matrix) in [(Strand::Forward, matrix), (Strand::Reverse, &matrix.reverse_complement())] {
                let rows = matrix.rows().to_vec();
                let bounds = Bounds::new(&rows, threshold);
                scanner.patterns.push(Pattern { motif, strand, rows, threshold, bounds });
            }
        }
        Ok(scanner)
    }

    /// Returns all occurrences, sorted by their start, then motif, then strand.
    pub fn scan(&self, genome: &Genome) -> Vec<Hit> {
        let whole = |chromosome| Interval { chromosome, start: 0, end: genome.length(chromosome) };
        (0..genome.len()).flat_map(|chromosome| self.scan_interval(genome, whole(chromosome))).collect()
    }

    /// Returns the occurrences that lie in an interval whole, sorted as those of [`scan`](Self::scan).
    ///
    /// # Panics
    ///
    /// If the genome has no such chromosome.
    pub fn scan_interval(&self, genome: &Genome, interval: Interval) -> Vec<Hit> {
        let end = interval.end.min(genome.length(interval.chromosome));
        let starts: Vec<usize> = (interval.start..end).step_by(CHUNK).collect();
        let of_chunk = |start: usize| {
            let end = end.min(start + CHUNK + self.widest.saturating_sub(1));
            let mut codes = vec![base::N; end - start];
            genome.decode(interval.chromosome, start as i64, &mut codes);
            let mut hits = Vec::new();
            self.search(&codes, |motif, at, strand, width, score| {
                if at < CHUNK {
                    let interval =
                        Interval { chromosome: interval.chromosome, start: start + at, end: start + at + width };
                    hits.push(Hit { motif, interval, strand, score });
                }
            });
            hits.sort_unstable_by_key(|hit| (hit.interval.start, hit.motif, hit.strand));
            hits
        };
        starts.into_par_iter().flat_map_iter(of_chunk).collect()
    }

    /// Looks at a piece of a chromosome.
    fn search(&self, codes: &[u8], mut found: impl FnMut(usize, usize, Strand, usize, f32)) {
        let mut start = 0;
        for known in codes.split(|&code| code >= base::N) {
            let pairs = Pairs::new(known);
            for pattern in &self.patterns {
                let width = pattern.rows.len();
                candidates::each(&pairs, &pattern.bounds, width, |at| {
                    let score = pattern.score(&known[at..at + width]);
                    if score >= pattern.threshold {
                        found(pattern.motif, start + at, pattern.strand, width, score as f32);
                    }
                });
            }
            start += known.len() + 1;
        }
    }
}

impl Pattern {
    fn score(&self, codes: &[u8]) -> f64 {
        self.rows.iter().zip(codes).map(|(row, &code)| row[usize::from(code)]).sum()
    }
}
