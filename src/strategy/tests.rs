//! Strategies and comparisons in a small world.

use std::{cell::RefCell, collections::BTreeMap};

use super::{run::PlannedRun, *};
use crate::{
    data::{Dataset, DatasetOptions, Split},
    device::is_host,
    eval::{BorrowedRow, Evaluation, Reason, ScoreRow, read_table},
    nn::ModelFile,
    predict::{Shard, predict_samples},
    simulate::{SimulationConfig, simulate},
    testing::TestFolder,
    train::RunConfig,
};

/// A small world of some factors.
fn world(folder: &TestFolder, factors: &[&str]) -> Dataset {
    if !folder.path().join("dataset.toml").exists() {
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
    }
    let factors = Some(factors.iter().map(|name| (*name).to_owned()).collect());
    let options = DatasetOptions { factors, ..DatasetOptions::default() };
    Dataset::open_with(folder.path().join("dataset.toml"), &options).unwrap()
}

fn config(budget: usize) -> RunConfig {
    let mut config = RunConfig::default().with_budget(budget);
    config.architecture.motifs = 32;
    config.architecture.hidden = 16;
    config.recipe.members = Some(2);
    config.single.members = 1;
    config
}

fn scores(outcome: &Outcome, strategy: &str, tf: &str) -> Vec<Option<f64>> {
    let rows = outcome.scores.iter().filter(|row| row.model == strategy && row.tf == tf);
    rows.map(|row| row.average_precision).collect()
}

#[test]
fn a_strategy_is_found_by_its_name_and_has_one() {
    for strategy in Strategy::all() {
        assert_eq!(strategy.name().parse::<Strategy>().unwrap(), strategy);
        assert!(strategy.description().ends_with('.'));
    }
    let error = "singel".parse::<Strategy>().unwrap_err().to_string();
    assert!(error.starts_with("strategy: expected one of single,") && error.ends_with("found singel"), "{error}");
}

#[test]
fn a_plan_has_shared_models_and_one_for_each_factor_that_has_what_it_needs() {
    let folder = TestFolder::new("strategy-plan");
    let dataset = world(&folder, &["CTCF", "MAX", "REST"]);
    let setup = Setup::new(&dataset, config(100)).unwrap();
    let setup = setup.with_factors(&["CTCF", "REST"]).unwrap().with_singles(&["REST"]).unwrap();
    let strategies = [Strategy::Multi, Strategy::Single, Strategy::Baseline(BaselineMethod::Motif)];
    let all = |seed| strategies.map(|strategy| PlannedRun::all(strategy, &setup, seed)).concat();
    let runs: Vec<(String, String, u64)> = (0..2)
        .flat_map(all)
        .map(|run| (run.folder.display().to_string(), run.names(&setup).join(" "), run.seed))
        .collect();
    let expected = |seed: u64| {
        let run = |folder: &str, tasks: &str| (format!("{folder}/{seed}"), tasks.to_owned(), seed);
        [
            run("multi/all", "CTCF MAX REST"),
            run("single/REST", "REST"),
            run("motif/CTCF", "CTCF"),
            run("motif/REST", "REST"),
        ]
    };
    assert_eq!(runs, [expected(0), expected(1)].concat());
    let error = setup.clone().with_factors(&["max "]).unwrap_err().to_string();
    assert!(error.starts_with("factors: expected factors with bound") && error.ends_with("found MAX"), "{error}");
    let error = setup.with_singles(&["RESTS"]).unwrap_err().to_string();
    assert!(error.starts_with("singles: no factor RESTS; most similar of the data set's 3: REST"), "{error}");
}

#[test]
fn rescue_is_made_of_the_best_for_each_factor_and_all_that_it_tried_is_paid_for() {
    let folder = TestFolder::new("strategy-rescue");
    let dataset = world(&folder, &["CTCF", "MAX", "REST"]);
    let setup = Setup::new(&dataset, config(400)).unwrap();
    let strategies =
        [Strategy::Rescue, Strategy::Recipe, Strategy::Grouped, Strategy::Finetuned, Strategy::Single, Strategy::Multi];
    let (trained, chosen) = (RefCell::new(Vec::new()), RefCell::new(BTreeMap::new()));
    let run = |out: Option<&str>| {
        let comparison = Comparison::new(&setup, &strategies).with_observer(|event| match event {
            Event::Trained(model) => trained.borrow_mut().push((model.name.clone(), model.tf.clone())),
            Event::Chosen { tf, strategy, .. } => {
                chosen.borrow_mut().insert((*tf).to_owned(), (*strategy).to_owned());
            }
            _ => {}
        });
        match out {
            Some(name) => comparison.with_folder(folder.path().join(name)).run().unwrap(),
            None => comparison.run().unwrap(),
        }
    };
    let outcome = run(Some("out"));
    // Each network was trained once, though several strategies are made of it.
    let mut once = trained.borrow().clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), trained.borrow().len());
    let groups = trained.borrow().iter().filter(|(name, _)| name == "grouped").count();
    assert_eq!(once.len(), 2 + groups + 2 * setup.singles().len());

    let draws =
        |strategy: &str| -> u64 { outcome.runs.iter().filter(|run| run.model == strategy).map(|run| run.draws).sum() };
    assert_eq!(draws("grouped"), draws("multi") + groups as u64 * 400);
    // Both grouped and fine-tuned models need the shared one, which rescue trains once.
    let parts = draws("recipe") + draws("grouped") + draws("finetuned") + draws("single");
    assert_eq!(draws("rescue"), parts - draws("multi"));
    for tf in setup.factors() {
        let from = chosen.borrow().get(tf).cloned().unwrap_or("recipe".into());
        assert_eq!(scores(&outcome, "rescue", tf), scores(&outcome, &from, tf), "{tf} from {from}");
        assert!(scores(&outcome, "rescue", tf).iter().any(Option::is_some));
    }
    assert_eq!(outcome.models.len(), 4 + 2 * setup.singles().len());
    assert_eq!(outcome.comparisons.iter().filter(|row| row.is_mean()).count(), 15);
    assert!(outcome.conflicts.is_some() && !outcome.learning.is_empty());

    // A second call finds all of it done, and one without a folder makes the same.
    trained.borrow_mut().clear();
    let again = run(Some("out"));
    assert!(trained.borrow().is_empty());
    assert_eq!((&again.scores, &again.comparisons), (&outcome.scores, &outcome.comparisons));
    let in_memory = run(None);
    assert!(!trained.borrow().is_empty());
    assert_eq!((&in_memory.scores, &in_memory.learning), (&outcome.scores, &outcome.learning));
    in_memory.write(folder.path().join("copy")).unwrap();
    for file in
        ["scores.tsv", "comparison.tsv", "transfer.tsv", "learning.tsv", "report.html", "config.toml", "runs.tsv"]
    {
        assert!(folder.path().join("copy").join(file).exists(), "{file}");
    }
}

#[test]
fn single_models_that_are_trained_in_shards_are_those_of_one_call() {
    let folder = TestFolder::new("strategy-shards");
    let dataset = world(&folder, &["CTCF", "MAX", "REST"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let comparison = || Comparison::new(&setup, &[Strategy::Multi, Strategy::Single]);
    let trained = RefCell::new(Vec::new());
    let observe = |event: &Event<'_>| {
        if let Event::Trained(model) = event {
            trained.borrow_mut().push(format!("{} {}", model.name, model.tf));
        }
    };
    let out = folder.path().join("out");
    for shard in ["1/2", "2/2"] {
        let shard: Shard = shard.parse().unwrap();
        comparison().with_folder(&out).with_observer(observe).train_shard(shard).unwrap();
    }
    assert_eq!(trained.take(), ["single CTCF", "single REST", "single MAX"]);
    let outcome = comparison().with_folder(&out).with_observer(observe).run().unwrap();
    assert_eq!(trained.take(), ["multi *"]);
    let whole = comparison().run().unwrap();
    assert_eq!(outcome.scores, whole.scores);
    let error = comparison().train_shard(Shard::WHOLE).unwrap_err().to_string();
    assert_eq!(error, "folder: expected one for the models of a shard, found none");
}

#[test]
fn a_training_that_diverges_is_left_out_and_the_others_go_on() {
    let folder = TestFolder::new("strategy-diverged");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let mut config = config(300);
    config.fine_tuning.learning_rate = 1e30;
    let setup = Setup::new(&dataset, config.clone()).unwrap();
    let strategies = [Strategy::Multi, Strategy::Finetuned, Strategy::Single];
    let outcome = Comparison::new(&setup, &strategies).with_folder(folder.path().join("out")).run().unwrap();
    assert_eq!(outcome.diverged.len(), 2);
    let note = outcome.notes.iter().find(|note| note.starts_with("finetuned CTCF seed 0 is left out: ")).unwrap();
    assert!(note.contains("training diverged"), "{note}");
    let pairs: Vec<(&str, &str)> = outcome
        .comparisons
        .iter()
        .filter(|row| row.is_mean())
        .map(|row| (row.model_a.as_str(), row.model_b.as_str()))
        .collect();
    assert_eq!(pairs, [("multi", "single")]);
    assert_eq!(outcome.costs.iter().map(|row| row.model.as_str()).collect::<Vec<_>>(), ["multi", "single"]);
    assert!(outcome.costs.iter().all(|row| row.average_precision.is_finite()));
    assert!(outcome.comparisons.iter().all(|row| row.reason != Some(Reason::Diverged { model: "multi".into() })));

    config.training.learning_rate = 1e30;
    let setup = Setup::new(&dataset, config).unwrap();
    let error = Comparison::new(&setup, &[Strategy::Multi]).run().unwrap_err();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
}

#[test]
fn single_models_become_one_that_says_what_each_does() {
    let folder = TestFolder::new("strategy-joined");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let joined = Strategy::Single.train(&setup, 1).unwrap();
    assert_eq!(joined.tasks, ["CTCF", "MAX"]);
    let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
    let predictions = evaluation.predict_tasks(&joined.model, &[0, 1]).unwrap();
    for (task, factor) in ["CTCF", "MAX"].into_iter().enumerate() {
        let own = Strategy::Single.train(&setup.clone().with_singles(&[factor]).unwrap(), 1).unwrap();
        assert_eq!(own.tasks, [factor]);
        let own = evaluation.predict_tasks(&own.model, &[task]).unwrap();
        for (joined, own) in predictions.logits[task].iter().zip(&own.logits[0]) {
            assert!((joined - own).abs() < 1e-5 * (1.0 + own.abs()), "{joined} {own}");
        }
    }
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_trained() {
    let folder = TestFolder::new("strategy-refused");
    let dataset = world(&folder, &["CTCF"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let out = folder.path().join("out");
    let message = |strategies: &[Strategy]| {
        let comparison = Comparison::new(&setup, strategies).with_folder(&out);
        comparison.run().unwrap_err().to_string()
    };
    assert_eq!(message(&[]), "strategies: expected at least one, found none");
    assert_eq!(message(&[Strategy::Multi, Strategy::Multi]), "strategies: expected each once, found multi");
    assert_eq!(message(&[Strategy::Grouped]), "tasks: expected at least 2, for grouped, found 1");
    let none = Comparison::new(&setup, &[Strategy::Multi]).with_seeds(0).run().unwrap_err();
    assert_eq!(none.to_string(), "seeds: expected at least 1, found 0");
    let endless = Comparison::new(&setup, &[Strategy::Multi]).with_seeds(u64::MAX).check().unwrap_err();
    assert_eq!(endless.to_string(), format!("seeds: expected at most 1000000, found {}", u64::MAX));
    let error = Strategy::Baseline(BaselineMethod::Online).train(&setup, 0).unwrap_err().to_string();
    assert!(error.starts_with("strategy: expected one that trains a neural network (multi, single,"), "{error}");
    let softmax = {
        let mut config = config(300);
        config.architecture.head = crate::nn::HeadKind::Convex;
        Setup::new(&dataset, config).unwrap()
    };
    let error = Strategy::Finetuned.train(&softmax, 0).unwrap_err().to_string();
    assert_eq!(error, "architecture.head: expected sigmoid, for finetuned, found convex");
    assert!(!out.exists());
}

#[test]
fn baselines_need_no_folder() {
    let folder = TestFolder::new("strategy-baselines");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let strategies = [Strategy::Baseline(BaselineMethod::Motif), Strategy::Baseline(BaselineMethod::TwoFeature)];
    let by_model = |outcome: &Outcome| -> Vec<ScoreRow> { outcome.scores.clone() };
    let in_memory = Comparison::new(&setup, &strategies).run().unwrap();
    let kept = Comparison::new(&setup, &strategies).with_folder(folder.path().join("out")).run().unwrap();
    assert_eq!(by_model(&in_memory), by_model(&kept));
    assert!(!in_memory.scores.is_empty() && in_memory.models.is_empty());
}

fn weights(file: &ModelFile) -> Vec<Vec<u32>> {
    let linear = file.model.head.linear().unwrap();
    let values: Vec<f32> = linear.weight.val().into_data().iter::<f32>().collect();
    let tasks = file.tasks.len();
    (0..tasks).map(|task| values.iter().skip(task).step_by(tasks).map(|value| value.to_bits()).collect()).collect()
}

fn logits(file: &ModelFile, dataset: &Dataset) -> BTreeMap<String, Vec<u32>> {
    let samples = dataset.samples(Split::Valid, 300).unwrap();
    let places = dataset.task_indices(&file.tasks).unwrap();
    let predictions = predict_samples(&file.model, dataset, &places, samples).unwrap();
    let bits = |logits: &Vec<f32>| logits.iter().map(|logit| logit.to_bits()).collect();
    file.tasks.iter().cloned().zip(predictions.logits.iter().map(bits)).collect()
}

#[test]
fn an_extended_model_has_learned_a_factor_and_says_of_others_what_it_said() {
    let folder = TestFolder::new("strategy-extension");
    let all = world(&folder, &["CTCF", "MAX", "REST"]);
    let two = world(&folder, &["MAX", "REST"]);
    let ctcf = world(&folder, &["CTCF"]);
    let (short, long) = (config(300), config(2000));
    let base = Strategy::Recipe.train(&Setup::new(&two, short).unwrap(), 0).unwrap();
    let before = logits(&base, &all);
    for shared in [SharedPart::Frozen, SharedPart::Tuned] {
        let out = folder.path().join(format!("{shared:?}"));
        let extend = || Extension::new(&base, &ctcf, &[0], &long).with_shared_part(shared).with_folder(&out);
        let extended = extend().run().unwrap();
        assert_eq!(extended.file.tasks, ["MAX", "REST", "CTCF"]);
        let after = logits(&extended.file, &all);
        for name in ["MAX", "REST"] {
            assert!(before[name] == after[name], "{name} {shared:?}");
        }
        if shared == SharedPart::Frozen {
            assert_eq!(weights(&extended.file)[..2], weights(&base)[..]);
            assert_eq!(extended.file.config.members, base.config.members);
        }
        // The file is what the training says, which is more than the column had from its start.
        let column = extended.file.model.select_tasks(&[2]).unwrap();
        let samples = ctcf.samples(Split::Valid, 300).unwrap();
        let tracks = predict_samples(&column, &ctcf, &[0], samples).unwrap().average_precisions(&ctcf).unwrap();
        let found: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        assert!((mean - extended.average_precision).abs() < 1e-3, "{mean} {}", extended.average_precision);
        assert!(mean > 1.2 * extended.history[0].average_precision, "{mean} {:?}", extended.history[0]);
        // Both trainings are in the history and paid for.
        assert_eq!(extended.draws, if shared == SharedPart::Tuned { 4000 } else { 2000 });
        assert_eq!(extended.history.last().unwrap().draws, extended.draws);
        assert_eq!(extended.network_draws, extended.draws * base.config.members);
        // What is done is not done again, and the file is the model.
        let again = extend().with_observer(|event| assert!(!matches!(event, Event::Step { .. }))).run().unwrap();
        assert!(logits(&again.file, &all) == after);
        let opened = ModelFile::open(out.join("model.safetensors"), &burn::tensor::Device::default()).unwrap();
        assert!(logits(&opened, &all) == after);
    }
}

#[test]
fn a_task_that_the_model_has_is_learned_on_from_where_it_was() {
    let folder = TestFolder::new("strategy-relearned");
    let two = world(&folder, &["CTCF", "MAX"]);
    let max = world(&folder, &["MAX"]);
    let base = Strategy::Multi.train(&Setup::new(&two, config(300)).unwrap(), 0).unwrap();
    let extended = Extension::new(&base, &max, &[0], &config(600)).run().unwrap();
    assert_eq!(extended.file.tasks, ["CTCF", "MAX"]);
    assert_eq!(weights(&extended.file)[0], weights(&base)[0]);
    // The best of what it was and what it became.
    let first = extended.history.iter().map(|validation| validation.average_precision).fold(0.0, f64::max);
    assert_eq!(extended.average_precision, first);
}

#[test]
fn models_that_have_no_column_for_a_task_are_not_extended() {
    let folder = TestFolder::new("strategy-not-extended");
    let two = world(&folder, &["CTCF", "MAX"]);
    let rest = world(&folder, &["REST"]);
    let mut convex = config(200);
    convex.architecture.head = crate::nn::HeadKind::Convex;
    let message = |base: &ModelFile| match Extension::new(base, &rest, &[0], &config(200)).run() {
        Err(Error::Mismatch { found, .. }) => found,
        other => panic!("{other:?}"),
    };
    let base = Strategy::Multi.train(&Setup::new(&two, convex).unwrap(), 0).unwrap();
    assert_eq!(message(&base), "a head convex");
    let joined = Strategy::Single.train(&Setup::new(&two, config(200)).unwrap(), 0).unwrap();
    assert_eq!(message(&joined), "one that is joined from others: extend one of its parts");
    let shared = Strategy::Multi.train(&Setup::new(&two, config(200)).unwrap(), 0).unwrap();
    let mut other_genome = shared.clone();
    other_genome.inputs.as_mut().unwrap().genome.fingerprint += 1;
    let refused = Extension::new(&other_genome, &rest, &[0], &config(200))
        .with_observer(|event| assert!(!matches!(event, Event::Step { .. })))
        .run();
    assert!(matches!(&refused, Err(Error::Mismatch { what, .. }) if what == "the genome of parts"), "{refused:?}");
    let error = Extension::new(&shared, &rest, &[1], &config(200)).run().unwrap_err();
    assert!(matches!(error, Error::Tasks { task: Some(1), .. }), "{error}");
}

#[test]
fn a_trained_model_is_compared_on_the_tasks_that_the_data_set_has() {
    let folder = TestFolder::new("strategy-given");
    let two = world(&folder, &["CTCF", "MAX"]);
    let max = world(&folder, &["MAX", "REST"]);
    let setup = Setup::new(&two, config(300)).unwrap();
    let shared = Comparison::new(&setup, &[Strategy::Multi]).run().unwrap();
    let given = TrainedModel { name: "given".into(), ..shared.models[0].clone() };
    let setup = Setup::new(&max, config(300)).unwrap();
    let outcome = Comparison::new(&setup, &[Strategy::Single]).with_model(given.clone()).run().unwrap();
    assert!(outcome.notes.iter().any(|note| note.starts_with("given was trained before")));
    assert_eq!(scores(&outcome, "given", "MAX"), scores(&shared, "multi", "MAX"));
    assert!(scores(&outcome, "given", "REST").is_empty());
    let pairs: Vec<&str> = outcome.comparisons.iter().map(|row| row.tf.as_str()).collect();
    assert!(pairs.contains(&"MAX") && !pairs.contains(&"REST") && outcome.comparisons[0].model_a == "given");
    assert_eq!(outcome.runs[0].draws, 300);
    let rest = world(&folder, &["REST"]);
    let setup = Setup::new(&rest, config(300)).unwrap();
    let error = Comparison::new(&setup, &[Strategy::Single]).with_model(given).run().unwrap_err().to_string();
    assert!(error.starts_with("the tasks of given that data set"), "{error}");
    // What could not be compared in the end is refused before anything is trained.
    let refused = |comparison: Comparison<'_>| comparison.check().unwrap_err().to_string();
    let setup = Setup::new(&two, config(300)).unwrap();
    let comparison = || Comparison::new(&setup, &[Strategy::Single]).with_model(shared.models[0].clone());
    assert_eq!(
        refused(comparison().with_seeds(2)),
        "the model multi: expected one of each seed from 0 to 1, found seeds [0]"
    );
    assert_eq!(
        refused(Comparison::new(&setup, &[Strategy::Multi]).with_model(shared.models[0].clone())),
        "the model multi: expected another name than a strategy's, found multi"
    );
}

#[test]
fn a_part_that_diverges_is_not_chosen_by_rescue_and_is_paid_for() {
    let folder = TestFolder::new("strategy-rescue-diverged");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let mut config = config(300);
    config.fine_tuning.learning_rate = 1e30;
    let setup = Setup::new(&dataset, config).unwrap();
    let strategies = [Strategy::Rescue, Strategy::Recipe, Strategy::Grouped, Strategy::Finetuned, Strategy::Single];
    let outcome = Comparison::new(&setup, &strategies).run().unwrap();
    let draws = |name: &str| -> u64 { outcome.runs.iter().filter(|run| run.model == name).map(|run| run.draws).sum() };
    assert_eq!((outcome.diverged.len(), draws("finetuned")), (2, 0));
    assert!(draws("rescue") >= draws("recipe") + draws("grouped") + draws("single"));
    assert!(outcome.models.iter().any(|model| model.name == "rescue" && model.file.tasks == ["CTCF", "MAX"]));
}

/// An arm of the single models of one factor with twice the members, and one of the shared model.
const ARMS: &str = r#"
    [[arm]]
    name = "own-of-2"
    strategy = "single"
    single.members = 2
    architecture = { signal = { means = 2 } }

    [[arm]]
    name = "shared-short"
    strategy = "multi"
    training.budget = 128
"#;

#[test]
fn arms_have_settings_names_and_folders_of_their_own() {
    let folder = TestFolder::new("strategy-arms");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let setup = Setup::new(&dataset, config(256)).unwrap().with_singles(&["CTCF"]).unwrap();
    let arms = Arm::open_all(folder.write("arms.toml", ARMS), setup.config()).unwrap();
    let steps = RefCell::new(BTreeMap::new());
    let run = || {
        let comparison = Comparison::new(&setup, &[Strategy::Multi, Strategy::Single]).with_observer(|event| {
            if let Event::Step { name, progress, .. } = event {
                *steps.borrow_mut().entry((*name).to_owned()).or_insert(0) = progress.draws;
            }
        });
        let comparison = arms.iter().cloned().fold(comparison, Comparison::with_arm);
        comparison.with_folder(folder.path().join("out")).run().unwrap()
    };
    let outcome = run();
    let seen = |name: &str| steps.borrow().get(name).copied();
    assert_eq!(["multi", "single", "own-of-2", "shared-short"].map(seen), [256, 256, 256, 128].map(Some));
    let cost = |name: &str| outcome.costs.iter().find(|row| row.model == name).unwrap();
    assert_eq!((cost("own-of-2").strategy.as_str(), cost("own-of-2").tracks), ("single", 2));
    let network_draws = ["multi", "single", "own-of-2", "shared-short"].map(|name| cost(name).network_draws);
    assert_eq!(network_draws, [256.0, 256.0, 512.0, 128.0].map(Some));
    assert!(cost("own-of-2").parameters > cost("single").parameters);
    let pairs: Vec<(&str, &str)> =
        outcome.transfers.iter().map(|row| (row.shared.as_str(), row.own.as_str())).collect();
    assert_eq!(pairs, [("multi", "single"); 2]);
    let compared = |a: &str, b: &str| outcome.comparisons.iter().any(|row| (&*row.model_a, &*row.model_b) == (a, b));
    // Shared minus single, whatever their order.
    assert!(compared("shared-short", "own-of-2") && !compared("own-of-2", "shared-short"));
    outcome.write(folder.path().join("out")).unwrap();
    for file in ["runs/own-of-2/single/CTCF/0/model.safetensors", "runs/shared-short/multi/all/0/log.tsv", "cost.tsv"] {
        assert!(folder.path().join("out").join(file).exists(), "{file}");
    }
    // The saved arms hold all settings, and are the same whatever they are read over.
    let saved = Arm::open_all(folder.path().join("out/arms.toml"), &RunConfig::default()).unwrap();
    assert_eq!(saved, arms);
    steps.borrow_mut().clear();
    assert_eq!(run().scores, outcome.scores);
    assert!(steps.borrow().is_empty());
}

#[test]
fn arms_that_cannot_work_are_refused_with_their_place() {
    let folder = TestFolder::new("strategy-bad-arms");
    let message = |text: &str| {
        let error = Arm::open_all(folder.write("arms.toml", text), &RunConfig::default()).unwrap_err().to_string();
        error.rsplit_once("arms.toml").unwrap().1.to_owned()
    };
    let arm = |lines: &str| message(&format!("\n[[arm]]\nname = \"x\"\n{lines}\n"));
    assert_eq!(message(""), ": expected at least one [[arm]], found none");
    let unknown = arm("strategy = \"multi\"\ntraining.bugdet = 5");
    assert!(unknown.starts_with(":2:1: arm x: unknown field `bugdet`, expected one of `budget`"), "{unknown}");
    let strategy = arm("strategy = \"mutli\"");
    assert!(strategy.starts_with(":2:1: arm x: strategy: expected one of multi,"), "{strategy}");
    assert_eq!(
        arm("strategy = \"multi\"\ntraining.budget = 0"),
        ":2:1: arm x: training.budget: expected at least 1, found 0"
    );
    assert!(message("[[arms]]").contains("unknown field `arms`"));
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let setup = Setup::new(&dataset, config(256)).unwrap();
    let refused = |arms: &[Arm]| {
        let comparison = arms.iter().cloned().fold(Comparison::new(&setup, &[]), Comparison::with_arm);
        comparison.check().unwrap_err().to_string()
    };
    let named = |name: &str| Arm::new(name, Strategy::Multi, config(256));
    assert_eq!(refused(&[named("a"), named("a")]), "strategies: expected each once, found a");
    assert!(refused(&[named("single")]).contains("another name than a strategy's"));
    assert!(refused(&[named("../up")]).contains("expected a name of letters, digits"));
    let mut wide = config(256);
    wide.architecture.context_bp = 400;
    let wide = refused(&[Arm::new("wide", Strategy::Multi, wide)]);
    assert_eq!(wide, "wide.architecture.context_bp: expected 300 in all arms, found 400");
    let baseline = refused(&[Arm::new("b", Strategy::Baseline(BaselineMethod::Motif), config(256))]);
    assert!(baseline.contains("a strategy that trains neural networks"), "{baseline}");
}

#[test]
fn cell_types_are_left_out_one_after_the_other_and_scored_together() {
    let folder = TestFolder::new("strategy-leave-out");
    let dataset = world(&folder, &["CTCF", "MAX", "REST"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let strategies = [Strategy::Multi, Strategy::Single, Strategy::Lookup(Lookup::Average)];
    let cells: Vec<&str> = dataset.cells().iter().map(|cell| cell.name.as_str()).collect();
    let out = folder.path().join("out");
    let comparison = || Comparison::new(&setup, &strategies).leaving_out(&cells[..2]).with_folder(&out);
    let outcome = comparison().run().unwrap();
    outcome.write(&out).unwrap();
    assert!(!out.join("test-openings.tsv").exists() && out.join(cells[0]).join("runs").exists());
    assert!(outcome.notes.iter().any(|note| note.starts_with("Scored in cell types that were left out")));
    // A row for each measured track of both cell types, and scores as of a model that never saw its cell type.
    let measured: Vec<_> = dataset.tracks().filter(|track| track.cell < 2).collect();
    let multi: Vec<&ScoreRow> = outcome.scores.iter().filter(|row| row.model == "multi").collect();
    assert_eq!(multi.len(), measured.len());
    assert!(outcome.scores.iter().all(|row| row.split == "left-out" && row.cell != cells[2]));
    for cell in [0, 1] {
        let mut hidden = dataset.clone();
        // Other labels of the cell type that is left out change nothing.
        hidden.hide_labels(|track, bin| track.cell == cell && bin.start % 700 < 100);
        let model =
            Strategy::Multi.train(&Setup::new(&hidden.leave_out(cells[cell]).unwrap(), config(300)).unwrap(), 0);
        let (model, fold) = (model.unwrap(), dataset.leave_out(cells[cell]).unwrap());
        let evaluation = Evaluation::new(&fold, Split::Test, 200).unwrap();
        let rows = evaluation.score("multi", 0, &evaluation.predict(&model.model).unwrap()).unwrap();
        let found = multi.iter().filter(|row| row.cell == cells[cell]).map(|row| row.average_precision);
        // Off the host, sums may come in any order.
        let same = found.eq(rows.iter().map(|row| row.average_precision));
        assert!(same || !is_host(setup.device()), "{rows:?}");
    }
    let compared: Vec<_> = outcome.comparisons.iter().filter(|row| row.model_b == "single" && !row.is_mean()).collect();
    assert!(compared.len() > 2 && outcome.transfers.len() == compared.len());
    assert!(outcome.transfers.iter().all(|row| row.training_cells.is_some_and(|cells| cells < 3)));
    // What is done is not done again.
    let again = comparison().run().unwrap();
    assert_eq!(again.scores, outcome.scores);
    let refused = |cells: &[&str]| Comparison::new(&setup, &strategies).leaving_out(cells).check().unwrap_err();
    assert!(refused(&["HeLa"]).to_string().starts_with("leave_out: expected one of several cell types"));
    let expected = format!("leave_out: expected each cell type once, found {}", cells[0]);
    assert_eq!(refused(&[cells[0], cells[1], cells[0]]).to_string(), expected);
}

#[test]
fn the_recipe_has_other_defaults_where_a_cell_type_is_held_out() {
    let folder = TestFolder::new("strategy-held-out");
    let dataset = world(&folder, &["CTCF", "MAX"]);
    let fold = dataset.leave_out(&dataset.cells()[0].name.clone()).unwrap();
    assert!(!dataset.holds_out_cells() && fold.holds_out_cells());
    let setup = Setup::new(&dataset, config(100)).unwrap();
    let in_fold = setup.for_fold(&fold).unwrap();
    let dropout = |setup: &Setup<'_>| setup.config().for_recipe().architecture.hidden_dropout;
    assert_eq!((dropout(&setup), dropout(&in_fold)), (0.0, setup.config().architecture.hidden_dropout));
    assert_eq!((setup.config().recipe.rarity, in_fold.config().recipe.rarity), (Some(0.0), Some(0.5)));
    // What is set is set everywhere, that of an arm too.
    let mut given = config(100);
    given.recipe.dropout = Some(0.25);
    assert_eq!(in_fold.for_arm(&given).unwrap().config().recipe.dropout, Some(0.25));
    assert_eq!(in_fold.for_arm(&given).unwrap().config().recipe.members, Some(2));
    // A folder with the settings of a fold is one of the given settings.
    in_fold.config().save_or_check(folder.path().join("config.toml"), "a fold").unwrap();
    config(100).check_file(folder.path().join("config.toml")).unwrap();
    assert!(given.check_file(folder.path().join("config.toml")).is_err());
}

#[test]
fn models_are_explained_on_the_same_bins_and_reported() {
    let folder = TestFolder::new("strategy-explain");
    let dataset = world(&folder, &["CTCF", "MAX", "JUND"]);
    let setup = Setup::new(&dataset, config(300)).unwrap();
    let mut outcome = Comparison::new(&setup, &[Strategy::Multi, Strategy::Single]).with_seeds(2).run().unwrap();
    let mut explained = 0;
    outcome
        .explain(&setup, |_, models| {
            explained += 1;
            assert_eq!(models, 8);
        })
        .unwrap();
    assert_eq!(explained, 8);
    let rows = |model: &str| outcome.borrowed.iter().filter(|row| row.model == model).collect::<Vec<_>>();
    let (multi, single) = (rows("multi"), rows("single"));
    assert_eq!(multi.len(), 3);
    for shared in multi {
        let own = single.iter().find(|row| row.tf == shared.tf).unwrap();
        assert!(shared.bins > 0 && shared.bins == own.bins, "{shared:?} {own:?}");
        for row in [shared, own] {
            assert!(row.own > 0.0 && row.own + row.other < 1.0 && row.permuted > 0.0, "{row:?}");
            assert!(row.low <= row.other && row.other <= row.high, "{row:?}");
        }
    }
    let out = folder.path().join("out");
    outcome.write(&out).unwrap();
    assert_eq!(read_table::<BorrowedRow>(out.join("borrowed.tsv")).unwrap(), outcome.borrowed);
    let report = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("<h2>Whose motifs does multi read?</h2>"));
}

#[test]
fn factors_that_no_model_can_learn_without_a_cell_type_are_told() {
    let folder = TestFolder::new("strategy-leave-out-unknown");
    let mut dataset = world(&folder, &["CTCF", "MAX"]);
    let cell = dataset.tracks().find(|track| track.factor_name == "MAX").unwrap().cell;
    dataset.hide_labels(|track, _| track.factor_name == "MAX" && track.cell != cell);
    let name = dataset.cells()[cell].name.clone();
    let setup = Setup::new(&dataset, config(100)).unwrap();
    let comparison = Comparison::new(&setup, &[Strategy::Lookup(Lookup::Accessibility)]).leaving_out(&[&name]);
    let outcome = comparison.run().unwrap();
    let note = format!("Bound in no other cell type to train on than {name}: MAX.");
    assert!(outcome.notes.contains(&note), "{:?}", outcome.notes);
    assert!(!outcome.scores.is_empty() && outcome.scores.iter().all(|row| row.tf == "CTCF"));
}
