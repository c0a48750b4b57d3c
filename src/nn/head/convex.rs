//! A mixture of features for each task.

use burn::{
    config::Config,
    module::{Module, Param},
    tensor::{Device, Tensor, activation::softmax, s},
};

use super::{
    host_head::HostHead,
    linear::{check_priors, shifted},
    task_head::TaskHead,
};
use crate::nn::{
    init,
    ops::host::{dense::sized, memory::values, panels::Panels},
};

/// The least probability, so that logarithms are finite.
const LEAST: f32 = 1e-30;

/// Configuration of [`ConvexHead`].
#[derive(Config, Debug)]
pub struct ConvexHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of bound labels of each task in the training data; the initial predictions lie between half and one
    /// and a half times that. Default: one half.
    pub priors: Option<Vec<f64>>,
}

impl ConvexHeadConfig {
    /// Makes the head: all features weigh the same.
    ///
    /// # Panics
    ///
    /// Panics if there are no features, the number of priors is not that of the tasks, or one does not lie between 0
    /// and 1, both excluded.
    pub fn init(&self, device: &Device) -> ConvexHead {
        assert!(self.features > 0, "a mixture of {} features", self.features);
        let half = vec![0.5; self.tasks];
        let priors = self.priors.as_ref().unwrap_or(&half);
        check_priors(priors, self.tasks);
        let mixture = priors.iter().flat_map(|prior| self.initial(*prior)).collect();
        let mixture = init::param(mixture, [self.tasks, self.features + 2], device);
        let shift = init::param(vec![0.0; self.tasks], [self.tasks], device).set_require_grad(false);
        ConvexHead { mixture, shift }
    }

    /// The logarithms of the weights with which features of one half give the prior.
    fn initial(&self, prior: f64) -> Vec<f32> {
        let features = prior.min(1.0 - prior);
        let (always, never) = (prior - features / 2.0, 1.0 - prior - features / 2.0);
        let each = (features / self.features as f64).ln() as f32;
        let mut weights = vec![each; self.features];
        weights.extend([always.ln() as f32, never.ln() as f32]);
        weights
    }
}

/// A term of a mixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MixtureTerm {
    /// A shared feature.
    Feature(usize),
    /// Bound, whatever the features.
    Always,
    /// Not bound, whatever the features.
    Never,
}

/// The probability of being bound as a convex combination of features, for each task.
///
/// A feature `h >= 0` contributes `1 - exp(-h)`, between 0 and 1. The weights of a task are positive and sum to 1 with
/// those of two constants, "always bound" and "never bound". A task can therefore be read as a mixture of features, or
/// of motifs if the trunk has no dense layer. But one feature cannot veto another, nor can two be required at once.
/// Both the probability and its complement are sums of positive terms, so that their logarithms lose nothing.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{ConvexHeadConfig, MixtureTerm, TaskHead};
///
/// let device = Device::default();
/// let head = ConvexHeadConfig::new(4, 1).with_priors(Some(vec![0.1])).init(&device);
/// let halves = Tensor::full([1, 4], 2f32.ln(), &device);
/// let bound = head.bound_probability(head.forward(halves)).into_scalar::<f32>();
/// assert!((bound - 0.1).abs() < 1e-6);
/// assert_eq!(head.largest_weights(0, 1)[0].0, MixtureTerm::Never);
/// ```
#[derive(Module, Debug)]
pub struct ConvexHead {
    /// `[task, feature + 2]`: the softmax of a row are the weights of the features, of "always" and of "never".
    pub mixture: Param<Tensor<2>>,
    /// A constant added to the log-odds, `[task]`: not trained, and 0 unless it corrects for sampling.
    pub shift: Param<Tensor<1>>,
}

impl ConvexHead {
    /// Returns the `count` largest weights of a task, the largest first.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn largest_weights(&self, task: usize, count: usize) -> Vec<(MixtureTerm, f32)> {
        let [tasks, terms] = self.mixture.val().dims();
        assert!(task < tasks, "task {task} of {tasks}");
        let row = softmax(self.mixture.val(), 1).slice(s![task..task + 1]).into_data();
        let term = |index: usize| match terms - index {
            1 => MixtureTerm::Never,
            2 => MixtureTerm::Always,
            _ => MixtureTerm::Feature(index),
        };
        let mut weights: Vec<_> = row.iter::<f32>().enumerate().map(|(i, weight)| (term(i), weight)).collect();
        weights.sort_by(|a, b| b.1.total_cmp(&a.1));
        weights.truncate(count);
        weights
    }

    pub(super) fn to_host(&self) -> Box<dyn HostHead> {
        let [tasks, terms] = self.mixture.dims();
        let weights = values(softmax(self.mixture.val(), 1).transpose());
        let (features, constants) = weights.split_at((terms - 2) * tasks);
        let (always, never) = constants.split_at(tasks);
        Box::new(HostConvex {
            features: Panels::new(features, [terms - 2, tasks]),
            always: always.to_vec(),
            never: never.to_vec(),
            shift: values(self.shift.val()),
        })
    }

    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        Self { mixture: self.mixture, shift: shifted(self.shift, shifts) }
    }
}

impl TaskHead for ConvexHead {
    /// Computes the logits, `[batch, task, 1]`; features are at least 0.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        let [_, count] = features.dims();
        let weights = softmax(self.mixture.val(), 1).transpose();
        let feature_weights = weights.clone().slice(s![..count]);
        let complements = features.clone().neg().exp();
        let bound = one_minus_exp(features).matmul(feature_weights.clone()) + weights.clone().slice(s![count..=count]);
        let unbound = complements.matmul(feature_weights) + weights.slice(s![count + 1..]);
        let log_odds = bound.clamp_min(LEAST).log() - unbound.clamp_min(LEAST).log();
        (log_odds + self.shift.val().detach().unsqueeze_dim(0)).unsqueeze_dim(2)
    }
}

/// Returns `1 - exp(-feature)`, which keeps its digits near 0.
fn one_minus_exp(features: Tensor<2>) -> Tensor<2> {
    /// Below, the series' next term, `feature^9 / 9!`, is less than the rounding of an f32.
    const SMALL: f32 = 0.5;
    const LAST_TERM: usize = 8;
    let is_large = features.clone().abs().greater_elem(SMALL);
    let small = features.clone().clamp(-SMALL, SMALL);
    let series = (2..=LAST_TERM)
        .rev()
        .fold(small.ones_like(), |sum, term| (sum * small.clone()).div_scalar(-(term as f32)).add_scalar(1.0));
    (series * small).mask_where(is_large, features.neg().exp().neg() + 1.0)
}

/// [`ConvexHead`] on slices: the weights of features and constants, `[term, task]`.
#[derive(Debug)]
struct HostConvex {
    features: Panels,
    always: Vec<f32>,
    never: Vec<f32>,
    shift: Vec<f32>,
}

impl HostHead for HostConvex {
    fn logits(&self) -> usize {
        self.shift.len()
    }

    fn forward(&self, features: &[f32], scratch: &mut Vec<f32>, logits: &mut [f32]) {
        let scratch = sized(scratch, 2 * features.len() + 2 * logits.len());
        let (terms, sums) = scratch.split_at_mut(2 * features.len());
        let (bound, unbound) = sums.split_at_mut(logits.len());
        let (probabilities, complements) = terms.split_at_mut(features.len());
        for ((feature, probability), complement) in features.iter().zip(probabilities).zip(complements) {
            *complement = (-feature).exp();
            *probability = -(-feature).exp_m1();
        }
        bound.copy_from_slice(&self.always);
        unbound.copy_from_slice(&self.never);
        self.features.add_product(terms, sums);
        let log = |probability: f32| if probability < LEAST { LEAST.ln() } else { probability.ln() };
        let (bound, unbound) = sums.split_at(logits.len());
        for (task, logit) in logits.iter_mut().enumerate() {
            *logit = log(bound[task]) - log(unbound[task]) + self.shift[task];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log-odds of a task with one feature of almost all of the weight.
    fn log_odds(feature: f32) -> f32 {
        let device = Device::default();
        let mixture = Param::from_tensor(Tensor::from_data([[0.0, -80.0, -80.0]], &device));
        let head = ConvexHead { mixture, shift: Param::from_tensor(Tensor::zeros([1], &device)) };
        head.forward(Tensor::from_data([[feature]], &device)).into_scalar::<f32>()
    }

    #[test]
    fn a_feature_keeps_its_digits_however_small_it_is() {
        for feature in [1e-12, 1e-8, 1e-6, 1e-4, 0.01, 0.3, 0.5, 1.0, 5.0, 15.0] {
            let expected = f64::from(feature).exp_m1().ln();
            let found = f64::from(log_odds(feature));
            assert!((found - expected).abs() < 1e-5, "{feature}: {found} {expected}");
        }
    }

    #[test]
    fn the_derivative_of_a_small_feature_is_finite_and_right() {
        let device = Device::default().autodiff();
        let head = ConvexHeadConfig::new(1, 1).init(&device);
        for feature in [0.0, 1e-8, 0.1, 3.0] {
            let input = Tensor::<2>::from_data([[feature]], &device).require_grad();
            let gradients = head.forward(input.clone()).sum().backward();
            let found = f64::from(input.grad(&gradients).unwrap().into_scalar::<f32>());
            // Half of the weight is the feature's, a quarter "always", a quarter "never".
            let share = f64::exp(-feature);
            let expected = 0.5 * share * (1.0 / (0.75 - 0.5 * share) + 1.0 / (0.25 + 0.5 * share));
            assert!((found - expected).abs() < 1e-5 * expected, "{feature}: {found} {expected}");
        }
    }
}
