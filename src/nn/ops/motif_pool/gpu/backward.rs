//! Gradients of the weights and biases, from the winners.

use burn::{
    backend::{ops::FloatTensorOps, tensor::FloatTensor},
    tensor::{DType, Slice},
};
use burn_cubecl::{CubeBackend, cubecl, tensor::CubeTensor};
use cubecl::prelude::*;

use super::sizes::{Scan, Sizes, empty};

/// The most parts of a batch that are summed on their own.
const PARTS: usize = 64;

const MOTIFS: usize = 32;
const OFFSETS: usize = 8;

/// Returns the gradients of the weight and the bias.
pub(super) fn run(
    sizes: &Sizes,
    codes: CubeTensor,
    signal: CubeTensor,
    winners: CubeTensor,
    gradient: CubeTensor,
) -> (FloatTensor<CubeBackend>, FloatTensor<CubeBackend>) {
    let Sizes { motifs, width, scan, .. } = *sizes;
    let client = codes.client.clone();
    let rows = 4 + scan.channels;
    let parts = sizes.batch.clamp(1, PARTS);
    let sums = empty(&codes, [parts, width, rows + 1, motifs].into(), DType::F32);
    backward_kernel::launch(
        &client,
        CubeCount::Static(motifs.div_ceil(MOTIFS) as u32, width.div_ceil(OFFSETS) as u32, parts as u32),
        CubeDim::new_2d(MOTIFS as u32, OFFSETS as u32),
        codes.into_tensor_arg(),
        signal.into_tensor_arg(),
        winners.into_tensor_arg(),
        gradient.into_tensor_arg(),
        sums.clone().into_tensor_arg(),
        scan,
    );
    let sums = CubeBackend::float_sum_dim(sums, 0);
    let sums = CubeBackend::float_reshape(sums, [width, rows + 1, motifs].into());
    let slice = |rows: Slice, offsets: Slice| CubeBackend::float_slice(sums.clone(), &[offsets, rows, Slice::full()]);
    let weight = CubeBackend::float_permute(slice((0..rows).into(), Slice::full()), &[2, 1, 0]);
    let bias = CubeBackend::float_reshape(slice((rows..rows + 1).into(), (0..1).into()), [motifs].into());
    (weight, bias)
}

/// Each unit sums the gradients of one position of one motif over a part of the batch.
#[cube(launch)]
fn backward_kernel(
    codes: &Tensor<i32>,
    signal: &Tensor<f32>,
    winners: &Tensor<i32>,
    gradient: &Tensor<f32>,
    sums: &mut Tensor<f32>,
    #[comptime] scan: Scan,
) {
    let motif = ABSOLUTE_POS_X as usize;
    let offset = ABSOLUTE_POS_Y as usize;
    let width = sums.shape(1);
    let motifs = sums.shape(3);
    if motif >= motifs || offset >= width {
        terminate!();
    }
    let (length, pools) = (codes.shape(1), winners.shape(1));
    let mut bases = Array::<f32>::new(4usize);
    let mut channels = Array::<f32>::new(scan.channels);
    let mut total = 0.0f32;
    #[unroll]
    for base in 0..4usize {
        bases[base] = 0.0f32;
    }
    #[unroll]
    for channel in 0..scan.channels {
        channels[channel] = 0.0f32;
    }

    let mut sample = CUBE_POS_Z as usize;
    while sample < codes.shape(0) {
        for pool in 0..pools {
            let winner = winners[(sample * pools + pool) * winners.shape(2) + motif];
            if winner >= 0 {
                let at = if comptime!(scan.positions_first) {
                    (sample * pools + pool) * motifs + motif
                } else {
                    (sample * motifs + motif) * pools + pool
                };
                let value = gradient[at];
                let reverse = winner % 2 == 1;
                let along = if reverse { width - 1 - offset } else { offset };
                let position = winner as usize / 2 + along;
                let found = codes[sample * length + position];
                let code = if reverse { 3 - found } else { found };
                #[unroll]
                for base in 0..4usize {
                    bases[base] += select(code == base as i32, value, 0.0f32);
                }
                #[unroll]
                for channel in 0..scan.channels {
                    channels[channel] += value * signal[(sample * scan.channels + channel) * length + position];
                }
                total += value;
            }
        }
        sample += CUBE_COUNT_Z as usize;
    }

    let rows = comptime!(5 + scan.channels);
    let first = (CUBE_POS_Z as usize * width + offset) * rows;
    #[unroll]
    for base in 0..4usize {
        sums[(first + base) * motifs + motif] = bases[base];
    }
    #[unroll]
    for channel in 0..scan.channels {
        sums[(first + 4 + channel) * motifs + motif] = channels[channel];
    }
    sums[(first + rows - 1) * motifs + motif] = total;
}
