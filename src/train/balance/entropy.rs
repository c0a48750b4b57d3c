use super::{TaskBalancer, TaskStep};

/// Weighs each loss by how little there is to say about the task.
///
/// A task that is bound in a share `p` of its labels costs `H(p) = -p log p - (1 - p) log (1 - p)` at first, when only that
/// share is known. The rarer it is bound, the less its loss, and the less it counts in the shared features. A weight of
/// `H(p)^-power`, scaled so that the mean over all tasks is 1, undoes that: with a power of 1, all tasks start with one loss.
#[derive(Debug, Clone, PartialEq)]
pub struct EntropyWeighting {
    weights: Vec<f64>,
}

impl EntropyWeighting {
    /// Starts, with the share of each task's labels that are bound.
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
        let raw: Vec<f64> = priors
            .iter()
            .map(|prior| {
                let prior = prior.clamp(LEAST, 1.0 - LEAST);
                let entropy = -prior * prior.ln() - (1.0 - prior) * (1.0 - prior).ln();
                entropy.powf(-power)
            })
            .collect();
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
