//! A model of 5,000 labelled sequences in memory, as from SELEX, MPRA or PBM.
//!
//! In: nothing; sequences are random, and those with GATAAG are bound by GATA1, those with TGACTCA by JUN. Out: the
//! average precision on held-out sequences.
//!
//! `cargo run --release --example sequences`

use multitf::{
    Result,
    data::{Dataset, SequenceSplit, Split},
    eval::Evaluation,
    strategy::{Setup, Strategy},
    train::RunConfig,
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

fn main() -> Result<()> {
    let sequences = random_sequences(5000);
    let labels = |letters: &String| ["GATAAG", "TGACTCA"].map(|motif| Some(letters.contains(motif)));
    let records = sequences.iter().enumerate().map(|(index, letters)| (index.to_string(), letters, labels(letters)));
    let split = SequenceSplit::Random { valid: 0.1, test: 0.2, seed: 0 };
    let dataset = Dataset::from_sequences("motifs", &["GATA1", "JUN"], records, &split)?;
    let mut config = RunConfig::default().with_budget(20_000);
    (config.architecture.context_bp, config.architecture.width, config.architecture.pool) = (60, 11, 0);
    let model = Strategy::Recipe.train(&Setup::new(&dataset, config)?, 0)?;
    let test = Evaluation::new(&dataset, Split::Test, 60)?;
    for row in test.score("recipe", 0, &test.predict(&model.model)?)? {
        println!(
            "{}: average precision {:.3?}, {} of {} bound",
            row.tf,
            row.average_precision,
            row.positives,
            test.samples().len()
        );
    }
    let scores = model.score(&["TTTTGATAAGTTTT", "TTTTTGACTCATTTT"], None)?;
    println!("GATAAG and TGACTCA, P(bound): {:.3?}", scores.values);
    Ok(())
}

/// Random sequences of 40 to 60 bases, a third of them with one of the motifs.
fn random_sequences(count: usize) -> Vec<String> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut sequence = |index: usize| {
        let length = random.random_range(40..=60);
        let letters: String = (0..length).map(|_| ['A', 'C', 'G', 'T'][random.random_range(0..4)]).collect();
        let motif = ["GATAAG", "TGACTCA", "", "", "", ""][index % 6];
        let start = random.random_range(0..=length - motif.len());
        format!("{}{motif}{}", &letters[..start], &letters[start + motif.len()..])
    };
    (0..count).map(&mut sequence).collect()
}
