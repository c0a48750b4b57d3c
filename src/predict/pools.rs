//! From motifs along a chromosome to the pools of windows.

use burn::tensor::{Tensor, s};

use super::cuts::Cuts;

/// How the windows' pools lie on the stretches in which motifs are scanned.
///
/// A window's pool starts at a multiple of the pool after the window's start, and windows start a stride apart: all pools
/// are made of whole sub-pools, whose length is the greatest common divisor of both.
#[derive(Debug, Clone)]
pub(super) struct Pools {
    /// Positions of a sub-pool.
    pub(super) unit: usize,
    /// Sub-pools of a stride.
    units: usize,
    /// Where pools start and end, in sub-pools.
    cuts: Cuts,
    /// The first piece of each pool, and their number.
    rows: Vec<(usize, usize)>,
    /// Strides that a window reaches over.
    pub(super) reach: usize,
}

impl Pools {
    /// Lays pools of `pool` positions, `count` a window, over windows that are `stride` apart.
    pub(super) fn new(stride: usize, pool: usize, count: usize) -> Self {
        let unit = common_divisor(pool, stride);
        let (units, length) = (stride / unit, pool / unit);
        let cuts = Cuts::new(units, length, count);
        let row = |pool: usize| {
            let first = cuts.piece_at(pool * length);
            (first, cuts.piece_at((pool + 1) * length) - first)
        };
        let rows = (0..count).map(row).collect();
        Self { unit, units, rows, reach: (count * length).div_ceil(units), cuts }
    }

    /// The best of each piece between cuts, `[stride, piece, motif]`, from the sub-pools of segments, `[segment, motif,
    /// length]`, each of whole strides.
    pub(super) fn pieces(&self, scanned: Tensor<3>) -> Tensor<3> {
        let [segments, motifs, length] = scanned.dims();
        let (strides, pieces) = (length / self.units, self.cuts.len());
        let rows = if pieces == self.units {
            scanned.swap_dims(1, 2)
        } else {
            let by_stride = scanned.reshape([segments, motifs, strides, self.units]);
            let best = |piece: std::ops::Range<usize>| by_stride.clone().slice(s![.., .., .., piece]).max_dim(3);
            Tensor::cat(self.cuts.pieces().map(best).collect(), 3).permute([0, 2, 3, 1]).reshape([
                segments,
                length / self.units * pieces,
                motifs,
            ])
        };
        rows.reshape([segments * strides, pieces, motifs])
    }

    /// The pools of a number of windows, `[batch, motif, pool]`, from the pieces of the strides on which they start
    /// and over which the last one reaches.
    pub(super) fn windows(&self, pieces: Tensor<3>, windows: usize) -> Tensor<3> {
        let [strides, _, motifs] = pieces.dims();
        let step = self.cuts.len();
        let best = Best::new(pieces.reshape([strides * step, motifs]), self.rows.iter().map(|(_, length)| *length));
        let pools: Vec<Tensor<2>> =
            self.rows.iter().map(|&(first, length)| best.of(first, length, windows, step)).collect();
        Tensor::stack::<3>(pools, 1).swap_dims(1, 2)
    }
}

/// The best of each row and those after it, 1, 2, 4 and so on in all: two of them cover any number of rows.
struct Best {
    doublings: Vec<Tensor<2>>,
}

impl Best {
    /// `rows`: `[row, motif]`.
    fn new(rows: Tensor<2>, lengths: impl Iterator<Item = usize>) -> Self {
        let most = lengths.max().unwrap_or(1);
        let mut doublings = vec![rows];
        for doubling in 0..most.ilog2() {
            let rows = &doublings[doubling as usize];
            let ([count, _], apart) = (rows.dims(), 1 << doubling);
            doublings.push(greater(rows.clone().slice(s![..count - apart]), rows.clone().slice(s![apart..])));
        }
        Self { doublings }
    }

    /// The best of `length` rows from `first` on, from `first + step` on and so on, `[window, motif]`.
    fn of(&self, first: usize, length: usize, windows: usize, step: usize) -> Tensor<2> {
        let doubling = length.ilog2();
        let from = |first: usize| {
            let rows = first as isize..(first + (windows - 1) * step + 1) as isize;
            self.doublings[doubling as usize].clone().slice(s![rows;step as isize])
        };
        let last = first + length - (1 << doubling);
        if last == first { from(first) } else { greater(from(first), from(last)) }
    }
}

fn greater(a: Tensor<2>, b: Tensor<2>) -> Tensor<2> {
    a.max_pair(b)
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
