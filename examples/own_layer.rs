//! A custom model from the crate's layers, with a custom training loop.
//!
//! In: nothing; random sequences with sites of two factors, and a third of the labels missing. Out: the loss before
//! and after training, and the largest difference between the weights of a resumed and of an uninterrupted run.
//!
//! `cargo run --release --example own_layer`

use std::{error::Error, ops::Range};

use burn::{
    module::Module,
    nn::{Linear, LinearConfig},
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Int, Tensor, TensorData},
};
use multitf::{
    nn::{MaskedMultiTaskBceConfig, MotifConv, MotifConvConfig},
    train::{AdamWConfig, OneCycle, Schedule},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// AGATAAGG and TGACGTCA.
const SITES: [[i32; 8]; 2] = [[0, 2, 0, 3, 0, 0, 2, 2], [3, 2, 0, 1, 2, 3, 1, 0]];
const MOTIFS: usize = 8;
const LENGTH: usize = 100;
const BATCH: usize = 128;
const STEPS: usize = 300;

/// The best score of each motif in the sequence, and a linear layer with an output for each factor.
#[derive(Module, Debug)]
struct Net {
    motifs: MotifConv,
    linear: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        device.seed(0);
        let linear = LinearConfig::new(MOTIFS, SITES.len()).init(device);
        Self { motifs: MotifConvConfig::new(MOTIFS, 10).init(device), linear }
    }

    /// From base codes, `[batch, length]`, to logits, `[batch, task]`.
    fn forward(&self, codes: Tensor<2, Int>) -> Tensor<2> {
        let positions = LENGTH - self.motifs.width() + 1;
        self.linear.forward(self.motifs.forward(codes, None, positions).squeeze_dim(2))
    }
}

/// Sequences, `[batch, length]`, and their labels, `[batch, task]`: 1 for bound, 0 for unbound, NaN for missing.
fn batch(step: usize, device: &Device) -> (Tensor<2, Int>, Tensor<2>) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(step as u64);
    let (mut codes, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..BATCH {
        let mut sequence: Vec<i32> = (0..LENGTH).map(|_| random.random_range(0..4)).collect();
        for (half, site) in SITES.iter().enumerate() {
            let is_bound = random.random_bool(0.5);
            if is_bound {
                let start = random.random_range(50 * half..=42 + 50 * half);
                sequence[start..start + site.len()].copy_from_slice(site);
            }
            labels.push(if random.random_ratio(1, 3) { f32::NAN } else { f32::from(is_bound) });
        }
        codes.extend(sequence);
    }
    let labels = Tensor::from_data(TensorData::new(labels, [BATCH, SITES.len()]), device);
    (Tensor::from_data(TensorData::new(codes, [BATCH, LENGTH]), device), labels)
}

/// The loss of a batch.
fn loss(net: &Net, step: usize, device: &Device) -> Tensor<1> {
    let (codes, labels) = batch(step, device);
    let observed = labels.clone().is_nan().bool_not().float();
    MaskedMultiTaskBceConfig::new().init().forward(net.forward(codes), labels, observed, None)
}

fn train(mut net: Net, optimizer: &mut ModuleOptimizer, steps: Range<usize>, device: &Device) -> Net {
    let schedule = OneCycle { peak: 0.02, warmup: 0.3 };
    for step in steps {
        let penalty = net.motifs.weight.val().abs().mean() * 0.05;
        let gradients = (loss(&net, step, device) + penalty).backward();
        let gradients = GradientsParams::from_grads(gradients, &net);
        net = optimizer.step(schedule.rate(step as f64 / STEPS as f64), net, gradients);
    }
    net
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::default().autodiff();
    let folder = std::env::temp_dir().join(format!("own-layer-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;

    let mut optimizer = AdamWConfig::new().init();
    let half = train(Net::new(&device), &mut optimizer, 0..STEPS / 2, &device);
    half.clone().save_file(folder.join("weights.bpk"))?;
    optimizer.save(folder.join("optimizer.bpk"))?;
    let net = train(half, &mut optimizer, STEPS / 2..STEPS, &device);

    let resumed = Net::new(&device).try_load_file(folder.join("weights.bpk"))?;
    let mut optimizer = AdamWConfig::new().init().load(folder.join("optimizer.bpk"))?;
    let resumed = train(resumed, &mut optimizer, STEPS / 2..STEPS, &device);
    std::fs::remove_dir_all(folder)?;

    let losses = [Net::new(&device), net.clone()].map(|net| loss(&net, STEPS, &device).into_scalar::<f32>());
    println!("loss of new sequences, before and after: {losses:.3?}");
    let distance = (net.motifs.weight.val() - resumed.motifs.weight.val()).abs().max();
    println!("largest difference of a resumed run's weights: {}", distance.into_scalar::<f32>());
    Ok(())
}
