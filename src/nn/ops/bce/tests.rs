//! The kernel beside burn's own operations.

use burn::tensor::{DType, Device, TensorData};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    random::stream,
    testing::{cases, floats},
};

/// Random labels of which a third have no weight and have NaN instead of a logit or target.
#[derive(Clone, Debug)]
struct Case {
    batch: usize,
    tasks: usize,
    scale: f32,
    smoothing: f32,
    is_weighted: bool,
    seed: u64,
}

fn any_case() -> impl Strategy<Value = Case> {
    let smoothing = prop_oneof![Just(0.0_f32), 0.0..0.9_f32];
    let scale = prop_oneof![Just(1.0_f32), Just(10.0), Just(100.0)];
    (1..70usize, 1..80usize, scale, smoothing, any::<bool>(), any::<u64>()).prop_map(
        |(batch, tasks, scale, smoothing, is_weighted, seed)| Case {
            batch,
            tasks,
            scale,
            smoothing,
            is_weighted,
            seed,
        },
    )
}

impl Case {
    fn options(&self) -> BceOptions {
        let mut random = stream(&[self.seed, 1]);
        let bound_weights = (0..self.tasks).map(|_| random.random_range(0.2..5.0)).collect();
        BceOptions { bound_weights: self.is_weighted.then_some(bound_weights), smoothing: self.smoothing }
    }

    /// Logits, targets and weights.
    fn inputs(&self) -> [Tensor<2>; 3] {
        let mut random = stream(&[self.seed, 0]);
        let label = |_| match random.random_range(0..6) {
            0 => [f32::NAN, 1.0, 0.0],
            1 => [f32::INFINITY, f32::NAN, 0.0],
            _ => {
                let target = [0.0, 1.0, random.random_range(0.0..1.0)][random.random_range(0..3)];
                [random.random_range(-1.0..1.0) * self.scale, target, random.random_range(0.1..3.0)]
            }
        };
        let labels: Vec<[f32; 3]> = (0..self.batch * self.tasks).map(label).collect();
        let device = Device::default().autodiff();
        [0, 1, 2].map(|part| {
            let values: Vec<f32> = labels.iter().map(|label| label[part]).collect();
            Tensor::from_data(TensorData::new(values, [self.batch, self.tasks]), &device)
        })
    }
}

type Operation = fn(Tensor<2>, Tensor<2>, Tensor<2>, BceOptions, bool) -> BceSums;

fn by_fallback(logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>, options: BceOptions, all: bool) -> BceSums {
    fallback::bce_sums(logits, targets, weights, &options, all)
}

/// Sums of losses, sums of weights, slopes, and the gradient of the losses, weighed by task.
fn outcome(case: &Case, operation: Operation) -> [Vec<f32>; 4] {
    let [logits, targets, weights] = case.inputs();
    let logits = logits.require_grad();
    let sums = operation(logits.clone(), targets, weights, case.options(), true);
    let by_task: Vec<f32> = (0..case.tasks).map(|task| 0.5 + task as f32).collect();
    let by_task = Tensor::<1>::from_data(by_task.as_slice(), &logits.device());
    let gradients = (sums.losses.clone() * by_task).sum().backward();
    let gradient = logits.grad(&gradients).unwrap();
    let [losses, weights] = [sums.losses, sums.weights].map(|sums| floats(&sums.into_data()));
    [losses, weights, floats(&sums.slopes.unwrap().into_data()), floats(&gradient.into_data())]
}

fn is_near(a: f32, b: f32, greatest: f32) -> bool {
    (a - b).abs() <= 1e-6 * greatest.max(b.abs())
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn the_kernel_equals_the_fallback_in_sums_and_gradients(case in any_case()) {
        let fused = outcome(&case, bce_sums);
        let fallback = outcome(&case, by_fallback);
        for (part, (fused, fallback)) in fused.iter().zip(&fallback).enumerate() {
            prop_assert_eq!(fused.len(), fallback.len());
            // A slope is a difference of two terms; a small loss is the logarithm of almost 1 in some backends.
            let greatest = if part < 2 { 0.5 } else { fallback.iter().fold(0.0, |a: f32, b| a.max(b.abs())) };
            for (fused, fallback) in fused.iter().zip(fallback) {
                prop_assert!(is_near(*fused, *fallback, greatest), "{}: {} {}", part, fused, fallback);
            }
        }
    }

    #[test]
    fn the_slopes_are_the_gradient_of_the_sums(case in any_case()) {
        let [_, _, slopes, gradient] = outcome(&case, bce_sums);
        // Elsewhere the gradient is that of burn's `log_sigmoid`, a difference of terms of up to the greatest weight.
        let is_host = crate::device::is_host(&Device::default());
        let greatest = slopes.iter().fold(1.0, |greatest: f32, slope| greatest.max(slope.abs()));
        for (index, (slope, gradient)) in slopes.iter().zip(gradient).enumerate() {
            let by_task = 0.5 + (index % case.tasks) as f32;
            let expected = slope * by_task;
            let tolerance = if is_host { 0.0 } else { 1e-6 * greatest * by_task };
            prop_assert!((gradient - expected).abs() <= tolerance, "{gradient} {expected}");
        }
    }
}

#[test]
fn the_sums_do_not_depend_on_the_number_of_threads() {
    let case = Case { batch: 300, tasks: 170, scale: 5.0, smoothing: 0.1, is_weighted: true, seed: 3 };
    let found = [1, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| outcome(&case, bce_sums))
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn an_observed_logit_that_is_not_a_number_spoils_its_own_task_only() {
    let device = Device::default();
    let logits = Tensor::<2>::from_data([[f32::NAN, 1.0], [0.0, 2.0]], &device);
    let ones = || Tensor::<2>::ones([2, 2], &device);
    let sums = bce_sums(logits, ones(), ones(), BceOptions::default(), true);
    let (losses, slopes) = (floats(&sums.losses.into_data()), floats(&sums.slopes.unwrap().into_data()));
    assert!(losses[0].is_nan() && losses[1].is_finite());
    assert!(slopes[0].is_nan() && slopes[1..].iter().all(|slope| slope.is_finite()));
}

#[test]
fn logits_of_64_bits_keep_all_of_them() {
    let device = Device::default().autodiff();
    // Graphics drivers that say they compute in 64 bits may not.
    if !crate::device::is_host(&device) {
        return;
    }
    // An f32 does not hold it, and the loss of a bound label with so low a logit is the logit.
    let logit = -f64::from(1 << 24) - 1.0;
    let logits = Tensor::<2>::from_data(TensorData::new(vec![logit], [1, 1]), (&device, DType::F64)).require_grad();
    let one = || Tensor::<2>::ones([1, 1], &device);
    let sums = bce_sums(logits.clone(), one(), one(), BceOptions::default(), true);
    let doubles = |data: TensorData| data.iter::<f64>().collect::<Vec<_>>();
    assert_eq!((sums.losses.dtype(), doubles(sums.losses.clone().into_data())), (DType::F64, vec![-logit]));
    let gradients = sums.losses.sum().backward();
    assert_eq!(doubles(logits.grad(&gradients).unwrap().into_data()), [-1.0]);
}

#[test]
fn labels_of_16_bits_are_summed_in_32() {
    const LABELS: usize = 5_000;
    for dtype in [DType::F16, DType::BF16] {
        let device = Device::default().autodiff();
        // Graphics drivers that say they compute in 16 bits may round otherwise.
        if !crate::device::is_host(&device) || !device.supports_dtype(dtype) {
            continue;
        }
        let logits = Tensor::<2>::zeros([LABELS, 1], (&device, dtype)).require_grad();
        let ones = || Tensor::<2>::ones([LABELS, 1], &device);
        let sums = bce_sums(logits.clone(), ones(), ones(), BceOptions::default(), false);
        assert_eq!(sums.weights.into_scalar::<f32>(), LABELS as f32);
        assert!((sums.losses.clone().into_scalar::<f32>() / LABELS as f32 - 2f32.ln()).abs() < 1e-6);
        let gradient = logits.grad(&sums.losses.sum().backward()).unwrap();
        assert_eq!((gradient.dtype(), floats(&gradient.into_data())), (dtype, vec![-0.5; LABELS]));
    }
}

#[test]
#[should_panic(expected = "the number of tasks and of their weights")]
fn weights_of_other_tasks_panic() {
    let ones = || Tensor::<2>::ones([1, 2], &Device::default());
    let options = BceOptions { bound_weights: Some([1.0].into()), smoothing: 0.0 };
    bce_sums(ones(), ones(), ones(), options, false);
}
