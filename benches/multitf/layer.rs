//! Motif convolution, bias, ReLU and max-pooling.

use burn::tensor::Device;
use criterion::{Criterion, Throughput};

use crate::step::{SHAPES, Shape};

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("layer");
    for shape in SHAPES {
        let Shape { name, batch, .. } = *shape;
        let (model, input) = (shape.model(), shape.input(&Device::default()));
        let conv = model.trunk.conv;
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(format!("{name}/forward"), |bencher| {
            bencher.iter(|| {
                let signal = shape.scanned(&input);
                conv.forward(input.codes.clone(), signal, shape.pool_positions()).into_data()
            });
        });
    }
    group.finish();
}
