//! Variants score as sequences that were changed by hand.

mod files;

use burn::tensor::Device;
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    data::SignalTransform,
    explain::Mutagenesis,
    genome::{BinGrid, Interval, SignalTrack, base},
    nn::{ModelConfig, MotifConvConfig, SignalInput, TrunkConfig},
    predict::Predictor,
    random::stream,
    testing::{
        cases,
        model_case::{CONTEXT_BP, Case, TASKS, every_case},
    },
};

/// A genome with accessibility, as letters and as the scorer reads it.
struct World {
    letters: Vec<u8>,
    signal: Vec<f32>,
    genome: Genome,
    track: SignalTrack,
    grid: BinGrid,
}

impl World {
    fn new(letters: Vec<u8>, signal: Vec<f32>) -> Self {
        let genome = Genome::from_sequences([("chr1", &letters)]).unwrap();
        let track = SignalTrack::from_values(&genome, &[&signal]).unwrap();
        let grid = BinGrid::new(&genome, 40, 20).unwrap();
        Self { letters, signal, genome, track, grid }
    }

    fn of(case: &Case) -> Self {
        let (letters, signal) = case.sequence(3 * CONTEXT_BP, case.seed % 2);
        Self::new(letters, signal)
    }

    fn source(&self, reads_signal: bool) -> ScanSource<'_> {
        let source = ScanSource::new(&self.genome, &self.grid);
        if reads_signal { source.with_signal(&self.track, SignalTransform::Log1p) } else { source }
    }

    /// The same on the other strand.
    fn reversed(&self) -> Self {
        let letters = self.letters.iter().rev().map(|&letter| complement(letter)).collect();
        Self::new(letters, self.signal.iter().rev().copied().collect())
    }

    /// A variant that replaces so many bases.
    fn variant(&self, start: usize, lost: usize, new: &[u8]) -> Variant {
        Variant::new(0, start, &self.letters[start..start + lost], new).unwrap()
    }

    /// The letters and the accessibility of a window of the genome with a variant, in its coordinates.
    fn window(&self, variant: &Variant, start: i64, length: usize) -> (Vec<u8>, Vec<f32>) {
        let (place, new) = variant.changed();
        let mut letters = self.letters.clone();
        letters.splice(place.start..place.end, new.iter().map(|&code| base::to_ascii(code)));
        let known = if place.is_empty() {
            place.start.saturating_sub(1)..(place.start + 1).min(self.signal.len())
        } else {
            place.start..place.end
        };
        let logs: f32 = self.signal[known.clone()].iter().map(|value| value.ln_1p()).sum();
        let mut signal = self.signal.clone();
        if new.len() != place.len() {
            let mean = (logs / known.len() as f32).exp_m1();
            signal.splice(place.start..place.end, vec![mean; new.len()]);
        }
        let at = |index: usize| usize::try_from(start + index as i64).ok();
        let letter = |index| at(index).and_then(|at| letters.get(at)).copied().unwrap_or(b'N');
        let value = |index| at(index).and_then(|at| signal.get(at)).copied().unwrap_or(0.0);
        ((0..length).map(letter).collect(), (0..length).map(value).collect())
    }
}

fn complement(letter: u8) -> u8 {
    base::to_ascii(base::complement(base::from_ascii(letter)))
}

/// Scores a window of letters, turned around or not.
fn score(predictor: &mut Predictor, window: (Vec<u8>, Vec<f32>), reads_signal: bool, is_reverse: bool) -> Vec<f32> {
    let (mut letters, mut signal) = window;
    if is_reverse {
        letters = letters.iter().rev().map(|&letter| complement(letter)).collect();
        signal.reverse();
    }
    predictor.predict(&letters, reads_signal.then_some(&*signal)).unwrap().to_vec()
}

/// The mean of rows.
fn averaged(rows: &[Vec<f32>]) -> Vec<f32> {
    (0..rows[0].len()).map(|task| rows.iter().map(|row| row[task]).sum::<f32>() / rows.len() as f32).collect()
}

fn assert_near(found: &[f32], expected: &[f32], near: f32, what: impl std::fmt::Debug) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= near * (1.0 + expected.abs()), "{what:?}: {expected}, found {found}");
    }
}

/// Compares effects with those of windows that are written out by hand, around the variant on both strands.
fn check_by_hand(case: &Case, variant: &Variant, shift: i64) {
    let (world, file) = (World::of(case), case.file());
    let reads_signal = case.signal != SignalInput::Absent;
    let scorer = VariantScorer::new(&file).unwrap().with_shifts(&[shift]).unwrap();
    let effect = scorer.score(world.source(reads_signal), std::slice::from_ref(variant)).unwrap().remove(0).unwrap();
    let mut predictor = file.predictor().unwrap();
    let unchanged = world.variant(0, 0, b"");
    let (place, new) = variant.changed();
    let length = CONTEXT_BP as i64;
    let left = place.start as i64 + place.len() as i64 / 2 - length / 2 + shift;
    // Counted from the other end.
    let all = world.letters.len() as i64;
    let mirrored = all - place.end as i64 + place.len() as i64 / 2 - length / 2 + shift;
    let right = all - mirrored - length;
    let grown = new.len() as i64 - place.len() as i64;
    let (mut reference, mut alternative) = (Vec::new(), Vec::new());
    for (start, is_reverse) in [(left, false), (right, true)] {
        let mut at = |variant: &Variant, start| {
            score(&mut predictor, world.window(variant, start, CONTEXT_BP), reads_signal, is_reverse)
        };
        reference.push(at(&unchanged, start));
        alternative.extend([at(variant, start), at(variant, start + grown)]);
    }
    assert_near(effect.reference(), &averaged(&reference), 1e-5, (case, variant));
    assert_near(effect.alternative(), &averaged(&alternative), 1e-5, (case, variant));
}

/// Letters that may stand in place of others.
fn new_letters() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"ACGTN".to_vec()), 0..6)
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn any_variant_scores_as_windows_written_out_by_hand(
        index in any::<prop::sample::Index>(),
        (start, lost, new) in (0..3 * CONTEXT_BP - 8, 0..6_usize, new_letters()),
        (shift, seed) in (-20..20_i64, any::<u32>()),
    ) {
        let all = every_case();
        let case = Case { seed: u64::from(seed), ..all[index.index(all.len())].clone() };
        let variant = World::of(&case).variant(start, lost, &new);
        check_by_hand(&case, &variant, shift);
    }

    #[test]
    fn everything_on_the_other_strand_gives_the_same(
        index in any::<prop::sample::Index>(),
        (start, lost, new) in (0..3 * CONTEXT_BP - 8, 0..6_usize, new_letters()),
        (shift, seed) in (-20..20_i64, any::<u32>()),
    ) {
        let all = every_case();
        let case = Case { seed: u64::from(seed), ..all[index.index(all.len())].clone() };
        let (world, file) = (World::of(&case), case.file());
        let other = world.reversed();
        let turned: Vec<u8> = new.iter().rev().map(|&letter| complement(letter)).collect();
        let mirrored = other.variant(world.letters.len() - start - lost, lost, &turned);
        let scorer = VariantScorer::new(&file).unwrap().with_shifts(&[0, shift]).unwrap();
        let reads_signal = case.signal != SignalInput::Absent;
        let effect = |world: &World, variant| {
            scorer.score(world.source(reads_signal), &[variant]).unwrap().remove(0).unwrap()
        };
        let (one, two) = (effect(&world, world.variant(start, lost, &new)), effect(&other, mirrored));
        assert_near(two.reference(), one.reference(), 1e-6, &case);
        assert_near(two.alternative(), one.alternative(), 1e-6, &case);
    }

}

proptest! {
    // Mutagenesis changes every base of the context.
    #![proptest_config(cases(24))]

    #[test]
    fn one_changed_base_has_the_effect_that_mutagenesis_finds(
        index in any::<prop::sample::Index>(),
        (place, code, seed) in (0..3 * CONTEXT_BP, 0..4_u8, any::<u32>()),
    ) {
        let all = every_case();
        let case = Case { seed: u64::from(seed), ..all[index.index(all.len())].clone() };
        let (world, file) = (World::of(&case), case.file());
        let source = world.source(case.signal != SignalInput::Absent);
        let scorer = VariantScorer::new(&file).unwrap().with_forward_strand();
        let variant = world.variant(place, 1, &[base::to_ascii(code)]);
        let effect = scorer.score(source, &[variant]).unwrap().remove(0).unwrap();
        let region = Interval { chromosome: 0, start: place, end: place + 1 };
        Mutagenesis::new(&file).unwrap().regions(source, &[region], |effects| {
            let position = (place as i64 - effects.origin().start) as usize;
            for task in 0..TASKS {
                let (expected, found) = (effects.get(task, usize::from(code), position), effect.difference(task));
                let near = 1e-6 * (1.0 + effect.reference()[task].abs() + effect.alternative()[task].abs());
                assert!((found - expected).abs() <= near, "{case:?}: {expected}, found {found}");
            }
            Ok(())
        }).unwrap();
    }
}

#[test]
fn insertions_longer_than_two_contexts_score_as_windows_written_out_by_hand() {
    for (index, case) in every_case().iter().enumerate().step_by(7) {
        let (at, length) = (CONTEXT_BP + index % 9, 2 * CONTEXT_BP + index % 40);
        check_by_hand(case, &World::of(case).variant(at, index % 3, &letters(length, index as u64)), 3);
    }
}

/// A model of one pool over the whole context, that reads the sequence alone.
fn file(context_bp: usize, pool: usize) -> ModelFile {
    let trunk = TrunkConfig::new(context_bp, MotifConvConfig::new(20, 9)).with_hidden(8).with_pool(pool);
    let config = ModelConfig::new(trunk, 3);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: ["A", "B", "C"].map(str::to_owned).into(), inputs: None, model }
}

fn letters(count: usize, seed: u64) -> Vec<u8> {
    let mut random = stream(&[seed]);
    (0..count).map(|_| b"ACGT"[random.random_range(0..4)]).collect()
}

#[test]
fn no_change_has_no_effect_and_others_are_ranked() {
    let (file, world) = (file(60, 0), World::new(letters(500, 1), vec![0.0; 500]));
    let variants: Vec<Variant> =
        (0..100).map(|at| world.variant(4 * at, 3, &world.letters[4 * at..4 * at + 3])).collect();
    let scorer = VariantScorer::new(&file).unwrap();
    for effect in scorer.score(world.source(false), &variants).unwrap() {
        let effect = effect.unwrap();
        assert!((0..3).all(|task| effect.difference(task) == 0.0), "{effect:?}");
    }
    let effect = VariantEffect::new(vec![0.0, 1.0, 2.0, 0.0], vec![0.5, -1.0, 2.5, f32::NAN]);
    assert_eq!((effect.strongest(9), effect.strongest(2)), (vec![3, 1, 0, 2], vec![3, 1]));
}

#[test]
fn both_ways_to_line_up_an_indel_agree_where_nothing_lies_beyond() {
    let (file, world) = (file(80, 0), World::new(letters(30, 2), vec![0.0; 30]));
    let source = world.source(false);
    let network = WindowNetwork::new(&file.model).unwrap();
    for (lost, new) in [(0, &b"GAT"[..]), (4, b""), (1, b"CCG")] {
        let variant = world.variant(12, lost, new);
        let (place, bases) = variant.changed();
        let windows = window_sets(&Windows::default(), source, place, 80).unwrap().concat();
        let seen = Seen { place, bases, windows };
        let rows = network.log_odds(source, std::slice::from_ref(&seen)).unwrap().remove(0);
        assert_eq!((seen.ways(), rows.len()), (2, 6 * 3), "two strands and, with the variant, two ways");
        let scores = &rows[2 * 3..];
        for row in scores.chunks_exact(3) {
            assert_near(row, &scores[..3], 1e-6, (lost, new));
        }
        // And the sequence by itself.
        let (whole, _) = world.window(&variant, 0, 30 + new.len() - lost);
        assert_near(&scores[..3], file.predictor().unwrap().predict(whole, None).unwrap(), 1e-6, (lost, new));
    }
}

#[test]
fn the_best_bin_is_the_one_of_all_that_see_the_variant() {
    let (file, world) = (file(60, 12), World::new(letters(500, 3), vec![0.0; 500]));
    let scorer = VariantScorer::new(&file).unwrap().with_forward_strand().with_best_bin();
    let mut predictor = file.predictor().unwrap();
    for (start, lost, new) in [(0, 1, &b"G"[..]), (111, 2, b"CA"), (203, 1, b"T"), (498, 1, b"A")] {
        let variant = world.variant(start, lost, new);
        let effect = scorer.score(world.source(false), std::slice::from_ref(&variant)).unwrap().remove(0);
        let (place, unchanged) = (variant.changed().0, world.variant(0, 0, b""));
        let starts = (0..world.grid.len()).map(|bin| world.grid.interval(bin).start as i64 + 20 - 30);
        let seen: Vec<i64> = starts.filter(|s| *s <= place.start as i64 && s + 60 >= place.end as i64).collect();
        let mut at = |variant: &Variant, start| score(&mut predictor, world.window(variant, start, 60), false, false);
        let pairs: Vec<_> = seen.iter().map(|&start| (at(&unchanged, start), at(&variant, start))).collect();
        let effect = effect.unwrap();
        assert!(seen.len() > 1 || start == 0 || start == 498);
        for task in 0..3 {
            let largest = pairs.iter().map(|(a, b)| b[task] - a[task]).max_by(|a, b| a.abs().total_cmp(&b.abs()));
            assert_near(&[effect.difference(task)], &[largest.unwrap()], 1e-6, (start, task));
        }
    }
}

#[test]
fn a_variant_that_cannot_be_scored_says_why() {
    let (file, world) = (file(60, 0), World::new(letters(500, 4), vec![0.0; 500]));
    let scorer = VariantScorer::new(&file).unwrap();
    let own = |start: usize, lost: usize| String::from_utf8(world.letters[start..start + lost].to_vec()).unwrap();
    let other = |start: usize| if world.letters[start] == b'A' { "C" } else { "A" };
    let variants = [
        (Variant::new(1, 0, "A", "C"), Some(Unscored::Chromosome)),
        (Variant::new(0, 499, "AC", "C"), Some(Unscored::PastEnd)),
        (Variant::new(0, 9, other(9), "N"), Some(Unscored::Reference)),
        (Variant::new(0, 9, other(9), own(9, 1)), Some(Unscored::Swapped)),
        (Variant::new(0, 100, own(100, 61), ""), Some(Unscored::TooLong)),
        (Variant::new(0, 100, own(100, 60), ""), None),
        (Variant::new(0, 100, "", "A".repeat(500)), None),
        (Variant::new(0, 500, "", "A"), None),
    ];
    let (variants, expected): (Vec<_>, Vec<_>) = variants.into_iter().map(|(v, reason)| (v.unwrap(), reason)).unzip();
    let effects = scorer.score(world.source(false), &variants).unwrap();
    assert_eq!(effects.into_iter().map(Result::err).collect::<Vec<_>>(), expected);
    // Bins end before the last bases.
    let scorer = VariantScorer::new(&file).unwrap().with_best_bin();
    let short = World::new(letters(30, 5), vec![0.0; 30]);
    let effects = scorer.score(short.source(false), &[short.variant(3, 1, b"N")]).unwrap();
    assert_eq!(effects, [Err(Unscored::NoBin)]);
}

#[test]
fn some_tasks_are_a_slice_and_shifts_that_lose_the_variant_are_refused() {
    let (file, world) = (file(60, 0), World::new(letters(500, 6), vec![0.0; 500]));
    let variants = [world.variant(250, 1, b"N")];
    let all = VariantScorer::new(&file).unwrap().score(world.source(false), &variants).unwrap().remove(0).unwrap();
    let some = VariantScorer::new(&file).unwrap().with_tasks(&["c", "A"]).unwrap();
    assert_eq!(some.tasks(), ["C", "A"]);
    let some = some.score(world.source(false), &variants).unwrap().remove(0).unwrap();
    assert_near(some.alternative(), &[all.alternative()[2], all.alternative()[0]], 1e-6, "tasks");
    let message = |shifts: &[i64]| VariantScorer::new(&file).unwrap().with_shifts(shifts).unwrap_err().to_string();
    assert_eq!(message(&[0, -30]), "shifts of the window: expected less than 30 bp, found -30");
    assert_eq!(message(&[]), "shifts of the window: expected one at least, found none");
    let file = Case { signal: SignalInput::Means(4), ..every_case()[0].clone() }.file();
    let error = VariantScorer::new(&file).unwrap().score(world.source(false), &variants).unwrap_err().to_string();
    assert!(error.starts_with("the tracks of accessibility that the model reads"), "{error}");
}
