//! The identity of a run.

use super::*;
use crate::{
    FolderLock,
    file::{read_with_checksum, write_with_checksum},
    motif::MotifSet,
    nn::LastPool,
};

fn small() -> RunConfig {
    let mut config = config();
    config.training.budget = 128;
    config
}

fn message(fit: Fit<'_>, run: &Path) -> String {
    fit.with_folder(run).run().unwrap_err().to_string()
}

#[test]
fn a_run_with_other_motifs_is_refused_unless_it_does_not_start_from_them() {
    let folder = TestFolder::new("fit-motifs");
    let (dataset, config) = (world(&folder), small());
    let mut without = config.clone();
    without.architecture.profiles = false;
    let [run, free] = ["run", "free"].map(|name| folder.path().join(name));
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
    fit(&dataset, &without, &[0], 1).with_folder(&free).run().unwrap();
    let path = folder.path().join("motifs.meme");
    let mut motifs: Vec<_> = MotifSet::open(&path).unwrap().iter().cloned().collect();
    motifs[0].matrix = motifs[0].matrix.reverse_complement();
    MotifSet::from_motifs(motifs).unwrap().write_meme(&path).unwrap();
    let other = Dataset::open(folder.path().join("dataset.toml")).unwrap();
    let error = message(fit(&other, &config, &[0], 1), &run);
    assert!(error.contains("inputs: motifs: another file or other contents; choose another folder"), "{error}");
    fit(&other, &without, &[0], 1).with_folder(&free).run().unwrap();
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
}

#[test]
fn a_run_from_another_start_of_the_same_name_is_refused() {
    let folder = TestFolder::new("fit-other-start");
    let (dataset, config, run) = (world(&folder), small(), folder.path().join("run"));
    let [a, b] = [1, 2].map(|seed| fit(&dataset, &config, &[0], seed).run().unwrap().model);
    let from = |model: &Model| fit(&dataset, &config, &[0], 3).with_pretrained("shared", model.clone());
    from(&a).with_folder(&run).run().unwrap();
    from(&a).with_folder(&run).run().unwrap();
    let error = message(from(&b), &run);
    assert!(error.contains("inputs: start.weights: another file or other contents; "), "{error}");
    let error = message(fit(&dataset, &config, &[0], 3), &run);
    assert!(error.contains("inputs: start: expected none, found "), "{error}");
}

#[test]
fn all_settings_that_differ_are_named() {
    let folder = TestFolder::new("fit-differences");
    let (dataset, config, run) = (world(&folder), small(), folder.path().join("run"));
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
    let mut other = config.clone();
    other.training.learning_rate = 0.01;
    other.training.sampler.unbound_per_bound = None;
    other.architecture.head = HeadKind::Ordinal { shared_gap: true };
    let differences = match fit(&dataset, &other, &[1], 1).with_folder(&run).run().unwrap_err() {
        Error::OtherRun { path, differences } if path == run => differences,
        error => panic!("{error}"),
    };
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let [a, b] = [0, 1].map(|task| &dataset.tasks()[task].name);
    assert_eq!(
        lines,
        [
            "architecture.head: expected {\"ordinal\":{\"shared_gap\":true}}, found sigmoid".to_owned(),
            format!("tasks: expected [\"{b}\"], found [\"{a}\"]"),
            "training.learning_rate: expected 0.01, found 0.002".to_owned(),
            "training.sampler.unbound_per_bound: expected all, found 4.0".to_owned(),
        ]
    );
}

#[test]
fn a_config_that_somebody_edited_is_refused_and_left_alone() {
    let folder = TestFolder::new("fit-edited");
    let (dataset, config, run) = (world(&folder), small(), folder.path().join("run"));
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
    let path = run.join("config.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    let edited = written.replace("budget = 128", "budget = 256");
    assert_ne!(edited, written);
    std::fs::write(&path, &edited).unwrap();
    let error = message(fit(&dataset, &config, &[0], 1), &run);
    assert!(error.contains("config.toml: made with") && error.contains("budget: expected 128, found 256"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
    // So is one in a folder where nothing was made yet.
    let fresh = folder.path().join("fresh");
    std::fs::create_dir(&fresh).unwrap();
    std::fs::write(fresh.join("config.toml"), &edited).unwrap();
    assert!(message(fit(&dataset, &config, &[0], 1), &fresh).contains("expected 128, found 256"));
    assert_eq!(std::fs::read_to_string(fresh.join("config.toml")).unwrap(), edited);
    std::fs::write(&path, format!("# my notes\n{written}")).unwrap();
    fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
}

#[test]
fn a_second_training_in_a_folder_is_refused_while_the_first_goes_on() {
    let folder = TestFolder::new("fit-locked");
    let (dataset, config, run) = (world(&folder), small(), folder.path().join("run"));
    let mut refusals = 0;
    let fitted = fit(&dataset, &config, &[0], 1)
        .with_folder(&run)
        .with_observer(|_| {
            let error = fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap_err();
            assert!(matches!(&error, Error::InUse { path, .. } if *path == run), "{error}");
            refusals += 1;
        })
        .run()
        .unwrap();
    assert_eq!((fitted.draws, refusals), (128, 2));
    assert!(FolderLock::new(&run).is_ok());
    assert!(fit(&dataset, &config, &[0], 1).with_folder(&run).run().is_ok());
}

#[test]
fn a_run_from_before_there_was_a_last_pool_goes_on_with_it_dropped() {
    let folder = TestFolder::new("fit-older-pool");
    let (dataset, mut dropped, run) = (world(&folder), small(), folder.path().join("run"));
    dropped.architecture.pool = 100;
    dropped.architecture.last_pool = LastPool::Dropped;
    fit(&dataset, &dropped, &[0], 1).with_folder(&run).run().unwrap();
    let [config, state] = ["config.toml", "state.json"].map(|name| run.join(name));
    let text = std::fs::read_to_string(&config).unwrap();
    let older = text.replace("last_pool = \"dropped\"\n", "");
    assert_ne!(older, text);
    std::fs::write(&config, &older).unwrap();
    let mut saved: serde_json::Value = read_with_checksum(&state, "").unwrap().unwrap();
    assert!(saved["identity"]["architecture"].as_object_mut().unwrap().remove("last_pool").is_some());
    write_with_checksum(&state, &saved).unwrap();
    fit(&dataset, &dropped, &[0], 1).with_folder(&run).with_observer(|_| panic!("trained again")).run().unwrap();
    let mut shorter = dropped.clone();
    shorter.architecture.last_pool = LastPool::Shorter;
    let error = message(fit(&dataset, &shorter, &[0], 1), &run);
    assert!(error.contains("architecture.last_pool: expected shorter, found dropped"), "{error}");
    let error = shorter.check_file(&config).unwrap_err().to_string();
    assert!(error.contains("architecture.last_pool: expected shorter, found dropped"), "{error}");
}

#[test]
fn a_run_without_a_rest_is_the_same_whatever_becomes_of_it() {
    let folder = TestFolder::new("fit-no-rest");
    let (dataset, shorter, run) = (world(&folder), small(), folder.path().join("run"));
    let mut dropped = shorter.clone();
    dropped.architecture.last_pool = LastPool::Dropped;
    let first = fit(&dataset, &dropped, &[0], 1).with_folder(&run).run().unwrap();
    let again = || fit(&dataset, &shorter, &[0], 1).with_folder(&run).with_observer(|_| panic!("trained again"));
    again().run().unwrap();
    dropped.check_file(run.join("config.toml")).unwrap();
    let file = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
    fit(&dataset, &dropped, &[0], 1).with_pretrained_file("itself", file.clone()).check().unwrap();
    let own = first.to_file();
    let own = ModelFile { tasks: vec!["other".to_owned()], inputs: file.inputs.clone(), ..own };
    let parts = [(&file, file.tasks.clone()), (&own, own.tasks.clone())];
    let tasks = [file.tasks.clone(), own.tasks.clone()].concat();
    assert_eq!(ModelFile::joined(&parts, &tasks).unwrap().tasks, tasks);
}
