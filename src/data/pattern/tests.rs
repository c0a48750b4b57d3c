//! Files found by patterns.

use std::{collections::BTreeSet, fs, path::Path};

use super::*;
use crate::testing::TestFolder;

fn names(tf: &str, cell: &str) -> Names {
    Names::default().with(Placeholder::Tf, tf).with(Placeholder::Cell, cell)
}

fn find(folder: &TestFolder, pattern: &str) -> Result<Found> {
    Pattern::new("peaks.pattern", pattern)?.find(folder.path(), &BTreeSet::new())
}

fn factors(folder: &TestFolder, pattern: &str) -> Vec<String> {
    find(folder, pattern).unwrap().files.into_keys().filter_map(|names| names.tf).collect()
}

fn message(folder: &TestFolder, pattern: &str) -> String {
    find(folder, pattern).unwrap_err().to_string().replace(&*folder.path().to_string_lossy(), "FOLDER")
}

fn near(folder: &TestFolder, pattern: &str) -> Vec<String> {
    let near = find(folder, pattern).unwrap().near;
    near.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
}

#[test]
fn names_are_found_in_folders_and_files() {
    let folder = TestFolder::new("pattern-folders");
    for file in ["K562/CTCF.bed.gz", "K562/JUN-D_2.bed.gz", "HepG2/CTCF.bed.gz", "HepG2/a.b.bed.gz", "readme"] {
        folder.write(&format!("peaks/{file}"), "");
    }
    let pattern = Pattern::new("peaks.pattern", "peaks/{cell}/{tf}.bed.gz").unwrap();
    let found = pattern.find(folder.path(), &BTreeSet::new()).unwrap().files;
    let expected = [names("CTCF", "HepG2"), names("CTCF", "K562"), names("JUN-D_2", "K562"), names("a.b", "HepG2")];
    assert_eq!(found.keys().cloned().collect::<Vec<_>>(), expected);
    assert_eq!(found[&expected[0]], folder.path().join("peaks/HepG2/CTCF.bed.gz"));
}

#[test]
fn a_name_is_any_text_that_the_rest_of_the_pattern_leaves_over() {
    let folder = TestFolder::new("pattern-any");
    let all = ["NKX2.5", "X11.02c", "SPAC11D3.17", "Su(H)", "a b", "\u{3b1}-cat", "E(spl)m8+", "HLA_A*02"];
    for name in all {
        folder.write(&format!("{name}.bed"), "");
    }
    let mut expected = all.map(str::to_owned);
    expected.sort();
    assert_eq!(factors(&folder, "{tf}.bed"), expected);
    folder.write("in T cells, CD4.1/CTCF.tsv", "");
    let found = find(&folder, "{cell}/{tf}.tsv").unwrap().files;
    assert_eq!(found.into_keys().collect::<Vec<_>>(), [names("CTCF", "in T cells, CD4.1")]);
}

#[test]
fn a_name_that_comes_twice_must_be_the_same() {
    let folder = TestFolder::new("pattern-twice");
    folder.write("A/A.bed", "");
    folder.write("A/B.bed", "");
    assert_eq!(factors(&folder, "{tf}/{tf}.bed"), ["A"]);
}

#[test]
fn a_name_that_reads_in_two_ways_is_read_as_others_are_or_an_error() {
    let folder = TestFolder::new("pattern-ambiguous");
    for file in ["CTCF.K562.bed", "MAX.HepG2.bed", "NKX2.5.K562.bed"] {
        folder.write(file, "");
    }
    let found = find(&folder, "{tf}.{cell}.bed").unwrap().files;
    let expected = [names("CTCF", "K562"), names("MAX", "HepG2"), names("NKX2.5", "K562")];
    assert_eq!(found.into_keys().collect::<Vec<_>>(), expected);
    folder.write("CTCF.2.A549.bed", "");
    let error = message(&folder, "{tf}.{cell}.bed");
    assert_eq!(
        error,
        "peaks.pattern: expected file names that can be read in one way, say with a folder for each cell type, by \
         \"{tf}.{cell}.bed\", found FOLDER/CTCF.2.A549.bed, which is CTCF in 2.A549 or CTCF.2 in A549"
    );
    let pattern = Pattern::new("peaks.pattern", "{tf}.{cell}.bed").unwrap();
    let read = |cell| pattern.find(folder.path(), &BTreeSet::from([cell])).unwrap().files;
    assert!(read("A549").contains_key(&names("CTCF.2", "A549")));
    assert!(read("2.A549").contains_key(&names("CTCF", "2.A549")));
}

#[test]
fn files_that_nearly_fit_are_listed() {
    let folder = TestFolder::new("pattern-near");
    for file in ["A.bed", "A.bed.gz", "B.bed.gz", "C.narrowPeak", "D.BED", "E.bed.txt", ".F.bed", "._A.bed"] {
        folder.write(&format!("peaks/{file}"), "");
    }
    for file in ["README.txt", "checksums", "A.bed.md5", "run.sh", "figure.png"] {
        folder.write(&format!("peaks/{file}"), "");
    }
    assert_eq!(factors(&folder, "peaks/{tf}.bed"), ["A"]);
    let expected = [".F.bed", "._A.bed", "A.bed.gz", "B.bed.gz", "C.narrowPeak", "D.BED", "E.bed.txt"];
    assert_eq!(near(&folder, "peaks/{tf}.bed"), expected.map(|file| format!("peaks/{file}")));
    let pattern = Pattern::new("labels", "peaks/{tf}.bed").unwrap();
    let note = pattern.near_note(&[folder.path().join("peaks/A.bed.gz")], folder.path()).unwrap();
    assert_eq!(note, "labels \"peaks/{tf}.bed\" leaves out peaks/A.bed.gz");
    folder.write("other/GM_CTCF_peaks.narrowPeak", "");
    folder.write("other/GM_MAX_peaks.narrowPeak.gz", "");
    folder.write("other/K_MAX_peaks.narrowPeak.gz", "");
    assert_eq!(near(&folder, "other/GM_{tf}_peaks.narrowPeak"), ["other/GM_MAX_peaks.narrowPeak.gz"]);
    let error = message(&folder, "peaks/{tf}.tsv");
    let missing = "peaks.pattern: expected at least one file that fits \"peaks/{tf}.tsv\", found none in FOLDER, but ";
    assert!(error.starts_with(missing) && error.contains("peaks/A.bed, peaks/A.bed.gz"), "{error}");
}

#[test]
fn absolute_patterns_are_found() {
    let folder = TestFolder::new("pattern-absolute");
    folder.write("peaks/CTCF.bed", "");
    let pattern = Pattern::new("peaks.pattern", &format!("{}/peaks/{{tf}}.bed", folder.path().display())).unwrap();
    let found = pattern.find(Path::new("/nowhere"), &BTreeSet::new()).unwrap().files;
    assert_eq!(found.into_values().collect::<Vec<_>>(), [folder.path().join("peaks/CTCF.bed")]);
}

#[test]
fn folders_without_the_file_that_is_meant_are_listed() {
    let folder = TestFolder::new("pattern-lacking");
    for file in ["A/peaks.bed", "B/peaks.bed.gz", "C/Peaks.bed", "D/other.txt", "readme"] {
        folder.write(file, "");
    }
    assert_eq!(factors(&folder, "{tf}/peaks.bed"), ["A"]);
    assert_eq!(near(&folder, "{tf}/peaks.bed"), ["B/peaks.bed.gz", "C/Peaks.bed", "D"]);
    folder.write("K562/peaks/A.bed", "");
    folder.write("HepG2/Peaks/A.bed", "");
    assert!(near(&folder, "{cell}/peaks/{tf}.bed").contains(&"HepG2".to_owned()));
}

#[test]
fn an_empty_name_is_an_error() {
    let folder = TestFolder::new("pattern-empty");
    folder.write("CTCF_K562.bed", "");
    folder.write("CTCF_.bed", "");
    let error = message(&folder, "CTCF_{tf}.bed");
    assert!(error.ends_with("found an empty name in FOLDER/CTCF_.bed"), "{error}");
}

#[test]
fn a_folder_where_a_file_is_meant_is_an_error() {
    let folder = TestFolder::new("pattern-dir");
    folder.write("A.bed", "");
    fs::create_dir(folder.path().join("B.bed")).unwrap();
    assert!(message(&folder, "{tf}.bed").starts_with("FOLDER/B.bed: not a file: it is a folder"));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_an_error_as_file_and_as_folder() {
    let folder = TestFolder::new("pattern-link");
    folder.write("K562/A.bed", "");
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    link("A.bed", "K562/B.bed");
    assert_eq!(factors(&folder, "{cell}/{tf}.bed"), ["A", "B"]);
    link("nowhere", "K562/C.bed");
    let message_of = |name| format!("FOLDER/{name}: a link to what is not there: mend or remove it");
    assert_eq!(message(&folder, "{cell}/{tf}.bed"), message_of("K562/C.bed"));
    fs::remove_file(folder.path().join("K562/C.bed")).unwrap();
    link("nowhere", "HepG2");
    assert_eq!(message(&folder, "{cell}/{tf}.bed"), message_of("HepG2"));
}

#[test]
fn a_pattern_without_files_is_an_error_with_the_folder() {
    let folder = TestFolder::new("pattern-none");
    folder.write("labels/readme", "");
    let expected = "peaks.pattern: expected at least one file that fits \"labels/{tf}.tsv.gz\", found none in FOLDER";
    assert_eq!(message(&folder, "labels/{tf}.tsv.gz"), expected);
}

#[test]
fn a_missing_folder_is_an_error_with_its_path() {
    let pattern = Pattern::new("labels", "no/{tf}.tsv").unwrap();
    let error = pattern.find(Path::new("/nowhere"), &BTreeSet::new()).unwrap_err();
    assert!(error.to_string().starts_with("/nowhere/no: "), "{error}");
}

#[test]
fn other_braces_are_errors() {
    for text in ["{TF}.bed", "{tf.bed", "tf}.bed", "{tf}}.bed", "{}"] {
        let error = Pattern::new("labels", text).unwrap_err().to_string();
        assert!(error.starts_with("labels: expected a path whose only placeholders are {tf} and {cell}"), "{error}");
    }
}

#[test]
fn what_tables_and_paths_cannot_hold_is_no_name() {
    for name in ["", "*", "a/b", "a\\b", "a\tb", "a\n"] {
        assert!(check_name("peaks.cell", name).is_err(), "{name:?}");
    }
    for name in ["K-562", "NKX2.5", "in vitro", "Su(H)"] {
        assert!(check_name("peaks.cell", name).is_ok(), "{name:?}");
    }
}
