use rand::RngExt;

use super::*;
use crate::{random::stream, testing::TestFile};

const ROWS: usize = 3_000;

/// Three features, of which the first two decide together, and the third is missing where they do.
fn drawn(seed: u64) -> (FeatureTable, Vec<bool>, Vec<f32>) {
    let mut random = stream(&[seed]);
    let mut columns = vec![Vec::new(); 3];
    let (mut labels, mut weights) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let [first, second, noise] = std::array::from_fn(|_| random.random_range(-1.0_f32..1.0));
        let bound = (first * second > 0.1) != random.random_bool(0.1);
        let third = if random.random_bool(0.5) { f32::NAN } else { noise };
        for (column, value) in columns.iter_mut().zip([first, second, third]) {
            column.push(value);
        }
        labels.push(bound);
        weights.push(random.random_range(0.5..2.0));
    }
    let names = ["first", "second", "third"].map(str::to_owned).to_vec();
    (FeatureTable::new(names, columns).unwrap(), labels, weights)
}

fn labels(bound: &[bool]) -> Vec<Label> {
    bound.iter().map(|&bound| if bound { Label::Bound } else { Label::Unbound }).collect()
}

fn average_precision(model: &BoostModel, table: &FeatureTable, bound: &[bool]) -> f64 {
    Curve::new(&model.logits(table), &labels(bound)).unwrap().average_precision().unwrap()
}

#[test]
fn what_two_features_say_together_is_learned_and_the_best_length_kept() {
    let (table, bound, weights) = drawn(1);
    let (other, other_bound, _) = drawn(2);
    let config = BoostConfig { rounds: 200, learning_rate: 0.3, ..BoostConfig::default() };
    let known = labels(&other_bound);
    let stopping = Stopping { table: &other, labels: &known };
    let stopped = BoostModel::fit(&table, &bound, &weights, Some(stopping), &config).unwrap();
    let whole = BoostModel::fit(&table, &bound, &weights, None, &config).unwrap();
    assert_eq!(whole.trees(), 200);
    assert!(stopped.trees() < 200 && stopped.trees().is_multiple_of(10), "{}", stopped.trees());
    let [kept, all] = [&stopped, &whole].map(|model| average_precision(model, &other, &other_bound));
    assert!(kept >= all && kept > 0.8, "{kept} {all}");
    assert!(stopped.parameters() < whole.parameters());
}

#[test]
fn trees_are_the_same_on_any_number_of_threads_and_after_a_file() {
    let (table, bound, weights) = drawn(3);
    let config = BoostConfig { rounds: 30, ..BoostConfig::default() };
    let fit = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| BoostModel::fit(&table, &bound, &weights, None, &config).unwrap())
    };
    let model = fit(1);
    let expected = model.logits(&table);
    assert_eq!(fit(3).logits(&table), expected);
    let path = TestFile::new("boost.json", "");
    model.save(&path).unwrap();
    assert_eq!(BoostModel::open(&path).unwrap().logits(&table), expected);
    for damaged in ["", "3", "3\n{}", "x\n{}"] {
        std::fs::write(&path, damaged).unwrap();
        assert!(matches!(BoostModel::open(&path), Err(Error::Format { .. })), "{damaged:?}");
    }
}

#[test]
fn a_weight_of_2_is_as_good_as_the_row_twice() {
    let (table, bound, _) = drawn(4);
    let twice: Vec<usize> = (0..ROWS).chain(0..ROWS / 3).collect();
    let weights: Vec<f32> = (0..ROWS).map(|row| if row < ROWS / 3 { 2.0 } else { 1.0 }).collect();
    let config = BoostConfig { rounds: 5, ..BoostConfig::default() };
    let weighted = BoostModel::fit(&table, &bound, &weights, None, &config).unwrap();
    let bound_twice: Vec<bool> = twice.iter().map(|&row| bound[row]).collect();
    let repeated =
        BoostModel::fit(&table.select(&twice), &bound_twice, &vec![1.0; twice.len()], None, &config).unwrap();
    let [weighted, repeated] = [weighted, repeated].map(|model| average_precision(&model, &table, &bound));
    // The cuts between bins may differ: they count rows.
    assert!((weighted - repeated).abs() < 0.02, "{weighted} {repeated}");
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let (table, bound, weights) = drawn(5);
    let fit = |bound: &[bool], weights: &[f32], config: &BoostConfig| {
        BoostModel::fit(&table, bound, weights, None, config).err().unwrap().to_string()
    };
    let default = BoostConfig::default();
    assert_eq!(fit(&bound[1..], &weights, &default), "rows: expected 2999, as many as labels, found 3000");
    assert!(fit(&[true; ROWS], &weights, &default).ends_with("expected both bound and unbound, found one of them"));
    assert!(fit(&bound, &[f32::NAN; ROWS], &default).ends_with("expected finite numbers of at least 0, found NaN"));
    let config = BoostConfig { depth: 0, ..default };
    assert_eq!(fit(&bound, &weights, &config), "boost.depth: expected at least 1, found 0");
}
