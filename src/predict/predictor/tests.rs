//! A predictor returns what a batch of the same sequences does.

use proptest::prelude::*;

use super::*;
use crate::{
    nn::{LastPool, ModelConfig, ModelFile, MotifConvConfig, Precision, SignalInput, TrunkConfig},
    testing::{
        cases,
        model_case::{ADAPTERS, CONTEXT_BP, Case, POOLINGS, every_case},
        some_of,
    },
};

/// Compares the predictor with the batch, for sequences of some lengths.
fn check(case: &Case, lengths: &[usize]) {
    let file = case.file();
    let mut predictor = file.predictor().unwrap();
    assert!(matches!(predictor.network, Prepared::Host(..)));
    let sequences: Vec<_> = (0..).zip(lengths).map(|(index, length)| case.sequence(*length, index)).collect();
    let (letters, signal): (Vec<_>, Vec<_>) = sequences.into_iter().unzip();
    let signal = (case.signal != SignalInput::Absent).then_some(signal);
    let expected = file.score(&letters, signal.as_deref()).unwrap();
    for (index, letters) in letters.iter().enumerate() {
        let signal = signal.as_ref().map(|signal| signal[index].as_slice());
        let found = predictor.predict(letters, signal).unwrap();
        for (found, expected) in found.iter().zip(&expected.values) {
            let (expected, found) = (expected[index], *found);
            let near = (found - expected).abs() <= 1e-5 * (1.0 + expected.abs());
            assert!(near, "{case:?}: expected {expected}, found {found}");
        }
    }
}

#[test]
fn every_head_trunk_signal_strand_and_member_predicts_as_in_a_batch() {
    let all = every_case();
    assert_eq!(all.len(), 8 * 5 * 3 * 2 * 3);
    let step = all.len().div_ceil(some_of(all.len() as u32) as usize);
    for case in all.iter().step_by(step) {
        check(case, &[CONTEXT_BP, 41, CONTEXT_BP]);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn sequences_of_any_length_are_predicted_as_in_a_batch(
        index in any::<prop::sample::Index>(),
        lengths in prop::collection::vec(1..=CONTEXT_BP, 1..4),
        (pool, hidden, pooling, adapter) in (1..6_usize, 0..70_usize, 0..4_usize, 0..3_usize),
        (last, log_odds, seed) in (any::<bool>(), any::<bool>(), any::<u64>()),
    ) {
        let all = every_case();
        let case = Case {
            pool,
            hidden,
            pooling: POOLINGS[pooling],
            adapter: ADAPTERS[adapter],
            last_pool: if last { LastPool::Shorter } else { LastPool::Dropped },
            log_odds,
            seed: seed / 2,
            ..all[index.index(all.len())].clone()
        };
        if case.config().validate().is_ok() {
            check(&case, &lengths);
        }
    }
}

fn small(signal: SignalInput) -> ModelFile {
    let conv = MotifConvConfig::new(3, 5).with_channels(usize::from(signal == SignalInput::Channels));
    let trunk = TrunkConfig::new(8, conv).with_signal(signal).with_hidden(4);
    let config = ModelConfig::new(trunk, 2);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: vec!["A".into(), "B".into()], inputs: None, model }
}

#[test]
fn a_signal_does_not_reach_the_next_sequence() {
    let file = small(SignalInput::Means(2));
    let mut predictor = file.predictor().unwrap();
    let alone = predictor.predict("ACG", Some(&[1.0, 2.0, 0.5])).unwrap().to_vec();
    predictor.predict("ACGTACGT", Some(&[9.0; 8])).unwrap();
    assert_eq!(predictor.predict("ACG", Some(&[1.0, 2.0, 0.5])).unwrap(), alone);
    let mut clone = predictor.clone();
    let elsewhere = std::thread::spawn(move || clone.predict("ACG", Some(&[1.0, 2.0, 0.5])).unwrap().to_vec());
    assert_eq!(elsewhere.join().unwrap(), alone);
}

#[test]
fn what_does_not_fit_is_refused() {
    let message = |file: &ModelFile, letters: &str, signal: Option<&[f32]>| {
        file.predictor().unwrap().predict(letters, signal).unwrap_err().to_string()
    };
    let bare = small(SignalInput::Absent);
    let scored = |letters: &str| bare.score(&[letters], None).unwrap_err().to_string();
    for letters in ["", "ACGTACGTA", "AC!T"] {
        assert_eq!(message(&bare, letters, None), scored(letters).replace("sequence 0", "the sequence"));
    }
    assert!(message(&bare, "ACG", Some(&[0.0; 3])).contains("as the model reads none"));
    let open = small(SignalInput::Channels);
    assert!(message(&open, "ACG", None).starts_with("the tracks of accessibility that the model reads"));
    assert!(message(&open, "ACG", Some(&[0.0; 2])).contains("3 values, one for each base"));
    assert!(message(&open, "ACG", Some(&[0.0, f32::NAN, 0.0])).contains("finite numbers"));
    let unnamed = ModelFile { tasks: vec!["A".into()], ..bare };
    assert!(unnamed.predictor().unwrap_err().to_string().starts_with("the names of a model's tasks"));
}

#[test]
fn several_tracks_are_refused() {
    let conv = MotifConvConfig::new(3, 5).with_channels(2);
    let trunk = TrunkConfig::new(8, conv).with_signal(SignalInput::Channels).with_tracks(2);
    let model = ModelConfig::new(trunk, 1).init(&Device::default());
    let error = Predictor::new(&model, SignalTransform::None).unwrap_err().to_string();
    assert!(error.contains("expected 2, found 1"), "{error}");
}

#[test]
fn layers_of_16_bits_run_on_the_device() {
    if Precision::Bf16.check(&Device::default()).is_err() {
        return;
    }
    let mut file = small(SignalInput::Means(2));
    file.config.trunk.precision = Precision::Bf16;
    file.model = file.config.init(&Device::default());
    let mut predictor = file.predictor().unwrap();
    assert!(matches!(predictor.network, Prepared::Device(..)));
    let signal = vec![1.0, 2.0, 0.5];
    let expected = file.score(&["ACG"], Some(std::slice::from_ref(&signal))).unwrap().values.concat();
    assert_eq!(predictor.predict("ACG", Some(&signal)).unwrap(), expected);
}
