//! Scanning of genomes for motifs.

mod bounds;
mod candidates;
mod dinucleotides;
pub(super) mod position_scores;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use self::{bounds::Bounds, dinucleotides::Dinucleotides};
use super::LogOddsMatrix;
use crate::{
    Error, Result,
    genome::{Genome, Interval, Strand, base},
};

/// Starts that are scanned in one piece: its bases and their pairs fit into a core's cache.
const CHUNK: usize = 1 << 14;

/// An occurrence of a motif.
///
/// See [`Scanner`] for an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The index of the motif in the scanner.
    pub motif: usize,
    /// The interval of the genome.
    pub interval: Interval,
    /// The strand on which the motif matches.
    pub strand: Strand,
    /// The sum of the log-odds.
    pub score: f32,
}

/// Finds the occurrences of many motifs on both strands, in one pass over a genome.
///
/// Each motif has its own threshold, usually from a p-value: see
/// [`ScoreDistribution::threshold`](super::ScoreDistribution::threshold). A site with an unknown base is no occurrence.
///
/// An upper bound of the score is looked up two bases at a time in tables of 16 entries, with AVX2 for 32 positions in
/// one instruction. Exact scores are computed only where the bound reaches the threshold.
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
    /// Takes matrices and their thresholds: the lowest scores of an occurrence.
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

    /// Returns the occurrences that lie fully in an interval, sorted as those of [`scan`](Self::scan).
    ///
    /// # Panics
    ///
    /// Panics if the genome has no such chromosome.
    pub fn scan_interval(&self, genome: &Genome, interval: Interval) -> Vec<Hit> {
        let end = interval.end.min(genome.length(interval.chromosome));
        let starts: Vec<usize> = (interval.start..end).step_by(CHUNK).collect();
        let scan_chunk = |start: usize| {
            let end = end.min(start + CHUNK + self.widest.saturating_sub(1));
            let mut codes = vec![base::N; end - start];
            genome.decode(interval.chromosome, start as i64, &mut codes);
            self.scan_codes(&codes, Interval { start, end, ..interval })
        };
        starts.into_par_iter().flat_map_iter(scan_chunk).collect()
    }

    /// Returns the occurrences that start in the first [`CHUNK`] bases of an interval.
    fn scan_codes(&self, codes: &[u8], interval: Interval) -> Vec<Hit> {
        let (mut hits, mut offset) = (Vec::new(), 0);
        for known in codes.split(|&code| code >= base::N) {
            let pairs = Dinucleotides::new(known);
            for pattern @ &Pattern { motif, strand, threshold, .. } in &self.patterns {
                let width = pattern.rows.len();
                candidates::for_each(&pairs, &pattern.bounds, width, |at| {
                    let score = pattern.score(&known[at..at + width]);
                    if score >= threshold && offset + at < CHUNK {
                        let start = interval.start + offset + at;
                        let interval = Interval { start, end: start + width, ..interval };
                        hits.push(Hit { motif, interval, strand, score: score as f32 });
                    }
                });
            }
            offset += known.len() + 1;
        }
        hits.sort_unstable_by_key(|hit| (hit.interval.start, hit.motif, hit.strand));
        hits
    }
}

impl Pattern {
    fn score(&self, codes: &[u8]) -> f64 {
        self.rows.iter().zip(codes).map(|(row, &code)| row[usize::from(code)]).sum()
    }
}
