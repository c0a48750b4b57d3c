//! From a MEME file to the filters of a layer, and from learned filters to a MEME file.
//!
//! In: a MEME file (default: the toy motifs of the tests). Out: the best score of each motif in a sequence; and the
//! file `filters.meme` in the folder for temporary files, with the motif that a filter learned from sequences with
//! GATAAG.
//!
//! `cargo run --release --example filters_to_meme -- motifs.meme`

use std::error::Error;

use burn::{
    optim::GradientsParams,
    tensor::{Device, Int, Tensor, TensorData, activation::softplus},
};
use multitf::{
    motif::{Background, MotifSet},
    nn::{MotifConv, MotifConvConfig, MotifForm, MotifScale, ProfileInitConfig},
    train::AdamWConfig,
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

const LENGTH: usize = 60;
/// Every filter is the log-odds of a distribution against this background.
const BACKGROUND: [f32; 4] = [0.25; 4];

fn main() -> Result<(), Box<dyn Error>> {
    let toy = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/toy.meme");
    let motifs = MotifSet::open(std::env::args().nth(1).unwrap_or_else(|| toy.into()))?;
    let device = Device::default().autodiff();
    let width = motifs.iter().map(|motif| motif.matrix.width()).max().unwrap_or_default();
    let config = MotifConvConfig::new(motifs.len(), width).with_form(MotifForm::LogOdds { background: BACKGROUND });
    let log_odds = motifs.iter().map(|motif| motif.matrix.to_log_odds(&Background::UNIFORM, 0.01));
    let start = ProfileInitConfig::new().with_scale(1.0).with_rest(0.0);
    let conv = config.init_from(&log_odds.collect::<Result<Vec<_>, _>>()?, &start, &device);
    let best = conv.forward(sequences(0, false, &device), None, LENGTH - width + 1).max_dim(0).into_data();
    for (motif, score) in motifs.iter().zip(best.iter::<f32>()) {
        println!("{} {}: best score {score:.2} nats", motif.name, motif.matrix.consensus());
    }

    let learned = learn(&device);
    let path = std::env::temp_dir().join("filters.meme");
    // These filters are log-odds, not half of them as in a model initialized from profiles.
    let scale = MotifScale { factor: 1.0, ..MotifScale::default() };
    MotifSet::from_motifs(learned.to_motifs(&scale)?)?.trimmed(0.5).write_meme(&path)?;
    for motif in &MotifSet::open(&path)? {
        println!("{}: {} in {}", motif.id, motif.matrix.consensus(), path.display());
    }
    Ok(())
}

/// Trains a filter to score sequences with GATAAG higher than others.
fn learn(device: &Device) -> MotifConv {
    let config = MotifConvConfig::new(1, 12).with_seed(2).with_form(MotifForm::LogOdds { background: BACKGROUND });
    let (mut conv, mut optimizer) = (config.init(device), AdamWConfig::new().init());
    for step in 0..400 {
        let score =
            |conv: &MotifConv, with_motif| conv.forward(sequences(step, with_motif, device), None, LENGTH - 11) - 6.0;
        let loss = (softplus(score(&conv, true).neg(), 1.0) + softplus(score(&conv, false), 1.0)).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &conv);
        conv = optimizer.step(0.03, conv, gradients);
    }
    conv
}

/// Random base codes, `[64, length]`; with GATAAG somewhere in each sequence if wanted.
fn sequences(seed: u64, with_motif: bool, device: &Device) -> Tensor<2, Int> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut codes: Vec<i32> = (0..64 * LENGTH).map(|_| random.random_range(0..4)).collect();
    for sequence in codes.chunks_exact_mut(LENGTH).filter(|_| with_motif) {
        let start = random.random_range(0..LENGTH - 6);
        sequence[start..start + 6].copy_from_slice(&[2, 0, 3, 0, 0, 2]);
    }
    Tensor::from_data(TensorData::new(codes, [64, LENGTH]), device)
}
