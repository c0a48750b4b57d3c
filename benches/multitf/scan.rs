//! A genome predicted in one scan.

use burn::tensor::Device;
use criterion::{Criterion, Throughput};
use multitf::{
    data::SignalTransform,
    genome::{BinGrid, Genome, Interval, SignalTrack, Variant, base},
    predict::{GenomeScan, ScanSource},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::step::{SHAPES, Shape};

/// A random genome of one chromosome, with bins of 200 bp every 50 bp and a signal.
pub struct World {
    genome: Genome,
    grid: BinGrid,
    signal: SignalTrack,
}

impl World {
    pub fn new(length: usize) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let letters: String = (0..length).map(|_| char::from(b"ACGT"[random.random_range(0..4)])).collect();
        let genome = Genome::from_sequences([("chr1", letters)]).expect("the sequence is DNA");
        let grid = BinGrid::new(&genome, 200, 50).expect("the sizes work");
        // As long as those of the accessibility track of the yeast results are in the mean.
        let runs = (0..length).step_by(16).map(|start| {
            let end = (start + 16).min(length);
            (Interval { chromosome: 0, start, end }, random.random_range(0.0..3.0))
        });
        let signal = SignalTrack::from_runs(&genome, runs).expect("the runs are in order");
        Self { genome, grid, signal }
    }

    pub fn bins(&self) -> usize {
        self.grid.len()
    }

    pub fn source(&self) -> ScanSource<'_> {
        ScanSource::new(&self.genome, &self.grid).with_signal(&self.signal, SignalTransform::None)
    }

    /// So many changes of one base, far from each other.
    pub fn variants(&self, count: usize) -> Vec<Variant> {
        let length = self.genome.length(0);
        let place = |index: usize| (index * 997) % length;
        let variant = |index: usize| {
            let mut code = [0];
            self.genome.decode(0, place(index) as i64, &mut code);
            let letters = [code[0], (code[0] + 1) % 4].map(base::to_ascii);
            Variant::new(0, place(index), &letters[..1], &letters[1..]).expect("they are letters of bases")
        };
        (0..count).map(variant).collect()
    }

    /// Scans all bins with a model of random weights, and returns the sum of what it says.
    pub fn scan(&self, shape: &Shape) -> f32 {
        let scan = GenomeScan::new(&shape.model(), self.source(), &Device::default());
        let mut sum = 0.0;
        let visited = scan.expect("the model reads what there is").run(|part| {
            sum += part.log_odds.iter().sum::<f32>();
            Ok(())
        });
        visited.expect("adding does not fail");
        sum
    }
}

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scan");
    let world = World::new(200_000);
    group.throughput(Throughput::Elements(world.bins() as u64)).sample_size(10);
    for shape in SHAPES {
        group.bench_function(shape.name, |bencher| bencher.iter(|| world.scan(shape)));
    }
    group.finish();
}
