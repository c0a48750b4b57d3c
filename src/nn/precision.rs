//! The float type of a trunk.

use burn::tensor::{Device, FloatDType, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, device};

/// The float type of a trunk's layers after its motifs.
///
/// Weights, motifs, logits, loss and the optimizer stay in 32 bits in any case (Micikevicius et al. 2018,
/// [doi:10.48550/arXiv.1710.03740](https://doi.org/10.48550/arXiv.1710.03740)). 16 bits are faster if the device has
/// units for them.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::nn::{Architecture, Precision};
///
/// let architecture: Architecture = toml::from_str(r#"precision = "bf16""#)?;
/// assert_eq!(architecture.precision, Precision::Bf16);
/// assert!(Precision::F32.check(&Device::default()).is_ok());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits, 8 of them for the exponent: the range of 32 bits.
    Bf16,
    /// 16 bits, 5 of them for the exponent. [`Fit`](crate::train::Fit) scales the loss, so that small gradients are not
    /// lost.
    F16,
}

impl Precision {
    /// Checks that a device computes in this type.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if it does not compute in it.
    pub fn check(self, device: &Device) -> Result<()> {
        let computes = |precision: &Self| device.supports_dtype(precision.dtype());
        let names: Vec<String> = [Self::F32, Self::Bf16, Self::F16].into_iter().filter(computes).map(name).collect();
        let expected = format!("a type that {} computes in ({})", device::name(device), names.join(", "));
        Error::unless(computes(&self), "architecture.precision", expected, name(self))
    }

    /// Converts the input of the layers, which compute in its type.
    pub(super) fn lower<const D: usize>(self, tensor: Tensor<D>) -> Tensor<D> {
        if self == Self::F32 { tensor } else { tensor.cast(self.dtype()) }
    }

    /// Converts the output of the layers back.
    pub(super) fn raise<const D: usize>(self, tensor: Tensor<D>) -> Tensor<D> {
        if self == Self::F32 { tensor } else { tensor.cast(FloatDType::F32) }
    }

    /// Returns the loss scale of mixed precision (1 unless f16), which keeps small gradients from rounding to 0. It is
    /// a power of two, so that scaling is exact.
    pub(crate) fn loss_scale(self) -> f32 {
        if self == Self::F16 { 1024.0 } else { 1.0 }
    }

    fn dtype(self) -> FloatDType {
        match self {
            Self::F32 => FloatDType::F32,
            Self::Bf16 => FloatDType::BF16,
            Self::F16 => FloatDType::F16,
        }
    }
}

/// The name in a configuration.
fn name(precision: Precision) -> String {
    format!("{precision:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_device_cannot_compute_in_is_refused_with_what_it_can() {
        let device = Device::default();
        for precision in [Precision::F32, Precision::Bf16, Precision::F16] {
            match precision.check(&device) {
                Ok(()) => assert!(device.supports_dtype(precision.dtype())),
                Err(error) => {
                    assert!(!device.supports_dtype(precision.dtype()));
                    let expected = format!("a type that {} computes in (f32", device::name(&device));
                    assert!(error.to_string().contains(&expected), "{error}");
                }
            }
        }
    }

    #[test]
    fn a_lowered_tensor_comes_back_as_near_as_its_type_has_bits() {
        let device = Device::default();
        for (precision, bits) in [(Precision::F32, 24), (Precision::Bf16, 8), (Precision::F16, 11)] {
            if precision.check(&device).is_ok() {
                let lowered = precision.lower(Tensor::<1>::from_data([1.001_f32], &device));
                assert_eq!(lowered.dtype(), precision.dtype().into());
                let raised = precision.raise(lowered);
                assert_eq!(raised.dtype(), FloatDType::F32.into());
                // A device may round later, or not at all where it keeps the number in a register.
                let error = (raised.into_scalar::<f32>() - 1.001).abs();
                assert!(error <= 0.5_f32.powi(bits), "{precision:?}: {error}");
            }
        }
    }
}
