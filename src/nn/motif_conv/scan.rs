//! A scan of a chromosome with motifs, for devices whose tensors live in the host's memory.

use std::{ops::Range, sync::Arc};

use crate::nn::{
    MotifConv,
    ops::{Axes, MotifTables, SampleBuffers, Strands, host::memory::values, pool_sample, pool_sequence},
};

/// Layers of motifs with the same centres, ready to scan chromosomes.
///
/// It finds the values of [`motif_pool`](crate::nn::ops::motif_pool()), but in pools of different lengths.
#[derive(Clone, Debug)]
pub(crate) struct MotifScan {
    layers: Arc<[MotifTables]>,
}

impl MotifScan {
    /// Prepares layers, the widest first.
    pub(crate) fn new<'a>(layers: impl Iterator<Item = &'a MotifConv>) -> Self {
        Self { layers: layers.map(|conv| tables(conv, conv.strands())).collect() }
    }

    /// Returns the best score of each motif in each pool, bias and ReLU included: `[period, pool, motif]`, flattened.
    ///
    /// The codes are 0 to 4, and the signal, where motifs scan one, has a value for each. The pools are those of the
    /// first period: neighbouring ranges from 0 on. They repeat along the sequence.
    ///
    /// # Panics
    ///
    /// Panics if the positions of the widest motif are not whole periods.
    pub(crate) fn best(&self, codes: &[u8], signal: Option<&[f32]>, pools: &[Range<usize>]) -> Vec<f32> {
        let lengths: Vec<usize> = pools.iter().map(Range::len).collect();
        pool_sequence(&self.layers, codes, signal.unwrap_or_default(), &lengths)
    }

    /// Writes the best score of each motif in each pool of one sample, in the order of the axes. The lengths of the
    /// pools do not repeat.
    pub(crate) fn best_of_sample(
        &self,
        codes: &[u8],
        signal: &[f32],
        pools: &[usize],
        axes: Axes,
        buffers: &mut SampleBuffers,
        best: &mut [f32],
    ) {
        pool_sample(&self.layers, codes, signal, pools, axes, buffers, best);
    }
}

/// Prepares the motifs of a layer for some strands.
pub(crate) fn tables(conv: &MotifConv, strands: Strands) -> MotifTables {
    let weight = conv.motifs();
    let shape = weight.dims();
    MotifTables::new(shape, &values(weight), &values(conv.bias.val()), strands)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Int, Tensor, TensorData};
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::{
        nn::{
            MotifConvConfig,
            ops::{MotifPoolOptions, motif_pool},
        },
        random::stream,
        testing::cases,
    };

    proptest! {
        #![proptest_config(cases(96))]

        #[test]
        fn the_best_of_each_pool_is_that_of_motif_pool(
            (motifs, width, periods) in (1_usize..40, 1_usize..12, 1_usize..9),
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
            let pools: Vec<_> = ends.iter().zip(&lengths).map(|(end, length)| end - length..*end).collect();
            let period = ends[ends.len() - 1];
            let length = periods * period + width - 1;
            let mut random = stream(&[seed]);
            let codes: Vec<u8> = (0..length).map(|_| random.random_range(0..if has_unknown { 5 } else { 4 })).collect();
            let signal: Option<Vec<f32>> =
                has_signal.then(|| (0..length).map(|_| random.random_range(-1.0..3.0)).collect());
            let found = MotifScan::new(std::iter::once(&conv)).best(&codes, signal.as_deref(), &pools);
            for (row, found) in found.chunks_exact(motifs).enumerate() {
                let pool = &pools[row % pools.len()];
                let start = row / pools.len() * period + pool.start;
                let range = start..start + pool.len() + width - 1;
                let length = range.len();
                let codes = codes[range.clone()].iter().map(|code| i32::from(*code)).collect::<Vec<_>>();
                let codes = Tensor::<2, Int>::from_data(TensorData::new(codes, [1, length]), &device);
                let signal = signal.as_ref().map(|signal| {
                    Tensor::<3>::from_data(TensorData::new(signal[range].to_vec(), [1, 1, length]), &device)
                });
                let options = MotifPoolOptions { strands, axes: Axes::MotifsFirst, pool: pool.len() };
                let expected = values(motif_pool(codes, signal, conv.motifs(), conv.bias.val(), options));
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
            crate::nn::init::param(vec![f32::NAN, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0], [2, 4, 1], &Device::default());
        let best = MotifScan::new(std::iter::once(&conv)).best(&[2, 2], None, &[0..1, 1..2]);
        assert!(best[0].is_nan() && best[2].is_nan() && best[1].is_finite());
    }
}
