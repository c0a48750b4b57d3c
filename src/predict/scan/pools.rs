//! Max-pooling of motif scores along a chromosome for overlapping windows.

use std::{borrow::Cow, ops::Range};

use burn::tensor::{Tensor, s};
use rayon::prelude::*;

use super::breakpoints::Breakpoints;

/// The pools of windows on a chromosome.
///
/// Windows start a stride apart and have the same pools: each pool is a row of pieces that no window divides (see
/// [`Breakpoints`]).
#[derive(Clone, Debug)]
pub(crate) struct PoolLayout {
    pub(crate) stride: usize,
    /// The greatest common divisor of the pieces' lengths.
    pub(crate) piece_gcd: usize,
    /// The pieces of a stride.
    pieces: Vec<Range<usize>>,
    /// The first piece and the number of pieces of each pool.
    pieces_of_pool: Vec<(usize, usize)>,
    /// Number of strides that a window covers.
    pub(crate) window_strides: usize,
}

impl PoolLayout {
    /// Takes the pools of a window, from position 0 on; windows start `stride` apart.
    pub(crate) fn new(stride: usize, pools: &[Range<usize>]) -> Self {
        let end = pools.last().map_or(0, |pool| pool.end);
        let breakpoints = Breakpoints::at(stride, pools.iter().map(|pool| pool.start).chain([end]));
        let row = |pool: &Range<usize>| {
            let first = breakpoints.piece_at(pool.start);
            (first, breakpoints.piece_at(pool.end) - first)
        };
        Self {
            stride,
            piece_gcd: breakpoints.pieces().map(|piece| piece.start).fold(stride, common_divisor),
            pieces_of_pool: pools.iter().map(row).collect(),
            pieces: breakpoints.pieces().collect(),
            window_strides: end.div_ceil(stride),
        }
    }

    /// The pieces of a stride.
    pub(crate) fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    /// The number of values of a motif in a stride: its pieces, or the sub-pools of windows.
    pub(crate) fn max_values(&self) -> usize {
        (self.stride / self.piece_gcd).max(self.len())
    }

    /// The best score in each piece, `[stride, piece, motif]`, from the sub-pools of segments of whole strides,
    /// `[segment, motif, length]`.
    pub(crate) fn pieces_of(&self, scanned: Tensor<3>) -> Tensor<3> {
        let [segments, motifs, length] = scanned.dims();
        let units = self.stride / self.piece_gcd;
        let (strides, pieces) = (length / units, self.pieces.len());
        let by_stride = scanned.reshape([segments, motifs, strides, units]);
        let best = |piece: &Range<usize>| {
            by_stride.clone().slice(s![.., .., .., piece.start / self.piece_gcd..piece.end / self.piece_gcd]).max_dim(3)
        };
        let best = if pieces == units { by_stride } else { Tensor::cat(self.pieces.iter().map(best).collect(), 3) };
        best.permute([0, 2, 3, 1]).reshape([segments * strides, pieces, motifs])
    }

    /// The pools of a number of windows, `[batch, motif, pool]`, from the pieces of the strides that they cover.
    pub(crate) fn windows(&self, pieces: Tensor<3>, windows: usize) -> Tensor<3> {
        let [strides, step, motifs] = pieces.dims();
        let rows = pieces.reshape([strides * step, motifs]);
        let best = SparseTable::new(rows, self.longest(), |rows: &Tensor<2>, apart| {
            let [count, _] = rows.dims();
            rows.clone().slice(s![..count - apart]).max_pair(rows.clone().slice(s![apart..]))
        });
        let pool = |&(first, length): &(usize, usize)| {
            let (rows, last) = best.query(first, length);
            let from = |first: usize| {
                let taken = first as isize..(first + (windows - 1) * step + 1) as isize;
                rows.clone().slice(s![taken;step as isize])
            };
            if last == first { from(first) } else { from(first).max_pair(from(last)) }
        };
        Tensor::stack::<3>(self.pieces_of_pool.iter().map(pool).collect(), 1).swap_dims(1, 2)
    }

    /// The maxima from which pools are read in the host's memory, of `[stride, piece, motif]`.
    pub(crate) fn maxima<'a>(&self, pieces: &'a [f32], motifs: usize) -> Maxima<'a> {
        const TOGETHER: usize = 1 << 14;
        let table = SparseTable::new(Cow::Borrowed(pieces), self.longest(), |rows: &Cow<[f32]>, apart| {
            let (first, second) = (&rows[..rows.len() - apart * motifs], &rows[apart * motifs..]);
            let mut greatest = vec![0.0; first.len()];
            let parts =
                greatest.par_chunks_mut(TOGETHER).zip(first.par_chunks(TOGETHER).zip(second.par_chunks(TOGETHER)));
            parts.for_each(|(greatest, (first, second))| write_greater(first, second, greatest));
            greatest.into()
        });
        Maxima { table, motifs }
    }

    /// The pools of a number of windows in the host's memory, `[batch, pool, motif]`, from `[stride, piece, motif]`.
    pub(crate) fn windows_on_host(&self, pieces: &[f32], motifs: usize, windows: usize) -> Vec<f32> {
        let maxima = self.maxima(pieces, motifs);
        let mut pooled = vec![0.0; windows * self.len() * motifs];
        pooled.par_chunks_exact_mut(self.len() * motifs).enumerate().for_each(|(window, pooled)| {
            for (pool, pooled) in pooled.chunks_exact_mut(motifs).enumerate() {
                maxima.write(self, window, pool, pooled);
            }
        });
        pooled
    }

    /// The pieces of the strides that some windows cover, of `[stride, piece, motif]`.
    pub(crate) fn covered<'a>(&self, pieces: &'a [f32], motifs: usize, windows: &Range<usize>) -> &'a [f32] {
        let row = self.pieces.len() * motifs;
        &pieces[windows.start * row..(windows.end - 1 + self.window_strides) * row]
    }

    /// The number of pools of a window.
    pub(crate) fn len(&self) -> usize {
        self.pieces_of_pool.len()
    }

    /// Whether each pool is a piece, one after the other.
    pub(crate) fn are_pieces(&self) -> bool {
        self.pieces_of_pool.iter().enumerate().all(|(pool, pieces)| *pieces == (pool, 1))
    }

    fn longest(&self) -> usize {
        self.pieces_of_pool.iter().map(|(_, length)| *length).max().unwrap_or(1)
    }
}

/// The maxima of rows of pieces.
pub(crate) struct Maxima<'a> {
    table: SparseTable<Cow<'a, [f32]>>,
    motifs: usize,
}

impl Maxima<'_> {
    /// Writes the best score of each motif in a pool of a window.
    pub(crate) fn write(&self, pools: &PoolLayout, window: usize, pool: usize, out: &mut [f32]) {
        let (first, length) = pools.pieces_of_pool[pool];
        let (rows, last) = self.table.query(first, length);
        let row = |row: usize| &rows[(window * pools.pieces.len() + row) * self.motifs..][..self.motifs];
        write_greater(row(first), row(last), out);
    }
}

fn write_greater(first: &[f32], second: &[f32], out: &mut [f32]) {
    for ((a, b), out) in first.iter().zip(second).zip(out) {
        *out = if b > a || b.is_nan() { *b } else { *a };
    }
}

/// A sparse table for range-maximum queries: level i has the maxima of 2^i rows; any range is the union of two
/// overlapping entries.
struct SparseTable<T> {
    levels: Vec<T>,
}

impl<T> SparseTable<T> {
    /// `joined` returns the maximum of each row and the one so many rows after it.
    fn new(rows: T, longest: usize, joined: impl Fn(&T, usize) -> T) -> Self {
        let mut levels = vec![rows];
        for level in 0..longest.ilog2() as usize {
            levels.push(joined(&levels[level], 1 << level));
        }
        Self { levels }
    }

    /// The level of which the entries at `first` and at the returned index cover `length` rows from `first` on.
    fn query(&self, first: usize, length: usize) -> (&T, usize) {
        let level = length.ilog2();
        (&self.levels[level as usize], first + length - (1 << level))
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
        let unit = |stride, pool: usize, count| {
            let pools: Vec<_> = (0..count).map(|index| index * pool..(index + 1) * pool).collect();
            PoolLayout::new(stride, &pools).piece_gcd
        };
        assert_eq!([unit(50, 300, 1), unit(50, 94, 3), unit(50, 13, 75), unit(50, 10, 30)], [50, 2, 1, 10]);
        assert_eq!(PoolLayout::new(50, &[0..100, 100..182]).piece_gcd, 2);
    }
}
