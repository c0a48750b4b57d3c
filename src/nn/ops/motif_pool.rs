//! Motif convolution, bias, ReLU and max-pooling as one differentiable operation.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

pub(super) mod fallback;
#[cfg(feature = "cube")]
mod gpu;
pub(super) mod host;
mod options;

#[cfg(feature = "cube")]
use burn::{backend::DispatchDevice, tensor::DType};
use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{Int, Tensor},
};

#[cfg(feature = "cube")]
use self::gpu::{gradient_specs, pooled_shape, tracked_specs};
pub use self::options::{Axes, MotifPoolOptions, Strands};
use super::host::fits_kernel;

/// Scans DNA (and signal channels) with motifs, adds the bias, applies the ReLU, and keeps the best position of each
/// pool; the first one wins a tie.
///
/// The result is differentiable in `weight`, `bias` and `signal`, and has the float type of `weight`. Base code 4 (N)
/// contributes 0. One kernel runs on `flex` and `ndarray` for weights of up to 32 bits, another on `wgpu`, `cuda` and
/// `cpu` for weights of 32 bits. Burn's own operations run elsewhere, and for the gradient of a signal. The results do
/// not depend on the number of threads; those of different devices may differ in the last digits.
///
/// # Shapes
///
/// - `codes`: `[batch, length]`, 0 to 4
/// - `signal`: `[batch, channel, length]`
/// - `weight`: `[motif, 4 + channel, width]`, bases in the order A, C, G, T
/// - `bias`: `[motif]`
/// - output: `[batch, motif, (length - width + 1) / pool]`, the last two swapped in [`Axes::PositionsFirst`]
///
/// # Panics
///
/// Panics if the shapes do not fit together, there is no motif, motifs are longer than the sequence, or the pool is 0
/// or longer than the positions.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::ops::{Axes, MotifPoolOptions, Strands, motif_pool};
///
/// let device = Device::default();
/// let codes = Tensor::<2, Int>::from_data([[3, 0, 2, 1]], &device); // TAGC
/// let weight = Tensor::<3>::from_data([[[0., 1.], [0., 0.], [1., 0.], [0., 0.]]], &device); // "GA"
/// let best = |strands| {
///     let bias = Tensor::<1>::zeros([1], &device);
///     let options = MotifPoolOptions { strands, axes: Axes::MotifsFirst, pool: 3 };
///     motif_pool(codes.clone(), None, weight.clone(), bias, options).into_scalar::<f32>()
/// };
/// assert_eq!(best(Strands::Forward), 1.0); // one of two bases fits
/// assert_eq!(best(Strands::Both), 1.0); // "TC" is not there either
/// ```
pub fn motif_pool(
    codes: Tensor<2, Int>,
    signal: Option<Tensor<3>>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    options: MotifPoolOptions,
) -> Tensor<3> {
    check_shapes(&codes, signal.as_ref(), &weight, &bias, options);
    let is_differentiated_in_signal = signal.as_ref().is_some_and(Tensor::is_tracked);
    if !has_kernel(&weight) || is_differentiated_in_signal {
        return fallback::motif_pool(codes, signal, weight, bias, options);
    }
    let signal = signal.unwrap_or_else(|| Tensor::zeros([1, 1, 1], &codes.device()));
    Tensor::from_dispatch(<Dispatch as MotifOps>::motif_pool(
        codes.into_dispatch(),
        signal.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        options,
    ))
}

/// Whether the device of the motifs has a kernel.
fn has_kernel(weight: &Tensor<3>) -> bool {
    #[cfg(feature = "cube")]
    if let DispatchDevice::Cube(_) = weight.device().inner().as_dispatch() {
        return weight.dtype() == DType::F32;
    }
    fits_kernel(weight)
}

fn check_shapes(
    codes: &Tensor<2, Int>,
    signal: Option<&Tensor<3>>,
    weight: &Tensor<3>,
    bias: &Tensor<1>,
    options: MotifPoolOptions,
) {
    let [batch, length] = codes.dims();
    let [motifs, rows, width] = weight.dims();
    assert!(rows >= 4, "a motif has 4 rows for the bases, found {rows}");
    if let Some(signal) = signal {
        assert_eq!(signal.dims(), [batch, rows - 4, length], "the signal's shape [batch, channel, length]");
    } else {
        assert_eq!(rows, 4, "the rows of a motif where there is no signal");
    }
    assert_eq!(bias.dims(), [motifs], "the bias's shape [motif]");
    assert!(motifs > 0, "no motifs");
    assert!(width > 0 && width <= length, "a motif of width {width} does not fit into {length} positions");
    let positions = length - width + 1;
    assert!((1..=positions).contains(&options.pool), "a pool of {} positions does not fit {positions}", options.pool);
}

/// The operation as an extension of burn's backends.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube"),
    Autodiff
)]
pub(crate) trait MotifOps: Backend {
    /// Returns the pooled values.
    #[fusion(dtype = weight, shape = pooled_shape(codes, weight, options))]
    fn motif_pool(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> FloatTensor<Self> {
        host::run_forward::<Self, false>(codes, signal, weight, bias, options).0
    }

    /// Returns the pooled values and, for each, its winner: `2 * position + strand`, or -1 where the ReLU gives 0.
    #[fusion(meta = tracked_specs)]
    fn motif_pool_with_winners(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> (FloatTensor<Self>, IntTensor<Self>) {
        host::run_forward::<Self, true>(codes, signal, weight, bias, options)
    }

    /// Returns the gradients of the weight and the bias.
    #[fusion(meta = gradient_specs)]
    fn motif_pool_backward(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        winners: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        host::run_backward::<Self>(codes, signal, weight, winners, gradient, options)
    }
}

#[cfg(feature = "flex")]
impl MotifOps for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl MotifOps for burn_ndarray::NdArray {}

impl<B: MotifOps, C: CheckpointStrategy> MotifOps for Autodiff<B, C> {
    fn motif_pool(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> FloatTensor<Self> {
        let nodes = [weight.node(), bias.node()];
        let (signal, weight, bias) = (signal.into_primitive(), weight.into_primitive(), bias.into_primitive());
        match MotifPoolBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let (pooled, winners) =
                    B::motif_pool_with_winners(codes.clone(), signal.clone(), weight.clone(), bias, options);
                step.finish(State { codes, signal, weight, winners, options }, pooled)
            }
            OpsKind::UnTracked(step) => step.finish(B::motif_pool(codes, signal, weight, bias, options)),
        }
    }
}

#[derive(Debug)]
struct MotifPoolBackward;

#[derive(Clone, Debug)]
struct State<B: Backend> {
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    winners: IntTensor<B>,
    options: MotifPoolOptions,
}

impl<B: MotifOps> Backward<B, 2> for MotifPoolBackward {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [weight_node, bias_node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        let State { codes, signal, weight, winners, options } = ops.state;
        let (weight, bias) = B::motif_pool_backward(codes, signal, weight, winners, gradient, options);
        if let Some(node) = weight_node {
            grads.register::<B>(node.id, weight);
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, bias);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{DType, Device, TensorData};
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::{
        random::stream,
        testing::{cases, dyadic, floats},
    };

    #[derive(Clone, Debug)]
    struct Case {
        batch: usize,
        channels: usize,
        motifs: usize,
        width: usize,
        positions: usize,
        /// Positions for which the signal stays as it is.
        run: usize,
        options: MotifPoolOptions,
        seed: u64,
    }

    fn any_case() -> impl Strategy<Value = Case> {
        let sizes = (1..12usize, 0..3usize, 1..40usize, 1..30usize, 1..40usize, 1..9usize);
        (sizes, any::<[bool; 2]>(), any::<prop::sample::Index>(), any::<u64>()).prop_map(
            |((batch, channels, motifs, width, positions, run), [both, turned], pool, seed)| {
                let strands = if both { Strands::Both } else { Strands::Forward };
                let axes = if turned { Axes::PositionsFirst } else { Axes::MotifsFirst };
                let options = MotifPoolOptions { strands, axes, pool: 1 + pool.index(positions) };
                Case { batch, channels, motifs, width, positions, run, options, seed }
            },
        )
    }

    struct Inputs {
        codes: Tensor<2, Int>,
        signal: Option<Tensor<3>>,
        weight: Tensor<3>,
        bias: Tensor<1>,
        gradient: Tensor<3>,
    }

    impl Case {
        fn inputs(&self, device: &Device) -> Inputs {
            let Case { batch, channels, motifs, width, positions, run, options, seed } = *self;
            let length = positions + width - 1;
            let mut random = stream(&[seed, 0]);
            // Few letters and a run of N, so that there are many ties.
            let codes =
                (0..batch * length).map(|i| if i % 23 < 4 { 4 } else { random.random_range(0..3i32) }).collect();
            let autodiff = device.clone().autodiff();
            let tensor = |part, shape: [usize; 3]| {
                Tensor::<3>::from_data(TensorData::new(dyadic(shape.iter().product(), &[seed, part]), shape), &autodiff)
            };
            Inputs {
                codes: Tensor::from_data(TensorData::new::<i32, _>(codes, [batch, length]), device),
                signal: (channels > 0).then(|| {
                    let values = dyadic(batch * channels * length, &[seed, 1]);
                    let runs = (0..values.len()).map(|i| values[i / run * run]).collect::<Vec<_>>();
                    Tensor::from_data(TensorData::new(runs, [batch, channels, length]), device)
                }),
                weight: tensor(2, [motifs, 4 + channels, width]).require_grad(),
                bias: Tensor::<1>::from_data(dyadic(motifs, &[seed, 3]).as_slice(), &autodiff).require_grad(),
                gradient: match options.axes {
                    Axes::MotifsFirst => tensor(4, [batch, motifs, positions / options.pool]),
                    Axes::PositionsFirst => tensor(4, [batch, positions / options.pool, motifs]),
                },
            }
        }
    }

    type Operation = fn(Tensor<2, Int>, Option<Tensor<3>>, Tensor<3>, Tensor<1>, MotifPoolOptions) -> Tensor<3>;

    fn values_and_gradients(case: &Case, operation: Operation) -> [Vec<f32>; 3] {
        let inputs = case.inputs(&Device::default());
        let (weight, bias) = (inputs.weight.clone(), inputs.bias.clone());
        let pooled = operation(inputs.codes, inputs.signal, inputs.weight, inputs.bias, case.options);
        let grads = (pooled.clone() * inputs.gradient).sum().backward();
        [
            floats(&pooled.into_data()),
            floats(&weight.grad(&grads).unwrap().into_data()),
            floats(&bias.grad(&grads).unwrap().into_data()),
        ]
    }

    proptest! {
        #![proptest_config(cases(64))]

        #[test]
        fn the_kernel_equals_the_fallback_in_values_and_gradients_ties_included(case in any_case()) {
            let fused = values_and_gradients(&case, motif_pool);
            let fallback = values_and_gradients(&case, fallback::motif_pool);
            prop_assert_eq!(fused, fallback);
        }
    }

    #[test]
    fn long_pools_equal_the_fallback_ties_included() {
        for (pool, axes) in [(300, Axes::MotifsFirst), (100, Axes::PositionsFirst)] {
            let options = MotifPoolOptions { strands: Strands::Both, axes, pool };
            // The last motif is alone in a GPU's unit, and that one in its row.
            let case = Case { batch: 3, channels: 1, motifs: 129, width: 5, positions: 310, run: 3, options, seed: 6 };
            let fused = values_and_gradients(&case, motif_pool);
            // Thousands of numbers, which nobody would read.
            assert!(fused == values_and_gradients(&case, fallback::motif_pool), "pools of {pool}");
        }
    }

    #[test]
    fn the_first_of_equal_positions_wins_wherever_they_lie() {
        let device = Device::default().autodiff();
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 50 };
        for first in 0..50 {
            // Equal scores on both strands from the first position on, and a signal that tells the positions apart.
            let codes: Vec<i32> = (0..50).map(|at| if at < first { 4 } else { 0 }).collect();
            let codes = Tensor::<2, Int>::from_data(TensorData::new(codes, [1, 50]), &device);
            let signal: Vec<f32> = (0..50i8).map(f32::from).collect();
            let signal = Tensor::<3>::from_data(TensorData::new(signal, [1, 1, 50]), &device.clone().inner());
            let weight = Tensor::<3>::from_data([[[1.0f32], [0.0], [0.0], [1.0], [0.0]]], &device).require_grad();
            let pooled = motif_pool(codes, Some(signal), weight.clone(), Tensor::zeros([1], &device), options);
            assert_eq!(pooled.clone().into_scalar::<f32>(), 1.0);
            let gradient = weight.grad(&pooled.sum().backward()).unwrap();
            // A counts on the forward strand, T would on the other one.
            assert_eq!(floats(&gradient.into_data()), [1.0, 0.0, 0.0, 0.0, first as f32], "from {first} on");
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_number_of_threads() {
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 7 };
        let case = Case { batch: 9, channels: 1, motifs: 33, width: 10, positions: 50, run: 3, options, seed: 5 };
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let five = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        let [alone, five] = [alone, five].map(|pool| pool.install(|| values_and_gradients(&case, motif_pool)));
        assert_eq!(alone, five);
    }

    #[test]
    fn a_computed_signal_gets_its_gradient() {
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 4 };
        let case = Case { batch: 2, channels: 2, motifs: 5, width: 3, positions: 9, run: 1, options, seed: 2 };
        let gradient = |operation: Operation, is_leaf: bool| {
            let Inputs { codes, signal, weight, bias, gradient } = case.inputs(&Device::default());
            let leaf = Tensor::from_inner(signal.unwrap()).require_grad();
            let signal = if is_leaf { leaf.clone() } else { leaf.clone() * 1.0 };
            let pooled = operation(codes, Some(signal), weight, bias, options);
            let grads = (pooled * gradient).sum().backward();
            leaf.grad(&grads).map(|gradient| floats(&gradient.into_data()))
        };
        let expected = gradient(fallback::motif_pool, true);
        assert!(expected.as_ref().is_some_and(|gradient| gradient.iter().any(|value| *value != 0.0)));
        assert_eq!([true, false].map(|is_leaf| gradient(motif_pool, is_leaf)), [expected.clone(), expected]);
    }

    #[test]
    fn weights_of_64_bits_keep_all_of_them() {
        let device = Device::default().autodiff();
        if !device.supports_dtype(DType::F64) {
            return;
        }
        // An f32 does not hold it.
        let number = f64::from(1 << 24) + 1.0;
        let tensor = |values: Vec<f64>, shape: [usize; 3]| {
            Tensor::<3>::from_data(TensorData::new(values, shape), (&device, DType::F64))
        };
        let codes = Tensor::<2, Int>::from_data([[4, 0, 4]], &device.clone().inner());
        let weight = tensor(vec![number, 0.0, 0.0, 0.0, 1.0], [1, 5, 1]).require_grad();
        let bias = Tensor::<1>::from_data([0.0], (&device, DType::F64)).require_grad();
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 3 };
        let signal = tensor(vec![0.0, number, 0.0], [1, 1, 3]);
        let pooled = motif_pool(codes, Some(signal), weight.clone(), bias.clone(), options);
        let doubles = |data: TensorData| data.iter::<f64>().collect::<Vec<_>>();
        assert_eq!((pooled.dtype(), doubles(pooled.clone().into_data())), (DType::F64, vec![2.0 * number]));
        let grads = (pooled * tensor(vec![number], [1, 1, 1])).sum().backward();
        assert_eq!(doubles(weight.grad(&grads).unwrap().into_data()), [number, 0.0, 0.0, 0.0, number * number]);
        assert_eq!(doubles(bias.grad(&grads).unwrap().into_data()), [number]);
    }

    #[test]
    fn a_weight_that_is_not_a_number_is_seen() {
        let device = Device::default();
        let codes = Tensor::<2, Int>::zeros([1, 4], &device);
        let weight = Tensor::<3>::from_data([[[f32::NAN], [0.0], [0.0], [0.0]]], &device);
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 4 };
        let pooled = motif_pool(codes, None, weight, Tensor::zeros([1], &device), options);
        assert!(pooled.into_scalar::<f32>().is_nan());
    }

    #[test]
    fn a_signal_that_is_not_a_number_is_seen_by_the_pools_that_read_it() {
        for (spoiled, axes, strands) in [
            (f32::NAN, Axes::MotifsFirst, Strands::Both),
            (f32::INFINITY, Axes::PositionsFirst, Strands::Forward),
            (f32::MAX, Axes::PositionsFirst, Strands::Both),
        ] {
            // Elsewhere they may still be added.
            if !spoiled.is_nan() && !crate::device::is_host(&Device::default()) {
                continue;
            }
            let options = MotifPoolOptions { strands, axes, pool: 6 };
            let case = Case { batch: 2, channels: 2, motifs: 18, width: 5, positions: 36, run: 3, options, seed: 4 };
            let inputs = case.inputs(&Device::default());
            let run =
                |signal| motif_pool(inputs.codes.clone(), signal, inputs.weight.clone(), inputs.bias.clone(), options);
            let signal = inputs.signal.clone().unwrap();
            // The last base that pool 1 reads, and the first one of pool 2 but for 3.
            let place = burn::tensor::s![1, 1, 15];
            let spoil =
                |value: f32| signal.clone().slice_assign(place, Tensor::full([1, 1, 1], value, &signal.device()));
            let [expected, found] = [spoil(0.0), spoil(spoiled)].map(|signal| run(Some(signal)));
            let is_pool = |place: usize| match axes {
                Axes::MotifsFirst => (1..3).contains(&(place % 6)),
                Axes::PositionsFirst => (1..3).contains(&(place / 18 % 6)),
            };
            let pairs = floats(&found.into_data()).into_iter().zip(floats(&expected.into_data()));
            for (place, (found, expected)) in pairs.enumerate() {
                let is_spoiled = place >= 18 * 6 && is_pool(place);
                assert!(if is_spoiled { found.is_nan() } else { found == expected }, "{place}: {found} {expected}");
            }
        }
    }

    #[test]
    fn a_score_that_is_not_a_number_is_seen_wherever_it_lies() {
        let device = Device::default();
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 50 };
        let weight = Tensor::<3>::from_data([[[1.0f32], [1.0], [1.0], [1.0], [1.0]]], &device);
        for place in 0..50 {
            let signal: Vec<f32> = (0..50).map(|at| if at == place { f32::NAN } else { 2.0 }).collect();
            let signal = Tensor::<3>::from_data(TensorData::new(signal, [1, 1, 50]), &device);
            let codes = Tensor::<2, Int>::zeros([1, 50], &device);
            let pooled = motif_pool(codes, Some(signal), weight.clone(), Tensor::zeros([1], &device), options);
            assert!(pooled.into_scalar::<f32>().is_nan(), "at {place}");
        }
    }

    #[test]
    fn a_reversed_complemented_sequence_scores_the_same_on_both_strands() {
        let options = MotifPoolOptions { strands: Strands::Both, axes: Axes::MotifsFirst, pool: 30 };
        let case = Case { batch: 2, channels: 1, motifs: 20, width: 7, positions: 30, run: 3, options, seed: 1 };
        let Inputs { codes, signal, weight, bias, .. } = case.inputs(&Device::default());
        let turned = codes.clone().flip([1]).neg() + 3;
        let turned = turned.clone().mask_fill(turned.equal_elem(-1), 4);
        let forward = motif_pool(codes, signal.clone(), weight.clone(), bias.clone(), options);
        let reverse = motif_pool(turned, signal.map(|s| s.flip([2])), weight, bias, options);
        assert_eq!(forward.into_data(), reverse.into_data());
    }

    #[test]
    #[should_panic(expected = "a motif of width 5 does not fit into 4 positions")]
    fn a_motif_longer_than_the_sequence_panics_with_both_numbers() {
        let device = Device::default();
        let options = MotifPoolOptions { strands: Strands::Forward, axes: Axes::MotifsFirst, pool: 1 };
        motif_pool(
            Tensor::zeros([1, 4], &device),
            None,
            Tensor::zeros([1, 4, 5], &device),
            Tensor::zeros([1], &device),
            options,
        );
    }
}
