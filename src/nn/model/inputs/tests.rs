//! A data set is checked against the inputs of training, and parts against each other.

use burn::tensor::Device;

use super::*;
use crate::{
    data::SequenceSplit,
    genome::write_bigwig,
    nn::{ModelConfig, ModelFile, MotifConvConfig, SignalInput, TrunkConfig},
    testing::TestFolder,
};

/// A small world whose `dataset.toml` and bases can be changed.
struct World {
    folder: TestFolder,
    bases: &'static str,
    level: f32,
    text: String,
}

const TEXT: &str = r#"
    name = "small"
    genome = "genome.fa"
    windows = { bin_bp = 200, stride_bp = 50 }
    peaks = { pattern = "{tf}.{cell}.bed" }
    tasks = { per = "tf" }
    [accessibility]
    K562 = "K562.bigWig"
    HepG2 = "HepG2.bigWig"
    [split]
    valid = ["chr2"]
    test = ["chr3"]
    train_cells = ["K562"]
"#;

impl World {
    fn new(name: &str) -> Self {
        Self { folder: TestFolder::new(name), bases: "ACGT", level: 1.0, text: TEXT.into() }
    }

    fn dataset(&self) -> Dataset {
        Dataset::open(self.write()).unwrap()
    }

    fn write(&self) -> std::path::PathBuf {
        let sequence = self.bases.repeat(250);
        self.folder.write("genome.fa", format!(">chr1\n{sequence}\n>chr2\n{sequence}\n>chr3\n{sequence}\n"));
        let genome = Genome::open(self.folder.path().join("genome.fa")).unwrap();
        for (cell, level) in [("K562", 1.0), ("HepG2", self.level)] {
            let runs = (0..3).map(|chromosome| (Interval { chromosome, start: 0, end: 500 }, 2.0 * level));
            write_bigwig(self.folder.path().join(format!("{cell}.bigWig")), &genome, runs).unwrap();
            self.folder.write(&format!("Reb1.{cell}.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n");
        }
        self.folder.write("dataset.toml", &self.text)
    }
}

fn file(signal: SignalInput, inputs: Option<ModelInputs>) -> ModelFile {
    let config = ModelConfig::new(TrunkConfig::new(12, MotifConvConfig::new(3, 5)).with_signal(signal), 1);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: vec!["Reb1".into()], inputs, model }
}

const READS: SignalInput = SignalInput::Means(3);

#[test]
fn the_inputs_of_a_data_set_survive_a_file() {
    let world = World::new("inputs-roundtrip");
    let inputs = ModelInputs::new(&world.dataset(), vec![0.25]);
    assert_eq!((inputs.bin_bp, inputs.stride_bp, inputs.transform), (200, 50, Some(SignalTransform::Log1p)));
    assert_eq!(inputs.cells.keys().collect::<Vec<_>>(), ["K562"]);
    assert_eq!(inputs.cells["K562"].mean_signal, Some(1.0));
    assert_eq!(inputs.crate_version, env!("CARGO_PKG_VERSION"));
    let path = world.folder.path().join("model.safetensors");
    file(READS, Some(inputs.clone())).save(&path).unwrap();
    assert_eq!(ModelFile::open(&path, &Device::default()).unwrap().inputs, Some(inputs));
}

#[test]
fn other_bins_strides_and_transforms_are_refused_with_both() {
    let mut world = World::new("inputs-refused");
    let model = file(READS, Some(ModelInputs::new(&world.dataset(), vec![0.25])));
    assert_eq!(model.check(&world.dataset(), "HepG2").unwrap(), Vec::<String>::new());
    for (from, to, expected) in [
        (
            "bin_bp = 200",
            "bin_bp = 100",
            "windows.bin_bp of data set small: expected 200, as the model was trained with, found 100",
        ),
        (
            "stride_bp = 50",
            "stride_bp = 25",
            "windows.stride_bp of data set small: expected 50, as the model was trained with, found 25",
        ),
        (
            "[accessibility]",
            "[accessibility]\ntransform = \"none\"",
            "accessibility.transform of data set small: expected log1p, as the model was trained with, found none",
        ),
    ] {
        world.text = TEXT.replace(from, to);
        let error = model.check(&world.dataset(), "K562").unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }));
        assert_eq!(error.to_string(), expected);
    }
    // A model of the sequence alone sees no transform.
    let blind = file(SignalInput::Absent, model.inputs);
    assert!(blind.check(&world.dataset(), "K562").unwrap().is_empty());
}

#[test]
fn a_data_set_without_bins_or_transform_gets_those_of_the_model() {
    let mut world = World::new("inputs-options");
    world.text = TEXT
        .replace("[accessibility]", "[accessibility]\ntransform = \"none\"")
        .replace("bin_bp = 200", "bin_bp = 100");
    let model = file(READS, Some(ModelInputs::new(&world.dataset(), vec![0.25])));
    world.text = TEXT.replace("windows = { bin_bp = 200, stride_bp = 50 }\n", "");
    let open = |world: &World, model: &ModelFile| Dataset::open_with(world.write(), &model.dataset_options());
    let dataset = open(&world, &model).unwrap();
    assert_eq!(
        (dataset.grid().bin_bp(), dataset.grid().stride_bp(), dataset.transform()),
        (100, 50, SignalTransform::None)
    );
    assert_eq!(model.check(&dataset, "HepG2").unwrap(), Vec::<String>::new());
    let unknown = ModelFile { inputs: None, ..model.clone() };
    let error = open(&world, &unknown).unwrap_err().to_string();
    assert_eq!(error, "windows: expected bin_bp and stride_bp, found none");
    // Its own settings stay.
    world.text = TEXT.replace("[accessibility]", "[accessibility]\ntransform = \"log1p\"");
    let dataset = open(&world, &model).unwrap();
    assert_eq!((dataset.grid().bin_bp(), dataset.transform()), (200, SignalTransform::Log1p));
    assert!(model.check(&dataset, "HepG2").is_err());
}

#[test]
fn a_cell_type_must_be_there_and_have_what_the_model_reads() {
    let mut world = World::new("inputs-cell");
    let model = file(READS, Some(ModelInputs::new(&world.dataset(), vec![0.25])));
    let error = model.check(&world.dataset(), "K-562").unwrap_err().to_string();
    assert_eq!(error, "the cell type of data set small: expected one of HepG2, K562, found K-562");
    world.text = TEXT.replace("K562 = \"K562.bigWig\"", "").replace("HepG2 = \"HepG2.bigWig\"", "");
    world.text = world.text.replace("    [accessibility]\n", "").replace("\"tf\"", "\"track\"");
    world.text = world.text.replace("    train_cells = [\"K562\"]\n", "");
    for inputs in [model.inputs.clone(), None] {
        let error = file(READS, inputs).check(&world.dataset(), "*").unwrap_err().to_string();
        let expected =
            "accessibility tracks of cell type *: expected 1, since the model reads as many, found 0 in data set small";
        assert!(error.starts_with(expected), "{error}");
    }
    assert!(file(SignalInput::Absent, model.inputs).check(&world.dataset(), "*").unwrap().is_empty());
}

#[test]
fn another_genome_other_units_and_unknown_inputs_are_noted() {
    let mut world = World::new("inputs-notes");
    let model = file(READS, Some(ModelInputs::new(&world.dataset(), vec![0.25])));
    world.bases = "ACGA";
    let genome = "the model was trained on another genome than that of data set small: 3 of its 3 chromosomes have \
                  the same name and length";
    assert_eq!(model.check(&world.dataset(), "K562").unwrap(), [genome]);
    world.bases = "acgt";
    for (level, is_told) in [(0.25, false), (0.2, true), (4.0, false), (5.0, true)] {
        world.level = level;
        let notes = model.check(&world.dataset(), "HepG2").unwrap();
        assert_eq!(notes.len(), usize::from(is_told), "{notes:?}");
        assert!(notes.iter().all(|note| note.starts_with("the mean accessibility of HepG2 is ")), "{notes:?}");
    }
    let notes = file(READS, None).check(&world.dataset(), "K562").unwrap();
    assert!(notes[0].contains("those of data set small cannot be checked"), "{notes:?}");
}

#[test]
fn genomes_differ_by_names_lengths_and_bases() {
    let input =
        |chromosomes: &[(&str, &str)]| GenomeInput::new(&Genome::from_sequences(chromosomes.iter().copied()).unwrap());
    let one = input(&[("a", "ACGTACGT"), ("b", "AC")]);
    assert_eq!(one, input(&[("a", "acgtACGT"), ("b", "AC")]));
    for other in [
        &[("a", "ACGTACGA"), ("b", "AC")][..],
        &[("a", "ACGTACG"), ("b", "AC")],
        &[("A", "ACGTACGT"), ("b", "AC")],
        &[("b", "AC"), ("a", "ACGTACGT")],
        &[("a", "ACGTACGT")],
        &[("a", "ACGTACGN"), ("b", "AC")],
    ] {
        assert_ne!(one.fingerprint, input(other).fingerprint, "{other:?}");
    }
    assert_ne!(input(&[("a", "AAAA")]).fingerprint, input(&[("a", "AAAAA")]).fingerprint);
}

#[test]
fn joined_parts_agree_and_keep_their_priors() {
    let world = World::new("inputs-joined");
    let inputs = ModelInputs::new(&world.dataset(), vec![0.25]);
    let part = |name: &str, prior: f64, change: fn(&mut ModelInputs)| {
        let mut inputs = ModelInputs { priors: vec![prior], ..inputs.clone() };
        change(&mut inputs);
        ModelFile { tasks: vec![name.into()], ..file(READS, Some(inputs)) }
    };
    let join = |parts: [&ModelFile; 2]| {
        let parts = parts.map(|part| (part, part.tasks.clone()));
        ModelFile::joined(&parts, &["b".into(), "a".into()])
    };
    let one = part("a", 0.25, |_| ());
    let other = part("b", 0.5, |inputs| {
        inputs.cells.insert("HepG2".into(), CellInput { mean_signal: None });
    });
    let joined = join([&one, &other]).unwrap().inputs.unwrap();
    assert_eq!(joined.priors, [0.5, 0.25]);
    assert_eq!(joined.cells.len(), 2);
    for (change, what) in [
        (
            (|inputs| inputs.bin_bp = 100) as fn(&mut ModelInputs),
            "the bins of parts: expected (200, 50), found (100, 50)",
        ),
        (|inputs| inputs.stride_bp = 100, "the bins of parts: expected (200, 50), found (200, 100)"),
        (
            |inputs| inputs.transform = Some(SignalTransform::None),
            "the transform of parts: expected Some(Log1p), found Some(None)",
        ),
        (|inputs| inputs.genome.fingerprint += 1, "the genome of parts: "),
    ] {
        let error = join([&one, &part("b", 0.5, change)]).unwrap_err().to_string();
        assert!(error.starts_with(what), "{error}");
    }
    // A task keeps its prior, whatever its position.
    let config = ModelConfig { tasks: 2, ..one.config.clone() };
    let inputs = ModelInputs { priors: vec![0.125, 0.75], ..inputs.clone() };
    let model = config.init(&Device::default());
    let two = ModelFile { config, tasks: vec!["c".into(), "b".into()], inputs: Some(inputs), model };
    let parts = [(&two, vec!["b".into()]), (&one, vec!["a".into()])];
    assert_eq!(ModelFile::joined(&parts, &["a".into(), "b".into()]).unwrap().inputs.unwrap().priors, [0.25, 0.75]);
    let unknown = ModelFile { inputs: None, ..other };
    assert_eq!(join([&one, &unknown]).unwrap().inputs, None);
}

#[test]
fn priors_are_one_for_each_task_and_probabilities() {
    let world = World::new("inputs-priors");
    let message = |priors: Vec<f64>| {
        let inputs = ModelInputs::new(&world.dataset(), priors);
        file(READS, Some(inputs)).save(world.folder.path().join("never.safetensors")).unwrap_err().to_string()
    };
    assert_eq!(message(vec![]), "the number of priors: expected 1, found 0");
    assert_eq!(message(vec![1.5]), "a task's prior: expected 0 to 1, found 1.5");
    assert_eq!(message(vec![f64::NAN]), "a task's prior: expected 0 to 1, found NaN");
}

/// The inputs of a model of sequences without a genome, the longest of which has a length.
fn sequence_inputs(longest: usize) -> ModelInputs {
    let longest = "A".repeat(longest);
    let records = [("a", "ACG", [true]), ("b", "AAG", [false]), ("c", &longest, [true])];
    let split = SequenceSplit::Given(Split::ALL.to_vec());
    ModelInputs::new(&Dataset::from_sequences("sequences", &["A"], records, &split).unwrap(), vec![0.25])
}

#[test]
fn parts_of_sequences_join_whatever_their_lengths() {
    let parts = [sequence_inputs(5), sequence_inputs(9)];
    for parts in [[&parts[0], &parts[1]], [&parts[1], &parts[0]]] {
        let joined = ModelInputs::joined(&parts, vec![0.25, 0.5], false).unwrap().unwrap();
        assert_eq!((joined.bin_bp, joined.stride_bp, joined.priors), (9, 9, vec![0.25, 0.5]));
    }
    let bins =
        ModelInputs { bin_bp: 5, stride_bp: 5, ..ModelInputs::new(&World::new("inputs-mixed").dataset(), vec![]) };
    let error = parts[0].check_joinable(&bins, false).unwrap_err().to_string();
    assert!(error.starts_with("the genome of parts: "), "{error}");
    assert!(parts[1].check_joinable(&bins, false).unwrap_err().to_string().starts_with("the bins of parts: "));
}

#[test]
fn a_model_of_sequences_takes_bins_of_any_length() {
    let mut world = World::new("inputs-sequences");
    let model = file(SignalInput::Absent, Some(sequence_inputs(5)));
    assert_eq!(model.check(&world.dataset(), "K562").unwrap(), Vec::<String>::new());
    assert_eq!(model.dataset_options().windows, None);
    world.text = TEXT.replace("windows = { bin_bp = 200, stride_bp = 50 }\n", "");
    let error = Dataset::open_with(world.write(), &model.dataset_options()).unwrap_err().to_string();
    assert_eq!(error, "windows: expected bin_bp and stride_bp, found none");
}
