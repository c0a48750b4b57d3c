//! Draws of training samples, and their weights.

mod config;
mod shares;
mod stratum;
mod training_samples;

use rand::seq::SliceRandom;

pub use self::{
    config::{PriorCorrection, SamplerConfig, UnboundPool},
    shares::LabelShares,
};
use self::{stratum::Stratum, training_samples::TrainingSamples};
use super::{Dataset, Sample, Split, dataset::LabelCounts};
use crate::{Error, Result, random::stream};

/// Keeps the sampler's random streams apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"sampler ");

/// A drawn sample, and its weight in the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// The sample.
    pub sample: Sample,
    /// The weight; the mean over an epoch is 1.
    pub weight: f32,
}

/// Draws training samples for some tasks, epoch by epoch.
///
/// An epoch holds each sample that is bound in one of the tasks once, and
/// [`unbound_per_bound`](SamplerConfig::unbound_per_bound) times as many others, drawn without replacement from one or
/// two strata:
///
/// - [`UnboundPool::Own`]: all others, evenly.
/// - [`UnboundPool::Shared`]: those bound in a task that is not among these (`O`), and those bound in none (`U`), in
///   the ratio of a model of all tasks: `|O|` to `unbound_per_bound * |P| * |U| / |E|`, where `P` are its bound and `E`
///   its unbound samples. The last factor is the share of `E` in which at least one of these tasks is observed.
///
/// With a [`rarity`](SamplerConfig::rarity) above 0, bound samples are divided by the rarest task they are bound in. Of
/// `n` samples of a task with `b` bound ones in all, a number in proportion to `n / b^rarity` is drawn; the sum is the
/// number of bound samples. Samples repeat where that is more than `n`, but at most
/// [`max_repeats`](SamplerConfig::max_repeats) times.
///
/// Only samples where at least one of the tasks is observed (bound or unbound) are drawn. With
/// [`PriorCorrection::Weight`] a sample of a stratum of `n` of which `d` are drawn weighs `n / d`, scaled so that the
/// mean weight is 1: the weighted share of bound samples is then that before drawing. An epoch depends on the seed and
/// its number alone.
///
/// # Examples
/// ```
/// use multitf::data::{Dataset, Sampler, SamplerConfig};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-sampler-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(2500)))?;
/// # std::fs::write(folder.join("Reb1.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
/// # std::fs::write(folder.join("dataset.toml"), r#"
/// #     name = "small"
/// #     genome = "genome.fa"
/// #     windows = { bin_bp = 200, stride_bp = 50 }
/// #     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
/// #     split = { valid = ["chr2"], test = ["chr3"] }
/// # "#)?;
/// # let path = folder.join("dataset.toml");
/// let dataset = Dataset::open(path)?;
/// let sampler = Sampler::new(&dataset, &[0], 300, &SamplerConfig::default(), 1)?;
/// let draws = sampler.epoch(0);
/// assert_eq!(draws.len(), sampler.epoch_len());
/// assert_eq!(sampler.epoch_len(), 3 + 4 * 3);
/// assert!((sampler.prior(0) - 3.0 / 195.0).abs() < 1e-12);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Horvitz and Thompson 1952, [doi:10.1080/01621459.1952.10483446](https://doi.org/10.1080/01621459.1952.10483446), for
/// the weights.
#[derive(Clone, Debug)]
pub struct Sampler {
    tasks: Vec<usize>,
    strata: Vec<Stratum>,
    correction: PriorCorrection,
    seed: u64,
}

impl Sampler {
    /// Divides the training samples of `tasks` into strata.
    ///
    /// # Errors
    /// [`Error::Tasks`] for tasks that are not the data set's, each once, [`Error::NoPositives`] for tasks without a
    /// bound training sample, [`Error::EmptySplit`] without any sample, [`Error::Config`] for a ratio that is not above
    /// 0, and for a context shorter than a sequence without a genome.
    pub fn new(
        dataset: &Dataset,
        tasks: &[usize],
        context_bp: usize,
        config: &SamplerConfig,
        seed: u64,
    ) -> Result<Self> {
        config.check()?;
        dataset.check_tasks(tasks)?;
        dataset.check_context(context_bp)?;
        let strata = TrainingSamples::new(dataset, tasks, context_bp).strata(config);
        if strata.is_empty() {
            return Err(dataset.empty_split(Split::Train, context_bp));
        }
        let sampler = Self { tasks: tasks.to_vec(), strata, correction: config.correction, seed };
        sampler.check_positives(dataset)?;
        Ok(sampler)
    }

    fn check_positives(&self, dataset: &Dataset) -> Result<()> {
        let unbound = self.tasks.iter().filter(|&&task| self.true_prior(task) == 0.0);
        let tasks: Vec<_> = unbound.map(|&task| dataset.tasks()[task].name.clone()).collect();
        if tasks.is_empty() { Ok(()) } else { Err(Error::NoPositives { split: Split::Train.name(), tasks }) }
    }

    /// Returns the tasks, as indices in [`Dataset::tasks`].
    pub fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    /// Returns the number of draws in an epoch.
    pub fn epoch_len(&self) -> usize {
        self.strata.iter().map(|stratum| stratum.draws).sum()
    }

    /// Returns the draws of an epoch, shuffled.
    pub fn epoch(&self, epoch: u64) -> Vec<Draw> {
        let mut draws = Vec::with_capacity(self.epoch_len());
        for (i, stratum) in self.strata.iter().enumerate() {
            let weight = self.weight(stratum) as f32;
            let mut random = stream(&[self.seed, STREAM, epoch, i as u64]);
            stratum.draw(&mut random, |sample| draws.push(Draw { sample, weight }));
        }
        draws.shuffle(&mut stream(&[self.seed, STREAM, epoch, u64::MAX]));
        draws
    }

    /// Returns the share of bound samples that a task is trained on: among the draws where it is observed, by weight.
    ///
    /// It initializes the bias of the task's output. `task` is an index in [`Dataset::tasks`].
    ///
    /// # Panics
    /// Panics if the sampler was not made for the task.
    pub fn prior(&self, task: usize) -> f64 {
        self.shares(task).prior()
    }

    /// Returns the share of each label of a task among the draws, by weight.
    ///
    /// # Panics
    /// Panics if the sampler was not made for the task.
    pub fn shares(&self, task: usize) -> LabelShares {
        self.shares_at(task, |stratum| self.weight(stratum) * stratum.draws as f64 / stratum.len() as f64)
    }

    /// Returns the number to add to a task's logits, which corrects for the drawn share of bound samples: the log odds
    /// before drawing, less those of [`prior`](Self::prior).
    ///
    /// It is 0 where weights correct for it already.
    ///
    /// # Panics
    /// Panics if the sampler was not made for the task.
    pub fn logit_shift(&self, task: usize) -> f64 {
        match self.correction {
            PriorCorrection::Weight => 0.0,
            PriorCorrection::None => log_odds(self.true_prior(task)) - log_odds(self.prior(task)),
        }
    }

    /// Returns the share of bound samples before drawing.
    pub(crate) fn true_prior(&self, task: usize) -> f64 {
        self.shares_at(task, |_| 1.0).prior()
    }

    fn shares_at(&self, task: usize, rate: impl Fn(&Stratum) -> f64) -> LabelShares {
        let position = self.tasks.iter().position(|&known| known == task);
        let position = position.unwrap_or_else(|| panic!("task {task} is not one of the sampler's {:?}", self.tasks));
        let mut counts = [0.0; 4];
        for stratum in &self.strata {
            let LabelCounts { observed, bound, ambiguous } = stratum.counts[position];
            let missing = stratum.len() - observed - ambiguous;
            for (total, count) in counts.iter_mut().zip([missing, observed - bound, ambiguous, bound]) {
                *total += rate(stratum) * count as f64;
            }
        }
        LabelShares::from_counts(counts)
    }

    /// Returns the weight of each draw from a stratum.
    fn weight(&self, stratum: &Stratum) -> f64 {
        match self.correction {
            PriorCorrection::None => 1.0,
            PriorCorrection::Weight => {
                let samples: usize = self.strata.iter().map(Stratum::len).sum();
                stratum.len() as f64 / stratum.draws as f64 * (self.epoch_len() as f64 / samples as f64)
            }
        }
    }
}

/// Returns the log odds, which are finite: a probability of 1 means that nothing unbound is drawn.
fn log_odds(probability: f64) -> f64 {
    let probability = probability.clamp(1e-9, 1.0 - 1e-9);
    (probability / (1.0 - probability)).ln()
}
