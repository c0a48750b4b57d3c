//! Quantile normalisation of a signal.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::genome::{Genome, SignalTrack};

/// Knots of a reference for each factor of e by which the share of bases falls.
const KNOTS: f64 = 16.0;
/// A share of 1e-10, less than one base of any genome.
const LAST_KNOT: usize = 368;
/// Values of a track whose log shares differ by less are interpolated between.
const STEP: f64 = 1.0 / 256.0;

/// The heights to which the accessibility of all cell types is normalised: at each share of a genome's known bases the
/// mean, over cell types, of the height that this share of bases has or exceeds.
///
/// # References
///
/// Bolstad et al. 2003, [doi:10.1093/bioinformatics/19.2.185](https://doi.org/10.1093/bioinformatics/19.2.185).
///
/// # Examples
///
/// Two tracks of one experiment in other units:
///
/// ```
/// use multitf::{data::{QuantileMap, SignalReference}, genome::{Genome, SignalTrack}};
///
/// let genome = Genome::from_sequences([("chr1", "ACGTACGT")])?;
/// let track = |unit: f32| {
///     let values = [0.0, 0.0, 5.0, 9.0, 9.0, 0.0, 0.0, 0.0].map(|height: f32| unit * height);
///     SignalTrack::from_values(&genome, &[values])
/// };
/// let (trained, other) = (track(1.0)?, track(30.0)?);
/// let reference = SignalReference::new(&[&trained], &genome);
/// let mut values = [0.0, 150.0, 270.0];
/// QuantileMap::new(&other, &genome, &reference).apply(&mut values);
/// assert_eq!(values, [0.0, 6.0f32.ln(), 10.0f32.ln()]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignalReference {
    /// At shares of exp(-k / [`KNOTS`]), for k = 0, 1, and so on.
    heights: Vec<f32>,
}

impl SignalReference {
    /// Averages tracks of a genome.
    pub fn new(tracks: &[&SignalTrack], genome: &Genome) -> Self {
        let shares: Vec<Vec<Value>> = tracks.par_iter().map(|track| values(track, genome)).collect();
        let mean = |knot: usize| {
            let heights = shares.iter().map(|values| f64::from(height(values, -(knot as f64) / KNOTS)));
            (heights.sum::<f64>() / shares.len().max(1) as f64) as f32
        };
        Self { heights: (0..=LAST_KNOT).map(mean).collect() }
    }

    /// Returns numbers that differ between references, for fingerprints.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.heights.iter().map(|height| u64::from(height.to_bits()))
    }

    /// The height at a share, given by its logarithm.
    fn height(&self, log_share: f64) -> f32 {
        let Some(last) = self.heights.len().checked_sub(1) else { return 0.0 };
        let place = (-log_share * KNOTS).clamp(0.0, last as f64);
        let (below, above) = (self.heights[place.floor() as usize], self.heights[place.ceil() as usize]);
        below + place.fract() as f32 * (above - below)
    }
}

/// The map of a cell type's accessibility to that of a [`SignalReference`]: a value becomes `ln(1 + height)` of the
/// height that is as rare there as the value in its own track. Between values of the track it interpolates.
///
/// What is above 0 stays above: where a track has more sites than the reference, the rest of them get the least height
/// of the reference that is above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileMap {
    /// Values of the track, ascending.
    values: Vec<f32>,
    /// What they become.
    mapped: Vec<f32>,
}

impl QuantileMap {
    /// Counts the values of a track over a genome, which must be its own.
    pub fn new(track: &SignalTrack, genome: &Genome, reference: &SignalReference) -> Self {
        let least = reference.heights.iter().copied().filter(|height| *height > 0.0).fold(f32::INFINITY, f32::min);
        let floor = |height: f32| if height > 0.0 && least.is_finite() { least } else { 0.0 };
        let mapped = |value: Value| {
            let height = reference.height(value.log_middle).max(floor(value.height));
            (value.height, height.ln_1p())
        };
        let (values, mapped) = values(track, genome).into_iter().rev().map(mapped).unzip();
        Self { values, mapped }
    }

    /// Replaces values by what they become.
    pub fn apply(&self, values: &mut [f32]) {
        // A track has runs of equal values.
        let mut last = (f32::NAN, 0.0);
        for value in values {
            if *value != last.0 {
                last = (*value, self.map(*value));
            }
            *value = last.1;
        }
    }

    fn map(&self, value: f32) -> f32 {
        let above = self.values.partition_point(|known| *known <= value);
        match (above.checked_sub(1), self.values.get(above)) {
            (None, _) => self.mapped.first().copied().unwrap_or_default(),
            (Some(below), None) => self.mapped[below],
            (Some(below), Some(next)) => {
                let share = (value - self.values[below]) / (next - self.values[below]);
                self.mapped[below] + share * (self.mapped[above] - self.mapped[below])
            }
        }
    }
}

/// A value of a track.
#[derive(Clone, Copy)]
struct Value {
    height: f32,
    /// The logarithm of the share of known bases that have it or exceed it.
    log_share: f64,
    /// That of the share of half of those that have it, and all that exceed it.
    log_middle: f64,
}

/// The values of a track, from the highest on, without those that are almost as rare as the last.
fn values(track: &SignalTrack, genome: &Genome) -> Vec<Value> {
    let mut runs: Vec<(f32, u64)> = track.runs().collect();
    runs.par_sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
    let known = genome.known_bases().max(1) as f64;
    let (mut bases, mut values) = (0, Vec::<Value>::new());
    for run in runs.chunk_by(|(a, _), (b, _)| a == b) {
        let above = bases;
        bases += run.iter().map(|(_, bases)| bases).sum::<u64>();
        // Bases of unknown sequence count too where they have a signal.
        let [above, share] = [above, bases].map(|bases| (bases as f64 / known).min(1.0));
        let value = Value { height: run[0].0, log_share: share.ln(), log_middle: f64::midpoint(above, share).ln() };
        if values.last().is_none_or(|last| value.log_share - last.log_share >= STEP) || value.log_share == 0.0 {
            values.push(value);
        }
    }
    values
}

/// The height that a share of the bases has or exceeds.
fn height(values: &[Value], log_share: f64) -> f32 {
    let place = values.partition_point(|value| value.log_share < log_share - 1e-12);
    values.get(place).or(values.last()).map_or(0.0, |value| value.height)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn genome(bases: usize) -> Genome {
        Genome::from_sequences([("chr1", "A".repeat(bases)), ("chr2", "N".repeat(50))]).unwrap()
    }

    fn track(genome: &Genome, values: Vec<f32>) -> SignalTrack {
        SignalTrack::from_values(genome, &[values, vec![0.0; 50]]).unwrap()
    }

    proptest! {
        #[test]
        fn a_track_in_other_units_becomes_the_reference(
            counts in prop::collection::vec(0_u32..30, 200),
            power in 0.3_f32..3.0,
        ) {
            let genome = genome(200);
            let heights = |height: &dyn Fn(u32) -> f32| counts.iter().map(|&count| height(count)).collect::<Vec<f32>>();
            let own = heights(&|count| count as f32);
            let mut others = heights(&|count| 7.0 * (count as f32).powf(power));
            let (own_track, other_track) = (track(&genome, own.clone()), track(&genome, others.clone()));
            let reference = SignalReference::new(&[&own_track], &genome);
            QuantileMap::new(&other_track, &genome, &reference).apply(&mut others);
            let mut again = own.clone();
            QuantileMap::new(&own_track, &genome, &reference).apply(&mut again);
            prop_assert_eq!(&others, &again);
            // A share is that of the next knot, off by a sixteenth of the logarithm, which may be another height.
            let mut sorted = own.clone();
            sorted.sort_unstable_by(f32::total_cmp);
            for (found, height) in again.iter().zip(&own) {
                let rank = |height: f32| sorted.partition_point(|known| *known < height);
                let above = sorted.partition_point(|known| known <= height);
                let off = sorted.len() as f64 - (above + rank(*height)) as f64 / 2.0;
                let height_of = |bases: f64| sorted[sorted.len() - (bases as usize).clamp(1, sorted.len())];
                let [more, less] = [1.01, -1.01].map(|knots: f64| off * (knots / KNOTS).exp());
                let (low, high) = (height_of(more.ceil()), height_of(less));
                let height = found.exp_m1();
                prop_assert!(low - 1e-3 <= height && height <= high + 1e-3, "{} {} {}", low, height, high);
            }
        }
    }

    #[test]
    fn a_reference_is_the_mean_at_each_share() {
        let genome = genome(1000);
        let sites = |heights: [f32; 2]| {
            track(&genome, (0..1000).map(|base| heights.get(base / 100).copied().unwrap_or_default()).collect())
        };
        let (one, other) = (sites([2.0, 4.0]), sites([10.0, 6.0]));
        let reference = SignalReference::new(&[&one, &other], &genome);
        // A tenth of the bases have 4 and 10, a fifth 2 and 6.
        for (share, expected) in [(0.05, 7.0), (0.001, 7.0), (0.15, 4.0), (0.5, 0.0), (1.0, 0.0)] {
            assert_eq!(reference.height(f64::ln(share)), expected, "{share}");
        }
        let mut scores = [-1.0, 0.0, 2.0, 3.0, 4.0, 9.0];
        QuantileMap::new(&one, &genome, &reference).apply(&mut scores);
        let [two, four] = [4.0_f32, 7.0].map(f32::ln_1p);
        assert_eq!(scores, [0.0, 0.0, two, two + 0.5 * (four - two), four, four]);
    }

    #[test]
    fn a_site_beyond_those_of_the_reference_stays_a_site() {
        let genome = genome(1000);
        let sites = |count: usize| {
            track(&genome, (0..1000).map(|base| if base < count { (1 + count - base) as f32 } else { 0.0 }).collect())
        };
        let (few, many) = (sites(10), sites(500));
        let reference = SignalReference::new(&[&few], &genome);
        let mut scores = [0.0, 2.0, 300.0, 501.0];
        QuantileMap::new(&many, &genome, &reference).apply(&mut scores);
        assert!(scores[0] == 0.0 && scores[1] > 0.0 && scores[1] == scores[2] && scores[3] > scores[2], "{scores:?}");
    }

    #[test]
    fn a_track_of_zeros_and_no_track_map_to_zero() {
        let genome = genome(100);
        let (zeros, ones) = (track(&genome, vec![0.0; 100]), track(&genome, vec![1.0; 100]));
        for reference in [SignalReference::new(&[], &genome), SignalReference::new(&[&zeros], &genome)] {
            for track in [&zeros, &ones] {
                let mut values = [0.0, 1.0, 5.0];
                QuantileMap::new(track, &genome, &reference).apply(&mut values);
                assert_eq!(values, [0.0; 3]);
            }
        }
    }
}
