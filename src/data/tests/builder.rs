//! Data sets from memory.

use super::world::{BIN_BP, CELLS, FACTORS, Folder, LENGTH, SPLIT, STRIDE_BP, letter, signal, world_with};
use crate::{
    Result,
    data::{
        BatchBuilder, Dataset, DatasetBuilder, Sampler, SamplerConfig, Split, SplitConfig, TaskUnit, WindowsConfig,
    },
    file::differences,
    genome::{Genome, Interval, Label, Labels, PeakSet, SignalTrack},
    motif::MotifSet,
};

const WINDOWS: WindowsConfig = WindowsConfig { bin_bp: BIN_BP, stride_bp: STRIDE_BP };
const MOTIFS: &str = "MEME version 4\n\nMOTIF MA1 CTCF\nletter-probability matrix: alength= 4 w= 1\n1 0 0 0\n\n\
                      MOTIF MA2 X\nletter-probability matrix: alength= 4 w= 1\n0 1 0 0\n";

fn at(chromosome: usize, start: usize, end: usize) -> Interval {
    Interval { chromosome, start, end }
}

fn split() -> SplitConfig {
    SplitConfig { valid: vec!["chr3".into()], test: vec!["chr4".into()], ..SplitConfig::default() }
}

/// The data set that `world` writes to files.
fn in_memory(genome: Genome, motifs: MotifSet) -> Dataset {
    let bins = 4 * super::world::bins_per_chromosome();
    let mut builder = Dataset::builder("world", genome.clone(), WINDOWS).with_blacklist([at(1, 300, 420)]);
    for (cell, name) in CELLS.iter().enumerate() {
        let values = |chromosome: usize| (0..LENGTH).map(move |position| signal(cell, chromosome, position));
        let values: Vec<Vec<f32>> = (0..4).map(|chromosome| values(chromosome).collect()).collect();
        builder = builder.with_accessibility(*name, SignalTrack::from_values(&genome, &values).unwrap());
    }
    // The order of adding does not matter.
    for (factor, (name, cells)) in FACTORS.iter().enumerate().rev() {
        for &cell in *cells {
            let label = |bin| {
                letter(factor, cell, bin).map_or(Label::Missing, |letter| Label::from_letter(letter as u8).unwrap())
            };
            builder = builder.with_labels(*name, CELLS[cell], (0..bins).map(label).collect::<Labels>());
        }
    }
    builder.with_motifs(motifs).with_motif_names("REST", ["MA2"]).with_split(split()).build().unwrap()
}

fn in_files(name: &str) -> (Folder, Dataset) {
    let folder = world_with(name, "blacklist = 'b.bed'\nmotifs = 'm.meme'\nmotif_names = { REST = 'MA2' }", SPLIT);
    folder.write("b.bed", "chr2\t300\t420\n");
    folder.write("m.meme", MOTIFS);
    let dataset = folder.open().unwrap();
    (folder, dataset)
}

#[test]
fn a_data_set_from_memory_is_the_one_in_files() {
    let (folder, files) = in_files("memory");
    let genome = Genome::open(folder.path("genome.fa")).unwrap();
    let memory = in_memory(genome, MotifSet::open(folder.path("m.meme")).unwrap());
    assert_eq!(differences(&memory.fingerprint(), &files.fingerprint()), []);
    assert_eq!((memory.tasks(), memory.cells()), (files.tasks(), files.cells()));
    let expected: Vec<_> = files.notes().iter().filter(|note| !note.contains("no row for")).collect();
    assert_eq!(memory.notes().iter().collect::<Vec<_>>(), expected);
    assert_eq!(memory.factor_motifs("REST")[0].id, "MA2");
    let batches = |dataset: &Dataset| {
        let sampler = Sampler::new(dataset, &[0, 2], 300, &SamplerConfig::default(), 1).unwrap();
        let draws = sampler.epoch(0);
        let tested: Vec<_> = dataset.samples(Split::Test, 300).unwrap().iter().collect();
        (BatchBuilder::new(dataset, &[0, 2], 300).with_reverse_complement(1).build(&draws[..64], 0), tested)
    };
    assert_eq!(batches(&memory), batches(&files));
}

#[test]
fn peaks_in_memory_are_those_in_files() {
    let folder = Folder::new("memory-peaks");
    let genome = || Genome::from_sequences(["chr1", "chr2", "chr3"].map(|name| (name, "ACGT".repeat(250)))).unwrap();
    folder.write("genome.fa", format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)));
    folder.write("F.bed", "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n");
    folder.write("relaxed/F.bed", "chr1\t600\t640\n");
    folder.write(
        "dataset.toml",
        "name = 'p'\ngenome = 'genome.fa'\nwindows = { bin_bp = 200, stride_bp = 50 }\n\
         peaks = { pattern = '{tf}.bed', relaxed_pattern = 'relaxed/{tf}.bed', cell = 'A' }\n\
         tasks = { per = 'tf' }\nsplit = { valid = ['chr2'], test = ['chr3'] }",
    );
    let peaks = PeakSet::from_intervals(vec![at(0, 400, 500), at(1, 0, 100), at(2, 10, 90)]);
    let memory = Dataset::builder("p", genome(), WINDOWS)
        .with_peaks("F", "A", peaks, Some(PeakSet::from_intervals(vec![at(0, 600, 640)])))
        .with_task_unit(TaskUnit::Tf)
        .with_split(SplitConfig { valid: vec!["chr2".into()], test: vec!["chr3".into()], ..SplitConfig::default() });
    assert_eq!(memory.build().unwrap().fingerprint(), folder.open().unwrap().fingerprint());
}

fn small() -> (Genome, DatasetBuilder) {
    let genome =
        Genome::from_sequences(["chr1", "chr2", "chr3", "chr4"].map(|name| (name, "ACGT".repeat(100)))).unwrap();
    (genome.clone(), Dataset::builder("small", genome, WINDOWS).with_split(split()))
}

/// Bins that are bound and unbound in turn, four chromosomes of five each.
fn labels(count: usize) -> Vec<Label> {
    (0..count).map(|bin| Label::from(bin % 2 == 0)).collect()
}

#[test]
fn bad_input_is_refused_with_what_is_wrong() {
    let (genome, _) = small();
    let message = |change: &dyn Fn(DatasetBuilder) -> DatasetBuilder| {
        let built: Result<Dataset> = change(small().1).build();
        built.unwrap_err().to_string()
    };
    let whole = |builder: DatasetBuilder| builder.with_labels("F", "A", labels(20));
    assert!(whole(small().1).build().is_ok());
    let none = "labels: expected labels or peaks of at least one factor, found none";
    assert_eq!(message(&|builder| builder), none);
    let short = "the labels of F in A: expected 20, one for each bin of 200 bp every 50 bp, found 19";
    assert_eq!(message(&|builder| builder.with_labels("F", "A", labels(19))), short);
    let twice = "the labels or peaks of F in A: expected once, found twice";
    assert_eq!(message(&|builder| whole(whole(builder))), twice);
    for (factor, cell, kind) in [("", "A", "factor"), ("a/b", "A", "factor"), ("F", "*", "cell type")] {
        let found = message(&|builder| builder.with_labels(factor, cell, labels(20)));
        assert!(found.starts_with(&format!("the name of a {kind}: expected a name: not empty")), "{found}");
    }
    let far =
        message(&|builder| builder.with_peaks("F", "A", PeakSet::from_intervals(vec![at(0, 0, 9), at(4, 0, 9)]), None));
    assert_eq!(far, "peak 1 of F in A: expected a chromosome below 4, as the genome counts them, found 4");
    let past = "interval 0 of the blacklist: expected 0 <= start < end <= 400, the length of chr2, found 390 to 401";
    assert_eq!(message(&|builder| whole(builder).with_blacklist([at(1, 390, 401)])), past);
    let empty = message(&|builder| whole(builder).with_blacklist([at(1, 390, 390)]));
    assert!(empty.ends_with("found 390 to 390"), "{empty}");
    let other = Genome::from_sequences([("chr1", "ACGT")]).unwrap();
    let track = |genome: &Genome| SignalTrack::from_runs(genome, []).unwrap();
    let foreign = "the accessibility of A: expected 4 chromosomes of 1600 bases, as the genome has, \
                   found 1 chromosomes of 4 bases";
    assert_eq!(message(&|builder| whole(builder).with_accessibility("A", track(&other))), foreign);
    let twice = "the accessibility of A: expected once, found twice";
    let add = |builder: DatasetBuilder| builder.with_accessibility("A", track(&genome));
    assert_eq!(message(&|builder| add(add(whole(builder)))), twice);
    let lacking = message(&|builder| whole(builder).with_accessibility("B", track(&genome)));
    assert!(lacking.starts_with("accessibility: expected a signal for every cell type with labels"), "{lacking}");
    let unknown = |builder: DatasetBuilder| {
        whole(builder).with_split(SplitConfig { valid: vec!["chr9".into()], ..SplitConfig::default() })
    };
    assert!(message(&unknown).starts_with("split.valid: expected chromosomes of the genome (chr1, chr2"));
    let motifs = "motifs: expected motifs, since some are named, found none";
    assert_eq!(message(&|builder| whole(builder).with_motif_names("F", ["M"])), motifs);
    let empty = "the valid split is empty: split.valid names no region";
    assert_eq!(message(&|builder| whole(builder).with_split(SplitConfig::default())), empty);
}
