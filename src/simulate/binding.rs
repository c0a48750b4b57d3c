//! Which sites are bound in which cell type.

use rand::{Rng, RngExt};

use super::{
    Occupancy, Site, SiteInCell,
    factor::{Factor, FactorSet, Partner},
    landscape::Landscape,
    profile::{Hit, Profile},
};

/// The probability that a perfect site in wide open chromatin is bound.
const MAX_PROBABILITY: f64 = 0.8;
/// The number of weak peaks for each peak.
pub(super) const WEAK_PEAKS: f64 = 0.1;
/// Lower probabilities count as 0.
const MIN_PROBABILITY: f64 = 0.02;
/// The slope of the log-odds of binding over the score, per nat.
const SCORE_SLOPE: f64 = 1.0;
/// The slope of the log-odds of binding over the openness, per doubling of the signal.
const OPENNESS_SLOPE: f64 = 2.0;
/// Half of the sites are bound where the score is this far below the profile's mean.
const BELOW_MEAN: f64 = 1.0;
/// Added to the score that a site needs, in nats, where a helping partner is absent or a hindering one is bound.
const UNFAVORABLE_SHIFT: f64 = 4.0;
/// The same in the opposite case.
const FAVORABLE_SHIFT: f64 = -1.0;
/// The largest distance between the centres of a site and its partner's.
const PARTNER_BP: usize = 40;

/// Finds and binds sites on one chromosome.
pub(super) struct Binder<'a> {
    pub(super) chromosome: usize,
    pub(super) sequence: &'a [u8],
    pub(super) landscape: &'a Landscape,
    pub(super) cells: usize,
    pub(super) factors: FactorSet,
    /// The starts of each factor's planted sites, in order.
    pub(super) planted: &'a [Vec<usize>],
    pub(super) profiles: &'a [Profile],
}

impl Binder<'_> {
    /// Returns the sites of every factor: those planted, and those that arose by chance and can be bound somewhere.
    pub(super) fn bind_all(&self, random: &mut impl Rng) -> Vec<Site> {
        let mut by_factor: Vec<Vec<Site>> = Vec::new();
        for (index, profile) in self.profiles.iter().enumerate() {
            let partners = self.factors.partner_index(index).map(|partner| by_factor[partner].as_slice());
            let half = profile.mean_score() - BELOW_MEAN;
            let min_log_odds = (MIN_PROBABILITY / (1.0 - MIN_PROBABILITY)).ln();
            let hits = profile.scan(self.sequence, half + min_log_odds / SCORE_SLOPE + FAVORABLE_SHIFT.min(0.0));
            let sites = hits.into_iter().filter_map(|hit| self.bind(index, hit, partners, random));
            by_factor.push(sites.collect());
        }
        by_factor.into_iter().flatten().collect()
    }

    fn bind(&self, index: usize, hit: Hit, partners: Option<&[Site]>, random: &mut impl Rng) -> Option<Site> {
        let (factor, profile) = (&self.factors.list()[index], &self.profiles[index]);
        let (start, end) = (hit.start, hit.start + profile.width());
        let centre = usize::midpoint(start, end);
        let neighbours = partners.map(|sites| near(sites, centre));
        let excess = hit.score - profile.mean_score() + BELOW_MEAN;
        let cells: Vec<_> = (0..self.cells)
            .map(|cell| {
                let openness = self.landscape.openness(cell, self.chromosome, centre);
                let chance = BindingProbability::new(factor, excess, openness, neighbours, cell);
                let (probability, occupancy) = chance.draw(random);
                SiteInCell { openness: rounded(openness), probability, occupancy }
            })
            .collect();
        let starts = &self.planted[index];
        let next = starts.partition_point(|planted| planted + profile.width() <= start);
        let planted = starts.get(next).is_some_and(|planted| *planted < end);
        let site = Site {
            factor: index,
            chromosome: self.chromosome,
            start,
            end,
            reversed: hit.reversed,
            score: rounded(hit.score),
            planted,
            cells,
        };
        (planted || site.cells.iter().any(|cell| cell.probability > 0.0)).then_some(site)
    }
}

/// The probability that a site is bound in one cell type.
struct BindingProbability {
    /// Over all outcomes of the partners.
    marginal: f64,
    /// Given which partners are bound.
    conditional: f64,
}

impl BindingProbability {
    fn new(factor: &Factor, excess: f64, openness: f64, partners: Option<&[Site]>, cell: usize) -> Self {
        let access = MAX_PROBABILITY * logistic(OPENNESS_SLOPE * (openness - factor.half_openness));
        let given = |shift: f64| access * logistic(SCORE_SLOPE * (excess - shift));
        let Some(partners) = partners else {
            let alone = given(0.0);
            return Self { marginal: alone, conditional: alone };
        };
        let none: f64 = partners.iter().map(|site| 1.0 - site.cells[cell].probability).product();
        let bound = partners.iter().any(|site| site.cells[cell].occupancy == Occupancy::Bound);
        let (worse, better) = (given(UNFAVORABLE_SHIFT), given(FAVORABLE_SHIFT));
        let hinders = matches!(factor.partner, Some(Partner::Hinders(_)));
        let (without, with) = if hinders { (better, worse) } else { (worse, better) };
        Self { marginal: none * without + (1.0 - none) * with, conditional: if bound { with } else { without } }
    }

    /// Returns the marginal probability, and a drawn occupancy.
    fn draw(&self, random: &mut impl Rng) -> (f64, Occupancy) {
        let coin = random.random::<f64>();
        let probability = rounded(self.marginal);
        let occupancy = if probability < MIN_PROBABILITY {
            return (0.0, Occupancy::Free);
        } else if coin < self.conditional {
            Occupancy::Bound
        } else if coin < self.conditional * (1.0 + WEAK_PEAKS) {
            Occupancy::Weak
        } else {
            Occupancy::Free
        };
        (probability, occupancy)
    }
}

/// Returns those of some ordered sites whose centre is within [`PARTNER_BP`].
fn near(sites: &[Site], centre: usize) -> &[Site] {
    let from = sites.partition_point(|site| site.centre() + PARTNER_BP < centre);
    let to = sites.partition_point(|site| site.centre() <= centre + PARTNER_BP);
    &sites[from..to]
}

/// Rounds to the precision of the files, so that what is read back is equal.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn chance(name: &str, excess: f64, openness: f64, partners: Option<&[Site]>) -> BindingProbability {
        chance_in(FactorSet::Mixed, name, excess, openness, partners)
    }

    fn chance_in(
        set: FactorSet,
        name: &str,
        excess: f64,
        openness: f64,
        partners: Option<&[Site]>,
    ) -> BindingProbability {
        BindingProbability::new(&set.list()[set.index_of(name).unwrap()], excess, openness, partners, 0)
    }

    #[test]
    fn of_two_factors_with_one_motif_a_neighbour_helps_one_and_hinders_the_other() {
        let after = |name, occupancy| {
            chance_in(FactorSet::Conflicting, name, 1.0, 3.0, Some(&[partner(0.5, occupancy)])).conditional
        };
        assert!(after("MAX", Occupancy::Bound) > 5.0 * after("MAX", Occupancy::Free));
        assert!(after("MYC", Occupancy::Free) > 5.0 * after("MYC", Occupancy::Bound));
    }

    fn partner(probability: f64, occupancy: Occupancy) -> Site {
        Site {
            factor: 0,
            chromosome: 0,
            start: 100,
            end: 110,
            reversed: false,
            score: 9.0,
            planted: true,
            cells: vec![SiteInCell { openness: 3.0, probability, occupancy }],
        }
    }

    #[test]
    fn binding_rises_with_score_and_openness() {
        let probability = |excess, openness| chance("GABPA", excess, openness, None).marginal;
        assert!((probability(0.0, 2.0) - MAX_PROBABILITY / 4.0).abs() < 1e-12);
        assert!(probability(1.0, 2.0) > probability(0.0, 2.0) && probability(0.0, 3.0) > probability(0.0, 2.0));
        assert!(probability(9.0, 0.0) < MIN_PROBABILITY, "closed chromatin is not bound");
    }

    #[test]
    fn a_bound_partner_helps_and_the_marginal_probability_averages_over_it() {
        let bound = chance("TAL1", 1.0, 3.0, Some(&[partner(0.5, Occupancy::Bound)]));
        let free = chance("TAL1", 1.0, 3.0, Some(&[partner(0.5, Occupancy::Free)]));
        assert!(bound.conditional > 5.0 * free.conditional);
        assert_eq!(bound.marginal, free.marginal);
        assert!((bound.marginal - f64::midpoint(bound.conditional, free.conditional)).abs() < 1e-12);
        assert_eq!(chance("TAL1", 1.0, 3.0, Some(&[])).marginal, free.conditional);
    }

    #[test]
    fn occupancies_are_drawn_with_their_probabilities() {
        let mut random = stream(&[1]);
        let chance = BindingProbability { marginal: 0.5, conditional: 0.4 };
        let drawn: Vec<_> = (0..20_000).map(|_| chance.draw(&mut random)).collect();
        let share = |wanted| drawn.iter().filter(|drawn| **drawn == (0.5, wanted)).count() as f64 / 2e4;
        assert!((share(Occupancy::Bound) - 0.4).abs() < 0.01);
        assert!((share(Occupancy::Weak) - 0.04).abs() < 0.005);
        let unlikely = BindingProbability { marginal: MIN_PROBABILITY / 2.0, conditional: 1.0 };
        assert_eq!(unlikely.draw(&mut random), (0.0, Occupancy::Free));
    }

    #[test]
    fn partners_are_near_by_their_centres() {
        let at = |start| Site { start, end: start + 10, ..partner(0.5, Occupancy::Free) };
        let sites = [at(54), at(55), at(95), at(135), at(136)];
        assert_eq!(near(&sites, 100), &sites[1..4]);
    }
}
