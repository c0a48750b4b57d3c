//! Weights by the entropy of the labels.

use super::{TaskBalancer, TaskStep};

/// Weighs each loss by the inverse entropy of the task's labels.
///
/// A task with a share `p` of bound labels has the loss `H(p) = -p log p - (1 - p) log (1 - p)` at first, when the
/// model knows that share only. Rarely bound tasks thus have small losses and little influence on the shared features.
/// A weight of `H(p)^-power`, scaled to a mean of 1 over all tasks, corrects that: with a power of 1, all initial
/// losses are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct EntropyWeighting {
    weights: Vec<f64>,
}

impl EntropyWeighting {
    /// Creates a balancer with the share of each task's labels that are bound.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::balance::{EntropyWeighting, TaskBalancer, TaskStep};
    ///
    /// let mut balancer = EntropyWeighting::new(&[0.5, 0.01], 1.0);
    /// let weights = balancer.weights(&TaskStep { losses: &[Some(0.7), Some(0.05)], gram: None });
    /// assert!(weights[1] > 10.0 * weights[0] && (weights[0] + weights[1] - 2.0).abs() < 1e-12);
    /// ```
    pub fn new(priors: &[f64], power: f64) -> Self {
        const LEAST: f64 = 1e-9;
        let weight = |prior: &f64| {
            let prior = prior.clamp(LEAST, 1.0 - LEAST);
            let entropy = -prior * prior.ln() - (1.0 - prior) * (1.0 - prior).ln();
            entropy.powf(-power)
        };
        let raw: Vec<f64> = priors.iter().map(weight).collect();
        let scale = raw.len() as f64 / raw.iter().sum::<f64>();
        Self { weights: raw.into_iter().map(|weight| scale * weight).collect() }
    }
}

impl TaskBalancer for EntropyWeighting {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let weight = |(loss, weight): (&Option<f64>, &f64)| if loss.is_some() { *weight } else { 0.0 };
        step.losses.iter().zip(&self.weights).map(weight).collect()
    }
}
