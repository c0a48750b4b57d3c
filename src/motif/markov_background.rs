//! The frequencies of neighboring bases in a genome.

use super::Background;
use crate::genome::{Genome, base};

/// How often each base follows each other base where nothing binds: a first-order Markov chain.
///
/// The bases of a genome depend on each other: `CG` is rare in mammals, `AA` frequent in yeast. Prefer this background
/// for p-values.
///
/// # Examples
///
/// ```
/// use multitf::{genome::Genome, motif::{Background, MarkovBackground}};
///
/// let genome = Genome::from_sequences([("chr1", "AC".repeat(100))])?;
/// let chain = MarkovBackground::from_genome(&genome);
/// assert!(chain.transitions_from(0)[1] > 0.8, "C follows A");
/// assert!(chain.transitions_from(2)[3] > 0.8, "and on the other strand T follows G");
///
/// let independent = MarkovBackground::from(Background::UNIFORM);
/// assert_eq!(independent.transitions_from(0), [0.25; 4]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarkovBackground {
    initial: [f64; 4],
    transitions: [[f64; 4]; 4],
}

impl MarkovBackground {
    /// Counts pairs of neighboring bases on both strands of a genome, and adds one to each count.
    ///
    /// Pairs with an unknown base are skipped.
    pub fn from_genome(genome: &Genome) -> Self {
        let mut counts = [[1_u64; 4]; 4];
        let mut codes = vec![0; CHUNK + 1];
        for chromosome in 0..genome.len() {
            for start in (0..genome.length(chromosome)).step_by(CHUNK) {
                // Past the end there is N.
                genome.decode(chromosome, start as i64, &mut codes);
                count_pairs(&codes, &mut counts);
            }
        }
        Self::from_pairs(&counts)
    }

    fn from_pairs(pairs: &[[u64; 4]; 4]) -> Self {
        let totals = pairs.map(|row| row.iter().sum::<u64>());
        let all = totals.iter().sum::<u64>() as f64;
        let transitions = std::array::from_fn(|base| pairs[base].map(|count| count as f64 / totals[base] as f64));
        Self { initial: totals.map(|total| total as f64 / all), transitions }
    }

    /// Returns the probabilities of A, C, G and T as the first base.
    pub fn initial(&self) -> [f64; 4] {
        self.initial
    }

    /// Returns the probabilities of A, C, G and T after a base, 0 to 3.
    ///
    /// # Panics
    ///
    /// Panics if there is no such base.
    pub fn transitions_from(&self, base: u8) -> [f64; 4] {
        self.transitions[usize::from(base)]
    }
}

impl From<Background> for MarkovBackground {
    fn from(background: Background) -> Self {
        let frequencies = background.frequencies();
        Self { initial: frequencies, transitions: [frequencies; 4] }
    }
}

/// Bases that are decoded at a time.
const CHUNK: usize = 1 << 16;

fn count_pairs(codes: &[u8], counts: &mut [[u64; 4]; 4]) {
    for pair in codes.windows(2).filter(|pair| pair.iter().all(|&code| code < base::N)) {
        let [one, two] = [usize::from(pair[0]), usize::from(pair[1])];
        counts[one][two] += 1;
        counts[3 - two][3 - one] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_on_both_strands_and_across_chunks() {
        let letters = "ACGTT".repeat(CHUNK / 5 + 7) + "N" + "GG";
        let genome = Genome::from_sequences([("chr1", letters.as_str()), ("chr2", "A")]).unwrap();
        let mut pairs = [[1_u64; 4]; 4];
        for pair in letters.as_bytes().windows(2) {
            let [one, two] = [pair[0], pair[1]].map(|letter| usize::from(base::from_ascii(letter)));
            if one < 4 && two < 4 {
                pairs[one][two] += 1;
                pairs[3 - two][3 - one] += 1;
            }
        }
        assert_eq!(MarkovBackground::from_genome(&genome), MarkovBackground::from_pairs(&pairs));
    }

    #[test]
    fn without_a_known_pair_all_are_as_frequent() {
        let genome = Genome::from_sequences([("chr1", "ANCN")]).unwrap();
        let chain = MarkovBackground::from_genome(&genome);
        assert_eq!(chain, MarkovBackground::from(Background::UNIFORM));
    }

    #[test]
    fn shares_sum_to_one_and_are_the_same_on_both_strands() {
        let genome = Genome::from_sequences([("chr1", "ACCGTATTTAGCGCAT")]).unwrap();
        let chain = MarkovBackground::from_genome(&genome);
        for row in [0, 1, 2, 3].map(|base| chain.transitions_from(base)).iter().chain([&chain.initial()]) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        for (one, two) in (0..4).flat_map(|one| (0..4).map(move |two| (one, two))) {
            let pair =
                |one: u8, two: u8| chain.initial()[usize::from(one)] * chain.transitions_from(one)[usize::from(two)];
            assert!((pair(one, two) - pair(3 - two, 3 - one)).abs() < 1e-12);
        }
    }
}
