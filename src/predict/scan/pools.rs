//! Max-pooling of motif scores along a chromosome for overlapping windows.

use std::ops::Range;

use burn::tensor::{Tensor, s};
use rayon::prelude::*;

use super::cuts::Cuts;

/// The pools of windows on a chromosome.
///
/// Windows start a stride apart and have the same pools: each pool is a row of pieces that no window divides (see
/// [`Cuts`]).
#[derive(Clone, Debug)]
pub(crate) struct PoolLayout {
    pub(crate) stride: usize,
    /// The greatest common divisor of the pieces' lengths.
    pub(crate) unit: usize,
    /// The pieces of a stride.
    pieces: Vec<Range<usize>>,
    /// The first piece and the number of pieces of each pool.
    rows: Vec<(usize, usize)>,
    /// Number of strides that a window covers.
    pub(crate) reach: usize,
}

impl PoolLayout {
    /// Takes the pools of a window, from position 0 on; windows start `stride` apart.
    pub(crate) fn new(stride: usize, pools: &[Range<usize>]) -> Self {
        let end = pools.last().map_or(0, |pool| pool.end);
        let cuts = Cuts::at(stride, pools.iter().map(|pool| pool.start).chain([end]));
        let row = |pool: &Range<usize>| {
            let first = cuts.piece_at(pool.start);
            (first, cuts.piece_at(pool.end) - first)
        };
        Self {
            stride,
            unit: cuts.pieces().map(|piece| piece.start).fold(stride, common_divisor),
            rows: pools.iter().map(row).collect(),
            pieces: cuts.pieces().collect(),
            reach: end.div_ceil(stride),
        }
    }

    /// The pieces of a stride.
    pub(crate) fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    /// The number of values of a motif in a stride: its pieces, or the sub-pools of windows.
    pub(crate) fn max_values(&self) -> usize {
        (self.stride / self.unit).max(self.rows.len())
    }

    /// The best score in each piece, `[stride, piece, motif]`, from the sub-pools of segments of whole strides,
    /// `[segment, motif, length]`.
    pub(crate) fn pieces_of(&self, scanned: Tensor<3>) -> Tensor<3> {
        let [segments, motifs, length] = scanned.dims();
        let units = self.stride / self.unit;
        let (strides, pieces) = (length / units, self.pieces.len());
        let by_stride = scanned.reshape([segments, motifs, strides, units]);
        let best = |piece: &Range<usize>| {
            by_stride.clone().slice(s![.., .., .., piece.start / self.unit..piece.end / self.unit]).max_dim(3)
        };
        let best = if pieces == units { by_stride } else { Tensor::cat(self.pieces.iter().map(best).collect(), 3) };
        best.permute([0, 2, 3, 1]).reshape([segments * strides, pieces, motifs])
    }

    /// The pools of a number of windows, `[batch, motif, pool]`, from the pieces of the strides that they cover.
    pub(crate) fn windows(&self, pieces: Tensor<3>, windows: usize) -> Tensor<3> {
        let [strides, step, motifs] = pieces.dims();
        let rows = pieces.reshape([strides * step, motifs]);
        let best = Doublings::new(rows, self.longest(), |rows: &Tensor<2>, apart| {
            let [count, _] = rows.dims();
            rows.clone().slice(s![..count - apart]).max_pair(rows.clone().slice(s![apart..]))
        });
        let pool = |&(first, length): &(usize, usize)| {
            let (rows, last) = best.covering(first, length);
            let from = |first: usize| {
                let taken = first as isize..(first + (windows - 1) * step + 1) as isize;
                rows.clone().slice(s![taken;step as isize])
            };
            if last == first { from(first) } else { from(first).max_pair(from(last)) }
        };
        Tensor::stack::<3>(self.rows.iter().map(pool).collect(), 1).swap_dims(1, 2)
    }

    /// The same in the host's memory, from `[stride, piece, motif]`.
    pub(crate) fn windows_on_host(&self, pieces: &[f32], motifs: usize, windows: usize) -> Vec<f32> {
        let (step, count) = (self.pieces.len(), self.rows.len());
        let best = Doublings::new(pieces.to_vec(), self.longest(), |rows: &Vec<f32>, apart| {
            rows.iter().zip(&rows[apart * motifs..]).map(|(a, b)| greater(*a, *b)).collect()
        });
        let mut pooled = vec![0.0; windows * motifs * count];
        pooled.par_chunks_exact_mut(motifs * count).enumerate().for_each(|(window, pooled)| {
            for (block, pooled) in pooled.chunks_mut(TOGETHER * count).enumerate() {
                let lanes = block * TOGETHER..block * TOGETHER + pooled.len() / count;
                for (pool, &(first, length)) in self.rows.iter().enumerate() {
                    let (rows, last) = best.covering(first, length);
                    let row = |row: usize| &rows[(window * step + row) * motifs..][lanes.clone()];
                    for (lane, (a, b)) in row(first).iter().zip(row(last)).enumerate() {
                        pooled[lane * count + pool] = greater(*a, *b);
                    }
                }
            }
        });
        pooled
    }

    fn longest(&self) -> usize {
        self.rows.iter().map(|(_, length)| *length).max().unwrap_or(1)
    }
}

/// Number of motifs that are written together: so many rows of a window stay in the cache.
const TOGETHER: usize = 16;

/// The maximum of each row and its successors, over 1, 2, 4 and so on rows: two of them cover any number of rows.
struct Doublings<T> {
    all: Vec<T>,
}

impl<T> Doublings<T> {
    /// `joined` returns the maximum of each row and the one so many rows after it.
    fn new(rows: T, longest: usize, joined: impl Fn(&T, usize) -> T) -> Self {
        let mut all = vec![rows];
        for doubling in 0..longest.ilog2() as usize {
            all.push(joined(&all[doubling], 1 << doubling));
        }
        Self { all }
    }

    /// The maxima of which the `first` and the returned one cover `length` rows from `first` on.
    fn covering(&self, first: usize, length: usize) -> (&T, usize) {
        let doubling = length.ilog2();
        (&self.all[doubling as usize], first + length - (1 << doubling))
    }
}

fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_divides_all_pieces() {
        let unit = |stride, pool: usize, count| {
            let pools: Vec<_> = (0..count).map(|index| index * pool..(index + 1) * pool).collect();
            PoolLayout::new(stride, &pools).unit
        };
        assert_eq!([unit(50, 300, 1), unit(50, 94, 3), unit(50, 13, 75), unit(50, 10, 30)], [50, 2, 1, 10]);
        assert_eq!(PoolLayout::new(50, &[0..100, 100..182]).unit, 2);
    }
}
