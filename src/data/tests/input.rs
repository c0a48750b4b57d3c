//! Errors of bad input.

use super::world::{Folder, SPLIT, world, world_with};

fn with(name: &str, split: &str) -> String {
    world(name, split).message()
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let message = world_with("unknown", "blaklist = 'b.bed'", SPLIT).message();
    assert!(message.starts_with("FOLDER/dataset.toml:4:1: unknown field `blaklist`, expected one of"), "{message}");
}

#[test]
fn an_empty_split_is_named_with_the_reason() {
    assert_eq!(with("no-test", "valid = ['chr3']\n"), "the test split is empty: split.test names no region");
    assert_eq!(
        with("short", "valid = ['chr3']\ntest = ['chr4:30-249']\n"),
        "the test split is empty: no bin of 200 bp lies in its regions"
    );
    assert_eq!(
        with("no-train", "train = ['chr1:0-100']\nvalid = ['chr3']\ntest = ['chr4']\n"),
        "the train split is empty: no bin of its regions is 200 bp of context away from the other splits"
    );
    let folder = world("unlabelled", "valid = ['chr3']\ntest = ['chr4']\ntest_cells = ['K-562']\n");
    for factor in ["JUND", "REST"] {
        folder.write(&format!("labels/{factor}.tsv"), "chr\tstart\tstop\tHepG2\nchr1\t0\t200\tB\n");
    }
    let expected = "the test split is empty: none of its 397 bins is bound or unbound in cell types K-562";
    assert_eq!(folder.message(), expected);
}

#[test]
fn a_wrong_region_is_named() {
    let message = with("region", "valid = ['chr9']\ntest = ['chr4']\n");
    let known = "chromosomes of the genome (chr1, chr2, chr3, chr4, ...), or chr:start-end";
    assert_eq!(message, format!("split.valid: expected {known}, found \"chr9\""));
    let message = with("overlap", "train = ['chr1']\nvalid = ['chr3']\ntest = ['chr4', 'chr3:0-10']\n");
    let found = "found valid chr3:0-20000 and test chr3:0-10";
    assert_eq!(message, format!("split: expected regions that do not overlap, or no cell type in common, {found}"));
}

#[test]
fn a_wrong_cell_type_is_named() {
    let message = with("cell", &format!("{SPLIT}test_cells = ['K562']\n"));
    assert_eq!(message, "split.test_cells: expected some of A549, HepG2, K-562, found \"K562\"");
    let split = format!("{SPLIT}test_cells = ['K-562']\n");
    let message = world_with("track-cells", "tasks = { per = 'track' }", &split).message();
    let expected = "tasks.per = \"tf\" to hold out cell types, since a track has only one";
    assert_eq!(message, format!("split.test_cells: expected {expected}, found [\"K-562\"]"));
}

#[test]
fn cell_types_that_nothing_tells_apart_are_named() {
    let folder = world_with("apart", "tasks = { per = 'tf' }", SPLIT);
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    folder.write("dataset.toml", text.replace("A549 = 'A549.bw'\n", "").replace("HepG2 = 'HepG2.bw'\n", ""));
    let error = folder.message();
    assert!(error.starts_with("accessibility: expected a signal for every cell type with labels ("), "{error}");
    assert!(error.ends_with("), found none for A549, HepG2"), "{error}");
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = Folder::new("nothing");
    assert!(folder.message().starts_with("FOLDER/dataset.toml: "));
    folder.write(
        "dataset.toml",
        "name = 'n'\ngenome = 'genome.fa'\nlabels = '{tf}.tsv'\nwindows = { bin_bp = 200, stride_bp = 50 }",
    );
    assert_eq!(folder.message(), "labels: expected at least one file that fits \"{tf}.tsv\", found none in FOLDER");
    folder.write("CTCF.tsv", "chr\tstart\tstop\tK562\nchr1\t0\t200\tB\n");
    assert!(folder.message().starts_with("FOLDER/genome.fa: "));
}

#[test]
fn the_first_of_several_bad_files_is_reported() {
    let folder = world("several", SPLIT);
    for factor in ["CTCF", "REST"] {
        folder.write(&format!("labels/{factor}.tsv"), "chr\tstart\tstop\tHepG2\nchr1\t0\t200\tX\n");
    }
    for _ in 0..5 {
        assert!(folder.message().starts_with("FOLDER/labels/CTCF.tsv:2:4: "), "{}", folder.message());
    }
}
