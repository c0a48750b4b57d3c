use super::*;
use crate::{
    baseline::features::Features,
    data::{
        Sample, Split,
        simulate::{SimulationConfig, simulate},
        test_folder::TestFolder,
    },
    eval::evaluation::Evaluation,
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
    let tables = BaselineTables::new(&dataset, 300, samples, &config.features, &features).unwrap();
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
    for &kind in BaselineKind::ALL {
        let own = folder.path().join(kind.name());
        let (fitted, is_new) = factor.fit_in(kind, &own).unwrap();
        assert!(is_new);
        let (again, is_new) = factor.fit_in(kind, &own).unwrap();
        assert!(!is_new);
        assert_eq!(again.predictions.logits, fitted.predictions.logits);
        assert_eq!((again.draws, again.parameters, again.seconds), (fitted.draws, fitted.parameters, fitted.seconds));
        assert_eq!(factor.fit(kind).unwrap().predictions.logits, fitted.predictions.logits, "{}", kind.name());
        assert_eq!(fitted.draws, if kind == BaselineKind::Motif { 0 } else { 6_000 });
        let (score, prior) = mean(&fitted);
        assert!(score > 3.0 * prior, "{}: {score}, and {prior} by chance", kind.name());
        found.push(score);
    }
    // Sites bind where chromatin is open in this world.
    assert!(found[1] > found[0] + 0.05, "{found:?}");
    let other = FactorBaseline { seed: 2, ..factor };
    assert!(other.fit_in(BaselineKind::Online, &folder.path().join("online")).unwrap().1);
}

#[test]
fn a_baseline_is_fitted_anew_for_settings_of_its_own_alone() {
    let folder = TestFolder::new("factor-settings");
    let dataset = world(&folder);
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let tables =
        BaselineTables::new(&dataset, 300, samples, &BaselineConfig::default().features, folder.path()).unwrap();
    let is_new = |run: &RunConfig, config: &BaselineConfig| {
        let factor = FactorBaseline { dataset: &dataset, tables: &tables, run, config, tasks: &[0], seed: 0 };
        factor.fit_in(BaselineKind::Online, &folder.path().join("online")).unwrap().1
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
    run.training.sampler.pool = crate::data::Pool::Own;
    let task = dataset.tasks().iter().position(|task| task.factor == "MAX").unwrap();
    let samples = Evaluation::new(&dataset, Split::Valid, 300).unwrap().samples().clone();
    let fit = |dataset: &Dataset| {
        let tables = BaselineTables::new(dataset, 300, samples.clone(), &config.features, folder.path()).unwrap();
        let factor = FactorBaseline { dataset, tables: &tables, run: &run, config: &config, tasks: &[task], seed: 0 };
        BaselineKind::ALL.iter().map(|&kind| factor.fit(kind).unwrap().predictions.logits).collect::<Vec<_>>()
    };
    let before = fit(&dataset);
    dataset.hide(|track, interval| track.factor_name == "CTCF" && interval.start % 400 == 0);
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

#[test]
fn a_factor_without_a_motif_is_an_error_that_names_it() {
    let folder = TestFolder::new("factor-motif");
    let dataset = world(&folder);
    let path = folder.path().join("dataset.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let without: String = text.lines().filter(|line| !line.starts_with("motifs")).collect::<Vec<_>>().join("\n");
    std::fs::write(&path, without).unwrap();
    let bare = Dataset::open(&path).unwrap();
    let error = Features::new(&bare, &BaselineConfig::default().features).unwrap_err().to_string();
    assert_eq!(error, "motifs: expected a file of motifs in dataset.toml, to compute features of, found none");
    assert!(Features::new(&dataset, &BaselineConfig::default().features).unwrap().name_of("XYZ").is_none());
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
    assert_eq!(features.name_of("CTCF"), Some("CTCF"));
    assert_eq!(features.name_of("MAX"), Some("P53_HUMAN.H11MO.0.A"));
    let samples: Vec<Sample> = dataset.samples(Split::Valid, 300).unwrap().iter().take(2).collect();
    let table = features.columns_for("CTCF", &features.table(&samples).unwrap());
    let of_motifs: Vec<&str> =
        table.names().iter().map(|name| &**name).filter(|name| !name.starts_with("accessibility.")).collect();
    assert_eq!(
        of_motifs,
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
