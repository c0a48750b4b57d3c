//! The forward pass: scores, and the best of each pool.

use burn::{backend::TensorMetadata, tensor::DType};
use burn_cubecl::{cubecl, tensor::CubeTensor};
use cubecl::{calculate_cube_count_elemwise, prelude::*};

use super::{
    motif_tables::TRIPLETS,
    sizes::{LANES, Scan, Sizes, empty},
};

/// Units of a cube.
const UNITS: usize = 256;

/// Cubes along one axis that every runtime allows.
const CUBES: usize = 65_535;

/// Returns pooled values, and writes winners: twice the position plus the strand, or -1 where nothing is positive.
pub(super) fn run(
    sizes: &Sizes,
    codes: CubeTensor,
    signal: CubeTensor,
    tables: CubeTensor,
    winners: Option<CubeTensor>,
) -> CubeTensor {
    let client = codes.client.clone();
    let pooled = empty(&codes, sizes.pooled(), DType::F32);
    let triplets = triplets(codes);
    let lanes = sizes.motifs.div_ceil(LANES).min(32);
    let pools = UNITS / lanes;
    let tracked = winners.is_some();
    let winners = winners.unwrap_or_else(|| empty(&pooled, [1, 1, LANES].into(), DType::I32));
    forward_kernel::launch(
        &client,
        CubeCount::Static(
            sizes.motifs.div_ceil(LANES * lanes) as u32,
            sizes.pools.div_ceil(pools).min(CUBES) as u32,
            sizes.batch.min(CUBES) as u32,
        ),
        CubeDim::new_2d(lanes as u32, pools as u32),
        LANES,
        triplets.into_tensor_arg(),
        signal.into_tensor_arg(),
        tables.into_tensor_arg(),
        pooled.clone().into_tensor_arg(),
        winners.into_tensor_arg(),
        sizes.width,
        sizes.pool,
        sizes.motifs,
        sizes.scan,
        tracked,
    );
    pooled
}

/// Returns the triplet that starts at each position; N lies beyond the end.
fn triplets(codes: CubeTensor) -> CubeTensor {
    let client = codes.client.clone();
    let triplets = empty(&codes, codes.shape(), DType::I32);
    let elements = codes.shape().num_elements();
    let dim = CubeDim::new(&client, elements);
    triplets_kernel::launch(
        &client,
        calculate_cube_count_elemwise(&client, elements, dim),
        dim,
        codes.into_tensor_arg(),
        triplets.clone().into_tensor_arg(),
    );
    triplets
}

#[cube(launch)]
fn triplets_kernel(codes: &Tensor<i32>, triplets: &mut Tensor<i32>) {
    if ABSOLUTE_POS >= triplets.len() {
        terminate!();
    }
    let at = ABSOLUTE_POS % codes.shape(1);
    let mut triplet = 0i32;
    #[unroll]
    for offset in 0..3usize {
        let mut code = 4i32;
        if at + offset < codes.shape(1) {
            let found = codes[ABSOLUTE_POS + offset];
            code = select(found < 0 || found > 3, 4i32, found);
        }
        triplet = triplet * 5 + code;
    }
    triplets[ABSOLUTE_POS] = triplet;
}

#[cube(launch)]
fn forward_kernel<N: Size>(
    triplets: &Tensor<i32>,
    signal: &Tensor<f32>,
    tables: &Tensor<Vector<f32, N>>,
    pooled: &mut Tensor<f32>,
    winners: &mut Tensor<Vector<i32, N>>,
    width: usize,
    pool: usize,
    motifs: usize,
    #[comptime] scan: Scan,
    #[comptime] tracked: bool,
) {
    let lane = (CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X) as usize;
    let lanes = motifs.div_ceil(N::value());
    if lane >= lanes {
        terminate!();
    }
    let length = triplets.shape(1);
    let pools = (length - width + 1) / pool;
    let rows = width.div_ceil(3) * TRIPLETS + scan.channels * width + 1;
    let bias = tables[(rows - 1) * lanes + lane];
    let zero = Vector::<f32, N>::new(0.0f32);

    let mut sample = CUBE_POS_Z as usize;
    while sample < triplets.shape(0) {
        let mut found = (CUBE_POS_Y * CUBE_DIM_Y + UNIT_POS_Y) as usize;
        while found < pools {
            let mut best = zero;
            let mut winner = Vector::<i32, N>::new(0i32);
            for offset in 0..pool {
                let position = found * pool + offset;
                let sum = score::<N>(triplets, signal, tables, sample, position, lane, lanes, 0, width, scan);
                let take = sum.greater_than(&best).or(sum.is_nan()).or(Vector::new(offset == 0));
                best = select_many(take, sum, best);
                winner = select_many(take, Vector::new(position as i32 * 2), winner);
                if comptime!(scan.both_strands) {
                    let sum = score::<N>(triplets, signal, tables, sample, position, lane, lanes, rows, width, scan);
                    let take = sum.greater_than(&best).or(sum.is_nan());
                    best = select_many(take, sum, best);
                    winner = select_many(take, Vector::new(position as i32 * 2 + 1), winner);
                }
            }
            best += bias;
            let silent = best.less_equal(&zero);
            best = select_many(silent, zero, best);
            if comptime!(tracked) {
                winners[(sample * pools + found) * lanes + lane] = select_many(silent, Vector::new(-1i32), winner);
            }
            #[unroll]
            for i in 0..N::value() {
                let motif = lane * N::value() + i;
                if motif < motifs {
                    let at = if comptime!(scan.positions_first) {
                        (sample * pools + found) * motifs + motif
                    } else {
                        (sample * motifs + motif) * pools + found
                    };
                    pooled[at] = best.extract(i);
                }
            }
            found += (CUBE_COUNT_Y * CUBE_DIM_Y) as usize;
        }
        sample += CUBE_COUNT_Z as usize;
    }
}

/// Scores the lane's motifs at a position, with the strand's table, which starts at row `first`.
#[cube]
fn score<N: Size>(
    triplets: &Tensor<i32>,
    signal: &Tensor<f32>,
    tables: &Tensor<Vector<f32, N>>,
    sample: usize,
    position: usize,
    lane: usize,
    lanes: usize,
    first: usize,
    width: usize,
    #[comptime] scan: Scan,
) -> Vector<f32, N> {
    let length = triplets.shape(1);
    let steps = width.div_ceil(3);
    let mut sum = Vector::<f32, N>::new(0.0f32);
    for step in 0..steps {
        let triplet = triplets[sample * length + position + 3 * step] as usize;
        sum += tables[(first + step * TRIPLETS + triplet) * lanes + lane];
    }
    #[unroll]
    for channel in 0..scan.channels {
        let values = (sample * scan.channels + channel) * length + position;
        let row = first + steps * TRIPLETS + channel * width;
        for offset in 0..width {
            let value = Vector::<f32, N>::new(signal[values + offset]);
            sum = fma(value, tables[(row + offset) * lanes + lane], sum);
        }
    }
    sum
}
