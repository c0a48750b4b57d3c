//! Times of the slow parts: `cargo bench`, or `cargo bench -- layer` for one group.
//!
//! `cargo bench -- motif` also times a peer in Rust.
//!
//! `cargo bench -- serve` waits for requests instead, for `benches/peers/run.py` and, on a GPU, `gpu.py`, which
//! time a peer in alternation.

#[cfg(feature = "boost")]
mod boost;
mod data;
mod fed;
mod growth;
mod layer;
mod metric;
mod motif;
mod online;
mod scan;
mod serve;
mod step;
mod tracks;

use criterion::Criterion;

fn main() {
    multitf::device::keep_memory();
    if std::env::args().any(|argument| argument == "serve") {
        return serve::answer();
    }
    #[cfg(feature = "boost")]
    if let Some(folder) = std::env::args().skip_while(|argument| argument != "boost-serve").nth(1) {
        return boost::answer(&folder);
    }
    if std::env::args().any(|argument| argument == "motif") {
        return motif::bench();
    }
    let mut criterion = Criterion::default().configure_from_args();
    layer::bench(&mut criterion);
    step::bench(&mut criterion);
    scan::bench(&mut criterion);
    tracks::bench(&mut criterion);
    growth::bench(&mut criterion);
    data::bench(&mut criterion);
    metric::bench(&mut criterion);
    online::bench(&mut criterion);
    criterion.final_summary();
}
