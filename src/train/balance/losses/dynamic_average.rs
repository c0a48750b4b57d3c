//! Dynamic weight average.

use crate::train::balance::{TaskBalancer, TaskStep};

/// Weighs each loss by how slowly it fell recently (dynamic weight average).
///
/// Training is cut into periods. A task's weight is the number of tasks times the softmax of `r / temperature`, where
/// `r` is its mean loss in the last period over that in the one before; all weigh 1 until there are two. A period in
/// which a task is not seen does not count for it.
///
/// # References
///
/// Liu, Johns and Davison 2019, "End-to-end multi-task learning with attention",
/// [doi:10.1109/CVPR.2019.00197](https://doi.org/10.1109/CVPR.2019.00197).
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicAverage {
    temperature: f64,
    period: usize,
    steps: usize,
    tasks: Vec<RecentLosses>,
}

/// The recent losses of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct RecentLosses {
    /// Sum and number of losses in this period.
    sum: f64,
    count: f64,
    /// The means of the last two periods, 0 where there is none yet.
    last: f64,
    before: f64,
}

impl RecentLosses {
    fn end_period(&mut self) {
        if self.count > 0.0 {
            *self = Self { sum: 0.0, count: 0.0, last: self.sum / self.count, before: self.last };
        }
    }

    fn ratio(self) -> f64 {
        if self.before > 0.0 { self.last / self.before } else { 1.0 }
    }
}

impl DynamicAverage {
    /// Creates a balancer with the temperature of the softmax and the number of steps in a period.
    pub fn new(tasks: usize, temperature: f64, period: usize) -> Self {
        Self { temperature, period, steps: 0, tasks: vec![RecentLosses::default(); tasks] }
    }
}

impl TaskBalancer for DynamicAverage {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        if self.steps > 0 && self.steps.is_multiple_of(self.period) {
            self.tasks.iter_mut().for_each(RecentLosses::end_period);
        }
        self.steps += 1;
        let exps: Vec<f64> = self.tasks.iter().map(|task| (task.ratio() / self.temperature).exp()).collect();
        let scale = self.tasks.len() as f64 / exps.iter().sum::<f64>();
        let mut weights = vec![0.0; exps.len()];
        for (task, loss) in step.seen() {
            weights[task] = scale * exps[task];
            self.tasks[task].sum += loss;
            self.tasks[task].count += 1.0;
        }
        weights
    }

    fn state(&self) -> Vec<f64> {
        let tasks = self.tasks.iter().flat_map(|task| [task.sum, task.count, task.last, task.before]);
        std::iter::once(self.steps as f64).chain(tasks).collect()
    }

    fn restore(&mut self, state: &[f64]) {
        assert_eq!(state.len(), 1 + 4 * self.tasks.len(), "the state of another balancer");
        self.steps = state[0] as usize;
        for (task, saved) in self.tasks.iter_mut().zip(state[1..].chunks_exact(4)) {
            *task = RecentLosses { sum: saved[0], count: saved[1], last: saved[2], before: saved[3] };
        }
    }
}
