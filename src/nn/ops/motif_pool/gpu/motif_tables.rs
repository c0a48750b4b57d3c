//! Partial sums of three bases, as both strands read them.

use burn::tensor::DType;
use burn_cubecl::{cubecl, kernel::into_contiguous, tensor::CubeTensor};
use cubecl::{calculate_cube_count_elemwise, prelude::*};

use super::sizes::{LANES, Sizes, empty};

/// Triplets of A, C, G, T and N.
pub(super) const TRIPLETS: usize = 125;

/// Returns `[strand, row, motif]`: a row for each triplet at each three positions of a motif, one for each channel at
/// each position, and the bias.
pub(super) fn run(sizes: &Sizes, weight: CubeTensor, bias: CubeTensor) -> CubeTensor {
    let strands = if sizes.scan.both_strands { 2 } else { 1 };
    let rows = sizes.width.div_ceil(3) * TRIPLETS + sizes.scan.channels * sizes.width + 1;
    let shape = [strands, rows, sizes.motifs.next_multiple_of(LANES)];
    let tables = empty(&weight, shape.into(), DType::F32);
    let elements = shape.iter().product();
    let client = weight.client.clone();
    let dim = CubeDim::new(&client, elements);
    table_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, elements, dim),
        dim,
        into_contiguous(weight).into_tensor_arg(),
        into_contiguous(bias).into_tensor_arg(),
        tables.clone().into_tensor_arg(),
    );
    tables
}

#[cube(launch)]
fn table_kernel(weight: &Tensor<f32>, bias: &Tensor<f32>, tables: &mut Tensor<f32>) {
    if ABSOLUTE_POS >= tables.len() {
        terminate!();
    }
    let motif = ABSOLUTE_POS % tables.shape(2);
    let row = ABSOLUTE_POS / tables.shape(2) % tables.shape(1);
    let reverse = ABSOLUTE_POS / (tables.shape(2) * tables.shape(1)) == 1;
    let width = weight.shape(2);
    let triplets = width.div_ceil(3) * TRIPLETS;
    let mut sum = 0.0f32;
    if motif < weight.shape(0) {
        if row < triplets {
            let first = row / TRIPLETS * 3;
            let triplet = row % TRIPLETS;
            sum += base(weight, motif, triplet / 25, first, reverse);
            sum += base(weight, motif, triplet / 5 % 5, first + 1, reverse);
            sum += base(weight, motif, triplet % 5, first + 2, reverse);
        } else if row < tables.shape(1) - 1 {
            let channel = (row - triplets) / width;
            let offset = (row - triplets) % width;
            let at = if reverse { width - 1 - offset } else { offset };
            sum = weight[(motif * weight.shape(1) + 4 + channel) * width + at];
        } else {
            sum = bias[motif];
        }
    }
    tables[ABSOLUTE_POS] = sum;
}

/// The weight of a base; 0 for N and beyond the end.
#[cube]
fn base(weight: &Tensor<f32>, motif: usize, base: usize, offset: usize, reverse: bool) -> f32 {
    let width = weight.shape(2);
    let mut value = 0.0f32;
    if base < 4 && offset < width {
        let row = if reverse { 3 - base } else { base };
        let at = if reverse { width - 1 - offset } else { offset };
        value = weight[(motif * weight.shape(1) + row) * width + at];
    }
    value
}
