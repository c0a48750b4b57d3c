//! Contributions lie on the motifs that the model reads, whoever owns them.

use burn::{
    module::Param,
    tensor::{Device, TensorData},
};
use rand::RngExt;

use super::*;
use crate::{
    nn::{Head, ModelConfig, MotifConvConfig, TrunkConfig},
    testing::TestFolder,
};

const GATA: &str = "TGATAAGC";
const EBOX: &str = "ACACGTGT";
const SPACING: usize = 1_000;
const SITES: usize = 40;

/// A chromosome with both words in each thousand bases, 30 bp apart, and the places of peaks around them.
fn world(folder: &TestFolder, motifs: &str) -> Dataset {
    let mut random = stream(&[1]);
    let mut codes: Vec<u8> = (0..SPACING * SITES).map(|_| b"ACGT"[random.random_range(0..4)]).collect();
    let mut peaks = Vec::new();
    for site in 0..SITES {
        let start = site * SPACING + 500;
        codes[start..start + 8].copy_from_slice(GATA.as_bytes());
        codes[start + 30..start + 38].copy_from_slice(EBOX.as_bytes());
        peaks.push(format!("chr1\t{}\t{}\n", start - 20, start + 60));
    }
    let genome = format!(">chr1\n{}\n", String::from_utf8(codes).unwrap());
    let peaks = peaks.concat();
    let files = [("genome.fa", genome.as_str()), ("GATA1.bed", &peaks), ("MAX.bed", &peaks), ("motifs.meme", motifs)];
    for (name, text) in files {
        folder.write(name, text);
    }
    let text = r#"
        name = "words"
        genome = "genome.fa"
        motifs = "motifs.meme"
        windows = { bin_bp = 200, stride_bp = 50 }
        peaks = { pattern = "{tf}.bed", cell = "K562" }
        tasks = { per = "tf" }
        split = { train = ["chr1:0-10000"], valid = ["chr1:10000-20000"], test = ["chr1:20000-40000"] }
    "#;
    folder.write("dataset.toml", text);
    Dataset::open(folder.path().join("dataset.toml")).unwrap()
}

/// Motifs in a MEME file, each with a name and a word.
fn meme(motifs: &[(&str, &str)]) -> String {
    let row =
        |letter: &str| ["A", "C", "G", "T"].map(|base| if base == letter { "0.97" } else { "0.01" }).join(" ") + "\n";
    let motif = |(number, (name, word)): (usize, &(&str, &str))| {
        let rows: Vec<String> = word.split("").filter(|letter| !letter.is_empty()).map(row).collect();
        let heading = format!("MOTIF M{number} {name}\nletter-probability matrix: alength= 4 w= {}\n", rows.len());
        heading + &rows.concat()
    };
    let motifs: Vec<String> = motifs.iter().enumerate().map(motif).collect();
    "MEME version 4\n\nALPHABET= ACGT\n\n".to_owned() + &motifs.concat()
}

/// A model in which GATA1 reads both words, with a weight each, and MAX its own alone.
fn file(dataset: &Dataset, weights: [f32; 2]) -> ModelFile {
    let device = Device::default();
    let trunk = TrunkConfig::new(200, MotifConvConfig::new(2, 8)).with_pool(193).with_hidden(0);
    let config = ModelConfig::new(trunk, 2);
    let mut model = config.init(&device);
    let of_word = |word: &'static str| {
        let rows = "ACGT".chars();
        rows.flat_map(move |base| word.chars().map(move |letter| if letter == base { 1.0 } else { -1.0_f32 }))
    };
    let weight: Vec<f32> = of_word(GATA).chain(of_word(EBOX)).collect();
    model.trunk.conv.weight = Param::from_data(TensorData::new(weight, [2, 4, 8]), &device);
    model.trunk.conv.bias = Param::from_data(TensorData::new(vec![-5.5_f32; 2], [2]), &device);
    let Head::Sigmoid(head) = &mut model.head else { panic!("the default head") };
    // Inputs are the motifs, outputs GATA1 and MAX.
    let linear = vec![weights[0], 0.0, weights[1], 1.0];
    head.linear.weight = Param::from_data(TensorData::new(linear, [2, 2]), &device);
    let tasks = dataset.tasks().iter().map(|task| task.name.clone()).collect();
    ModelFile { config, tasks, inputs: None, model }
}

fn shares(dataset: &Dataset, weights: [f32; 2]) -> Vec<(String, MotifShares)> {
    MotifOwners::new(dataset, Split::Test, 200).unwrap().shares(&file(dataset, weights)).unwrap()
}

#[test]
fn what_a_factor_reads_of_anothers_motif_is_borrowed() {
    let folder = TestFolder::new("borrowed");
    let dataset = world(&folder, &meme(&[("GATA1", GATA), ("MAX", EBOX)]));
    let names = |shares: &[(String, MotifShares)]| shares.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let alone = shares(&dataset, [1.0, 0.0]);
    assert_eq!(names(&alone), ["GATA1", "MAX"]);
    for (name, shares) in &alone {
        assert!(shares.own() > 0.99 && shares.other() < 0.01, "{name} {shares:?}");
        // If the other factor owned the motif, all would be borrowed.
        assert!((shares.permuted() - shares.own()).abs() < 0.01, "{name}");
        // Two bins hold a peak whole, of each of 20.
        assert_eq!(shares.bins(), 40);
    }
    // A quarter of what counts lies on the motif of MAX: both words are sites alike.
    let (_, borrowed) = &shares(&dataset, [3.0, 1.0])[0];
    assert!((borrowed.other() - 0.25).abs() < 0.01 && (borrowed.own() - 0.75).abs() < 0.01, "{borrowed:?}");
    let (low, high) = borrowed.interval();
    assert!(low <= borrowed.other() && borrowed.other() <= high && high - low < 0.05, "{low} {high}");
    assert_eq!(borrowed.interval(), (low, high));
}

#[test]
fn a_profile_of_the_same_family_is_the_factors_own() {
    let folder = TestFolder::new("borrowed-family");
    let alike = meme(&[("GATA1", GATA), ("MAX", EBOX), ("MYC", "CCACGTGG")]);
    let dataset = world(&folder, &alike);
    // MYC is no factor of the data set, but its profile is like that of MAX.
    let (_, max) = &shares(&dataset, [1.0, 0.0])[1];
    assert!(max.own() > 0.99, "{max:?}");
}

#[test]
fn several_trainings_are_taken_together() {
    let folder = TestFolder::new("borrowed-seeds");
    let dataset = world(&folder, &meme(&[("GATA1", GATA), ("MAX", EBOX)]));
    let (mut first, second) = (shares(&dataset, [1.0, 0.0])[0].1.clone(), shares(&dataset, [1.0, 1.0])[0].1.clone());
    first.add(&second);
    // The second has twice the contributions, half of them borrowed.
    assert!((first.other() - 1.0 / 3.0).abs() < 0.01, "{}", first.other());
    assert_eq!(first.bins(), second.bins());
}

#[test]
fn factors_without_profiles_are_left_out_and_too_few_are_refused() {
    let folder = TestFolder::new("borrowed-few");
    let dataset = world(&folder, &meme(&[("GATA1", GATA)]));
    let error = MotifOwners::new(&dataset, Split::Test, 200).unwrap_err().to_string();
    assert!(error.starts_with("motifs: expected at least two factors with profiles"), "{error}");
}
