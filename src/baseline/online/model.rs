//! The online model.

use std::{fmt, mem};

use super::{
    Example, MAX_MAGNITUDE, OnlineConfig, logistic,
    rates::{Power, Rates, Root},
    shrinkage::Shrinkage,
    slot::{Slot, move_weights, set_rates},
    terms::{Term, Terms},
};
use crate::Result;

/// The largest magnitude of a logit.
const MAX_LOGIT: f32 = 50.0;

/// A linear model of hashed features that learns from one example at a time.
///
/// Its memory is fixed: 16 bytes for each of 2^[`bits`](OnlineConfig::bits) weights. Features that share a weight after
/// hashing are indistinguishable, so give a model more bits than the binary logarithm of the number of features.
///
/// # Examples
///
/// ```
/// use multitf::baseline::online::{Example, OnlineConfig, OnlineModel, feature_hash};
///
/// let mut model = OnlineModel::new(&OnlineConfig::default())?;
/// let mut example = Example::new();
/// for round in 0..50 {
///     for (name, label) in [("open", true), ("closed", false)] {
///         example.clear();
///         example.namespace('c').push(feature_hash("chromatin", name), 1.0);
///         model.learn(&example, label, 1.0);
///     }
/// }
/// assert!(model.predict(&example) < -1.0);
/// assert!(model.progressive_loss().is_some_and(|loss| loss < 0.4));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone)]
pub struct OnlineModel {
    config: OnlineConfig,
    terms: Terms,
    pub(super) slots: Vec<Slot>,
    pub(super) state: State,
    /// The terms of the current example.
    buffer: Vec<Term>,
}

/// The state of a model beside its weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    /// The weighted sum of the features' squares, each in units of its scale.
    pub(super) norm: f64,
    /// The sum of the weights of the examples in `norm`.
    pub(super) norm_weight: f64,
    /// The weighted sum of the losses before each update.
    pub(super) loss: f64,
    /// The sum of the weights of the examples in `loss`.
    pub(super) loss_weight: f64,
    pub(super) shrinkage: Shrinkage,
}

/// The arguments of the loss of an example.
#[derive(Clone, Copy, Debug)]
struct LabeledPrediction {
    logit: f32,
    /// -1 or 1.
    label: f32,
    weight: f32,
}

impl OnlineModel {
    /// Returns an untrained model: all its predictions are 0.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Config`](crate::Error::Config) if a setting cannot work.
    pub fn new(config: &OnlineConfig) -> Result<Self> {
        let pairs = config.check()?;
        let size = 1_usize << config.bits;
        let state = State { norm: 0.0, norm_weight: 0.0, loss: 0.0, loss_weight: 0.0, shrinkage: Shrinkage::NONE };
        Ok(Self {
            config: config.clone(),
            terms: Terms { pairs, constant: config.constant, mask: (size - 1) as u32 },
            slots: vec![Slot::default(); size],
            state,
            buffer: Vec::new(),
        })
    }

    /// Returns the settings.
    pub fn config(&self) -> &OnlineConfig {
        &self.config
    }

    /// Returns the log-odds of an example, between -50 and 50.
    ///
    /// # Panics
    ///
    /// Panics if a product of features is beyond 1e18 in magnitude.
    pub fn predict(&self, example: &Example) -> f32 {
        self.sum(example, |_| ())
    }

    /// Learns from an example, and returns its [prediction](Self::predict) before the update.
    ///
    /// A weight of 2 is equivalent to two examples, without overshooting; an example of weight 0 changes nothing.
    ///
    /// # Panics
    ///
    /// Panics if the weight is not between 0 and 1e18, or if a product of features is beyond 1e18 in magnitude. The
    /// model is unchanged then.
    pub fn learn(&mut self, example: &Example, label: bool, weight: f32) -> f32 {
        assert!((0.0..=MAX_MAGNITUDE).contains(&weight), "an example weighs {weight}, expected 0 to 1e18");
        let mut buffer = mem::take(&mut self.buffer);
        buffer.clear();
        let logit = self.sum(example, |term| buffer.push(term));
        self.buffer = buffer;
        if weight > 0.0 {
            self.add_loss(LabeledPrediction { logit, label: if label { 1.0 } else { -1.0 }, weight });
        }
        logit
    }

    /// Returns the mean loss, over the weights of the examples, of each prediction before its update.
    ///
    /// In a first pass it is an unbiased estimate of the loss on new examples, since each is new when it is predicted.
    /// It is `None` before the first example.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::baseline::online::{Example, OnlineConfig, OnlineModel};
    ///
    /// let mut model = OnlineModel::new(&OnlineConfig::default())?;
    /// assert_eq!(model.progressive_loss(), None);
    /// model.learn(&Example::new(), true, 1.0);
    /// assert!((model.progressive_loss().unwrap() - 2_f64.ln()).abs() < 1e-6);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn progressive_loss(&self) -> Option<f64> {
        (self.state.loss_weight > 0.0).then(|| self.state.loss / self.state.loss_weight)
    }

    /// Resets [`progressive_loss`](Self::progressive_loss), before a pass or another stream.
    pub fn reset_progressive_loss(&mut self) {
        (self.state.loss, self.state.loss_weight) = (0.0, 0.0);
    }

    /// Returns the number of learned weights.
    pub fn weights_in_use(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_used()).count()
    }

    /// Returns the weight of a feature by its hash (see [`feature_hash`](super::feature_hash)).
    pub fn weight(&self, hash: u32) -> f32 {
        self.state.shrinkage.apply(self.slots[(hash & self.terms.mask) as usize].weight)
    }

    /// Returns the logit of an example, and calls `each` with its terms.
    #[inline]
    fn sum(&self, example: &Example, mut each: impl FnMut(Term)) -> f32 {
        let shrinkage = self.state.shrinkage;
        let is_pulled = shrinkage.gravity > 0.0;
        let (mut sum, mut largest) = (0.0_f32, 0.0_f32);
        self.terms.visit(example, |term| {
            let stored = self.slots[term.index as usize].weight;
            sum += term.value * if is_pulled { shrinkage.truncated(stored) } else { stored };
            largest = largest.max(term.value.abs());
            each(term);
        });
        assert!(largest <= MAX_MAGNITUDE, "a product of features is {largest:e}, expected at most 1e18 in magnitude");
        let logit = sum * shrinkage.contraction as f32;
        // NaN from infinities of both signs counts as 0, as in Vowpal Wabbit.
        if logit.is_nan() { 0.0 } else { logit.clamp(-MAX_LOGIT, MAX_LOGIT) }
    }

    fn add_loss(&mut self, outcome: LabeledPrediction) {
        let loss = logistic::loss(outcome.logit, outcome.label);
        self.state.loss += f64::from(loss * outcome.weight);
        self.state.loss_weight += f64::from(outcome.weight);
        // A loss that rounds to 0 has no gradient.
        if loss > 0.0 {
            let power_t = self.config.power_t;
            if power_t == 0.5 { self.update(outcome, &Root) } else { self.update(outcome, &Power { power_t }) }
        }
    }

    fn update(&mut self, outcome: LabeledPrediction, rates: &impl Rates) {
        let LabeledPrediction { logit, label, weight } = outcome;
        let derivative = logistic::derivative(logit, label);
        let squared_gradient = weight * (derivative * derivative);
        if squared_gradient == 0.0 {
            return;
        }
        let sums = set_rates(&mut self.slots, &self.buffer, squared_gradient, rates);
        let state = &mut self.state;
        state.norm += f64::from(weight) * f64::from(sums.norm_x);
        state.norm_weight += f64::from(weight);
        let shared = rates.shared(state.norm_weight as f32, state.norm as f32);
        let step = logistic::step(logit, label, self.config.learning_rate * weight, sums.pred_per_update * shared);
        // Without terms there is no step, nor where the squared gradients of a weight underflow.
        if !step.is_finite() {
            return;
        }
        let step = state.shrinkage.add(step, derivative, self.config.l1, self.config.l2);
        move_weights(&mut self.slots, &self.buffer, step * shared);
        if state.shrinkage.is_due() {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let shrinkage = mem::replace(&mut self.state.shrinkage, Shrinkage::NONE);
        for slot in &mut self.slots {
            slot.weight = shrinkage.apply(slot.weight);
        }
    }
}

impl fmt::Debug for OnlineModel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("OnlineModel");
        shown.field("config", &self.config).field("state", &self.state).finish_non_exhaustive()
    }
}
