//! Devices by name.

use burn::{backend::DispatchDevice, tensor::Device};

use crate::{Error, Result};

/// The environment variable that names the device, as burn reads it.
const VARIABLE: &str = "BURN_DEVICE";

/// The names of the devices that were compiled in.
pub const NAMES: &[&str] = &[
    #[cfg(feature = "flex")]
    "flex",
    #[cfg(feature = "ndarray")]
    "ndarray",
];

/// Returns the device of a name, or else the one that the environment variable `BURN_DEVICE` names, or else the first
/// that was compiled in.
///
/// # Errors
///
/// [`Error::Config`] with the names that were compiled in.
///
/// # Examples
///
/// ```
/// assert!(multitf::device::named(None).is_ok());
/// let error = multitf::device::named(Some("abacus")).unwrap_err();
/// assert!(error.to_string().starts_with("device: expected one of the devices compiled in ("));
/// ```
pub fn named(name: Option<&str>) -> Result<Device> {
    let variable = std::env::var(VARIABLE).ok();
    let first = NAMES.first().copied().unwrap_or_default();
    let name = name.or(variable.as_deref()).unwrap_or(first).to_lowercase();
    match name.as_str() {
        #[cfg(feature = "flex")]
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "ndarray")]
        "ndarray" => Ok(Device::ndarray()),
        _ => Err(Error::Config {
            key: "device".into(),
            expected: format!("one of the devices compiled in ({}); others are Cargo features", NAMES.join(", ")),
            found: name,
        }),
    }
}

/// Returns the name of a device, with or without autodiff.
///
/// # Examples
///
/// ```
/// use multitf::device;
///
/// let device = device::named(None)?;
/// assert!(device::NAMES.contains(&device::name(&device)));
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn name(device: &Device) -> &'static str {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => "flex",
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => "ndarray",
        #[allow(unreachable_patterns)] // Reachable where a program that uses the crate enables another backend.
        _ => "other",
    }
}
