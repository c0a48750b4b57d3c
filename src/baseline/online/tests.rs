//! Properties of the whole model, and its agreement with Vowpal Wabbit.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::testing::cases;

const ORACLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");

/// Both sides compute in single precision and in the same order. What differs is the rounding of exponentials,
/// logarithms, powers and a few decimals; steps that depend on one another carry it on, to 1e-5 at most where this was
/// written, and to more if another C library rounds otherwise. An approximate square root would be seen.
const TOLERANCE: f64 = 1e-4;

fn oracle() -> Value {
    serde_json::from_str(&std::fs::read_to_string(format!("{ORACLES}/online.json")).unwrap()).unwrap()
}

/// The largest difference, relative for numbers above 1.
fn worst(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    pairs.map(|(found, expected)| (found - expected).abs() / expected.abs().max(1.0)).fold(0.0, f64::max)
}

/// Learns the oracle's examples, and returns the predictions before each update.
fn pass(model: &mut OnlineModel) -> Vec<f32> {
    let (mut predictions, mut example) = (Vec::new(), Example::new());
    let mut reader = TextReader::open(format!("{ORACLES}/online.txt")).unwrap();
    while let Some(Target { label, weight }) = reader.read_example(&mut example).unwrap() {
        let prediction = model.predict(&example);
        assert_eq!(model.learn(&example, label, weight), prediction);
        predictions.push(prediction);
    }
    predictions
}

#[test]
fn predictions_weights_and_losses_equal_those_of_vowpal_wabbit() {
    for run in oracle()["runs"].as_array().unwrap() {
        let config: OnlineConfig = serde_json::from_value(run["settings"].clone()).unwrap();
        let mut model = OnlineModel::new(&config).unwrap();
        let passes = (0..run["passes"].as_u64().unwrap()).map(|_| pass(&mut model));
        let (found, expected) = (passes.last().unwrap(), run["predictions"].as_array().unwrap());
        assert_eq!(found.len(), expected.len());
        let predictions = found.into_iter().zip(expected).map(|(found, expected)| (f64::from(found), number(expected)));
        let stored = |index: usize| run["weights"].get(index.to_string()).map_or(0.0, number);
        let weights = model.slots.iter().enumerate().map(|(index, slot)| (f64::from(slot.weight), stored(index)));
        let loss = (model.progressive_loss().unwrap(), number(&run["loss"]));
        let differences = [worst(predictions), worst(weights), worst([loss].into_iter())];
        assert!(differences.iter().all(|&difference| difference <= TOLERANCE), "{}: {differences:?}", run["settings"]);
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn hashes_equal_those_of_vowpal_wabbit() {
    for (name, expected) in oracle()["hashes"].as_object().unwrap() {
        let (namespace, name) = name.split_once('|').unwrap();
        assert_eq!(
            u64::from(feature_hash(namespace, name) & 0x3fff_ffff),
            expected.as_u64().unwrap(),
            "{namespace}|{name}"
        );
    }
}

#[test]
#[should_panic(expected = "an example weighs NaN, expected 0 to 1e18")]
fn a_weight_that_is_not_a_number_panics() {
    OnlineModel::new(&OnlineConfig::default()).unwrap().learn(&Example::new(), true, f32::NAN);
}

#[test]
#[should_panic(expected = "a product of features is 1e36, expected at most 1e18 in magnitude")]
fn a_product_that_overflows_panics() {
    let config = OnlineConfig { quadratic: vec!["aa".into()], ..OnlineConfig::default() };
    let mut example = Example::new();
    example.namespace('a').push(1, -1e18).push(2, 1e18);
    OnlineModel::new(&config).unwrap().predict(&example);
}

#[test]
fn an_example_without_any_term_is_harmless() {
    let config = OnlineConfig { constant: false, ..OnlineConfig::default() };
    let mut model = OnlineModel::new(&config).unwrap();
    assert_eq!(model.learn(&Example::new(), true, 1.0), 0.0);
    let mut example = Example::new();
    example.namespace('a').push(1, 1.0);
    model.learn(&example, true, 1.0);
    assert!(model.predict(&example) > 0.1);
}

#[test]
fn extreme_values_and_weights_leave_finite_predictions() {
    let config = OnlineConfig { bits: 2, l2: 10.0, learning_rate: 1e9, ..OnlineConfig::default() };
    let mut model = OnlineModel::new(&config).unwrap();
    let mut example = Example::new();
    for round in 0_u32..200 {
        example.clear();
        for index in 0..3 {
            example.namespace('a').push(index, [1e-40, 1e18, -1e-18, -3.0][(round / 3 + index) as usize % 4]);
        }
        let weight = [1e-30, 1e18, 1.0][round as usize % 3];
        assert!(model.learn(&example, round % 2 == 0, weight).abs() <= 50.0);
    }
    assert!(model.slots.iter().all(|slot| slot.weight.is_finite()));
}

/// An example of a stream: its features, label and weight.
type Line = (Vec<(u32, f32)>, bool, f32);

fn line() -> impl Strategy<Value = Line> {
    let feature = (0..40_u32, prop_oneof![-4.0_f32..4.0, Just(0.0)]);
    (prop::collection::vec(feature, 0..8), any::<bool>(), 0.01_f32..4.0)
}

fn stream() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(line(), 1..30)
}

fn config() -> impl Strategy<Value = OnlineConfig> {
    let strength = || prop_oneof![Just(0.0_f32), 0.0_f32..0.01];
    let power_t = prop_oneof![Just(0.5_f32), 0.0_f32..1.0];
    (3..20_u32, strength(), strength(), power_t, any::<bool>()).prop_map(|(bits, l1, l2, power_t, crossed)| {
        let quadratic = if crossed { vec!["aa".into(), "ab".into()] } else { Vec::new() };
        OnlineConfig { bits, power_t, l1, l2, quadratic, ..OnlineConfig::default() }
    })
}

fn example(features: &[(u32, f32)]) -> Example {
    let mut example = Example::new();
    for &(index, value) in features {
        example.namespace(if index % 3 == 0 { 'b' } else { 'a' }).push(index, value);
    }
    example
}

fn learned(config: &OnlineConfig, stream: &[Line]) -> (OnlineModel, Vec<f32>) {
    let mut model = OnlineModel::new(config).unwrap();
    let predictions =
        stream.iter().map(|(features, label, weight)| model.learn(&example(features), *label, *weight)).collect();
    (model, predictions)
}

/// A model and an example whose features are -1 or 1, so that none turns out to be of another scale.
fn on_one_scale(stream: &[Line], features: &[(u32, f32)]) -> (OnlineModel, Example) {
    let signs = |features: &[(u32, f32)]| features.iter().map(|&(index, value)| (index, value.signum())).collect();
    let stream: Vec<Line> = stream.iter().map(|(features, label, weight)| (signs(features), *label, *weight)).collect();
    let features: Vec<_> = signs(features);
    (learned(&OnlineConfig::default(), &stream).0, example(&features))
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn an_example_of_weight_0_changes_nothing(config in config(), stream in stream(), (features, label, _) in line()) {
        let (mut model, _) = learned(&config, &stream);
        let before = model.clone();
        let prediction = model.learn(&example(&features), label, 0.0);
        prop_assert_eq!(prediction, before.predict(&example(&features)));
        prop_assert!(model.slots == before.slots && model.state == before.state);
    }

    #[test]
    fn features_of_value_0_change_nothing(config in config(), stream in stream()) {
        let with = |(features, label, weight): &Line| {
            (features.iter().flat_map(|&feature| [(7, 0.0), feature]).collect(), *label, *weight)
        };
        let without = |(features, label, weight): &Line| {
            (features.iter().copied().filter(|&(_, value)| value != 0.0).collect(), *label, *weight)
        };
        let found = learned(&config, &stream.iter().map(with).collect::<Vec<_>>()).1;
        prop_assert_eq!(found, learned(&config, &stream.iter().map(without).collect::<Vec<_>>()).1);
    }

    #[test]
    fn the_same_stream_gives_the_same_model(config in config(), stream in stream()) {
        let [first, second] = [(); 2].map(|()| learned(&config, &stream));
        prop_assert_eq!(first.1, second.1);
        prop_assert!(first.0.slots == second.0.slots && first.0.state == second.0.state);
    }

    #[test]
    fn a_cleared_example_is_as_good_as_a_new_one(config in config(), stream in stream()) {
        let mut model = OnlineModel::new(&config).unwrap();
        let (mut reused, mut predictions) = (Example::new(), Vec::new());
        for (features, label, weight) in &stream {
            reused.clear();
            for &(index, value) in features {
                reused.namespace(if index % 3 == 0 { 'b' } else { 'a' }).push(index, value);
            }
            predictions.push(model.learn(&reused, *label, *weight));
        }
        prop_assert_eq!(predictions, learned(&config, &stream).1);
    }

    /// The updates are in units of each feature's scale. Powers of 2 keep all roundings but those of the powers.
    #[test]
    fn the_unit_of_a_feature_does_not_matter(stream in stream(), exponents in prop::collection::vec(-8..8, 40)) {
        let scaled = |(features, label, weight): &Line| {
            let unit = |index: u32| f32::powi(2.0, exponents[index as usize]);
            (features.iter().map(|&(index, value)| (index, value * unit(index))).collect(), *label, *weight)
        };
        // Few enough features for 18 bits to keep them apart.
        let config = OnlineConfig { quadratic: vec!["ab".into()], ..OnlineConfig::default() };
        let other = learned(&config, &stream.iter().map(scaled).collect::<Vec<_>>()).1;
        for (found, expected) in other.into_iter().zip(learned(&config, &stream).1) {
            prop_assert!((found - expected).abs() <= 1e-4 * expected.abs().max(1.0), "{} {}", found, expected);
        }
    }

    /// Each half sees the sums up to itself only. In those of squared gradients, the rate of each half is at most
    /// sqrt(2) times that of the whole, as the second gradient is smaller; by the shared factor, the rate of the first
    /// half is between sqrt(1/2) and sqrt(2) times that of the whole.
    #[test]
    fn half_the_weight_twice_is_nearly_the_whole(stream in stream(), (features, label, weight) in line()) {
        let (model, example) = on_one_scale(&stream, &features);
        let [mut whole, mut halves] = [model.clone(), model];
        let before = whole.learn(&example, label, weight);
        halves.learn(&example, label, weight / 2.0);
        halves.learn(&example, label, weight / 2.0);
        let [whole, halves] = [whole, halves].map(|model| model.predict(&example) - before);
        let ratio = halves / whole;
        let root = std::f32::consts::SQRT_2;
        let (least, most) = (f32::midpoint(root.recip(), 1.0), f32::midpoint(2.0, root));
        prop_assert!((least..most).contains(&ratio), "{} {}", whole, halves);
    }

    #[test]
    fn no_weight_overshoots(stream in stream(), (features, label, _) in line(), exponent in -9.0_f32..18.0) {
        let (mut model, example) = on_one_scale(&stream, &features);
        let weight = 10.0_f32.powf(exponent);
        let sign = if label { 1.0 } else { -1.0 };
        let before = sign * model.learn(&example, label, weight);
        let after = sign * model.predict(&example);
        prop_assert!(before - 1e-4 <= after && after <= before.max(0.0) + 2.0 * weight.ln_1p() + 2.0);
    }

    #[test]
    fn places_stay_in_range(bits in 1..16_u32, hashes in prop::collection::vec(any::<u32>(), 1..9)) {
        let config = OnlineConfig { bits, quadratic: vec!["aa".into()], ..OnlineConfig::default() };
        let mut model = OnlineModel::new(&config).unwrap();
        let mut example = Example::new();
        for hash in hashes {
            example.namespace('a').push(hash, 1.0);
            prop_assert!(model.weight(hash).is_finite());
        }
        prop_assert_eq!(model.learn(&example, true, 1.0), 0.0);
        prop_assert!(model.predict(&example) > 0.0);
    }
}
