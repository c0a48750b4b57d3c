//! Mutagenesis returns what scoring each changed sequence does.

use burn::{
    module::Param,
    tensor::{Device, Tensor, TensorData},
};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    genome::{BinGrid, Genome, Interval, MissingChromosomes, SignalTrack},
    nn::{Head, LastPool, ModelConfig, ModelFile, MotifConvConfig, SignalInput, TrunkConfig, ops::Strands},
    predict::ScanSource,
    random::stream,
    testing::{
        TestFolder, cases,
        model_case::{ADAPTERS, CONTEXT_BP, Case, POOLINGS, TASKS, every_case},
        some_of,
    },
};

/// Makes a parameter.
fn param<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_data(TensorData::new(values, shape), device)
}

const BASES: [u8; 4] = *b"ACGT";

/// Compares some effects with the scores of the changed sequences.
fn check(case: &Case, length: usize, places: &[usize]) {
    let file = case.file();
    let (letters, signal) = case.sequence(length, case.seed % 2);
    let signal = (case.signal != SignalInput::Absent).then(|| vec![signal]);
    let mutagenesis = Mutagenesis::new(&file).unwrap();
    let effects = mutagenesis.sequences(std::slice::from_ref(&letters), signal.as_deref()).unwrap().remove(0);
    let mut predictor = file.predictor().unwrap();
    let mut score =
        |letters: &[u8]| predictor.predict(letters, signal.as_ref().map(|signal| &*signal[0])).unwrap().to_vec();
    let unchanged = score(&letters);
    for (found, expected) in effects.log_odds().iter().zip(&unchanged) {
        assert!((found - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "{case:?}: {expected}, found {found}");
    }
    for (&place, (code, letter)) in places.iter().flat_map(|place| BASES.iter().enumerate().map(move |b| (place, b))) {
        let mut changed = letters.clone();
        changed[place] = *letter;
        let expected = score(&changed);
        for task in 0..TASKS {
            let (found, expected) = (effects.get(task, code, place), expected[task] - unchanged[task]);
            let near = 1e-5 * (1.0 + unchanged[task].abs() + expected.abs());
            assert!((found - expected).abs() <= near, "{case:?} {place} {code}: {expected}, found {found}");
        }
    }
}

#[test]
fn every_head_trunk_signal_strand_and_member_changes_as_when_scored_again() {
    let all = every_case();
    // A prime shares no factor with the numbers of what is combined.
    for case in all.iter().step_by(7).take(some_of(all.len() as u32 / 7) as usize) {
        check(case, 31, &[0, 7, 15, 30]);
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_place_of_any_sequence_changes_as_when_scored_again(
        index in any::<prop::sample::Index>(),
        (length, place) in (1..=CONTEXT_BP).prop_flat_map(|length| (Just(length), 0..length)),
        (pool, hidden, pooling, adapter) in (1..120_usize, 0..70_usize, 0..4_usize, 0..3_usize),
        (last, log_odds, seed) in (any::<bool>(), any::<bool>(), any::<u64>()),
    ) {
        let all = every_case();
        let case = Case {
            pool,
            hidden,
            pooling: POOLINGS[pooling],
            adapter: ADAPTERS[adapter],
            last_pool: if last { LastPool::Shorter } else { LastPool::Dropped },
            log_odds,
            seed: seed / 2,
            ..all[index.index(all.len())].clone()
        };
        if case.config().validate().is_ok() {
            check(&case, length, &[place]);
        }
    }
}

fn file(signal: SignalInput) -> ModelFile {
    let conv = MotifConvConfig::new(20, 9).with_channels(usize::from(signal == SignalInput::Channels));
    let config = ModelConfig::new(TrunkConfig::new(60, conv).with_signal(signal).with_hidden(8), 3);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: ["A", "B", "C"].map(str::to_owned).into(), inputs: None, model }
}

fn letters(count: usize, seed: u64) -> String {
    let mut random = stream(&[seed]);
    (0..count).map(|_| char::from(BASES[random.random_range(0..4)])).collect()
}

#[test]
fn some_tasks_are_a_slice_of_all_and_one_sequence_is_as_among_many() {
    let file = file(SignalInput::Absent);
    let sequences: Vec<_> = (0..64).map(|seed| letters(60, seed)).collect();
    let all = Mutagenesis::new(&file).unwrap().sequences(&sequences, None).unwrap();
    let some = Mutagenesis::new(&file).unwrap().with_tasks(&["c", "A"]).unwrap();
    assert_eq!(some.tasks(), ["C", "A"]);
    let some = some.sequences(&sequences[5..6], None).unwrap().remove(0);
    for (task, of_all) in [(0, 2), (1, 0)] {
        for (found, expected) in some.of_task(task).iter().zip(all[5].of_task(of_all)) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }
    let alone = Mutagenesis::new(&file).unwrap().sequences(&sequences[5..6], None).unwrap().remove(0);
    assert!((0..3).all(|task| alone.of_task(task) == all[5].of_task(task)) && alone.log_odds() == all[5].log_odds());
}

#[test]
fn a_toy_model_has_the_effects_that_are_known_on_paper() {
    // One motif, "GA" with 1 for each base, without a bias; the log-odds are twice its best score in three pools of
    // one.
    let trunk =
        TrunkConfig::new(3, MotifConvConfig::new(1, 2).with_strands(Strands::Forward)).with_pool(2).with_hidden(0);
    let config = ModelConfig::new(trunk, 1);
    let mut model = config.init(&Device::default());
    let device = Device::default();
    model.trunk.conv.weight = param(vec![0., 1., 0., 0., 1., 0., 0., 0.], [1, 4, 2], &device);
    model.trunk.conv.bias = param(vec![0.0], [1], &device);
    let Head::Sigmoid(head) = &mut model.head else { panic!("the default head") };
    head.linear.weight = param(vec![2.0], [1, 1], &device);
    head.linear.bias = Some(param(vec![-1.0], [1], &device));
    let file = ModelFile { config, tasks: vec!["GATA".into()], inputs: None, model };
    let effects = Mutagenesis::new(&file).unwrap().sequences(&["GAT"], None).unwrap().remove(0);
    // "GA" scores 2, "AT" 0: the log-odds are 2 x 2 - 1.
    assert_eq!(effects.log_odds(), [3.0]);
    let lost = [
        // A, C, G, T at each of the three positions. Without its G the site has 1; "GG", "GC" and "GT" have 1 as well.
        [-2.0, 0.0, 0.0],
        [-2.0, -2.0, 0.0],
        [0.0, -2.0, 0.0],
        [-2.0, -2.0, 0.0],
    ];
    assert_eq!(effects.of_task(0), lost.as_flattened());
    assert_eq!(effects.contributions(0), [1.5, 1.5, 0.0]);
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let bare = file(SignalInput::Absent);
    let long = letters(61, 0);
    let message = |letters: &str| Mutagenesis::new(&bare).unwrap().sequences(&[letters], None).unwrap_err().to_string();
    assert!(message(&long).contains("1 to 60 bp"), "{}", message(&long));
    assert!(message("AC!").contains("an IUPAC code"));
    let reads = file(SignalInput::Means(4));
    let mutagenesis = Mutagenesis::new(&reads).unwrap();
    let error = mutagenesis.sequences(&["ACGT"], None).unwrap_err().to_string();
    assert!(error.starts_with("the tracks of accessibility that the model reads"), "{error}");
    let genome = Genome::from_sequences([("chr1", letters(500, 1))]).unwrap();
    let grid = BinGrid::new(&genome, 200, 50).unwrap();
    let outside = Interval { chromosome: 0, start: 490, end: 510 };
    let source = ScanSource::new(&genome, &grid);
    let refused = |file: &ModelFile, region| {
        Mutagenesis::new(file).unwrap().regions(source, &[region], |_| Ok(())).unwrap_err().to_string()
    };
    assert!(refused(&bare, outside).contains("region 0"), "{}", refused(&bare, outside));
    assert!(refused(&reads, Interval { end: 500, ..outside }).contains("accessibility"));
    let unknown = Mutagenesis::new(&bare).unwrap().with_tasks(&["D"]).unwrap_err().to_string();
    assert!(unknown.contains('D'), "{unknown}");
}

#[test]
fn a_region_at_the_end_of_a_chromosome_hangs_over_it() {
    let file = file(SignalInput::Absent);
    let genome = Genome::from_sequences([("chr1", letters(500, 1))]).unwrap();
    let grid = BinGrid::new(&genome, 200, 50).unwrap();
    let mut found = Vec::new();
    let regions = [Interval { chromosome: 0, start: 0, end: 20 }, Interval { chromosome: 0, start: 100, end: 140 }];
    let source = ScanSource::new(&genome, &grid);
    Mutagenesis::new(&file)
        .unwrap()
        .regions(source, &regions, |effects| {
            found.push(effects);
            Ok(())
        })
        .unwrap();
    assert_eq!(found.iter().map(|effects| effects.origin().start).collect::<Vec<_>>(), [-20, 90]);
    assert!(found[0].codes()[..20].iter().all(|code| *code == 4) && found[0].codes()[20] < 4);
    assert!(found[0].contributions(0)[..20].iter().all(|contribution| *contribution == 0.0));
    let mut letters = vec![0; 60];
    genome.decode(0, 90, &mut letters);
    assert_eq!(found[1].codes(), letters);
}

#[test]
fn one_hot_columns_score_as_codes_and_gradients_are_finite_differences() {
    const STEP: f32 = 1.0 / 256.0;
    let (mut checked, mut all) = (0, 0);
    for case in every_case().iter().step_by(23).take(some_of(32) as usize) {
        let (file, device) = (case.file(), Device::default());
        let (letters, signal) = case.sequence(CONTEXT_BP, 0);
        let signal = (case.signal != SignalInput::Absent).then_some(signal);
        let signals = signal.clone().map(|signal| vec![signal]);
        let run = |mutagenesis: Mutagenesis<'_>| {
            mutagenesis.sequences(std::slice::from_ref(&letters), signals.as_deref()).unwrap().remove(0)
        };
        let exact = run(Mutagenesis::new(&file).unwrap());
        let estimated = run(Mutagenesis::by_gradient(&file).unwrap());
        for (found, expected) in estimated.log_odds().iter().zip(exact.log_odds()) {
            assert!((found - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "{case:?}: {expected}, found {found}");
        }
        let values = estimated.signal().to_vec();
        let score = |place: usize, base: usize, step: f32| -> Vec<f32> {
            let mut columns: Vec<f32> =
                (0..4).flat_map(|base| estimated.codes().iter().map(move |code| f32::from(*code == base))).collect();
            columns[base * CONTEXT_BP + place] += step;
            let columns = Tensor::from_data(TensorData::new(columns, [1, 4, CONTEXT_BP]), &device);
            let signal = signal
                .as_ref()
                .map(|_| Tensor::from_data(TensorData::new(values.clone(), [1, 1, CONTEXT_BP]), &device));
            file.model.bound_log_odds_of_columns(columns, signal).into_data().iter().collect()
        };
        for place in [11, 64, 100] {
            let old = usize::from(estimated.codes()[place]);
            // The derivative in the base that is there is what all changes have lost; at an N there is none.
            let slopes: Vec<Vec<[f32; 2]>> = (0..4)
                .map(|base| {
                    let (up, at, down) = (score(place, base, STEP), score(place, base, 0.0), score(place, base, -STEP));
                    (0..TASKS)
                        .map(|task| [up[task] - at[task], at[task] - down[task]].map(|slope| slope / STEP))
                        .collect()
                })
                .collect();
            for (task, base) in (0..TASKS).flat_map(|task| (0..4).map(move |base| (task, base))) {
                let own = if old < 4 { slopes[old][task] } else { [0.0; 2] };
                let scale = 1.0 + estimated.log_odds()[task].abs();
                all += 1;
                // At a kink there is no derivative.
                if [own, slopes[base][task]].iter().all(|[up, down]| (up - down).abs() < 5e-4 * scale) {
                    checked += 1;
                    let expected = slopes[base][task][0] - own[0];
                    let found = estimated.get(task, base, place);
                    let near = 2e-3 * (scale + expected.abs());
                    assert!((found - expected).abs() < near, "{case:?} {place} {base}: {expected}, found {found}");
                }
            }
        }
    }
    assert!(checked * 10 > all * 8, "{checked} of {all} are no kinks");
}

#[test]
fn a_weight_that_is_not_a_number_is_seen() {
    let mut file = file(SignalInput::Absent);
    let mut weights: Vec<f32> = file.model.trunk.conv.weight.val().into_data().iter().collect();
    weights[0] = f32::NAN;
    file.model.trunk.conv.weight = param(weights, [20, 4, 9], &Device::default());
    let effects = Mutagenesis::new(&file).unwrap().sequences(&[letters(60, 1)], None).unwrap().remove(0);
    assert!(effects.log_odds().iter().all(|log_odds| log_odds.is_nan()));
}

#[test]
fn all_files_of_an_explanation_are_written_whole_and_agree() {
    let mut file = file(SignalInput::Absent);
    // Filters that prefer some bases to others.
    file.model.trunk.conv.weight = file.model.trunk.conv.weight.map(|weight| weight * 10.0);
    let genome = Genome::from_sequences([("chr1", letters(500, 1)), ("chr2", letters(90, 2))]).unwrap();
    let grid = BinGrid::new(&genome, 60, 30).unwrap();
    let at = |chromosome, start| Interval { chromosome, start, end: start + 60 };
    // Apart from each other, and the last in front.
    let regions = [at(1, 10), at(0, 200), at(0, 20)];
    let mutagenesis = Mutagenesis::new(&file).unwrap().with_tasks(&["B", "A"]).unwrap();
    let finder = HitFinder::new(&mutagenesis).unwrap().with_least_contribution(0.0);
    let folder = TestFolder::new("explanation");
    let source = ScanSource::new(&genome, &grid);
    let profiles = filter_profiles(&file, source, &regions.repeat(4)).unwrap();
    let mut writer = ExplanationWriter::create(folder.path(), &finder, regions.len()).unwrap();
    writer = writer.with_tracks(&genome).with_profiles(profiles);
    let (mut found, mut hits) = (Vec::new(), 0);
    mutagenesis
        .regions(source, &regions, |effects| {
            let sites = finder.find(&effects)?;
            hits += sites.len();
            writer.write(&effects, &sites)?;
            found.push(effects);
            Ok(())
        })
        .unwrap();
    writer.finish("Three regions").unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!((read("regions.tsv").lines().count(), read("hits.bed").lines().count()), (4, hits));
    assert!(hits > 0 && read("report.html").contains("class=\"site\"") && read("filters.html").contains("<h2>"));
    for (task, name) in ["B", "A"].iter().enumerate() {
        let path = folder.path().join(format!("contributions/{name}.bigWig"));
        let track = SignalTrack::open(path, &genome, MissingChromosomes::Error).unwrap();
        for (effects, region) in found.iter().zip(&regions) {
            let mut values = vec![0.0; 60];
            track.fill(region.chromosome, region.start as i64, &mut values);
            assert_eq!(values, effects.contributions(task), "{name} {region:?}");
        }
    }
    let mut names: Vec<String> = ["", "contributions"].iter().flat_map(|below| names_in(&folder, below)).collect();
    names.sort();
    let expected = "A.bigWig A.npz B.bigWig B.npz contributions filters.html filters.meme hits.bed one-hot.npz \
                    positions.tsv.gz regions.tsv report.html";
    assert_eq!(names.join(" "), expected);
    assert_eq!(ExplanationWriter::existing(folder.path(), &["A", "B"]).len(), 11);
}

fn names_in(folder: &TestFolder, below: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join(below)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
