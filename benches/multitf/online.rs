//! The online model, on examples in a text file and on examples in memory; `benches/peers/online.py` times its peer.

use std::{fmt::Write, fs, path::Path};

use criterion::{Criterion, Throughput};
use multitf::baseline::online::{Example, OnlineConfig, OnlineModel, Target, TextReader};
use rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

const EXAMPLES: usize = 20_000;

/// A bin: 32 motif scores, 8 values of accessibility, 30 k-mers.
fn line(random: &mut impl Rng) -> String {
    let mut line = format!("{} |motif", if random.random_bool(0.2) { 1 } else { -1 });
    for motif in 0..32 {
        write!(line, " {motif}:{:.2}", random.random_range(-9.0..15.0)).expect("memory takes all");
    }
    line += " |access";
    for cell in 0..8 {
        write!(line, " {cell}:{:.3}", random.random_range(0.0..4.0)).expect("memory takes all");
    }
    line += " |kmer";
    for _ in 0..30 {
        line.push(' ');
        line.extend((0..6).map(|_| char::from(b"ACGT"[random.random_range(0..4)])));
    }
    line
}

fn read(path: &Path, mut each: impl FnMut(&Example, Target)) {
    let mut reader = TextReader::open(path).expect("the file is there");
    let mut example = Example::new();
    while let Some(target) = reader.read_example(&mut example).expect("the lines are examples") {
        each(&example, target);
    }
}

pub fn bench(criterion: &mut Criterion) {
    let path = std::env::temp_dir().join("multitf-online.txt");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let lines: Vec<_> = (0..EXAMPLES).map(|_| line(&mut random)).collect();
    fs::write(&path, lines.join("\n")).expect("there is room for a file");
    let mut ready = Vec::new();
    read(&path, |example, target| ready.push((example.clone(), target)));
    let mut group = criterion.benchmark_group("online");
    group.throughput(Throughput::Elements(EXAMPLES as u64)).sample_size(10);
    for (name, quadratic) in [("linear", vec![]), ("quadratic", vec!["am".to_owned()])] {
        let model = OnlineModel::new(&OnlineConfig { quadratic, ..OnlineConfig::default() }).expect("it works");
        group.bench_function(format!("{name}, text"), |bencher| {
            bencher.iter(|| {
                let mut model = model.clone();
                read(&path, |example, target| {
                    model.learn(example, target.label, target.weight);
                });
                model.progressive_loss()
            });
        });
        group.bench_function(format!("{name}, memory"), |bencher| {
            bencher.iter(|| {
                let mut model = model.clone();
                for (example, target) in &ready {
                    model.learn(example, target.label, target.weight);
                }
                model.progressive_loss()
            });
        });
    }
    group.finish();
}
