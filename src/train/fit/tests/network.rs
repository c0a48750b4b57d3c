//! Custom networks.

use burn::{
    module::{Module, Param},
    nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig},
    tensor::activation::log_sigmoid,
};

use super::*;
use crate::{
    nn::{MotifConv, MotifConvConfig, NetworkFile},
    testing::Wrapped,
};

/// The best of each motif in the context, and a linear layer.
#[derive(Module, Debug)]
struct Plain {
    motifs: MotifConv,
    linear: Linear,
    #[module(skip)]
    classes: usize,
}

impl Plain {
    fn new(tasks: usize) -> Self {
        Self::with_classes(tasks, 1)
    }

    fn with_classes(tasks: usize, classes: usize) -> Self {
        let device = Device::default();
        let linear = LinearConfig::new(6, tasks * classes).with_bias(false).init(&device);
        // Starting weights that do not depend on burn's random state.
        let weight: Vec<f32> = (0..6 * tasks * classes).map(|index| (index * index % 7) as f32 / 20.0 - 0.1).collect();
        let weight = Param::from_data(burn::tensor::TensorData::new(weight, [6, tasks * classes]), &device);
        Self { motifs: MotifConvConfig::new(6, 9).init(&device), linear: Linear { weight, ..linear }, classes }
    }
}

impl Network for Plain {
    fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
        let [batch, length] = codes.dims();
        let outputs = self.linear.forward(self.motifs.forward(codes, None, length - 8).squeeze_dim(2));
        let [_, all] = outputs.dims();
        outputs.reshape([batch, all / self.classes, self.classes])
    }

    fn context_bp(&self) -> usize {
        220
    }

    fn tasks(&self) -> usize {
        self.linear.weight.dims()[1] / self.classes
    }
}

/// The same with features that have a mean of 0 and a variance of 1 in each batch, and by running means afterwards.
#[derive(Module, Debug)]
struct Normed {
    plain: Plain,
    norm: BatchNorm,
}

impl Network for Normed {
    fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
        let length = codes.dims()[1];
        let features = self.norm.forward(self.plain.motifs.forward(codes, None, length - 8));
        self.plain.linear.forward(features.squeeze_dim::<2>(2)).unsqueeze_dim(2)
    }

    fn context_bp(&self) -> usize {
        self.plain.context_bp()
    }

    fn tasks(&self) -> usize {
        self.plain.tasks()
    }
}

#[test]
fn running_means_are_those_of_the_best_weights() {
    let folder = TestFolder::new("fit-normed");
    let (dataset, config, tasks) = (world(&folder), config(), [0, 3]);
    let own = || {
        let network = Normed { plain: Plain::new(2), norm: BatchNormConfig::new(6).init(&Device::default()) };
        let spoiling = |done: f64| if done < 0.3 { 1e-3 } else { 0.5 };
        fit(&dataset, &config, &tasks, 1).with_network("normed", network).with_schedule("spoiling", spoiling)
    };
    // The running means of a batch depend on all its samples, those without labels as well.
    let error = own().run().unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::SequenceHasInfluence, .. }), "{error}");
    let fitted = own().without_audit().run().unwrap();
    let samples = dataset.samples_for(&tasks, Split::Valid, 220).unwrap();
    let tracks =
        predict_samples(&fitted.model, &dataset, &tasks, samples).unwrap().average_precisions(&dataset).unwrap();
    let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
    let found = scored.iter().sum::<f64>() / scored.len() as f64;
    let history: Vec<f64> = fitted.history.iter().map(|validation| validation.average_precision).collect();
    assert!((found - fitted.average_precision).abs() < 1e-9, "{found} {history:?}");
    assert!(history.last().is_some_and(|last| *last < fitted.average_precision), "{history:?}");
}

fn plain_weights<C>(fitted: &Fitted<Plain, C>) -> Vec<f32> {
    let Plain { motifs, linear, .. } = &fitted.model;
    let parts = [motifs.weight.val().into_data(), linear.weight.val().into_data()];
    parts.iter().flat_map(|data| data.iter::<f32>().collect::<Vec<_>>()).collect()
}

#[test]
fn a_network_that_wraps_a_model_learns_what_the_model_does() {
    let folder = TestFolder::new("fit-wrapped");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 3, 5]);
    config.training.budget = 1_500;
    config.training.sampler.correction = PriorCorrection::None;
    config.training.bound_weight = 2.0;
    let model = fit(&dataset, &config, &tasks, 1).run().unwrap().model;
    let started = fit(&dataset, &config, &tasks, 2).with_pretrained("model", model.clone()).run().unwrap();
    let wrapped = fit(&dataset, &config, &tasks, 2).with_network("wrapped", Wrapped { model }).run().unwrap();
    assert_eq!((wrapped.config.as_str(), &wrapped.tasks), ("wrapped", &started.tasks));
    assert_eq!(wrapped.inputs, started.inputs);
    let scores = |history: &[Validation]| -> Vec<_> {
        history.iter().map(|v| (v.draws, v.training_loss, v.average_precision)).collect()
    };
    assert_eq!(scores(&wrapped.history), scores(&started.history));
    assert!(wrapped.conflicts.is_none() && started.conflicts.is_some());
    let wrapped = Fitted { model: wrapped.model.model, config: started.config.clone(), ..empty(&started) };
    assert!(weights(&wrapped) == weights(&started));
    let bias = |fitted: &Fitted| linear(fitted).bias.as_ref().unwrap().val().into_data();
    assert_eq!(bias(&wrapped), bias(&started));
}

/// All of a result but the model and its configuration.
fn empty(fitted: &Fitted) -> Fitted {
    Fitted {
        model: fitted.model.clone(),
        config: fitted.config.clone(),
        tasks: fitted.tasks.clone(),
        inputs: fitted.inputs.clone(),
        history: Vec::new(),
        average_precision: 0.0,
        draws: 0,
        network_draws: 0,
        seconds: 0.0,
        cpu_seconds: None,
        conflicts: None,
    }
}

#[test]
fn a_custom_network_is_trained_audited_and_saved() {
    let folder = TestFolder::new("fit-network");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 3]);
    config.training.budget = 2_000;
    config.training.balance = Balance::Entropy(EntropyConfig::default());
    let run = folder.path().join("run");
    let own = || fit(&dataset, &config, &tasks, 1).with_network("plain", Plain::new(2));
    let fitted = own().with_folder(&run).run().unwrap();
    let losses: Vec<f64> = fitted.history.iter().map(|validation| validation.training_loss).collect();
    assert!(fitted.average_precision >= fitted.history[0].average_precision);
    assert!(losses.len() == 3 && losses[1] > losses[2], "{losses:?}");
    let new = |tasks: &[String]| Plain::new(tasks.len());
    let file = NetworkFile::open(run.join("model.safetensors"), "plain", new, &Device::default()).unwrap();
    assert_eq!((&file.tasks, file.inputs.as_ref()), (&fitted.tasks, Some(&fitted.inputs)));
    let samples = dataset.samples(Split::Valid, 220).unwrap();
    let expected = predict_samples(&fitted.model, &dataset, &tasks, samples).unwrap();
    assert_eq!(file.predict(&dataset, Split::Valid).unwrap().logits, expected.logits);
    let forgetful = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let logits: Tensor<2> = logits.squeeze_dim(2);
        let bound = labels.equal_elem(Label::Bound as i32).float();
        (log_sigmoid(logits.clone()) - (bound.neg() + 1.0) * logits).neg().mean()
    };
    config.training.balance = Balance::Equal;
    let own = fit(&dataset, &config, &tasks, 1).with_network("plain", Plain::new(2));
    let error = own.with_loss("forgetful", forgetful).run().unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::MissingHasInfluence, .. }), "{error}");
}

#[test]
fn what_a_network_cannot_do_is_refused_before_the_first_step() {
    let folder = TestFolder::new("fit-network-refused");
    let (dataset, config, run) = (world(&folder), config(), folder.path().join("run"));
    let message = |change: &dyn Fn(&mut RunConfig), network: Plain| {
        let mut config = config.clone();
        change(&mut config);
        let own = fit(&dataset, &config, &[0, 3], 1).with_network("plain", network);
        own.with_folder(&run).run().unwrap_err().to_string()
    };
    let tasks = message(&|_| (), Plain::new(3));
    assert_eq!(tasks, "the network plain: its tasks: expected 2, found 3");
    let classes = message(&|_| (), Plain::with_classes(2, 2));
    assert_eq!(classes, "the network plain: its logits of 2 samples: expected shape [2, 2, 1], found shape [2, 2, 2]");
    let shift = "a network that undoes it (Network::shifted), or correction = \"weight\" and bound_weight = 1";
    assert!(message(&|config| config.training.bound_weight = 2.0, Plain::new(2)).contains(shift));
    assert!(
        message(&|config| config.training.sampler.correction = PriorCorrection::None, Plain::new(2)).contains(shift)
    );
    let gradients =
        message(&|config| config.training.balance = Balance::Cagrad(CaGradConfig::default()), Plain::new(2));
    assert!(gradients.contains("one of losses, where the network is your own"), "{gradients}");
    let mut spoiled = Plain::new(2);
    spoiled.linear.weight = spoiled.linear.weight.map(|weight| weight * f32::NAN);
    assert_eq!(message(&|_| (), spoiled), "the network plain: linear.weight: expected finite weights, found NaN");
    assert!(!run.exists());
}

#[test]
#[should_panic(expected = "with_network comes before with_pretrained and with_penalty")]
fn a_penalty_on_another_model_is_not_dropped_silently() {
    let folder = TestFolder::new("fit-network-order");
    let (dataset, config) = (world(&folder), config());
    let penalised = fit(&dataset, &config, &[0], 1).with_penalty("none", |_| unreachable!());
    let _ = penalised.with_network("plain", Plain::new(1));
}

#[test]
fn a_resumed_run_with_custom_parts_equals_an_uninterrupted_one() {
    use burn::optim::{AdamConfig, SgdConfig, momentum::MomentumConfig};
    let folder = TestFolder::new("fit-network-resume");
    let (dataset, config, tasks) = (world(&folder), config(), [0, 3]);
    let sgd = || SgdConfig::new().with_momentum(Some(MomentumConfig::new())).init();
    for (name, optimizer) in [("Adam", AdamConfig::new().init()), ("SGD", sgd())] {
        let own = || {
            fit(&dataset, &config, &tasks, 1)
                .with_network("plain", Plain::new(2))
                .with_penalty("L1", |network| network.motifs.weight.val().abs().mean() * 0.1)
                .with_schedule("linear", |done: f64| 0.02 * (1.0 - done))
                .with_optimizer(name, optimizer.clone())
        };
        let whole = own().run().unwrap();
        let run = folder.path().join(name);
        let interrupted = catch_unwind(AssertUnwindSafe(|| {
            own().with_folder(&run).with_observer(|progress| assert!(progress.draws < 2_500, "interrupted")).run()
        }));
        assert!(interrupted.is_err());
        let resumed = own().with_folder(&run).run().unwrap();
        let rates: Vec<f64> = whole.history.iter().map(|validation| validation.learning_rate).collect();
        assert!(rates[1..].is_sorted_by(|a, b| a > b), "{rates:?}");
        assert_eq!(whole.history.len(), resumed.history.len());
        for (whole, resumed) in whole.history.iter().zip(&resumed.history) {
            assert_eq!((whole.training_loss, &whole.tracks), (resumed.training_loss, &resumed.tracks));
        }
        assert!(plain_weights(&whole) == plain_weights(&resumed), "{name}");
    }
}
