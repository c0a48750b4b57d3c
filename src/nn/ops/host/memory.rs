//! Tensors that live in the host's memory, as slices.

#[cfg(feature = "flex")]
use std::any::Any;
use std::borrow::Cow;

#[cfg(feature = "flex")]
use burn::backend::flex::FlexTensor;
use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{Device, FloatTensor, IntTensor},
    },
    tensor::{DType, Tensor, TensorData, try_read_sync},
};

/// Copies the values of a tensor of any device.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Reads a tensor's values, without a copy if it is a contiguous tensor of `flex`.
pub(crate) fn read<B: Backend>(tensor: &FloatTensor<B>) -> Cow<'_, [f32]> {
    #[cfg(feature = "flex")]
    if let Some(values) = (tensor as &dyn Any).downcast_ref::<FlexTensor>().and_then(contiguous) {
        return values.into();
    }
    let data = float_data::<B>(tensor.clone()).convert::<f32>();
    data.try_into_vec::<f32>().expect("it was just made a tensor of f32").into()
}

/// Takes a tensor's values to change them, in place if nobody else holds them.
pub(crate) fn take<B: Backend>(tensor: FloatTensor<B>) -> TensorData {
    #[cfg(feature = "flex")]
    if (&tensor as &dyn Any).downcast_ref::<FlexTensor>().is_some_and(|tensor| !tensor.is_unique()) {
        // `flex` would copy twice.
        return TensorData::new(read::<B>(&tensor).into_owned(), tensor.shape());
    }
    float_data::<B>(tensor).convert::<f32>()
}

#[cfg(feature = "flex")]
fn contiguous(tensor: &FlexTensor) -> Option<&[f32]> {
    let layout = tensor.layout();
    let readable = tensor.dtype() == DType::F32 && layout.is_contiguous();
    let place = layout.start_offset()..layout.start_offset() + layout.num_elements();
    if readable { tensor.storage::<f32>().get(place) } else { None }
}

/// Takes a tensor's data, without a copy if nobody else holds it.
fn float_data<B: Backend>(tensor: FloatTensor<B>) -> TensorData {
    try_read_sync(B::float_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

/// Takes a tensor's data, without a copy if nobody else holds it.
pub(crate) fn int_data<B: Backend>(tensor: IntTensor<B>) -> TensorData {
    try_read_sync(B::int_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

/// Makes a tensor of a float type from the values of a kernel.
pub(crate) fn to_float<B: Backend>(data: TensorData, dtype: DType, device: &Device<B>) -> FloatTensor<B> {
    B::float_from_data(data.convert_dtype(dtype), device)
}

/// Returns the values in the integer type of the kernels.
pub(crate) fn integers(data: &TensorData) -> Cow<'_, [i32]> {
    data.as_slice::<i32>().map_or_else(|_| data.iter::<i32>().collect::<Vec<_>>().into(), Into::into)
}

/// Returns base codes, in which anything but 0 to 3 is N.
pub(crate) fn base_codes(data: &TensorData) -> Vec<u8> {
    let code = |code: i64| if (0..4).contains(&code) { code as u8 } else { 4 };
    match data.as_slice::<i32>() {
        Ok(codes) => codes.iter().map(|&c| code(i64::from(c))).collect(),
        Err(_) => data.iter::<i64>().map(code).collect(),
    }
}
