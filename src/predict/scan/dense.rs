//! The dense layer behind the pools of many windows, which read the same pieces.

use burn::{nn::Linear, tensor::Tensor};
use gemm::Parallelism;
use rayon::prelude::*;

use super::{filter::RowFilter, pools::PoolLayout};
use crate::nn::ops::matrix::{Matrix, add_product};

/// Windows that one thread computes together.
const TOGETHER: usize = 128;

/// A dense layer whose inputs are pools, motif by motif, and then means of a signal.
#[derive(Clone, Debug)]
pub(crate) struct DenseScan {
    motifs: usize,
    outputs: usize,
    weights: Weights,
    /// `[mean, output]`
    means: Vec<f32>,
    /// `[output]`
    bias: Vec<f32>,
}

#[derive(Clone, Debug)]
enum Weights {
    /// Each pool is a piece: whole strides are the rows of a filter. The pools of a last stride that is not whole come
    /// after it, `[pool, motif, output]`.
    Strides { whole: RowFilter, strides: usize, last: Vec<f32> },
    /// `[pool, motif, output]`
    Pools(Vec<f32>),
}

impl DenseScan {
    pub(crate) fn new(layer: &Linear, motifs: usize, pools: &PoolLayout) -> Self {
        let [_, outputs] = layer.weight.dims();
        let values = |tensor: Tensor<1>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        let mut weights = values(layer.weight.val().flatten(0, 1));
        let bias = layer.bias.as_ref().map_or(vec![0.0; outputs], |bias| values(bias.val()));
        let means = weights.split_off(motifs * pools.len() * outputs);
        let mut by_pool = Vec::with_capacity(weights.len());
        for pool in 0..pools.len() {
            let rows = weights.chunks_exact(outputs).skip(pool).step_by(pools.len());
            by_pool.extend(rows.flatten());
        }
        let weights = if pools.are_pieces() {
            let (row, strides) = (pools.pieces().len() * motifs, pools.len() / pools.pieces().len());
            let last = by_pool.split_off(strides * row * outputs);
            Weights::Strides { whole: RowFilter::new(by_pool, [row, outputs]), strides, last }
        } else {
            Weights::Pools(by_pool)
        };
        Self { motifs, outputs, weights, means, bias }
    }

    /// The number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Computes the layer's output, `[window, output]`, from the pieces of the strides that some windows cover,
    /// `[stride, piece, motif]`, and their means, `[window, mean]`.
    pub(crate) fn apply(&self, pieces: &[f32], pools: &PoolLayout, windows: usize, means: Option<&[f32]>) -> Vec<f32> {
        let mut sums = match &self.weights {
            Weights::Strides { whole, strides, last } => {
                let mut sums = whole.apply(pieces, windows);
                self.add_last(last, &pieces[strides * pools.pieces().len() * self.motifs..], pools, &mut sums);
                sums
            }
            Weights::Pools(weights) => self.by_pool(weights, pieces, pools, windows),
        };
        for row in sums.chunks_exact_mut(self.outputs) {
            row.iter_mut().zip(&self.bias).for_each(|(sum, bias)| *sum += bias);
        }
        if let Some(means) = means {
            let (means, weights) = (Matrix::new(means, means.len() / windows), Matrix::new(&self.means, self.outputs));
            add_product(&mut sums, means, weights, Parallelism::None);
        }
        sums
    }

    /// Adds the products of the first pools of a stride, from that stride of each window on.
    fn add_last(&self, weights: &[f32], pieces: &[f32], pools: &PoolLayout, sums: &mut [f32]) {
        let (outputs, row) = (self.outputs, pools.pieces().len() * self.motifs);
        let columns = weights.len() / outputs;
        if columns == 0 {
            return;
        }
        sums.par_chunks_mut(TOGETHER * outputs).zip(pieces.par_chunks(TOGETHER * row)).for_each(|(sums, pieces)| {
            let pieces = Matrix::new(&pieces[..sums.len() / outputs * row], row).first_columns(columns);
            add_product(sums, pieces, Matrix::new(weights, outputs), Parallelism::None);
        });
    }

    fn by_pool(&self, weights: &[f32], pieces: &[f32], pools: &PoolLayout, windows: usize) -> Vec<f32> {
        let Self { motifs, outputs, .. } = *self;
        let maxima = pools.maxima(pieces, motifs);
        let mut sums = vec![0.0; windows * outputs];
        sums.par_chunks_mut(TOGETHER * outputs).enumerate().for_each(|(part, sums)| {
            let count = sums.len() / outputs;
            let mut pooled = vec![0.0; count * motifs];
            for (pool, weights) in weights.chunks_exact(motifs * outputs).enumerate() {
                for (window, pooled) in pooled.chunks_exact_mut(motifs).enumerate() {
                    maxima.write(pools, part * TOGETHER + window, pool, pooled);
                }
                add_product(sums, Matrix::new(&pooled, motifs), Matrix::new(weights, outputs), Parallelism::None);
            }
        });
        sums
    }
}
