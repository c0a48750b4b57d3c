//! Tensors that live in the host's memory, as slices.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

use std::borrow::Cow;

use burn::{
    backend::{
        Backend, DispatchDevice,
        tensor::{Device, FloatTensor, IntTensor},
    },
    tensor::{self, DType, TensorData, try_read_sync},
};

/// Whether tensors on the device live in the host's memory, where kernels of the crate's own read them.
pub(crate) fn holds(device: &tensor::Device) -> bool {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => true,
        #[allow(unreachable_patterns)] // Reachable with any other backend.
        _ => false,
    }
}

/// Takes a tensor's data, without a copy where nobody else holds it.
pub(crate) fn float_data<B: Backend>(tensor: FloatTensor<B>) -> TensorData {
    try_read_sync(B::float_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

/// As [`float_data`].
pub(crate) fn int_data<B: Backend>(tensor: IntTensor<B>) -> TensorData {
    try_read_sync(B::int_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

/// Makes a tensor of a float type, whatever type the kernel counts in.
pub(crate) fn to_float<B: Backend>(data: TensorData, dtype: DType, device: &Device<B>) -> FloatTensor<B> {
    B::float_from_data(data.convert_dtype(dtype), device)
}

/// Returns the values as the kernels count them.
pub(crate) fn floats(data: &TensorData) -> Cow<'_, [f32]> {
    data.as_slice::<f32>().map_or_else(|_| data.iter::<f32>().collect::<Vec<_>>().into(), Into::into)
}

/// As [`floats`].
pub(crate) fn integers(data: &TensorData) -> Cow<'_, [i32]> {
    data.as_slice::<i32>().map_or_else(|_| data.iter::<i32>().collect::<Vec<_>>().into(), Into::into)
}

/// Anything but 0 to 3 is N.
pub(crate) fn base_codes(data: &TensorData) -> Vec<u8> {
    let code = |code: i64| if (0..4).contains(&code) { code as u8 } else { 4 };
    match data.as_slice::<i32>() {
        Ok(codes) => codes.iter().map(|&c| code(i64::from(c))).collect(),
        Err(_) => data.iter::<i64>().map(code).collect(),
    }
}
