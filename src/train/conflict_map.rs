use std::path::Path;

use crate::{Result, file::write_atomic};

/// Which tasks pull at the shared features in the same direction, and which against each other.
///
/// It holds the inner products of the tasks' gradients on the shared features, summed over the steps of a run, on the
/// samples in which both tasks have a label. A cosine near 1 means that what one learns helps the other; a negative one
/// that they conflict.
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
/// let map = ConflictMap::new(names, products.to_vec(), squares.to_vec());
/// assert_eq!(map.cosine(0, 1), Some(0.5));
/// assert_eq!(map.cosine(2, 0), Some(-0.5));
/// assert_eq!(map.groups(2), [vec![0, 1], vec![2]]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictMap {
    tasks: Vec<String>,
    products: Vec<f64>,
    squares: Vec<f64>,
}

impl ConflictMap {
    /// Takes the tasks' names and, for each two of them, row by row, the sum of inner products and the sum of the squared
    /// lengths of the first one's gradients on the samples of the second.
    ///
    /// # Panics
    ///
    /// If these are not one for each two tasks.
    pub fn new(tasks: Vec<String>, products: Vec<f64>, squares: Vec<f64>) -> Self {
        let pairs = tasks.len() * tasks.len();
        assert_eq!((products.len(), squares.len()), (pairs, pairs), "a number for each two of {} tasks", tasks.len());
        Self { tasks, products, squares }
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Returns the cosine between two tasks' gradients, -1 to 1; none if no sample had a label of both, or one of them had
    /// no gradient.
    ///
    /// # Panics
    ///
    /// If there is no such task.
    pub fn cosine(&self, a: usize, b: usize) -> Option<f64> {
        let (ab, ba) = (a * self.tasks.len() + b, b * self.tasks.len() + a);
        let length = (self.squares[ab] * self.squares[ba]).sqrt();
        (length > 0.0).then(|| (self.products[ab] / length).clamp(-1.0, 1.0))
    }

    /// Divides the tasks into so many groups, the least alike of which are kept apart: those two groups are joined, again
    /// and again, whose mean cosine is greatest. Tasks without a common label are neither alike nor unlike.
    ///
    /// Groups come in the order of their first task.
    pub fn groups(&self, count: usize) -> Vec<Vec<usize>> {
        let mut groups = self.joined(count.max(1));
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.sort_unstable();
        groups
    }

    /// Returns the tasks in an order in which those that are alike stand side by side.
    pub fn order(&self) -> Vec<usize> {
        self.joined(1).concat()
    }

    /// Joins groups until so many are left.
    fn joined(&self, count: usize) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = (0..self.tasks.len()).map(|task| vec![task]).collect();
        while groups.len() > count {
            let pairs = (0..groups.len()).flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)));
            let alike = |&(a, b): &(usize, usize)| self.likeness(&groups[a], &groups[b]);
            // The first of equals, so that the result does not depend on chance.
            let best = pairs.reduce(|best, pair| if alike(&pair) > alike(&best) { pair } else { best });
            let Some((a, b)) = best else { break };
            let moved = groups.remove(b);
            groups[a].extend(moved);
        }
        groups
    }

    /// The mean cosine between the tasks of two groups.
    fn likeness(&self, a: &[usize], b: &[usize]) -> f64 {
        let sum: f64 = a.iter().flat_map(|&a| b.iter().map(move |&b| self.cosine(a, b).unwrap_or_default())).sum();
        sum / (a.len() * b.len()) as f64
    }

    /// Writes a table with a line for each two tasks: their names, the cosine (`NA` where there is none) and the inner
    /// product.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path.as_ref(), |out| {
            writeln!(out, "task_a\ttask_b\tcosine\tproduct")?;
            for a in 0..self.tasks.len() {
                for b in 0..self.tasks.len() {
                    let cosine = self.cosine(a, b).map_or_else(|| "NA".to_owned(), |cosine| format!("{cosine:.6}"));
                    let product = self.products[a * self.tasks.len() + b];
                    writeln!(out, "{}\t{}\t{cosine}\t{product:.6e}", self.tasks[a], self.tasks[b])?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_folder::TestFolder;

    #[test]
    fn a_table_has_each_pair_and_alike_tasks_stand_side_by_side() {
        let names = ["A", "B", "C", "D"].map(String::from).to_vec();
        // A goes with C, B with D; A and B have no common label.
        let mut products = vec![0.0; 16];
        let mut squares = vec![1.0; 16];
        for (a, b, product) in [(0, 2, 0.5), (1, 3, 0.25), (2, 3, -0.5)] {
            (products[4 * a + b], products[4 * b + a]) = (product, product);
        }
        (squares[1], squares[4]) = (0.0, 0.0);
        let map = ConflictMap::new(names, products, squares);
        assert_eq!(map.order(), [0, 2, 1, 3]);
        assert_eq!((map.groups(2), map.groups(0).len(), map.groups(9).len()), (vec![vec![0, 2], vec![1, 3]], 1, 4));
        let folder = TestFolder::new("conflict-map");
        let path = folder.path().join("conflicts.tsv");
        map.write(&path).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (17, "task_a\ttask_b\tcosine\tproduct"));
        assert_eq!(lines[2], "A\tB\tNA\t0.000000e0");
        assert_eq!(lines[12], "C\tD\t-0.500000\t-5.000000e-1");
    }
}
