//! Task balancers: what each task weighs in a step.
//!
//! A [`TaskBalancer`] is told, before each step, the loss of each task in the batch, and for those that balance gradients
//! the [`Gram`] matrix of the tasks' gradients on the shared features; it answers with a weight for each task. A task
//! without a label in the batch is unseen: it weighs nothing, and what a balancer knows of it stays as it is.
//!
//! | [`Balance`] | weighs | paper |
//! |---|---|---|
//! | `equal` | all alike | |
//! | `{ entropy = 0.5 }` | the loss, by how rarely the task is bound | |
//! | `uncertainty` | the loss, by a learned noise level | Kendall et al. 2018, [doi:10.1109/CVPR.2018.00781](https://doi.org/10.1109/CVPR.2018.00781) |
//! | `dynamic-average` | the loss, by how slowly it falls | Liu et al. 2019, [doi:10.1109/CVPR.2019.00197](https://doi.org/10.1109/CVPR.2019.00197) |
//! | `famo` | the loss, so that all fall at one rate | Liu et al. 2023, [doi:10.48550/arXiv.2306.03792](https://doi.org/10.48550/arXiv.2306.03792) |
//! | `tchebycheff` | the loss, the worst most | Lin et al. 2024, [doi:10.48550/arXiv.2402.19078](https://doi.org/10.48550/arXiv.2402.19078) |
//! | `pcgrad` | gradients, less what works against others | Yu et al. 2020, [doi:10.48550/arXiv.2001.06782](https://doi.org/10.48550/arXiv.2001.06782) |
//! | `cagrad` | gradients, so that the worst served task is served | Liu et al. 2021, [doi:10.48550/arXiv.2110.14048](https://doi.org/10.48550/arXiv.2110.14048) |
//! | `aligned` | gradients, made orthogonal and of one length | Senushkin et al. 2023, [doi:10.1109/CVPR52729.2023.01923](https://doi.org/10.1109/CVPR52729.2023.01923) |
//!
//! What balances gradients does so on the shared features, where all of it follows from the Gram matrix: the gradient
//! that the trunk gets is the weighted sum of the tasks' gradients, while each head learns from its own.
//!
//! # Examples
//!
//! ```
//! use multitf::train::balance::{Balance, Gram, TaskStep};
//!
//! // Two tasks that pull in opposite directions, and one without a label in this batch.
//! let gram = Gram::of_rows(&[&[1.0, 0.2], &[-1.0, 0.2], &[0.0, 0.0]]);
//! let step = TaskStep { losses: &[Some(0.3), Some(0.5), None], gram: Some(&gram) };
//! let mut balancer = Balance::Pcgrad.init(&[0.1; 3], 0);
//! let weights = balancer.weights(&step);
//! // Without what works against the other, both pull along the second axis only.
//! assert!((weights[0] - weights[1]).abs() < 1e-12 && weights[0] > 1.0);
//! assert_eq!(weights[2], 0.0);
//! ```

mod adam;
mod aligned;
mod cagrad;
mod choice;
mod dynamic_average;
mod entropy;
mod equal;
mod famo;
mod gram;
mod pcgrad;
mod simplex;
mod tchebycheff;
#[cfg(test)]
mod tests;
mod uncertainty;

pub use self::{
    aligned::AlignedMtl, cagrad::CaGrad, choice::Balance, dynamic_average::DynamicAverage, entropy::EntropyWeighting,
    equal::Equal, famo::Famo, gram::Gram, pcgrad::PcGrad, tchebycheff::SmoothTchebycheff,
    uncertainty::UncertaintyWeighting,
};

/// What a balancer is told of a step.
#[derive(Debug, Clone, Copy)]
pub struct TaskStep<'a> {
    /// The mean loss of each task over its labels in the batch; none for a task without one.
    pub losses: &'a [Option<f64>],
    /// The inner products of the tasks' gradients, if the balancer [wants them](TaskBalancer::wants_gradients).
    pub gram: Option<&'a Gram>,
}

impl TaskStep<'_> {
    /// The tasks that have a label in the batch, each with its loss.
    fn seen(&self) -> impl Iterator<Item = (usize, f64)> {
        self.losses.iter().enumerate().filter_map(|(task, loss)| Some((task, (*loss)?)))
    }

    /// Those that have a gradient as well, and the inner products of these.
    ///
    /// # Panics
    ///
    /// Without a matrix.
    fn gradients(&self) -> (Vec<usize>, Gram) {
        let gram = self.gram.expect("a balancer of gradients is told their inner products");
        let tasks: Vec<usize> = self.seen().map(|(task, _)| task).filter(|&task| gram.at(task, task) > 0.0).collect();
        let gram = gram.of(&tasks);
        (tasks, gram)
    }

    /// A weight for each task, from those of some: the others weigh nothing.
    fn spread(&self, tasks: &[usize], weights: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut all = vec![0.0; self.losses.len()];
        tasks.iter().zip(weights).for_each(|(&task, weight)| all[task] = weight);
        all
    }
}

/// Weighs tasks, step by step.
///
/// # Examples
///
/// One of your own, which leaves out what is learned already:
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
pub trait TaskBalancer: std::fmt::Debug {
    /// Returns what each task weighs in this step; 1 is what it weighs where all tasks are alike, and a task that is not
    /// seen weighs 0.
    ///
    /// What is minimised is the sum of the seen tasks' losses times their weights, over their number.
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64>;

    /// Whether it weighs the gradients on the shared features, from their inner products, rather than the losses.
    fn wants_gradients(&self) -> bool {
        false
    }

    /// Whether it is to be told what the losses of the same batch are after the step, which takes another forward pass.
    fn wants_losses_after(&self) -> bool {
        false
    }

    /// Takes the losses of the same batch after the step.
    fn after(&mut self, _losses: &[Option<f64>]) {}

    /// Returns what it remembers, for a checkpoint.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Goes on from what [`state`](Self::state) returned.
    ///
    /// # Panics
    ///
    /// If it is the state of another balancer.
    fn restore(&mut self, state: &[f64]) {
        assert!(state.is_empty(), "the state of another balancer");
    }
}
