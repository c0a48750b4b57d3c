//! Draws of samples, and their weights.

use std::collections::{BTreeMap, HashMap};

use crate::{
    Error,
    data::{Dataset, Draw, PriorCorrection, Sample, Sampler, SamplerConfig, Split, UnboundPool},
    genome::Label,
};

use super::world::{SPLIT, world};

const CONTEXT_BP: usize = 600;

fn open(name: &str) -> Dataset {
    world(&format!("sampler-{name}"), &format!("{SPLIT}train_cells = ['A549', 'HepG2']\n")).open().unwrap()
}

fn config(unbound_per_bound: Option<f64>, pool: UnboundPool, correction: PriorCorrection) -> SamplerConfig {
    SamplerConfig { unbound_per_bound, pool, correction, ..SamplerConfig::default() }
}

fn weighted(ratio: f64, pool: UnboundPool) -> SamplerConfig {
    config(Some(ratio), pool, PriorCorrection::Weight)
}

fn is_bound(dataset: &Dataset, tasks: &[usize], sample: Sample) -> bool {
    tasks.iter().any(|&task| dataset.label(task, sample) == Label::Bound)
}

/// The share of bound samples of a task, by weight.
fn share(dataset: &Dataset, task: usize, draws: impl IntoIterator<Item = Draw>) -> f64 {
    let (mut bound, mut observed) = (0.0, 0.0);
    for Draw { sample, weight } in draws {
        match dataset.label(task, sample) {
            Label::Bound => (bound, observed) = (bound + f64::from(weight), observed + f64::from(weight)),
            Label::Unbound => observed += f64::from(weight),
            Label::Ambiguous | Label::Missing => {}
        }
    }
    bound / observed
}

fn true_share(dataset: &Dataset, tasks: &[usize], task: usize) -> f64 {
    let all = dataset.samples_for(tasks, Split::Train, CONTEXT_BP).unwrap();
    share(dataset, task, all.iter().map(|sample| Draw { sample, weight: 1.0 }))
}

fn times_drawn(draws: &[Draw]) -> HashMap<Sample, usize> {
    let mut times = HashMap::new();
    for draw in draws {
        *times.entry(draw.sample).or_default() += 1;
    }
    times
}

fn task_sets() -> [Vec<usize>; 4] {
    [vec![0, 1, 2], vec![0], vec![1], vec![2, 0]]
}

#[test]
fn every_bound_sample_of_every_task_comes_once_an_epoch() {
    let dataset = open("bound");
    for tasks in task_sets() {
        for pool in [UnboundPool::Shared, UnboundPool::Own] {
            let sampler = Sampler::new(&dataset, &tasks, CONTEXT_BP, &weighted(3.0, pool), 1).unwrap();
            let draws = sampler.epoch(4);
            let times = times_drawn(&draws);
            let all = dataset.samples_for(&tasks, Split::Train, CONTEXT_BP).unwrap();
            let bound: Vec<_> = all.iter().filter(|&sample| is_bound(&dataset, &tasks, sample)).collect();
            assert!(bound.iter().all(|sample| times.get(sample) == Some(&1)));
            assert_eq!(draws.len(), bound.len() * 4);
            assert_eq!(sampler.epoch_len(), draws.len());
            // All are training samples where a task is known, and none comes twice.
            let known: std::collections::HashSet<_> = all.iter().collect();
            assert!(times.iter().all(|(sample, &times)| known.contains(sample) && times == 1));
        }
    }
}

#[test]
fn weights_restore_the_prior() {
    let dataset = open("prior");
    for tasks in task_sets() {
        for pool in [UnboundPool::Shared, UnboundPool::Own] {
            let sampler = Sampler::new(&dataset, &tasks, CONTEXT_BP, &weighted(2.0, pool), 1).unwrap();
            let draws: Vec<_> = (0..200).flat_map(|epoch| sampler.epoch(epoch)).collect();
            let mean = draws.iter().map(|draw| f64::from(draw.weight)).sum::<f64>() / draws.len() as f64;
            assert!((mean - 1.0).abs() < 1e-6, "mean weight {mean}");
            for &task in &tasks {
                let expected = true_share(&dataset, &tasks, task);
                assert!((sampler.prior(task) - expected).abs() < 1e-12, "{} and {expected}", sampler.prior(task));
                assert_eq!(sampler.logit_shift(task), 0.0);
                let found = share(&dataset, task, draws.iter().copied());
                assert!((found / expected - 1.0).abs() < 0.02, "{tasks:?} {task} {pool:?}: {found} and {expected}");
            }
        }
    }
}

#[test]
fn rare_tasks_are_drawn_more_often_and_weights_restore_their_prior() {
    let dataset = open("rarity");
    let tasks = [0, 1, 2];
    let all = dataset.samples_for(&tasks, Split::Train, CONTEXT_BP).unwrap();
    let bound = |task: usize| all.iter().filter(|&sample| is_bound(&dataset, &[task], sample)).count();
    let rarest = *tasks.iter().min_by_key(|&&task| bound(task)).unwrap();
    let rarest_share = |rarity| {
        let config = SamplerConfig { rarity, ..weighted(2.0, UnboundPool::Shared) };
        let sampler = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap();
        let draws: Vec<_> = (0..200).flat_map(|epoch| sampler.epoch(epoch)).collect();
        for task in tasks {
            let expected = true_share(&dataset, &tasks, task);
            assert!((sampler.prior(task) - expected).abs() < 1e-12, "{} and {expected}", sampler.prior(task));
            let found = share(&dataset, task, draws.iter().copied());
            assert!((found / expected - 1.0).abs() < 0.03, "{task}: {found} and {expected}");
        }
        // Every bound sample is drawn at some time.
        let times = times_drawn(&draws);
        assert!(all.iter().filter(|&sample| is_bound(&dataset, &tasks, sample)).all(|s| times.contains_key(&s)));
        draws.iter().filter(|draw| is_bound(&dataset, &[rarest], draw.sample)).count() as f64 / draws.len() as f64
    };
    let [as_found, halfway, even] = [0.0, 0.5, 1.0].map(rarest_share);
    assert!(as_found < halfway && halfway < even, "{as_found} {halfway} {even}");
    let most = |max_repeats| {
        let config = SamplerConfig { rarity: 1.0, max_repeats, ..weighted(2.0, UnboundPool::Shared) };
        let draws = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap().epoch(0);
        let times = times_drawn(&draws);
        let rare = all.iter().filter(|&sample| is_bound(&dataset, &[rarest], sample));
        rare.filter_map(|sample| times.get(&sample).copied()).max().unwrap()
    };
    assert!(most(1.0) == 1 && most(20.0) > 1, "{} {}", most(1.0), most(20.0));
    let config = SamplerConfig { max_repeats: 0.5, ..SamplerConfig::default() };
    let error = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap_err();
    assert_eq!(error.to_string(), "sampler.max_repeats: expected a number from 1 on, found 0.5");
    let config = SamplerConfig { rarity: 1.5, ..SamplerConfig::default() };
    let error = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap_err();
    assert_eq!(error.to_string(), "sampler.rarity: expected 0 to 1, found 1.5");
    let config = SamplerConfig { rarity: 0.5, unbound_per_bound: None, ..SamplerConfig::default() };
    let error = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap_err().to_string();
    assert!(error.starts_with("sampler.rarity: expected 0, where all samples are drawn"), "{error}");
}

#[test]
fn without_weights_the_shift_restores_the_log_odds() {
    let dataset = open("shift");
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    for tasks in task_sets() {
        let config = config(Some(2.0), UnboundPool::Shared, PriorCorrection::None);
        let sampler = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap();
        let draws: Vec<_> = (0..200).flat_map(|epoch| sampler.epoch(epoch)).collect();
        assert!(draws.iter().all(|draw| draw.weight == 1.0));
        for &task in &tasks {
            let found = share(&dataset, task, draws.iter().copied());
            assert!((found / sampler.prior(task) - 1.0).abs() < 0.02, "{found} and {}", sampler.prior(task));
            let restored = log_odds(sampler.prior(task)) + sampler.logit_shift(task);
            assert!((restored - log_odds(true_share(&dataset, &tasks, task))).abs() < 1e-9);
            assert!(sampler.logit_shift(task) < -1.0);
        }
    }
}

#[test]
fn a_shared_pool_holds_the_samples_of_a_model_of_all_tasks() {
    let dataset = open("shared");
    let (every, tasks, ratio) = ([0, 1, 2], [0], 5.0);
    let all = dataset.samples(Split::Train, CONTEXT_BP).unwrap();
    let count = |keep: &dyn Fn(Sample) -> bool| all.iter().filter(|&sample| keep(sample)).count() as f64;
    let known = |sample| matches!(dataset.label(0, sample), Label::Unbound | Label::Bound);
    let elsewhere = |sample| known(sample) && !is_bound(&dataset, &tasks, sample) && is_bound(&dataset, &every, sample);
    let bound = count(&|sample| is_bound(&dataset, &tasks, sample));
    let (others, anywhere) = (count(&elsewhere), count(&|sample| is_bound(&dataset, &every, sample)));
    let drawn = |pool| {
        let sampler = Sampler::new(&dataset, &tasks, CONTEXT_BP, &weighted(ratio, pool), 1).unwrap();
        sampler.epoch(0).iter().filter(|draw| elsewhere(draw.sample)).count() as f64
    };
    let nowhere = |sample: Sample| !is_bound(&dataset, &every, sample);
    let seen = count(&|sample| known(sample) && nowhere(sample)) / count(&nowhere);
    let expected = ratio * bound * others / (others + ratio * anywhere * seen);
    assert!((drawn(UnboundPool::Shared) - expected).abs() <= 0.5, "{} and {expected}", drawn(UnboundPool::Shared));
    let rate = ratio * bound / count(&|sample| known(sample) && !is_bound(&dataset, &tasks, sample));
    let own = rate * others;
    assert!((drawn(UnboundPool::Own) - own).abs() < 4.0 * own.sqrt(), "{} and {own}", drawn(UnboundPool::Own));
    assert!(expected > 2.0 * own);
}

#[test]
fn all_samples_come_once_an_epoch_if_asked_for() {
    let dataset = open("all");
    for correction in [PriorCorrection::Weight, PriorCorrection::None] {
        let config = config(None, UnboundPool::Shared, correction);
        let sampler = Sampler::new(&dataset, &[0, 2], CONTEXT_BP, &config, 1).unwrap();
        let draws = sampler.epoch(0);
        assert!(draws.iter().all(|draw| draw.weight == 1.0));
        let times = times_drawn(&draws);
        let all = dataset.samples_for(&[0, 2], Split::Train, CONTEXT_BP).unwrap();
        assert_eq!(times.len(), draws.len());
        assert!(all.len() == draws.len() && all.iter().all(|sample| times.contains_key(&sample)));
        assert_eq!(sampler.logit_shift(0), 0.0);
    }
}

#[test]
fn samples_come_again_only_after_all_have_come() {
    let dataset = open("again");
    let sampler = Sampler::new(&dataset, &[1], CONTEXT_BP, &weighted(100.0, UnboundPool::Own), 1).unwrap();
    let mut times = BTreeMap::<usize, usize>::new();
    for (sample, count) in times_drawn(&sampler.epoch(0)) {
        if !is_bound(&dataset, &[1], sample) {
            *times.entry(count).or_default() += 1;
        }
    }
    let (least, most) = (*times.keys().next().unwrap(), *times.keys().last().unwrap());
    assert!(least >= 1 && most == least + 1, "{times:?}");
    assert!((sampler.prior(1) - true_share(&dataset, &[1], 1)).abs() < 1e-12);
}

#[test]
fn an_epoch_follows_from_its_seed_and_number() {
    let dataset = open("seed");
    let sampler = |seed| Sampler::new(&dataset, &[0, 1, 2], CONTEXT_BP, &SamplerConfig::default(), seed).unwrap();
    assert_eq!(sampler(1).epoch(3), sampler(1).epoch(3));
    assert_ne!(sampler(1).epoch(3), sampler(1).epoch(4));
    assert_ne!(sampler(1).epoch(3), sampler(2).epoch(3));
    let first: Vec<_> =
        sampler(1).epoch(0)[..40].iter().map(|draw| is_bound(&dataset, &[0, 1, 2], draw.sample)).collect();
    assert!(first.contains(&true) && first.contains(&false), "an epoch is shuffled");
}

#[test]
fn tasks_without_positives_are_named() {
    let folder = world("sampler-none", SPLIT);
    folder.write("labels/ZEB1.tsv", "chr\tstart\tstop\tA549\nchr1\t0\t200\tU\nchr3\t0\t200\tB\n");
    let dataset = folder.open().unwrap();
    assert_eq!(dataset.tasks_without_positives(Split::Train, 200), [3]);
    for tasks in [vec![3], vec![0, 1, 2, 3]] {
        let error = Sampler::new(&dataset, &tasks, 200, &SamplerConfig::default(), 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no bound bin in the train split for ZEB1: leave them out, or choose another split"
        );
    }
}

#[test]
fn a_context_that_leaves_no_training_bin_is_an_error() {
    let split = "train = ['chr3:0-1000']\nvalid = ['chr3:1000-2000']\ntest = ['chr4']\n";
    let dataset = world("sampler-context", split).open().unwrap();
    let error = Sampler::new(&dataset, &[0], 20_000, &SamplerConfig::default(), 1).unwrap_err();
    assert!(matches!(error, Error::EmptySplit { split: "train", .. }), "{error}");
    assert!(error.to_string().ends_with("no bin of its regions is 20000 bp of context away from the other splits"));
}

#[test]
fn tasks_that_are_not_the_data_sets_each_once_are_errors() {
    let dataset = world("sampler-tasks", SPLIT).open().unwrap();
    for (tasks, expected) in [
        (&[][..], "tasks: expected at least one, found none"),
        (&[0, 3], "tasks: expected some of 0 to 2, found 3"),
        (&[1, 2, 1], "tasks: expected each once, found 1"),
    ] {
        let sampler = Sampler::new(&dataset, tasks, 300, &SamplerConfig::default(), 1).map(drop);
        for refused in [sampler, dataset.samples_for(tasks, Split::Valid, 300).map(drop)] {
            assert_eq!(refused.unwrap_err().to_string(), expected);
        }
    }
}

#[test]
fn a_sample_is_drawn_by_the_power_of_how_rare_its_rarest_task_is() {
    let dataset = open("power");
    let tasks = [0, 1, 2];
    let all = dataset.samples_for(&tasks, Split::Train, CONTEXT_BP).unwrap();
    let bound = |task: usize| all.iter().filter(|&sample| is_bound(&dataset, &[task], sample)).count();
    let counts = tasks.map(bound);
    let rarest = |sample| {
        let own = tasks.into_iter().filter(|&task| is_bound(&dataset, &[task], sample));
        own.min_by_key(|&task| (counts[task], task))
    };
    let sizes = tasks.map(|task| all.iter().filter(|&sample| rarest(sample) == Some(task)).count());
    for rarity in [0.3, 0.5, 1.0] {
        let config = SamplerConfig { rarity, max_repeats: 1e6, ..weighted(2.0, UnboundPool::Shared) };
        let draws = Sampler::new(&dataset, &tasks, CONTEXT_BP, &config, 1).unwrap().epoch(0);
        let shares = tasks.map(|task| sizes[task] as f64 / (counts[task] as f64).powf(rarity));
        let scale = sizes.iter().sum::<usize>() as f64 / shares.iter().sum::<f64>();
        for task in tasks {
            let found = draws.iter().filter(|draw| rarest(draw.sample) == Some(task)).count();
            assert_eq!(found as f64, (scale * shares[task]).round(), "{rarity} {task} of {counts:?}, {sizes:?}");
        }
    }
    assert!(counts.iter().min() < counts.iter().max() && sizes.iter().all(|&size| size > 1));
}

#[test]
fn unbound_draws_are_the_nearest_whole_number() {
    let dataset = open("nearest");
    for ratio in [0.3, 0.49, 0.5, 0.77, 1.01] {
        let sampler = Sampler::new(&dataset, &[0], CONTEXT_BP, &weighted(ratio, UnboundPool::Own), 1).unwrap();
        let all = dataset.samples_for(&[0], Split::Train, CONTEXT_BP).unwrap();
        let bound = all.iter().filter(|&sample| is_bound(&dataset, &[0], sample)).count();
        assert_eq!(sampler.epoch_len() - bound, (ratio * bound as f64 + 0.5).floor() as usize, "{ratio} of {bound}");
    }
}
