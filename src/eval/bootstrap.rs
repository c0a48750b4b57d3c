//! The paired block bootstrap: how much would scores differ on other data of this kind?

use rand::RngExt;
use rayon::prelude::*;

use super::difference::{Difference, Differences};
use crate::{Error, Result, metric::RankedTrack, random};

/// Draws with replacement that a track gets, in one replicate, until one holds a bound and an unbound bin.
///
/// A draw of n blocks from n misses one or the other of two given blocks with probability
/// 2 (1 - 1/n)^n - (1 - 2/n)^n < .61, so that even a track whose bound bins lie in one block, and its unbound bins in one
/// other, needs more than these with a probability below 1e-13.
const MAX_DRAWS: u64 = 64;

/// Replicates that pass over a track together.
const LANES: usize = 16;

/// Passes that are worked on together, so that a track stays in the cache meanwhile.
const PASSES: usize = 4;

/// Streams of random numbers that must not meet.
const BLOCK_STREAM: u64 = 0;
const SEED_STREAM: u64 = 1;

/// A paired bootstrap over blocks of the genome and over training seeds.
///
/// In each replicate as many blocks are drawn with replacement as there are, and as many seeds; all tracks and both
/// models see the same draws. So models are compared on the same bins, and tracks can be averaged replicate by
/// replicate. The draws depend only on `seed`, the replicate's number and how many blocks and seeds there are: neither
/// on the number of threads, nor on which tracks come together in one call.
///
/// A replicate in which a track has no bound or no unbound bin is drawn again for that track (all models alike), until 64
/// draws are done; after that, which is less likely than 1e-13, it counts every block once. The interval of a track whose
/// bound bins lie in very few blocks is too narrow: nothing can be said about blocks that were never seen.
///
/// With one seed, intervals leave out how much a model varies from one training run to the next.
///
/// ```
/// use multitf::{
///     eval::{block::Blocks, bootstrap::Bootstrap},
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
    /// What the draws follow from.
    pub seed: u64,
}

/// The average precision of one model on one track: on all blocks, and in each replicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    point: f64,
    replicates: Vec<f64>,
}

impl Resampled {
    /// Returns the average precision on all blocks, each counted once.
    pub const fn point(&self) -> f64 {
        self.point
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
    /// bound bin, and for one without an unbound bin.
    ///
    /// The time is that of `replicates` passes over each track, shared among rayon's threads.
    ///
    /// # Panics
    /// If a track was ranked over more than `blocks` blocks.
    pub fn resample(&self, tracks: &[RankedTrack], blocks: usize) -> Vec<Option<Resampled>> {
        let all = vec![1; blocks];
        let points: Vec<Option<f64>> = tracks.iter().map(|track| track.weighted_average_precision(&all)).collect();
        let scored: Vec<(&RankedTrack, f64)> =
            tracks.iter().zip(&points).filter_map(|(track, point)| Some((track, (*point)?))).collect();
        let starts: Vec<usize> = (0..self.replicates).step_by(LANES * PASSES).collect();
        let chunks: Vec<Vec<Vec<f64>>> =
            starts.into_par_iter().map(|start| self.resample_chunk(start, &scored, blocks)).collect();
        let mut scored = 0;
        let mut collect = |point| {
            let replicates = chunks.iter().flat_map(|chunk| &chunk[scored]).copied().collect();
            scored += 1;
            Resampled { point, replicates }
        };
        points.into_iter().map(|point| point.map(&mut collect)).collect()
    }

    /// The replicates from `start` on, for each track.
    fn resample_chunk(&self, start: usize, tracks: &[(&RankedTrack, f64)], blocks: usize) -> Vec<Vec<f64>> {
        let replicates = start..(start + LANES * PASSES).min(self.replicates);
        let draws: Vec<Vec<[u32; LANES]>> =
            replicates.clone().step_by(LANES).map(|first| self.draw_lanes(first, blocks)).collect();
        let of_track = |(track, point): &(&RankedTrack, f64)| {
            let again = |replicate| {
                (1..MAX_DRAWS)
                    .find_map(|attempt| track.weighted_average_precision(&self.draw(replicate, attempt, blocks)))
                    .unwrap_or(*point)
            };
            let first = draws.iter().flat_map(|weights| track.weighted_average_precisions(weights));
            first.zip(replicates.clone()).map(|(score, replicate)| score.unwrap_or_else(|| again(replicate))).collect()
        };
        tracks.iter().map(of_track).collect()
    }

    /// How often each block is drawn, in the replicate `first` and those after it.
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
    /// `a` and `b` hold what [`resample`](Self::resample) gave for each seed, in the same order of seeds and tracks. In
    /// each replicate the same seeds are drawn, with replacement, for both models and all tracks.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where `a` and `b` differ in their seeds, tracks or replicates, or hold no seed.
    pub fn differences(&self, a: &[Vec<Option<Resampled>>], b: &[Vec<Option<Resampled>>]) -> Result<Differences> {
        let seeds = a.len();
        same("seeds", seeds.max(1), b.len())?;
        same("seeds", seeds.max(1), seeds)?;
        let tracks = a[0].len();
        for model in a.iter().chain(b) {
            same("tracks", tracks, model.len())?;
        }
        let drawn: Vec<Vec<u32>> = (0..self.replicates).map(|replicate| self.draw_seeds(replicate, seeds)).collect();
        let of_track = |track: usize| {
            let a: Option<Vec<_>> = a.iter().map(|model| model[track].as_ref()).collect();
            let b: Option<Vec<_>> = b.iter().map(|model| model[track].as_ref()).collect();
            match (a, b) {
                (Some(a), Some(b)) => self.difference(&a, &b, &drawn).map(Some),
                _ => Ok(None),
            }
        };
        Ok(Differences::new(seeds, (0..tracks).map(of_track).collect::<Result<_>>()?))
    }

    fn difference(&self, a: &[&Resampled], b: &[&Resampled], drawn: &[Vec<u32>]) -> Result<Difference> {
        for model in a.iter().chain(b) {
            same("replicates", self.replicates, model.replicates.len())?;
        }
        let seeds = a.len() as f64;
        let delta = a.iter().zip(b).map(|(a, b)| a.point - b.point).sum::<f64>() / seeds;
        let replicate = |(replicate, times): (usize, &Vec<u32>)| {
            let pairs = a.iter().zip(b).zip(times);
            let sum: f64 = pairs
                .map(|((a, b), times)| f64::from(*times) * (a.replicates[replicate] - b.replicates[replicate]))
                .sum();
            sum / seeds
        };
        Ok(Difference::new(delta, drawn.iter().enumerate().map(replicate).collect()))
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

/// Refuses another number than is expected.
pub(super) fn same(what: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what: format!("number of {what}"), expected: expected.to_string(), found: found.to_string() })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{
        eval::{block::Blocks, fdr::q_values},
        genome::{
            Interval,
            Label::{self, Bound, Unbound},
        },
    };

    const BINS_A_BLOCK: usize = 10;

    /// Labels, and the scores of two models of the same skill whose errors are shared by the bins of a block.
    fn null_world(seed: u64, blocks: usize) -> (Vec<Label>, Vec<f32>, Vec<f32>) {
        let mut random = random::stream(&[seed]);
        let labels: Vec<Label> =
            (0..blocks * BINS_A_BLOCK).map(|_| if random.random_bool(0.15) { Bound } else { Unbound }).collect();
        let mut model = || {
            let shared: Vec<f32> = (0..blocks).map(|_| random.random()).collect();
            let bins = labels.iter().enumerate();
            bins.map(|(bin, label)| {
                let signal = if *label == Bound { 0.5 } else { 0.0 };
                signal + shared[bin / BINS_A_BLOCK] + random.random::<f32>()
            })
            .collect::<Vec<f32>>()
        };
        let (a, b) = (model(), model());
        (labels, a, b)
    }

    fn blocks_of(blocks: usize) -> Blocks {
        let bins = (0..blocks * BINS_A_BLOCK).map(|bin| Interval {
            chromosome: 0,
            start: bin * 1_000,
            end: (bin + 1) * 1_000,
        });
        Blocks::new(bins, BINS_A_BLOCK * 1_000)
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    }

    fn oracle() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/eval.json");
        serde_json::from_reader(std::fs::File::open(path).unwrap()).unwrap()
    }

    #[test]
    fn q_values_equal_scipy() {
        for case in oracle()["false_discovery"].as_array().unwrap() {
            let found = q_values(&numbers(&case["p"]));
            let expected = numbers(&case["q"]);
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        }
    }

    #[test]
    fn percentiles_equal_numpy() {
        let oracle = oracle();
        let cases = oracle["intervals"].as_array().unwrap();
        assert!(cases.len() > 5);
        for case in cases {
            let (low, high) = Difference::new(0.0, numbers(&case["replicates"])).interval();
            let expected = numbers(&case["interval"]);
            assert!(
                (low - expected[0]).abs() < 1e-12 && (high - expected[1]).abs() < 1e-12,
                "{low} {high} {expected:?}"
            );
        }
    }

    #[test]
    fn intervals_equal_numpy_within_monte_carlo_error() {
        for case in oracle()["bootstrap"].as_array().unwrap() {
            let block_of_bins: Vec<u32> = numbers(&case["block"]).into_iter().map(|block| block as u32).collect();
            let blocks = *block_of_bins.last().unwrap() as usize + 1;
            let bound = case["bound"].as_array().unwrap().iter();
            let labels: Vec<Label> =
                bound.map(|bound| if bound.as_bool().unwrap() { Bound } else { Unbound }).collect();
            let bootstrap = Bootstrap { replicates: case["replicates"].as_u64().unwrap() as usize, seed: 5 };
            let model = |name: &str| -> Vec<Vec<Option<Resampled>>> {
                let seeds = case[name].as_array().unwrap().iter();
                seeds
                    .map(|scores| {
                        let scores: Vec<f32> = numbers(scores).into_iter().map(|score| score as f32).collect();
                        let track = RankedTrack::new(&scores, &labels, &block_of_bins).unwrap();
                        bootstrap.resample(&[track], blocks)
                    })
                    .collect()
            };
            let differences = bootstrap.differences(&model("a"), &model("b")).unwrap();
            let difference = differences.tracks()[0].as_ref().unwrap();
            assert!((difference.delta() - case["delta"].as_f64().unwrap()).abs() < 1e-12);
            let (low, high) = difference.interval();
            for (name, found) in [("low", low), ("high", high), ("p", difference.p_value())] {
                let mean = case["mean"][name].as_f64().unwrap();
                let sd = case["sd"][name].as_f64().unwrap();
                // The standard deviation is known from few runs only, and that of p can be 0 by luck.
                assert!((found - mean).abs() < 6.0 * sd + 5e-4, "{name}: {found}, expected {mean} +- {sd}");
            }
        }
    }

    #[test]
    fn intervals_hold_no_difference_in_about_95_of_100_null_worlds() {
        const WORLDS: u64 = 300;
        let blocks = blocks_of(40);
        let bootstrap = Bootstrap { replicates: 400, seed: 3 };
        let results: Vec<(bool, bool)> = (0..WORLDS)
            .map(|seed| {
                let (labels, a, b) = null_world(seed, 40);
                let [a, b] =
                    [a, b].map(|scores| bootstrap.resample(&[blocks.rank(&scores, &labels).unwrap()], blocks.len()));
                let differences = bootstrap.differences(&[a], &[b]).unwrap();
                let difference = differences.tracks()[0].as_ref().unwrap();
                let (low, high) = difference.interval();
                (low <= 0.0 && 0.0 <= high, difference.p_value() < 0.05)
            })
            .collect();
        let covered = results.iter().filter(|(covered, _)| *covered).count();
        let called = results.iter().filter(|(_, called)| *called).count();
        println!("{covered} covered, {called} called different, of {WORLDS}");
        // Intervals of 90 % held it in 269.
        assert!((276..=292).contains(&covered), "{covered} of {WORLDS}");
        assert!((8..=22).contains(&called), "{called} of {WORLDS}");
    }

    #[test]
    fn threads_and_company_do_not_change_a_replicate() {
        let blocks = blocks_of(25);
        let (labels, a, b) = null_world(1, 25);
        let tracks = [blocks.rank(&a, &labels).unwrap(), blocks.rank(&b, &labels).unwrap()];
        let bootstrap = Bootstrap { replicates: 200, seed: 9 };
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let one = pool(1).install(|| bootstrap.resample(&tracks, blocks.len()));
        let three = pool(3).install(|| bootstrap.resample(&tracks, blocks.len()));
        assert_eq!(one, three);
        assert_eq!(bootstrap.resample(&tracks[1..], blocks.len())[0], one[1]);
    }

    #[test]
    fn a_replicate_draws_as_many_blocks_as_there_are() {
        let bootstrap = Bootstrap::default();
        let weights = bootstrap.draw(7, 0, 50);
        assert_eq!(weights.iter().sum::<u32>(), 50);
        assert_ne!(weights, bootstrap.draw(8, 0, 50));
        assert_ne!(weights, bootstrap.draw(7, 1, 50));
        assert_eq!(bootstrap.draw_seeds(7, 3).iter().sum::<u32>(), 3);
    }

    #[test]
    fn bound_bins_in_one_block_are_drawn_again_until_they_come() {
        let blocks = blocks_of(30);
        let (_, scores, _) = null_world(2, 30);
        let labels: Vec<Label> = (0..scores.len()).map(|bin| if bin < 3 { Bound } else { Unbound }).collect();
        let bootstrap = Bootstrap { replicates: 500, seed: 0 };
        let track = blocks.rank(&scores, &labels).unwrap();
        let is_missed = |replicate: &usize, attempt| bootstrap.draw(*replicate, attempt, 30)[0] == 0;
        let first_missed: Vec<usize> = (0..500).filter(|replicate| is_missed(replicate, 0)).collect();
        assert!(first_missed.len() > 100, "{first_missed:?}");
        let resampled = bootstrap.resample(&[track], blocks.len()).remove(0).unwrap();
        assert_eq!(resampled.replicates().len(), 500);
        assert!(resampled.replicates().iter().all(|score| *score > 0.0 && *score <= 1.0));
        // A second miss is followed by a third draw, not by what all blocks give.
        let twice =
            first_missed.iter().filter(|replicate| is_missed(replicate, 1)).map(|place| resampled.replicates()[*place]);
        let (all, other): (usize, usize) =
            twice.fold((0, 0), |(all, other), score| (all + 1, other + usize::from(score != resampled.point())));
        assert!(all > 30 && other > all / 2, "{other} of {all}");
    }

    #[test]
    fn a_track_without_a_bound_bin_has_no_difference_and_keeps_its_place() {
        let blocks = blocks_of(10);
        let (labels, scores, _) = null_world(4, 10);
        let unbound = vec![Unbound; labels.len()];
        let tracks = [blocks.rank(&scores, &unbound).unwrap(), blocks.rank(&scores, &labels).unwrap()];
        let bootstrap = Bootstrap { replicates: 70, seed: 0 };
        let model = bootstrap.resample(&tracks, blocks.len());
        let differences = bootstrap.differences(std::slice::from_ref(&model), std::slice::from_ref(&model)).unwrap();
        assert!(differences.tracks()[0].is_none());
        let itself = differences.tracks()[1].as_ref().unwrap();
        assert_eq!((itself.delta(), itself.interval(), itself.p_value()), (0.0, (0.0, 0.0), 1.0));
    }

    #[test]
    fn no_tracks_and_no_blocks_give_nothing() {
        let bootstrap = Bootstrap::default();
        assert!(bootstrap.resample(&[], 0).is_empty());
        let empty = Blocks::new([], 10_000);
        assert_eq!(bootstrap.resample(&[empty.rank(&[], &[]).unwrap()], empty.len()), [None]);
    }

    #[test]
    fn sides_that_do_not_match_are_refused() {
        let bootstrap = Bootstrap { replicates: 2, seed: 0 };
        let track = |replicates| Some(Resampled { point: 0.5, replicates: vec![0.5; replicates] });
        let message = |a: &[Vec<Option<Resampled>>], b: &[Vec<Option<Resampled>>]| {
            bootstrap.differences(a, b).unwrap_err().to_string()
        };
        assert_eq!(message(&[], &[]), "number of seeds: expected 1, found 0");
        assert_eq!(message(&[], &[vec![track(2)]]), "number of seeds: expected 1, found 0");
        assert_eq!(message(&[vec![]], &[vec![], vec![]]), "number of seeds: expected 1, found 2");
        assert_eq!(message(&[vec![track(2)]], &[vec![]]), "number of tracks: expected 1, found 0");
        assert_eq!(message(&[vec![track(2)]], &[vec![track(3)]]), "number of replicates: expected 2, found 3");
    }
}
