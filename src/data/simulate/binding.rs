//! Which sites are bound in which cell type.

use rand::{Rng, RngExt};

use super::{
    Occupancy, Site, SiteInCell,
    factor::{Factor, FactorSet, Partner},
    landscape::Landscape,
    profile::{Hit, Profile},
};

/// The occupancy of a perfect site in wide open chromatin.
const MOST: f64 = 0.8;
/// A weak peak is this much as likely as a peak.
pub(super) const WEAK: f64 = 0.1;
/// Lower probabilities count as 0.
const LEAST: f64 = 0.02;
/// The steepness of the occupancy over the score, per nat.
const SCORE_SLOPE: f64 = 1.0;
/// The steepness of the occupancy over the openness, per doubling of the signal.
const OPENNESS_SLOPE: f64 = 2.0;
/// Half of the sites are bound where the score is this much under the profile's mean.
const UNDER_MEAN: f64 = 1.0;
/// What a site has to score more where a partner is missing that helps, or there that hinders, and may score less elsewhere.
const WITHOUT_HELP: f64 = 4.0;
const WITH_HELP: f64 = -1.0;
/// The farthest centre of a partner's site that matters.
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
    /// Returns the sites of every factor: those planted, and those that arose by chance and may be bound somewhere.
    pub(super) fn bind_all(&self, random: &mut impl Rng) -> Vec<Site> {
        let mut by_factor: Vec<Vec<Site>> = Vec::new();
        for (index, factor) in self.factors.list().iter().enumerate() {
            let partners = factor.partner.and_then(|partner| self.factors.index_of(partner.name()));
            let partners = partners.map(|partner| by_factor[partner].as_slice());
            let profile = &self.profiles[index];
            let half = profile.mean_score() - UNDER_MEAN;
            let least = half + (LEAST / (1.0 - LEAST)).ln() / SCORE_SLOPE + WITH_HELP.min(0.0);
            let hits = profile.scan(self.sequence, least);
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
        let excess = hit.score - profile.mean_score() + UNDER_MEAN;
        let cells: Vec<_> = (0..self.cells)
            .map(|cell| {
                let openness = self.landscape.openness(cell, self.chromosome, centre);
                let chance = Chance::new(factor, excess, openness, neighbours, cell);
                let (probability, occupancy) = chance.flip(random);
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

/// The chances of a site in one cell type.
struct Chance {
    /// Before the partners' coins are flipped.
    before: f64,
    /// Given how the partners' coins fell.
    after: f64,
}

impl Chance {
    fn new(factor: &Factor, excess: f64, openness: f64, partners: Option<&[Site]>, cell: usize) -> Self {
        let access = MOST * logistic(OPENNESS_SLOPE * (openness - factor.half_openness));
        let given = |shift: f64| access * logistic(SCORE_SLOPE * (excess - shift));
        let Some(partners) = partners else {
            let alone = given(0.0);
            return Self { before: alone, after: alone };
        };
        let none: f64 = partners.iter().map(|site| 1.0 - site.cells[cell].probability).product();
        let bound = partners.iter().any(|site| site.cells[cell].occupancy == Occupancy::Bound);
        let (worse, better) = (given(WITHOUT_HELP), given(WITH_HELP));
        let hinders = matches!(factor.partner, Some(Partner::Hinders(_)));
        let (without, with) = if hinders { (better, worse) } else { (worse, better) };
        Self { before: none * without + (1.0 - none) * with, after: if bound { with } else { without } }
    }

    /// Returns the probability as it is known before, and how the coin fell.
    fn flip(&self, random: &mut impl Rng) -> (f64, Occupancy) {
        let coin = random.random::<f64>();
        let probability = rounded(self.before);
        let occupancy = if probability < LEAST {
            return (0.0, Occupancy::Free);
        } else if coin < self.after {
            Occupancy::Bound
        } else if coin < self.after * (1.0 + WEAK) {
            Occupancy::Weak
        } else {
            Occupancy::Free
        };
        (probability, occupancy)
    }
}

/// Returns the sites, ordered by place, whose centre is near enough to matter.
fn near(sites: &[Site], centre: usize) -> &[Site] {
    let from = sites.partition_point(|site| site.centre() + PARTNER_BP < centre);
    let to = sites.partition_point(|site| site.centre() <= centre + PARTNER_BP);
    &sites[from..to]
}

/// Rounds to what a file holds, so that what is read back is equal.
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

    fn chance(name: &str, excess: f64, openness: f64, partners: Option<&[Site]>) -> Chance {
        chance_in(FactorSet::Mixed, name, excess, openness, partners)
    }

    fn chance_in(set: FactorSet, name: &str, excess: f64, openness: f64, partners: Option<&[Site]>) -> Chance {
        Chance::new(&set.list()[set.index_of(name).unwrap()], excess, openness, partners, 0)
    }

    #[test]
    fn of_two_factors_with_one_motif_a_neighbour_helps_one_and_hinders_the_other() {
        let after =
            |name, occupancy| chance_in(FactorSet::Conflicting, name, 1.0, 3.0, Some(&[partner(0.5, occupancy)])).after;
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
        let before = |excess, openness| chance("GABPA", excess, openness, None).before;
        assert!((before(0.0, 2.0) - MOST / 4.0).abs() < 1e-12);
        assert!(before(1.0, 2.0) > before(0.0, 2.0) && before(0.0, 3.0) > before(0.0, 2.0));
        assert!(before(9.0, 0.0) < LEAST, "closed chromatin is not bound");
    }

    #[test]
    fn a_bound_partner_helps_and_its_coin_is_not_known_before() {
        let bound = chance("TAL1", 1.0, 3.0, Some(&[partner(0.5, Occupancy::Bound)]));
        let free = chance("TAL1", 1.0, 3.0, Some(&[partner(0.5, Occupancy::Free)]));
        assert!(bound.after > 5.0 * free.after);
        assert_eq!(bound.before, free.before);
        assert!((bound.before - f64::midpoint(bound.after, free.after)).abs() < 1e-12);
        assert_eq!(chance("TAL1", 1.0, 3.0, Some(&[])).before, free.after);
    }

    #[test]
    fn coins_fall_as_often_as_they_should() {
        let mut random = stream(&[1]);
        let chance = Chance { before: 0.5, after: 0.4 };
        let coins: Vec<_> = (0..20_000).map(|_| chance.flip(&mut random)).collect();
        let share = |wanted| coins.iter().filter(|coin| **coin == (0.5, wanted)).count() as f64 / 2e4;
        assert!((share(Occupancy::Bound) - 0.4).abs() < 0.01);
        assert!((share(Occupancy::Weak) - 0.04).abs() < 0.005);
        let unlikely = Chance { before: LEAST / 2.0, after: 1.0 };
        assert_eq!(unlikely.flip(&mut random), (0.0, Occupancy::Free));
    }

    #[test]
    fn partners_are_near_by_their_centres() {
        let at = |start| Site { start, end: start + 10, ..partner(0.5, Occupancy::Free) };
        let sites = [at(54), at(55), at(95), at(135), at(136)];
        assert_eq!(near(&sites, 100), &sites[1..4]);
    }
}
