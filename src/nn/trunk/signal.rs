//! The input of a signal to a trunk.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// How a signal enters a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalInput {
    /// Not at all: there is no signal.
    Absent,
    /// As channels beside the bases, scanned by the motifs.
    Channels,
    /// As means over this many equal parts of the context, beside the pooled motifs.
    Means(usize),
}

impl SignalInput {
    /// The number of values beside the pooled motifs.
    pub(super) fn features(self, tracks: usize) -> usize {
        if let Self::Means(count) = self { count.saturating_mul(tracks) } else { 0 }
    }
}

/// Returns the means over equal parts, `[batch, channel * count]`.
pub(super) fn means(signal: Tensor<3>, count: usize) -> Tensor<2> {
    let [batch, channels, length] = signal.dims();
    signal.reshape([batch, channels * count, length / count]).mean_dim(2).flatten(1, 2)
}

/// Appends the means of a track over equal parts.
pub(super) fn append_means(track: &[f32], count: usize, features: &mut Vec<f32>) {
    let part = track.len() / count;
    features.extend(track.chunks_exact(part).map(|part| part.iter().sum::<f32>() / part.len() as f32));
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn means_are_those_of_the_parts() {
        let signal = Tensor::<3>::from_data([[[1.0, 3.0, 5.0, 5.0]]], &Device::default());
        let means: Vec<f32> = means(signal, 2).into_data().iter::<f32>().collect();
        assert_eq!(means, [2.0, 5.0]);
    }

    #[test]
    fn a_spike_or_a_value_that_is_no_number_changes_only_the_mean_that_covers_it() {
        let [batch, channels, count, part] = [2, 2, 3, 70];
        let clean: Vec<f32> = (0..batch * channels * count * part).map(|i| ((i * i) % 17) as f32 / 8.0).collect();
        let means = |values: Vec<f32>| -> Vec<f32> {
            let data = TensorData::new(values, [batch, channels, count * part]);
            means(Tensor::from_data(data, &Device::default()), count).into_data().iter::<f32>().collect()
        };
        let expected = means(clean.clone());
        for (at, odd) in (0..clean.len()).step_by(23).flat_map(|at| [1e8, f32::NAN, f32::INFINITY].map(|odd| (at, odd)))
        {
            let mut signal = clean.clone();
            signal[at] = odd;
            let mut found = means(signal);
            let changed = std::mem::replace(&mut found[at / part], expected[at / part]);
            assert!(if odd == 1e8 { changed > 1e6 } else { !changed.is_finite() }, "{changed}");
            assert_eq!(found, expected, "{odd} at {at}");
        }
    }
}
