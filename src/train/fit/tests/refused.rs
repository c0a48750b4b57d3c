//! Calls that are refused before anything is written.

use super::*;
use crate::{data::Sample, genome::Interval};

#[test]
fn tasks_that_are_not_the_data_sets_are_errors_and_no_folder_is_made() {
    let folder = TestFolder::new("fit-tasks");
    let (dataset, config, run) = (world(&folder), config(), folder.path().join("run"));
    for (tasks, expected) in [
        (&[][..], "tasks: expected at least one, found none"),
        (&[99, 0], "tasks: expected some of 0 to 11, found 99"),
        (&[2, 0, 2], "tasks: expected each once, found 2"),
    ] {
        let error = fit(&dataset, &config, tasks, 1).with_folder(&run).run().unwrap_err();
        assert!(matches!(error, Error::Tasks { .. }), "{error}");
        assert_eq!(error.to_string(), expected);
    }
    let mut wrong = config.clone();
    wrong.training.sampler.rarity = 2.0;
    let error = fit(&dataset, &wrong, &[0], 1).with_folder(&run).run().unwrap_err().to_string();
    assert_eq!(error, "training.sampler.rarity: expected 0 to 1, found 2");
    assert!(!run.exists());
}

#[test]
fn tasks_without_a_bound_bin_to_validate_on_are_refused_before_they_are_trained() {
    let folder = TestFolder::new("fit-silent");
    let (mut dataset, config, run) = (world(&folder), config(), folder.path().join("run"));
    let samples = dataset.samples(Split::Valid, 240).unwrap();
    let bound = |sample: &Sample| dataset.label(3, *sample) == Label::Bound;
    let hidden: BTreeSet<(usize, Interval)> = samples
        .iter()
        .filter(bound)
        .map(|sample| (usize::from(sample.cell), dataset.grid().interval(sample.bin as usize)))
        .collect();
    assert!(!hidden.is_empty());
    dataset.hide_labels(|track, interval| track.task == 3 && hidden.contains(&(track.cell, interval)));
    let mut steps = 0;
    let training = fit(&dataset, &config, &[3], 1).with_folder(&run).with_observer(|_| steps += 1);
    let error = training.run().unwrap_err();
    assert!(matches!(error, Error::NoPositives { split: "valid", .. }), "{error}");
    assert!(error.to_string().starts_with(&format!("no bound bin in the valid split for {}", dataset.tasks()[3].name)));
    assert!(steps == 0 && !run.exists());
    // Others say when to stop.
    let config = RunConfig { training: TrainingConfig { budget: 64, ..config.training }, ..config };
    assert_eq!(fit(&dataset, &config, &[3, 0], 1).run().unwrap().draws, 64);
}

#[test]
fn a_check_refuses_what_a_run_would_and_writes_nothing() {
    let folder = TestFolder::new("fit-check");
    let (dataset, mut config, run) = (world(&folder), config(), folder.path().join("run"));
    config.training.budget = 64;
    let (first, mut other) = (&config, config.clone());
    other.training.learning_rate = 1e-3;
    let other = &other;
    fit(&dataset, first, &[0], 1).with_folder(&run).check().unwrap();
    assert!(!run.exists());
    assert!(matches!(fit(&dataset, first, &[99], 1).check(), Err(Error::Tasks { .. })));
    fit(&dataset, first, &[0], 1).with_folder(&run).run().unwrap();
    fit(&dataset, first, &[0], 1).with_folder(&run).check().unwrap();
    let error = fit(&dataset, other, &[0], 1).with_folder(&run).check().unwrap_err();
    assert!(matches!(&error, Error::OtherRun { differences, .. } if differences.len() == 1), "{error}");
}

#[test]
fn a_model_that_no_run_has_written_stays() {
    let folder = TestFolder::new("fit-foreign");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 64;
    let path = folder.write("run/model.safetensors", "mine");
    let error = fit(&dataset, &config, &[0], 1).with_folder(path.parent().unwrap()).run().unwrap_err().to_string();
    assert!(error.ends_with("found another one: move it away, or choose another folder"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}
