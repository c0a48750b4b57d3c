//! How a training step grows with each of a model's sizes, and a scan with the genome.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};

use crate::{
    scan::World,
    step::{SHAPES, Shape, Training},
};

/// What is changed, and how.
type Change = (&'static str, fn(&mut Shape, usize), [usize; 3]);

const CHANGES: &[Change] = &[
    ("batch", |shape, size| shape.batch = size, [32, 64, 128]),
    ("motifs", |shape, size| shape.motifs = size, [64, 128, 256]),
    ("width", |shape, size| shape.width = size, [13, 26, 52]),
    ("context_bp", |shape, size| shape.context_bp = size, [500, 1000, 2000]),
    ("tasks", |shape, size| shape.tasks = size, [8, 32, 128]),
];

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    let find = |name| SHAPES.iter().find(|shape: &&Shape| shape.name == name).expect("it is one of the shapes");
    for (name, change, sizes) in CHANGES {
        for size in sizes {
            let mut shape = find("A").clone();
            change(&mut shape, *size);
            let mut training = Training::new(&shape);
            group.bench_function(BenchmarkId::new(*name, size), |bencher| bencher.iter(|| training.step()));
        }
    }
    for length in [500_000, 1_000_000, 2_000_000] {
        let world = World::new(length);
        group.bench_function(BenchmarkId::new("genome", length), |bencher| bencher.iter(|| world.scan(find("C"))));
    }
    group.finish();
}
