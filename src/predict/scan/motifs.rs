//! Scores of the motifs along a chunk of a chromosome.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData, s};

use super::{chunk::Chunk, pools::PoolLayout};
use crate::{
    device,
    nn::{MotifScan, Trunk},
};

/// Base pairs of a segment on other devices than the host: many segments keep many threads busy, but their overlap is
/// scanned twice.
const SEGMENT_BP: usize = 2000;

/// Finds the best score of each motif in each piece of a chunk.
#[derive(Clone, Debug)]
pub(crate) enum Motifs {
    /// With a kernel in the host's memory.
    Host(MotifScan),
    /// With tensor operations on a device.
    Device,
}

impl Motifs {
    pub(crate) fn new(trunk: &Trunk, device: &Device) -> Self {
        if device::is_host(device) { Self::Host(trunk.scanner()) } else { Self::Device }
    }

    /// Scans a chunk.
    pub(crate) fn scan(&self, trunk: &Trunk, chunk: &Chunk, pools: &PoolLayout, device: &Device) -> PieceMaxima {
        let (codes, signal) = (&chunk.codes, chunk.signal.as_deref());
        match self {
            Self::Host(scan) => {
                PieceMaxima::Host { best: scan.best(codes, signal, pools.pieces()), motifs: trunk.num_motifs() }
            }
            Self::Device => PieceMaxima::Device(Box::new(segmented(trunk, codes, signal, pools, device))),
        }
    }
}

/// The best score of each motif in each piece, `[stride, piece, motif]`.
pub(crate) enum PieceMaxima {
    /// In the host's memory.
    Host { best: Vec<f32>, motifs: usize },
    /// On a device.
    Device(Box<Tensor<3>>),
}

impl PieceMaxima {
    /// The pools of some windows, `[batch, motif, pool]`.
    pub(crate) fn windows(&self, windows: Range<usize>, pools: &PoolLayout, device: &Device) -> Tensor<3> {
        match self {
            Self::Host { best, motifs } => {
                let pieces = pools.covered(best, *motifs, &windows);
                let pooled = pools.windows_on_host(pieces, *motifs, windows.len());
                let shape = [windows.len(), pools.len(), *motifs];
                Tensor::<3>::from_data(TensorData::new(pooled, shape), device).swap_dims(1, 2)
            }
            Self::Device(best) => {
                let strides = windows.start..windows.end - 1 + pools.window_strides;
                pools.windows(best.as_ref().clone().slice(s![strides]), windows.len())
            }
        }
    }
}

/// Scans segments of whole strides side by side, in sub-pools.
fn segmented(trunk: &Trunk, codes: &[u8], signal: Option<&[f32]>, pools: &PoolLayout, device: &Device) -> Tensor<3> {
    let overlap = trunk.conv.width() - 1;
    let strides = (codes.len() - overlap) / pools.stride;
    let step = (SEGMENT_BP / pools.stride).clamp(1, strides) * pools.stride;
    let segments = (strides * pools.stride).div_ceil(step);
    let length = step + overlap;
    let codes: Vec<i32> = cut(codes, 4, step, length).map(i32::from).collect();
    let codes = Tensor::<2, Int>::from_data(TensorData::new(codes, [segments, length]), device);
    let signal = signal.map(|signal| {
        let signal: Vec<f32> = cut(signal, 0.0, step, length).collect();
        Tensor::from_data(TensorData::new(signal, [segments, 1, length]), device)
    });
    pools.pieces_of(trunk.motif_scores(codes, signal, pools.piece_gcd)).slice(s![..strides])
}

/// Concatenates overlapping segments; the last one is padded.
fn cut<T: Copy>(values: &[T], beyond: T, step: usize, length: usize) -> impl Iterator<Item = T> {
    let starts = (0..values.len() - (length - step)).step_by(step);
    starts.flat_map(move |start| (start..start + length).map(move |at| values.get(at).copied().unwrap_or(beyond)))
}
