//! Data sets of sequences without a genome.

use proptest::prelude::*;

use super::world::Folder;
use crate::{
    data::{BatchBuilder, Dataset, DatasetOptions, Draw, Sample, Sampler, SamplerConfig, SequenceSplit, Split},
    genome::{Label, base},
};

/// Names, letters, labels of B and of A, and splits.
const RECORDS: [(&str, &str, [Option<bool>; 2], Split); 7] = [
    ("s1", "ACGTA", [Some(true), None], Split::Train),
    ("s2", "ggg", [Some(false), Some(true)], Split::Train),
    ("s3", "TTTTTT", [None, Some(false)], Split::Train),
    ("s4", "AC", [Some(true), Some(true)], Split::Valid),
    ("s5", "CC", [Some(false), Some(false)], Split::Valid),
    ("s6", "AGG", [Some(true), Some(true)], Split::Test),
    ("s7", "CCCA", [Some(false), Some(false)], Split::Test),
];

fn given() -> SequenceSplit {
    SequenceSplit::Given(RECORDS.map(|(.., part)| part).to_vec())
}

fn small() -> Dataset {
    let records = RECORDS.map(|(name, letters, labels, _)| (name, letters, labels));
    Dataset::from_sequences("small", &["B", "A"], records, &given()).unwrap()
}

#[test]
fn a_sequence_is_one_sample_in_the_middle_of_its_context() {
    let dataset = small();
    assert_eq!(dataset.tasks().iter().map(|task| &*task.name).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!((dataset.cells().len(), &*dataset.cells()[0].name, dataset.has_sequences()), (1, "sequences", true));
    let bins = |split| dataset.samples(split, 6).unwrap().iter().map(|sample| sample.bin).collect::<Vec<_>>();
    assert_eq!(Split::ALL.map(bins), [vec![0, 1, 2], vec![3, 4], vec![5, 6]]);
    let draws = [0, 1, 2].map(|bin| Draw { sample: Sample { bin, cell: 0 }, weight: 1.0 });
    let batch = BatchBuilder::new(&dataset, &[1, 0], 6).build(&draws, 0);
    let letters: Vec<u8> = batch.codes.iter().map(|&code| base::to_ascii(code)).collect();
    assert_eq!(String::from_utf8(letters).unwrap(), "NACGTANNGGGNTTTTTT");
    let expected: Vec<Label> = RECORDS[..3].iter().flat_map(|record| record.2).map(Label::from).collect();
    assert_eq!(batch.labels, expected);
    assert!(dataset.notes().is_empty(), "{:?}", dataset.notes());
}

#[test]
fn a_context_that_cuts_sequences_off_is_an_error_that_says_how_many() {
    let dataset = small();
    let expected = "architecture.context_bp: expected at least 6, the length of the longest sequence: 2 of 7 are \
                    longer than the context, and would be cut, found 4";
    assert_eq!(dataset.samples(Split::Test, 4).unwrap_err().to_string(), expected);
    let sampler = Sampler::new(&dataset, &[0], 4, &SamplerConfig::default(), 0);
    assert_eq!(sampler.unwrap_err().to_string(), expected);
    assert!(Sampler::new(&dataset, &[0], 6, &SamplerConfig::default(), 0).is_ok());
}

#[test]
#[should_panic(expected = "architecture.context_bp: expected at least 6")]
fn no_batch_cuts_sequences_off() {
    let draw = Draw { sample: Sample { bin: 0, cell: 0 }, weight: 1.0 };
    BatchBuilder::new(&small(), &[0], 4).build(&[draw], 0);
}

#[test]
fn bad_sequences_are_refused_with_what_is_wrong() {
    let message = |names: &[&str], letters: &str, labels: usize, split: SequenceSplit| {
        let records = names.iter().map(|&name| (name, letters, vec![true; labels]));
        Dataset::from_sequences("bad", &["A"], records, &split).unwrap_err().to_string()
    };
    let given = |count| SequenceSplit::Given(vec![Split::Train; count]);
    assert_eq!(message(&[], "A", 1, given(0)), "the sequences: expected at least one, found none");
    let labels = "the labels of sequence a: expected 1, one for each task, found 2";
    assert_eq!(message(&["a"], "A", 2, given(1)), labels);
    assert!(message(&["a", "a"], "A", 1, given(2)).ends_with("a twice"));
    assert_eq!(message(&["a"], "AC-", 1, given(1)), "base 2 of a: expected an IUPAC code, found '-'");
    let parts = "the parts of a split: expected 2, one for each sequence, found 3";
    assert_eq!(message(&["a", "b"], "A", 1, given(3)), parts);
    assert_eq!(message(&["a"], "A", 1, given(1)), "the valid split is empty: no sequence is in it");
    let random = |valid, test| SequenceSplit::Random { valid, test, seed: 0 };
    let share = "split.valid: expected a share above 0 and below 1, found NaN";
    assert_eq!(message(&["a"], "A", 1, random(f64::NAN, 0.5)), share);
    let sum = "split.valid + split.test: expected a share above 0 and below 1, found 1";
    assert_eq!(message(&["a"], "A", 1, random(0.5, 0.5)), sum);
    let twice = Dataset::from_sequences("bad", &["A", "A"], [("a", "A", [true, true])], &given(1)).unwrap_err();
    assert_eq!(twice.to_string(), "the tasks: expected each once, found A twice");
    let none = Dataset::from_sequences("bad", &[] as &[&str], [("a", "A", [true; 0])], &given(1)).unwrap_err();
    assert_eq!(none.to_string(), "tasks: expected at least one, found none");
}

#[test]
fn equal_sequences_in_two_parts_are_told() {
    let parts = vec![Split::Train, Split::Train, Split::Valid, Split::Valid, Split::Test, Split::Test];
    let letters = ["ACG", "TTA", "CGT", "GGG", "GGT", "AAA"];
    let records = letters.iter().enumerate().map(|(index, letters)| (index.to_string(), letters, [index % 2 == 0]));
    let dataset = Dataset::from_sequences("both", &["A"], records, &SequenceSplit::Given(parts)).unwrap();
    let expected = "validation or test sequences that are trained on too, under another name or on the other strand: 2";
    assert_eq!(dataset.notes(), [expected]);
}

proptest! {
    #[test]
    fn parts_have_their_shares_and_equal_sequences_stay_together(
        letters in prop::collection::vec("[ACGT]{3}", 40..80), seed in 0_u64..9,
    ) {
        let split = SequenceSplit::Random { valid: 0.25, test: 0.25, seed };
        let open = |letters: &[String], prefix: &str| {
            let names = (0..letters.len()).map(|index| format!("{prefix}{index:02}"));
            let records = names.zip(letters).enumerate();
            let records = records.map(|(i, (name, letters))| (name, letters, [i % 2 == 0, i % 2 == 1]));
            Dataset::from_sequences("drawn", &["A", "B"], records, &split)
        };
        let dataset = open(&letters, "x").unwrap();
        let part = |dataset: &Dataset, sequence: usize| {
            let samples = |split: Split| dataset.samples(split, 3).unwrap();
            let is_in = |split: &Split| samples(*split).iter().any(|sample| sample.bin as usize == sequence);
            Split::ALL.into_iter().find(is_in)
        };
        let parts: Vec<_> = (0..letters.len()).map(|sequence| part(&dataset, sequence)).collect();
        let other = |letters: &str| -> String {
            let complement = |letter| base::to_ascii(base::complement(base::from_ascii(letter)));
            letters.bytes().rev().map(|letter| char::from(complement(letter))).collect()
        };
        for (i, one) in letters.iter().enumerate() {
            for (j, two) in letters.iter().enumerate() {
                if one == two || *one == other(two) {
                    prop_assert_eq!(parts[i], parts[j]);
                }
            }
        }
        // 32 kinds of sequences of 3 bases: a part exceeds its share by less than the commonest one.
        let alike = |one: &String| letters.iter().filter(|two| one == *two || *one == other(two)).count();
        let most = letters.iter().map(alike).max().unwrap();
        for split in [Split::Valid, Split::Test] {
            let count = parts.iter().filter(|part| **part == Some(split)).count() as f64;
            let share = (0.25 * letters.len() as f64).round();
            prop_assert!((count - share).abs() < most as f64 + 1.0, "{count} {share}");
        }
        let reversed: Vec<String> = letters.iter().rev().cloned().collect();
        let backward = open(&reversed, "y").unwrap();
        for (sequence, expected) in parts.iter().rev().enumerate() {
            prop_assert_eq!(part(&backward, sequence), *expected);
        }
        prop_assert!(dataset.notes().iter().all(|note| !note.contains("trained on too")));
    }
}

const TABLE: &str = "name\tB\tA\ns2\tU\tB\ns1\t1\tNA\ns3\t\t0\ns4\t1\tB\ns5\t0\tU\ns6\t1\t1\ns7\t0\t0\n";
const TOML: &str = "name = 'small'\nsequences = 's.fa'\nlabels = 's.tsv'\n";
const NAMED: &str = "split = { valid = ['s4', 's5'], test = ['s6', 's7'] }\n";

fn folder(name: &str, table: &str, rest: &str) -> Folder {
    let folder = Folder::new(&format!("sequences-{name}"));
    folder.write("s.fa", RECORDS.map(|(name, letters, ..)| format!(">{name} text\n{letters}\n")).concat());
    folder.write("s.tsv", table);
    folder.write("dataset.toml", format!("{TOML}{rest}"));
    folder
}

/// The table with a column of splits.
fn with_parts() -> String {
    let row = |row: &str| {
        let part = RECORDS.iter().find(|record| row.starts_with(record.0)).map_or("split", |record| record.3.name());
        format!("{row}\t{part}\n")
    };
    TABLE.lines().map(row).collect()
}

#[test]
fn sequences_in_files_are_those_in_memory() {
    for (name, table, rest) in [("named", TABLE.to_owned(), NAMED), ("column", with_parts(), "")] {
        let dataset = folder(name, &table, rest).open().unwrap();
        assert_eq!(dataset.fingerprint(), small().fingerprint(), "{name}");
        assert_eq!(dataset.notes(), small().notes());
    }
    let given = folder("cell", TABLE, &format!("cell = 'HEK293'\n{NAMED}")).open().unwrap();
    assert_eq!(given.cells()[0].name, "HEK293");
    let left_out = with_parts().replace("U\tB\ttrain", "U\tB\tNA");
    assert_eq!(folder("left-out", &left_out, "").open().unwrap().samples(Split::Train, 6).unwrap().len(), 2);
}

#[test]
fn odd_names_of_factors_are_told_as_those_of_files_are() {
    let table = TABLE.replace("name\tB\tA", "name\tJUN\tJun");
    let dataset = folder("odd", &table, NAMED).open().unwrap();
    assert_eq!(dataset.notes(), ["factors that differ in case or blanks alone: JUN, Jun"]);
}

#[test]
fn factors_motifs_and_no_labels_can_be_asked_for() {
    let folder = folder("asked", TABLE, &format!("motifs = 'm.meme'\nmotif_names = {{ B = 'M1' }}\n{NAMED}"));
    folder.write("m.meme", "MEME version 4\n\nMOTIF M1 X\nletter-probability matrix: alength= 4 w= 1\n1 0 0 0\n");
    let open = |options: &DatasetOptions| Dataset::open_with(folder.path("dataset.toml"), options);
    let factors = |name: &str| DatasetOptions { factors: Some(vec![name.to_owned()]), ..DatasetOptions::default() };
    let dataset = open(&factors("b")).unwrap();
    assert_eq!((dataset.tasks().len(), &*dataset.tasks()[0].name, &*dataset.factor_motifs("B")[0].id), (1, "B", "M1"));
    let unknown = open(&factors("C")).unwrap_err().to_string();
    assert_eq!(unknown, "no factor C; most similar of the data set's 2: A, B");
    let unlabelled = open(&DatasetOptions { without_labels: true, ..DatasetOptions::default() }).unwrap();
    assert_eq!((unlabelled.tasks().len(), unlabelled.grid().len()), (0, 7));
}

#[test]
fn bad_tables_are_errors_with_line_and_column() {
    let message = |name: &str, table: &str| folder(name, table, NAMED).message();
    for (name, table, expected) in [
        ("empty", "", "FOLDER/s.tsv: not a table of labels: it is empty"),
        (
            "header",
            "s1\t1\n",
            "FOLDER/s.tsv:1:1: expected a header: name, and a column for each factor, with tabs between them, \
             found \"s1\"",
        ),
        (
            "commas",
            "name,A\n",
            "FOLDER/s.tsv:1:1: expected a header: name, and a column for each factor, with tabs between them, \
             found \"name,A\"",
        ),
        ("twice", "name\tA\tA\n", "FOLDER/s.tsv:1:3: expected a column that was not there before, found \"A\""),
        ("none", "name\tsplit\n", "FOLDER/s.tsv:1:3: expected a column for at least one factor, found \"\""),
        (
            "unnamed",
            "name\tA\t\n",
            "FOLDER/s.tsv:1:3: its header: expected a name: not empty, not *, and without slashes, found \"\"",
        ),
        ("unknown", "name\tA\n\ns9\t1\n", "FOLDER/s.tsv:3:1: expected the name of a sequence, found \"s9\""),
        (
            "again",
            "name\tA\ns1\t1\ns1\t1\n",
            "FOLDER/s.tsv:3:1: expected a sequence that had no row before, found \"s1\"",
        ),
        ("value", "name\tA\tB\ns1\t1\t0.5\n", "FOLDER/s.tsv:2:3: expected 0, 1, U, A, B, NA or nothing, found \"0.5\""),
        (
            "part",
            "name\tA\tsplit\ns1\t1\tTest\n",
            "FOLDER/s.tsv:2:3: expected train, valid, test, NA or nothing, found \"Test\"",
        ),
        ("narrow", "name\tA\tB\ns1\t1\n", "FOLDER/s.tsv:2:3: expected 3 columns, as the header has, found \"\""),
        ("wide", "name\tA\ns1\t1\t0\n", "FOLDER/s.tsv:2:3: expected 2 columns, as the header has, found \"0\""),
        (
            "cut",
            "name\tA\tB\ns1\t1",
            "FOLDER/s.tsv:2:3: expected 3 columns: the file ends within this line, as a truncated file does, \
             found \"\"",
        ),
        (
            "lacking",
            "name\tA\ns2\t1\n",
            "FOLDER/s.tsv: expected a row for each of 7 sequences, found none for s1, s3, s4, s5, s6 and 1 more",
        ),
    ] {
        assert_eq!(message(name, table), expected);
    }
}

#[test]
fn keys_that_do_not_go_with_sequences_and_splits_that_cannot_be_are_errors() {
    let message = |name: &str, table: &str, rest: &str| folder(&format!("keys-{name}"), table, rest).message();
    let nothing =
        |key: &str| format!("{key}: expected nothing, since sequences stand for a genome and its bins, found a value");
    for (key, rest) in [
        ("genome", "genome = 'g.fa'"),
        ("windows", "windows = { bin_bp = 200, stride_bp = 50 }"),
        ("blacklist", "blacklist = 'b.bed'"),
        ("accessibility", "accessibility = { A = 'a.bw' }"),
        ("peaks", "peaks = { pattern = '{tf}.bed', cell = 'A' }"),
        ("tasks", "tasks = { per = 'tf' }"),
        ("split.test_cells", "split = { test_cells = ['A'] }"),
    ] {
        assert_eq!(message(key, TABLE, rest), nothing(key));
    }
    let both = "split: expected either a column split in the labels, or names under [split], found both";
    assert_eq!(message("both", &with_parts(), NAMED), both);
    let unknown = "split.valid: expected names of sequences, such as s1, s2, s3, found \"s9\"";
    assert_eq!(message("unknown", TABLE, "split = { valid = ['s9'] }"), unknown);
    let twice = "split: expected each sequence in one part, found s4 in valid and test";
    assert_eq!(message("twice", TABLE, "split = { valid = ['s4'], test = ['s4'] }"), twice);
    assert_eq!(message("no-split", TABLE, ""), "the valid split is empty: no sequence is in it");
    let no_labels = Folder::new("sequences-no-labels");
    no_labels.write("s.fa", ">a\nACGT\n");
    no_labels.write("dataset.toml", "name = 'n'\nsequences = 's.fa'\n");
    assert_eq!(no_labels.message(), "labels: expected a table with a row for each sequence, found none");
}
