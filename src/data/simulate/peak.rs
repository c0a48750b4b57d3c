//! Peaks around bound sites.

use rand::{Rng, RngExt};

use super::Site;
use crate::genome::Interval;

/// How far a peak reaches to either side of its middle.
const HALF_WIDTHS: [usize; 3] = [80, 100, 120];
/// Where the middle of a peak is, counted from [`FARTHEST`] bases before the site's.
const OFFSETS: [usize; 5] = [0, 10, 20, 30, 40];
const FARTHEST: usize = 20;

/// Draws the peak of a site.
pub(super) fn draw(site: &Site, length: usize, random: &mut impl Rng) -> Interval {
    let shapes = shapes(site, length);
    shapes[random.random_range(0..shapes.len())]
}

/// Returns every peak that a site can have, all equally likely.
pub(super) fn shapes(site: &Site, length: usize) -> Vec<Interval> {
    let middles = OFFSETS.iter().map(|offset| (site.centre() + offset).saturating_sub(FARTHEST));
    middles
        .flat_map(|middle| {
            HALF_WIDTHS.map(|half| Interval {
                chromosome: site.chromosome,
                start: middle.saturating_sub(half),
                end: (middle + half).min(length),
            })
        })
        .collect()
}
