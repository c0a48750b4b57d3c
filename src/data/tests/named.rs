//! Factors and tasks by name.

use super::world::{SPLIT, world};
use crate::data::{Dataset, DatasetOptions};

#[test]
fn case_and_blanks_of_factors_do_not_matter() {
    let folder = world("named", SPLIT);
    let options = |factors: &[&str]| DatasetOptions {
        factors: Some(factors.iter().map(|&name| name.to_owned()).collect()),
        ..DatasetOptions::default()
    };
    let open = |factors| Dataset::open_with(folder.path("dataset.toml"), &options(factors));
    let dataset = open(&[" rest", "ctcf ", "REST"]).unwrap();
    assert_eq!(dataset.tasks().iter().map(|task| &*task.name).collect::<Vec<_>>(), ["CTCF", "REST"]);
    let message = open(&["jnud", "REST"]).unwrap_err().asked_by("--tasks").to_string();
    assert_eq!(message, "--tasks: no factor jnud; most similar of the data set's 3: JUND, CTCF, REST");
    assert_eq!(dataset.task_indices(&["Rest", "ctcf", "REST"]).unwrap(), [1, 0]);
    assert!(dataset.task_indices::<&str>(&[]).is_err());
    assert!(dataset.task_indices(&[""]).is_err());
}

#[test]
fn a_factor_has_all_of_its_tracks_and_a_track_is_one() {
    let folder = world("named-tracks", SPLIT);
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    folder.write("dataset.toml", text.replace("[windows]", "[tasks]\nper = 'track'\n[windows]"));
    let dataset = folder.open().unwrap();
    let tasks = |names: &[&str]| dataset.task_indices(names).unwrap();
    assert_eq!(tasks(&["jund"]), [2, 3]);
    assert_eq!(tasks(&["JUND@k-562", "Jund"]), [3, 2]);
    let message = dataset.task_indices(&["JUND@A549"]).unwrap_err().to_string();
    assert_eq!(message, "no factor JUND@A549; most similar of the data set's 3: JUND, CTCF, REST");
}
