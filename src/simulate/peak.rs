//! Peaks around bound sites.

use rand::{Rng, RngExt};

use super::Site;
use crate::genome::Interval;

const HALF_WIDTHS: [usize; 3] = [80, 100, 120];
/// The offset of a peak's centre from [`MAX_SHIFT`] bases before the site's.
const OFFSETS: [usize; 5] = [0, 10, 20, 30, 40];
const MAX_SHIFT: usize = 20;

/// Draws the peak of a site.
pub(super) fn draw(site: &Site, length: usize, random: &mut impl Rng) -> Interval {
    let peaks = all(site, length);
    peaks[random.random_range(0..peaks.len())]
}

/// Returns every peak that a site can have, all equally likely.
pub(super) fn all(site: &Site, length: usize) -> Vec<Interval> {
    let centres = OFFSETS.iter().map(|offset| (site.centre() + offset).saturating_sub(MAX_SHIFT));
    let peak = |centre: usize, half: usize| Interval {
        chromosome: site.chromosome,
        start: centre.saturating_sub(half),
        end: (centre + half).min(length),
    };
    centres.flat_map(|centre| HALF_WIDTHS.map(|half| peak(centre, half))).collect()
}
