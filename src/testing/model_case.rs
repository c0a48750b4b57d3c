//! Models of every head, trunk, signal and adapter, for the tests that compare ways to apply one.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device, Tensor, TensorData},
};
use rand::RngExt;

use super::every_head;
use crate::{
    nn::{
        Adapter, BodyConfig, HeadKind, LastPool, Model, ModelConfig, ModelFile, MotifConvConfig, MotifForm, Pooling,
        SignalInput, TaskMembers, TrunkConfig, ops::Strands,
    },
    random::stream,
};

/// The context of every case.
pub(crate) const CONTEXT_BP: usize = 124;
/// The tasks of every case.
pub(crate) const TASKS: usize = 3;
pub(crate) const SIGNALS: [SignalInput; 3] = [SignalInput::Absent, SignalInput::Channels, SignalInput::Means(4)];
pub(crate) const POOLINGS: [Pooling; 4] = [Pooling::Flatten, Pooling::Max, Pooling::Average, Pooling::Attention];
pub(crate) const ADAPTERS: [Adapter; 3] = [Adapter::None, Adapter::Linear, Adapter::Hidden(3)];

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
pub(crate) struct Case {
    pub(crate) head: HeadKind,
    pub(crate) body: BodyConfig,
    pub(crate) pooling: Pooling,
    pub(crate) signal: SignalInput,
    pub(crate) strands: Strands,
    pub(crate) adapter: Adapter,
    pub(crate) last_pool: LastPool,
    pub(crate) pool: usize,
    pub(crate) hidden: usize,
    pub(crate) members: usize,
    /// Whether each task has a member of its own.
    pub(crate) answers: bool,
    pub(crate) log_odds: bool,
    pub(crate) seed: u64,
}

impl Case {
    pub(crate) fn config(&self) -> ModelConfig {
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

    pub(crate) fn file(&self) -> ModelFile {
        let (config, device) = (self.config(), Device::default());
        let mut model = config.init(&device).map(&mut Stirred(self.seed));
        model.answers = if self.answers { Some(answers(self.members)) } else { None };
        let tasks = (0..TASKS).map(|task| task.to_string()).collect();
        ModelFile { config, tasks, inputs: None, model }
    }

    /// A sequence with N, and its accessibility, with runs or without.
    pub(crate) fn sequence(&self, length: usize, index: u64) -> (Vec<u8>, Vec<f32>) {
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
pub(crate) fn every_case() -> Vec<Case> {
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
