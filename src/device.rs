//! Devices by name.
//!
//! Each name is a Cargo feature that enables a backend of burn. A name gives that device or an error, never another
//! device.

// burn-ndarray is deprecated as a whole; users of this crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

mod memory;
mod stopwatch;

#[cfg(feature = "wgpu")]
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

#[cfg(any(feature = "wgpu", feature = "cuda", feature = "cpu"))]
use burn::backend::CubeDevice;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use burn::tensor::DeviceType;
use burn::{backend::DispatchDevice, tensor::Device};
#[cfg(feature = "wgpu")]
use burn_wgpu::{
    RuntimeOptions, WgpuBackend, WgpuDevice, WgpuInitError, graphics::AutoGraphicsApi, try_init_setup, wgpu,
};

pub use self::memory::keep_memory;
pub(crate) use self::stopwatch::Stopwatch;
use crate::{Error, Result};

/// The environment variable that names the device, as burn reads it.
const VARIABLE: &str = "BURN_DEVICE";

/// The adapters behind the graphics devices that were opened here, by name.
#[cfg(feature = "wgpu")]
static ADAPTERS: Mutex<BTreeMap<&'static str, String>> = Mutex::new(BTreeMap::new());

/// The names of the devices that were compiled in, those on the CPU first.
///
/// The first is the default device, so that results do not change if another backend is compiled in.
pub const NAMES: &[&str] = &[
    #[cfg(feature = "flex")]
    "flex",
    #[cfg(feature = "ndarray")]
    "ndarray",
    #[cfg(feature = "wgpu")]
    "wgpu",
    #[cfg(feature = "vulkan")]
    "vulkan",
    #[cfg(feature = "metal")]
    "metal",
    #[cfg(feature = "webgpu")]
    "webgpu",
    #[cfg(feature = "cuda")]
    "cuda",
    #[cfg(feature = "cpu")]
    "cpu",
];

/// Returns the device of a name; without a name, that of the environment variable `BURN_DEVICE`, or else the first of
/// [`NAMES`].
///
/// A GPU is opened here, since burn would open it for the first tensor and panic if there is none. `wgpu` takes the
/// best adapter of any graphics API, a software one if there is no other; `vulkan`, `metal` and `webgpu` (in browsers)
/// take adapters of that API only; `cuda` takes the first GPU.
///
/// # Errors
///
/// [`Error::Config`] if the name was not compiled in, with those that were; [`Error::Device`] if this machine has no
/// such device, with those that it has.
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
        #[cfg(feature = "wgpu")]
        "wgpu" => graphics(&name, WgpuBackend::Auto),
        #[cfg(feature = "vulkan")]
        "vulkan" => graphics(&name, WgpuBackend::Vulkan),
        #[cfg(feature = "metal")]
        "metal" => graphics(&name, WgpuBackend::Metal),
        #[cfg(feature = "webgpu")]
        "webgpu" => graphics(&name, WgpuBackend::WebGpu),
        #[cfg(feature = "cuda")]
        "cuda" => cuda(&name),
        #[cfg(feature = "cpu")]
        "cpu" => Ok(Device::cpu()),
        _ => {
            let expected = format!("one of the devices compiled in ({}); others are Cargo features", NAMES.join(", "));
            Err(Error::config("device", expected, name))
        }
    }
}

/// Returns the name of a device, with or without autodiff, or "other" if this crate did not compile it in.
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
        #[cfg(feature = "wgpu")]
        DispatchDevice::Cube(CubeDevice::Wgpu(device)) => match device.backend {
            WgpuBackend::Vulkan => "vulkan",
            WgpuBackend::Metal => "metal",
            WgpuBackend::WebGpu => "webgpu",
            WgpuBackend::Auto | WgpuBackend::Dx12 | WgpuBackend::Gl => "wgpu",
        },
        #[cfg(feature = "cuda")]
        DispatchDevice::Cube(CubeDevice::Cuda(_)) => "cuda",
        #[cfg(feature = "cpu")]
        DispatchDevice::Cube(CubeDevice::Cpu(_)) => "cpu",
        #[allow(unreachable_patterns)] // Reachable if a program that uses the crate enables another backend.
        _ => "other",
    }
}

/// Whether tensors on the device are in host memory, where kernels written in Rust read them.
pub(crate) fn is_host(device: &Device) -> bool {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => true,
        #[allow(unreachable_patterns)] // Reachable with any other backend.
        _ => false,
    }
}

/// Returns the name of a device and its adapter, such as "wgpu: llvmpipe (LLVM 15.0.6, 256 bits), on the CPU".
///
/// The adapter of a GPU is known if it was opened by [`named`].
///
/// # Examples
///
/// ```
/// use multitf::device;
///
/// let device = device::named(None)?;
/// println!("training on {}", device::describe(&device));
/// assert!(device::describe(&device).starts_with(device::name(&device)));
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn describe(device: &Device) -> String {
    let name = name(device);
    #[cfg(feature = "wgpu")]
    if let Some(adapter) = ADAPTERS.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
        return format!("{name}: {adapter}");
    }
    name.to_owned()
}

/// Opens the default device of a graphics API.
#[cfg(feature = "wgpu")]
fn graphics(wanted: &str, api: WgpuBackend) -> Result<Device> {
    let selected = WgpuDevice::default().on(api);
    let device = Device::new(selected.clone());
    let options = RuntimeOptions::with_tasks_max(None);
    match options.and_then(|options| try_init_setup::<AutoGraphicsApi>(&selected, options)) {
        Ok(setup) => {
            let info = setup.adapter.get_info();
            let on = if info.device_type == wgpu::DeviceType::Cpu { ", on the CPU" } else { "" };
            let mut adapters = ADAPTERS.lock().unwrap_or_else(PoisonError::into_inner);
            adapters.insert(name(&device), format!("{}{on}", info.name));
            Ok(device)
        }
        // It is already open, here or by burn.
        Err(WgpuInitError::Registration { .. }) => Ok(device),
        Err(error) => Err(absent(wanted, error.to_string())),
    }
}

#[cfg(feature = "cuda")]
fn cuda(name: &str) -> Result<Device> {
    if Device::enumerate(DeviceType::Cuda).is_empty() {
        return Err(absent(name, "no driver or no GPU".into()));
    }
    Ok(Device::cuda(0))
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn absent(name: &str, detail: String) -> Error {
    let compiled = NAMES.iter().copied().map(str::to_owned).collect();
    Error::Device { name: name.to_owned(), detail, adapters: adapters(), compiled }
}

/// Returns the adapters that each GPU backend finds, without opening them.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn adapters() -> Vec<String> {
    let types = vec![
        #[cfg(feature = "wgpu")]
        DeviceType::Wgpu,
        #[cfg(feature = "vulkan")]
        DeviceType::Vulkan,
        #[cfg(feature = "metal")]
        DeviceType::Metal,
        #[cfg(feature = "cuda")]
        DeviceType::Cuda,
    ];
    Device::enumerate(types).iter().map(adapter).collect()
}

#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn adapter(device: &Device) -> String {
    let name = name(device);
    match device.as_dispatch() {
        #[cfg(feature = "wgpu")]
        DispatchDevice::Cube(CubeDevice::Wgpu(device)) => format!("{name} {:?}", device.kind),
        #[cfg(feature = "cuda")]
        DispatchDevice::Cube(CubeDevice::Cuda(device)) => format!("{name} {}", device.index),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;

    use super::{NAMES, describe, name, named};
    use crate::Error;

    fn absent(adapters: &[&str]) -> String {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let (adapters, compiled) = (owned(adapters), owned(&["flex", "wgpu", "vulkan"]));
        Error::Device { name: "vulkan".into(), detail: "no adapter".into(), adapters, compiled }.to_string()
    }

    #[test]
    fn an_absent_device_says_which_adapters_and_devices_there_are() {
        assert_eq!(
            absent(&["wgpu Cpu", "cuda 0"]),
            "device vulkan: no adapter; adapters found: wgpu Cpu, cuda 0; devices compiled in: flex, wgpu, vulkan"
        );
        assert_eq!(
            absent(&[]),
            "device vulkan: no adapter; adapters found: none; devices compiled in: flex, wgpu, vulkan"
        );
    }

    #[test]
    fn a_name_that_was_not_compiled_in_gives_those_that_were() {
        assert_eq!(
            named(Some("Abacus")).unwrap_err().to_string(),
            format!(
                "device: expected one of the devices compiled in ({}); others are Cargo features, found abacus",
                NAMES.join(", ")
            )
        );
    }

    #[test]
    fn every_name_gives_that_device_or_an_error_and_no_other_device() {
        for &wanted in NAMES {
            match named(Some(wanted)) {
                Ok(device) => {
                    assert_eq!(name(&device), wanted);
                    assert_eq!(name(&device.clone().autodiff()), wanted);
                    assert!(describe(&device).starts_with(wanted));
                    assert_eq!(named(Some(wanted)).unwrap(), device, "{wanted} opens twice");
                    let sum = Tensor::<1>::ones([3], &device).sum().into_scalar::<f32>();
                    assert_eq!(sum, 3.0, "{wanted}");
                }
                Err(Error::Device { name, compiled, detail, .. }) => {
                    assert_eq!(name, wanted);
                    assert_eq!(compiled, NAMES);
                    assert!(!detail.is_empty());
                }
                Err(error) => panic!("{wanted}: {error}"),
            }
        }
    }
}
