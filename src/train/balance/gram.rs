/// The inner products of the tasks' gradients.
///
/// # Examples
///
/// ```
/// use multitf::train::balance::Gram;
///
/// let gram = Gram::of_rows(&[&[1.0, 0.0], &[-1.0, 2.0]]);
/// assert_eq!((gram.at(0, 1), gram.at(1, 1)), (-1.0, 5.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Gram {
    tasks: usize,
    values: Vec<f64>,
}

impl Gram {
    /// Takes the products, row by row.
    ///
    /// # Panics
    ///
    /// If they are not those of a square.
    pub fn new(tasks: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), tasks * tasks, "the inner products of each two of {tasks} tasks");
        Self { tasks, values }
    }

    /// Computes the products of gradients, one a task.
    pub fn of_rows(gradients: &[&[f64]]) -> Self {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
        let values = gradients.iter().flat_map(|a| gradients.iter().map(|b| product(a, b))).collect();
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
    /// If there is no such task.
    pub fn at(&self, a: usize, b: usize) -> f64 {
        assert!(b < self.tasks, "task {b} of {}", self.tasks);
        self.values[a * self.tasks + b]
    }

    /// The products of some tasks' gradients.
    pub(super) fn of(&self, tasks: &[usize]) -> Self {
        let values = tasks.iter().flat_map(|&a| tasks.iter().map(move |&b| self.at(a, b))).collect();
        Self { tasks: tasks.len(), values }
    }

    /// The inner product of each task's gradient with a weighted sum of all.
    pub(super) fn times(&self, weights: &[f64]) -> Vec<f64> {
        let row = |row: &[f64]| row.iter().zip(weights).map(|(a, b)| a * b).sum();
        self.values.chunks_exact(self.tasks.max(1)).map(row).collect()
    }

    /// The products, row by row.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }
}
