//! Plain blocks of convolutions and pools, without residual connections.

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay},
    nn::{Dropout, DropoutConfig},
    tensor::{Device, Tensor, s},
};

use super::{
    conv::{Conv, ConvConfig},
    last_pool::LastPool,
};
use crate::nn::{
    init::BODY,
    ops::{Activation, HostConv, dropout, host::dense::max},
};

/// Configuration of [`Plain`].
#[derive(Config, Debug)]
pub struct PlainConfig {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of each convolution.
    pub channels: usize,
    /// Number of blocks.
    pub blocks: usize,
    /// Positions in a kernel.
    pub kernel: usize,
    /// Dropout after each block.
    pub dropout: f64,
    /// Seed of the initial weights.
    pub seed: u64,
    /// What becomes of a last position without a partner (default [`LastPool::Shorter`]).
    #[config(default = "LastPool::Shorter")]
    pub last_pool: LastPool,
}

impl PlainConfig {
    /// Makes the blocks.
    pub fn init(&self, device: &Device) -> Plain {
        let conv = |inputs, layer: usize| {
            ConvConfig::new(inputs, self.channels, self.kernel).init(&[self.seed, BODY, layer as u64], device)
        };
        let block = |block| Block {
            first: conv(if block == 0 { self.inputs } else { self.channels }, 2 * block),
            second: conv(self.channels, 2 * block + 1),
        };
        Plain {
            blocks: (0..self.blocks).map(block).collect(),
            dropout: DropoutConfig::new(self.dropout).init(),
            last_pool: self.last_pool,
        }
    }
}

/// Blocks of `conv -> ReLU -> conv -> ReLU -> max-pool of 2 -> dropout`.
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Plain {
    blocks: Vec<Block>,
    dropout: Dropout,
    #[module(skip)]
    last_pool: LastPool,
}

#[derive(Module, Debug)]
struct Block {
    first: Conv,
    second: Conv,
}

impl Plain {
    /// Runs the blocks.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, channel]`
    /// - output: `[batch, length / 2^blocks, channel]`; each halving rounds up, or down with [`LastPool::Dropped`]
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        self.blocks.iter().fold(input, |input, block| {
            let hidden = block.first.forward(input, Activation::Relu);
            dropout(&self.dropout, halved(block.second.forward(hidden, Activation::Relu), self.last_pool))
        })
    }

    /// Copies the blocks to the host's memory, for one sample at a time.
    pub(super) fn to_host(&self) -> HostPlain {
        let block = |block: &Block| [&block.first, &block.second].map(|conv| conv.to_host(Activation::Relu));
        HostPlain { blocks: self.blocks.iter().map(block).collect(), last_pool: self.last_pool }
    }
}

/// [`Plain`] on slices.
#[derive(Debug)]
pub(super) struct HostPlain {
    blocks: Vec<[HostConv; 2]>,
    last_pool: LastPool,
}

impl HostPlain {
    /// Runs the blocks on `[length, channel]` values; the scratch is for the convolutions.
    pub(super) fn forward(&self, values: &mut Vec<f32>, scratch: &mut Vec<f32>) {
        for [first, second] in &self.blocks {
            first.forward(values, scratch);
            second.forward(values, scratch);
            halve(values, second.outputs(), self.last_pool);
        }
    }
}

/// Keeps the best of each two positions, in place.
fn halve(values: &mut Vec<f32>, channels: usize, last: LastPool) {
    let length = values.len() / channels;
    for place in 0..length / 2 * channels {
        let first = place / channels * 2 * channels + place % channels;
        values[place] = max(values[first], values[first + channels]);
    }
    let kept = last.pools(length, 2);
    if kept > length / 2 {
        values.copy_within((length - 1) * channels..length * channels, (kept - 1) * channels);
    }
    values.truncate(kept * channels);
}

/// The best of each two positions.
fn halved(input: Tensor<3>, last: LastPool) -> Tensor<3> {
    let [batch, length, channels] = input.dims();
    let pairs = input.clone().slice(s![.., ..length / 2 * 2]).reshape([batch, length / 2, 2 * channels]);
    let best = pairs.clone().slice(s![.., .., ..channels]).max_pair(pairs.slice(s![.., .., channels..]));
    if last == LastPool::Dropped || length.is_multiple_of(2) {
        return best;
    }
    Tensor::cat(vec![best, input.slice(s![.., length - 1..])], 1)
}

impl ModuleDisplay for Plain {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [channels, _, kernel] = self.blocks.first().map_or([0; 3], |block| block.first.weight.dims());
        content.add("channels", &channels).add("blocks", &self.blocks.len()).add("kernel", &kernel).optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_each_two_positions_is_kept_and_an_odd_one_stands_alone() {
        let input = Tensor::<3>::from_data([[[1., 9.], [2., 8.], [4., 0.], [3., 5.], [7., 7.]]], &Device::default());
        let found = |last| halved(input.clone(), last).into_data().iter::<f32>().collect::<Vec<_>>();
        assert_eq!(found(LastPool::Dropped), [2., 9., 4., 5.]);
        assert_eq!(found(LastPool::Shorter), [2., 9., 4., 5., 7., 7.]);
    }

    #[test]
    fn a_number_that_is_none_is_the_best_of_two() {
        let tensor = Tensor::<3>::from_data([[[f32::NAN], [1.]]], &Device::default());
        assert!(halved(tensor, LastPool::Dropped).into_scalar::<f32>().is_nan());
        for mut values in [vec![f32::NAN, 1.], vec![1., f32::NAN]] {
            halve(&mut values, 1, LastPool::Dropped);
            assert!(values[0].is_nan());
        }
    }

    #[test]
    fn display() {
        let plain = PlainConfig::new(4, 6, 2, 3, 0.0, 0).init(&Device::default());
        let params = (4 + 6 + 6 + 6) * 6 * 3 + 4 * 6;
        assert_eq!(plain.to_string(), format!("Plain {{channels: 6, blocks: 2, kernel: 3, params: {params}}}"));
    }
}
