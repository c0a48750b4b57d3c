//! The map of conflicts between tasks.

use std::path::Path;

use crate::{Result, file::write_atomic};

/// The fewest samples with labels of two tasks for a cosine between them. They are those of the counted steps, but no
/// more than there are distinct ones in the training split.
///
/// The cosine of two unrelated tasks has a standard deviation of 1 / sqrt(n) over n samples with gradients of equal
/// length, and a larger one where few samples dominate: at least .1 with 100 samples. With one sample it is always 1 or
/// -1.
pub const MIN_COMMON_SAMPLES: u64 = 100;

/// Which tasks agree on the shared features, and which conflict.
///
/// It holds the inner products of the tasks' gradients on the shared features, summed over the counted steps of a run,
/// on the samples in which both tasks have a label. With up to 64 tasks every step counts, with up to 128 every second
/// one, and so on. A cosine near 1 means that the tasks help each other; a negative one that they conflict.
///
/// # Examples
///
/// ```
/// use multitf::train::ConflictMap;
///
/// let names = ["A", "B", "C"].map(String::from).to_vec();
/// // A and B agree; C works against both.
/// let products = [4.0, 2.0, -1.0, 2.0, 4.0, -1.0, -1.0, -1.0, 1.0];
/// let squares = [4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 1.0, 1.0, 1.0];
/// let mut samples = [5_000; 9];
/// let map = ConflictMap::new(names.clone(), products.to_vec(), squares.to_vec(), samples.to_vec());
/// assert_eq!(map.cosine(0, 1), Some(0.5));
/// assert_eq!(map.cosine(2, 0), Some(-0.5));
/// assert_eq!(map.groups(2), [vec![0, 1], vec![2]]);
///
/// // Too few samples in common.
/// (samples[1], samples[3]) = (12, 12);
/// let map = ConflictMap::new(names, products.to_vec(), squares.to_vec(), samples.to_vec());
/// assert_eq!(map.cosine(0, 1), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictMap {
    tasks: Vec<String>,
    products: Vec<f64>,
    squares: Vec<f64>,
    samples: Vec<u64>,
}

impl ConflictMap {
    /// Creates a map from the tasks' names and, for each pair, row by row, the sum of inner products, the sum of the
    /// squared lengths of the first task's gradients on the samples of the second, and the number of samples with a
    /// label of both.
    ///
    /// # Panics
    ///
    /// Panics if there is not one of each for each pair of tasks.
    pub fn new(tasks: Vec<String>, products: Vec<f64>, squares: Vec<f64>, samples: Vec<u64>) -> Self {
        let lengths = [products.len(), squares.len(), samples.len()];
        assert_eq!(lengths, [tasks.len() * tasks.len(); 3], "a number for each two of {} tasks", tasks.len());
        Self { tasks, products, squares, samples }
    }

    /// Limits the samples of each pair to the distinct ones of the whole split: a repeated sample is no new evidence.
    /// The counted steps may have fewer distinct samples.
    pub(in crate::train) fn without_repeats(mut self, distinct: &[u64]) -> Self {
        for (samples, distinct) in self.samples.iter_mut().zip(distinct) {
            *samples = (*samples).min(*distinct);
        }
        self
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Returns the cosine between two tasks' gradients, -1 to 1; none if fewer than [`MIN_COMMON_SAMPLES`] had a label
    /// of both, or one of them had no gradient.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn cosine(&self, a: usize, b: usize) -> Option<f64> {
        let (ab, ba) = (a * self.tasks.len() + b, b * self.tasks.len() + a);
        let length = (self.squares[ab] * self.squares[ba]).sqrt();
        (self.samples(a, b) >= MIN_COMMON_SAMPLES && length > 0.0)
            .then(|| (self.products[ab] / length).clamp(-1.0, 1.0))
    }

    /// Returns the number of samples with a label of both tasks in the counted steps; of a training, no more than there
    /// are distinct ones in its split.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn samples(&self, a: usize, b: usize) -> u64 {
        self.samples[a * self.tasks.len() + b]
    }

    /// Clusters the tasks into a number of groups, by joining the two groups with the highest mean cosine repeatedly.
    /// Tasks without a cosine count as 0.
    ///
    /// Groups are in the order of their first task.
    pub fn groups(&self, count: usize) -> Vec<Vec<usize>> {
        let mut groups = self.clusters(count.max(1));
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.sort_unstable();
        groups
    }

    /// Returns the tasks in an order with similar ones side by side.
    pub fn order(&self) -> Vec<usize> {
        self.clusters(1).concat()
    }

    /// Joins groups until so many are left.
    fn clusters(&self, count: usize) -> Vec<Vec<usize>> {
        let tasks = 0..self.tasks.len();
        let mut groups: Vec<Vec<usize>> = tasks.clone().map(|task| vec![task]).collect();
        // The cosines between the tasks of two groups, summed.
        let row = |a| tasks.clone().map(|b| self.cosine(a, b).unwrap_or_default()).collect();
        let mut sums: Vec<Vec<f64>> = tasks.clone().map(row).collect();
        while groups.len() > count {
            let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
            let means = pairs.map(|(a, b)| (sums[a][b] / (groups[a].len() * groups[b].len()) as f64, a, b));
            // The first of equals, so that the result does not depend on chance.
            let best = means.reduce(|best, next| if next.0 > best.0 { next } else { best });
            let Some((_, a, b)) = best else { break };
            let moved = groups.remove(b);
            groups[a].extend(moved);
            let moved = sums.remove(b);
            sums[a].iter_mut().zip(moved).for_each(|(sum, moved)| *sum += moved);
            for row in &mut sums {
                let moved = row.remove(b);
                row[a] += moved;
            }
        }
        groups
    }

    /// Writes a table with a line for each pair of tasks: their names, the cosine (`NA` for none), the inner product,
    /// and the number of samples with a label of both.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path.as_ref(), |out| {
            writeln!(out, "task_a\ttask_b\tcosine\tproduct\tsamples")?;
            for a in 0..self.tasks.len() {
                for b in 0..self.tasks.len() {
                    let cosine = self.cosine(a, b).map_or_else(|| "NA".to_owned(), |cosine| format!("{cosine:.6}"));
                    let (product, samples) = (self.products[a * self.tasks.len() + b], self.samples(a, b));
                    writeln!(out, "{}\t{}\t{cosine}\t{product:.6e}\t{samples}", self.tasks[a], self.tasks[b])?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFolder, dyadic};

    #[test]
    fn a_sample_that_is_drawn_often_counts_once() {
        let names = ["A", "B"].map(String::from).to_vec();
        let map = ConflictMap::new(names, vec![1.0; 4], vec![1.0; 4], vec![5_000; 4]);
        assert_eq!(map.cosine(0, 1), Some(1.0));
        let map = map.without_repeats(&[5_000, 1, 99, 100]);
        assert_eq!([map.cosine(0, 1), map.cosine(1, 0), map.cosine(1, 1)], [None, None, Some(1.0)]);
        assert_eq!((map.samples(0, 0), map.samples(0, 1)), (5_000, 1));
    }

    #[test]
    fn a_table_has_each_pair_and_similar_tasks_are_side_by_side() {
        let names = ["A", "B", "C", "D"].map(String::from).to_vec();
        // A goes with C, B with D; A and B have no common label.
        let mut products = vec![0.0; 16];
        let mut squares = vec![1.0; 16];
        for (a, b, product) in [(0, 2, 0.5), (1, 3, 0.25), (2, 3, -0.5)] {
            (products[4 * a + b], products[4 * b + a]) = (product, product);
        }
        (squares[1], squares[4]) = (0.0, 0.0);
        let map = ConflictMap::new(names, products, squares, vec![2_000; 16]);
        assert_eq!(map.order(), [0, 2, 1, 3]);
        assert_eq!((map.groups(2), map.groups(0).len(), map.groups(9).len()), (vec![vec![0, 2], vec![1, 3]], 1, 4));
        let folder = TestFolder::new("conflict-map");
        let path = folder.path().join("conflicts.tsv");
        map.write(&path).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (17, "task_a\ttask_b\tcosine\tproduct\tsamples"));
        assert_eq!(lines[2], "A\tB\tNA\t0.000000e0\t2000");
        assert_eq!(lines[12], "C\tD\t-0.500000\t-5.000000e-1\t2000");
    }

    #[test]
    fn too_few_common_samples_give_no_cosine_and_join_no_group() {
        let names = || ["A", "B", "C"].map(String::from).to_vec();
        let map = |common: u64| {
            // A and B agree in all of a few samples, B and C somewhat in many.
            let products = vec![9.0, 1.0, 0.0, 1.0, 9.0, 0.5, 0.0, 0.5, 9.0];
            let samples = vec![5_000, common, 5_000, common, 5_000, 5_000, 5_000, 5_000, 5_000];
            ConflictMap::new(names(), products, vec![1.0; 9], samples)
        };
        assert_eq!((map(1).cosine(0, 1), map(99).cosine(1, 0), map(100).cosine(0, 1)), (None, None, Some(1.0)));
        assert_eq!((map(99).samples(0, 1), map(99).samples(0, 2)), (99, 5_000));
        assert_eq!(map(99).groups(2), [vec![0], vec![1, 2]]);
        assert_eq!(map(100).groups(2), [vec![0, 1], vec![2]]);
    }

    /// A map of cosines, all tasks having gradients of length 1.
    fn from_cosines(tasks: usize, cosines: &[(usize, usize, f64)]) -> ConflictMap {
        let mut products = vec![0.0; tasks * tasks];
        for &(a, b, cosine) in cosines {
            (products[a * tasks + b], products[b * tasks + a]) = (cosine, cosine);
        }
        let names = (0..tasks).map(|task| task.to_string()).collect();
        ConflictMap::new(names, products, vec![1.0; tasks * tasks], vec![1_000; tasks * tasks])
    }

    #[test]
    fn groups_are_joined_by_their_mean_cosine_and_the_first_of_equals_first() {
        // The sum of 2 with 0 and 1 is above the cosine of 2 and 3, the mean is not.
        let map = from_cosines(4, &[(0, 1, 0.9), (0, 2, 0.3), (1, 2, 0.3), (2, 3, 0.5)]);
        assert_eq!(map.groups(2), [vec![0, 1], vec![2, 3]]);
        let ties = from_cosines(4, &[(0, 1, 0.5), (2, 3, 0.5)]);
        assert_eq!(ties.groups(3), [vec![0, 1], vec![2], vec![3]]);
    }

    #[test]
    fn many_tasks_are_joined_as_the_definition_says() {
        const TASKS: usize = 30;
        let cosines = dyadic(TASKS * TASKS, &[5]);
        let pairs = (0..TASKS).flat_map(|a| (a + 1..TASKS).map(move |b| (a, b)));
        let pairs: Vec<_> = pairs.map(|(a, b)| (a, b, f64::from(cosines[a * TASKS + b]))).collect();
        let map = from_cosines(TASKS, &pairs);
        let mean = |a: &[usize], b: &[usize]| {
            let sum: f64 =
                a.iter().flat_map(|&a| b.iter().map(move |&b| (a, b))).map(|(a, b)| map.cosine(a, b).unwrap()).sum();
            sum / (a.len() * b.len()) as f64
        };
        let mut expected: Vec<Vec<usize>> = (0..TASKS).map(|task| vec![task]).collect();
        for count in (1..TASKS).rev() {
            let pairs = (0..=count).flat_map(|a| (a + 1..=count).map(move |b| (a, b)));
            let better = |best: (usize, usize), next: (usize, usize)| {
                let [is, was] = [next, best].map(|(a, b)| mean(&expected[a], &expected[b]));
                if is > was { next } else { best }
            };
            let (a, b) = pairs.reduce(better).unwrap();
            let moved = expected.remove(b);
            expected[a].extend(moved);
            assert_eq!(map.clusters(count), expected);
        }
    }

    #[test]
    fn a_cosine_is_measured_by_both_lengths_and_never_beyond_one() {
        let map = |product: f64| {
            let (products, squares) = (vec![1.0, product, product, 1.0], vec![1.0, 4.0, 9.0, 1.0]);
            ConflictMap::new(vec!["A".into(), "B".into()], products, squares, vec![1_000; 4])
        };
        assert_eq!((map(3.0).cosine(0, 1), map(-1.5).cosine(1, 0)), (Some(0.5), Some(-0.25)));
        // Rounding may bring a product past the lengths.
        assert_eq!((map(6.000_001).cosine(0, 1), map(-6.000_001).cosine(0, 1)), (Some(1.0), Some(-1.0)));
    }
}
