//! Weights from PyTorch, and weights for PyTorch.
//!
//! In: `tests/oracles/pytorch.pt`, a `state_dict` that `tests/oracles/pytorch_weights.py` saved with `torch.save`. Out:
//! the model's logits with these weights, and a safetensors file for `safetensors.torch.load_file`, whose names and
//! shapes are those of the `state_dict`.
//!
//! `cargo run --release --example pytorch_weights`

use std::error::Error;

use burn::{
    store::{ModuleStore, SafetensorsStore},
    tensor::{Device, Int, Tensor},
};
use multitf::nn::{ModelConfig, ModelFile, MotifConvConfig, SignalInput, TrunkConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::default();
    let saved_by_pytorch = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/pytorch.pt");
    let trunk = TrunkConfig::new(40, MotifConvConfig::new(10, 7)).with_hidden(8).with_signal(SignalInput::Means(4));
    let config = ModelConfig::new(trunk, 3);
    let model = config.init(&device).load_pytorch(saved_by_pytorch)?;

    // A sequence of A alone, without accessibility.
    let (codes, signal) = (Tensor::<2, Int>::zeros([1, 40], &device), Tensor::<3>::zeros([1, 1, 40], &device));
    let logits = model.bound_log_odds(codes.clone(), Some(signal.clone()));
    println!("logits with the weights of PyTorch: {:?}", logits.into_data().iter::<f32>().collect::<Vec<_>>());

    let path = std::env::temp_dir().join("for-pytorch.safetensors");
    ModelFile { config, tasks: vec!["A".into(), "B".into(), "C".into()], inputs: None, model }.save(&path)?;
    println!("{}:", path.display());
    let mut store = SafetensorsStore::from_file(&path);
    for (name, tensor) in store.get_all_tensors()? {
        println!("  {name} {:?}", tensor.shape.to_vec());
    }
    let again = ModelFile::open(&path, &device)?.model.bound_log_odds(codes, Some(signal));
    println!("logits with the weights of that file: {:?}", again.into_data().iter::<f32>().collect::<Vec<_>>());
    Ok(())
}
