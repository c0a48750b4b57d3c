//! Binding profiles made from consensus sequences.

use std::collections::BTreeMap;

use rand::Rng;

use super::background::{BASE_FREQUENCIES, draw_base};
use crate::{
    Result,
    motif::{Background, CountMatrix, LogOddsMatrix, ProbabilityMatrix},
};

/// The number of sites behind a profile.
pub(super) const SITES: f64 = 100.0;

/// The probability of each base at each position of a site, and the log-odds that follow from it.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    /// What a site is drawn from.
    pub(super) probabilities: ProbabilityMatrix,
    forward: Strand,
    reverse: Strand,
}

impl Profile {
    /// Reads a consensus of IUPAC letters: capitals are strong positions, small letters weak ones.
    pub(super) fn from_consensus(consensus: &str) -> Result<Self> {
        let background = Background::new(BASE_FREQUENCIES)?;
        let counts = CountMatrix::new(consensus.bytes().map(counts).collect())?;
        let probabilities = counts.to_probabilities(&background, 0.0)?;
        let log_odds = probabilities.to_log_odds(&background, 0.0)?;
        let reverse = Strand::new(log_odds.reverse_complement());
        Ok(Self { probabilities, forward: Strand::new(log_odds), reverse })
    }

    /// Returns the number of positions.
    pub(super) fn width(&self) -> usize {
        self.probabilities.width()
    }

    /// Returns the mean score, in nats, of sites drawn from the profile.
    pub(super) fn mean_score(&self) -> f64 {
        let rows = self.probabilities.rows().iter().zip(self.forward.log_odds.rows());
        rows.map(|(p, score)| (0..4).map(|base| p[base] * score[base]).sum::<f64>()).sum()
    }

    /// Finds the positions of a sequence that score at least `threshold` on either strand, the best of any that
    /// overlap.
    pub(super) fn scan(&self, sequence: &[u8], threshold: f64) -> Vec<Hit> {
        let hits = sequence.windows(self.width()).enumerate().filter_map(|(start, window)| {
            let forward = self.forward.score(window, threshold);
            let reverse = self.reverse.score(window, forward.unwrap_or(threshold));
            let reversed = reverse > forward;
            let score = if reversed { reverse } else { forward };
            score.map(|score| Hit { start, reversed, score })
        });
        without_overlaps(hits.collect(), self.width())
    }

    /// Draws a site that scores at least the mean, as base codes.
    pub(super) fn draw(&self, random: &mut impl Rng) -> Vec<u8> {
        let least = self.mean_score();
        loop {
            let site: Vec<u8> = self.probabilities.rows().iter().map(|row| draw_base(row, random)).collect();
            if self.forward.score(&site, least).is_some() {
                return site;
            }
        }
    }
}

/// The log-odds of one strand.
#[derive(Clone, Debug)]
struct Strand {
    log_odds: LogOddsMatrix,
    /// The most that the positions from each one to the end can add.
    best_rest: Vec<f64>,
}

impl Strand {
    fn new(log_odds: LogOddsMatrix) -> Self {
        let best = |row: &[f64; 4]| row.iter().copied().fold(f64::MIN, f64::max);
        let mut best_rest: Vec<f64> = log_odds.rows().iter().map(best).chain([0.0]).collect();
        for i in (0..log_odds.width()).rev() {
            best_rest[i] += best_rest[i + 1];
        }
        Self { log_odds, best_rest }
    }

    /// Returns the score of base codes, or `None` if it is below the threshold or a base is unknown.
    fn score(&self, bases: &[u8], threshold: f64) -> Option<f64> {
        let mut score = 0.0;
        for ((row, base), best_rest) in self.log_odds.rows().iter().zip(bases).zip(&self.best_rest[1..]) {
            score += row.get(usize::from(*base))?;
            if score + best_rest < threshold {
                return None;
            }
        }
        Some(score)
    }
}

/// A position that matches a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) reversed: bool,
    /// The log-odds score in nats.
    pub(super) score: f64,
}

/// Keeps the hits that do not overlap a better one; of equals, the first is better.
fn without_overlaps(mut hits: Vec<Hit>, width: usize) -> Vec<Hit> {
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.start.cmp(&b.start)));
    let mut kept = BTreeMap::new();
    for hit in hits {
        let after = (hit.start + 1).saturating_sub(width);
        if kept.range(after..hit.start + width).next().is_none() {
            kept.insert(hit.start, hit);
        }
    }
    kept.into_values().collect()
}

/// Returns how many of the sites have each base at a position.
fn counts(letter: u8) -> [f64; 4] {
    let bases: &[usize] = match letter.to_ascii_uppercase() {
        b'A' => &[0],
        b'C' => &[1],
        b'G' => &[2],
        b'T' => &[3],
        b'R' => &[0, 2],
        b'Y' => &[1, 3],
        b'S' => &[1, 2],
        b'W' => &[0, 3],
        b'K' => &[2, 3],
        b'M' => &[0, 1],
        _ => &[0, 1, 2, 3],
    };
    let other = if letter.is_ascii_uppercase() { 2.0 } else { 10.0 };
    let chosen = (SITES - other * (4 - bases.len()) as f64) / bases.len() as f64;
    std::array::from_fn(|base| if bases.contains(&base) { chosen } else { other })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn every_letter_stands_for_all_sites() {
        for letter in b"ACGTRYSWKMNacgtryswkmn" {
            assert_eq!(counts(*letter).iter().sum::<f64>(), SITES);
        }
    }

    #[test]
    fn a_site_is_found_on_either_strand_with_the_same_score() {
        let profile = Profile::from_consensus("AGATAAGr").unwrap();
        let best = profile.forward.best_rest[0];
        // CC AGATAAGA CC, and its reverse complement
        let forward = profile.scan(&[1, 1, 0, 2, 0, 3, 0, 0, 2, 0, 1, 1], best - 1.0);
        let reverse = profile.scan(&[2, 2, 3, 1, 3, 3, 0, 3, 1, 3, 2, 2], best - 1.0);
        assert_eq!((forward.len(), reverse.len()), (1, 1));
        assert_eq!((forward[0].start, forward[0].reversed), (2, false));
        assert_eq!((reverse[0].start, reverse[0].reversed), (2, true));
        assert!((forward[0].score - reverse[0].score).abs() < 1e-12);
    }

    #[test]
    fn a_tie_between_strands_goes_to_the_forward_one() {
        let hits = Profile::from_consensus("CACGTG").unwrap().scan(&[1, 0, 1, 2, 3, 2], 5.0);
        assert_eq!(hits.iter().map(|hit| hit.reversed).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn a_better_hit_hides_the_ones_that_it_overlaps_and_no_others() {
        let hit = |start, score| Hit { start, reversed: false, score };
        let hits = vec![hit(0, 1.0), hit(6, 2.0), hit(12, 3.0), hit(30, 1.0), hit(31, 1.0)];
        assert_eq!(without_overlaps(hits, 10), [hit(0, 1.0), hit(12, 3.0), hit(30, 1.0)]);
    }

    #[test]
    fn nothing_matches_at_an_unknown_base() {
        assert!(Profile::from_consensus("CACGTG").unwrap().scan(&[1, 0, 4, 2, 3, 2, 4], -100.0).is_empty());
    }

    #[test]
    fn drawn_sites_score_at_least_the_mean() {
        let profile = Profile::from_consensus("tgrCCAsyAGrkGGCrsyr").unwrap();
        let mut random = stream(&[3]);
        for _ in 0..50 {
            let site = profile.draw(&mut random);
            assert!(profile.forward.score(&site, f64::MIN).unwrap() >= profile.mean_score());
        }
    }
}
