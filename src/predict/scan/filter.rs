//! Sums over neighbouring rows with a matrix for each of them.

use gemm::Parallelism;

use crate::nn::ops::matrix::{Matrix, add_product};

/// Taps from which a filter is split.
const MIN_TAPS: usize = 8;
/// Times that a filter is split at most: rounding errors grow a little each time.
const SPLITS: usize = 2;

/// A filter: row `n` of its output is the sum over taps `k` of input row `n + k` times the matrix of the tap.
///
/// It is split into filters of half as many taps, of which three do the work of four: for even taps on even rows, for
/// odd taps on odd rows, and for the sums of neighbouring taps on sums of neighbouring rows (a fast parallel filter,
/// <https://doi.org/10.1109/78.136539>).
#[derive(Clone, Debug)]
pub(crate) struct RowFilter {
    /// Values of a row of the input and of the output.
    widths: [usize; 2],
    parts: Parts,
}

#[derive(Clone, Debug)]
enum Parts {
    /// `[tap, input, output]`
    Taps(Vec<f32>),
    /// For even taps, for odd taps, and for their sums.
    Split(Box<[RowFilter; 3]>),
}

impl RowFilter {
    /// Takes matrices, `[tap, input, output]`.
    pub(crate) fn new(taps: Vec<f32>, widths: [usize; 2]) -> Self {
        let count = taps.len() / (widths[0] * widths[1]);
        Self::split(taps, widths, if count < MIN_TAPS { 0 } else { SPLITS })
    }

    fn split(mut taps: Vec<f32>, widths: [usize; 2], splits: usize) -> Self {
        if splits == 0 {
            return Self { widths, parts: Parts::Taps(taps) };
        }
        let size = widths[0] * widths[1];
        taps.resize(taps.len().next_multiple_of(2 * size), 0.0);
        let half = |first: usize| taps.chunks_exact(size).skip(first).step_by(2).flatten().copied().collect::<Vec<_>>();
        let (even, odd) = (half(0), half(1));
        let both = even.iter().zip(&odd).map(|(even, odd)| even + odd).collect();
        let filter = |taps| Self::split(taps, widths, splits - 1);
        Self { widths, parts: Parts::Split(Box::new([filter(even), filter(odd), filter(both)])) }
    }

    /// The number of taps, those of 0 that were added included.
    fn taps(&self) -> usize {
        match &self.parts {
            Parts::Taps(taps) => taps.len() / (self.widths[0] * self.widths[1]),
            Parts::Split(filters) => 2 * filters[0].taps(),
        }
    }

    /// Computes some rows of the output. Rows behind the end of the input are 0.
    pub(crate) fn apply(&self, rows: &[f32], count: usize) -> Vec<f32> {
        match &self.parts {
            Parts::Taps(taps) => self.sum(taps, rows, count),
            Parts::Split(filters) => self.join(filters, rows, count),
        }
    }

    fn sum(&self, taps: &[f32], rows: &[f32], count: usize) -> Vec<f32> {
        let [inputs, outputs] = self.widths;
        let mut sums = vec![0.0; count * outputs];
        for (tap, matrix) in taps.chunks_exact(inputs * outputs).enumerate() {
            let end = rows.len().min((tap + count) * inputs);
            let rows = Matrix::new(&rows[end.min(tap * inputs)..end], inputs);
            add_product(&mut sums[..rows.rows() * outputs], rows, Matrix::new(matrix, outputs), Parallelism::None);
        }
        sums
    }

    fn join(&self, [even, odd, both]: &[Self; 3], rows: &[f32], count: usize) -> Vec<f32> {
        let [inputs, outputs] = self.widths;
        let (half, taps) = (count.div_ceil(2), even.taps());
        let every_second = |first: usize, length: usize| {
            let mut picked = vec![0.0; length * inputs];
            let rows = rows.chunks_exact(inputs).skip(first).step_by(2);
            picked.chunks_exact_mut(inputs).zip(rows).for_each(|(picked, row)| picked.copy_from_slice(row));
            picked
        };
        let (even_rows, odd_rows) = (every_second(0, half + taps), every_second(1, half + taps - 1));
        let sums: Vec<f32> = odd_rows.iter().zip(&even_rows[inputs..]).map(|(odd, even)| odd + even).collect();
        let (even, (odd, both)) = rayon::join(
            || even.apply(&even_rows, half + 1),
            || rayon::join(|| odd.apply(&odd_rows, half), || both.apply(&sums, half)),
        );
        let mut joined = vec![0.0; 2 * half * outputs];
        for (index, rows) in joined.chunks_exact_mut(2 * outputs).enumerate() {
            let (first, second) = rows.split_at_mut(outputs);
            let row = |values: &[f32], index: usize, at: usize| values[index * outputs + at];
            for at in 0..outputs {
                let odd = row(&odd, index, at);
                first[at] = row(&even, index, at) + odd;
                second[at] = row(&both, index, at) - row(&even, index + 1, at) - odd;
            }
        }
        joined.truncate(count * outputs);
        joined
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::dyadic;

    proptest! {
        #[test]
        fn a_filter_sums_products_of_rows_and_taps(
            count in 1_usize..30, taps in 1_usize..22, inputs in 1_usize..5, outputs in 1_usize..5, seed: u64,
        ) {
            let rows = dyadic((count + taps - 1) * inputs, &[seed, 0]);
            let matrices = dyadic(taps * inputs * outputs, &[seed, 1]);
            let mut expected = vec![0.0; count * outputs];
            for (place, sum) in expected.iter_mut().enumerate() {
                let (row, output) = (place / outputs, place % outputs);
                *sum = (0..taps * inputs).map(|at| rows[row * inputs + at] * matrices[at * outputs + output]).sum();
            }
            let filter = RowFilter::new(matrices, [inputs, outputs]);
            prop_assert_eq!(matches!(filter.parts, Parts::Split(_)), taps >= MIN_TAPS);
            prop_assert_eq!(filter.apply(&rows, count), expected);
        }
    }
}
