//! Task balancers: the weight of each task in a step.
//!
//! Before each step, a [`TaskBalancer`] gets the loss of each task in the batch and, if it balances gradients, the
//! [`Gram`] matrix of the tasks' gradients on the shared features. It returns a weight for each task. A task without a
//! label in the batch is unseen: its weight is 0, and the balancer's state for it stays as it is.
//!
//! | [`Balance`] | weighs | paper |
//! |---|---|---|
//! | `equal` | all alike ([`Equal`]) | |
//! | `entropy` | losses, by how rarely the task is bound ([`EntropyWeighting`]) | |
//! | `cagrad` | gradients, so that the worst task improves most ([`CaGrad`]) | Liu et al. 2021 |
//!
//! A balancer of gradients acts on the shared features, where all follows from the Gram matrix: the trunk gets the
//! weighted sum of the tasks' gradients, while each head learns from its own.
//!
//! # Examples
//!
//! ```
//! use multitf::train::balance::{Balance, CaGradConfig, Gram, TaskStep};
//!
//! // Two tasks that pull in opposite directions, and one without a label in this batch.
//! let gram = Gram::from_gradients(&[&[1.0, 0.2], &[-0.5, 0.2], &[0.0, 0.0]]);
//! let step = TaskStep { losses: &[Some(0.3), Some(0.5), None], gram: Some(&gram) };
//! let mut balancer = Balance::Cagrad(CaGradConfig { radius: 0.5 }).init(&[0.1; 3]);
//! let weights = balancer.weights(&step);
//! // The mean of both is against the second task, which thus weighs more.
//! assert!(weights[1] > 1.2 * weights[0]);
//! assert_eq!(weights[2], 0.0);
//! ```

mod cagrad;
mod config;
mod entropy;
mod equal;
mod gram;
mod simplex;
#[cfg(test)]
mod tests;

pub use self::{
    cagrad::CaGrad,
    config::{Balance, CaGradConfig, EntropyConfig},
    entropy::EntropyWeighting,
    equal::Equal,
    gram::Gram,
};

/// The losses and gradients of a step.
#[derive(Clone, Copy, Debug)]
pub struct TaskStep<'a> {
    /// The mean loss of each task over its labels in the batch; none for a task without one.
    pub losses: &'a [Option<f64>],
    /// The inner products of the tasks' gradients, if the balancer [wants them](TaskBalancer::wants_gradients).
    pub gram: Option<&'a Gram>,
}

impl TaskStep<'_> {
    /// The tasks with a label in the batch, each with its loss.
    fn seen(&self) -> impl Iterator<Item = (usize, f64)> {
        self.losses.iter().enumerate().filter_map(|(task, loss)| Some((task, (*loss)?)))
    }

    /// The seen tasks that have a gradient, and their matrix.
    ///
    /// # Panics
    ///
    /// Panics without a matrix.
    fn gradients(&self) -> (Vec<usize>, Gram) {
        let gram = self.gram.expect("a balancer of gradients gets their inner products");
        let tasks: Vec<usize> = self.seen().map(|(task, _)| task).filter(|&task| gram.at(task, task) > 0.0).collect();
        let gram = gram.for_tasks(&tasks);
        (tasks, gram)
    }

    /// A weight for each task, given those of some; the others weigh 0.
    fn scatter(&self, tasks: &[usize], weights: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut all = vec![0.0; self.losses.len()];
        tasks.iter().zip(weights).for_each(|(&task, weight)| all[task] = weight);
        all
    }
}

/// Weighs tasks, step by step.
///
/// [`Fit::with_balancer`](crate::train::Fit::with_balancer) takes a custom one.
///
/// # Examples
///
/// One of losses, which ignores tasks that are learned already:
///
/// ```
/// use multitf::train::balance::{TaskBalancer, TaskStep};
///
/// #[derive(Debug)]
/// struct Unlearned(f64);
///
/// impl TaskBalancer for Unlearned {
///     fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
///         step.losses.iter().map(|loss| f64::from(loss.is_some_and(|loss| loss > self.0))).collect()
///     }
/// }
/// let step = TaskStep { losses: &[Some(0.5), Some(0.01), None], gram: None };
/// assert_eq!(Unlearned(0.1).weights(&step), [1.0, 0.0, 0.0]);
/// ```
///
/// One of gradients, which gives all the length 1:
///
/// ```
/// use multitf::train::balance::{Gram, TaskBalancer, TaskStep};
///
/// #[derive(Debug)]
/// struct OneLength;
///
/// impl TaskBalancer for OneLength {
///     fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
///         let gram = step.gram.expect("it wants gradients");
///         let squares = (0..gram.tasks()).map(|task| gram.at(task, task));
///         squares.map(|square| if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 }).collect()
///     }
///
///     fn wants_gradients(&self) -> bool {
///         true
///     }
/// }
/// let gram = Gram::from_gradients(&[&[3.0, 4.0], &[0.5, 0.0], &[0.0, 0.0]]);
/// let step = TaskStep { losses: &[Some(0.5), Some(0.01), None], gram: Some(&gram) };
/// assert_eq!(OneLength.weights(&step), [0.2, 2.0, 0.0]);
/// ```
pub trait TaskBalancer: std::fmt::Debug {
    /// Returns the weight of each task in this step: 1 for all if tasks are treated alike, and 0 for an unseen task.
    ///
    /// Training minimises the sum of the seen tasks' losses times their weights, over their number.
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64>;

    /// Whether it weighs the gradients on the shared features, from their inner products, rather than the losses.
    fn wants_gradients(&self) -> bool {
        false
    }

    /// Whether it needs the losses of the same batch after the step, which takes another forward pass.
    fn wants_losses_after(&self) -> bool {
        false
    }

    /// Takes the losses of the same batch after the step.
    fn after_step(&mut self, _losses: &[Option<f64>]) {}

    /// Returns its state, for a checkpoint.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Restores a [`state`](Self::state).
    ///
    /// # Panics
    ///
    /// Panics if it is the state of another balancer.
    fn restore(&mut self, state: &[f64]) {
        assert!(state.is_empty(), "the state of another balancer");
    }
}
