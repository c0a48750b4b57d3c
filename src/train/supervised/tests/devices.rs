//! What burn's training makes of several devices.

use burn::{
    data::dataloader::{DataLoaderIterator, Progress},
    data::dataset::DatasetError,
    module::{ModuleVisitor, Param},
    optim::{ModuleOptimizer, SgdConfig},
    train::{ExecutionStrategy, MultiDeviceOptim, TrainStep},
};

use super::*;
use crate::device;

const BATCH: usize = 64;

fn adamw() -> ModuleOptimizer {
    AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init()
}

/// Whether random numbers are drawn when a step asks for them. A device with a queue may draw them when it gets to it:
/// after another worker's seed.
fn draws_at_once() -> bool {
    device::is_host(&Device::default())
}

/// All weights, in the order of the model's parts.
fn weights(model: &Model) -> Vec<Vec<f32>> {
    struct Weights(Vec<Vec<f32>>);
    impl ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().into_data().iter().collect());
        }
    }
    let mut weights = Weights(Vec::new());
    model.visit(&mut weights);
    weights.0
}

/// The largest difference of a weight.
fn difference(one: &Model, other: &Model) -> f32 {
    let (one, other) = (weights(one).concat(), weights(other).concat());
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

/// A training of two epochs.
struct Training<'a> {
    folder: &'a Path,
    dataset: &'a Arc<Dataset>,
    accumulated: usize,
}

impl Training<'_> {
    fn run(&self, train: Arc<dyn DataLoader<SampleBatch>>, strategy: ExecutionStrategy) -> Model {
        let samples = self.dataset.samples_for(&TASKS, Split::Valid, CONTEXT).unwrap();
        let valid = DataLoaderBuilder::new(batcher(self.dataset)).batch_size(256).build(samples);
        let result = SupervisedTraining::new(self.folder.join("out"), train, valid)
            .metrics((LossMetric::new(),))
            .with_application_logger(None)
            .with_training_strategy(strategy.into())
            .grads_accumulation(self.accumulated)
            .num_epochs(2)
            .launch(Learner::new(with_loss(model()), adamw(), RATE));
        assert!(result.error.is_none());
        result.model.model
    }

    fn on(&self, devices: Vec<Device>, optim: MultiDeviceOptim) -> Model {
        self.run(Arc::new(epochs(self.dataset)), ExecutionStrategy::multi(devices, optim))
    }
}

/// Gives the batches of the halves of each epoch in turn.
struct Halves([Arc<dyn DataLoader<SampleBatch>>; 2]);

impl Halves {
    fn of(loader: &dyn DataLoader<SampleBatch>) -> Self {
        let (all, half) = (loader.num_items(), loader.num_items() / 2);
        assert_eq!(half.div_ceil(BATCH), (all - half).div_ceil(BATCH), "batches of each half");
        Self([loader.slice(0, half), loader.slice(half, all)])
    }
}

impl DataLoader<SampleBatch> for Halves {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<SampleBatch> + 'a> {
        let [first, second] = self.0.each_ref().map(|half| half.iter());
        Box::new(Turns { halves: [first, second], next: 0 })
    }

    fn num_items(&self) -> usize {
        self.0.iter().map(|half| half.num_items()).sum()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<SampleBatch>> {
        Arc::new(Self(self.0.each_ref().map(|half| half.to_device(device))))
    }

    fn slice(&self, _: usize, _: usize) -> Arc<dyn DataLoader<SampleBatch>> {
        unreachable!("one device takes all")
    }
}

struct Turns<'a> {
    halves: [Box<dyn DataLoaderIterator<SampleBatch> + 'a>; 2],
    next: usize,
}

impl Iterator for Turns<'_> {
    type Item = Result<SampleBatch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next += 1;
        self.halves[(self.next - 1) % 2].next()
    }
}

impl DataLoaderIterator<SampleBatch> for Turns<'_> {
    fn progress(&self) -> Progress {
        let [first, second] = self.halves.each_ref().map(|half| half.progress());
        let processed = first.items_processed + second.items_processed;
        Progress::new(processed, first.items_total + second.items_total, None)
    }
}

#[test]
fn two_devices_equal_one_that_accumulates_the_batches_of_both() {
    if !draws_at_once() {
        return;
    }
    let folder = TestFolder::new("supervised-devices");
    let dataset = world(folder.path());
    let training = |accumulated| Training { folder: folder.path(), dataset: &dataset, accumulated };
    let one = training(2).run(Arc::new(Halves::of(&epochs(&dataset))), ExecutionStrategy::single(Device::default()));
    assert!(difference(&one, &model()) > 1e-3);
    for optim in [MultiDeviceOptim::OptimMainDevice, MultiDeviceOptim::OptimSharded] {
        let two = training(1).on(vec![Device::default(); 2], optim);
        assert_eq!(weights(&two), weights(&one), "{optim:?}");
    }
}

#[cfg(all(feature = "flex", feature = "ndarray"))]
#[test]
#[allow(deprecated)] // burn-ndarray is, as a whole.
fn devices_of_two_backends_train_one_model() {
    let folder = TestFolder::new("supervised-backends");
    let dataset = world(folder.path());
    let training = Training { folder: folder.path(), dataset: &dataset, accumulated: 1 };
    let alike = training.on(vec![Device::flex(); 2], MultiDeviceOptim::OptimMainDevice);
    let mixed = training.on(vec![Device::flex(), Device::ndarray()], MultiDeviceOptim::OptimMainDevice);
    let difference = difference(&mixed, &alike);
    assert!(difference < 1e-5, "{difference}");
}

#[test]
fn the_gradients_of_devices_are_summed() {
    if !draws_at_once() {
        return;
    }
    let folder = TestFolder::new("supervised-sum");
    let dataset = world(folder.path());
    let all = sampler(&dataset).epoch_len();
    let loader = || EpochLoader::new(sampler(&dataset), batcher(&dataset), all, &Device::default());
    let rate = 0.5;
    let sgd = || SgdConfig::new().init();
    let samples = dataset.samples_for(&TASKS, Split::Valid, CONTEXT).unwrap();
    let valid = DataLoaderBuilder::new(batcher(&dataset)).batch_size(256).build(samples);
    let devices = ExecutionStrategy::multi(vec![Device::default(); 2], MultiDeviceOptim::OptimMainDevice);
    let result = SupervisedTraining::new(folder.path().join("out"), Arc::new(loader()), valid)
        .metrics((LossMetric::new(),))
        .with_application_logger(None)
        .with_training_strategy(devices.into())
        .num_epochs(1)
        .launch(Learner::new(with_loss(model()), sgd(), rate));
    assert!(result.error.is_none());

    let learner = with_loss(model());
    let step = |from, to| {
        let batch = loader().slice(from, to).to_device(&Device::default().autodiff()).iter().next().unwrap().unwrap();
        TrainStep::step(&learner, batch).grads
    };
    // Steps from the same start by each gradient, one after the other: by their sum.
    let moved = sgd().step(rate, learner.clone(), step(0, all / 2));
    let moved = sgd().step(rate, moved, step(all / 2, all)).valid().model;
    assert!(difference(&moved, &model()) > 1e-3);
    let difference = difference(&moved, &result.model.model);
    assert!(difference < 1e-6, "{difference}");
}
