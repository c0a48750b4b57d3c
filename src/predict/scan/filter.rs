//! Sums over neighbouring rows with a matrix for each of them.

use gemm::Parallelism;
use rayon::prelude::*;

use crate::nn::ops::matrix::{Matrix, add_product};

/// Rows of the output that one thread computes together.
const TOGETHER: usize = 256;
/// Taps from which a filter is split.
const MIN_TAPS: usize = 8;
/// Times that a filter is split: rounding errors grow a little each time.
const SPLITS: u32 = 2;

/// A filter: row `n` of its output is the sum over taps `k` of input row `n + k` times the matrix of the tap.
///
/// It is split into filters of half as many taps, of which three do the work of four: for even taps on even rows, for
/// odd taps on odd rows, and for the sums of neighbouring taps on sums of neighbouring rows (a fast parallel filter,
/// <https://doi.org/10.1109/78.136539>). Taps that cannot be halved so often are left over: a tap of 0 in their place
/// would read rows on which the output does not depend.
#[derive(Clone, Debug)]
pub(crate) struct RowFilter {
    /// Values of a row of the input and of the output.
    widths: [usize; 2],
    parts: Option<Box<[RowFilter; 3]>>,
    /// The number of taps of the parts together.
    split: usize,
    /// The taps behind them, `[tap, input, output]`.
    rest: Vec<f32>,
}

impl RowFilter {
    /// Takes matrices, `[tap, input, output]`.
    pub(crate) fn new(taps: Vec<f32>, widths: [usize; 2]) -> Self {
        let count = taps.len() / (widths[0] * widths[1]);
        Self::split(taps, widths, if count < MIN_TAPS { 0 } else { SPLITS })
    }

    fn split(mut taps: Vec<f32>, widths: [usize; 2], splits: u32) -> Self {
        if splits == 0 {
            return Self { widths, parts: None, split: 0, rest: taps };
        }
        let size = widths[0] * widths[1];
        let count = taps.len() / size;
        let split = count - count % (1 << splits);
        let rest = taps.split_off(split * size);
        let half = |first: usize| taps.chunks_exact(size).skip(first).step_by(2).flatten().copied().collect::<Vec<_>>();
        let (even, odd) = (half(0), half(1));
        let both = even.iter().zip(&odd).map(|(even, odd)| even + odd).collect();
        let filter = |taps| Self::split(taps, widths, splits - 1);
        Self { widths, parts: Some(Box::new([filter(even), filter(odd), filter(both)])), split, rest }
    }

    /// Computes some rows of the output, for which there is a row of the input for each tap.
    pub(crate) fn apply(&self, rows: &[f32], count: usize) -> Vec<f32> {
        let [inputs, outputs] = self.widths;
        let mut sums = match &self.parts {
            Some(parts) => self.join(parts, rows, count),
            None => vec![0.0; count * outputs],
        };
        sums.par_chunks_mut(TOGETHER * outputs).enumerate().for_each(|(part, sums)| {
            for (tap, matrix) in self.rest.chunks_exact(inputs * outputs).enumerate() {
                let first = part * TOGETHER + self.split + tap;
                let rows = Matrix::new(&rows[first * inputs..][..sums.len() / outputs * inputs], inputs);
                add_product(sums, rows, Matrix::new(matrix, outputs), Parallelism::None);
            }
        });
        sums
    }

    fn join(&self, [even, odd, both]: &[Self; 3], rows: &[f32], count: usize) -> Vec<f32> {
        let [inputs, outputs] = self.widths;
        let (half, taps) = (count.div_ceil(2), self.split / 2);
        // Behind the last row that an odd number of outputs needs comes one of 0.
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
            prop_assert_eq!(filter.parts.is_some(), taps >= MIN_TAPS);
            prop_assert_eq!(filter.apply(&rows, count), expected);
        }
    }

    #[test]
    fn a_row_is_felt_only_where_a_tap_reads_it() {
        for taps in [1, 7, 8, 9, 10, 11, 16, 19] {
            let filter = RowFilter::new(dyadic(taps, &[5]), [1, 1]);
            let mut rows = dyadic(30 + taps, &[6]);
            rows[20] = f32::NAN;
            let spoiled: Vec<usize> = filter
                .apply(&rows, 31)
                .iter()
                .enumerate()
                .filter(|(_, sum)| sum.is_nan())
                .map(|(row, _)| row)
                .collect();
            assert_eq!(spoiled, (21 - taps..=20).collect::<Vec<_>>(), "{taps} taps");
        }
    }
}
