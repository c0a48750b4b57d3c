//! Trunks of every body, and in training.

mod pytorch;
mod receptive_field;
mod settings;

use burn::tensor::{DType, TensorData, Tolerance, s};
use proptest::prelude::*;

use super::*;
use crate::{nn::MotifConvConfig, random::with_seed, testing::cases};

/// A small trunk for 60 positions.
fn config() -> TrunkConfig {
    TrunkConfig::new(60, MotifConvConfig::new(4, 11)).with_hidden(8)
}

fn plain() -> BodyConfig {
    BodyConfig::Plain { channels: 5, blocks: 2, kernel: 3 }
}

fn dilated() -> BodyConfig {
    BodyConfig::Dilated { channels: 5, layers: 2, kernel: 3 }
}

fn parallel() -> BodyConfig {
    BodyConfig::Parallel { widths: vec![7, 4] }
}

fn codes(batch: usize, length: usize) -> Tensor<2, Int> {
    let codes: Vec<i32> = (0..(batch * length) as i32).map(|i| (i * i + i / 7) % 5).collect();
    Tensor::from_data(TensorData::new(codes, [batch, length]), &Device::default())
}

/// The positions before their pooling, `[batch, channel, length]`.
fn body_output(trunk: &Trunk, codes: Tensor<2, Int>) -> Tensor<3> {
    let output =
        trunk.body_output(trunk.ordered_scores(codes.into(), None, trunk.config.pool_positions(), trunk.axes()));
    if trunk.axes() == Axes::MotifsFirst { output } else { output.swap_dims(1, 2) }
}

#[test]
fn the_features_of_a_sample_do_not_depend_on_its_batch() {
    let poolings = [Pooling::Flatten, Pooling::Max, Pooling::Average, Pooling::Attention];
    for (body, pooling) in [BodyConfig::Shallow, plain(), dilated(), parallel()].into_iter().zip(poolings) {
        let trunk = config().with_pool(3).with_body(body).with_pooling(pooling).init(&Device::default());
        let codes = codes(5, 60);
        let together = trunk.forward(codes.clone(), None).slice(s![1..2]).into_data();
        let alone = trunk.forward(codes.slice(s![1..2]), None).into_data();
        together.assert_approx_eq(&alone, Tolerance::<f32>::absolute(1e-6));
    }
}

#[test]
fn a_signal_of_another_shape_is_named_with_both_shapes() {
    let device = Device::default();
    let channels = TrunkConfig { conv: MotifConvConfig::new(4, 11).with_channels(1), ..config() };
    for config in [config().with_signal(SignalInput::Means(3)), channels.with_signal(SignalInput::Channels)] {
        let trunk = config.init(&device);
        let message = |shape: [usize; 3]| {
            let run = || trunk.forward(codes(2, 60), Some(Tensor::zeros(shape, &device)));
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
            panic.downcast_ref::<String>().unwrap().clone()
        };
        for shape in [[2, 2, 60], [2, 0, 60], [3, 1, 60], [2, 1, 63]] {
            let expected = format!("the signal's shape [batch, track, length]: expected [2, 1, 60], found {shape:?}");
            assert_eq!(message(shape), expected);
        }
    }
}

#[test]
fn motifs_of_64_bits_stand_beside_means_of_32() {
    let device = Device::default();
    if !device.supports_dtype(DType::F64) {
        return;
    }
    let mut trunk = config().with_signal(SignalInput::Means(3)).init(&device);
    let signal = || Some(Tensor::<3>::ones([2, 1, 60], &device));
    let expected = trunk.forward(codes(2, 60), signal());
    trunk.conv.weight = trunk.conv.weight.map(|weight| weight.cast(DType::F64));
    trunk.conv.bias = trunk.conv.bias.map(|bias| bias.cast(DType::F64));
    let found = trunk.forward(codes(2, 60), signal());
    assert_eq!(found.dtype(), DType::F64);
    found.cast(DType::F32).into_data().assert_approx_eq(&expected.into_data(), Tolerance::<f32>::absolute(1e-5));
}

#[test]
fn the_features_in_half_the_bits_are_those_in_all_but_for_rounding() {
    let device = Device::default();
    let poolings = [Pooling::Flatten, Pooling::Max, Pooling::Average, Pooling::Attention];
    for (body, pooling) in [BodyConfig::Shallow, plain(), dilated(), parallel()].into_iter().zip(poolings) {
        for (precision, rounding) in [(Precision::Bf16, 2e-2), (Precision::F16, 2e-3)] {
            if precision.check(&device).is_ok() {
                let config = config().with_pool(3).with_body(body.clone()).with_pooling(pooling);
                let [full, half] = [Precision::F32, precision].map(|precision| {
                    config.clone().with_precision(precision).init(&device).forward(codes(5, 60), None)
                });
                assert_eq!(half.dtype(), full.dtype());
                let (full, half) = (full.into_data(), half.into_data());
                assert_ne!(full, half, "{precision:?} rounds");
                half.assert_approx_eq(&full, Tolerance::<f32>::absolute(rounding));
            }
        }
    }
}

#[test]
fn the_features_of_a_shallow_trunk_do_not_depend_on_its_batch_to_the_last_bit() {
    let trunk = config().with_pool(10).init(&Device::default());
    let codes = codes(3, 60);
    let together = trunk.forward(codes.clone(), None).slice(s![1..2]).into_data();
    let alone = trunk.forward(codes.slice(s![1..2]), None).into_data();
    assert_eq!(together, alone);
}

#[test]
fn a_shallow_trunk_is_its_motifs_and_a_dense_layer_to_the_last_bit() {
    let trunk = config().with_pool(10).init(&Device::default());
    let motifs = trunk.conv.forward(codes(3, 60), None, 10).flatten::<2>(1, 2);
    let expected = relu(trunk.dense.as_ref().unwrap().forward(motifs)).into_data();
    assert_eq!(trunk.forward(codes(3, 60), None).into_data(), expected);
}

#[test]
fn equal_seeds_give_equal_weights_and_others_do_not() {
    for body in [plain(), dilated(), parallel()] {
        let features = |seed| {
            let conv = MotifConvConfig::new(4, 11).with_seed(seed);
            let config = TrunkConfig::new(60, conv).with_pool(3).with_body(body.clone());
            config.init(&Device::default()).forward(codes(2, 60), None).into_data()
        };
        assert_eq!(features(1), features(1));
        assert_ne!(features(1), features(2));
    }
}

#[test]
fn parallel_motifs_of_equal_width_have_other_weights() {
    let body = BodyConfig::Parallel { widths: vec![7, 7] };
    let trunk = config().with_body(body).init(&Device::default());
    let [first, second] = [0, 1].map(|layer| trunk.parallel[layer].weight.val().into_data());
    assert_ne!(first, second);
}

#[test]
fn parallel_motifs_see_the_same_centres() {
    let device = Device::default();
    let config = TrunkConfig::new(12, MotifConvConfig::new(1, 5).with_strands(super::super::ops::Strands::Forward));
    let mut trunk = config.with_pool(1).with_body(BodyConfig::Parallel { widths: vec![3] }).init(&device);
    // An A in the middle scores 1 for both widths.
    let middle = |width: usize| {
        let weight = (0..4 * width).map(|place| if place == width / 2 { 1.0 } else { 0.0 }).collect();
        init::param(weight, [1, 4, width], &device)
    };
    (trunk.conv.weight, trunk.parallel[0].weight) = (middle(5), middle(3));
    (trunk.conv.bias, trunk.parallel[0].bias) =
        (init::param(vec![0.0], [1], &device), init::param(vec![0.0], [1], &device));
    let codes = Tensor::from_data([[0, 1, 0, 0, 2, 0, 3, 3, 0, 0, 1, 0]], &device);
    let found: Vec<f32> = body_output(&trunk, codes).into_data().iter::<f32>().collect();
    let middles = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
    assert_eq!(found, [middles, middles].concat());
}

#[test]
fn body_dropout_acts_in_training_alone() {
    for body in [plain(), dilated()] {
        let config = config().with_pool(3).with_body(body).with_body_dropout(0.9);
        let training = config.init(&Device::default().autodiff());
        let sure = training.valid();
        let run = |trunk: &Trunk, device: &Device| {
            with_seed(device, 1, || trunk.forward(codes(2, 60).to_device(device), None).into_data())
        };
        let (plain, autodiff) = (Device::default(), Device::default().autodiff());
        assert_eq!(run(&sure, &plain), run(&sure, &plain));
        assert_ne!(run(&training, &autodiff), run(&sure, &plain));
    }
}

#[test]
fn display() {
    let shallow = config().with_pool(10).init(&Device::default());
    assert_eq!(
        shallow.to_string(),
        "Trunk {motifs: 4, widths: [11], pool: 10, body: None, pooling: Flatten, features: 8, \
         receptive_field_bp: 20, params: 348}"
    );
    let dilated = config().with_pool(3).with_body(dilated()).with_pooling(Pooling::Attention).init(&Device::default());
    assert_eq!(
        dilated.to_string(),
        "Trunk {motifs: 4, widths: [11], pool: 3, body: Dilated {channels: 5, layers: 2, kernel: 3, params: 185}, \
         pooling: Attention, features: 8, receptive_field_bp: 49, params: 418}"
    );
    let parallel = config().with_pool(10).with_body(parallel()).init(&Device::default());
    assert!(parallel.to_string().starts_with("Trunk {motifs: 12, widths: [11, 7, 4], pool: 10, body: None"));
}

/// A motif that scores 1 at each A, whatever its width.
fn counting(mut conv: MotifConv) -> MotifConv {
    let [motifs, rows, width] = conv.weight.dims();
    let values = (0..motifs * rows * width).map(|place| if place / width % rows == 0 { 1.0 } else { 0.0 }).collect();
    conv.weight = init::param(values, [motifs, rows, width], &Device::default());
    conv.bias = init::param(vec![0.0; motifs], [motifs], &Device::default());
    conv
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn every_base_of_a_context_is_seen(
        (width, positions, pool) in (1_usize..8, 1_usize..40, 0_usize..40),
        narrow in 0_usize..3,
    ) {
        let (device, context_bp) = (Device::default(), positions + width - 1);
        let body = match narrow {
            0 => BodyConfig::Shallow,
            _ if width > 2 => BodyConfig::Parallel { widths: vec![width - narrow] },
            _ => BodyConfig::Shallow,
        };
        let config = TrunkConfig::new(context_bp, MotifConvConfig::new(1, width)).with_body(body).with_hidden(0);
        let config = config.with_pool(pool.min(positions));
        let mut trunk = config.init(&device);
        trunk.conv = counting(trunk.conv);
        // C everywhere but at one place.
        let codes = (0..context_bp * context_bp).map(|i| i32::from(i % context_bp != i / context_bp)).collect();
        let codes = Tensor::from_data(TensorData::new::<i32, _>(codes, [context_bp, context_bp]), &device);
        let features = trunk.forward(codes, None);
        prop_assert_eq!(features.dims()[1], config.inputs());
        for (place, best) in features.max_dim(1).into_data().iter::<f32>().enumerate() {
            prop_assert!(best >= 1.0, "base {} of {}: {}", place, context_bp, best);
        }
        let ends: Vec<_> = trunk.pool_ranges().iter().map(|pool| pool.end).collect();
        prop_assert_eq!(ends.last(), Some(&positions));
    }
}

#[test]
fn pools_that_divide_the_context_do_not_ask_what_becomes_of_a_rest() {
    for (pool, body, divided) in [
        (10, BodyConfig::Shallow, true),
        (3, BodyConfig::Shallow, false),
        (0, BodyConfig::Shallow, true),
        (5, BodyConfig::Plain { channels: 5, blocks: 1, kernel: 3 }, true),
        (2, BodyConfig::Plain { channels: 5, blocks: 1, kernel: 3 }, false),
    ] {
        let config = config().with_pool(pool).with_body(body);
        assert_eq!(config.is_divided(), divided, "{config:?}");
        let inputs = |last| config.clone().with_last_pool(last).inputs();
        assert_eq!(inputs(LastPool::Shorter) == inputs(LastPool::Dropped), divided, "{config:?}");
        let features = |last| {
            let trunk = config.clone().with_last_pool(last).init(&Device::default());
            trunk.forward(codes(3, 60), None).into_data()
        };
        assert_eq!(features(LastPool::Shorter) == features(LastPool::Dropped), divided, "{config:?}");
    }
}

#[test]
fn a_signal_of_no_track_is_absent() {
    for signal in [SignalInput::Means(7), SignalInput::Channels] {
        let config = config().with_signal(signal).with_tracks(0);
        config.validate().unwrap();
        let trunk = config.init(&Device::default());
        let expected = super::tests::config().init(&Device::default());
        assert_eq!(trunk.forward(codes(2, 60), None).into_data(), expected.forward(codes(2, 60), None).into_data());
        assert_eq!(trunk.signal_tracks(), None);
    }
}
