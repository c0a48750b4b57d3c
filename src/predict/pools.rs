//! From motifs along a chromosome to the pools of windows.

use std::ops::Range;

use burn::tensor::{Tensor, s};

use super::cuts::Cuts;

/// How the pools of windows lie on a chromosome.
///
/// A window's pool starts at a multiple of the pool after the window's start, and windows start a stride apart: each pool
/// is a row of pieces that no window divides (see [`Cuts`]).
#[derive(Debug, Clone)]
pub(super) struct Pools {
    pub(super) stride: usize,
    /// The greatest common divisor of the pieces' lengths.
    pub(super) unit: usize,
    /// The pieces of a stride.
    pieces: Vec<Range<usize>>,
    /// The first piece of each pool, and their number.
    rows: Vec<(usize, usize)>,
    /// Strides that a window reaches over.
    pub(super) reach: usize,
}

impl Pools {
    /// Lays pools of `pool` positions, `count` a window, over windows that are `stride` apart.
    pub(super) fn new(stride: usize, pool: usize, count: usize) -> Self {
        let cuts = Cuts::new(stride, pool, count);
        let row = |index: usize| {
            let first = cuts.piece_at(index * pool);
            (first, cuts.piece_at((index + 1) * pool) - first)
        };
        Self {
            stride,
            unit: cuts.pieces().map(|piece| piece.start).fold(stride, common_divisor),
            rows: (0..count).map(row).collect(),
            pieces: cuts.pieces().collect(),
            reach: (count * pool).div_ceil(stride),
        }
    }

    /// The pieces of a stride.
    pub(super) fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    /// The values of a motif that a stride takes: its pieces, or the sub-pools of windows.
    pub(super) fn most_values(&self) -> usize {
        (self.stride / self.unit).max(self.rows.len())
    }

    /// The best of each piece, `[stride, piece, motif]`, from the sub-pools of segments, `[segment, motif, length]`, each
    /// of whole strides.
    pub(super) fn pieces_of(&self, scanned: Tensor<3>) -> Tensor<3> {
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

    /// The pools of a number of windows, `[batch, motif, pool]`, from the pieces of the strides on which they start
    /// and over which the last one reaches.
    pub(super) fn windows(&self, pieces: Tensor<3>, windows: usize) -> Tensor<3> {
        let [strides, step, motifs] = pieces.dims();
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
            doublings.push(rows.clone().slice(s![..count - apart]).max_pair(rows.clone().slice(s![apart..])));
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
        if last == first { from(first) } else { from(first).max_pair(from(last)) }
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_divides_all_pieces() {
        let unit = |stride, pool, count| Pools::new(stride, pool, count).unit;
        assert_eq!([unit(50, 300, 1), unit(50, 94, 3), unit(50, 13, 75), unit(50, 10, 30)], [50, 2, 1, 10]);
    }
}
