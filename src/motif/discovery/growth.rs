//! From a seed to a motif.

use super::{
    composition::Composition,
    region::{Region, Window},
    seed::Seed,
    word::{Layout, WIDTH},
};
use crate::{
    genome::base,
    motif::{Background, CountMatrix, ProbabilityMatrix},
};

/// Rounds of expectation maximisation.
const ROUNDS: usize = 4;
/// The bases of each position that are added to those of the sites, in the regions' composition.
const PRIOR: f64 = 4.0;
/// The least and the largest share of regions with a site.
const SHARES: [f64; 2] = [0.001, 0.95];

/// A motif that grew from a seed.
#[derive(Clone, Debug)]
pub(super) struct Grown {
    pub(super) matrix: ProbabilityMatrix,
    /// The expected number of regions with a site.
    pub(super) sites: f64,
    /// The log-likelihood ratio (times 2) of a site in more regions than controls.
    pub(super) score: f64,
}

impl Grown {
    /// Grows a motif: each region has one site or none, among the words similar to the seed. Each region's site is
    /// judged by those of all other regions.
    pub(super) fn new(seed: &Seed, regions: &[Region], controls: &[Region], composition: &Composition) -> Self {
        let similar = seed.layout.similar(seed.word);
        let bases = composition.bases();
        let mut places: Vec<Places> = regions.iter().map(|region| Places::new(seed, &similar, region)).collect();
        let mut counts = Counts::new(&places, bases);
        for _ in 0..ROUNDS {
            let share = (sites(&places) / places.len() as f64).clamp(SHARES[0], SHARES[1]);
            for place in &mut places {
                place.weigh(&counts.odds(place), share);
            }
            counts = Counts::new(&places, bases);
        }
        let best = |place: &Places| counts.odds(place).into_iter().fold(0.0, f64::max);
        let own: Vec<f64> = places.iter().map(best).collect();
        let without_sites = |region| best(&Places::new(seed, &similar, region).without_sites());
        let other: Vec<f64> = controls.iter().map(without_sites).collect();
        Self { matrix: counts.matrix(seed.layout), sites: sites(&places), score: score(&own, &other) }
    }
}

/// The places of one region that resemble a seed.
struct Places {
    windows: Vec<Window>,
    /// The probability that a window is the region's site.
    weights: Vec<f64>,
    /// The number of all places in the region.
    count: f64,
}

impl Places {
    /// The places whose words are similar to the seed; those of the seed itself are sites.
    fn new(seed: &Seed, similar: &[bool], region: &Region) -> Self {
        let (mut windows, mut weights) = (Vec::new(), Vec::new());
        seed.layout.each(&region.halves, |start, forward, reverse| {
            for (found, is_reverse) in [(forward, false), (reverse, true)] {
                if similar[usize::from(found)] {
                    windows.push(region.window(seed.layout, start, is_reverse));
                    weights.push(f64::from(u8::from(found == seed.word)));
                }
            }
        });
        Self { windows, weights, count: region.places(seed.layout) as f64 }
    }

    fn without_sites(mut self) -> Self {
        self.weights.fill(0.0);
        self
    }

    /// Sets the weights from the odds, where a share of the regions has a site.
    fn weigh(&mut self, odds: &[f64], share: f64) {
        let each = share / self.count;
        let total = 1.0 - share + each * odds.iter().sum::<f64>();
        self.weights = odds.iter().map(|odds| each * odds / total).collect();
    }
}

/// The expected number of regions with a site.
fn sites(places: &[Places]) -> f64 {
    places.iter().map(|place| place.weights.iter().sum::<f64>().min(1.0)).sum()
}

/// The base counts of all sites.
#[derive(Clone)]
struct Counts {
    rows: [[f64; 4]; WIDTH],
    /// The composition of the regions.
    bases: [f64; 4],
}

impl Counts {
    fn new(places: &[Places], bases: [f64; 4]) -> Self {
        let mut counts = Self { rows: [bases.map(|share| PRIOR * share); WIDTH], bases };
        for place in places {
            counts.add(place, 1.0);
        }
        counts
    }

    fn add(&mut self, place: &Places, factor: f64) {
        for (window, weight) in place.windows.iter().zip(&place.weights) {
            for (row, &code) in self.rows.iter_mut().zip(window).filter(|(_, code)| **code < base::N) {
                row[usize::from(code)] += factor * weight;
            }
        }
    }

    /// How much likelier each window of a region is a site than not, by the sites of all other regions.
    fn odds(&self, place: &Places) -> Vec<f64> {
        if place.windows.is_empty() {
            return Vec::new();
        }
        let mut others = self.clone();
        others.add(place, -1.0);
        for row in &mut others.rows {
            let total: f64 = row.iter().sum();
            row.iter_mut().zip(self.bases).for_each(|(count, share)| *count /= total * share);
        }
        let odds = |window: &Window| {
            let known = others.rows.iter().zip(window).filter(|(_, code)| **code < base::N);
            known.map(|(row, &code)| row[usize::from(code)]).product()
        };
        place.windows.iter().map(odds).collect()
    }

    fn matrix(&self, layout: Layout) -> ProbabilityMatrix {
        let rows = self.rows[..layout.span() + 2 * layout.flank()].to_vec();
        let matrix = CountMatrix::new(rows).and_then(|counts| counts.to_probabilities(&Background::UNIFORM, 0.0));
        matrix.expect("each count is above 0")
    }
}

/// The log-likelihood ratio (times 2) of a site in more regions than controls, at the odds where it is largest.
fn score(regions: &[f64], controls: &[f64]) -> f64 {
    let mut odds: Vec<(f64, usize)> = regions.iter().map(|&odds| (odds, 0)).collect();
    odds.extend(controls.iter().map(|&odds| (odds, 1)));
    odds.retain(|(odds, _)| *odds > 1.0);
    odds.sort_by(|a, b| b.0.total_cmp(&a.0));
    let chance = regions.len() as f64 / (regions.len() + controls.len()).max(1) as f64;
    let (mut found, mut best) = ([0.0, 0.0], 0.0_f64);
    for equal in odds.chunk_by(|a, b| a.0 == b.0) {
        for (_, kind) in equal {
            found[*kind] += 1.0;
        }
        let total = found[0] + found[1];
        let expected = [total * chance, total * (1.0 - chance)];
        let part =
            |kind: usize| if found[kind] > 0.0 { found[kind] * (found[kind] / expected[kind]).ln() } else { 0.0 };
        if found[0] > expected[0] {
            best = best.max(2.0 * (part(0) + part(1)));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_compares_regions_with_twice_as_many_controls() {
        // Of the five best, four are regions, where 5/3 are expected: 4 ln(12/5) + ln(3/10), times 2.
        let found = score(&[9.0, 8.0, 7.0, 5.0], &[6.0, 0.5, 0.9, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let all = 2.0 * (4.0 * (12.0_f64 / 5.0).ln() + (3.0_f64 / 10.0).ln());
        let first = 2.0 * 3.0 * 3.0_f64.ln();
        assert!((found - first.max(all)).abs() < 1e-12, "{found}, {first}, {all}");
        assert_eq!(score(&[0.9, 1.0], &[0.0; 4]), 0.0, "nothing is likelier a site than not");
        assert_eq!(score(&[2.0], &[3.0, 4.0]), 0.0, "and controls do not count");
        assert_eq!(score(&[2.0, 2.0], &[]), 0.0, "without controls nothing is known");
        assert_eq!(score(&[], &[]), 0.0);
    }

    #[test]
    fn equal_odds_count_at_once() {
        let [one, other] = [score(&[5.0, 5.0], &[5.0, 5.0]), score(&[5.0, 5.0], &[4.0, 4.0])];
        assert_eq!(one, 0.0);
        assert!((other - 4.0 * 2.0_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_region_does_not_vouch_for_its_own_site() {
        let window = |code: u8| [code; WIDTH];
        let place = |code: u8| Places { windows: vec![window(code)], weights: vec![1.0], count: 10.0 };
        let places = [place(0), place(0), place(1)];
        let counts = Counts::new(&places, [0.25; 4]);
        // One count of each base above those of the two other regions: 2 of 6 are C's prior and none is C's own.
        let odds = counts.odds(&places[2])[0];
        assert!((odds - (1.0 / 6.0 / 0.25_f64).powi(20)).abs() < 1e-12, "{odds}");
        let odds = counts.odds(&places[0])[0];
        assert!((odds - (2.0 / 6.0 / 0.25_f64).powi(20)).abs() < 1e-9, "{odds}");
        assert_eq!(sites(&places), 3.0);
    }
}
