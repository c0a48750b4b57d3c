//! The layers between the motifs of a trunk and its pooling of positions.

use burn::{
    module::{Content, Module, ModuleDisplay},
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use super::{
    dilated::{Dilated, DilatedConfig, dilations},
    last_pool::LastPool,
    plain::{HostPlain, Plain, PlainConfig},
    receptive_field::ReceptiveField,
};
use crate::{Error, Result, nn::ops::HostConv};

/// The body of a trunk: the layers between its motifs and its pooling of positions.
///
/// `Plain` and `Dilated` need several positions, so a small pool of motifs.
///
/// # Examples
///
/// ```
/// use multitf::nn::{Architecture, BodyConfig};
///
/// let text = "pool = 6\ntrunk = { plain = { channels = 64, blocks = 2, kernel = 3 } }";
/// let architecture: Architecture = toml::from_str(text)?;
/// assert_eq!(architecture.trunk, BodyConfig::Plain { channels: 64, blocks: 2, kernel: 3 });
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum BodyConfig {
    /// Nothing.
    Shallow,
    /// Blocks of `conv -> ReLU -> conv -> ReLU -> max-pool of 2`, after Simonyan and Zisserman (2014),
    /// [doi:10.48550/arXiv.1409.1556](https://doi.org/10.48550/arXiv.1409.1556).
    Plain {
        /// Channels of each convolution.
        channels: usize,
        /// Number of blocks, each of which halves the positions; an odd last position stays (see [`LastPool`]).
        blocks: usize,
        /// Positions in a kernel, an odd number.
        kernel: usize,
    },
    /// Further motifs of other widths beside the first, after Szegedy et al. (2015),
    /// [doi:10.1109/CVPR.2015.7298594](https://doi.org/10.1109/CVPR.2015.7298594): as many of each width, with the same
    /// centres. Only motifs of the first width start from profiles.
    Parallel {
        /// Widths of the further motifs, each less than that of the first.
        widths: Vec<usize>,
    },
    /// Residual layers `x + ReLU(conv(x))` with dilations 2, 4, 8 and so on, after Avsec et al. (2021),
    /// [doi:10.1038/s41588-021-00782-6](https://doi.org/10.1038/s41588-021-00782-6).
    Dilated {
        /// Channels of each convolution; if they are not as many as motifs, a convolution of kernel 1 comes first.
        channels: usize,
        /// Number of layers.
        layers: usize,
        /// Positions in a kernel, an odd number.
        kernel: usize,
    },
}

impl BodyConfig {
    /// Checks the sizes against the width of the first motifs and their number of pooled positions.
    pub(super) fn validate(&self, width: usize, positions: usize) -> Result<()> {
        match self {
            Self::Shallow => Ok(()),
            Self::Plain { channels, blocks, kernel } => {
                check_convolutions(*channels, *kernel)?;
                let most = positions.max(1).ilog2() as usize;
                let several = "several pooled positions to halve, as a smaller architecture.pool leaves";
                check("trunk.blocks", most > 0, several.into(), format!("{blocks} blocks for {positions}"))?;
                let expected = format!("1 to {most}, for {positions} pooled positions");
                check("trunk.blocks", (1..=most).contains(blocks), expected, blocks)
            }
            Self::Parallel { widths } => {
                check("trunk.widths", !widths.is_empty(), "at least one width".into(), "none")?;
                let odd = widths.iter().find(|narrow| !(1..width).contains(*narrow));
                let expected = match width {
                    1 => "none, since the motifs have one position (architecture.width)".into(),
                    _ => format!("at least 1 and less than the motifs' {width}"),
                };
                odd.map_or(Ok(()), |odd| check("trunk.widths", false, expected, odd))
            }
            Self::Dilated { channels, layers, kernel } => {
                check_convolutions(*channels, *kernel)?;
                check("trunk.layers", *layers > 0, "at least 1".into(), layers)
            }
        }
    }

    /// The number of channels of the output.
    pub(super) fn channels(&self, motifs: usize) -> usize {
        match self {
            Self::Shallow => motifs,
            Self::Parallel { widths } => motifs.saturating_mul(1 + widths.len()),
            Self::Plain { channels, .. } | Self::Dilated { channels, .. } => *channels,
        }
    }

    /// The number of weights and biases after the motifs, or `None` if it exceeds a `usize`.
    pub(super) fn num_params(&self, motifs: usize) -> Option<usize> {
        let conv =
            |inputs: usize, channels: usize, kernel| inputs.checked_mul(kernel)?.checked_add(1)?.checked_mul(channels);
        match *self {
            Self::Shallow | Self::Parallel { .. } => Some(0),
            Self::Plain { channels, blocks, kernel } => {
                let further = conv(channels, channels, kernel)?.checked_mul(blocks.checked_mul(2)?.checked_sub(1)?)?;
                conv(motifs, channels, kernel)?.checked_add(further)
            }
            Self::Dilated { channels, layers, kernel } => {
                let projection = if motifs == channels { 0 } else { conv(motifs, channels, 1)? };
                conv(channels, channels, kernel)?.checked_mul(layers)?.checked_add(projection)
            }
        }
    }

    /// The number of positions of the output.
    pub(super) fn positions(&self, positions: usize, last: LastPool) -> usize {
        if let Self::Plain { blocks, .. } = self { last.pools(positions, 1 << blocks) } else { positions }
    }

    /// Whether each halving is even.
    pub(super) fn is_divided(&self, positions: usize) -> bool {
        let Self::Plain { blocks, .. } = *self else { return true };
        let halvings = u32::try_from(blocks).ok().and_then(|blocks| 1_usize.checked_shl(blocks));
        halvings.is_some_and(|halvings| positions.is_multiple_of(halvings))
    }

    /// The receptive field of a position of the output.
    pub(super) fn field(&self, motifs: ReceptiveField) -> ReceptiveField {
        match self {
            Self::Shallow | Self::Parallel { .. } => motifs,
            // After as many doublings as a size has bits, it stays at the largest.
            Self::Plain { blocks, kernel, .. } => (0..usize::BITS as usize)
                .take(*blocks)
                .fold(motifs, |field, _| field.convolved(*kernel, 1).convolved(*kernel, 1).halved()),
            Self::Dilated { layers, kernel, .. } => {
                dilations(*layers).fold(motifs, |field, dilation| field.convolved(*kernel, dilation))
            }
        }
    }

    /// Widths of the motifs beside the first.
    pub(in crate::nn) fn widths(&self) -> &[usize] {
        if let Self::Parallel { widths } = self { widths } else { &[] }
    }

    /// Makes the layers, if there are any.
    pub(super) fn init(&self, motifs: usize, dropout: f64, last: LastPool, seed: u64, device: &Device) -> Option<Body> {
        match *self {
            Self::Shallow | Self::Parallel { .. } => None,
            Self::Plain { channels, blocks, kernel } => {
                let config = PlainConfig::new(motifs, channels, blocks, kernel, dropout, seed);
                Some(Body::Plain(config.with_last_pool(last).init(device)))
            }
            Self::Dilated { channels, layers, kernel } => {
                let config = DilatedConfig::new(motifs, channels, layers, kernel, dropout, seed);
                Some(Body::Dilated(config.init(device)))
            }
        }
    }
}

fn check_convolutions(channels: usize, kernel: usize) -> Result<()> {
    check_size("trunk.channels", 1, channels)?;
    check("trunk.kernel", kernel >= 3 && !kernel.is_multiple_of(2), "an odd number from 3 on".into(), kernel)
}

/// The largest size of a layer: far beyond any use, and small enough to be multiplied.
pub(in crate::nn) const MAX_SIZE: usize = 1_000_000;

/// Checks a size of the architecture.
pub(super) fn check_size(key: &str, least: usize, found: usize) -> Result<()> {
    Error::unless_within(least..=MAX_SIZE, format!("architecture.{key}"), found)
}

/// Checks a setting of the architecture.
pub(super) fn check(key: &str, works: bool, expected: String, found: impl ToString) -> Result<()> {
    Error::unless(works, format!("architecture.{key}"), expected, found)
}

/// The layers between the motifs and the pooling of positions.
#[derive(Module, Debug)]
#[module(custom_display)]
pub(super) enum Body {
    Plain(Plain),
    Dilated(Dilated),
}

impl Body {
    /// Runs the layers.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, motif]`
    /// - output: `[batch, length, channel]`
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Plain(plain) => plain.forward(input),
            Self::Dilated(dilated) => dilated.forward(input),
        }
    }

    /// Copies the layers to the host's memory, for one sample at a time.
    pub fn to_host(&self) -> HostBody {
        match self {
            Self::Plain(plain) => HostBody::Plain(plain.to_host()),
            Self::Dilated(dilated) => HostBody::Dilated(dilated.to_host()),
        }
    }
}

/// [`Body`] on slices.
#[derive(Debug)]
pub(super) enum HostBody {
    Plain(HostPlain),
    Dilated(Vec<HostConv>),
}

impl HostBody {
    /// Runs the layers on `[length, motif]` values, which become `[length, channel]`.
    pub fn forward(&self, values: &mut Vec<f32>, scratch: &mut Vec<f32>) {
        match self {
            Self::Plain(plain) => plain.forward(values, scratch),
            Self::Dilated(layers) => layers.iter().for_each(|layer| layer.forward(values, scratch)),
        }
    }
}

impl ModuleDisplay for Body {
    fn custom_content(&self, content: Content) -> Option<Content> {
        match self {
            Self::Plain(plain) => content.add_single(plain).optional(),
            Self::Dilated(dilated) => content.add_single(dilated).optional(),
        }
    }
}
