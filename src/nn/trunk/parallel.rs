//! Motifs of several widths, side by side.

use burn::tensor::{Device, Tensor, s};

use crate::{
    nn::{MotifConv, MotifConvConfig, init::PARALLEL, motif_conv::bases::Bases},
    random::mix,
};

/// Makes further layers of motifs, like `wide` but of other widths and with weights of their own.
pub(super) fn init(wide: &MotifConvConfig, widths: &[usize], device: &Device) -> Vec<MotifConv> {
    let seed = |layer: usize| mix(&[wide.seed, PARALLEL, layer as u64]);
    let layer = |(layer, &width)| MotifConvConfig { width, seed: seed(layer), ..wide.clone() }.init(device);
    widths.iter().enumerate().map(layer).collect()
}

/// Crops a context so that narrow motifs have as many positions in it as wide ones have in the whole, with the same
/// centres. If the widths differ by an odd number, the centres lie half a position to the left.
///
/// # Shapes
///
/// - `bases`: `[batch, length]`, or columns `[batch, 4, length]`
/// - `signal`: `[batch, channel, length]`
pub(super) fn cropped(
    bases: Bases,
    signal: Option<Tensor<3>>,
    wide: usize,
    narrow: usize,
) -> (Bases, Option<Tensor<3>>) {
    let [_, length] = bases.dims();
    let first = (wide - narrow) / 2;
    let kept = first..first + length - (wide - narrow);
    (bases.slice(kept.clone()), signal.map(|signal| signal.slice(s![.., .., kept])))
}
