//! Which tasks pull the shared weights in the same direction, and which in opposite ones.
//!
//! Every so many steps, a *look* estimates the inner product of each two tasks' gradients on samples of its own. Looks
//! do not touch the weights or the random numbers of training.

mod direction;
pub(super) mod look;
pub(super) mod map;
pub(super) mod pair;
mod student;

use serde::{Deserialize, Serialize};

use self::{look::Look, pair::PairLooks};
use super::ConflictMap;

/// What the looks of a run have seen of each pair of tasks `a <= b`, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Conflicts {
    pairs: Vec<PairLooks>,
}

impl Conflicts {
    /// The batches of a look.
    pub(super) const BATCHES: usize = 4;

    /// The steps between two looks, so that these take less than 2 % of the time of a training: a look takes that of
    /// 8 to 16 steps, and the products of its tasks grow with the square of their number (docs/design/conflict-
    /// map.md).
    fn steps_between(tasks: usize) -> usize {
        640 + tasks
    }

    /// Whether there is a look before a step: in the middle of each stretch, so that they are spread evenly over a run.
    pub(super) fn is_due(step: usize, tasks: usize) -> bool {
        let between = Self::steps_between(tasks);
        step % between == between / 2
    }

    /// The number of looks before that of a step.
    pub(super) fn looks_before(step: usize, tasks: usize) -> usize {
        let between = Self::steps_between(tasks);
        (step + between - between / 2 - 1) / between
    }

    /// Starts without a look.
    pub(super) fn new(tasks: usize) -> Self {
        Self { pairs: vec![PairLooks::default(); tasks * (tasks + 1) / 2] }
    }

    /// The number of pairs.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Adds a look.
    pub(super) fn add(&mut self, look: &Look) {
        let tasks = 0..look.tasks();
        let pairs = tasks.clone().flat_map(|a| (a..tasks.end).map(move |b| (a, b)));
        for (pair, (a, b)) in self.pairs.iter_mut().zip(pairs) {
            pair.samples += look.common_samples(a, b);
            if let Some(product) = look.product(a, b) {
                pair.add(product);
            }
        }
    }

    /// The map of tasks with these names, given for each two of them, row by row, the distinct samples of the training
    /// split with a label of both: a repeated sample is no new evidence.
    pub(super) fn map(&self, tasks: Vec<String>, distinct: &[u64]) -> ConflictMap {
        let count = tasks.len();
        let distinct = (0..count).flat_map(|a| &distinct[a * count + a..(a + 1) * count]);
        let limited =
            |(pair, distinct): (&PairLooks, &u64)| PairLooks { samples: pair.samples.min(*distinct), ..*pair };
        ConflictMap::new(tasks, self.pairs.iter().zip(distinct).map(limited).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        // The second and the third task have no sample in common.
        let products = [4.0, -1.0, 0.5, -1.0, 2.0, 0.0, 0.5, 0.0, 1.0].map(Some);
        let mut products = products.to_vec();
        (products[5], products[7]) = (None, None);
        Look::from_parts(3, products, vec![10, 8, 2, 8, 9, 0, 2, 0, 2])
    }

    #[test]
    fn looks_add_up_to_sums_worked_out_by_hand() {
        let mut conflicts = Conflicts::new(3);
        assert_eq!(conflicts.len(), 6);
        conflicts.add(&look());
        conflicts.add(&look());
        let pair = |looks, sum, squares, samples| PairLooks { looks, sum, squares, samples };
        let expected = [
            pair(2, 8.0, 32.0, 20),
            pair(2, -2.0, 2.0, 16),
            pair(2, 1.0, 0.5, 4),
            pair(2, 4.0, 8.0, 18),
            pair(0, 0.0, 0.0, 0),
            pair(2, 2.0, 2.0, 4),
        ];
        assert_eq!(conflicts.pairs, expected);
    }

    #[test]
    fn saved_conflicts_go_on_as_they_were_beyond_what_a_float_can_count() {
        let mut conflicts = Conflicts::new(3);
        conflicts.add(&look());
        conflicts.pairs[0].samples = 16_777_216;
        conflicts.pairs[1].sum = 0.1 + 0.2;
        let text = serde_json::to_string(&conflicts).unwrap();
        let mut restored: Conflicts = serde_json::from_str(&text).unwrap();
        assert_eq!(restored, conflicts);
        restored.add(&Look::from_parts(3, vec![None; 9], vec![1; 9]));
        assert_eq!(restored.pairs[0].samples, 16_777_217);
    }

    #[test]
    fn looks_are_spread_evenly_over_a_run_and_counted_when_it_is_resumed() {
        let due = |tasks| (0..2_700).filter(|&step| Conflicts::is_due(step, tasks)).collect::<Vec<_>>();
        assert_eq!(due(40), [340, 1_020, 1_700, 2_380]);
        assert_eq!(due(41), [340, 1_021, 1_702, 2_383]);
        assert_eq!(due(1_000), [820, 2_460]);
        for (step, tasks) in (0..2_700).flat_map(|step| [(step, 40), (step, 41)]) {
            let before = due(tasks).iter().filter(|&&look| look < step).count();
            assert_eq!(Conflicts::looks_before(step, tasks), before, "{step} {tasks}");
        }
    }

    #[test]
    fn a_sample_that_is_drawn_often_counts_once() {
        let mut conflicts = Conflicts::new(3);
        for _ in 0..50 {
            conflicts.add(&look());
        }
        let names = || ["A", "B", "C"].map(String::from).to_vec();
        let map = conflicts.map(names(), &[500, 400, 99, 400, 450, 0, 99, 0, 100]);
        assert_eq!([map.samples(0, 0), map.samples(0, 1), map.samples(1, 0), map.samples(2, 0)], [500, 400, 400, 99]);
        let map = conflicts.map(names(), &[300, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!((map.samples(0, 0), map.samples(1, 1), map.samples(1, 2)), (300, 1, 0));
    }
}
