//! The kernel of [`super::motif_pool`] for backends whose tensors live in the host's memory.
//!
//! Three bases are looked up at once in tables of partial sums, for 16 motifs side by side, so that a motif of width
//! 19 costs 7 additions a position instead of 76 multiplications. Only the best position of a pool is kept, and the
//! backward pass visits only those.

mod backward;
mod forward;
mod table;

use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{Device, FloatTensor, IntTensor},
    },
    tensor::{TensorData, try_read_sync},
};

use super::{MotifPool, Strands};

/// The sizes of one call.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    length: usize,
    channels: usize,
    motifs: usize,
    width: usize,
    pool: usize,
    strands: Strands,
}

impl Sizes {
    fn new(codes: &TensorData, weight: &TensorData, options: MotifPool) -> Self {
        Self {
            batch: codes.shape()[0],
            length: codes.shape()[1],
            channels: weight.shape()[1] - 4,
            motifs: weight.shape()[0],
            width: weight.shape()[2],
            pool: options.pool,
            strands: options.strands,
        }
    }

    fn positions(&self) -> usize {
        self.length - self.width + 1
    }

    fn pools(&self) -> usize {
        self.positions() / self.pool
    }
}

/// Runs [`forward::forward`] on a backend's tensors.
pub(super) fn run_forward<B: Backend>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    options: MotifPool,
) -> (FloatTensor<B>, IntTensor<B>) {
    let (codes, device) = (int_data::<B>(codes), weight.device());
    let (signal, weight, bias) = (float_data::<B>(signal), float_data::<B>(weight), float_data::<B>(bias));
    let sizes = Sizes::new(&codes, &weight, options);
    let (pooled, winners) =
        forward::forward(&sizes, &base_codes(&codes), &floats(&signal), &floats(&weight), &floats(&bias));
    let shape = [sizes.batch, sizes.motifs, sizes.pools()];
    (
        to_float::<B>(TensorData::new(pooled, shape), &weight, &device),
        B::int_from_data(TensorData::new(winners, shape), &device),
    )
}

/// Runs [`backward::backward`] on a backend's tensors.
pub(super) fn run_backward<B: Backend>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    winners: IntTensor<B>,
    gradient: FloatTensor<B>,
    options: MotifPool,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (codes, device) = (int_data::<B>(codes), weight.device());
    let (signal, weight, gradient) = (float_data::<B>(signal), float_data::<B>(weight), float_data::<B>(gradient));
    let sizes = Sizes::new(&codes, &weight, options);
    let winners: Vec<i32> = int_data::<B>(winners).iter::<i32>().collect();
    let (weights, biases) =
        backward::backward(&sizes, &base_codes(&codes), &floats(&signal), &winners, &floats(&gradient));
    (
        to_float::<B>(TensorData::new(weights, weight.shape().clone()), &weight, &device),
        to_float::<B>(TensorData::new(biases, [sizes.motifs]), &weight, &device),
    )
}

fn float_data<B: Backend>(tensor: FloatTensor<B>) -> TensorData {
    try_read_sync(B::float_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

fn int_data<B: Backend>(tensor: IntTensor<B>) -> TensorData {
    try_read_sync(B::int_into_data(tensor))
        .expect("host memory is read without waiting")
        .expect("host memory can be read")
}

/// The tensor has the float type of `like`, whatever type the kernel counts in.
fn to_float<B: Backend>(data: TensorData, like: &TensorData, device: &Device<B>) -> FloatTensor<B> {
    B::float_from_data(data.convert_dtype(like.dtype()), device)
}

fn floats(data: &TensorData) -> std::borrow::Cow<'_, [f32]> {
    data.as_slice::<f32>().map_or_else(|_| data.iter::<f32>().collect::<Vec<_>>().into(), Into::into)
}

/// Anything but 0 to 3 is N.
fn base_codes(data: &TensorData) -> Vec<u8> {
    data.iter::<i64>().map(|code| u8::try_from(code).map_or(4, |code| code.min(4))).collect()
}
