//! Every baseline on a simulated world.

use std::path::{Path, PathBuf};

use super::*;
use crate::{
    baseline::{BaselineMethod, features::Features},
    data::{Sample, Split},
    eval::Evaluation,
    simulate::{SimulationConfig, simulate},
    testing::TestFolder,
};

fn world(folder: &TestFolder) -> Dataset {
    simulate(&SimulationConfig { total_bases: 900_000, ..SimulationConfig::default() }, folder.path()).unwrap();
    Dataset::open(folder.path().join("dataset.toml")).unwrap()
}

fn run() -> RunConfig {
    let mut run = RunConfig::default();
    run.architecture.context_bp = 300;
    run.training.budget = 6_000;
    run
}

#[test]
fn every_baseline_ranks_bins_and_a_second_fit_is_read_from_its_folder() {
    let folder = TestFolder::new("factor-baseline");
    let dataset = world(&folder);
    let (run, config) = (run(), BaselineConfig::default());
    let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
    let samples = evaluation.samples().clone();
    let features = folder.path().join("features");
    let tables = BaselineTables::cached(&dataset, 300, samples, &config.features, &features).unwrap();
    let task = dataset.tasks().iter().position(|task| task.factor == "CTCF").unwrap();
    let factor =
        FactorBaseline { dataset: &dataset, tables: &tables, run: &run, config: &config, tasks: &[task], seed: 1 };
    let mean = |fitted: &FittedBaseline| {
        let rows = evaluation.score("baseline", 1, &fitted.predictions).unwrap();
        let scores: Vec<f64> = rows.iter().filter_map(|row| row.average_precision).collect();
        let prior = rows.iter().map(|row| row.positives as f64 / (row.positives + row.negatives) as f64).sum::<f64>();
        (scores.iter().sum::<f64>() / scores.len() as f64, prior / rows.len() as f64)
    };
    let mut found = Vec::new();
    for &method in BaselineMethod::ALL {
        let own = folder.path().join(method.name());
        let (fitted, is_new) = factor.fit_in(method, &own).unwrap();
        assert!(is_new);
        let (again, is_new) = factor.fit_in(method, &own).unwrap();
        assert!(!is_new);
        assert_eq!(again.predictions.logits, fitted.predictions.logits);
        assert_eq!((again.draws, again.parameters, again.seconds), (fitted.draws, fitted.parameters, fitted.seconds));
        assert_eq!(factor.fit(method).unwrap().predictions.logits, fitted.predictions.logits, "{}", method.name());
        assert_eq!(fitted.draws, if method == BaselineMethod::Motif { 0 } else { 6_000 });
        let (score, prior) = mean(&fitted);
        assert!(score > 3.0 * prior, "{}: {score}, and {prior} by chance", method.name());
        found.push(score);
    }
    // Sites bind where chromatin is open in this world.
    assert!(found[1] > found[0] + 0.05, "{found:?}");
    let other = FactorBaseline { seed: 2, ..factor };
    assert!(other.fit_in(BaselineMethod::Online, &folder.path().join("online")).unwrap().1);
}

#[test]
fn a_baseline_is_fitted_anew_for_settings_of_its_own_alone() {
    let folder = TestFolder::new("factor-settings");
    let dataset = world(&folder);
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let tables =
        BaselineTables::cached(&dataset, 300, samples, &BaselineConfig::default().features, folder.path()).unwrap();
    let is_new = |run: &RunConfig, config: &BaselineConfig| {
        let factor = FactorBaseline { dataset: &dataset, tables: &tables, run, config, tasks: &[0], seed: 0 };
        factor.fit_in(BaselineMethod::Online, &folder.path().join("online")).unwrap().1
    };
    let (mut run, mut config) = (run(), BaselineConfig::default());
    assert!(is_new(&run, &config));
    (run.architecture.motifs, run.training.learning_rate) = (7, 0.5);
    assert!(!is_new(&run, &config));
    config.online.l2 = 1e-6;
    assert!(is_new(&run, &config));
    run.training.sampler.unbound_per_bound = Some(3.0);
    assert!(is_new(&run, &config));
}

#[test]
fn what_another_factor_binds_does_not_change_a_baseline() {
    let folder = TestFolder::new("factor-mask");
    let mut dataset = world(&folder);
    let (mut run, config) = (run(), BaselineConfig::default());
    // The shared pool knows which bins other factors bind, by design.
    run.training.sampler.pool = crate::data::UnboundPool::Own;
    let task = dataset.tasks().iter().position(|task| task.factor == "MAX").unwrap();
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let fit = |dataset: &Dataset| {
        let tables = BaselineTables::cached(dataset, 300, samples.clone(), &config.features, folder.path()).unwrap();
        let factor = FactorBaseline { dataset, tables: &tables, run: &run, config: &config, tasks: &[task], seed: 0 };
        BaselineMethod::ALL.iter().map(|&method| factor.fit(method).unwrap().predictions.logits).collect::<Vec<_>>()
    };
    let before = fit(&dataset);
    dataset.hide_labels(|track, interval| track.factor_name == "CTCF" && interval.start % 400 == 0);
    assert_eq!(fit(&dataset), before);
}

#[test]
fn a_table_has_a_row_for_each_sample_in_any_order_and_comes_back_from_its_file() {
    let folder = TestFolder::new("features");
    let dataset = world(&folder);
    let features = Features::new(&dataset, &BaselineConfig::default().features).unwrap();
    let all: Vec<Sample> = dataset.samples(Split::Valid, 300).unwrap().iter().collect();
    let table = features.table(&all).unwrap();
    let motifs = dataset.motifs().unwrap().len();
    assert_eq!((table.rows(), table.columns().len()), (all.len(), 5 * motifs + 6));
    let places = [7, 3, all.len() - 1, 3, 0];
    let some: Vec<Sample> = places.iter().map(|&place| all[place]).collect();
    let (found, expected) = (features.table(&some).unwrap(), table.select(&places));
    let bits = |table: &FeatureTable| table.columns().concat().iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(found.names(), expected.names());
    // Sums of odds begin where the piece of sequence does.
    for ((name, found), expected) in found.names().iter().zip(found.columns()).zip(expected.columns()) {
        let near =
            |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || (name.ends_with("occupancy") && (a - b).abs() < 1e-5);
        assert!(found.iter().zip(expected).all(near), "{name}: {found:?} {expected:?}");
    }
    let path = folder.path().join("some.features");
    let first = features.cached(&some, &path).unwrap();
    let written = std::fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(bits(&features.cached(&some, &path).unwrap()), bits(&first));
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), written);
    assert_eq!(features.cached(&all[..2], &path).unwrap().rows(), 2);
}

/// The world without its motifs, and without accessibility if wanted.
fn bare(folder: &TestFolder, is_kept: impl Fn(&str) -> bool) -> Dataset {
    let path = folder.path().join("dataset.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let bare = folder.path().join("bare.toml");
    std::fs::write(&bare, text.lines().filter(|line| is_kept(line)).collect::<Vec<_>>().join("\n")).unwrap();
    Dataset::open(&bare).unwrap()
}

#[test]
fn without_motifs_only_models_that_need_one_are_refused() {
    let folder = TestFolder::new("factor-motif");
    world(&folder);
    let dataset = bare(&folder, |line| !line.starts_with("motifs"));
    let (run, config) = (run(), BaselineConfig::default());
    let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
    let samples = evaluation.samples().clone();
    let tables =
        BaselineTables::cached(&dataset, 300, samples, &config.features, &folder.path().join("features")).unwrap();
    let factor =
        FactorBaseline { dataset: &dataset, tables: &tables, run: &run, config: &config, tasks: &[0], seed: 0 };
    for &method in BaselineMethod::ALL {
        let own = folder.path().join(method.name());
        match factor.fit_in(method, &own) {
            Ok((fitted, _)) => {
                let scored = evaluation.score(method.name(), 0, &fitted.predictions).unwrap();
                assert!(!method.needs_own_motif() && scored[0].average_precision.unwrap() > 0.0);
            }
            Err(error) => {
                let name = &dataset.tasks()[0].factor;
                let expected = format!("a motif whose name is {name}'s, or one for it in [motif_names]");
                assert_eq!(error.to_string(), format!("motifs: expected {expected}, found none"));
                assert!(method.needs_own_motif() && !own.exists());
            }
        }
    }
}

#[test]
fn without_motifs_and_accessibility_there_are_kmers() {
    let folder = TestFolder::new("factor-kmers");
    world(&folder);
    let path = folder.path().join("dataset.toml");
    let mut table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    table.remove("motifs");
    table.remove("accessibility");
    table.insert("tasks".into(), toml::toml! { per = "track" }.into());
    std::fs::write(&path, table.to_string()).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let (run, config) = (run(), BaselineConfig::default());
    let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
    let features = folder.path().join("features");
    for _ in 0..2 {
        let samples = evaluation.samples().clone();
        let tables = BaselineTables::cached(&dataset, 300, samples, &config.features, &features).unwrap();
        let factor =
            FactorBaseline { dataset: &dataset, tables: &tables, run: &run, config: &config, tasks: &[0], seed: 0 };
        let fitted = factor.fit(BaselineMethod::Online).unwrap();
        let rows = evaluation.score("online", 0, &fitted.predictions).unwrap();
        let row = rows.iter().find(|row| row.average_precision.is_some()).unwrap();
        let prior = row.positives as f64 / (row.positives + row.negatives) as f64;
        assert!(row.average_precision.unwrap() > 1.5 * prior, "{row:?}");
        #[cfg(feature = "boost")]
        {
            let error = factor.fit(BaselineMethod::Boost).unwrap_err().to_string();
            assert!(error.starts_with("motifs: expected motifs or accessibility in dataset.toml"), "{error}");
        }
    }
}

#[test]
fn changed_motifs_make_features_and_baselines_anew() {
    let folder = TestFolder::new("factor-motifs");
    let first = world(&folder);
    let (run, config) = (run(), BaselineConfig::default());
    let fit = |dataset: &Dataset, method| {
        let samples = Evaluation::new(dataset, Split::Valid, 300).unwrap().samples().clone();
        let tables =
            BaselineTables::cached(dataset, 300, samples, &config.features, &folder.path().join("features")).unwrap();
        let factor = FactorBaseline { dataset, tables: &tables, run: &run, config: &config, tasks: &[0], seed: 0 };
        let (fitted, is_new) = factor.fit_in(method, &folder.path().join(method.name())).unwrap();
        (fitted.predictions.logits, is_new)
    };
    let before = BaselineMethod::ALL.iter().map(|&method| fit(&first, method).0).collect::<Vec<_>>();
    assert!(BaselineMethod::ALL.iter().all(|&method| !fit(&first, method).1));
    // The factors exchange their motifs.
    let path = folder.path().join("motifs.meme");
    let text = std::fs::read_to_string(&path).unwrap();
    let [a, b] = [0, 1].map(|task| first.tasks()[task].factor.clone());
    let turned = text.replace(&a, "\u{0}").replace(&b, &a).replace('\u{0}', &b);
    assert_ne!(turned, text);
    std::fs::write(&path, turned).unwrap();
    let second = Dataset::open(folder.path().join("dataset.toml")).unwrap();
    for (&method, before) in BaselineMethod::ALL.iter().zip(before) {
        let (logits, is_new) = fit(&second, method);
        assert!(is_new && logits != before, "{}", method.name());
    }
}

#[test]
fn flipped_bits_in_files_of_a_baseline_are_found() {
    let folder = TestFolder::new("factor-damage");
    let dataset = world(&folder);
    let (run, config) = (run(), BaselineConfig::default());
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let features = folder.path().join("features");
    let tables = || BaselineTables::cached(&dataset, 300, samples.clone(), &config.features, &features);
    let whole = tables().unwrap();
    let factor = FactorBaseline { dataset: &dataset, tables: &whole, run: &run, config: &config, tasks: &[0], seed: 0 };
    let assert_found = |path: &Path, open: &dyn Fn() -> Result<()>| {
        let bytes = std::fs::read(path).unwrap();
        for place in (0..bytes.len()).step_by(bytes.len() / 13 + 1) {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            std::fs::write(path, damaged).unwrap();
            let error = open().unwrap_err();
            let is_named = error.to_string().starts_with(&path.display().to_string());
            assert!(is_named && error.to_string().contains("remove "), "{place}: {error}");
        }
        std::fs::write(path, bytes).unwrap();
        open().unwrap();
    };
    for &method in BaselineMethod::ALL {
        let own = folder.path().join(method.name());
        factor.fit_in(method, &own).unwrap();
        let files = std::fs::read_dir(&own).unwrap().map(|entry| entry.unwrap().path());
        let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some()).collect();
        assert_eq!(files.len(), if method == BaselineMethod::Motif { 1 } else { 2 });
        for path in files {
            assert_found(&path, &|| factor.fit_in(method, &own).map(drop));
        }
    }
    assert_found(&features.join("scored.features"), &|| tables().map(drop));
}

#[test]
fn what_does_not_fit_a_baseline_is_refused_before_a_folder_is_made() {
    let folder = TestFolder::new("factor-refused");
    let dataset = world(&folder);
    let (run, config) = (run(), BaselineConfig::default());
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let tables =
        BaselineTables::cached(&dataset, 300, samples, &config.features, &folder.path().join("features")).unwrap();
    let own = folder.path().join("online");
    let message = |factor: &FactorBaseline<'_>| {
        let error = factor.fit_in(BaselineMethod::Online, &own).unwrap_err().to_string();
        assert!(!own.exists());
        error
    };
    let factor =
        FactorBaseline { dataset: &dataset, tables: &tables, run: &run, config: &config, tasks: &[0], seed: 0 };
    assert_eq!(message(&FactorBaseline { tasks: &[], ..factor }), "tasks: expected at least one, found none");
    assert_eq!(message(&FactorBaseline { tasks: &[99], ..factor }), "tasks: expected some of 0 to 11, found 99");
    assert_eq!(message(&FactorBaseline { tasks: &[0, 0], ..factor }), "tasks: expected each once, found 0");
    let [a, b] = [0, 1].map(|task| &dataset.tasks()[task].factor);
    let expected = format!("the factors of a baseline's tasks: expected {a}, found {b}");
    assert_eq!(message(&FactorBaseline { tasks: &[0, 1], ..factor }), expected);
    let mut wider = run.clone();
    wider.architecture.context_bp = 400;
    let expected = "the context of a baseline's features: expected 400, found 300";
    assert_eq!(message(&FactorBaseline { run: &wider, ..factor }), expected);
    let mut other = Dataset::open(folder.path().join("dataset.toml")).unwrap();
    other.hide_labels(|track, interval| track.task == 0 && interval.start < 1000);
    assert!(
        message(&FactorBaseline { dataset: &other, ..factor }).starts_with("the data set of a baseline's features")
    );
    let mut wrong = config.clone();
    wrong.online.bits = 0;
    assert!(message(&FactorBaseline { config: &wrong, ..factor }).starts_with("online.bits: expected"));
    let lock = crate::FolderLock::new(&own).unwrap();
    assert!(matches!(factor.fit_in(BaselineMethod::Online, &own), Err(Error::InUse { .. })));
    drop(lock);
    assert!(factor.fit_in(BaselineMethod::Online, &own).is_ok());
    let lock = crate::FolderLock::new(folder.path().join("features")).unwrap();
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let second = BaselineTables::cached(&dataset, 300, samples, &config.features, &folder.path().join("features"));
    assert!(matches!(second, Err(Error::InUse { .. })));
    drop(lock);
}

#[test]
fn a_factors_own_columns_are_those_of_its_motif_and_of_no_name_that_begins_so() {
    let folder = TestFolder::new("factor-own");
    world(&folder);
    let motifs = ["CTCF", "CTCF.p2", "P53_HUMAN.H11MO.0.A"];
    let blocks = motifs.iter().map(|name| format!(">{name}\n9 0 9\n0 9 0\n0 0 0\n0 0 0\n"));
    folder.write("motifs.meme", blocks.collect::<String>());
    let path = folder.path().join("dataset.toml");
    let text = std::fs::read_to_string(&path).unwrap() + "\n[motif_names]\nMAX = 'P53_HUMAN.H11MO.0.A'\n";
    std::fs::write(&path, text).unwrap();
    let dataset = Dataset::open(&path).unwrap();
    let features = Features::new(&dataset, &BaselineConfig::default().features).unwrap();
    assert_eq!(features.motif_name("CTCF"), Some("CTCF"));
    assert_eq!(features.motif_name("MAX"), Some("P53_HUMAN.H11MO.0.A"));
    let samples: Vec<Sample> = dataset.samples(Split::Valid, 300).unwrap().iter().take(2).collect();
    let table = features.columns_for("CTCF", &features.table(&samples).unwrap());
    let motif_columns: Vec<&str> =
        table.names().iter().map(|name| &**name).filter(|name| !name.starts_with("accessibility.")).collect();
    assert_eq!(
        motif_columns,
        [
            "CTCF.best",
            "CTCF.occupancy",
            "CTCF.flank_best",
            "CTCF.flank_occupancy",
            "CTCF.accessibility",
            "CTCF.p2.best",
            "P53_HUMAN.H11MO.0.A.best"
        ]
    );
}
