//! Convolutions and pools, one block after another.

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay},
    nn::{Dropout, DropoutConfig},
    tensor::{Device, Tensor, s},
};

use super::conv::{Conv, ConvConfig};
use crate::nn::{
    ops::{conv::Finish, dropout},
    start::BODY,
};

/// Configuration of [`Plain`].
#[derive(Config, Debug)]
pub struct PlainConfig {
    /// Channels that go in.
    pub inputs: usize,
    /// Channels of each convolution.
    pub channels: usize,
    /// Number of blocks.
    pub blocks: usize,
    /// Positions in a kernel.
    pub kernel: usize,
    /// Dropout after each block.
    pub dropout: f64,
    /// Seed of the starting weights.
    pub seed: u64,
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
        Plain { blocks: (0..self.blocks).map(block).collect(), dropout: DropoutConfig::new(self.dropout).init() }
    }
}

/// Blocks of `conv -> ReLU -> conv -> ReLU -> max-pool of 2 -> dropout`.
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Plain {
    blocks: Vec<Block>,
    dropout: Dropout,
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
    /// - output: `[batch, length / 2^blocks, channel]`
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        self.blocks.iter().fold(input, |input, block| {
            let hidden = block.first.forward(input, Finish::Relu);
            dropout(&self.dropout, halved(block.second.forward(hidden, Finish::Relu)))
        })
    }
}

/// The best of each two positions; a last one without a partner is left out.
fn halved(input: Tensor<3>) -> Tensor<3> {
    let [batch, length, channels] = input.dims();
    let pairs = input.slice(s![.., ..length / 2 * 2]).reshape([batch, length / 2, 2 * channels]);
    pairs.clone().slice(s![.., .., ..channels]).max_pair(pairs.slice(s![.., .., channels..]))
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
    fn the_best_of_each_two_positions_is_kept_and_an_odd_one_left_out() {
        let input = Tensor::from_data([[[1., 9.], [2., 8.], [4., 0.], [3., 5.], [7., 7.]]], &Device::default());
        let found: Vec<f32> = halved(input).into_data().iter::<f32>().collect();
        assert_eq!(found, [2., 9., 4., 5.]);
    }

    #[test]
    fn display() {
        let plain = PlainConfig::new(4, 6, 2, 3, 0.0, 0).init(&Device::default());
        let params = (4 + 6 + 6 + 6) * 6 * 3 + 4 * 6;
        assert_eq!(plain.to_string(), format!("Plain {{channels: 6, blocks: 2, kernel: 3, params: {params}}}"));
    }
}
