//! The map of conflicts between tasks.

use std::path::Path;

use super::pair::PairLooks;
use crate::{Result, file::write_atomic, metric::q_values};

/// The fewest samples with labels of two tasks for a cosine between them. They are those of the looks, but no more than
/// there are distinct ones in the training split.
pub const MIN_COMMON_SAMPLES: u64 = 100;

/// The fewest looks for an interval.
pub const MIN_LOOKS: u32 = 5;

/// The share of wrong verdicts among those that name a pair, in expectation.
const FALSE_DISCOVERY_RATE: f64 = 0.05;

/// What a map says of two tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PairVerdict {
    /// They pull the shared weights in the same direction.
    Together,
    /// They pull the shared weights in opposite directions.
    Against,
    /// The looks do not say.
    Undecided,
    /// There are fewer than [`MIN_LOOKS`] looks, fewer than [`MIN_COMMON_SAMPLES`] samples with a label of both, or no
    /// measurable gradient of one of them.
    TooFew,
}

impl PairVerdict {
    /// Returns the word in `conflicts.tsv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::Against => "against",
            Self::Undecided => "undecided",
            Self::TooFew => "too-few",
        }
    }
}

/// Which tasks pull the shared weights in the same direction, and which in opposite ones.
///
/// It holds what the looks of a run have seen of each pair of tasks: the inner products of their gradients on all
/// shared weights, of all members of the model, each estimated on samples that are drawn for the look alone. A
/// gradient is that of the task's mean loss, which is what training adds up. The 95 % interval of a cosine is that of
/// the mean product by Student's t over the looks, in units of the tasks' lengths. A pair has a verdict if its mean
/// product differs significantly from 0, at a false discovery rate of 5 % among all pairs.
///
/// # Examples
///
/// ```
/// use multitf::train::{ConflictMap, PairLooks, PairVerdict};
///
/// let looks = |products: [f64; 5]| {
///     let mut pair = PairLooks { samples: 500, ..PairLooks::default() };
///     products.into_iter().for_each(|product| pair.add(product));
///     pair
/// };
/// let own = looks([4.0; 5]);
/// // A and B agree, C works against A, and B and C cannot be told.
/// let pairs = [own, looks([2.0, 1.9, 2.1, 2.0, 2.0]), looks([-1.0, -1.1, -0.9, -1.0, -1.0])];
/// let pairs = [pairs.to_vec(), vec![own, looks([1.0, -1.0, 0.5, -0.5, 0.0]), own]].concat();
/// let map = ConflictMap::new(["A", "B", "C"].map(String::from).to_vec(), pairs);
/// assert_eq!(map.cosine(0, 1), Some(0.5));
/// assert_eq!(map.verdict(0, 1), PairVerdict::Together);
/// assert!(map.works_against(2, 0) && map.interval(2, 0).unwrap()[1] < 0.0);
/// assert_eq!(map.verdict(1, 2), PairVerdict::Undecided);
/// assert_eq!(map.groups(2), [vec![0, 1], vec![2]]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictMap {
    tasks: Vec<String>,
    /// Of the tasks `a <= b`, row by row.
    pairs: Vec<PairLooks>,
    /// The highest p-value that is significant.
    threshold: Option<f64>,
}

impl ConflictMap {
    /// Creates a map from the tasks' names and what looks have seen of each pair `a <= b`, row by row.
    ///
    /// # Panics
    ///
    /// Panics if there is not one of each pair.
    pub fn new(tasks: Vec<String>, pairs: Vec<PairLooks>) -> Self {
        let count = tasks.len();
        assert_eq!(pairs.len(), count * (count + 1) / 2, "the pairs of {count} tasks");
        let mut map = Self { tasks, pairs, threshold: None };
        let tests = map.distinct_pairs().filter(|&(a, b)| map.interval(a, b).is_some());
        let p_values: Vec<f64> = tests.filter_map(|(a, b)| map.looks(a, b).p_value()).collect();
        let tests = p_values.iter().zip(q_values(&p_values));
        let significant = tests.filter(|(_, q)| *q <= FALSE_DISCOVERY_RATE).map(|(p, _)| *p);
        map.threshold = significant.reduce(f64::max);
        map
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Returns the pairs of different tasks, each once, the first task first.
    pub fn distinct_pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let count = self.tasks.len();
        (0..count).flat_map(move |a| (a + 1..count).map(move |b| (a, b)))
    }

    /// Returns what the looks have seen of two tasks.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn looks(&self, a: usize, b: usize) -> &PairLooks {
        let (count, a, b) = (self.tasks.len(), a.min(b), a.max(b));
        assert!(b < count, "task {b} of {count}");
        &self.pairs[a * count - a * (a + 1) / 2 + b]
    }

    /// Returns the number of samples with a label of both tasks in the looks; of a training, no more than there are
    /// distinct ones in its split.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn samples(&self, a: usize, b: usize) -> u64 {
        self.looks(a, b).samples
    }

    /// Returns the cosine between two tasks' gradients, -1 to 1; none if fewer than [`MIN_COMMON_SAMPLES`] had a label
    /// of both, or one of them had no measurable gradient.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn cosine(&self, a: usize, b: usize) -> Option<f64> {
        let cosine = self.looks(a, b).mean()? / self.length(a, b)?;
        Some(cosine.clamp(-1.0, 1.0))
    }

    /// Returns the 95 % interval of a cosine; none without a cosine, or with fewer than [`MIN_LOOKS`] looks.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn interval(&self, a: usize, b: usize) -> Option<[f64; 2]> {
        let (looks, length) = (self.looks(a, b), self.length(a, b)?);
        let (mean, half_width) = (looks.mean()?, looks.half_width()?);
        let end = |product: f64| (product / length).clamp(-1.0, 1.0);
        (looks.looks >= MIN_LOOKS).then(|| [end(mean - half_width), end(mean + half_width)])
    }

    /// The product of the lengths of two tasks' gradients.
    fn length(&self, a: usize, b: usize) -> Option<f64> {
        let square = |task| self.looks(task, task).mean().filter(|square| *square > 0.0);
        let length = (square(a)? * square(b)?).sqrt();
        (self.samples(a, b) >= MIN_COMMON_SAMPLES).then_some(length)
    }

    /// Returns what the map says of two tasks.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn verdict(&self, a: usize, b: usize) -> PairVerdict {
        let looks = self.looks(a, b);
        if self.interval(a, b).is_none() {
            return PairVerdict::TooFew;
        }
        let is_significant = looks.p_value().zip(self.threshold).is_some_and(|(p, threshold)| p <= threshold);
        match (is_significant, looks.sum < 0.0) {
            (false, _) => PairVerdict::Undecided,
            (true, true) => PairVerdict::Against,
            (true, false) => PairVerdict::Together,
        }
    }

    /// Whether two tasks significantly pull the shared weights in opposite directions; their interval is below 0 then.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn works_against(&self, a: usize, b: usize) -> bool {
        self.verdict(a, b) == PairVerdict::Against
    }

    /// Returns the mean cosine of a task with the others; none without any.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn mean_cosine(&self, task: usize) -> Option<f64> {
        let others = (0..self.tasks.len()).filter(|&other| other != task);
        let cosines: Vec<f64> = others.filter_map(|other| self.cosine(task, other)).collect();
        (!cosines.is_empty()).then(|| cosines.iter().sum::<f64>() / cosines.len() as f64)
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

    /// Writes a table with a line for each two tasks: their names, the cosine, the ends of its 95 % interval, the
    /// number of looks, that of samples with a label of both, and the verdict. What is not known is `NA`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let number = |value: Option<f64>| value.map_or_else(|| "NA".to_owned(), |value| format!("{value:.6}"));
        write_atomic(path.as_ref(), |out| {
            writeln!(out, "task_a\ttask_b\tcosine\tlow\thigh\tlooks\tsamples\tverdict")?;
            for (a, b) in self.distinct_pairs() {
                let (cosine, interval) = (number(self.cosine(a, b)), self.interval(a, b));
                let [low, high] = [0, 1].map(|end| number(interval.map(|interval| interval[end])));
                let PairLooks { looks, samples, .. } = self.looks(a, b);
                let (names, verdict) = ([&self.tasks[a], &self.tasks[b]], self.verdict(a, b).as_str());
                let [a, b] = names;
                writeln!(out, "{a}\t{b}\t{cosine}\t{low}\t{high}\t{looks}\t{samples}\t{verdict}")?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFolder, dyadic};

    /// A pair whose looks had these products.
    fn looks(samples: u64, products: &[f64]) -> PairLooks {
        let mut pair = PairLooks { samples, ..PairLooks::default() };
        for product in products {
            pair.add(*product);
        }
        pair
    }

    fn names(count: usize) -> Vec<String> {
        ["A", "B", "C", "D"].iter().take(count).map(ToString::to_string).collect()
    }

    /// Two tasks whose gradients have the lengths 2 and 3.
    fn two_tasks(samples: u64, products: &[f64]) -> ConflictMap {
        let pairs = vec![looks(500, &[4.0; 6]), looks(samples, products), looks(500, &[9.0; 6])];
        ConflictMap::new(names(2), pairs)
    }

    #[test]
    fn an_interval_is_that_of_the_mean_product_in_units_of_the_lengths() {
        // Student's t of 4 degrees of freedom: 3 +- 1.963243, and 6 is the product of the lengths.
        let map = two_tasks(100, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        let [low, high] = map.interval(1, 0).unwrap();
        assert!((low - 1.036_757 / 6.0).abs() < 1e-6 && (high - 4.963_243 / 6.0).abs() < 1e-6, "{low} {high}");
        assert_eq!((map.cosine(0, 1), map.cosine(0, 0)), (Some(0.5), Some(1.0)));
        assert_eq!((map.verdict(0, 1), map.works_against(0, 1)), (PairVerdict::Together, false));
        let map = two_tasks(100, &[-1.0, -2.0, -3.0, -4.0, -5.0]);
        assert!(map.works_against(0, 1) && map.works_against(1, 0) && map.interval(0, 1).unwrap()[1] < 0.0);
        // Rounding may bring a product past the lengths.
        assert_eq!(two_tasks(100, &[6.000_001; 5]).cosine(0, 1), Some(1.0));
    }

    #[test]
    fn an_interval_that_holds_zero_is_no_conflict_however_negative_the_cosine() {
        let map = two_tasks(5_000, &[-6.0, -6.0, -6.0, -6.0, 6.0]);
        assert_eq!(map.cosine(0, 1), Some(-0.6));
        assert_eq!((map.verdict(0, 1), map.works_against(0, 1)), (PairVerdict::Undecided, false));
        // Nor is a cosine of 0, or one without spread.
        assert_eq!(two_tasks(5_000, &[0.0; 6]).verdict(0, 1), PairVerdict::Undecided);
        assert_eq!(two_tasks(5_000, &[-0.012; 6]).verdict(0, 1), PairVerdict::Against);
    }

    #[test]
    fn few_looks_or_few_common_samples_give_no_verdict() {
        let map = two_tasks(5_000, &[-6.0; 4]);
        assert_eq!((map.cosine(0, 1), map.interval(0, 1)), (Some(-1.0), None));
        assert_eq!((map.verdict(0, 1), map.works_against(0, 1)), (PairVerdict::TooFew, false));
        let map = two_tasks(99, &[-6.0; 6]);
        assert_eq!((map.cosine(0, 1), map.interval(0, 1)), (None, None));
        assert_eq!((map.verdict(0, 1), map.works_against(0, 1)), (PairVerdict::TooFew, false));
        assert_eq!((map.samples(0, 1), map.mean_cosine(0)), (99, None));
        assert_eq!(two_tasks(100, &[]).verdict(0, 1), PairVerdict::TooFew);
        // A length that the looks cannot tell from nothing.
        let pairs = vec![looks(500, &[-0.1; 6]), looks(500, &[1.0; 6]), looks(500, &[9.0; 6])];
        assert_eq!(ConflictMap::new(names(2), pairs).verdict(0, 1), PairVerdict::TooFew);
    }

    #[test]
    fn the_more_pairs_the_stronger_the_evidence_that_a_verdict_takes() {
        // p = .038 alone; one of many such tests is expected to be that low.
        let suspect = looks(500, &[-1.0, -5.0, -2.0, -6.0, -1.0, -1.0, 0.0]);
        let nothing = looks(500, &[1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.5]);
        let own = looks(500, &[36.0; 7]);
        let two = ConflictMap::new(names(2), vec![own, suspect, own]);
        assert!((two.looks(0, 1).p_value().unwrap() - 0.0384).abs() < 1e-3, "{:?}", two.looks(0, 1).p_value());
        assert!(two.works_against(0, 1));
        let pairs = vec![own, suspect, nothing, own, nothing, own];
        let three = ConflictMap::new(names(3), pairs);
        assert!(three.interval(0, 1).unwrap()[1] < 0.0 && !three.works_against(0, 1));
    }

    #[test]
    fn a_table_has_each_pair_once() {
        let map = two_tasks(2_000, &[-3.0, -3.0, -3.0, -3.0, -2.0, -4.0]);
        let folder = TestFolder::new("conflict-map");
        let path = folder.path().join("conflicts.tsv");
        map.write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = "task_a\ttask_b\tcosine\tlow\thigh\tlooks\tsamples\tverdict\n\
                        A\tB\t-0.500000\t-0.610620\t-0.389380\t6\t2000\tagainst\n";
        assert_eq!(text, expected);
        two_tasks(7, &[1.0]).write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().nth(1), Some("A\tB\tNA\tNA\tNA\t1\t7\ttoo-few"));
    }

    #[test]
    fn similar_tasks_are_side_by_side() {
        // A goes with C, B with D; A and B have no common label.
        let map = from_cosines(4, &[(0, 2, 0.5), (1, 3, 0.25), (2, 3, -0.5)]);
        assert_eq!(map.order(), [0, 2, 1, 3]);
        assert_eq!((map.groups(2), map.groups(0).len(), map.groups(9).len()), (vec![vec![0, 2], vec![1, 3]], 1, 4));
        assert_eq!(map.mean_cosine(3), Some(-0.25 / 3.0));
    }

    #[test]
    fn too_few_common_samples_join_no_group() {
        let map = |common: u64| {
            // A and B agree in all of a few samples, B and C somewhat in many.
            let own = looks(5_000, &[9.0; 6]);
            let pairs = [own, looks(common, &[9.0; 6]), looks(5_000, &[0.0; 6]), own, looks(5_000, &[4.5; 6]), own];
            ConflictMap::new(names(3), pairs.to_vec())
        };
        assert_eq!((map(1).cosine(0, 1), map(99).cosine(1, 0), map(100).cosine(0, 1)), (None, None, Some(1.0)));
        assert_eq!(map(99).groups(2), [vec![0], vec![1, 2]]);
        assert_eq!(map(100).groups(2), [vec![0, 1], vec![2]]);
    }

    /// A map of cosines, all tasks having gradients of length 1.
    fn from_cosines(tasks: usize, cosines: &[(usize, usize, f64)]) -> ConflictMap {
        let names = (0..tasks).map(|task| task.to_string()).collect();
        let cosine = |a, b| cosines.iter().find(|pair| (pair.0, pair.1) == (a, b)).map_or(0.0, |pair| pair.2);
        let pair = |a, b| looks(1_000, &[if a == b { 1.0 } else { cosine(a, b) }; 6]);
        ConflictMap::new(names, (0..tasks).flat_map(|a| (a..tasks).map(move |b| pair(a, b))).collect())
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
}
