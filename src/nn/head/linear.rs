//! Linear layers of heads, with biases from priors.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Device, Tensor},
};

use crate::nn::init;

/// Makes a linear layer with one output for each task, its biases the priors' log-odds.
pub(super) fn task_linear(features: usize, tasks: usize, priors: Option<&[f64]>, seed: u64, device: &Device) -> Linear {
    let mut linear = init::linear(features, tasks, &[seed, init::HEAD], device);
    if let Some(priors) = priors {
        linear.bias = Some(init::param(log_odds(priors, tasks), [tasks], device));
    }
    linear
}

/// Checks that there is a prior for each task, between 0 and 1.
pub(super) fn check_priors(priors: &[f64], tasks: usize) {
    assert_eq!(priors.len(), tasks, "the number of priors and of tasks");
    for prior in priors {
        assert!(*prior > 0.0 && *prior < 1.0, "a prior lies between 0 and 1, found {prior}");
    }
}

/// Returns the log-odds of priors, which are checked.
pub(super) fn log_odds(priors: &[f64], tasks: usize) -> Vec<f32> {
    check_priors(priors, tasks);
    priors.iter().map(|prior| (prior / (1.0 - prior)).ln() as f32).collect()
}

/// Adds constants to the outputs of a linear layer.
pub(super) fn shifted_linear(linear: Linear, shifts: &[f64]) -> Linear {
    Linear { weight: linear.weight, bias: linear.bias.map(|bias| shifted(bias, shifts)) }
}

/// Adds constants to a parameter.
pub(super) fn shifted(param: Param<Tensor<1>>, shifts: &[f64]) -> Param<Tensor<1>> {
    let shifts = Tensor::from_data(shifts, &param.val().device());
    param.map(|values| values + shifts)
}
