//! Motifs along a chromosome, for devices whose tensors live in the host's memory.

use std::{ops::Range, sync::Arc};

use burn::tensor::Tensor;

use super::{
    MotifConv,
    ops::kernel::{MotifTables, Pieces, best_of_pieces},
};

/// Layers of motifs with the same centres, ready to scan along chromosomes.
///
/// It finds what [`motif_pool`](super::ops::motif_pool) does, but in pools of different lengths.
#[derive(Debug, Clone)]
pub(crate) struct MotifScan {
    layers: Arc<[MotifTables]>,
}

/// What is scanned, and where its pools lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanned<'a> {
    /// Base codes, 0 to 4.
    pub(crate) codes: &'a [u8],
    /// A signal for each base, where motifs scan it.
    pub(crate) signal: Option<&'a [f32]>,
    /// The pools of a stride: neighbouring ranges, which fill it.
    pub(crate) pieces: &'a [Range<usize>],
}

impl MotifScan {
    /// Prepares layers, the widest first.
    pub(crate) fn new<'a>(layers: impl Iterator<Item = &'a MotifConv>) -> Self {
        Self { layers: layers.map(tables).collect() }
    }

    /// Returns the best of each motif in each pool, `[stride, pool, motif]` as one vector, bias and ReLU included.
    ///
    /// # Panics
    ///
    /// If the sequence is not whole strides and the width of a motif less one.
    pub(crate) fn best(&self, scanned: Scanned<'_>) -> Vec<f32> {
        let Scanned { codes, signal, pieces } = scanned;
        let lengths: Vec<usize> = pieces.iter().map(Range::len).collect();
        best_of_pieces(&self.layers, Pieces { codes, signal: signal.unwrap_or_default(), lengths: &lengths })
    }
}

fn tables(conv: &MotifConv) -> MotifTables {
    let weight = conv.motifs();
    let shape = weight.dims();
    MotifTables::new(shape, &floats(weight), &floats(conv.bias.val()), conv.strands())
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Int, TensorData};
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::{
        nn::{
            MotifConvConfig,
            ops::{Axes, MotifPool, Strands, motif_pool},
        },
        random::stream,
        testing::cases,
    };

    proptest! {
        #![proptest_config(cases(96))]

        #[test]
        fn the_best_of_each_piece_is_that_of_motif_pool(
            (motifs, width, strides) in (1_usize..40, 1_usize..12, 1_usize..9),
            lengths in prop::collection::vec(1_usize..12, 1..4),
            (both, has_signal, has_unknown, seed) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<u64>()),
        ) {
            let device = Device::default();
            let strands = if both { Strands::Both } else { Strands::Forward };
            let conv = MotifConvConfig::new(motifs, width)
                .with_channels(usize::from(has_signal))
                .with_strands(strands)
                .with_seed(seed)
                .init(&device);
            let ends: Vec<usize> = lengths.iter().scan(0, |end, length| { *end += length; Some(*end) }).collect();
            let pieces: Vec<_> = ends.iter().zip(&lengths).map(|(end, length)| end - length..*end).collect();
            let stride = ends[ends.len() - 1];
            let length = strides * stride + width - 1;
            let mut random = stream(&[seed]);
            let codes: Vec<u8> = (0..length).map(|_| random.random_range(0..if has_unknown { 5 } else { 4 })).collect();
            let signal: Option<Vec<f32>> = has_signal.then(|| (0..length).map(|_| random.random_range(-1.0..3.0)).collect());
            let found = MotifScan::new(std::iter::once(&conv)).best(Scanned {
                codes: &codes,
                signal: signal.as_deref(),
                pieces: &pieces,
            });
            for (row, found) in found.chunks_exact(motifs).enumerate() {
                let piece = &pieces[row % pieces.len()];
                let start = row / pieces.len() * stride + piece.start;
                let range = start..start + piece.len() + width - 1;
                let length = range.len();
                let codes = codes[range.clone()].iter().map(|code| i32::from(*code)).collect::<Vec<_>>();
                let codes = Tensor::<2, Int>::from_data(TensorData::new(codes, [1, length]), &device);
                let signal = signal.as_ref().map(|signal| {
                    Tensor::<3>::from_data(TensorData::new(signal[range].to_vec(), [1, 1, length]), &device)
                });
                let pool = MotifPool { strands, axes: Axes::MotifsFirst, pool: piece.len() };
                let expected = floats(motif_pool(codes, signal, conv.motifs(), conv.bias.val(), pool));
                for (found, expected) in found.iter().zip(expected) {
                    prop_assert!((found - expected).abs() <= 1e-6 + 1e-6 * expected.abs(), "{found} {expected}");
                }
            }
        }
    }

    #[test]
    fn a_weight_that_is_not_a_number_is_seen() {
        let mut conv = MotifConvConfig::new(2, 1).init(&Device::default());
        conv.weight =
            crate::nn::start::param(vec![f32::NAN, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], [2, 4, 1], &Device::default());
        let scanned = Scanned { codes: &[2, 2], signal: None, pieces: &[0..1, 1..2] };
        let best = MotifScan::new(std::iter::once(&conv)).best(scanned);
        assert!(best[0].is_nan() && best[2].is_nan() && best[1].is_finite());
    }
}
