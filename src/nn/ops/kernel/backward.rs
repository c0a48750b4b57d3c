//! The backward pass: only the winner of a pool has a gradient.

use rayon::prelude::*;

use super::Sizes;

/// Returns the gradients of the weights, `[motif, 4 + channel, width]`, and of the biases, `[motif]`.
///
/// Each motif is summed by one thread, in the order of the samples: the result does not depend on their number.
pub(super) fn backward(
    sizes: &Sizes,
    codes: &[u8],
    signal: &[f32],
    winners: &[i32],
    gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (size, pools) = ((4 + sizes.channels) * sizes.width, sizes.pools());
    let mut weights = vec![0.0; sizes.motifs * size];
    let mut biases = vec![0.0; sizes.motifs];
    weights.par_chunks_mut(size).zip(&mut biases).enumerate().for_each(|(motif, (weight, bias))| {
        for sample in 0..sizes.batch {
            let first = (sample * sizes.motifs + motif) * pools;
            for output in first..first + pools {
                let (winner, gradient) = (winners[output], gradient[output]);
                if winner >= 0 && gradient != 0.0 {
                    *bias += gradient;
                    Site { sizes, sample, winner: winner as usize }.add(codes, signal, gradient, weight);
                }
            }
        }
    });
    (weights, biases)
}

/// Where a motif won.
struct Site<'a> {
    sizes: &'a Sizes,
    sample: usize,
    winner: usize,
}

impl Site<'_> {
    fn add(&self, codes: &[u8], signal: &[f32], gradient: f32, weight: &mut [f32]) {
        let Sizes { length, channels, width, .. } = *self.sizes;
        let (position, reverse) = (self.winner / 2, self.winner % 2 == 1);
        let column = |offset: usize| if reverse { width - 1 - offset } else { offset };
        let start = self.sample * length + position;
        for (offset, &code) in codes[start..start + width].iter().enumerate() {
            if code < 4 {
                let row = if reverse { 3 - code } else { code };
                weight[usize::from(row) * width + column(offset)] += gradient;
            }
        }
        for channel in 0..channels {
            let start = (self.sample * channels + channel) * length + position;
            let taps = &mut weight[(4 + channel) * width..][..width];
            for (offset, value) in signal[start..start + width].iter().enumerate() {
                taps[column(offset)] += gradient * value;
            }
        }
    }
}
