//! FAMO: fast adaptive multitask optimization.

use crate::train::balance::{TaskBalancer, TaskStep, adam::Adam};

/// Weighs each loss so that all of them fall at one relative rate.
///
/// Tasks have logits; with `z` their softmax over the seen tasks, a task weighs `z / loss`, scaled so that the mean
/// weight is 1. After the step, the logits of tasks whose losses fell less than others' rise: Adam moves them along the
/// change of the logarithms of the losses. This takes a second forward pass of the same batch.
///
/// # References
///
/// Liu, Feng, Stone and Liu 2023, "FAMO: fast adaptive multitask optimization",
/// [doi:10.48550/arXiv.2306.03792](https://doi.org/10.48550/arXiv.2306.03792).
#[derive(Clone, Debug, PartialEq)]
pub struct Famo {
    logits: Vec<f64>,
    adam: Adam,
    /// The losses before the step.
    before: Vec<Option<f64>>,
}

impl Famo {
    /// Keeps losses of 0 away from infinity.
    const LEAST: f64 = 1e-8;

    /// Creates a balancer with the learning rate of the logits and their decay.
    pub fn new(tasks: usize, learning_rate: f64, decay: f64) -> Self {
        Self { logits: vec![0.0; tasks], adam: Adam::new(tasks, learning_rate, decay), before: vec![None; tasks] }
    }

    /// The softmax over some tasks.
    fn shares(&self, tasks: &[usize]) -> Vec<f64> {
        let greatest = tasks.iter().map(|&task| self.logits[task]).fold(f64::NEG_INFINITY, f64::max);
        let exps: Vec<f64> = tasks.iter().map(|&task| (self.logits[task] - greatest).exp()).collect();
        let sum: f64 = exps.iter().sum();
        exps.into_iter().map(|exp| exp / sum).collect()
    }
}

impl TaskBalancer for Famo {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        self.before = step.losses.to_vec();
        let (tasks, losses): (Vec<usize>, Vec<f64>) = step.seen().unzip();
        let raw: Vec<f64> =
            self.shares(&tasks).into_iter().zip(losses).map(|(share, loss)| share / (loss + Self::LEAST)).collect();
        let scale = raw.len() as f64 / raw.iter().sum::<f64>();
        step.scatter(&tasks, raw.into_iter().map(|weight| scale * weight))
    }

    fn wants_losses_after(&self) -> bool {
        true
    }

    fn after_step(&mut self, losses: &[Option<f64>]) {
        let fall = |(before, after): (&Option<f64>, &Option<f64>)| {
            Some(((*before)? + Self::LEAST).ln() - ((*after)? + Self::LEAST).ln())
        };
        let falls = self.before.iter().zip(losses).map(fall).enumerate();
        let (tasks, falls): (Vec<usize>, Vec<f64>) = falls.filter_map(|(task, fall)| Some((task, fall?))).unzip();
        let shares = self.shares(&tasks);
        let mean: f64 = shares.iter().zip(&falls).map(|(share, fall)| share * fall).sum();
        for ((&task, share), fall) in tasks.iter().zip(shares).zip(falls) {
            self.adam.step(task, &mut self.logits[task], share * (fall - mean));
        }
    }

    fn state(&self) -> Vec<f64> {
        self.adam.state(&self.logits)
    }

    fn restore(&mut self, state: &[f64]) {
        self.adam.restore(&mut self.logits, state);
    }
}
