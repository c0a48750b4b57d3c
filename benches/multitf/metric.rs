//! Ranking and the bootstrap's inner loop.

use criterion::{Criterion, Throughput};
use multitf::{
    genome::Label,
    metric::{Curve, RankedTrack},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

pub fn bench(criterion: &mut Criterion) {
    const BINS: usize = 1_000_000;
    const BLOCKS: usize = 1_000;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let scores: Vec<f32> = (0..BINS).map(|_| random.random()).collect();
    let labels: Vec<Label> =
        (0..BINS).map(|_| if random.random_bool(0.003) { Label::Bound } else { Label::Unbound }).collect();
    let blocks: Vec<u32> = (0..BINS).map(|bin| (bin * BLOCKS / BINS) as u32).collect();
    let weights: Vec<u32> = (0..BLOCKS).map(|_| random.random_range(0..3)).collect();
    let ranked = RankedTrack::new(&scores, &labels, &blocks).expect("no score is NaN");
    let mut group = criterion.benchmark_group("metric");
    group.throughput(Throughput::Elements(BINS as u64)).sample_size(10);
    group.bench_function("curve", |bencher| {
        bencher.iter(|| {
            let curve = Curve::new(&scores, &labels).expect("no score is NaN");
            (curve.auroc(), curve.average_precision(), curve.auprc())
        });
    });
    group.bench_function("bootstrap replicate", |bencher| {
        bencher.iter(|| ranked.weighted_average_precision(&weights));
    });
    group.finish();
}
