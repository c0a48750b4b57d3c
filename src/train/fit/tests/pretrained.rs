//! Pretrained models.

use super::*;
use crate::nn::ops::Strands;

fn still() -> RunConfig {
    let mut config = config();
    config.training = TrainingConfig { budget: 64, learning_rate: 1e-12, ..config.training };
    config
}

fn logits(model: &Model, dataset: &Dataset, tasks: &[usize]) -> Vec<Vec<f32>> {
    let samples = dataset.samples(Split::Valid, 240).unwrap();
    predict_samples(model, dataset, tasks, samples).unwrap().logits
}

fn assert_close(a: &[f32], b: &[f32]) {
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-4 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn a_model_of_another_architecture_with_as_many_weights_is_refused() {
    let folder = TestFolder::new("fit-start-architecture");
    let (dataset, config, run) = (world(&folder), still(), folder.path().join("run"));
    let shared = fit(&dataset, &config, &[0, 3], 1).run().unwrap().model;
    let refused = |change: &dyn Fn(&mut Architecture)| {
        let mut other = config.clone();
        change(&mut other.architecture);
        let training = fit(&dataset, &other, &[0, 3], 1).with_pretrained("shared", shared.clone()).with_folder(&run);
        training.run().unwrap_err().to_string()
    };
    let start = "the model to start from, shared: ";
    let strands = refused(&|other| other.strands = Strands::Forward);
    assert_eq!(strands, format!("{start}strands: expected Forward, found Both"));
    let form = refused(&|other| other.log_odds = true);
    assert!(form.starts_with(&format!("{start}form: expected LogOdds")), "{form}");
    // As many pools.
    let pool = refused(&|other| other.pool = 70);
    assert!(pool.starts_with(&format!("{start}pool: expected 70, found 74")), "{pool}");
    let context = refused(&|other| other.context_bp = 234);
    assert!(context.starts_with(&format!("{start}context_bp: expected 234, found 240")), "{context}");
    let head = refused(&|other| other.head = HeadKind::ExclusiveSoftmax);
    assert!(head.starts_with(&format!("{start}head: expected exclusive softmax, found sigmoid")), "{head}");
    let members = refused(&|other| other.members = 2);
    assert!(members.starts_with(&format!("{start}shape of others.0")), "{members}");
    assert!(!run.exists());
}

#[test]
fn dropout_is_the_configurations_and_all_else_is_the_models() {
    let folder = TestFolder::new("fit-start-dropout");
    let (dataset, config) = (world(&folder), still());
    let shared = fit(&dataset, &config, &[0, 3], 1).run().unwrap().model;
    let mut other = config.clone();
    (other.architecture.hidden_dropout, other.architecture.motif_dropout) = (0.0, 0.0);
    other.training.budget = 512;
    other.training.learning_rate = 1e-3;
    let started =
        |config: &RunConfig| fit(&dataset, config, &[0, 3], 2).with_pretrained("shared", shared.clone()).run().unwrap();
    let (without, again) = (started(&other), started(&other));
    assert!(weights(&without) == weights(&again));
    let mut with = other.clone();
    with.architecture.hidden_dropout = 0.5;
    let losses = |fitted: &Fitted| fitted.history.last().unwrap().training_loss;
    assert!((losses(&started(&with)) - losses(&without)).abs() > 1e-6);
    let same = fit(&dataset, &still(), &[0, 3], 2).with_pretrained("shared", shared.clone()).run().unwrap().model;
    for (a, b) in logits(&same, &dataset, &[0, 3]).iter().zip(logits(&shared, &dataset, &[0, 3])) {
        assert_close(a, &b);
    }
}

#[test]
fn tasks_of_a_file_are_matched_by_name() {
    let folder = TestFolder::new("fit-start-names");
    let (dataset, config, run) = (world(&folder), still(), folder.path().join("run"));
    let shared = fit(&dataset, &config, &[0, 3, 5], 1).with_folder(&run).run().unwrap().model;
    let file = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
    let expected = logits(&shared, &dataset, &[0, 3, 5]);
    for (tasks, places) in [(&[5, 0][..], &[2, 0][..]), (&[0, 3, 5], &[0, 1, 2]), (&[3], &[1])] {
        let fitted = fit(&dataset, &config, tasks, 1).with_pretrained_file("all", file.clone()).run().unwrap();
        for (found, &place) in logits(&fitted.model, &dataset, tasks).iter().zip(places) {
            assert_close(found, &expected[place]);
        }
    }
    let error =
        fit(&dataset, &config, &[0, 7], 1).with_pretrained_file("all", file.clone()).run().unwrap_err().to_string();
    let (missing, known) = (&dataset.tasks()[7].name, file.tasks.join(", "));
    assert_eq!(error, format!("the model to start from, all: its tasks: expected {missing} among them, found {known}"));
    // Parts of a head that is no function of each task alone cannot be taken.
    let mut ordinal = config.clone();
    ordinal.architecture.head = HeadKind::Ordinal { shared_gap: false };
    let run = folder.path().join("ordinal");
    fit(&dataset, &ordinal, &[0, 3], 1).with_folder(&run).run().unwrap();
    let file = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
    assert!(fit(&dataset, &ordinal, &[0, 3], 1).with_pretrained_file("all", file.clone()).run().is_ok());
    let error = fit(&dataset, &ordinal, &[3, 0], 1).with_pretrained_file("all", file).run().unwrap_err().to_string();
    assert!(error.contains("in this order, where the head is not sigmoid"), "{error}");
}

#[test]
fn a_model_with_a_weight_that_is_not_finite_is_refused() {
    let folder = TestFolder::new("fit-start-nan");
    let (dataset, config) = (world(&folder), still());
    let mut model = fit(&dataset, &config, &[0], 1).run().unwrap().model;
    model.trunk.conv.bias = model.trunk.conv.bias.map(|bias| bias * f32::NAN);
    let error = fit(&dataset, &config, &[0], 1).with_pretrained("spoiled", model).run().unwrap_err().to_string();
    assert_eq!(error, "the model to start from, spoiled: trunk.conv.bias: expected finite weights, found NaN");
}
