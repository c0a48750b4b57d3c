//! Motifs of a layer as profiles.

use burn::tensor::{Device, Int, Tensor, TensorData};
use proptest::prelude::*;

use super::*;
use crate::{
    genome::Strand,
    motif::{MotifSet, PositionScores, ProbabilityMatrix, SequenceKmers},
    nn::{MotifConvConfig, ProfileInitConfig, ops::Strands},
    testing::{TestFolder, cases},
};

const TOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/toy.meme");

fn assert_near(found: &ProbabilityMatrix, expected: &ProbabilityMatrix) {
    assert_eq!(found.width(), expected.width());
    for (found, expected) in found.rows().as_flattened().iter().zip(expected.rows().as_flattened()) {
        assert!((found - expected).abs() < 1e-4, "{found}, expected {expected}");
    }
}

#[test]
fn a_motif_file_becomes_filters_that_score_as_its_profiles_and_becomes_itself_again() {
    let set = MotifSet::open(TOY).unwrap();
    let scale = MotifScale { factor: 1.0, background: [0.3, 0.2, 0.2, 0.3], pseudocount: 0.05 };
    let background = Background::new(scale.background).unwrap();
    let profiles: Vec<_> =
        set.iter().map(|motif| motif.matrix.to_log_odds(&background, scale.pseudocount).unwrap()).collect();
    let codes: Vec<u8> = (0..200_u32).map(|i| ((i * i + i / 3) % 4) as u8).collect();
    let device = Device::default();
    let sequence: Vec<i32> = codes.iter().map(|code| i32::from(*code)).collect();
    let sequence = Tensor::<2, Int>::from_data(TensorData::new(sequence, [1, codes.len()]), &device);
    let start = ProfileInitConfig::new().with_scale(scale.factor);
    let mut found = Vec::new();
    for (profile, given) in profiles.iter().zip(&set) {
        // Of its own width, so that positions are those of the profile.
        let config = MotifConvConfig::new(1, profile.width()).with_strands(Strands::Forward);
        let conv = config.init_from(std::slice::from_ref(profile), &start, &device);
        let scores = conv.forward(sequence.clone(), None, 1).into_data();
        let mut expected = Vec::new();
        PositionScores::new(profile).fill(&SequenceKmers::new(&codes), Strand::Forward, &mut expected);
        for (found, expected) in scores.iter::<f32>().zip(expected) {
            assert!((found - expected.max(0.0)).abs() < 1e-4, "{found} {expected}");
        }
        let mut motifs = conv.to_motifs(&scale).unwrap();
        motifs[0].id.clone_from(&given.id);
        found.append(&mut motifs);
    }
    let folder = TestFolder::new("filters");
    let path = folder.path().join("filters.meme");
    MotifSet::from_motifs(found).unwrap().write_meme(&path).unwrap();
    for (found, given) in MotifSet::open(path).unwrap().iter().zip(&set) {
        assert_eq!(found.id, given.id);
        assert_near(&found.matrix, &given.matrix);
    }
}

#[test]
fn a_base_that_a_filter_shuns_more_than_a_pseudocount_can_has_probability_0() {
    let mut conv = MotifConvConfig::new(1, 1).init(&Device::default());
    let set = |values: [f32; 4]| crate::nn::init::param(values.to_vec(), [1, 4, 1], &Device::default());
    conv.weight = set([4.0, 4.0, -30.0, -30.0]);
    let motifs = conv.to_motifs(&MotifScale::default()).unwrap();
    assert_eq!(motifs[0].matrix.rows(), [[0.5, 0.5, 0.0, 0.0]]);
    conv.weight = set([f32::NAN, 0.0, 0.0, 0.0]);
    assert!(conv.to_motifs(&MotifScale::default()).is_err());
}

#[test]
fn a_scale_that_cannot_be_is_named() {
    let conv = MotifConvConfig::new(1, 1).init(&Device::default());
    let message = |scale: MotifScale| conv.to_motifs(&scale).unwrap_err().to_string();
    let scale = MotifScale { factor: 0.0, ..MotifScale::default() };
    assert_eq!(message(scale), "motif_scale.factor: expected a finite number above 0, found 0");
    let scale = MotifScale { pseudocount: -1.0, ..MotifScale::default() };
    assert_eq!(message(scale), "motif_scale.pseudocount: expected a finite number of at least 0, found -1");
    let scale = MotifScale { background: [1.0, 0.0, 0.0, 0.0], ..MotifScale::default() };
    assert!(message(scale).starts_with("background: expected"));
}

prop_compose! {
    fn any_matrix()(rows in prop::collection::vec(prop::array::uniform4(0.0_f64..1.0), 1..12)) -> ProbabilityMatrix {
        let row = |row: [f64; 4]| {
            // A base that was never seen, at some positions.
            let row = if row[3] < 0.3 { [row[0] + 0.01, row[1], row[2], 0.0] } else { row };
            let sum: f64 = row.iter().sum();
            row.map(|value| value / sum)
        };
        ProbabilityMatrix::new(rows.into_iter().map(row).collect()).unwrap()
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn filters_that_did_not_learn_are_their_profiles(
        matrices in prop::collection::vec(any_matrix(), 1..6),
        shares in prop::array::uniform4(0.1_f64..1.0),
        (factor, pseudocount, is_constrained, channels) in (0.1_f32..3.0, 0.001_f64..1.0, any::<bool>(), 0_usize..2),
    ) {
        let total: f64 = shares.iter().sum();
        let scale = MotifScale { factor, background: shares.map(|share| share / total), pseudocount };
        let background = Background::new(scale.background).unwrap();
        let profiles: Vec<_> =
            matrices.iter().map(|matrix| matrix.to_log_odds(&background, pseudocount).unwrap()).collect();
        let width = matrices.iter().map(ProbabilityMatrix::width).max().unwrap();
        let form = if is_constrained {
            MotifForm::LogOdds { background: scale.background.map(|share| share as f32) }
        } else {
            MotifForm::Free
        };
        let config = MotifConvConfig::new(matrices.len(), width).with_channels(channels).with_form(form);
        let start = ProfileInitConfig::new().with_scale(factor).with_rest(0.0);
        let conv = config.init_from(&profiles, &start, &Device::default());
        for (motif, expected) in conv.to_motifs(&scale).unwrap().iter().zip(&matrices) {
            let first = (width - expected.width()) / 2;
            let rows = motif.matrix.rows()[first..first + expected.width()].to_vec();
            assert_near(&ProbabilityMatrix::new(rows).unwrap(), expected);
        }
    }
}
