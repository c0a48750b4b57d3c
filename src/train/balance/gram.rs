//! The inner products of gradients.

/// The inner products of the tasks' gradients.
///
/// # Examples
///
/// ```
/// use multitf::train::balance::Gram;
///
/// let gram = Gram::from_gradients(&[&[1.0, 0.0], &[-1.0, 2.0]]);
/// assert_eq!((gram.at(0, 1), gram.at(1, 1)), (-1.0, 5.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gram {
    tasks: usize,
    values: Vec<f64>,
}

impl Gram {
    /// Creates a matrix from its values, row by row.
    ///
    /// # Panics
    ///
    /// Panics if it is not a square.
    pub fn new(tasks: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), tasks * tasks, "the inner products of each two of {tasks} tasks");
        Self { tasks, values }
    }

    /// Computes the matrix from the gradient of each task.
    pub fn from_gradients(gradients: &[&[f64]]) -> Self {
        let values = gradients.iter().flat_map(|a| gradients.iter().map(|b| dot(a, b))).collect();
        Self::new(gradients.len(), values)
    }

    /// Returns the number of tasks.
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// Returns the inner product of two tasks' gradients.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn at(&self, a: usize, b: usize) -> f64 {
        assert!(b < self.tasks, "task {b} of {}", self.tasks);
        self.values[a * self.tasks + b]
    }

    /// The matrix of some of the tasks.
    pub(super) fn for_tasks(&self, tasks: &[usize]) -> Self {
        let values = tasks.iter().flat_map(|&a| tasks.iter().map(move |&b| self.at(a, b))).collect();
        Self { tasks: tasks.len(), values }
    }

    /// The inner product of each task's gradient with a weighted sum of all.
    pub(super) fn times(&self, weights: &[f64]) -> Vec<f64> {
        self.values.chunks_exact(self.tasks.max(1)).map(|row| dot(row, weights)).collect()
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
