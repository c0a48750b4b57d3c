//! Files of many tracks, beside the scan alone.

use std::{fs, path::Path};

use burn::tensor::Device;
use criterion::{Criterion, Throughput};
use multitf::predict::{GenomeScan, RunIdentity, Shard, TrackFile, TrackFormat, TrackValue, TrackWriterConfig};

use crate::{
    scan::World,
    step::{SHAPES, Shape},
};

const TASKS: usize = 1000;

/// Scans all bins, writes a file for each task, and returns the number of files.
fn write(world: &World, shape: &Shape, format: TrackFormat, folder: &Path) -> usize {
    let files = (0..TASKS).map(|task| TrackFile { task, name: task.to_string() }).collect();
    let identity = RunIdentity::new("a benchmark", &[]);
    let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
    let mut writer = config.open(folder, world.source()).expect("the temporary folder can be written");
    let scan = GenomeScan::new(&shape.model(), world.source(), &Device::default());
    let scan = scan.expect("the model reads what there is");
    scan.run(|part| writer.write(&part)).expect("the disk has room");
    let written = writer.finish_with(scan.bins(), format, |_| ()).expect("the disk has room");
    fs::remove_dir_all(folder).expect("the folder is the benchmark's own");
    written.len()
}

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tracks");
    let world = World::new(1_000_000);
    let mut shape = SHAPES.iter().find(|shape| shape.name == "C").expect("it is one of the shapes").clone();
    shape.tasks = TASKS;
    let folder = std::env::temp_dir().join(format!("multitf-bench-tracks-{}", std::process::id()));
    group.throughput(Throughput::Elements((world.bins() * TASKS) as u64)).sample_size(10);
    group.bench_function("scan", |bencher| bencher.iter(|| world.scan(&shape)));
    for (name, format) in [("bedGraph", TrackFormat::Bedgraph), ("bigWig", TrackFormat::Bigwig)] {
        group.bench_function(name, |bencher| bencher.iter(|| write(&world, &shape, format, &folder)));
    }
    group.finish();
}
