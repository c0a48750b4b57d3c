//! The sizes of one call.

use std::ops::Range;

use super::mask::BITS;
use crate::nn::ops::{Activation, ConvOptions};

/// The sizes of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) length: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) kernel: usize,
    pub(super) options: ConvOptions,
}

impl Sizes {
    pub(super) fn new(input: [usize; 3], weight: [usize; 3], options: ConvOptions) -> Self {
        let ([batch, length, inputs], [outputs, _, kernel]) = (input, weight);
        Self { batch, length, inputs, outputs, kernel, options }
    }

    /// Returns the rows of the output that a position of the kernel adds to, and the rows of the input that it reads.
    pub(super) fn rows(&self, position: usize) -> [Range<usize>; 2] {
        let (ahead, behind) = (position * self.options.dilation, self.kernel / 2 * self.options.dilation);
        let (skipped, shift) = (behind.saturating_sub(ahead), ahead.saturating_sub(behind));
        let count = self.length.saturating_sub(skipped + shift);
        if count == 0 { [0..0, 0..0] } else { [skipped..skipped + count, shift..shift + count] }
    }

    pub(super) fn has_relu(&self) -> bool {
        self.options.activation != Activation::Linear
    }

    /// Words that hold the mask of a sample.
    pub(super) fn words(&self) -> usize {
        if self.has_relu() { (self.length * self.outputs).div_ceil(BITS) } else { 0 }
    }
}
