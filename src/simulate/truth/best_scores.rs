//! The best possible score of every bin.

use crate::{
    genome::{BinGrid, Interval, Label},
    simulate::{Site, binding::WEAK_PEAKS, peak},
};

/// The scores above 0 of a factor in one cell type, in ascending order of bins.
pub(crate) type BinScores = Vec<(u32, f32)>;

/// Computes the score of every bin in every cell type, from the sites of one factor.
///
/// A site gives a bin the label B with probability b = p x (the share of its possible peaks that cover enough of the
/// bin), and A with a = p x (the share of those that touch it otherwise) + (the weak peaks that touch it). Sites are
/// independent, so P(B) = 1 - prod(1 - b) and P(U) = prod(1 - a - b); the score is P(B) / (P(B) + P(U)).
pub(crate) fn best_scores<'a>(
    sites: impl Iterator<Item = &'a Site>,
    cells: usize,
    grid: &BinGrid,
    lengths: &[usize],
) -> Vec<BinScores> {
    let mut probabilities = vec![vec![BinProbabilities::NONE; grid.len()]; cells];
    for site in sites {
        for (bin, shares) in shares(site, grid, lengths[site.chromosome]) {
            for (probabilities, in_cell) in probabilities.iter_mut().zip(&site.cells) {
                probabilities[bin].add(in_cell.probability, shares);
            }
        }
    }
    probabilities.iter().map(|probabilities| sparse(probabilities)).collect()
}

/// The shares of a site's possible peaks that make a bin bound, and of those that touch it otherwise.
#[derive(Clone, Copy, Default)]
struct Shares {
    bound: f64,
    touching: f64,
}

/// The probabilities of a bin's labels: products over sites.
#[derive(Clone, Copy)]
struct BinProbabilities {
    not_bound: f64,
    unbound: f64,
}

impl BinProbabilities {
    const NONE: Self = Self { not_bound: 1.0, unbound: 1.0 };

    fn add(&mut self, probability: f64, shares: Shares) {
        let any = (shares.bound + shares.touching) * (1.0 + WEAK_PEAKS);
        self.not_bound *= 1.0 - probability * shares.bound;
        self.unbound *= 1.0 - probability * any;
    }

    fn score(self) -> f32 {
        let bound = 1.0 - self.not_bound;
        ((bound / (bound + self.unbound) * 1e4).round() / 1e4) as f32
    }
}

fn sparse(probabilities: &[BinProbabilities]) -> BinScores {
    let scores = probabilities.iter().enumerate().map(|(bin, labels)| (bin as u32, labels.score()));
    scores.filter(|(_, score)| *score > 0.0).collect()
}

fn shares(site: &Site, grid: &BinGrid, length: usize) -> Vec<(usize, Shares)> {
    let peaks = peak::all(site, length);
    let share = 1.0 / peaks.len() as f64;
    let start = peaks.iter().map(|peak| peak.start).min().unwrap_or(0);
    let end = peaks.iter().map(|peak| peak.end).max().unwrap_or(0);
    let all = grid.overlapping(Interval { chromosome: site.chromosome, start, end });
    let mut shares: Vec<_> = all.clone().map(|bin| (bin, Shares::default())).collect();
    for peak in peaks {
        for bin in grid.overlapping(peak) {
            let shares = &mut shares[bin - all.start].1;
            match Label::from_overlap(grid.interval(bin), peak) {
                Label::Bound => shares.bound += share,
                _ => shares.touching += share,
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        genome::{Genome, Labels, PeakSet},
        simulate::{Occupancy, SiteInCell},
    };

    fn site(start: usize, probability: f64) -> Site {
        let cell = SiteInCell { openness: 3.0, probability, occupancy: Occupancy::Free };
        Site {
            factor: 0,
            chromosome: 0,
            start,
            end: start + 10,
            reversed: false,
            score: 9.0,
            planted: true,
            cells: vec![cell],
        }
    }

    fn grid() -> BinGrid {
        let genome = Genome::from_sequences([("chr1", "A".repeat(2_000))]).unwrap();
        BinGrid::new(&genome, 200, 50).unwrap()
    }

    #[test]
    fn shares_are_counts_of_the_labels_that_peaks_give() {
        let (grid, site) = (grid(), site(1_003, 0.5));
        let peaks = peak::all(&site, 2_000);
        let mut counts = vec![[0.0; 4]; grid.len()];
        for peak in &peaks {
            let labels = Labels::from_peaks(&grid, &PeakSet::from_intervals(vec![*peak]), None);
            (0..grid.len()).for_each(|bin| counts[bin][labels.get(bin) as usize] += 1.0 / peaks.len() as f64);
        }
        for (bin, shares) in shares(&site, &grid, 2_000) {
            assert!((shares.bound - counts[bin][Label::Bound as usize]).abs() < 1e-12, "{bin}");
            assert!((shares.touching - counts[bin][Label::Ambiguous as usize]).abs() < 1e-12, "{bin}");
        }
    }

    #[test]
    fn a_bin_that_every_peak_covers_has_the_odds_of_bound_to_free() {
        let scores = best_scores([site(995, 0.6)].iter(), 1, &grid(), &[2_000]);
        let best = scores[0].iter().map(|(_, score)| *score).fold(0.0, f32::max);
        // 0.6 bound, 0.06 ambiguous, 0.34 unbound
        assert_eq!(best, (0.6_f32 / 0.94 * 1e4).round() / 1e4);
    }

    #[test]
    fn two_sites_make_a_bin_more_likely_bound_than_one() {
        let best = |sites: &[Site]| {
            let scores = best_scores(sites.iter(), 1, &grid(), &[2_000]);
            scores[0].iter().map(|(_, score)| *score).fold(0.0, f32::max)
        };
        // Both free: 0.45^2. One bound or both: 1 - 0.5^2.
        let expected = 0.75 / (0.75 + 0.45 * 0.45);
        assert!((f64::from(best(&[site(995, 0.5), site(995, 0.5)])) - expected).abs() < 1e-4);
        assert!(best(&[site(995, 0.5)]) < 0.6);
    }
}
