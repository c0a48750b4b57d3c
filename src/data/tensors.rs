//! A batch on a device.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::HostBatch;

/// A batch on a device.
///
/// # Shapes
///
/// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
/// - `signal`: `[batch, channel, length]`, if there is any
/// - `labels`: `[batch, task]`, a [`Label`](crate::genome::Label) as a number: the one source of targets
///   and mask
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Label;

    #[test]
    fn a_batch_keeps_its_shapes_and_each_label_its_number() {
        let host = HostBatch {
            size: 2,
            codes: vec![0, 4, 3, 1],
            signal: vec![0.5, 1.0, 2.0, 4.0],
            labels: vec![Label::Bound, Label::Missing, Label::Unbound, Label::Ambiguous],
            weights: vec![1.0, 3.0],
        };
        let batch = Batch::new(&host, &Device::default());
        assert_eq!(batch.labels.into_data().iter::<i32>().collect::<Vec<_>>(), [3, 0, 1, 2]);
        assert_eq!((batch.codes.dims(), batch.signal.unwrap().dims()), ([2, 2], [2, 1, 2]));
        assert_eq!(batch.weights.dims(), [2]);
    }
}
