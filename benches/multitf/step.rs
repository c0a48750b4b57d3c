//! A forward pass and a training step of whole models.

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Int, Tensor, TensorData},
};
use criterion::{Criterion, Throughput};
use multitf::{
    data::HostBatch,
    genome::Label,
    nn::{
        BodyConfig, LastPool, MaskedMultiTaskBce, MaskedMultiTaskBceConfig, Model, ModelConfig, MotifConvConfig,
        Pooling, SignalInput, TrunkConfig, ops::Strands,
    },
    train::AdamWConfig,
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// A model and a batch; positions that are less than a pool are dropped, as other libraries do.
#[derive(Clone)]
pub struct Shape {
    pub name: &'static str,
    pub batch: usize,
    pub context_bp: usize,
    pub motifs: usize,
    pub width: usize,
    pool: usize,
    strands: Strands,
    signal: SignalInput,
    hidden: usize,
    pub tasks: usize,
    dropout: f64,
    /// Layers of the dilated body.
    layers: usize,
    /// The share of bases at which the signal changes.
    changes: f64,
}

/// That of the accessibility track of the yeast results.
const RUNS: f64 = 0.064;

/// The shallow network of the challenge.
const A: Shape = Shape {
    name: "A",
    batch: 64,
    context_bp: 1000,
    motifs: 128,
    width: 26,
    pool: 13,
    strands: Strands::Forward,
    signal: SignalInput::Channels,
    hidden: 128,
    tasks: 32,
    dropout: 0.2,
    layers: 0,
    changes: RUNS,
};

/// The one that does well on yeast.
const C: Shape = Shape {
    name: "C",
    batch: 128,
    context_bp: 318,
    width: 19,
    pool: 0,
    strands: Strands::Both,
    signal: SignalInput::Means(6),
    hidden: 256,
    tasks: 49,
    dropout: 0.0,
    ..A
};

/// The same for many tasks: on request only.
pub const C1000: Shape = Shape { name: "C1000", tasks: 1000, ..C };

/// A: the shallow network of the challenge. A1: the same with a signal that changes at every base. A10: with pools of
/// which whole ones lie in a stride. B: a dilated residual network. C: the one for yeast.
pub const SHAPES: &[Shape] = &[
    A,
    Shape { name: "A1", changes: 1.0, ..A },
    Shape { name: "A10", pool: 10, ..A },
    Shape { name: "B", motifs: 64, width: 21, pool: 4, dropout: 0.0, layers: 5, ..A },
    C,
];

/// Random sequence, signal and labels.
#[derive(Clone)]
pub struct Input {
    pub codes: Tensor<2, Int>,
    pub signal: Tensor<3>,
    targets: Tensor<2>,
    observed: Tensor<2>,
}

impl Shape {
    pub fn model(&self) -> Model {
        self.config().init(&Device::default())
    }

    pub fn config(&self) -> ModelConfig {
        let channels = usize::from(self.signal == SignalInput::Channels);
        let conv = MotifConvConfig::new(self.motifs, self.width).with_channels(channels).with_strands(self.strands);
        let trunk = TrunkConfig::new(self.context_bp, conv)
            .with_pool(self.pool)
            .with_last_pool(LastPool::Dropped)
            .with_signal(self.signal)
            .with_hidden(self.hidden)
            .with_motif_dropout(self.dropout);
        let body = BodyConfig::Dilated { channels: self.motifs, layers: self.layers, kernel: 3 };
        let trunk = if self.layers > 0 { trunk.with_body(body).with_pooling(Pooling::Average) } else { trunk };
        ModelConfig::new(trunk, self.tasks)
    }

    pub fn input(&self, device: &Device) -> Input {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let labels = [self.batch, self.tasks];
        let targets = coins(&mut random, self.batch * self.tasks, 0.05);
        let observed = coins(&mut random, self.batch * self.tasks, 0.35);
        let signal = self.signal(&mut random);
        let codes: Vec<i32> = (0..self.batch * self.context_bp).map(|_| random.random_range(0..4)).collect();
        Input {
            codes: Tensor::from_data(TensorData::new(codes, [self.batch, self.context_bp]), device),
            signal: Tensor::from_data(TensorData::new(signal, [self.batch, 1, self.context_bp]), device),
            targets: Tensor::from_data(TensorData::new(targets, labels), device),
            observed: Tensor::from_data(TensorData::new(observed, labels), device),
        }
    }

    /// As [`Shape::input`], in the host's memory.
    pub fn host(&self) -> HostBatch {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut label = |_| match (random.random_bool(0.35), random.random_bool(0.05)) {
            (false, _) => Label::Missing,
            (true, bound) => [Label::Unbound, Label::Bound][usize::from(bound)],
        };
        let labels = (0..self.batch * self.tasks).map(&mut label).collect();
        let signal = self.signal(&mut random);
        let codes = (0..self.batch * self.context_bp).map(|_| random.random_range(0..4)).collect();
        HostBatch { size: self.batch, codes, signal, labels, weights: vec![1.0; self.batch] }
    }

    fn signal(&self, random: &mut Xoshiro256PlusPlus) -> Vec<f32> {
        let changes = coins(random, self.batch * self.context_bp, self.changes);
        let mut value = 0.0;
        let follow = |change: &f32| {
            value = if *change == 1.0 { random.random_range(0.0..3.0) } else { value };
            value
        };
        changes.iter().map(follow).collect()
    }

    pub fn pool_positions(&self) -> usize {
        if self.pool == 0 { self.context_bp - self.width + 1 } else { self.pool }
    }

    pub fn scanned(&self, input: &Input) -> Option<Tensor<3>> {
        (self.signal == SignalInput::Channels).then(|| input.signal.clone())
    }
}

/// Ones, a share of all, and zeros.
fn coins(random: &mut Xoshiro256PlusPlus, count: usize, share: f64) -> Vec<f32> {
    (0..count).map(|_| if random.random_bool(share) { 1.0 } else { 0.0 }).collect()
}

/// A model in training on one batch.
pub struct Training {
    /// None only while the optimizer has it: it changes weights in place that nobody else holds.
    model: Option<Model>,
    optimizer: ModuleOptimizer,
    loss: MaskedMultiTaskBce,
    input: Input,
}

impl Training {
    pub fn new(shape: &Shape) -> Self {
        Self {
            model: Some(shape.model().train()),
            optimizer: AdamWConfig::new().init(),
            loss: MaskedMultiTaskBceConfig::new().init(),
            input: shape.input(&Device::default().autodiff()),
        }
    }

    /// A forward pass, a backward pass, and a step of the optimizer; returns the loss.
    pub fn step(&mut self) -> f32 {
        let Input { codes, signal, targets, observed } = self.input.clone();
        let model = self.model.take().expect("a step puts the model back");
        let logits = model.bound_log_odds(codes, Some(signal));
        let loss = self.loss.forward(logits, targets, observed, None);
        let value = loss.clone().detach().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(1e-3, model, gradients));
        value
    }
}

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model");
    for shape in SHAPES {
        let input = shape.input(&Device::default());
        group.throughput(Throughput::Elements(shape.batch as u64));
        let model = shape.model();
        group.bench_function(format!("{}/forward", shape.name), |bencher| {
            bencher.iter(|| model.bound_log_odds(input.codes.clone(), Some(input.signal.clone())).into_data());
        });
        let mut training = Training::new(shape);
        group.bench_function(format!("{}/training step", shape.name), |bencher| bencher.iter(|| training.step()));
    }
    group.finish();
}
