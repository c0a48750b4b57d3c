//! Runs in a small world.

mod balance;
mod damage;
mod diverged;
mod identity;
mod initialization;
mod memory;
mod network;
mod odds;
mod parts;
mod pretrained;
mod refused;

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use burn::tensor::{Int, Tensor};

use super::*;
use crate::{
    data::PriorCorrection,
    genome::Label,
    nn::{Adapter, Architecture, Head, HeadKind, MaskFault, Precision, SigmoidHead, TaskMean},
    predict::predict_samples,
    simulate::{SimulationConfig, simulate},
    testing::TestFolder,
    train::{
        FineTuning, TrainingConfig,
        balance::{Balance, CaGradConfig, EntropyConfig},
    },
};

fn world(folder: &TestFolder) -> Dataset {
    let config = SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() };
    simulate(&config, folder.path()).unwrap();
    Dataset::open(folder.path().join("dataset.toml")).unwrap()
}

fn config() -> RunConfig {
    RunConfig {
        architecture: Architecture { context_bp: 240, motifs: 16, hidden: 16, pool: 74, ..Architecture::default() },
        training: TrainingConfig { budget: 4_100, batch_size: 64, validate_every: 1_000, ..TrainingConfig::default() },
        ..RunConfig::default()
    }
}

fn linear(fitted: &Fitted) -> &burn::nn::Linear {
    let Head::Sigmoid(SigmoidHead { linear }) = &fitted.model.head else { unreachable!() };
    linear
}

fn weights(fitted: &Fitted) -> Vec<u8> {
    let mut bytes = Vec::new();
    for tensor in [fitted.model.trunk.conv.weight.val().into_data(), linear(fitted).weight.val().into_data()] {
        bytes.extend_from_slice(tensor.as_bytes());
    }
    bytes
}

/// Checks that motifs and head are those of another run but for rounding.
fn assert_near(a: &Fitted, b: &Fitted) {
    let values = |fitted: &Fitted| {
        let parts = [fitted.model.trunk.conv.weight.val().into_data(), linear(fitted).weight.val().into_data()];
        parts.iter().flat_map(|data| data.iter::<f32>().collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    for (a, b) in values(a).iter().zip(values(b)) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

/// Nothing drops out: in which order numbers are drawn for it may depend on what else is computed.
fn config_without_dropout() -> RunConfig {
    let mut config = config();
    (config.architecture.motif_dropout, config.architecture.hidden_dropout) = (0.0, 0.0);
    config
}

fn scores(fitted: &Fitted) -> Vec<(usize, f64, f64)> {
    fitted.history.iter().map(|v| (v.draws, v.training_loss, v.average_precision)).collect()
}

fn fit<'a>(dataset: &'a Dataset, config: &'a RunConfig, tasks: &'a [usize], seed: u64) -> Fit<'a> {
    Fit::new(dataset, tasks, config, seed, &Device::default())
}

#[test]
fn equal_seeds_give_equal_weights_and_others_do_not() {
    let folder = TestFolder::new("fit-seeds");
    let (dataset, config, tasks) = (world(&folder), config(), [0, 3, 5]);
    let [a, b, c] = [1, 1, 2].map(|seed| fit(&dataset, &config, &tasks, seed).run().unwrap());
    assert_eq!(scores(&a), scores(&b));
    assert!(weights(&a) == weights(&b));
    assert!(weights(&a) != weights(&c));
    assert_eq!((a.draws, a.history.len()), (4_100, 5));
}

/// Runs until a number of draws, and is stopped there the hard way.
fn interrupt(dataset: &Dataset, config: &RunConfig, tasks: &[usize], folder: &Path, at: usize) {
    let stopped = catch_unwind(AssertUnwindSafe(|| {
        fit(dataset, config, tasks, 1)
            .with_folder(folder)
            .with_observer(|progress| assert!(progress.draws < at, "interrupted"))
            .run()
    }));
    assert!(stopped.is_err());
}

#[test]
fn each_member_learns_as_if_it_were_alone() {
    let folder = TestFolder::new("fit-members");
    let (dataset, mut config, tasks) = (world(&folder), config_without_dropout(), [0, 3, 5]);
    config.training.budget = 512;
    let alone = fit(&dataset, &config, &tasks, 1).run().unwrap();
    config.architecture.members = 2;
    let run = folder.path().join("run");
    let both = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
    assert_near(&both, &alone);
    let [first, second] = [&both.model, &both.model.others[0]].map(|member| member.trunk.conv.weight.val().into_data());
    assert_ne!(first, second);
    assert_eq!(both.draws, alone.draws);
    // What was saved says the mean of both.
    let saved = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
    let samples = dataset.samples(Split::Valid, 240).unwrap();
    let of = |model: &Model| predict_samples(model, &dataset, &tasks, samples.clone()).unwrap().logits.concat();
    let first = Model { others: Vec::new(), ..both.model.clone() };
    let (first, second) = (of(&first), of(&both.model.others[0]));
    for (mean, sum) in of(&saved.model).iter().zip(first.iter().zip(&second).map(|(a, b)| a + b)) {
        assert!((mean - sum / 2.0).abs() < 1e-5 * (1.0 + mean.abs()), "{mean} {sum}");
    }
    config.training.balance = Balance::Entropy(EntropyConfig::default());
    assert!(weights(&fit(&dataset, &config, &tasks, 1).run().unwrap()) != weights(&both));
    config.training.balance = Balance::Cagrad(CaGradConfig::default());
    let error = fit(&dataset, &config, &tasks, 1).run().unwrap_err().to_string();
    assert!(error.contains("where the model has several members"), "{error}");
}

#[test]
fn a_model_that_is_trained_on_is_never_worse_and_goes_on_after_an_interruption() {
    let folder = TestFolder::new("fit-start");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 3, 5]);
    config.training.sampler.correction = PriorCorrection::None;
    let shared = fit(&dataset, &config, &tasks, 1).run().unwrap();
    let fine_tuning = FineTuning { budget: 1_500, validate_every: 500, ..FineTuning::default() };
    let config = RunConfig { fine_tuning, ..config }.for_fine_tuning();
    let own = [3];
    let start = shared.model.select_tasks(&[1]).unwrap();
    let tuned = || fit(&dataset, &config, &own, 1).with_pretrained("shared", start.clone());
    let whole = tuned().run().unwrap();
    let samples = dataset.samples_for(&own, Split::Valid, 240).unwrap();
    let tracks = predict_samples(&start, &dataset, &own, samples).unwrap().average_precisions(&dataset).unwrap();
    let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
    let before = scored.iter().sum::<f64>() / scored.len() as f64;
    let first = &whole.history[0];
    assert!(first.draws == 0 && (first.average_precision - before).abs() < 1e-6, "{first:?} {before}");
    assert!(whole.average_precision >= before);
    let run = folder.path().join("run");
    let interrupted = catch_unwind(AssertUnwindSafe(|| {
        tuned().with_folder(&run).with_observer(|progress| assert!(progress.draws < 800, "interrupted")).run()
    }));
    assert!(interrupted.is_err());
    let resumed = tuned().with_folder(&run).run().unwrap();
    assert_eq!(scores(&whole), scores(&resumed));
    assert!(weights(&whole) == weights(&resumed));
    let error =
        fit(&dataset, &config, &own, 1).with_pretrained("all", shared.model.clone()).run().unwrap_err().to_string();
    let expected = "the model to start from, all: shape of head.linear.bias: expected [1], found [3]";
    assert_eq!(error, expected);
}

#[test]
fn a_resumed_run_equals_an_uninterrupted_one() {
    let folder = TestFolder::new("fit-resume");
    let (dataset, config, tasks) = (world(&folder), config(), [0, 3, 5]);
    let whole = fit(&dataset, &config, &tasks, 1).run().unwrap();
    let run = folder.path().join("run");
    interrupt(&dataset, &config, &tasks, &run, 1_500);
    interrupt(&dataset, &config, &tasks, &run, 3_900);
    let resumed = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
    assert_eq!(scores(&whole), scores(&resumed));
    assert!(weights(&whole) == weights(&resumed));
    let again = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
    assert_eq!(again.history, resumed.history);
    assert!(weights(&again) == weights(&resumed));
    let log = std::fs::read_to_string(run.join("log.tsv")).unwrap();
    assert_eq!(log.lines().count(), 1 + whole.history.len());
    assert_eq!(RunConfig::open(run.join("config.toml")).unwrap(), config);
}

#[test]
fn half_the_bits_cost_less_of_the_score_than_another_seed() {
    let folder = TestFolder::new("fit-precision");
    let (dataset, tasks) = (world(&folder), [0, 3, 5]);
    let score = |precision, seed| {
        let mut config = config();
        config.architecture.precision = precision;
        fit(&dataset, &config, &tasks, seed).run().unwrap().average_precision
    };
    let full = [1, 2, 3].map(|seed| score(Precision::F32, seed));
    let noise = full.iter().copied().fold(0.0, f64::max) - full.iter().copied().fold(1.0, f64::min);
    let half = [Precision::Bf16, Precision::F16].into_iter();
    for precision in half.filter(|half| half.check(&Device::default()).is_ok()) {
        let found = score(precision, 1);
        assert!((found - full[0]).abs() < noise, "{precision:?}: {found}, and in 32 bits {full:?}");
    }
}

#[test]
fn a_budget_is_raised_to_the_fewest_epochs() {
    let folder = TestFolder::new("fit-epochs");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 3, 5]);
    let epoch = Sampler::new(&dataset, &tasks, 240, &config.training.sampler, 1).unwrap().epoch_len();
    config.training =
        TrainingConfig { budget: epoch / 5, validate_every: epoch / 10, min_epochs: 0.5, ..config.training };
    let mut budgets = BTreeSet::new();
    let fitted = fit(&dataset, &config, &tasks, 1)
        .with_observer(|seen| {
            budgets.insert(seen.budget);
        })
        .run()
        .unwrap();
    assert_eq!((fitted.draws, fitted.history.len()), (epoch.div_ceil(2), 2));
    assert_eq!(budgets.into_iter().collect::<Vec<_>>(), [epoch.div_ceil(2)]);
}

#[test]
fn the_tracks_of_one_factor_share_its_budget() {
    let folder = TestFolder::new("fit-tracks");
    world(&folder);
    let path = folder.path().join("dataset.toml");
    let per_track = std::fs::read_to_string(&path).unwrap() + "\n[tasks]\nper = \"track\"\n";
    std::fs::write(&path, per_track).unwrap();
    let (dataset, mut config) = (Dataset::open(&path).unwrap(), config());
    let factor = &dataset.tasks()[0].factor;
    let tasks: Vec<usize> =
        (0..dataset.tasks().len()).filter(|&task| dataset.tasks()[task].factor == *factor).collect();
    assert!(tasks.len() > 1, "{tasks:?}");
    config.training = TrainingConfig { budget: 256, min_epochs: 12.0, ..config.training };
    assert_eq!(fit(&dataset, &config, &tasks, 1).run().unwrap().draws, 256);
}

#[test]
fn a_folder_of_another_run_is_refused_and_left_alone() {
    let folder = TestFolder::new("fit-other");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 500;
    let run = folder.path().join("run");
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
    let saved = std::fs::read_to_string(run.join("config.toml")).unwrap();
    let state = std::fs::read_to_string(run.join("state.json")).unwrap();
    assert!(!state.contains("recipe"), "a run does not depend on settings of other models");
    let other = RunConfig { training: TrainingConfig { budget: 600, ..config.training.clone() }, ..config.clone() };
    let refused = [fit(&dataset, &other, &[0], 1), fit(&dataset, &config, &[0], 2)];
    let [settings_error, seed_error] = refused.map(|fit| fit.with_folder(&run).run().unwrap_err().to_string());
    assert_eq!(std::fs::read_to_string(run.join("config.toml")).unwrap(), saved);
    let advice = "; choose another folder, or remove this one";
    let ends = |error: &str, difference: &str| error.ends_with(&format!("inputs: {difference}{advice}"));
    assert!(ends(&settings_error, "training.budget: expected 600, found 500"), "{settings_error}");
    assert!(ends(&seed_error, "seed: expected 2, found 1"), "{seed_error}");
    assert!(fit(&dataset, &config, &[0], 1).with_folder(&run).run().is_ok());
}

#[test]
fn a_loss_without_a_mask_is_refused_unless_the_audit_is_skipped() {
    let folder = TestFolder::new("fit-audit");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 128;
    config.architecture.head = HeadKind::Softmax { classes: Label::ALL.to_vec() };
    let error = fit(&dataset, &config, &[0, 1], 1).run().unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::MissingHasInfluence, .. }), "{error}");
    assert_eq!(fit(&dataset, &config, &[0, 1], 1).without_audit().run().unwrap().draws, 128);
}

#[test]
fn a_custom_loss_is_minimised_and_tells_runs_apart() {
    let folder = TestFolder::new("fit-loss");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 128;
    let run = folder.path().join("run");
    let all_bound = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| logits.neg().mean();
    let own = || fit(&dataset, &config, &[0], 1).with_loss("all bound", all_bound).without_audit();
    let fitted = own().with_folder(&run).run().unwrap();
    let plain = fit(&dataset, &config, &[0], 1).run().unwrap();
    let bias = |fitted: &Fitted| linear(fitted).bias.as_ref().unwrap().val().into_scalar::<f32>();
    assert!(bias(&fitted) > bias(&plain));
    let error = fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap_err().to_string();
    assert!(error.contains(": loss: expected none, found all bound; "), "{error}");
}

#[test]
fn an_output_folder_below_a_file_is_an_error_with_its_path() {
    let folder = TestFolder::new("fit-folder");
    let (dataset, config) = (world(&folder), config());
    let below = folder.write("file", "").join("run");
    let error = fit(&dataset, &config, &[0], 1).with_folder(&below).run().unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if *path == below), "{error}");
}

#[test]
fn early_stopping_ends_before_the_budget_and_keeps_the_best() {
    let folder = TestFolder::new("fit-stop");
    let (dataset, mut config) = (world(&folder), config());
    config.training = TrainingConfig { budget: 100_000, patience: 1, learning_rate: 0.3, ..config.training };
    let fitted = fit(&dataset, &config, &[0, 1], 1).run().unwrap();
    assert!(fitted.draws < 100_000);
    let best = fitted.history.iter().map(|v| v.average_precision).fold(0.0, f64::max);
    assert_eq!(fitted.average_precision, best);
}

#[test]
fn without_weights_the_shift_restores_the_odds() {
    let folder = TestFolder::new("fit-shift");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 64;
    config.training.learning_rate = 1e-12;
    let bias = |correction| {
        let mut config = config.clone();
        config.training.sampler.correction = correction;
        let fitted = fit(&dataset, &config, &[0, 1, 2], 1).run().unwrap();
        let bias = linear(&fitted).bias.as_ref().unwrap().val().into_data();
        bias.iter::<f32>().collect::<Vec<_>>()
    };
    for (weighted, shifted) in bias(PriorCorrection::Weight).iter().zip(bias(PriorCorrection::None)) {
        assert!((weighted - shifted).abs() < 1e-4, "{weighted} {shifted}");
    }
}

#[test]
fn the_saved_model_predicts_what_the_returned_one_does() {
    let folder = TestFolder::new("fit-model");
    let (dataset, mut config, tasks) = (world(&folder), config(), [4, 1]);
    config.training.budget = 500;
    config.training.sampler.correction = PriorCorrection::None;
    let run = folder.path().join("run");
    let fitted = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
    let saved = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
    assert_eq!(saved.tasks, tasks.map(|task| dataset.tasks()[task].name.clone()));
    let logits = |model| {
        let samples = dataset.samples(Split::Test, 240).unwrap();
        predict_samples(model, &dataset, &tasks, samples).unwrap().logits
    };
    assert_eq!(logits(&saved.model), logits(&fitted.model));
}
