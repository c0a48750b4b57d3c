//! A batch on a device.

use burn::tensor::{Device, Int, Tensor, TensorData, s};

use super::HostBatch;
use crate::{Error, Result, device};

/// A batch on a device.
///
/// # Shapes
/// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
/// - `signal`: `[batch, channel, length]`, if there is any
/// - `labels`: `[batch, task]`, a [`Label`](crate::genome::Label) as a number: the one source of targets
///   and mask
/// - `weights`: `[batch]`
#[derive(Clone, Debug)]
pub struct Batch {
    /// Base codes.
    pub codes: Tensor<2, Int>,
    /// Signal for each base.
    pub signal: Option<Tensor<3>>,
    /// Labels.
    pub labels: Tensor<2, Int>,
    /// The weight of each sample in the loss.
    pub weights: Tensor<1>,
}

impl Batch {
    /// Copies a batch to a device.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for a batch without samples or bases, for parts whose lengths do not fit together, and for a
    /// weight that is negative or not finite.
    pub fn new(host: &HostBatch, device: &Device) -> Result<Self> {
        let HostBatch { size, codes, signal, labels, weights } = host;
        let length = values_per("base codes", codes.len(), *size, "sample")?;
        let tasks = values_per("labels", labels.len(), *size, "sample")?;
        let channels = values_per("signal values", signal.len(), codes.len(), "base")?;
        Error::unless_equal("the weights of a batch", *size, weights.len())?;
        if let Some(sample) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            let what = format!("the weight of sample {sample} of a batch");
            return Err(Error::mismatch(what, "a finite number of at least 0", weights[sample]));
        }
        let labels: Vec<i32> = labels.iter().map(|&label| label as i32).collect();
        Ok(Self {
            codes: base_codes(codes, length, device),
            signal: (channels > 0)
                .then(|| Tensor::from_data(TensorData::new(signal.clone(), [*size, channels, length]), device)),
            labels: Tensor::from_data(TensorData::new(labels, [*size, tasks]), device),
            weights: Tensor::from_data(TensorData::new(weights.clone(), [*size]), device),
        })
    }
}

/// Returns the number of values for each of some samples or bases, of which there must be some.
fn values_per(what: &str, values: usize, count: usize, of: &str) -> Result<usize> {
    if count > 0 && values.is_multiple_of(count) {
        return Ok(values / count);
    }
    let (expected, found) = match count {
        0 => (format!("at least one {of}"), "none".into()),
        _ => (format!("the same number for each {of}"), format!("{values} for {count}")),
    };
    Err(Error::mismatch(format!("the {what} of a batch"), expected, found))
}

/// Copies base codes to a device, `[batch, length]`.
pub(crate) fn base_codes(codes: &[u8], length: usize, device: &Device) -> Tensor<2, Int> {
    if !device::is_host(device) {
        return unpack_on_device(codes, length, device);
    }
    let shape = [codes.len() / length, length];
    let codes: Vec<i32> = codes.iter().map(|&code| i32::from(code)).collect();
    Tensor::from_data(TensorData::new(codes, shape), device)
}

/// Does the same with half a byte a base, which the device unpacks.
fn unpack_on_device(codes: &[u8], length: usize, device: &Device) -> Tensor<2, Int> {
    const BITS: usize = 4;
    const BASES: usize = i32::BITS as usize / BITS;
    let word = |bases: &[u8]| bases.iter().rev().fold(0_i32, |word, &code| word << BITS | i32::from(code));
    let words: Vec<i32> = codes.chunks_exact(length).flat_map(|row| row.chunks(BASES).map(word)).collect();
    let (size, columns) = (codes.len() / length, length.div_ceil(BASES));
    let words = Tensor::<3, Int>::from_data(TensorData::new(words, [size, columns, 1]), device);
    let shifts: Vec<i32> = (0..BASES).map(|base| (base * BITS) as i32).collect();
    let shifts = Tensor::<3, Int>::from_data(TensorData::new(shifts, [1, 1, BASES]), device);
    let shape = [size, columns, BASES];
    let codes = words.expand(shape).bitwise_right_shift(shifts.expand(shape)).bitwise_and_scalar((1 << BITS) - 1);
    codes.reshape([size, columns * BASES]).slice(s![.., 0..length])
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
        let batch = Batch::new(&host, &Device::default()).unwrap();
        assert_eq!(batch.labels.into_data().iter::<i32>().collect::<Vec<_>>(), [3, 0, 1, 2]);
        assert_eq!((batch.codes.dims(), batch.signal.unwrap().dims()), ([2, 2], [2, 1, 2]));
        assert_eq!(batch.weights.dims(), [2]);
    }

    #[test]
    fn parts_that_do_not_fit_together_and_a_batch_of_nothing_are_refused() {
        let whole = HostBatch {
            size: 2,
            codes: vec![0, 4, 3, 1],
            signal: vec![0.5, 1.0, 2.0, 4.0],
            labels: vec![Label::Bound, Label::Missing],
            weights: vec![1.0, 3.0],
        };
        let refusal = |change: fn(&mut HostBatch)| {
            let mut host = whole.clone();
            change(&mut host);
            Batch::new(&host, &Device::default()).unwrap_err().to_string()
        };
        assert!(Batch::new(&whole, &Device::default()).is_ok());
        let nothing = "the base codes of a batch: expected at least one sample, found none";
        assert_eq!(Batch::new(&HostBatch::default(), &Device::default()).unwrap_err().to_string(), nothing);
        let bases = "the signal values of a batch: expected at least one base, found none";
        assert_eq!(refusal(|host| host.codes.clear()), bases);
        let codes = "the base codes of a batch: expected the same number for each sample, found 3 for 2";
        assert_eq!(refusal(|host| host.codes.truncate(3)), codes);
        let labels = "the labels of a batch: expected the same number for each sample, found 3 for 2";
        assert_eq!(refusal(|host| host.labels.push(Label::Bound)), labels);
        let signal = "the signal values of a batch: expected the same number for each base, found 3 for 4";
        assert_eq!(refusal(|host| host.signal.truncate(3)), signal);
        assert_eq!(refusal(|host| host.weights.push(1.0)), "the weights of a batch: expected 2, found 3");
    }

    #[test]
    fn a_sample_weighs_a_finite_number_that_is_not_negative() {
        let batch = |weight| {
            let host = HostBatch {
                size: 2,
                codes: vec![0, 4],
                signal: Vec::new(),
                labels: vec![Label::Bound, Label::Missing],
                weights: vec![0.0, weight],
            };
            Batch::new(&host, &Device::default()).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(batch(2.5), Ok(()));
        for weight in [-1.0, f32::NAN, f32::INFINITY] {
            let expected = "the weight of sample 1 of a batch: expected a finite number of at least 0, found";
            assert_eq!(batch(weight), Err(format!("{expected} {weight}")));
        }
    }

    #[test]
    fn packed_codes_come_out_as_they_went_in() {
        for length in 1..20 {
            let codes: Vec<u8> = (0..3 * length).map(|index| (index * 7 % 5) as u8).collect();
            let found = unpack_on_device(&codes, length, &Device::default());
            assert_eq!(found.dims(), [3, length]);
            assert_eq!(found.into_data().iter::<u8>().collect::<Vec<_>>(), codes);
        }
    }
}
