//! The forward pass: scores, and the best of each pool.

use burn::{backend::TensorMetadata, tensor::DType};
use burn_cubecl::{cubecl, tensor::CubeTensor};
use cubecl::{calculate_cube_count_elemwise, prelude::*};

use super::{
    layout::{Layout, UNITS},
    motif_tables::TRIPLETS,
    sizes::{LANES, Scan, Sizes, empty},
};

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
    // On a CPU, each unit of a cube that waits is a thread.
    let layout = Layout::new(sizes, client.properties().hardware.num_cpu_cores.is_none());
    let tracked = winners.is_some();
    let winners = winners.unwrap_or_else(|| empty(&pooled, [1, 1, LANES].into(), DType::I32));
    forward_kernel::launch(
        &client,
        CubeCount::Static(
            sizes.motifs.div_ceil(LANES * layout.columns) as u32,
            sizes.pools.div_ceil(layout.pools).min(CUBES) as u32,
            sizes.batch.min(CUBES) as u32,
        ),
        CubeDim::new_2d(layout.columns as u32, layout.rows() as u32),
        LANES,
        triplets.into_tensor_arg(),
        signal.into_tensor_arg(),
        tables.into_tensor_arg(),
        pooled.clone().into_tensor_arg(),
        winners.into_tensor_arg(),
        sizes.width,
        sizes.pool,
        sizes.motifs,
        layout.parts,
        layout.positions,
        sizes.scan,
        tracked,
        layout.is_split(),
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
    parts: usize,
    positions: usize,
    #[comptime] scan: Scan,
    #[comptime] tracked: bool,
    #[comptime] split: bool,
) {
    let lane = (CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X) as usize;
    let lanes = motifs.div_ceil(N::value());
    let length = triplets.shape(1);
    let pools = (length - width + 1) / pool;
    let rows = width.div_ceil(3) * TRIPLETS + scan.channels * width + 1;
    let zero = Vector::<f32, N>::new(0.0f32);
    let row = UNIT_POS_Y as usize;
    let part = row % parts;
    let together = CUBE_DIM_Y as usize / parts;

    let mut sample = CUBE_POS_Z as usize;
    while sample < triplets.shape(0) {
        // Both loops run alike in all units of a cube, since parts meet at barriers. So nobody may leave early.
        let mut first = CUBE_POS_Y as usize * together;
        while first < pools {
            let found = first + row / parts;
            let busy = lane < lanes && found < pools;
            let mut best = zero;
            let mut winner = Vector::<i32, N>::new(0i32);
            if busy {
                let begin = found * pool + part * positions;
                let end = min(begin + positions, (found + 1) * pool);
                for position in begin..end {
                    let sum = score::<N>(triplets, signal, tables, sample, position, lane, lanes, 0, width, scan);
                    let take = beats(sum, best).or(Vector::new(position == begin));
                    best = select_many(take, sum, best);
                    winner = select_many(take, Vector::new(position as i32 * 2), winner);
                    if comptime!(scan.both_strands) {
                        let sum =
                            score::<N>(triplets, signal, tables, sample, position, lane, lanes, rows, width, scan);
                        let take = beats(sum, best);
                        best = select_many(take, sum, best);
                        winner = select_many(take, Vector::new(position as i32 * 2 + 1), winner);
                    }
                }
            }
            if comptime!(split) {
                let (all, place) = best_of_parts::<N>(best, winner, part, parts);
                best = all;
                winner = place;
            }
            if busy && part == 0 {
                best += tables[(rows - 1) * lanes + lane];
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
            }
            first += CUBE_COUNT_Y as usize * together;
        }
        sample += CUBE_COUNT_Z as usize;
    }
}

/// Whether scores replace the best of earlier positions: they are greater, or not numbers.
#[cube]
fn beats<N: Size>(later: Vector<f32, N>, best: Vector<f32, N>) -> Vector<bool, N> {
    later.greater_than(&best).or(later.is_nan())
}

/// Brings the parts of a pool together: its first part returns the best of all.
///
/// Neighbors are merged, then neighboring pairs, and so on, so that the earlier positions always stand on the left.
#[cube]
fn best_of_parts<N: Size>(
    best: Vector<f32, N>,
    winner: Vector<i32, N>,
    part: usize,
    parts: usize,
) -> (Vector<f32, N>, Vector<i32, N>) {
    let mut scores = Shared::<[Vector<f32, N>]>::new_slice(UNITS);
    let mut places = Shared::<[Vector<i32, N>]>::new_slice(UNITS);
    let unit = UNIT_POS as usize;
    let mut best = best;
    let mut winner = winner;
    let mut step = 1usize;
    while step < parts {
        scores[unit] = best;
        places[unit] = winner;
        sync_cube();
        if part % (2 * step) == 0 && part + step < parts {
            let later = unit + step * CUBE_DIM_X as usize;
            let take = beats(scores[later], best);
            best = select_many(take, scores[later], best);
            winner = select_many(take, places[later], winner);
        }
        sync_cube();
        step *= 2;
    }
    (best, winner)
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
