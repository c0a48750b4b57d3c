//! A predictor returns what a batch of the same sequences does.

use burn::{
    module::{ModuleMapper, Param},
    tensor::{Tensor, TensorData},
};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    nn::{
        Adapter, BodyConfig, HeadKind, LastPool, ModelConfig, ModelFile, MotifConvConfig, MotifForm, Pooling,
        Precision, SignalInput, TaskMembers, TrunkConfig, ops::Strands,
    },
    random::stream,
    testing::{cases, every_head, some_of},
};

const CONTEXT_BP: usize = 124;
const TASKS: usize = 3;
const SIGNALS: [SignalInput; 3] = [SignalInput::Absent, SignalInput::Channels, SignalInput::Means(4)];
const POOLINGS: [Pooling; 4] = [Pooling::Flatten, Pooling::Max, Pooling::Average, Pooling::Attention];
const ADAPTERS: [Adapter; 3] = [Adapter::None, Adapter::Linear, Adapter::Hidden(3)];

fn bodies() -> [BodyConfig; 5] {
    [
        BodyConfig::Shallow,
        BodyConfig::Parallel { widths: vec![8, 3] },
        BodyConfig::Plain { channels: 37, blocks: 2, kernel: 3 },
        BodyConfig::Dilated { channels: 5, layers: 2, kernel: 3 },
        BodyConfig::Dilated { channels: 20, layers: 2, kernel: 5 },
    ]
}

/// Adds random numbers to all parameters, of which some would be 0.
struct Stirred(u64);

impl ModuleMapper for Stirred {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let mut random = stream(&[self.0]);
        param.map(|values| {
            let noise = (0..values.shape().num_elements()).map(|_| random.random_range(-0.1..0.1_f32)).collect();
            let noise = Tensor::from_data(TensorData::new::<f32, _>(noise, values.shape()), &values.device());
            values + noise
        })
    }
}

/// What a model consists of.
#[derive(Clone, Debug)]
struct Case {
    head: HeadKind,
    body: BodyConfig,
    pooling: Pooling,
    signal: SignalInput,
    strands: Strands,
    adapter: Adapter,
    last_pool: LastPool,
    pool: usize,
    hidden: usize,
    members: usize,
    /// Whether each task has a member of its own.
    answers: bool,
    log_odds: bool,
    seed: u64,
}

impl Case {
    fn config(&self) -> ModelConfig {
        let form =
            if self.log_odds { MotifForm::LogOdds { background: [0.3, 0.2, 0.2, 0.3] } } else { MotifForm::Free };
        let conv = MotifConvConfig::new(20, 9)
            .with_channels(usize::from(self.signal == SignalInput::Channels))
            .with_strands(self.strands)
            .with_form(form)
            .with_seed(self.seed);
        let trunk = TrunkConfig::new(CONTEXT_BP, conv)
            .with_pool(self.pool)
            .with_last_pool(self.last_pool)
            .with_body(self.body.clone())
            .with_pooling(self.pooling)
            .with_signal(self.signal)
            .with_hidden(self.hidden);
        ModelConfig::new(trunk, TASKS)
            .with_head(self.head.clone())
            .with_adapter(self.adapter)
            .with_members(self.members)
    }

    fn file(&self) -> ModelFile {
        let (config, device) = (self.config(), Device::default());
        let mut model = config.init(&device).map(&mut Stirred(self.seed));
        model.answers = if self.answers { Some(answers(self.members)) } else { None };
        let tasks = (0..TASKS).map(|task| task.to_string()).collect();
        ModelFile { config, tasks, inputs: None, model }
    }

    /// A sequence with N, and its accessibility, with runs or without.
    fn sequence(&self, length: usize, index: u64) -> (Vec<u8>, Vec<f32>) {
        let mut random = stream(&[self.seed, index]);
        let letters = (0..length).map(|_| b"ACGTacgtNR"[random.random_range(0..10)]).collect();
        let changes = if index.is_multiple_of(2) { 0.1 } else { 1.0 };
        let mut value = 1.0;
        let signal = (0..length).map(|_| {
            value = if random.random_bool(changes) { random.random_range(0.0..4.0) } else { value };
            value
        });
        (letters, signal.collect())
    }

    /// Compares the predictor with the batch, for sequences of some lengths.
    fn check(&self, lengths: &[usize]) {
        let file = self.file();
        let mut predictor = file.predictor().unwrap();
        assert!(matches!(predictor.network, Prepared::Host(..)));
        let sequences: Vec<_> = (0..).zip(lengths).map(|(index, length)| self.sequence(*length, index)).collect();
        let (letters, signal): (Vec<_>, Vec<_>) = sequences.into_iter().unzip();
        let signal = (self.signal != SignalInput::Absent).then_some(signal);
        let expected = file.score(&letters, signal.as_deref()).unwrap();
        for (index, letters) in letters.iter().enumerate() {
            let signal = signal.as_ref().map(|signal| signal[index].as_slice());
            let found = predictor.predict(letters, signal).unwrap();
            for (found, expected) in found.iter().zip(&expected.values) {
                let (expected, found) = (expected[index], *found);
                let near = (found - expected).abs() <= 1e-5 * (1.0 + expected.abs());
                assert!(near, "{self:?}: expected {expected}, found {found}");
            }
        }
    }
}

/// A member for each task, in turn.
fn answers(members: usize) -> TaskMembers {
    let own = |member: usize| (0..TASKS).filter(|task| task % members == member).collect::<Vec<_>>();
    let trunk = TrunkConfig::new(9, MotifConvConfig::new(1, 9)).with_hidden(1);
    let part = |member| (ModelConfig::new(trunk.clone(), own(member).len()).init(&Device::default()), own(member));
    let parts: Vec<_> = (0..members).map(part).collect();
    Model::joined(&parts).unwrap().answers.unwrap()
}

/// Every head on every trunk with every signal, strands and members; what else there is comes in turn.
fn every_case() -> Vec<Case> {
    let mut all = Vec::new();
    for head in every_head() {
        for body in bodies() {
            for signal in SIGNALS {
                for strands in [Strands::Forward, Strands::Both] {
                    for (members, answers) in [(1, false), (2, false), (2, true)] {
                        let turn = all.len();
                        all.push(Case {
                            head: head.clone(),
                            body: body.clone(),
                            signal,
                            strands,
                            members,
                            answers,
                            pooling: POOLINGS[turn / 3 % 4],
                            adapter: ADAPTERS[turn / 7 % 3],
                            last_pool: [LastPool::Shorter, LastPool::Dropped][turn / 5 % 2],
                            pool: [3, 4, 2][turn / 11 % 3],
                            hidden: [7, 40, 0][turn / 13 % 3],
                            log_odds: turn % 17 == 0,
                            seed: turn as u64,
                        });
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_head_trunk_signal_strand_and_member_predicts_as_in_a_batch() {
    let all = every_case();
    assert_eq!(all.len(), 8 * 5 * 3 * 2 * 3);
    let step = all.len().div_ceil(some_of(all.len() as u32) as usize);
    for case in all.iter().step_by(step) {
        case.check(&[CONTEXT_BP, 41, CONTEXT_BP]);
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
            case.check(&lengths);
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
