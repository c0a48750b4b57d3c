//! Times of the parts that users wait for: `cargo bench`, or `cargo bench -- layer` for one group.

mod layer;
mod step;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, layer::bench, step::bench);
criterion_main!(benches);
