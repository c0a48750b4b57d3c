//! Sites planted in the sequence.

use rand::{Rng, RngExt};

use super::{SimulationConfig, background::UNKNOWN_END, factor::Factor, landscape::Region, profile::Profile};
use crate::genome::base;

/// The fewest sites of a factor in the accessible regions of a chromosome.
const MIN_SITES: f64 = 8.0;
/// The fraction of the sites of a factor with a partner that have a site of the partner beside them.
const PAIRED: f64 = 0.7;
/// How often a position that is taken is drawn again.
const TRIES: usize = 20;

/// A chromosome under construction.
pub(super) struct Planter<'a> {
    config: &'a SimulationConfig,
    regions: &'a [Region],
    profiles: &'a [Profile],
    /// Base codes.
    pub(super) sequence: Vec<u8>,
    taken: Vec<bool>,
    /// The starts of each factor's sites.
    pub(super) starts: Vec<Vec<usize>>,
}

impl<'a> Planter<'a> {
    /// Starts from a chromosome's background.
    pub(super) fn new(
        config: &'a SimulationConfig,
        regions: &'a [Region],
        profiles: &'a [Profile],
        sequence: Vec<u8>,
    ) -> Self {
        Self {
            config,
            regions,
            profiles,
            taken: vec![false; sequence.len()],
            sequence,
            starts: vec![Vec::new(); config.factors.list().len()],
        }
    }

    /// Plants the sites of every factor, in accessible regions and as decoys in closed chromatin.
    pub(super) fn plant_all(&mut self, random: &mut impl Rng) {
        for (index, factor) in self.config.factors.list().iter().enumerate() {
            let open = self.open_sites(factor);
            for number in 0..open {
                self.plant_open(index, number, random);
            }
            for _ in 0..(open as f64 * self.config.decoys).round() as usize {
                self.plant_decoy(index, random);
            }
        }
        self.starts.iter_mut().for_each(|starts| starts.sort_unstable());
    }

    fn open_sites(&self, factor: &Factor) -> usize {
        let megabases = self.sequence.len() as f64 / 1e6;
        (factor.sites_per_mb * self.config.site_density * megabases).round().max(MIN_SITES) as usize
    }

    /// Plants a site in a region; every second one near the middle of a region that is open in every cell type, if any
    /// is.
    fn plant_open(&mut self, factor: usize, number: usize, random: &mut impl Rng) {
        for _ in 0..TRIES {
            let from = random.random_range(0..self.regions.len());
            let in_turn = (0..self.regions.len()).map(|i| &self.regions[(from + i) % self.regions.len()]);
            let shared = in_turn.take(if number.is_multiple_of(2) { usize::MAX } else { 0 }).find(|r| r.is_shared());
            let (region, tenths) = shared.map_or((&self.regions[from], 7), |region| (region, 3));
            let reach = region.half_width * tenths / 10;
            let start = random.random_range(region.centre - reach..region.centre + reach);
            if self.plant(factor, start, random) {
                return self.plant_partner(factor, start, random);
            }
        }
    }

    fn plant_partner(&mut self, factor: usize, start: usize, random: &mut impl Rng) {
        let Some(partner) = self.config.factors.partner_index(factor) else { return };
        if !random.random_bool(PAIRED) {
            return;
        }
        let gap = random.random_range(3..20);
        let before = start.saturating_sub(gap + self.profiles[partner].width());
        let after = start + self.profiles[factor].width() + gap;
        let starts = if random.random_bool(0.5) { [before, after] } else { [after, before] };
        // Where both positions are taken, the site has no partner.
        let _ = self.plant(partner, starts[0], random) || self.plant(partner, starts[1], random);
    }

    fn plant_decoy(&mut self, factor: usize, random: &mut impl Rng) {
        let width = self.profiles[factor].width();
        let end = self.sequence.len() - UNKNOWN_END - width;
        for _ in 0..TRIES {
            let start = random.random_range(UNKNOWN_END..end);
            let next = self.regions.partition_point(|region| region.centre + region.half_width < start);
            let closed = self.regions.get(next).is_none_or(|r| start + width < r.centre - r.half_width);
            if closed && self.plant(factor, start, random) {
                return;
            }
        }
    }

    /// Writes a drawn site over the background, unless another site is there.
    fn plant(&mut self, factor: usize, start: usize, random: &mut impl Rng) -> bool {
        let range = start..start + self.profiles[factor].width();
        if self.taken.get(range.clone()).is_none_or(|taken| taken.contains(&true)) {
            return false;
        }
        let mut site = self.profiles[factor].draw(random);
        if random.random_bool(0.5) {
            site = site.into_iter().rev().map(base::complement).collect();
        }
        self.sequence[range.clone()].copy_from_slice(&site);
        self.taken[range].fill(true);
        self.starts[factor].push(start);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{background, landscape::Landscape},
        *,
    };
    use crate::random::stream;

    #[test]
    fn planted_sites_are_found_by_a_scan() {
        let config = SimulationConfig::default();
        let mut random = stream(&[1]);
        let landscape = Landscape::draw(&config, &mut random);
        let profiles: Vec<_> = config.factors.list().iter().map(|factor| factor.profile().unwrap()).collect();
        let length = config.lengths()[0];
        let sequence = background::chromosome(length, &mut random);
        let mut planter = Planter::new(&config, landscape.regions(0), &profiles, sequence);
        planter.plant_all(&mut random);
        for ((profile, starts), factor) in profiles.iter().zip(&planter.starts).zip(config.factors.list()) {
            let hits = profile.scan(&planter.sequence, profile.mean_score() - 1e-9);
            let found = |start: usize| hits.iter().any(|hit| hit.start.abs_diff(start) < profile.width());
            assert!(starts.iter().all(|start| found(*start)), "{}", factor.name);
            assert!(starts.len() >= planter.open_sites(factor), "{}: {}", factor.name, starts.len());
        }
    }
}
