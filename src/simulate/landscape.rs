//! Accessible chromatin.

use rand::{Rng, RngExt};

use super::SimulationConfig;

/// The accessible regions.
pub(super) struct Landscape {
    /// By chromosome, in order and without overlaps.
    chromosomes: Vec<Vec<Region>>,
}

/// A region that is open in at least one cell type.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) centre: usize,
    pub(super) half_width: usize,
    /// The openness at the centre in each cell type: log2 of the fold change, 0 where closed.
    heights: Vec<f64>,
}

impl Region {
    const HALF_WIDTHS: std::ops::Range<usize> = 150..400;

    fn draw(slot: std::ops::Range<usize>, config: &SimulationConfig, random: &mut impl Rng) -> Self {
        let half_width = random.random_range(Self::HALF_WIDTHS);
        let centre = random.random_range(slot.start + half_width..slot.end - half_width);
        let shared = random.random_bool(config.shared_regions);
        let certain = random.random_range(0..config.cells);
        let height = random.random_range(1.5..5.0);
        let heights = (0..config.cells)
            .map(|cell| {
                let open = shared || cell == certain || random.random_bool(0.3);
                let own: f64 = height + 0.4 * normal(random);
                if open { own.clamp(1.5, 5.5) } else { 0.0 }
            })
            .collect();
        Self { centre, half_width, heights }
    }

    /// Whether the region is open in every cell type.
    pub(super) fn is_shared(&self) -> bool {
        self.heights.iter().all(|height| *height > 0.0)
    }

    fn openness(&self, cell: usize, position: usize) -> f64 {
        let distance = position.abs_diff(self.centre) as f64 / self.half_width as f64;
        self.heights[cell] * (1.0 - distance * distance).max(0.0)
    }
}

impl Landscape {
    /// Draws the regions of every chromosome, each in a slot of its own.
    pub(super) fn draw(config: &SimulationConfig, random: &mut impl Rng) -> Self {
        let slot = (1e6 / config.regions_per_mb) as usize;
        // The first and the last slot stay empty: they hold the unknown ends.
        let regions = |length: usize, random: &mut _| {
            (1..length / slot - 1).map(|i| Region::draw(i * slot..(i + 1) * slot, config, random)).collect()
        };
        Self { chromosomes: config.lengths().into_iter().map(|length| regions(length, random)).collect() }
    }

    /// Returns the regions of a chromosome.
    pub(super) fn regions(&self, chromosome: usize) -> &[Region] {
        &self.chromosomes[chromosome]
    }

    /// Returns the openness of a position in a cell type: log2 of the fold change without noise.
    pub(super) fn openness(&self, cell: usize, chromosome: usize, position: usize) -> f64 {
        let regions = self.regions(chromosome);
        let next = regions.partition_point(|region| region.centre + region.half_width <= position);
        regions.get(next).map_or(0.0, |region| region.openness(cell, position))
    }

    /// Draws the fold change with noise along a chromosome: a value for each `step` bases.
    pub(super) fn signal(
        &self,
        cell: usize,
        chromosome: usize,
        length: usize,
        step: usize,
        random: &mut impl Rng,
    ) -> Vec<f32> {
        (0..length.div_ceil(step))
            .map(|i| {
                let fold = self.openness(cell, chromosome, (i * step + step / 2).min(length - 1)).exp2();
                let value = (fold - 1.0) * (0.3 * normal(random)).exp() + 0.8 * (0.5 * normal(random)).exp();
                (value * 100.0).round() as f32 / 100.0
            })
            .collect()
    }
}

/// Draws from the standard normal distribution.
fn normal(random: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.random::<f64>()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn regions_are_apart_and_open_somewhere() {
        let config = SimulationConfig { regions_per_mb: 800.0, ..SimulationConfig::default() };
        let landscape = Landscape::draw(&config, &mut stream(&[1]));
        for chromosome in 0..config.chromosomes {
            let regions = landscape.regions(chromosome);
            assert!(regions.windows(2).all(|p| p[0].centre + p[0].half_width <= p[1].centre - p[1].half_width));
            assert!(regions.iter().all(|region| region.heights.iter().any(|height| *height > 0.0)));
        }
        let shared = landscape.regions(0).iter().filter(|region| region.is_shared()).count();
        assert!(shared * 2 > landscape.regions(0).len());
    }

    #[test]
    fn openness_is_highest_in_the_middle_and_none_outside() {
        let config = SimulationConfig { shared_regions: 1.0, ..SimulationConfig::default() };
        let landscape = Landscape::draw(&config, &mut stream(&[1]));
        let region = &landscape.regions(1)[3];
        assert_eq!(landscape.openness(0, 1, region.centre), region.heights[0]);
        assert!(landscape.openness(0, 1, region.centre + 100) < region.heights[0]);
        assert_eq!(landscape.openness(0, 1, region.centre + region.half_width), 0.0);
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut random = stream(&[5]);
        let numbers: Vec<f64> = (0..20_000).map(|_| normal(&mut random)).collect();
        let mean = numbers.iter().sum::<f64>() / 2e4;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
