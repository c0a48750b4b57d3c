//! A batch on a device.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::HostBatch;
use crate::genome::Label;

/// A batch on a device.
///
/// # Shapes
///
/// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
/// - `signal`: `[batch, channel, length]`, if there is any
/// - `labels`: `[batch, task]`, a [`Label`] as a number: the one source of targets and mask
/// - `weights`: `[batch]`
#[derive(Debug, Clone)]
pub struct Batch {
    /// Base codes.
    pub codes: Tensor<2, Int>,
    /// Signal for each base.
    pub signal: Option<Tensor<3>>,
    /// Labels.
    pub labels: Tensor<2, Int>,
    /// What each sample weighs in the loss.
    pub weights: Tensor<1>,
}

impl Batch {
    /// Copies a batch to a device.
    pub fn new(host: &HostBatch, device: &Device) -> Self {
        let HostBatch { size, codes, signal, labels, weights } = host;
        let length = codes.len() / size;
        let codes: Vec<i32> = codes.iter().map(|&code| i32::from(code)).collect();
        let labels: Vec<i32> = labels.iter().map(|&label| label as i32).collect();
        let tasks = labels.len() / size;
        let channels = signal.len() / (size * length);
        Self {
            codes: Tensor::from_data(TensorData::new(codes, [*size, length]), device),
            signal: (channels > 0)
                .then(|| Tensor::from_data(TensorData::new(signal.clone(), [*size, channels, length]), device)),
            labels: Tensor::from_data(TensorData::new(labels, [*size, tasks]), device),
            weights: Tensor::from_data(TensorData::new(weights.clone(), [*size]), device),
        }
    }

    /// Returns 1 where a bin is bound and 0 elsewhere, `[batch, task]`.
    pub fn targets(&self) -> Tensor<2> {
        self.labels.clone().equal_elem(Label::Bound as i32).float()
    }

    /// Returns 1 where a bin is known to be bound or unbound and 0 elsewhere, `[batch, task]`.
    pub fn observed(&self) -> Tensor<2> {
        self.targets() + self.labels.clone().equal_elem(Label::Unbound as i32).float()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ambiguous_and_missing_labels_are_not_observed() {
        let host = HostBatch {
            size: 2,
            codes: vec![0, 4, 3, 1],
            signal: vec![0.5, 1.0, 2.0, 4.0],
            labels: vec![Label::Bound, Label::Missing, Label::Unbound, Label::Ambiguous],
            weights: vec![1.0, 3.0],
        };
        let batch = Batch::new(&host, &Device::default());
        let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        assert_eq!(values(batch.targets()), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(values(batch.observed()), [1.0, 0.0, 1.0, 0.0]);
        assert_eq!((batch.codes.dims(), batch.signal.unwrap().dims()), ([2, 2], [2, 1, 2]));
        assert_eq!(batch.weights.dims(), [2]);
    }
}
