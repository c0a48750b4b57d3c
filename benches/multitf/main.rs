//! Times of the parts that users wait for: `cargo bench`, or `cargo bench -- layer` for one group.
//!
//! `cargo bench -- serve` waits for requests instead, for `benches/peers/run.py` and, on a GPU, `gpu.py`, which
//! time a peer in alternation.

mod data;
mod fed;
mod growth;
mod layer;
mod metric;
mod scan;
mod serve;
mod step;

use criterion::Criterion;

fn main() {
    if std::env::args().any(|argument| argument == "serve") {
        return serve::answer();
    }
    let mut criterion = Criterion::default().configure_from_args();
    layer::bench(&mut criterion);
    step::bench(&mut criterion);
    scan::bench(&mut criterion);
    growth::bench(&mut criterion);
    data::bench(&mut criterion);
    metric::bench(&mut criterion);
    criterion.final_summary();
}
