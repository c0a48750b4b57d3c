//! Products of matrices in row-major slices.

use gemm::Parallelism;

/// A matrix.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// From one row to the next, and from one column to the next.
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Reads values row by row.
    ///
    /// # Panics
    ///
    /// Panics if the values are no whole number of rows.
    pub(crate) fn new(values: &'a [f32], columns: usize) -> Self {
        assert!(values.len().is_multiple_of(columns), "{} values in rows of {columns}", values.len());
        Self { values, rows: values.len() / columns, columns, strides: [columns, 1] }
    }

    /// Returns its first columns.
    ///
    /// # Panics
    ///
    /// Panics if there are fewer.
    pub(crate) fn first_columns(self, columns: usize) -> Self {
        assert!(columns <= self.columns, "{columns} of {} columns", self.columns);
        Self { columns, ..self }
    }

    pub(crate) fn transposed(self) -> Self {
        let [rows, columns] = self.strides;
        Self { rows: self.columns, columns: self.rows, strides: [columns, rows], ..self }
    }
}

/// Adds the product of two matrices to a third, in row-major order.
///
/// # Panics
///
/// Panics if the shapes do not fit together.
pub(crate) fn add_product(sum: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, parallelism: Parallelism) {
    product::<true>(sum, a, b, parallelism);
}

/// Writes the product of two matrices, in row-major order.
///
/// # Panics
///
/// As [`add_product`].
pub(crate) fn set_product(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, parallelism: Parallelism) {
    product::<false>(out, a, b, parallelism);
}

fn product<const ADD: bool>(sum: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, parallelism: Parallelism) {
    assert_eq!(a.columns, b.rows, "the columns of the first matrix and the rows of the second");
    assert_eq!(sum.len(), a.rows * b.columns, "the values of the sum");
    if a.columns == 0 && !ADD {
        sum.fill(0.0);
    }
    if sum.is_empty() || a.columns == 0 {
        return;
    }
    let strides = |m: Matrix<'_>| m.strides.map(|stride| stride as isize);
    let ([a_rows, a_columns], [b_rows, b_columns]) = (strides(a), strides(b));
    // SAFETY: the strides of a matrix are those of its values, row by row or transposed, so that each index below its
    // rows and columns lies in its slice; the sum has a value for each row of `a` and column of `b`, and is borrowed
    // exclusively. No safe function multiplies as fast: this is half of a step of the deeper trunks.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            sum.as_mut_ptr(),
            1,
            b.columns as isize,
            ADD,
            a.values.as_ptr(),
            a_columns,
            a_rows,
            b.values.as_ptr(),
            b_columns,
            b_rows,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::random::stream;

    fn values(count: usize, seed: u64) -> Vec<f32> {
        let mut random = stream(&[seed]);
        (0..count).map(|_| random.random_range(-8i32..=8) as f32 / 8.0).collect()
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_definition_transposed_or_not(
            (m, k, n) in (1..20usize, 1..20usize, 1..20usize), a_turned: bool, b_turned: bool, seed: u64,
        ) {
            let (a, b, first) = (values(m * k, seed), values(k * n, seed ^ 1), values(m * n, seed ^ 2));
            let at = |values: &[f32], turned: bool, [rows, columns]: [usize; 2], i: usize, j: usize| {
                values[if turned { j * rows + i } else { i * columns + j }]
            };
            let mut expected = first.clone();
            for (place, sum) in expected.iter_mut().enumerate() {
                let (i, j) = (place / n, place % n);
                *sum += (0..k).map(|l| at(&a, a_turned, [m, k], i, l) * at(&b, b_turned, [k, n], l, j)).sum::<f32>();
            }
            let matrix = |values, turned: bool, [rows, columns]: [usize; 2]| {
                if turned { Matrix::new(values, rows).transposed() } else { Matrix::new(values, columns) }
            };
            let mut found = first;
            let (a, b) = (matrix(&a, a_turned, [m, k]), matrix(&b, b_turned, [k, n]));
            add_product(&mut found, a, b, Parallelism::None);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    #[should_panic(expected = "the columns of the first matrix and the rows of the second")]
    fn matrices_that_do_not_fit_panic() {
        add_product(&mut [0.0; 4], Matrix::new(&[1.0; 4], 2), Matrix::new(&[1.0; 6], 2), Parallelism::None);
    }
}
