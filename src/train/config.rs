//! All that is needed to train a model again.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{FineTuning, Grouping, Recipe, balance::Balance};
use crate::{
    Error, Result,
    data::SamplerConfig,
    nn::{Ambiguous, Architecture, LabelLossConfig, TaskMean},
};

/// A run's `config.toml`: the architecture and how it is trained.
///
/// A key that is left out has its default; an unknown key is an error.
///
/// # Examples
///
/// ```
/// use multitf::train::RunConfig;
///
/// let config: RunConfig = toml::from_str("[training]\nbudget = 50000\n")?;
/// assert_eq!(config.training.budget, 50_000);
/// assert_eq!(config.architecture.motifs, RunConfig::default().architecture.motifs);
/// assert!(toml::from_str::<RunConfig>("[training]\nbugdet = 50000\n").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The model.
    pub architecture: Architecture,
    /// How it is trained.
    pub training: TrainingConfig,
    /// What a model that is cured of sharing's harm has beside that.
    pub recipe: Recipe,
    /// How copies of the shared model are trained on for single factors.
    pub fine_tuning: FineTuning,
    /// How factors are divided among several models.
    pub grouping: Grouping,
}

impl RunConfig {
    /// Reads a `config.toml`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], or [`Error::ConfigFile`] with the place of what cannot be understood.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        crate::data::read_toml(path.as_ref())
    }

    /// Writes a `config.toml`, below a heading in a comment.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        crate::data::write_toml(path.as_ref(), heading, self)
    }

    /// Writes a `config.toml` where there is none; one that holds the same settings gets the heading, unless it has other words
    /// of its own, and then stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] for a file of other settings, those of [`open`](Self::open), and [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{Error, train::RunConfig};
    ///
    /// let path = std::env::temp_dir().join(format!("multitf-doc-keep-{}.toml", std::process::id()));
    /// let mut config = RunConfig::default();
    /// config.keep(&path, "first")?;
    /// config.training.budget = 1000;
    /// let error = config.keep(&path, "second").unwrap_err();
    /// assert!(error.to_string().contains("training.budget: expected 1000, found 800000"));
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn keep(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        crate::data::keep_toml(path.as_ref(), heading, &self.normalised(), Self::open_kept)
    }

    /// Checks that a `config.toml`, if it is there, holds these settings.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] if it does not, and those of [`open`](Self::open).
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<()> {
        crate::data::check_toml(path.as_ref(), &self.normalised(), Self::open_kept)
    }

    /// Reads a file that was kept. Such a file names `pool`; one without `last_pool` is from before there was that key.
    fn open_kept(path: &Path) -> Result<Self> {
        let config = Self::open(path)?;
        let file: toml::Table = crate::data::read_toml(path)?;
        let keys = file.get("architecture").and_then(toml::Value::as_table);
        if keys.is_some_and(|keys| keys.contains_key("pool") && !keys.contains_key("last_pool")) {
            return Ok(Self { architecture: config.architecture.before_last_pool(), ..config });
        }
        Ok(config.normalised())
    }

    fn normalised(&self) -> Self {
        Self { architecture: self.architecture.normalised(), ..self.clone() }
    }

    /// Limits every training to a budget: that of the shared and single models is set to it, that of fine-tuning cut.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::RunConfig;
    ///
    /// let config = RunConfig::default().with_budget(20_000);
    /// assert_eq!(config.training.budget, 20_000);
    /// assert_eq!((config.fine_tuning.budget, config.fine_tuning.validate_every), (20_000, 2_000));
    /// ```
    #[must_use]
    pub fn with_budget(mut self, budget: usize) -> Self {
        self.training.budget = budget;
        self.fine_tuning = self.fine_tuning.within(budget);
        self
    }

    /// Checks that the settings make sense.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first one that does not.
    pub fn validate(&self) -> Result<()> {
        self.architecture.validate()?;
        self.training.validate()?;
        self.recipe.validate()?;
        self.fine_tuning.validate()?;
        let groups = self.grouping.groups;
        Error::unless(groups > 0, "grouping.groups".into(), "at least 1", groups)
    }
}

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Samples that may be drawn, repeats counted (default 800,000).
    pub budget: usize,
    /// Epochs that the budget is raised to if it is less, and the samples between validations with it, but to no more draws than
    /// one model for each factor makes together: in an epoch each bound sample is drawn once, and a model of many factors has
    /// many of them. The default is 0.
    pub min_epochs: f64,
    /// Samples in a step (default 128).
    pub batch_size: usize,
    /// The greatest learning rate of the cycle (see [`OneCycle`](super::OneCycle); default 0.002).
    pub learning_rate: f64,
    /// The share of the budget that it takes to reach it (default 0.3).
    pub warmup: f64,
    /// AdamW's decoupled weight decay (default 0.01).
    pub weight_decay: f32,
    /// Samples between two validations (default 40,000).
    pub validate_every: usize,
    /// Validations without a better score after which training ends; 0 never ends it (default 8).
    pub patience: usize,
    /// How the losses of labels become one number (default [`TaskMean::PerTask`]).
    pub task_mean: TaskMean,
    /// What each task weighs in a step (default [`Balance::Equal`]).
    pub balance: Balance,
    /// What becomes of ambiguous labels (default [`Ambiguous::Masked`]).
    pub ambiguous: Ambiguous,
    /// The share `s` of each target that is spread evenly over the classes. It is not undone afterwards, which would need more
    /// than a constant: with `K` classes a probability `p` becomes `(1 - s) p + s / K`, so that a model never says less than
    /// `s / K`. Ranks stay. Where probabilities are written, such a model is refused. The default is 0.
    pub label_smoothing: f32,
    /// What a bound label weighs in the loss, on top of the sampler's weights, 1e-6 to 1e6. The log-odds `ln w` that it adds to
    /// what the model says are taken off again when the training ends. The default is 1.
    pub bound_weight: f32,
    /// Whether half of the samples, at random, are read on the other strand (default true).
    pub reverse_complement: bool,
    /// How samples are drawn (default [`SamplerConfig::default`]).
    pub sampler: SamplerConfig,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            budget: 800_000,
            min_epochs: 0.0,
            batch_size: 128,
            learning_rate: 2e-3,
            warmup: 0.3,
            weight_decay: 0.01,
            validate_every: 40_000,
            patience: 8,
            task_mean: TaskMean::PerTask,
            balance: Balance::Equal,
            ambiguous: Ambiguous::Masked,
            label_smoothing: 0.0,
            bound_weight: 1.0,
            reverse_complement: true,
            sampler: SamplerConfig::default(),
        }
    }
}

impl TrainingConfig {
    /// The loss of labels for a number of tasks.
    pub(super) fn loss(&self, tasks: usize) -> LabelLossConfig {
        LabelLossConfig::new()
            .with_ambiguous(self.ambiguous)
            .with_mean(self.task_mean)
            .with_bound_weights((self.bound_weight != 1.0).then(|| vec![self.bound_weight; tasks]))
            .with_smoothing(self.label_smoothing)
    }

    /// The same with a budget of the fewest epochs at least, given the samples of one, but of no more than one of this a factor.
    pub(super) fn raised(&self, epoch: usize, factors: usize) -> Self {
        let least = (self.min_epochs * epoch as f64).ceil() as usize;
        let budget = least.min(self.budget.saturating_mul(factors)).max(self.budget);
        let factor = budget as f64 / self.budget as f64;
        let validate_every = (self.validate_every as f64 * factor).round() as usize;
        Self { budget, validate_every, ..self.clone() }
    }

    fn validate(&self) -> Result<()> {
        let positive = |key, value: usize| check(key, value > 0, "at least 1", value);
        positive("budget", self.budget)?;
        positive("batch_size", self.batch_size)?;
        check_epochs("training.min_epochs", self.min_epochs)?;
        positive("validate_every", self.validate_every)?;
        let rate = self.learning_rate;
        check("learning_rate", rate.is_finite() && rate > 0.0, "a number above 0", rate)?;
        check("warmup", self.warmup > 0.0 && self.warmup < 1.0, "between 0 and 1", self.warmup)?;
        let decay = self.weight_decay;
        check("weight_decay", decay.is_finite() && decay >= 0.0, "a number from 0 on", decay)?;
        let smoothing = self.label_smoothing;
        check("label_smoothing", (0.0..1.0).contains(&smoothing), "0 to 1, 1 excluded", smoothing)?;
        if let Ambiguous::Soft(bound) = self.ambiguous {
            check("ambiguous.soft", (0.0..=1.0).contains(&bound), "a probability", bound)?;
        }
        self.balance.validate()?;
        let works = self.balance == Balance::Equal || self.task_mean == TaskMean::PerTask;
        check("balance", works, "equal, where the mean is pooled over tasks", format!("{:?}", self.balance))?;
        self.sampler.check().map_err(|error| error.below("training"))?;
        let weight = self.bound_weight;
        check("bound_weight", (1e-6..=1e6).contains(&weight), "1e-6 to 1e6", format!("{weight:e}"))
    }

    /// What the weight of bound labels adds to the log-odds of being bound.
    pub(super) fn weight_shift(&self) -> f64 {
        f64::from(self.bound_weight).ln()
    }
}

pub(super) fn check_epochs(key: &str, epochs: f64) -> Result<()> {
    Error::unless((0.0..=1e4).contains(&epochs), key.into(), "0 to 10000", epochs)
}

fn check(key: &str, works: bool, expected: &str, found: impl ToString) -> Result<()> {
    Error::unless(works, format!("training.{key}"), expected, found)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Int, Tensor};

    use super::*;
    use crate::{
        nn::{HeadConfig, HeadKind, Loss},
        testing::TestFolder,
    };

    #[test]
    fn a_config_survives_a_file() {
        let mut config = RunConfig::default();
        config.training.budget = 7;
        config.architecture.context_bp = 600;
        let folder = TestFolder::new("run-config");
        let path = folder.path().join("config.toml");
        config.save(&path, "multi").unwrap();
        assert_eq!(RunConfig::open(&path).unwrap(), config);
    }

    #[test]
    fn a_budget_is_raised_to_the_fewest_epochs_or_to_one_a_factor_and_never_cut() {
        let config =
            TrainingConfig { budget: 1_000, validate_every: 100, min_epochs: 2.5, ..TrainingConfig::default() };
        let raised = |epoch, factors| {
            let raised = config.raised(epoch, factors);
            (raised.budget, raised.validate_every)
        };
        assert_eq!(raised(800, 3), (2_000, 200));
        assert_eq!(raised(8_000, 3), (3_000, 300));
        for factors in [0, 1, 3] {
            assert_eq!(config.raised(400, factors), config);
        }
        assert_eq!(config.raised(8_000, 1), config);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let mut config = RunConfig::default();
        config.training.warmup = 1.0;
        assert_eq!(config.validate().unwrap_err().to_string(), "training.warmup: expected between 0 and 1, found 1");
        let mut config = RunConfig::default();
        config.recipe.members = 0;
        assert_eq!(config.validate().unwrap_err().to_string(), "recipe.members: expected at least 1, found 0");
    }

    #[test]
    fn settings_of_the_loss_reach_it() {
        let device = Device::default();
        let head = HeadConfig::new(HeadKind::Sigmoid, 4, 2).init(&device);
        // The first task bound, ambiguous and unbound; the second unbound.
        let labels = || Tensor::<2, Int>::from_data([[3, 1], [2, 0], [1, 0]], &device);
        let loss = |config: TrainingConfig| {
            let logits = Tensor::<3>::ones([3, 2, 1], &device);
            let loss = config.loss(2).init(&head).forward(logits, labels(), None);
            f64::from(loss.into_scalar::<f32>())
        };
        let plain = TrainingConfig::default;
        // -log s(1) and -log s(-1).
        let (bound, unbound) = (0.313_262, 1.313_262);
        let middle = f64::midpoint;
        let cases = [
            (plain(), middle(middle(bound, unbound), unbound)),
            (TrainingConfig { task_mean: TaskMean::Pooled, ..plain() }, (bound + unbound + unbound) / 3.0),
            (TrainingConfig { bound_weight: 5.0, ..plain() }, middle(middle(5.0 * bound, unbound), unbound)),
            (
                TrainingConfig { label_smoothing: 0.1, ..plain() },
                middle(middle(bound, unbound), 0.95 * unbound + 0.05 * bound),
            ),
            (
                TrainingConfig { ambiguous: Ambiguous::Soft(0.25), ..plain() },
                middle((bound + unbound + 0.25 * bound + 0.75 * unbound) / 3.0, unbound),
            ),
        ];
        for (config, expected) in cases {
            let found = loss(config.clone());
            assert!((found - expected).abs() < 1e-5, "{config:?}: {found} {expected}");
        }
    }
}
