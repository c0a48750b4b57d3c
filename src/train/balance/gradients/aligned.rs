//! Aligned multi-task learning.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::train::balance::{TaskBalancer, TaskStep};

/// Makes the tasks' gradients orthogonal and as long as the shortest of their principal components, and sums them
/// (aligned multi-task learning).
///
/// With the Gram matrix `V diag(l) V'`, the weights are the row sums of `sqrt(min l) V diag(l^-1/2) V'`. Components
/// with an eigenvalue near 0, relative to the largest, are left out.
///
/// # References
///
/// Senushkin et al. 2023, "Independent component alignment for multi-task learning",
/// [doi:10.1109/CVPR52729.2023.01923](https://doi.org/10.1109/CVPR52729.2023.01923).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlignedMtl;

impl TaskBalancer for AlignedMtl {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let (tasks, gram) = step.gradients();
        let count = tasks.len();
        if count == 0 {
            return step.scatter(&tasks, []);
        }
        let SymmetricEigen { eigenvectors, eigenvalues } =
            SymmetricEigen::new(DMatrix::from_row_slice(count, count, gram.values()));
        // Gradients are f32.
        let least = eigenvalues.iter().copied().fold(0.0, f64::max) * count as f64 * f64::from(f32::EPSILON);
        let kept = || eigenvalues.iter().enumerate().filter(|(_, value)| **value > least);
        let smallest = kept().map(|(_, value)| *value).fold(f64::INFINITY, f64::min);
        let mut weights = vec![0.0; count];
        for (index, value) in kept() {
            let column = eigenvectors.column(index);
            let factor = (smallest / value).sqrt() * column.sum();
            weights.iter_mut().zip(column.iter()).for_each(|(weight, entry)| *weight += factor * entry);
        }
        step.scatter(&tasks, weights)
    }

    fn wants_gradients(&self) -> bool {
        true
    }
}
