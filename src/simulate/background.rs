//! The sequence between sites.

use rand::{Rng, RngExt};

/// Probabilities of two neighbouring bases, close to those in the human genome: alike on both strands, CG rare.
const PAIRS: [[f64; 4]; 4] = [
    [0.098, 0.050, 0.070, 0.077],
    [0.073, 0.052, 0.010, 0.070],
    [0.059, 0.043, 0.052, 0.050],
    [0.066, 0.059, 0.073, 0.098],
];

/// The probability of each base that follows from the pairs: 41 % of them are C or G.
pub(super) const BASE_FREQUENCIES: [f64; 4] = [0.2955, 0.2045, 0.2045, 0.2955];

/// Unknown bases at either end of a chromosome, as in a real assembly.
pub(super) const UNKNOWN_END: usize = 500;

/// Draws a chromosome as base codes: a Markov chain of order one between unknown ends.
pub(super) fn chromosome(length: usize, random: &mut impl Rng) -> Vec<u8> {
    let mut sequence = vec![4; length];
    let mut last = draw_base(&BASE_FREQUENCIES, random);
    for base in &mut sequence[UNKNOWN_END..length - UNKNOWN_END] {
        last = draw_base(&PAIRS[usize::from(last)], random);
        *base = last;
    }
    sequence
}

/// Draws a base with probabilities proportional to four weights.
pub(super) fn draw_base(weights: &[f64; 4], random: &mut impl Rng) -> u8 {
    let mut rest = random.random::<f64>() * weights.iter().sum::<f64>();
    for base in 0..3 {
        rest -= weights[usize::from(base)];
        if rest < 0.0 {
            return base;
        }
    }
    3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn base_frequencies_follow_from_the_pairs() {
        let sequence = chromosome(500_000, &mut stream(&[1]));
        for (base, expected) in BASE_FREQUENCIES.iter().enumerate() {
            let count = sequence.iter().filter(|code| usize::from(**code) == base).count();
            assert!((count as f64 / 499_000.0 - expected).abs() < 0.005, "{base}: {count}");
        }
    }

    #[test]
    fn cg_is_rare() {
        let sequence = chromosome(100_000, &mut stream(&[1]));
        let pairs = sequence.windows(2).filter(|pair| pair == &[1, 2]).count();
        assert!((800..1_200).contains(&pairs), "{pairs}");
    }
}
