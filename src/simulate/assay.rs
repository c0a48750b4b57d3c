//! The assays: which factor is labelled in which cell type.

use rand::{Rng, seq::SliceRandom};

use super::SimulationConfig;

/// Draws the assayed cell types of each factor, in ascending order. A share of the pairs is missing, but every factor
/// has a cell type.
pub(super) fn draw(config: &SimulationConfig, random: &mut impl Rng) -> Vec<Vec<usize>> {
    let factors = config.factors.list().len();
    let mut cells: Vec<Vec<usize>> = vec![(0..config.cells).collect(); factors];
    let mut pairs: Vec<_> = (0..factors * config.cells).map(|i| (i / config.cells, i % config.cells)).collect();
    let mut missing = (pairs.len() as f64 * config.missing).round() as usize;
    pairs.shuffle(random);
    for (factor, cell) in pairs {
        if missing > 0 && cells[factor].len() > 1 {
            cells[factor].retain(|other| *other != cell);
            missing -= 1;
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn the_share_is_missing_and_each_factor_keeps_a_cell_type() {
        for (missing, expected) in [(0.0, 36), (0.35, 23), (0.9, 12)] {
            let config = SimulationConfig { missing, ..SimulationConfig::default() };
            let assays = draw(&config, &mut stream(&[1]));
            assert_eq!(assays.iter().map(Vec::len).sum::<usize>(), expected);
            assert!(assays.iter().all(|cells| !cells.is_empty()));
        }
    }
}
