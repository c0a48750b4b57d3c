//! Motifs along a chromosome, for devices whose tensors live in the host's memory.
//!
//! What [`motif_pool`](super::ops::motif_pool) does for training, without what only the gradient needs: no winner is kept,
//! so that each strand is scanned on its own with tables that fit into the first-level cache, pools may have different
//! lengths, and motifs come last in what comes out.

mod kernel;
mod tables;

use std::ops::Range;

use burn::tensor::Tensor;
use rayon::prelude::*;

use self::{
    kernel::{Segment, SegmentScan},
    tables::StrandTables,
};
use super::{MotifConv, ops::Strands};

/// Strides that one thread scans at a time, in base pairs.
const SEGMENT_BP: usize = 2048;

/// Layers of motifs, ready to scan along chromosomes.
#[derive(Debug, Clone)]
pub(crate) struct MotifScan {
    layers: Vec<Layer>,
    /// Positions of the widest motifs.
    width: usize,
    motifs: usize,
}

#[derive(Debug, Clone)]
struct Layer {
    strands: Vec<StrandTables>,
    bias: Vec<f32>,
    width: usize,
}

/// What is scanned, and where its pools lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanned<'a> {
    /// Base codes, 0 to 4.
    pub(crate) codes: &'a [u8],
    /// A signal for each base, where motifs scan it.
    pub(crate) signal: Option<&'a [f32]>,
    /// Positions of a stride.
    pub(crate) stride: usize,
    /// The pools of a stride: neighbouring ranges, which fill it.
    pub(crate) pieces: &'a [Range<usize>],
}

impl MotifScan {
    /// Prepares layers with the same centres, the widest first.
    pub(crate) fn new<'a>(layers: impl Iterator<Item = &'a MotifConv>) -> Self {
        let layers: Vec<Layer> = layers.map(Layer::new).collect();
        let motifs = layers.iter().map(|layer| layer.bias.len()).sum();
        Self { width: layers[0].width, layers, motifs }
    }

    /// Returns the best of each motif in each pool, `[stride, pool, motif]` as one vector: what
    /// [`motif_pool`](super::ops::motif_pool) finds, bias and ReLU included.
    ///
    /// # Panics
    ///
    /// If the sequence is not whole strides and the width of a motif less one, or motifs that scan a signal get none.
    pub(crate) fn best(&self, scanned: Scanned<'_>) -> Vec<f32> {
        let Scanned { codes, signal, stride, pieces } = scanned;
        let (length, overlap, row) = (codes.len(), self.width - 1, pieces.len() * self.motifs);
        assert!(
            length >= overlap && (length - overlap).is_multiple_of(stride),
            "{length} positions in strides of {stride}"
        );
        let mut best = vec![0.0; (length - overlap) / stride * row];
        let strides = SEGMENT_BP.div_ceil(stride);
        best.par_chunks_mut(strides * row).enumerate().for_each_init(Vec::new, |letters, (index, best)| {
            let start = index * strides * stride;
            let range = start..start + best.len() / row * stride + overlap;
            let signal = signal.map(|signal| &signal[range.clone()]);
            self.scan(Scanned { codes: &codes[range], signal, stride, pieces }, letters, best);
        });
        best
    }

    fn scan(&self, scanned: Scanned<'_>, letters: &mut Vec<u8>, best: &mut [f32]) {
        let has_unknown = tables::index_letters(scanned.codes, letters);
        let mut first_motif = 0;
        for layer in &self.layers {
            let crop = (self.width - layer.width) / 2;
            let segment = Segment {
                letters: &letters[crop..],
                has_unknown,
                signal: scanned.signal.map(|signal| &signal[crop..]),
                stride: scanned.stride,
                pieces: scanned.pieces,
                motifs: self.motifs,
            };
            let (strands, bias) = (&layer.strands, &layer.bias);
            pulp::Arch::new().dispatch(SegmentScan { segment, strands, bias, first_motif, best: &mut *best });
            first_motif += layer.bias.len();
        }
    }
}

impl Layer {
    fn new(conv: &MotifConv) -> Self {
        let weight = conv.motifs();
        let [motifs, rows, width] = weight.dims();
        let (weight, bias) = (floats(weight), floats(conv.bias.val()));
        let sizes = tables::Sizes { motifs, rows, width };
        let strands = match conv.strands() {
            Strands::Forward => vec![StrandTables::forward(sizes, &weight)],
            Strands::Both => vec![StrandTables::forward(sizes, &weight), StrandTables::reverse(sizes, &weight)],
        };
        // A weight that is not a number never is the greatest, and would go unseen: the bias carries it.
        let poisoned = |(bias, weights): (f32, &[f32])| bias + 0.0 * weights.iter().sum::<f32>();
        Self { strands, bias: bias.into_iter().zip(weight.chunks_exact(rows * width)).map(poisoned).collect(), width }
    }
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
            ops::{MotifPool, motif_pool},
        },
        random::stream,
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

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
                stride,
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
                let pool = MotifPool { strands, pool: piece.len() };
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
        let scanned = Scanned { codes: &[2, 2], signal: None, stride: 2, pieces: &[0..1, 1..2] };
        let best = MotifScan::new(std::iter::once(&conv)).best(scanned);
        assert!(best[0].is_nan() && best[2].is_nan() && best[1].is_finite());
    }
}
