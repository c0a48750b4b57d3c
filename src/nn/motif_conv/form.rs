//! The values that a motif may take.

use burn::tensor::{Tensor, activation::log_softmax, s};
use serde::{Deserialize, Serialize};

/// The values that a motif may take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MotifForm {
    /// Any values.
    Free,
    /// At each position the log-odds (natural logarithm) of a distribution over the bases against this background. The
    /// weight holds the logarithms of the distribution, up to a constant. Signal channels stay free.
    LogOdds {
        /// The share of A, C, G and T in the genome.
        background: [f32; 4],
    },
}

impl MotifForm {
    /// Turns motifs as they are scanned, of `motif_len` numbers each, into the layer's weight, in place.
    pub(super) fn to_weight(&self, width: usize, motif_len: usize, motifs: &mut [f32]) {
        let Self::LogOdds { background } = self else { return };
        for motif in motifs.chunks_exact_mut(motif_len) {
            for (row, share) in motif.chunks_exact_mut(width).zip(background) {
                for value in row {
                    *value += share.ln();
                }
            }
        }
    }

    /// Returns the log-odds of a position, normalised to those of a distribution.
    pub(super) fn normalised(&self, row: [f32; 4]) -> [f32; 4] {
        let Self::LogOdds { background } = self else { return row };
        let total: f32 = row.iter().zip(background).map(|(value, share)| share * value.exp()).sum();
        row.map(|value| value - total.ln())
    }

    /// Turns the layer's weight, `[motif, 4 + channel, width]`, into motifs as they are scanned.
    pub(super) fn to_motifs(&self, weight: Tensor<3>) -> Tensor<3> {
        let Self::LogOdds { background } = self else { return weight };
        let [_, rows, _] = weight.dims();
        let background =
            Tensor::<1>::from_data(*background, (&weight.device(), weight.dtype())).log().reshape([1, 4, 1]);
        let bases = log_softmax(weight.clone().slice(s![.., 0..4]), 1) - background;
        if rows == 4 { bases } else { Tensor::cat(vec![bases, weight.slice(s![.., 4..rows])], 1) }
    }
}
