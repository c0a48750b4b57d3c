//! Products of a few rows with a matrix whose columns lie in panels.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

use super::simd::{self, multiply_add};

/// Columns of a panel: sums of two rows fit into the registers.
const LANES: usize = 32;

/// A panel's part of a row. None lies across more cache lines than it must.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Lanes([f32; LANES]);

/// A matrix in panels of columns, for products with so few rows that [`super::matrix`] would pack it in vain.
#[derive(Debug)]
pub(crate) struct Panels {
    /// `[panel, row]`, with zeros beyond the last column.
    lanes: Vec<Lanes>,
    rows: usize,
    columns: usize,
}

impl Panels {
    /// Reads values row by row.
    pub(crate) fn new(values: &[f32], [rows, columns]: [usize; 2]) -> Self {
        let part = |first: usize, row: usize| {
            let mut lanes = [0.0; LANES];
            let count = LANES.min(columns - first);
            lanes[..count].copy_from_slice(&values[row * columns + first..][..count]);
            Lanes(lanes)
        };
        let firsts = (0..columns).step_by(LANES);
        let lanes = firsts.flat_map(|first| (0..rows).map(move |row| part(first, row))).collect();
        Self { lanes, rows, columns }
    }

    /// Adds the product of the rows of `input` with the matrix to `sums`, a row for each.
    pub(crate) fn add_product(&self, input: &[f32], sums: &mut [f32]) {
        simd::run(Product { matrix: self, input, sums });
    }

    /// Adds the products of some rows of the matrix with a factor each to one row of sums.
    pub(crate) fn add_rows(&self, factors: &[(usize, f32)], sums: &mut [f32]) {
        simd::run(Rows { matrix: self, factors, sums });
    }
}

struct Rows<'a> {
    matrix: &'a Panels,
    factors: &'a [(usize, f32)],
    sums: &'a mut [f32],
}

impl simd::Work for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { matrix: Panels { lanes, rows, .. }, factors, sums } = self;
        for (panel, sums) in lanes.chunks_exact(*rows).zip(sums.chunks_mut(LANES)) {
            let mut product = [0.0; LANES];
            for &(row, factor) in factors {
                for lane in 0..LANES {
                    product[lane] = multiply_add::<FUSED>(panel[row].0[lane], factor, product[lane]);
                }
            }
            add(&product, sums);
        }
    }
}

struct Product<'a> {
    matrix: &'a Panels,
    input: &'a [f32],
    sums: &'a mut [f32],
}

impl simd::Work for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { matrix: &Panels { ref lanes, rows, columns }, input, sums } = self;
        for (panel, first) in lanes.chunks_exact(rows).zip((0..columns).step_by(LANES)) {
            let place = first..columns.min(first + LANES);
            for (input, sums) in input.chunks(2 * rows).zip(sums.chunks_mut(2 * columns)) {
                let (input, sums) = (input.split_at(rows), sums.split_at_mut(columns));
                if input.1.is_empty() {
                    let [product] = products::<FUSED, 1>(panel, [input.0]);
                    add(&product, &mut sums.0[place.clone()]);
                } else {
                    let [product, next] = products::<FUSED, 2>(panel, [input.0, input.1]);
                    add(&product, &mut sums.0[place.clone()]);
                    add(&next, &mut sums.1[place.clone()]);
                }
            }
        }
    }
}

/// The products of rows with a panel.
#[inline(always)]
fn products<const FUSED: bool, const ROWS: usize>(panel: &[Lanes], rows: [&[f32]; ROWS]) -> [[f32; LANES]; ROWS] {
    let (mut sums, rows) = ([[0.0; LANES]; ROWS], rows.map(|row| &row[..panel.len()]));
    for (i, Lanes(lanes)) in panel.iter().enumerate() {
        for row in 0..ROWS {
            let value = rows[row][i];
            for lane in 0..LANES {
                sums[row][lane] = multiply_add::<FUSED>(lanes[lane], value, sums[row][lane]);
            }
        }
    }
    sums
}

#[inline(always)]
fn add(product: &[f32; LANES], sums: &mut [f32]) {
    for (sum, product) in sums.iter_mut().zip(product) {
        *sum += product;
    }
}

#[cfg(test)]
mod tests {
    use gemm::Parallelism;
    use proptest::prelude::*;

    use super::{
        super::matrix::{Matrix, add_product},
        *,
    };
    use crate::testing::dyadic;

    proptest! {
        #[test]
        fn products_are_those_of_matrices(
            (rows, inputs, columns) in (1..6_usize, 1..40_usize, 1..100_usize), seed: u64,
        ) {
            let (input, values) = (dyadic(rows * inputs, &[seed, 0]), dyadic(inputs * columns, &[seed, 1]));
            let mut expected = dyadic(rows * columns, &[seed, 2]);
            let mut found = expected.clone();
            Panels::new(&values, [inputs, columns]).add_product(&input, &mut found);
            let (input, values) = (Matrix::new(&input, inputs), Matrix::new(&values, columns));
            add_product(&mut expected, input, values, Parallelism::None);
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn rows_with_factors_are_a_product_with_few_inputs(
            (inputs, columns) in (1..40_usize, 1..100_usize), seed: u64,
        ) {
            let (mut input, values) = (dyadic(inputs, &[seed, 0]), dyadic(inputs * columns, &[seed, 1]));
            input.iter_mut().step_by(2).for_each(|value| *value = 0.0);
            let (mut found, mut expected) = (dyadic(columns, &[seed, 2]), dyadic(columns, &[seed, 2]));
            let panels = Panels::new(&values, [inputs, columns]);
            let factors: Vec<_> = input.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect();
            panels.add_rows(&factors, &mut found);
            panels.add_product(&input, &mut expected);
            prop_assert_eq!(found, expected);
        }
    }
}
