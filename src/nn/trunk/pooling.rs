//! The pooling of positions: from positions to the features of a whole context.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, activation::softmax},
};
use serde::{Deserialize, Serialize};

use crate::nn::{
    init::param,
    ops::host::{
        dense::{self, dot, max, sized},
        memory::values,
    },
};

/// The pooling of the positions that a trunk's body returns.
///
/// `Flatten` keeps positions apart, so that the dense layer learns *where* a motif counts; its inputs grow with the
/// number of positions. The others keep one value of each channel, without its position.
///
/// # Examples
///
/// ```
/// use multitf::nn::{Architecture, Pooling};
///
/// let architecture: Architecture = toml::from_str("pooling = \"attention\"")?;
/// assert_eq!(architecture.pooling, Pooling::Attention);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// All positions, beside each other.
    Flatten,
    /// The best position of each channel.
    Max,
    /// The mean over the positions.
    Average,
    /// The mean weighted by attention: the softmax, over positions, of their product with a learned query. It starts as
    /// the mean.
    Attention,
}

impl Pooling {
    /// The number of features.
    pub(super) fn features(self, channels: usize, positions: usize) -> usize {
        if self == Self::Flatten { channels.saturating_mul(positions) } else { channels }
    }

    pub(super) fn init(self, channels: usize, device: &Device) -> PositionPool {
        let query = (self == Self::Attention).then(|| param(vec![0.0; channels], [channels], device));
        PositionPool { query, pooling: self }
    }
}

/// [`Pooling`] with its parameters.
#[derive(Module, Debug)]
pub(super) struct PositionPool {
    /// `[channel]`, of attention.
    query: Option<Param<Tensor<1>>>,
    #[module(skip)]
    pub pooling: Pooling,
}

impl PositionPool {
    /// Pools.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, channel]`
    /// - output: `[batch, feature]`, in [`Pooling::Flatten`] the positions of the first channel first
    pub fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        match (&self.query, self.pooling) {
            (Some(query), _) => attention(input, query.val()),
            (None, Pooling::Max) => input.max_dim(1).squeeze_dim(1),
            (None, Pooling::Flatten) => input.swap_dims(1, 2).flatten(1, 2),
            (None, Pooling::Average | Pooling::Attention) => input.mean_dim(1).squeeze_dim(1),
        }
    }

    /// Copies the query to the host's memory, for one sample at a time.
    pub fn to_host(&self, channels: usize) -> HostPool {
        let query = self.query.as_ref().map(|query| values(query.val()));
        HostPool { query, pooling: self.pooling, channels }
    }
}

/// [`PositionPool`] on slices.
#[derive(Debug)]
pub(super) struct HostPool {
    query: Option<Vec<f32>>,
    pooling: Pooling,
    channels: usize,
}

impl HostPool {
    /// Appends the features of `[length, channel]` values; the scratch is for the weights of positions.
    pub fn append(&self, input: &[f32], scratch: &mut Vec<f32>, features: &mut Vec<f32>) {
        let (channels, start) = (self.channels, features.len());
        let length = input.len() / channels;
        if self.pooling == Pooling::Flatten {
            let order = (0..channels).flat_map(|channel| (0..length).map(move |place| place * channels + channel));
            return features.extend(order.map(|place| input[place]));
        }
        if self.pooling == Pooling::Max {
            features.extend_from_slice(&input[..channels]);
            for row in input.chunks_exact(channels).skip(1) {
                features[start..].iter_mut().zip(row).for_each(|(best, value)| *best = max(*best, *value));
            }
            return;
        }
        let weights = sized(scratch, length);
        weights.fill(1.0 / length as f32);
        if let Some(query) = &self.query {
            weights.iter_mut().zip(input.chunks_exact(channels)).for_each(|(score, row)| *score = dot(row, query));
            dense::softmax(weights);
        }
        features.resize(start + channels, 0.0);
        for (weight, row) in weights.iter().zip(input.chunks_exact(channels)) {
            features[start..].iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    }
}

/// The mean weighted by attention, `[batch, channel]`.
fn attention(input: Tensor<3>, query: Tensor<1>) -> Tensor<2> {
    let [channels] = query.dims();
    let query = query.cast(input.dtype());
    let scores = (input.clone() * query.reshape([1, 1, channels])).sum_dim(2);
    (input * softmax(scores, 1)).sum_dim(1).squeeze_dim(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(pooling: Pooling, query: Option<[f32; 2]>) -> Vec<f32> {
        let device = Device::default();
        let mut pool = pooling.init(2, &device);
        if let Some(query) = query {
            pool.query = Some(param(query.to_vec(), [2], &device));
        }
        let input = Tensor::from_data([[[1.0, 0.0], [2.0, 4.0], [6.0, 2.0]]], &device);
        pool.forward(input).into_data().iter::<f32>().collect()
    }

    #[test]
    fn poolings_are_those_of_the_positions() {
        assert_eq!(pooled(Pooling::Flatten, None), [1.0, 2.0, 6.0, 0.0, 4.0, 2.0]);
        assert_eq!(pooled(Pooling::Max, None), [6.0, 4.0]);
        assert_eq!(pooled(Pooling::Average, None), [3.0, 2.0]);
    }

    #[test]
    fn a_number_that_is_none_is_the_best_of_all() {
        for input in [[f32::NAN, 1.0, 2.0], [1.0, f32::NAN, 2.0], [1.0, 2.0, f32::NAN]] {
            let device = Device::default();
            let pool = Pooling::Max.init(1, &device);
            let tensor = Tensor::<3>::from_data([input.map(|value| [value])], &device);
            assert!(pool.forward(tensor).into_scalar::<f32>().is_nan(), "{input:?}");
            let mut features = Vec::new();
            pool.to_host(1).append(&input, &mut Vec::new(), &mut features);
            assert!(features[0].is_nan(), "{input:?}");
        }
    }

    #[test]
    fn attention_starts_as_the_mean_and_follows_its_query() {
        for (found, expected) in pooled(Pooling::Attention, None).iter().zip([3.0, 2.0]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
        for (found, expected) in pooled(Pooling::Attention, Some([0.0, 50.0])).iter().zip([2.0, 4.0]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
}
