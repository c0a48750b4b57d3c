//! The paired block bootstrap: how much would scores differ on other data of this kind?

mod mean;
#[cfg(test)]
mod tests;

use rand::RngExt;
use rayon::prelude::*;

use crate::{
    Error, Result,
    eval::{Difference, Differences},
    metric::RankedTrack,
    random,
};

/// How many draws with replacement a track gets in one replicate, until one has a bound and an unbound bin.
///
/// A draw of n blocks from n misses one or the other of two given blocks with probability 2 (1 - 1/n)^n - (1 - 2/n)^n <
/// .61. Even a track with its bound bins in one block, and its unbound bins in one other, needs more draws with a
/// probability below 1e-13.
const MAX_DRAWS: u64 = 64;

/// Number of replicates computed in one pass over a track.
const LANES: usize = 16;

/// Number of passes that run one after the other on a track, so that it stays in the cache.
const PASSES: usize = 4;

/// Separate streams of random numbers.
const BLOCK_STREAM: u64 = 0;
const SEED_STREAM: u64 = 1;

/// A paired bootstrap over blocks of the genome and over training seeds.
///
/// Each replicate draws as many blocks with replacement as there are, and as many seeds. All tracks and both models see
/// the same draws, so that models are compared on the same bins, and tracks can be averaged replicate by replicate. The
/// draws depend only on `seed`, the replicate's number, and the numbers of blocks and seeds. They depend neither on the
/// number of threads, nor on which tracks share a call.
///
/// A replicate in which a track has no bound or no unbound bin is drawn again for that track (for all models alike), up
/// to 64 times. After that, which is less likely than 1e-13, it counts every block once. The interval of a track whose
/// bound bins lie in very few blocks is too narrow: nothing can be said about blocks that were never seen.
///
/// With one seed, intervals leave out how much a model varies between trainings.
///
/// ```
/// use multitf::{
///     eval::{Blocks, Bootstrap},
///     genome::{Interval, Label::{Bound, Unbound}},
/// };
///
/// let bins = (0..400).map(|i| Interval { chromosome: 0, start: i * 1_000, end: i * 1_000 + 200 });
/// let blocks = Blocks::new(bins, 10_000);
/// let labels: Vec<_> = (0..400).map(|i| if i % 8 == 0 { Bound } else { Unbound }).collect();
/// let good: Vec<f32> = (0..400).map(|i| if i % 8 == 0 || i % 5 == 0 { 1.0 } else { 0.0 }).collect();
/// let poor: Vec<f32> = (0..400).map(|i| (i % 7) as f32).collect();
///
/// let bootstrap = Bootstrap { replicates: 1_000, seed: 1 };
/// let a = bootstrap.resample(&[blocks.rank(&good, &labels)?], blocks.len());
/// let b = bootstrap.resample(&[blocks.rank(&poor, &labels)?], blocks.len());
/// let differences = bootstrap.differences(&[a], &[b])?; // one training seed on each side
/// let difference = differences.tracks()[0].as_ref().unwrap();
/// let (low, high) = difference.interval();
/// assert!(0.0 < low && low < difference.delta() && difference.delta() < high);
/// assert_eq!(difference.p_value(), 2.0 / 1_001.0);
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
/// Künsch 1989, <https://doi.org/10.1214/aos/1176347265> (blocks);
/// Efron and Tibshirani 1993, <https://doi.org/10.1201/9780429246593> (percentile intervals)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bootstrap {
    /// How many replicates are drawn.
    pub replicates: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// The average precision of one model on one track: on all blocks, and in each replicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    point_estimate: f64,
    replicates: Vec<f64>,
}

impl Resampled {
    /// Returns the average precision on all blocks, each counted once.
    pub const fn point_estimate(&self) -> f64 {
        self.point_estimate
    }

    /// Returns the average precision in each replicate.
    pub fn replicates(&self) -> &[f64] {
        &self.replicates
    }
}

impl Default for Bootstrap {
    /// 10,000 replicates from seed 0.
    fn default() -> Self {
        Self { replicates: 10_000, seed: 0 }
    }
}

impl Bootstrap {
    /// Resamples the average precision of tracks ranked over the same `blocks` blocks; `None` for a track without a
    /// bound bin, or without an unbound bin.
    ///
    /// It takes `replicates` passes over each track, shared among rayon's threads.
    ///
    /// # Panics
    /// Panics if a track was ranked over more than `blocks` blocks.
    pub fn resample(&self, tracks: &[RankedTrack], blocks: usize) -> Vec<Option<Resampled>> {
        let all = vec![1; blocks];
        let points: Vec<Option<f64>> = tracks.iter().map(|track| track.weighted_average_precision(&all)).collect();
        let scored: Vec<(&RankedTrack, f64)> =
            tracks.iter().zip(&points).filter_map(|(track, point)| Some((track, (*point)?))).collect();
        let starts: Vec<usize> = (0..self.replicates).step_by(LANES * PASSES).collect();
        let chunks: Vec<Vec<Vec<f64>>> =
            starts.into_par_iter().map(|start| self.resample_chunk(start, &scored, blocks)).collect();
        let mut scored = 0;
        let mut collect = |point_estimate| {
            let replicates = chunks.iter().flat_map(|chunk| &chunk[scored]).copied().collect();
            scored += 1;
            Resampled { point_estimate, replicates }
        };
        points.into_iter().map(|point| point.map(&mut collect)).collect()
    }

    /// The replicates from `start` on, for each track.
    fn resample_chunk(&self, start: usize, tracks: &[(&RankedTrack, f64)], blocks: usize) -> Vec<Vec<f64>> {
        let replicates = start..(start + LANES * PASSES).min(self.replicates);
        let draws: Vec<Vec<[u32; LANES]>> =
            replicates.clone().step_by(LANES).map(|first| self.draw_lanes(first, blocks)).collect();
        let resample_track = |(track, point): &(&RankedTrack, f64)| {
            let again = |replicate| {
                (1..MAX_DRAWS)
                    .find_map(|attempt| track.weighted_average_precision(&self.draw(replicate, attempt, blocks)))
                    .unwrap_or(*point)
            };
            let first = draws.iter().flat_map(|weights| track.weighted_average_precisions(weights));
            first.zip(replicates.clone()).map(|(score, replicate)| score.unwrap_or_else(|| again(replicate))).collect()
        };
        tracks.iter().map(resample_track).collect()
    }

    /// How often each block is drawn, in the replicate `first` and the ones after it.
    fn draw_lanes(&self, first: usize, blocks: usize) -> Vec<[u32; LANES]> {
        let lanes: [Vec<u32>; LANES] = std::array::from_fn(|lane| self.draw(first + lane, 0, blocks));
        (0..blocks).map(|block| std::array::from_fn(|lane| lanes[lane][block])).collect()
    }

    /// How often each block is drawn.
    fn draw(&self, replicate: usize, attempt: u64, blocks: usize) -> Vec<u32> {
        let mut random = random::stream(&[self.seed, BLOCK_STREAM, replicate as u64, attempt]);
        let mut weights = vec![0; blocks];
        for _ in 0..blocks {
            weights[random.random_range(0..blocks)] += 1;
        }
        weights
    }

    /// Compares two models: average precision of `a` minus that of `b`, averaged over seeds, for each track.
    ///
    /// `a` and `b` hold what [`resample`](Self::resample) returned for each seed, in the same order of seeds and
    /// tracks. Each replicate draws the same seeds, with replacement, for both models and all tracks.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where `a` and `b` differ in their seeds, tracks or replicates, or hold no seed.
    pub fn differences(&self, a: &[Vec<Option<Resampled>>], b: &[Vec<Option<Resampled>>]) -> Result<Differences> {
        let seeds = a.len();
        Error::unless_equal("number of seeds", seeds.max(1), b.len())?;
        Error::unless_equal("number of seeds", seeds.max(1), seeds)?;
        let tracks = a[0].len();
        for model in a.iter().chain(b) {
            Error::unless_equal("number of tracks", tracks, model.len())?;
        }
        let seed_draws: Vec<Vec<u32>> =
            (0..self.replicates).map(|replicate| self.draw_seeds(replicate, seeds)).collect();
        let track_difference = |track: usize| {
            let a: Option<Vec<_>> = a.iter().map(|model| model[track].as_ref()).collect();
            let b: Option<Vec<_>> = b.iter().map(|model| model[track].as_ref()).collect();
            match (a, b) {
                (Some(a), Some(b)) => self.difference(&a, &b, &seed_draws).map(Some),
                _ => Ok(None),
            }
        };
        Ok(Differences::new(seeds, (0..tracks).map(track_difference).collect::<Result<_>>()?))
    }

    fn difference(&self, a: &[&Resampled], b: &[&Resampled], seed_draws: &[Vec<u32>]) -> Result<Difference> {
        for model in a.iter().chain(b) {
            Error::unless_equal("number of replicates", self.replicates, model.replicates.len())?;
        }
        let seeds = a.len() as f64;
        let delta = a.iter().zip(b).map(|(a, b)| a.point_estimate - b.point_estimate).sum::<f64>() / seeds;
        let replicate = |(replicate, times): (usize, &Vec<u32>)| {
            let pairs = a.iter().zip(b).zip(times);
            let sum: f64 = pairs
                .map(|((a, b), times)| f64::from(*times) * (a.replicates[replicate] - b.replicates[replicate]))
                .sum();
            sum / seeds
        };
        Ok(Difference::new(delta, seed_draws.iter().enumerate().map(replicate).collect()))
    }

    /// How often each seed is drawn.
    fn draw_seeds(&self, replicate: usize, seeds: usize) -> Vec<u32> {
        let mut random = random::stream(&[self.seed, SEED_STREAM, replicate as u64]);
        let mut times = vec![0; seeds];
        for _ in 0..seeds {
            times[random.random_range(0..seeds)] += 1;
        }
        times
    }
}
