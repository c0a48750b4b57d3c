//! Scores of a motif at every position of a sequence.

use crate::{
    genome::{Strand, base},
    motif::LogOddsMatrix,
};

/// Bases that are looked up at once: a table of their sums fits into the first-level cache.
const LENGTH: usize = 5;
/// Number of k-mers of this length.
const KMERS: usize = 1 << (2 * LENGTH);

/// Scores a motif at every position of a sequence.
///
/// Where only the best positions matter, [`Scanner`](crate::motif::Scanner) is faster.
///
/// # Examples
///
/// ```
/// use multitf::{genome::Strand, motif::{Background, PositionScores, ProbabilityMatrix, SequenceKmers}};
///
/// let matrix = ProbabilityMatrix::new(vec![[0.5, 0.25, 0.125, 0.125], [0.125, 0.125, 0.25, 0.5]])?;
/// let log_odds = matrix.to_log_odds(&Background::UNIFORM, 0.0)?;
/// let scores = PositionScores::new(&log_odds);
///
/// // A, T, N, C, A
/// let sequence = SequenceKmers::new(&[0, 3, 4, 1, 0]);
/// let mut found = Vec::new();
/// scores.fill(&sequence, Strand::Forward, &mut found);
/// let two = 2_f32.ln();
/// assert_eq!(found, [2.0 * two, f32::NEG_INFINITY, f32::NEG_INFINITY, -two]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PositionScores {
    width: usize,
    forward: Vec<Table>,
    reverse: Vec<Table>,
}

/// The sum of log-odds of each k-mer at one offset in the motif.
#[derive(Clone, Debug)]
struct Table {
    offset: usize,
    sums: Box<[f32; KMERS]>,
}

impl PositionScores {
    /// Prepares a motif.
    pub fn new(matrix: &LogOddsMatrix) -> Self {
        let tables = |rows: &[[f64; 4]]| {
            let offsets = (0..rows.len()).step_by(LENGTH);
            offsets.map(|offset| Table { offset, sums: sums(&rows[offset..]) }).collect()
        };
        Self {
            width: matrix.width(),
            forward: tables(matrix.rows()),
            reverse: tables(matrix.reverse_complement().rows()),
        }
    }

    /// Returns the width of the motif.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Replaces `scores` by the motif's score at each of the `length - width + 1` starts in a sequence. A site with an
    /// unknown base scores minus infinity.
    pub fn fill(&self, sequence: &SequenceKmers, strand: Strand, scores: &mut Vec<f32>) {
        let starts = (sequence.kmers.len() + 1).saturating_sub(self.width);
        scores.clear();
        scores.resize(starts, 0.0);
        let tables = if strand == Strand::Forward { &self.forward } else { &self.reverse };
        for table in tables {
            for (score, &kmer) in scores.iter_mut().zip(sequence.kmers.iter().skip(table.offset)) {
                *score += table.sums[usize::from(kmer) % KMERS];
            }
        }
        for &at in &sequence.unknown {
            let first = (at + 1).saturating_sub(self.width);
            scores[first.min(starts)..(at + 1).min(starts)].fill(f32::NEG_INFINITY);
        }
    }
}

/// Returns the sum of each k-mer's log-odds in the first rows.
fn sums(rows: &[[f64; 4]]) -> Box<[f32; KMERS]> {
    let sum = |kmer: usize| {
        let log_odds = |(i, row): (usize, &[f64; 4])| row[kmer >> (2 * i) & 3];
        rows.iter().take(LENGTH).enumerate().map(log_odds).sum::<f64>() as f32
    };
    Box::new(std::array::from_fn(sum))
}

/// A sequence as overlapping k-mers, on which many motifs are scored.
///
/// See [`PositionScores`] for an example.
#[derive(Clone, Debug, Default)]
pub struct SequenceKmers {
    /// The k-mer at each position, its first base in the lowest bits; A for unknown bases and past the end.
    kmers: Vec<u16>,
    /// The positions of unknown bases.
    unknown: Vec<usize>,
}

impl SequenceKmers {
    /// Takes base codes, where 4 and above are unknown.
    pub fn new(codes: &[u8]) -> Self {
        let mut kmers = vec![0_u16; codes.len()];
        let mut kmer = 0;
        for (place, &code) in kmers.iter_mut().zip(codes).rev() {
            let known = if code < base::N { u16::from(code) } else { 0 };
            kmer = (kmer << 2 | known) % KMERS as u16;
            *place = kmer;
        }
        let unknown = (0..codes.len()).filter(|&at| codes[at] >= base::N).collect();
        Self { kmers, unknown }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::motif::Background;

    proptest! {
        #[test]
        fn scores_are_sums_of_log_odds(
            rows in proptest::collection::vec(proptest::array::uniform4(-9.0_f64..3.0), 1..23),
            codes in proptest::collection::vec(prop_oneof![20 => 0_u8..4, 1 => Just(4_u8)], 0..70),
        ) {
            let matrix = LogOddsMatrix::from_log_odds(rows, Background::UNIFORM);
            let scores = PositionScores::new(&matrix);
            let sequence = SequenceKmers::new(&codes);
            let mut found = vec![9.0; 3];
            for (strand, matrix) in [(Strand::Forward, &matrix), (Strand::Reverse, &matrix.reverse_complement())] {
                scores.fill(&sequence, strand, &mut found);
                let sites: Vec<&[u8]> = codes.windows(matrix.width()).collect();
                prop_assert_eq!(found.len(), sites.len());
                for (&found, site) in found.iter().zip(sites) {
                    let log_odds = |(row, &code): (&[f64; 4], &u8)| row.get(usize::from(code)).copied();
                    let sum: Option<f64> = matrix.rows().iter().zip(site).map(log_odds).sum();
                    match sum {
                        None => prop_assert_eq!(found, f32::NEG_INFINITY),
                        Some(sum) => {
                            prop_assert!((f64::from(found) - sum).abs() <= 1e-6 * (1.0 + sum.abs()), "{found} {sum}");
                        }
                    }
                }
            }
        }
    }
}
