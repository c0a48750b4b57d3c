//! Scores of sequences equal those of the model on their codes.

use burn::tensor::{Int, TensorData};
use proptest::prelude::*;

use super::*;
use crate::{
    data::{Dataset, SequenceSplit, Split},
    genome::{BinGrid, Genome, SignalTrack},
    nn::{ModelConfig, ModelInputs, MotifConvConfig, SignalInput, TrunkConfig},
    predict::{GenomeScan, predict_samples},
    testing::{TestFolder, cases},
};

fn file(context_bp: usize, signal: SignalInput) -> ModelFile {
    let trunk = TrunkConfig::new(context_bp, MotifConvConfig::new(3, 5)).with_signal(signal);
    let config = ModelConfig::new(trunk, 2);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: vec!["A".into(), "B".into()], inputs: None, model }
}

/// The model's log-odds for codes, by task.
fn score_codes(file: &ModelFile, codes: &[i32], signal: Option<Vec<f32>>) -> Vec<f32> {
    let (device, length) = (Device::default(), codes.len());
    let codes = Tensor::<2, Int>::from_data(TensorData::new(codes.to_vec(), [1, length]), &device);
    let signal = signal.map(|signal| Tensor::<3>::from_data(TensorData::new(signal, [1, 1, length]), &device));
    file.model.bound_log_odds(codes, signal).into_data().iter::<f32>().collect()
}

fn near(found: &[f32], expected: &[f32]) -> bool {
    found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5)
}

fn column(scores: &SequenceScores, index: usize) -> Vec<f32> {
    scores.values.iter().map(|values| values[index]).collect()
}

#[test]
fn a_sequence_lies_in_the_middle_of_the_context_in_any_case_with_n_around() {
    let file = file(8, SignalInput::Absent);
    let scores = file.score(&["ACG", "acgurYNt", "T"], None).unwrap();
    assert!(near(&column(&scores, 0), &score_codes(&file, &[4, 4, 4, 0, 1, 2, 4, 4], None)));
    assert!(near(&column(&scores, 1), &score_codes(&file, &[0, 1, 2, 3, 4, 4, 4, 3], None)));
    assert!(near(&column(&scores, 2), &score_codes(&file, &[4, 4, 4, 4, 3, 4, 4, 4], None)));
    assert_eq!(scores.names, ["0", "1", "2"]);
    assert_eq!(file.score(&[] as &[&str], None).unwrap().values, [Vec::<f32>::new(), Vec::new()]);
}

#[test]
fn accessibility_lies_beside_its_bases_and_is_transformed() {
    let file = file(8, SignalInput::Means(4));
    let signal = [vec![1.0, 0.0, 3.0]];
    let ln = [0.0, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0_f32].map(f32::ln_1p);
    let codes = [4, 4, 4, 0, 1, 2, 4, 4];
    let scores = file.score(&["ACG"], Some(&signal)).unwrap();
    assert!(near(&column(&scores, 0), &score_codes(&file, &codes, Some(ln.to_vec()))));
    let inputs = Some(trained_with(SignalTransform::None));
    let scores = ModelFile { inputs, ..file.clone() }.score(&["ACG"], Some(&signal)).unwrap();
    let untransformed = vec![0.0, 0.0, 0.0, 1.0, 0.0, 3.0, 0.0, 0.0];
    assert!(near(&column(&scores, 0), &score_codes(&file, &codes, Some(untransformed))));
    // The other strand has both the other way round, in the same place.
    let both = SequenceScorer::new(&file).with_both_strands().score(&["ACG"], Some(&signal)).unwrap();
    let reversed = [0.0, 0.0, 0.0, 3.0, 0.0, 1.0, 0.0, 0.0_f32].map(f32::ln_1p);
    let other = score_codes(&file, &[4, 4, 4, 1, 2, 3, 4, 4], Some(reversed.to_vec()));
    let forward = score_codes(&file, &codes, Some(ln.to_vec()));
    let mean: Vec<f32> = forward.iter().zip(&other).map(|(a, b)| (a + b) / 2.0).collect();
    assert!(near(&column(&both, 0), &mean));
}

fn inputs() -> ModelInputs {
    let records = [("a", "ACG", [true]), ("b", "AAG", [false]), ("c", "CCC", [true])];
    let split = SequenceSplit::Given(Split::ALL.to_vec());
    ModelInputs::new(&Dataset::from_sequences("inputs", &["A"], records, &split).unwrap(), vec![0.5, 0.5])
}

fn trained_with(transform: SignalTransform) -> ModelInputs {
    ModelInputs { transform: Some(transform), ..inputs() }
}

#[test]
fn a_file_whose_tasks_are_not_its_outputs_is_refused() {
    let file = file(8, SignalInput::Absent);
    for (tasks, found) in [(vec!["A".to_owned()], 1), (vec!["A".into(), "B".into(), "C".into()], 3)] {
        let other = ModelFile { tasks, ..file.clone() };
        let expected =
            format!("the names of a model's tasks: expected 2, one for each of the model's outputs, found {found}");
        assert_eq!(other.score(&["ACG"], None).unwrap_err().to_string(), expected);
    }
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let [sequence_only, reads] = [SignalInput::Absent, SignalInput::Means(4)].map(|signal| file(8, signal));
    let message = |file: &ModelFile, sequences: &[&str], signal: Option<&[Vec<f32>]>| {
        file.score(sequences, signal).unwrap_err().to_string()
    };
    let long = "the length of sequence 1: expected 1 to 8 bp, which is the model's context: cut longer ones into \
                windows, found 9";
    assert_eq!(message(&sequence_only, &["A", "ACGTACGTA"], None), long);
    assert!(message(&sequence_only, &["A", ""], None).ends_with("found 0"));
    assert_eq!(
        message(&sequence_only, &["A", "AC-T"], None),
        "base 2 of sequence 1: expected an IUPAC code, found '-'"
    );
    let none = "accessibility of sequences: expected none, as the model reads none, found some";
    assert_eq!(message(&sequence_only, &["A"], Some(&[vec![0.0]])), none);
    let some = "the tracks of accessibility that the model reads: expected 1, found none";
    assert_eq!(message(&reads, &["A"], None), some);
    let count = "accessibility of sequences: expected that of 2, as there are, found 1";
    assert_eq!(message(&reads, &["A", "C"], Some(&[vec![0.0]])), count);
    let length = "accessibility of sequence 1: expected 2 values, one for each base, found 1";
    assert_eq!(message(&reads, &["A", "CC"], Some(&[vec![0.0], vec![0.0]])), length);
    let nan = "accessibility of sequence 0: expected finite numbers, found NaN";
    assert_eq!(message(&reads, &["A"], Some(&[vec![f32::NAN]])), nan);
    let smoothed = inputs().with_label_smoothing(0.1);
    let smoothed = ModelFile { inputs: Some(smoothed), ..sequence_only };
    let refused = SequenceScorer::new(&smoothed).with_value(TrackValue::Probability);
    assert!(refused.unwrap_err().to_string().starts_with("probabilities of bound bins"));
    assert!(SequenceScorer::new(&smoothed).with_tasks(&["C"]).is_err());
}

#[test]
fn sequences_score_as_the_same_ones_of_a_data_set() {
    let file = file(8, SignalInput::Absent);
    let letters = ["ACGTACG", "CCC", "TTGACA", "GG"];
    let parts = vec![Split::Train, Split::Valid, Split::Test, Split::Test];
    let records = letters.iter().enumerate().map(|(index, letters)| (index.to_string(), letters, [true, index == 0]));
    let dataset = Dataset::from_sequences("same", &["A", "B"], records, &SequenceSplit::Given(parts)).unwrap();
    let samples = dataset.samples(Split::Test, 8).unwrap();
    let expected = predict_samples(&file.model, &dataset, &[0, 1], samples).unwrap().logits;
    assert_eq!(file.score(&letters[2..], None).unwrap().values, expected);
}

#[test]
fn other_sequences_fit_a_model_of_sequences_whatever_their_lengths_and_no_scan_takes_them() {
    let file = ModelFile { inputs: Some(inputs()), ..file(8, SignalInput::Absent) };
    let records = [("x", "ACGTACGT", [true]), ("y", "A", [true]), ("z", "CC", [true])];
    let split = SequenceSplit::Given(Split::ALL.to_vec());
    let dataset = Dataset::from_sequences("others", &["A"], records, &split).unwrap();
    assert_eq!(file.check(&dataset, "sequences").unwrap(), [""; 0]);
    assert!(file.inputs.as_ref().unwrap().genome.chromosomes.is_empty());
    let error = GenomeScan::new(&file.model, ScanSource::from_dataset(&dataset, 0), &Device::default()).unwrap_err();
    let expected = "the bins of a scan: expected some at one distance on a genome, found 3 sequences, each of which is \
                    one: score them with SequenceScorer";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_file_and_the_places_of_a_genome_score_as_their_letters() {
    let folder = TestFolder::new("predict-sequences");
    let [file, reads] = [SignalInput::Absent, SignalInput::Means(4)].map(|signal| file(8, signal));
    let fasta = folder.write("x.fa", ">one\nACGTACG\n>two more\nccc\n");
    let of_b = SequenceScorer::new(&file).with_tasks(&[" b"]).unwrap();
    let scores = of_b.score_fasta(&fasta).unwrap();
    assert_eq!(
        (scores.names.as_slice(), scores.tasks.as_slice()),
        (&["one".into(), "two".into()][..], &["B".into()][..])
    );
    let plain = file.score(&["ACGTACG", "ccc"], None).unwrap();
    assert_eq!(scores.values, plain.values[1..]);

    let genome = Genome::from_sequences([("chr1", "ACGTACGTTGCA"), ("chr2", "CCCC")]).unwrap();
    let grid = BinGrid::new(&genome, 4, 4).unwrap();
    let at = |chromosome, start, end| Interval { chromosome, start, end };
    let source = ScanSource::new(&genome, &grid);
    let regions = [at(0, 4, 8), at(1, 0, 1)];
    let scores = SequenceScorer::new(&file).score_regions(source, &regions).unwrap();
    assert_eq!(scores.names, ["chr1:4-8", "chr2:0-1"]);
    // The middle of the first is 6, and of the second 0.
    assert_eq!(scores.values, file.score(&["GTACGTTG", "NNNNCCCC"], None).unwrap().values);
    let error = SequenceScorer::new(&file).score_regions(source, &[at(0, 4, 13)]).unwrap_err().to_string();
    assert_eq!(error, "region 0: expected 0 <= start < end <= 12, the length of chr1, found 4 to 13");
    // The context of 8 sees the middle of those that are longer.
    let long = SequenceScorer::new(&file).score_regions(source, &[at(0, 0, 12), at(0, 2, 10), at(0, 1, 10)]).unwrap();
    assert_eq!((long.truncated, scores.truncated, plain.truncated), (2, 0, 0));
    assert_eq!(long.values[0][0], long.values[0][1]);
    let both = SequenceScorer::new(&file).with_both_strands();
    let window = both.score(&["GTACGTTG"], None).unwrap().values;
    assert_eq!(both.score_regions(source, &regions[..1]).unwrap().values, window);

    let track = SignalTrack::from_runs(&genome, [(at(0, 0, 12), 2.0)]).unwrap();
    let with_signal = ScanSource::new(&genome, &grid).with_signal(&track, SignalTransform::Log1p);
    let scores = SequenceScorer::new(&reads).score_regions(with_signal, &regions[..1]).unwrap();
    assert_eq!(scores.values, reads.score(&["GTACGTTG"], Some(&[vec![2.0; 8]])).unwrap().values);
    let untransformed = ScanSource::new(&genome, &grid).with_signal(&track, SignalTransform::None);
    let trained = |file: &ModelFile| ModelFile { inputs: Some(trained_with(SignalTransform::Log1p)), ..file.clone() };
    let error = SequenceScorer::new(&trained(&reads)).score_regions(untransformed, &regions).unwrap_err().to_string();
    assert_eq!(error, "the transform of accessibility: expected log1p, as the model was trained with, found none");
    // A model of the sequence alone reads no transform, and a file without inputs has none.
    assert!(SequenceScorer::new(&trained(&file)).score_regions(untransformed, &regions).is_ok());
    assert!(SequenceScorer::new(&reads).score_regions(untransformed, &regions).is_ok());
    assert!(SequenceScorer::new(&reads).score_regions(source, &regions).is_err());
    assert!(SequenceScorer::new(&reads).score_fasta(&fasta).is_err());
}

#[test]
fn tables_are_written_whole_and_in_order() {
    let folder = TestFolder::new("predict-scores");
    let path = folder.path().join("scores.tsv");
    let scores = SequenceScores {
        names: vec!["one".into(), "chr1:4-8".into()],
        tasks: vec!["A".into(), "B".into()],
        values: vec![vec![0.5, -1.25], vec![2.0, 0.0]],
        value: TrackValue::LogOdds,
        truncated: 0,
    };
    scores.write(&path).unwrap();
    let text = || std::fs::read_to_string(&path).unwrap();
    assert_eq!(text(), "name\tA\tB\none\t0.5000\t2.0000\nchr1:4-8\t-1.2500\t0.0000\n");
    SequenceScores { value: TrackValue::Probability, ..scores.clone() }.write(&path).unwrap();
    assert!(text().contains("one\t0.500000\t2.000000"));
    let error = scores.write(path.join("below")).unwrap_err().to_string();
    assert!(error.contains("scores.tsv"), "{error}");
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn both_strands_of_a_sequence_score_alike_and_among_others_as_alone(
        letters in prop::collection::vec("[ACGTN]{2,8}", 1..6),
    ) {
        let file = file(8, SignalInput::Absent);
        let scorer = SequenceScorer::new(&file).with_both_strands().with_value(TrackValue::Probability).unwrap();
        let complement = |letter: u8| char::from(base::to_ascii(base::complement(base::from_ascii(letter))));
        let reversed = |letters: &String| letters.bytes().rev().map(complement).collect();
        let other: Vec<String> = letters.iter().map(reversed).collect();
        let [one, two] = [&letters, &other].map(|letters| scorer.score(letters, None).unwrap());
        for (index, letters) in letters.iter().enumerate() {
            prop_assert!(near(&column(&one, index), &column(&two, index)));
            let alone = scorer.score(&[letters], None).unwrap();
            prop_assert!(near(&column(&one, index), &column(&alone, 0)));
            prop_assert!(column(&one, index).iter().all(|value| (0.0..=1.0).contains(value)));
        }
    }
}
