//! The program `compare` from its arguments to its tables, on a small simulated world.
//!
//! `cargo test` builds the examples before it runs tests, and the program is found beside them. With some tests alone
//! (`--test compare`), it is the one built last.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn compare(out: &Path, args: &str) -> Output {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().and_then(Path::parent).unwrap().join("examples").join("compare");
    let mut command = Command::new(program);
    command.args(args.split_whitespace()).arg("--out").arg(out);
    command.output().expect("cargo builds the examples before it runs tests")
}

/// The rows of a table, by column.
fn table(path: impl AsRef<Path>) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap();
    lines.map(|fields| names.iter().cloned().zip(fields).collect()).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn sum<'a>(rows: impl Iterator<Item = &'a BTreeMap<String, String>>, column: &str) -> f64 {
    rows.map(|row| row[column].parse::<f64>().unwrap()).sum()
}

const ARGS: &str = "--models rescue,recipe,grouped,finetuned,single --tasks CTCF,MAX --budget 1000 --seeds 1";

#[test]
fn rescue_is_put_together_from_models_that_are_all_paid_for() {
    let folder = tempfile::tempdir().unwrap();
    let first = compare(folder.path(), ARGS);
    assert!(first.status.success(), "{}", stderr(&first));
    let runs = table(folder.path().join("runs.tsv"));
    let of = |model: &str| runs.iter().filter(|row| row["model"] == model).collect::<Vec<_>>();
    let factors: BTreeSet<&str> = of("single").iter().map(|row| row["tf"].as_str()).collect();
    assert_eq!(factors, BTreeSet::from(["CTCF", "MAX"]));
    assert_eq!(of("recipe").iter().map(|row| row["tf"].as_str()).collect::<Vec<_>>(), ["*"]);
    for row in of("single").into_iter().chain(of("finetuned")) {
        assert_eq!(row["draws"], "1000", "the budget reaches every training: {row:?}");
    }

    // Rescue tried the recipe, groups with the shared model that they come from, fine-tuned copies and single models.
    let log = |model: &str| -> Vec<PathBuf> {
        let mut logs = Vec::new();
        let mut folders = vec![folder.path().join("runs").join(model)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match entry.file_name().and_then(|name| name.to_str()) {
                    Some("log.tsv") => logs.push(entry),
                    _ if entry.is_dir() => folders.push(entry),
                    _ => {}
                }
            }
        }
        logs
    };
    let drawn = |path: &PathBuf| table(path).last().unwrap()["draws"].parse::<f64>().unwrap();
    let paid: f64 =
        ["recipe", "multi", "grouped", "finetuned", "single"].into_iter().flat_map(log).map(|p| drawn(&p)).sum();
    assert_eq!(sum(of("rescue").into_iter(), "draws"), paid);

    let note = "note: Scored on the validation split, which early stopping and `rescue` have used";
    assert!(stderr(&first).contains(note), "{}", stderr(&first));
    assert!(fs::read_to_string(folder.path().join("report.html")).unwrap().contains("the scores are optimistic"));

    // Of each factor it says what the model says that it was taken from.
    let said = stderr(&first);
    let scores = table(folder.path().join("scores.tsv"));
    let score = |model: &str, tf: &str| -> Vec<(String, String)> {
        let rows = scores.iter().filter(|row| row["model"] == model && row["tf"] == tf);
        rows.map(|row| (row["cell"].clone(), row["average_precision"].clone())).collect()
    };
    for factor in factors {
        let line = format!("rescue {factor} seed 0: ");
        let chosen = said.lines().find_map(|text| text.strip_prefix(line.as_str())).unwrap_or("recipe");
        assert_eq!(score("rescue", factor), score(chosen, factor), "{factor} from {chosen}");
        assert!(!score("rescue", factor).is_empty());
    }

    // One seed decides nothing, and says so.
    let comparisons = table(folder.path().join("comparison.tsv"));
    let pairs: BTreeSet<(&str, &str)> =
        comparisons.iter().map(|row| (row["model_a"].as_str(), row["model_b"].as_str())).collect();
    assert!(pairs.len() == 10 && pairs.contains(&("rescue", "single")) && !pairs.contains(&("single", "rescue")));
    for row in comparisons.iter().filter(|row| row["delta"] != "NA") {
        assert_eq!((row["verdict"].as_str(), row["reason"].as_str()), ("undecided", "one seed"), "{row:?}");
        if row["tf"] != "*" {
            let of = |model: &str| {
                let scores = score(&row[model], &row["tf"]);
                scores.into_iter().find(|(cell, _)| *cell == row["cell"]).unwrap().1.parse::<f64>().unwrap()
            };
            let delta = row["delta"].parse::<f64>().unwrap();
            assert!((of("model_a") - of("model_b") - delta).abs() < 2e-6, "{row:?}");
        }
    }

    // What is done is not done again.
    let files = ["runs.tsv", "scores.tsv", "comparison.tsv", "transfer.tsv", "learning.tsv"];
    let texts = || files.map(|file| fs::read_to_string(folder.path().join(file)).unwrap());
    let before = texts();
    let second = compare(folder.path(), ARGS);
    assert!(second.status.success() && !stderr(&second).contains("average precision"), "{}", stderr(&second));
    assert_eq!(texts(), before);
}

#[test]
fn a_call_that_is_refused_changes_nothing_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert!(compare(&out, "--models multi --tasks CTCF,REST --budget 300").status.success());
    let files = || -> BTreeMap<PathBuf, Vec<u8>> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![out.clone()]);
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_none_or(|name| name != ".lock") {
                    files.insert(path.clone(), fs::read(&path).unwrap());
                }
            }
        }
        files
    };
    let before = files();
    let motifs = out.join("world").join("motifs.meme");
    let text = fs::read_to_string(&motifs).unwrap();
    fs::write(&motifs, text.replace("CTCF", "\0").replace("REST", "CTCF").replace('\0', "REST")).unwrap();
    let other = files();
    for models in ["multi", "multi,single,motif", "motif,finetuned"] {
        let output = compare(&out, &format!("--models {models} --tasks CTCF,REST --budget 300"));
        assert!(!output.status.success() && stderr(&output).contains("motifs: another file"), "{}", stderr(&output));
        assert!(files() == other, "{models}");
    }
    fs::write(&motifs, text).unwrap();
    assert!(files() == before);
    for (args, says) in [
        ("--models multi --tasks CTCF,REST --budget 400", "training.budget"),
        ("--models multi --tasks CTCF,RSET --budget 300", "no factor RSET; most similar"),
        ("--models multi --tasks CTCF,REST --budget 300 --singles GATA1", "--singles"),
        ("--models multi --budget 0", "training.budget"),
    ] {
        let output = compare(&out, args);
        assert!(!output.status.success() && stderr(&output).contains(says), "{args}: {}", stderr(&output));
        assert!(files() == before, "{args}");
    }
}

#[test]
fn jobs_side_by_side_train_the_models_of_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let args = "--models multi,single --tasks CTCF,MAX,REST --budget 500";
    let tables = |name: &str, jobs: &str| {
        let out = folder.path().join(name);
        let output = compare(&out, &format!("{args} {jobs}"));
        assert!(output.status.success(), "{}", stderr(&output));
        let models = ["CTCF", "MAX", "REST"]
            .map(|tf| fs::read(out.join("runs/single").join(tf).join("0/model.safetensors")).unwrap());
        let texts =
            ["scores.tsv", "comparison.tsv", "learning.tsv"].map(|file| fs::read_to_string(out.join(file)).unwrap());
        (stderr(&output), models, texts)
    };
    let (_, models, texts) = tables("one", "");
    let (said, side_by_side, same) = tables("two", "--jobs 2");
    assert!(models == side_by_side && texts == same);
    assert!(!said.contains("ended early"), "{said}");
    for tf in ["CTCF", "MAX", "REST"] {
        let line = format!("single {tf} seed 0: average precision");
        assert_eq!(said.lines().filter(|text| text.starts_with(&line)).count(), 1, "{said}");
    }
}
