//! Sites that were planted are found, and lose what scoring without them does.

use burn::{
    module::Param,
    tensor::{Device, TensorData},
};
use rand::RngExt;

use super::*;
use crate::{
    genome::base,
    motif::{Motif, ProbabilityMatrix},
    nn::{Head, ModelConfig, MotifConvConfig, TrunkConfig},
};

const LENGTH: usize = 60;
const GATA: [u8; 6] = [2, 0, 3, 0, 0, 2];
const EBOX: [u8; 6] = [1, 0, 1, 2, 3, 2];
const TASKS: [[f32; 2]; 2] = [[2.0, 0.0], [-1.0, 3.0]];

/// A model of two filters of nine bases, whose cores of six are GATAAG and CACGTG with 1 for each base that fits and -1
/// for others. The first task adds twice the best score of GATAAG, the second takes it away and adds that of CACGTG
/// three times.
fn file() -> ModelFile {
    let device = Device::default();
    let trunk = TrunkConfig::new(LENGTH, MotifConvConfig::new(2, 9)).with_pool(26).with_hidden(0);
    let config = ModelConfig::new(trunk, 2);
    let mut model = config.init(&device);
    let mut weight = vec![0.0; 2 * 4 * 9];
    for (filter, word) in [GATA, EBOX].iter().enumerate() {
        for (position, code) in word.iter().enumerate() {
            for base in 0..4 {
                weight[(filter * 4 + base) * 9 + 2 + position] = if usize::from(*code) == base { 1.0 } else { -1.0 };
            }
        }
    }
    model.trunk.conv.weight = Param::from_data(TensorData::new(weight, [2, 4, 9]), &device);
    // Five of six bases are not enough.
    model.trunk.conv.bias = Param::from_data(TensorData::new(vec![-4.5_f32; 2], [2]), &device);
    let Head::Sigmoid(head) = &mut model.head else { panic!("the default head") };
    let pools = 2;
    let weights = (0..2 * pools).flat_map(|input| [0, 1].map(|task: usize| TASKS[task][input / pools]));
    head.linear.weight = Param::from_data(TensorData::new(weights.collect::<Vec<_>>(), [2 * pools, 2]), &device);
    head.linear.bias = Some(Param::from_data(TensorData::new(vec![-3.0_f32; 2], [2]), &device));
    ModelFile { config, tasks: vec!["GATA1".into(), "MAX".into()], inputs: None, model }
}

/// Random bases with some words in them.
fn planted(words: &[(usize, [u8; 6])]) -> Vec<u8> {
    let mut random = stream(&[3]);
    let mut codes: Vec<u8> = (0..LENGTH).map(|_| [0, 3][random.random_range(0..2)]).collect();
    for (start, word) in words {
        codes[*start..start + 6].copy_from_slice(word);
    }
    codes
}

fn letters(codes: &[u8]) -> String {
    codes.iter().map(|code| char::from(base::to_ascii(*code))).collect()
}

fn reverse_complement<const N: usize>(codes: [u8; N]) -> [u8; N] {
    std::array::from_fn(|at| base::complement(codes[N - 1 - at]))
}

fn hits(file: &ModelFile, codes: &[u8]) -> Vec<MotifHit> {
    let mutagenesis = Mutagenesis::new(file).unwrap();
    let effects = mutagenesis.sequences(&[letters(codes)], None).unwrap().remove(0);
    HitFinder::new(&mutagenesis).unwrap().find(&effects).unwrap()
}

#[test]
fn planted_sites_are_found_on_their_strand_with_what_the_model_says_of_them() {
    let file = file();
    let codes = planted(&[(5, GATA), (40, reverse_complement(GATA)), (20, EBOX)]);
    let found = hits(&file, &codes);
    let places = |task: usize| {
        let own = found.iter().filter(|hit| hit.task == task);
        own.map(|hit| (hit.filter, hit.site.clone(), hit.strand.letter(), hit.contribution > 0.0)).collect::<Vec<_>>()
    };
    assert_eq!(places(0), [(0, 5..11, '+', true), (0, 40..46, '-', true)]);
    // A palindrome is found on the forward strand. GATAAG speaks against the second task.
    assert_eq!(places(1), [(0, 5..11, '+', false), (1, 20..26, '+', true), (0, 40..46, '-', false)]);
    for hit in &found {
        assert!(hit.fit.abs() > 0.99 && (hit.fit > 0.0) == (hit.contribution > 0.0), "{hit:?}");
        // A site scores 6 - 4.5, and one that it is replaced with hardly ever scores at all.
        let expected = 1.5 * TASKS[hit.task][hit.filter];
        assert!((hit.contribution - expected).abs() < 0.2 * expected.abs(), "{hit:?}, about {expected}");
    }
}

#[test]
fn a_contribution_is_the_loss_of_log_odds_over_sequences_without_the_site() {
    let file = file();
    let codes = planted(&[(5, GATA), (21, EBOX)]);
    let mutagenesis = Mutagenesis::new(&file).unwrap();
    let effects = mutagenesis.sequences(&[letters(&codes)], None).unwrap().remove(0);
    let finder = HitFinder::new(&mutagenesis).unwrap();
    let input = Input::of_effects(&file.model, &effects).unwrap();
    let found = finder.find(&effects).unwrap();
    assert_eq!(found.len(), 3);
    for hit in found {
        let replaced = finder.replaced(&input, (hit.site.start, hit.site.end));
        assert_eq!(replaced.len(), DRAWS);
        for sequence in &replaced {
            assert!(sequence[..hit.site.start] == codes[..hit.site.start]);
            assert!(sequence[hit.site.end..] == codes[hit.site.end..]);
        }
        let replaced: Vec<String> = replaced.iter().map(|codes| letters(codes)).collect();
        let scores = file.score(&replaced, None).unwrap();
        let mean = scores.values[hit.task].iter().sum::<f32>() / DRAWS as f32;
        let expected = effects.log_odds()[hit.task] - mean;
        assert!((hit.contribution - expected).abs() < 1e-5, "{hit:?}: {expected}");
    }
}

#[test]
fn the_other_strand_has_the_mirrored_sites() {
    let file = file();
    let codes = planted(&[(7, GATA), (43, reverse_complement(GATA))]);
    let mut other = codes.clone();
    other.reverse();
    for code in &mut other {
        *code = base::complement(*code);
    }
    let place = |hit: &MotifHit| (hit.task, hit.site.clone(), hit.strand);
    let mirrored = |hit: &MotifHit| {
        let strand = if hit.strand == Strand::Forward { Strand::Reverse } else { Strand::Forward };
        (hit.task, LENGTH - hit.site.end..LENGTH - hit.site.start, strand)
    };
    let mut expected: Vec<_> = hits(&file, &codes).iter().map(mirrored).collect();
    expected.sort_by_key(|(task, site, _)| (*task, site.start));
    assert_eq!(hits(&file, &other).iter().map(place).collect::<Vec<_>>(), expected);
    assert_eq!(expected.len(), 4);
}

#[test]
fn sites_of_some_tasks_are_those_of_all_and_weak_ones_are_left_out() {
    let file = file();
    let codes = planted(&[(5, GATA), (21, EBOX)]);
    let all = hits(&file, &codes);
    let mutagenesis = Mutagenesis::new(&file).unwrap().with_tasks(&["MAX"]).unwrap();
    let effects = mutagenesis.sequences(&[letters(&codes)], None).unwrap().remove(0);
    let finder = HitFinder::new(&mutagenesis).unwrap();
    let as_second = |hit: MotifHit| MotifHit { task: 1, ..hit };
    let some: Vec<_> = finder.find(&effects).unwrap().into_iter().map(as_second).collect();
    let expected: Vec<_> = all.into_iter().filter(|hit| hit.task == 1).collect();
    assert_eq!(some.len(), expected.len());
    for (found, expected) in some.iter().zip(&expected) {
        assert_eq!((found.filter, &found.site, found.strand), (expected.filter, &expected.site, expected.strand));
        // Off the host, sums of another batch may come in another order.
        assert!((found.contribution - expected.contribution).abs() < 1e-5, "{found:?} {expected:?}");
    }
    let strong = finder.with_least_contribution(3.0).find(&effects).unwrap();
    assert_eq!(strong.iter().map(|hit| hit.filter).collect::<Vec<_>>(), [1]);
}

#[test]
fn nothing_is_found_where_no_filter_fires_and_none_in_unknown_bases() {
    let file = file();
    assert_eq!(hits(&file, &planted(&[])), []);
    assert_eq!(hits(&file, &[base::N; 30]), []);
}

#[test]
fn members_that_read_alike_name_a_site_once() {
    let mut file = file();
    let other = file.model.clone();
    file.model.others = vec![other];
    file.config = file.config.clone().with_members(2);
    let found = hits(&file, &planted(&[(5, GATA)]));
    // Both members have the same filters: the first one's are named, and once.
    assert_eq!(found.iter().map(|hit| (hit.task, hit.filter)).collect::<Vec<_>>(), [(0, 0), (1, 0)]);
}

#[test]
fn members_that_do_not_predict_a_task_name_none_of_its_sites() {
    let mut file = file();
    let part = |task: usize| (file.model.select_tasks(&[task]).unwrap(), vec![task]);
    file.model = Model::joined(&[part(0), part(1)]).unwrap();
    let found = hits(&file, &planted(&[(5, GATA), (21, EBOX)]));
    // The second member's filters are 2 and 3.
    assert_eq!(found.iter().map(|hit| (hit.task, hit.filter)).collect::<Vec<_>>(), [(0, 0), (1, 2), (1, 3)]);
}

#[test]
fn a_filter_is_named_after_a_profile_that_it_is_like() {
    let file = file();
    let mutagenesis = Mutagenesis::new(&file).unwrap();
    let row = |code: u8| std::array::from_fn(|base| f64::from(u8::from(base == usize::from(code))));
    let profile = |name: &str, word: [u8; 6]| {
        let matrix = ProbabilityMatrix::new(word.map(row).to_vec()).unwrap();
        Motif { id: format!("M-{name}"), name: name.into(), matrix, sites: None }
    };
    let profiles = vec![profile("GATA1", reverse_complement(GATA)), profile("ETS1", [1, 1, 2, 2, 0, 0])];
    let profiles = MotifSet::from_motifs(profiles).unwrap();
    let finder = HitFinder::new(&mutagenesis).unwrap().with_profiles(&profiles);
    let labels: Vec<_> = finder.filters().iter().map(Filter::label).collect();
    assert_eq!(labels, ["GATA1", "motif2"]);
    let (name, similarity) = finder.filters()[0].nearest().unwrap();
    assert!(name == "GATA1" && similarity > 0.9, "{similarity}");
    assert_eq!(finder.filters()[0].motif().unwrap().matrix.consensus(), "GATAAG");
}

#[test]
fn effects_that_do_not_fit_the_model_are_refused() {
    let file = file();
    let mutagenesis = Mutagenesis::new(&file).unwrap();
    let finder = HitFinder::new(&mutagenesis).unwrap();
    let message = |effects: BaseEffects| finder.find(&effects).unwrap_err().to_string();
    let one_task = message(BaseEffects::new(vec![0], vec![0.0], vec![0.0; 4]));
    assert_eq!(one_task, "the tasks of the effects: expected 2, found 1");
    let long = message(BaseEffects::new(vec![0; 61], vec![0.0; 2], vec![0.0; 8 * 61]));
    assert_eq!(long, "the positions of the effects: expected at most 60, found 61");
    let signal = BaseEffects::new(vec![0], vec![0.0; 2], vec![0.0; 8]).with_signal(vec![1.0]);
    assert_eq!(message(signal), "the accessibility of the effects: expected 0, found 1");
}
