//! Times of the parts that users wait for: `cargo bench`, or `cargo bench -- layer` for one group.

mod data;
mod layer;
mod metric;
mod step;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, layer::bench, step::bench, data::bench, metric::bench);
criterion_main!(benches);
