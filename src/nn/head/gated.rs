//! Shared and private experts, mixed by a gate for each task.

use burn::{
    config::Config,
    module::{Module, Param},
    nn::Linear,
    tensor::{
        Device, Tensor,
        activation::{relu, softmax},
        s,
    },
};

use super::{
    host_head::HostHead,
    linear::{log_odds, shifted},
    task_head::TaskHead,
};
use crate::nn::{
    init,
    ops::host::{
        dense::{self, Dense, sized},
        memory::values,
    },
};

/// Configuration of [`GatedExpertsHead`].
#[derive(Config, Debug)]
pub struct GatedExpertsHeadConfig {
    /// Number of shared features, the input of experts and gates.
    pub inputs: usize,
    /// Number of tasks, each of which has an expert of its own.
    pub tasks: usize,
    /// Experts that all tasks share.
    pub shared: usize,
    /// Features of an expert.
    pub features: usize,
    /// The share of bound labels of each task in the training data: the initial biases are their log-odds. Default: one
    /// half.
    pub priors: Option<Vec<f64>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl GatedExpertsHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if the number of priors is not that of the tasks, or one does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> GatedExpertsHead {
        let (inputs, tasks, shared) = (self.inputs, self.tasks, self.shared);
        let layer = |outputs, part| init::linear(inputs, outputs, &[self.seed, init::HEAD, part], device);
        let bound = (self.features as f32).sqrt().recip();
        let weight = init::uniform(tasks * self.features, bound, &[self.seed, init::HEAD, 2]);
        let biases = self.priors.as_ref().map_or_else(|| vec![0.0; tasks], |priors| log_odds(priors, tasks));
        GatedExpertsHead {
            experts: layer((shared + tasks) * self.features, 0),
            gates: layer(tasks * (shared + 1), 1),
            weight: init::param(weight, [tasks, self.features], device),
            bias: init::param(biases, [tasks], device),
            shared,
        }
    }
}

/// A logistic regression for each task on a mixture of experts: some that all tasks share, and one of the task's own.
/// The task's gate weighs them for each sample.
///
/// With a trunk without a dense layer (`hidden = 0`), experts take the place of that layer.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{GatedExpertsHeadConfig, TaskHead};
///
/// let device = Device::default();
/// let head = GatedExpertsHeadConfig::new(20, 3, 2, 8).init(&device);
/// assert_eq!(head.forward(Tensor::ones([5, 20], &device)).dims(), [5, 3, 1]);
/// ```
///
/// # References
///
/// Customized gate control, the one-level form of progressive layered extraction: Tang et al. 2020,
/// [doi:10.1145/3383313.3412236](https://doi.org/10.1145/3383313.3412236).
#[derive(Module, Debug)]
pub struct GatedExpertsHead {
    /// From the inputs to the features of all experts, the shared ones first, then one for each task.
    pub experts: Linear,
    /// From the inputs to the gates of all tasks: a value for each shared expert, and one for the task's own.
    pub gates: Linear,
    /// From a task's mixture to its logit, `[task, feature]`.
    pub weight: Param<Tensor<2>>,
    /// `[task]`
    pub bias: Param<Tensor<1>>,
    #[module(skip)]
    shared: usize,
}

impl GatedExpertsHead {
    pub(super) fn to_host(&self) -> Box<dyn HostHead> {
        Box::new(HostGated {
            experts: Dense::new(&self.experts),
            gates: Dense::new(&self.gates),
            weight: values(self.weight.val()),
            bias: values(self.bias.val()),
            shared: self.shared,
        })
    }

    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        Self { bias: shifted(self.bias, shifts), ..self }
    }
}

impl TaskHead for GatedExpertsHead {
    /// Computes the logits, `[batch, task, 1]`.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        let ([batch, _], [tasks, width], shared) = (features.dims(), self.weight.dims(), self.shared);
        let experts = relu(self.experts.forward(features.clone())).reshape([batch, shared + tasks, width]);
        let gates = softmax(self.gates.forward(features).reshape([batch, tasks, shared + 1]), 2);
        let own = experts.clone().slice(s![.., shared..]) * gates.clone().slice(s![.., .., shared..]);
        let mixture = if shared == 0 {
            own
        } else {
            own + gates.slice(s![.., .., ..shared]).matmul(experts.slice(s![.., ..shared]))
        };
        let logits = (mixture * self.weight.val().unsqueeze_dim(0)).sum_dim(2);
        logits + self.bias.val().reshape([1, tasks, 1])
    }
}

/// [`GatedExpertsHead`] on slices.
#[derive(Debug)]
struct HostGated {
    experts: Dense,
    gates: Dense,
    /// `[task, feature]`
    weight: Vec<f32>,
    bias: Vec<f32>,
    shared: usize,
}

impl HostHead for HostGated {
    fn logits(&self) -> usize {
        self.bias.len()
    }

    fn forward(&self, features: &[f32], scratch: &mut Vec<f32>, logits: &mut [f32]) {
        let scratch = sized(scratch, self.experts.outputs() + self.gates.outputs());
        let (experts, gates) = scratch.split_at_mut(self.experts.outputs());
        self.experts.forward(features, experts);
        self.gates.forward(features, gates);
        dense::relu(experts);
        let width = self.weight.len() / self.bias.len();
        let tasks = gates.chunks_exact_mut(self.shared + 1).zip(self.weight.chunks_exact(width)).zip(&self.bias);
        for (task, ((gates, weight), bias)) in tasks.enumerate() {
            dense::softmax(gates);
            let seen = (0..self.shared).chain([self.shared + task]).zip(&*gates);
            let says = seen.map(|(expert, gate)| gate * dense::dot(&experts[expert * width..][..width], weight));
            logits[task] = says.sum::<f32>() + bias;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, number by number.
    fn expected(head: &GatedExpertsHead, input: &[f32]) -> Vec<f32> {
        let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        let layer = |linear: &Linear| {
            let weight = values(linear.weight.val());
            let bias: Vec<f32> = linear.bias.as_ref().unwrap().val().into_data().iter::<f32>().collect();
            let columns = bias.len();
            (0..columns)
                .map(|column| {
                    let products = input.iter().enumerate().map(|(row, value)| value * weight[row * columns + column]);
                    bias[column] + products.sum::<f32>()
                })
                .collect::<Vec<f32>>()
        };
        let ([tasks, width], shared) = (head.weight.dims(), head.shared);
        let (experts, gates, weight) = (layer(&head.experts), layer(&head.gates), values(head.weight.val()));
        let bias: Vec<f32> = head.bias.val().into_data().iter::<f32>().collect();
        (0..tasks)
            .map(|task| {
                let gates = &gates[task * (shared + 1)..(task + 1) * (shared + 1)];
                let total: f32 = gates.iter().map(|gate| gate.exp()).sum();
                let seen = (0..shared).chain([shared + task]).zip(gates);
                let sum = seen.map(|(expert, gate)| {
                    let says = (0..width).map(|i| experts[expert * width + i].max(0.0) * weight[task * width + i]);
                    gate.exp() / total * says.sum::<f32>()
                });
                bias[task] + sum.sum::<f32>()
            })
            .collect()
    }

    #[test]
    fn a_task_mixes_the_shared_experts_and_its_own_by_its_gate() {
        let device = Device::default();
        for shared in [0, 1, 3] {
            let config = GatedExpertsHeadConfig::new(5, 4, shared, 6).with_priors(Some(vec![0.1, 0.2, 0.3, 0.4]));
            let head = config.with_seed(3).init(&device);
            let input: Vec<f32> = (0..5).map(|i| (i as f32 * 1.3).sin()).collect();
            let logits = head.forward(Tensor::<1>::from_data(input.as_slice(), &device).unsqueeze_dim(0));
            let found: Vec<f32> = logits.into_data().iter::<f32>().collect();
            for (found, expected) in found.iter().zip(expected(&head, &input)) {
                assert!((found - expected).abs() < 1e-5, "{shared}: {found} {expected}");
            }
        }
    }

    #[test]
    fn another_tasks_expert_and_gate_do_not_learn() {
        let device = Device::default().autodiff();
        let head = GatedExpertsHeadConfig::new(5, 2, 1, 3).init(&device);
        let logits = head.forward(Tensor::ones([2, 5], &device));
        let gradients = logits.slice(s![.., 0..1]).sum().backward();
        let weight = head.experts.weight.grad(&gradients).unwrap();
        let of = |columns: std::ops::Range<i64>| weight.clone().slice(s![.., columns]).abs().sum().into_scalar::<f32>();
        assert_eq!(of(6..9), 0.0);
        assert!(of(0..3) > 0.0 && of(3..6) > 0.0);
        let gates = head.gates.weight.grad(&gradients).unwrap();
        assert_eq!(gates.slice(s![.., 2..4]).abs().sum().into_scalar::<f32>(), 0.0);
    }
}
