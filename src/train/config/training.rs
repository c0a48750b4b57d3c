//! How a model is trained.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    data::SamplerConfig,
    nn::{Ambiguous, LabelLossConfig, TaskMean},
    train::balance::Balance,
};

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// The number of samples to draw, repeats counted (default 800,000).
    pub budget: usize,
    /// Minimum number of epochs (default 0); an epoch draws each bound sample once. A smaller `budget` is raised to
    /// them, but at most to `budget` times the number of factors, which one model per factor would draw in total.
    /// `validate_every` grows in proportion.
    pub min_epochs: f64,
    /// Samples in a step (default 128).
    pub batch_size: usize,
    /// The highest learning rate of the cycle (see [`OneCycle`](crate::train::OneCycle); default 0.002).
    pub learning_rate: f64,
    /// The fraction of the budget spent on warm-up (default 0.3).
    pub warmup: f64,
    /// AdamW's decoupled weight decay (default 0.01).
    pub weight_decay: f32,
    /// Samples between two validations (default 40,000).
    pub validate_every: usize,
    /// The number of validations without a better score that ends training; 0 means never (default 8).
    pub patience: usize,
    /// How the losses of all labels are averaged (default [`TaskMean::PerTask`]).
    pub task_mean: TaskMean,
    /// How tasks are weighed in a step (default [`Balance::Equal`]).
    pub balance: Balance,
    /// How ambiguous labels are used (default [`Ambiguous::Masked`]).
    pub ambiguous: Ambiguous,
    /// The share `s` of each target that is spread evenly over the classes. It is not undone afterwards: with `K`
    /// classes a probability `p` becomes `(1 - s) p + s / K`, and no prediction is below `s / K`. Ranks stay. Such a
    /// model cannot be used where probabilities are written. The default is 0.
    pub label_smoothing: f32,
    /// The weight of a bound label in the loss, on top of the sampler's weights, 1e-6 to 1e6. It shifts the log-odds by
    /// `ln w`, which is subtracted again at the end of training. The default is 1.
    pub bound_weight: f32,
    /// Whether a random half of the samples is read on the reverse strand (default true).
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

/// The most draws of a training, and between two validations.
pub(in crate::train) const MAX_BUDGET: usize = 1_000_000_000_000;

impl TrainingConfig {
    /// The most samples of a batch.
    const MAX_BATCH: usize = 1_000_000;

    /// The loss of labels for a number of tasks.
    pub(in crate::train) fn loss(&self, tasks: usize) -> LabelLossConfig {
        LabelLossConfig::new()
            .with_ambiguous(self.ambiguous)
            .with_mean(self.task_mean)
            .with_bound_weights((self.bound_weight != 1.0).then(|| vec![self.bound_weight; tasks]))
            .with_smoothing(self.label_smoothing)
    }

    /// Raises the budget to `min_epochs`, given the draws of an epoch, and at most to one budget for each factor.
    pub(in crate::train) fn with_raised_budget(&self, epoch: usize, factors: usize) -> Self {
        let least = (self.min_epochs * epoch as f64).ceil() as usize;
        let budget = least.min(self.budget.saturating_mul(factors)).max(self.budget);
        let factor = budget as f64 / self.budget as f64;
        let validate_every = (self.validate_every as f64 * factor).round() as usize;
        Self { budget, validate_every, ..self.clone() }
    }

    pub(super) fn validate(&self) -> Result<()> {
        Error::unless_within(1..=MAX_BUDGET, "training.budget", self.budget)?;
        Error::unless_within(1..=Self::MAX_BATCH, "training.batch_size", self.batch_size)?;
        check_epochs("training.min_epochs", self.min_epochs)?;
        Error::unless_within(1..=MAX_BUDGET, "training.validate_every", self.validate_every)?;
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
        self.sampler.check().map_err(|error| error.in_table("training"))?;
        let weight = self.bound_weight;
        check("bound_weight", (1e-6..=1e6).contains(&weight), "1e-6 to 1e6", format!("{weight:e}"))
    }

    /// The shift of the log-odds by the weight of bound labels.
    pub(in crate::train) fn weight_shift(&self) -> f64 {
        f64::from(self.bound_weight).ln()
    }
}

pub(in crate::train) fn check_epochs(key: &str, epochs: f64) -> Result<()> {
    Error::unless((0.0..=1e4).contains(&epochs), key, "0 to 10000", epochs)
}

fn check(key: &str, works: bool, expected: &str, found: impl ToString) -> Result<()> {
    Error::unless(works, format!("training.{key}"), expected, found)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Int, Tensor};

    use super::*;
    use crate::nn::{HeadConfig, HeadKind, Loss};

    #[test]
    fn a_budget_is_raised_to_the_fewest_epochs_or_to_one_a_factor_and_never_cut() {
        let config =
            TrainingConfig { budget: 1_000, validate_every: 100, min_epochs: 2.5, ..TrainingConfig::default() };
        let raised = |epoch, factors| {
            let raised = config.with_raised_budget(epoch, factors);
            (raised.budget, raised.validate_every)
        };
        assert_eq!(raised(800, 3), (2_000, 200));
        assert_eq!(raised(8_000, 3), (3_000, 300));
        for factors in [0, 1, 3] {
            assert_eq!(config.with_raised_budget(400, factors), config);
        }
        assert_eq!(config.with_raised_budget(8_000, 1), config);
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
