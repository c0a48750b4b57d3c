//! Which factor was measured in which cell type.

use rand::{Rng, seq::SliceRandom};

use super::SimulationConfig;

/// Draws the measured cell types of each factor, by rising index: a share of the pairs is missing, but no factor is
/// without a cell type.
pub(super) fn draw(config: &SimulationConfig, random: &mut impl Rng) -> Vec<Vec<usize>> {
    let factors = config.factors.list().len();
    let mut cells: Vec<Vec<usize>> = vec![(0..config.cells).collect(); factors];
    let mut pairs: Vec<_> = (0..factors * config.cells).map(|i| (i / config.cells, i % config.cells)).collect();
    let missing = (pairs.len() as f64 * config.missing).round() as usize;
    pairs.shuffle(random);
    let mut left = missing;
    for (factor, cell) in pairs {
        if left > 0 && cells[factor].len() > 1 {
            cells[factor].retain(|other| *other != cell);
            left -= 1;
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
            let measured = draw(&config, &mut stream(&[1]));
            assert_eq!(measured.iter().map(Vec::len).sum::<usize>(), expected);
            assert!(measured.iter().all(|cells| !cells.is_empty()));
        }
    }
}
