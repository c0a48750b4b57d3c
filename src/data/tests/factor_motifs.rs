//! The motifs of factors.

use super::world::{Folder, SPLIT, world_with};
use crate::data::{Dataset, DatasetOptions};

/// No factor's name matches the motif `x`.
const MOTIFS: &str =
    ">MA0139.1 CTCF\n9\n0\n0\n0\n>JUND_HUMAN.H11MO.0.A\n0\n9\n0\n0\n>M1 JUN::JUND\n0\n0\n9\n0\n>x\n0\n0\n0\n9\n";

fn folder(name: &str, motifs: &str, overrides: &str) -> Folder {
    let folder = world_with(&format!("profiles-{name}"), "motifs = 'motifs.txt'", &format!("{SPLIT}{overrides}"));
    folder.write("motifs.txt", motifs);
    folder
}

fn ids<'a>(dataset: &'a Dataset, factor: &str) -> Vec<&'a str> {
    dataset.factor_motifs(factor).into_iter().map(|motif| &*motif.id).collect()
}

fn notes(dataset: &Dataset) -> Vec<&str> {
    dataset.notes().iter().map(|note| &**note).filter(|note| note.contains("motif")).collect()
}

#[test]
fn names_tell_which_motifs_are_a_factors_and_notes_say_where_they_do_not() {
    let dataset = folder("names", MOTIFS, "").open().unwrap();
    assert_eq!(ids(&dataset, "CTCF"), ["MA0139.1"]);
    assert_eq!(ids(&dataset, "JUND"), ["JUND_HUMAN.H11MO.0.A", "M1"]);
    assert!(ids(&dataset, "REST").is_empty() && ids(&dataset, "JUN").is_empty());
    assert_eq!(
        notes(&dataset),
        [
            "factors without a motif: REST",
            "factors with several motifs: JUND (2)",
            "1 of 4 motifs are of none of these factors"
        ]
    );
}

#[test]
fn a_motif_of_a_dimer_alone_is_told() {
    let dataset = folder("dimer", ">M1 REST::MAX\n9\n0\n0\n0\n>M2 CTCF\n9\n0\n0\n0\n", "").open().unwrap();
    assert_eq!(ids(&dataset, "REST"), ["M1"]);
    let expected = ["factors without a motif: JUND", "factors whose motif is that of a dimer: REST (REST::MAX)"];
    assert_eq!(notes(&dataset), expected);
}

#[test]
fn motif_names_say_otherwise() {
    let overrides = "[motif_names]\nREST = 'X'\nJUND = ['CTCF', 'x', 'ma0139.1']\nCTCF = []\n";
    let dataset = folder("overrides", MOTIFS, overrides).open().unwrap();
    assert_eq!(ids(&dataset, "REST"), ["x"]);
    assert_eq!(ids(&dataset, "JUND"), ["MA0139.1", "x"]);
    assert!(ids(&dataset, "CTCF").is_empty());
    assert_eq!(
        notes(&dataset),
        [
            "factors without a motif: CTCF",
            "factors with several motifs: JUND (2)",
            "motifs that several factors share: x (JUND, REST)",
            "2 of 4 motifs are of none of these factors"
        ]
    );
}

#[test]
fn an_identifier_goes_before_another_that_differs_in_case_and_before_names() {
    let motifs = ">m1 other\n9\n0\n0\n0\n>M1 x\n9\n0\n0\n0\n>M2 M1\n9\n0\n0\n0\n>M3 X\n9\n0\n0\n0\n";
    let dataset = folder("case", motifs, "[motif_names]\nREST = 'M1'\nCTCF = 'x'\n").open().unwrap();
    assert_eq!((ids(&dataset, "REST"), ids(&dataset, "CTCF")), (vec!["M1"], vec!["M1", "M3"]));
}

#[test]
fn without_a_file_of_motifs_there_are_no_profiles_and_no_notes_of_them() {
    let dataset = world_with("profiles-without", "", SPLIT).open().unwrap();
    assert!(ids(&dataset, "CTCF").is_empty());
    assert_eq!(notes(&dataset), [""; 0]);
}

#[test]
fn a_name_that_is_not_there_is_an_error_with_those_most_like_it() {
    let message = |name: &str, text: &str| folder(name, MOTIFS, &format!("[motif_names]\n{text}\n")).message();
    assert_eq!(
        message("motif", "REST = ['x', 'CTFC']"),
        "motif_names.REST: expected an identifier or alternate name in FOLDER/motifs.txt, such as CTCF, M1, x, \
         found \"CTFC\""
    );
    assert_eq!(
        message("part", "REST = 'JUND'"),
        "motif_names.REST: expected an identifier or alternate name in FOLDER/motifs.txt, such as JUN::JUND, \
         JUND_HUMAN.H11MO.0.A, CTCF, found \"JUND\""
    );
    assert!(message("empty", "REST = ''").ends_with("found \"\""));
    assert_eq!(
        message("factor", "RSET = 'x'"),
        "motif_names.RSET: expected a factor of the data set before =, such as REST, CTCF, JUND, found \"RSET\""
    );
}

#[test]
fn motif_names_may_be_of_factors_that_are_not_asked_for() {
    let folder = folder("some", MOTIFS, "[motif_names]\nREST = 'x'\n");
    let options = DatasetOptions { factors: Some(vec!["CTCF".into()]), ..DatasetOptions::default() };
    let dataset = Dataset::open_with(folder.path("dataset.toml"), &options).unwrap();
    assert_eq!((ids(&dataset, "CTCF"), ids(&dataset, "REST")), (vec!["MA0139.1"], vec![]));
    assert_eq!(notes(&dataset)[0], "3 of 4 motifs are of none of these factors");
}

#[test]
fn long_lists_are_cut_and_counted() {
    let motifs = (0..12).fold(String::new(), |text, i| text + &format!(">M{i} JUN::CTCF::JUND\n9\n0\n0\n0\n"));
    let dataset = folder("long", &motifs, "").open().unwrap();
    let shared = (0..10).map(|i| format!("M{i} (CTCF, JUND)")).collect::<Vec<_>>().join(", ");
    assert_eq!(notes(&dataset)[3], format!("motifs that several factors share: {shared} and 2 more"));
}

#[test]
fn which_motif_is_whose_tells_data_sets_apart() {
    let fingerprint = |name: &str, text: &str| folder(name, MOTIFS, text).open().unwrap().fingerprint_number();
    let first = fingerprint("plain", "");
    assert_eq!(fingerprint("same", ""), first);
    assert_ne!(fingerprint("other", "[motif_names]\nREST = 'x'\n"), first);
    assert_ne!(fingerprint("none", "[motif_names]\nCTCF = []\n"), first);
}
