//! Building of batches on a simulated world, and parsing of label tables.

use std::{fmt::Write, fs, hint::black_box};

use criterion::{Criterion, Throughput};
use multitf::{
    data::{BatchBuilder, Dataset, Sampler, SamplerConfig},
    genome::{BinGrid, Genome, LabelTable},
    simulate::{SimulationConfig, simulate},
};

pub fn bench(criterion: &mut Criterion) {
    let folder = std::env::temp_dir().join(format!("multitf-bench-{}", std::process::id()));
    simulate(&SimulationConfig::default(), &folder).expect("the temporary folder can be written");
    let dataset = Dataset::open(folder.join("dataset.toml")).expect("the world was just written");
    batches(criterion, &dataset);
    labels(criterion, &folder);
    fs::remove_dir_all(folder).expect("the folder is the benchmark's own");
}

fn batches(criterion: &mut Criterion, dataset: &Dataset) {
    const BATCH: usize = 128;
    let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
    let mut group = criterion.benchmark_group("batch");
    group.throughput(Throughput::Elements(BATCH as u64));
    for context_bp in [300, 1000] {
        let config = SamplerConfig::default();
        let sampler = Sampler::new(dataset, &tasks, context_bp, &config, 0).expect("the world has bound bins");
        let draws = sampler.epoch(0);
        let builder = BatchBuilder::new(dataset, &tasks, context_bp).with_reverse_complement(0);
        group.bench_function(format!("{context_bp} bp"), |bencher| {
            bencher.iter(|| builder.build(black_box(&draws[..BATCH]), 0));
        });
    }
    group.finish();
}

/// Parses an uncompressed table, so that decompression is not timed.
fn labels(criterion: &mut Criterion, folder: &std::path::Path) {
    const CELLS: usize = 11;
    let genome = Genome::from_sequences([("chr1", "ACGT".repeat(2_500_000))]).expect("the sequence is DNA");
    let grid = BinGrid::new(&genome, 200, 50).expect("the sizes work");
    let header: Vec<String> = (0..CELLS).map(|cell| format!("cell{cell}")).collect();
    let mut text = format!("chr\tstart\tstop\t{}\n", header.join("\t"));
    for bin in 0..grid.len() {
        let interval = grid.interval(bin);
        let letters = if bin % 50 == 0 { "B\tA" } else { "U\tU" };
        let rest = "\tU".repeat(CELLS - 2);
        writeln!(text, "chr1\t{}\t{}\t{letters}{rest}", interval.start, interval.end).expect("a string takes it");
    }
    let path = folder.join("table.tsv");
    fs::write(&path, &text).expect("the folder can be written");
    let mut group = criterion.benchmark_group("labels");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| LabelTable::open(&path, &genome, &grid).expect("the table is whole"));
    });
    group.finish();
}
