//! Fingerprints of data sets.

use std::{collections::BTreeMap, fmt::Write as _};

use super::world::{Folder, SPLIT, world};
use crate::{
    data::Fingerprint,
    file::differences,
    genome::{Genome, Interval, write_bigwig},
};

/// A small data set, as texts for its parts.
fn words() -> BTreeMap<&'static str, String> {
    let words = [
        ("letters", "ACGT".repeat(100)),
        ("chromosome", "chr1".into()),
        ("bin", "100".into()),
        ("stride", "50".into()),
        ("factor", "F".into()),
        ("cell", "K562".into()),
        ("peak", "0\t100".into()),
        ("signal", "2.0".into()),
        ("transform", "log1p".into()),
        ("motif", "MA1 F".into()),
        ("row", "0.5 0.25 0.25 0".into()),
        ("sites", "20".into()),
        ("valid", "chr2".into()),
        ("train_cells", "['K562', 'A549']".into()),
    ];
    words.into_iter().collect()
}

fn fingerprint(name: &str, words: &BTreeMap<&str, String>) -> Fingerprint {
    let folder = Folder::new(&format!("fingerprint-{name}"));
    let word = |key: &str| words[key].as_str();
    let chromosomes = [word("chromosome"), "chr2", "chr3"];
    let genome = chromosomes.map(|chromosome| format!(">{chromosome}\n{}\n", word("letters"))).concat();
    folder.write("genome.fa", genome);
    let genome = Genome::open(folder.path("genome.fa")).unwrap();
    let value = word("signal").parse().unwrap();
    let runs = (0..3).map(|chromosome| (Interval { chromosome, start: 50, end: 60 }, value));
    write_bigwig(folder.path("a.bw"), &genome, runs).unwrap();
    let (factor, cell) = (word("factor"), word("cell"));
    let mut peaks = format!("{}\t{}\n", word("chromosome"), word("peak"));
    writeln!(peaks, "chr2\t0\t100\nchr3\t10\t90").unwrap();
    folder.write(&format!("{cell}.{factor}.bed"), &peaks);
    folder.write(&format!("A549.{factor}.bed"), peaks);
    let motif = format!(
        "MEME version 4\n\nMOTIF {}\nletter-probability matrix: alength= 4 w= 2 nsites= {}\n{}\n0 0 1 0\n",
        word("motif"),
        word("sites"),
        word("row")
    );
    folder.write("motifs.meme", motif);
    folder.write(
        "dataset.toml",
        format!(
            "name = 'f'\ngenome = 'genome.fa'\nmotifs = 'motifs.meme'\n\
             windows = {{ bin_bp = {}, stride_bp = {} }}\n\
             peaks = {{ pattern = '{{cell}}.{{tf}}.bed' }}\n\
             accessibility = {{ {cell} = 'a.bw', A549 = 'a.bw', transform = '{}' }}\n\
             split = {{ valid = ['{}'], test = ['chr3'], train_cells = {} }}",
            word("bin"),
            word("stride"),
            word("transform"),
            word("valid"),
            word("train_cells"),
        ),
    );
    folder.open().unwrap().fingerprint()
}

#[test]
fn the_number_of_a_data_set_in_files_stays() {
    // Folders of runs identify their data by it.
    assert_eq!(world("pinned", SPLIT).open().unwrap().fingerprint_number(), 15_388_844_496_383_265_871);
}

#[test]
fn each_part_of_a_data_set_is_told_from_another_and_named() {
    let same = fingerprint("same", &words());
    assert_eq!(fingerprint("again", &words()), same);
    for (name, value, parts) in [
        ("letters", "ACGT".repeat(99) + "ACTT", &["genome"][..]),
        ("chromosome", "chrI".into(), &["genome"]),
        ("bin", "101".into(), &["windows", "labels"]),
        // One bin less on each chromosome, and none of the labels of the others changed.
        ("stride", "60".into(), &["windows", "labels"]),
        ("factor", "G".into(), &["names_of_tasks_and_cells", "motifs"]),
        ("cell", "KKKK".into(), &["names_of_tasks_and_cells"]),
        ("peak", "0\t140".into(), &["labels"]),
        ("signal", "3.0".into(), &["accessibility"]),
        ("transform", "none".into(), &["accessibility"]),
        ("motif", "MA2 F".into(), &["motifs"]),
        ("motif", "MA1 E".into(), &["motifs"]),
        ("row", "0.5 0.25 0 0.25".into(), &["motifs"]),
        ("sites", "21".into(), &["motifs"]),
        ("valid", "chr2:0-390".into(), &["split"]),
        // No bin ends there, but contexts do.
        ("valid", "chr2:0-391".into(), &["split"]),
        ("train_cells", "['A549']".into(), &["split"]),
    ] {
        let mut words = words();
        words.insert(name, value);
        if name == "cell" {
            words.insert("train_cells", "['KKKK', 'A549']".into());
        }
        let other = fingerprint(name, &words);
        let keys: Vec<String> = differences(&same, &other).into_iter().map(|found| found.key).collect();
        let mut expected: Vec<&str> = parts.to_vec();
        expected.sort_unstable();
        assert_eq!(keys, expected, "{name}");
        assert_ne!(other.hash(), same.hash(), "{name}");
    }
    let without = |words: &BTreeMap<&str, String>, name| fingerprint(name, words).without_motifs();
    let mut words = words();
    words.insert("row", "0 0 1 0".into());
    assert_eq!(without(&words, "without"), same.without_motifs());
}
