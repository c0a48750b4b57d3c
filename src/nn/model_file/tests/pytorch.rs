//! Weights from PyTorch.

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::TensorData,
};
use serde::Deserialize;

use super::*;
use crate::nn::ops::Strands;

#[derive(Deserialize)]
struct Oracle {
    codes: Vec<i32>,
    signal: Vec<f32>,
    logits: Vec<f32>,
}

const ORACLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");

fn pytorch_model() -> Model {
    let conv = MotifConvConfig::new(10, 7).with_strands(Strands::Both);
    let trunk = TrunkConfig::new(40, conv).with_hidden(8).with_signal(SignalInput::Means(4));
    ModelConfig::new(trunk, 3).init(&Device::default())
}

#[test]
fn weights_of_pytorch_give_its_logits() {
    let text = fs::read_to_string(format!("{ORACLES}/pytorch.json")).unwrap();
    let oracle: Oracle = serde_json::from_str(&text).unwrap();
    let device = Device::default();
    let codes = Tensor::<2, Int>::from_data(TensorData::new(oracle.codes, [4, 40]), &device);
    let signal = Tensor::<3>::from_data(TensorData::new(oracle.signal, [4, 1, 40]), &device);
    for name in ["pytorch.safetensors", "pytorch.pt"] {
        let model = pytorch_model().load_pytorch(format!("{ORACLES}/{name}")).unwrap();
        let logits = model.bound_log_odds(codes.clone(), Some(signal.clone())).into_data();
        for (found, expected) in logits.iter::<f32>().zip(&oracle.logits) {
            assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{name}: {found} {expected}");
        }
    }
}

#[test]
fn weights_of_another_pytorch_model_are_refused() {
    for name in ["pytorch.safetensors", "pytorch.pt"] {
        let path = format!("{ORACLES}/{name}");
        let error = model_file().model.load_pytorch(&path).unwrap_err().to_string();
        assert_eq!(error, format!("{path}: head.linear.bias: expected shape [2], found [3]"));
    }
    let folder = TestFolder::new("pytorch-foreign");
    let message = |name: &str| {
        let path = folder.write(name, ">chr1\nACGTACGTACGTACGT\n");
        let error = pytorch_model().load_pytorch(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    };
    let kind = "a.fa: not a file of weights: its name ends in none of .safetensors, .pt and .pth";
    assert_eq!(message("a.fa"), kind);
    assert_eq!(message("a.safetensors"), "a.safetensors: not a safetensors file: it does not begin with a header");
    assert!(message("a.pt").starts_with("a.pt: not a PyTorch file of weights: "), "{}", message("a.pt"));
    let error = pytorch_model().load_pytorch(folder.path().join("none.pt")).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

#[test]
fn weights_under_a_prefix_are_found() {
    let saved = Saved::new("model-prefix");
    let (header, values) = saved.parts();
    let header: Map<String, Value> = serde_json::from_slice(header).unwrap();
    let tensors: Vec<_> = header.into_iter().filter(|(name, _)| name != "__metadata__").collect();
    // A file with the model's weights under each prefix, and some more tensors.
    let write = |prefixes: &[&str], more: &[&str]| {
        let under = |prefix: &&str| -> Vec<(String, Value)> {
            tensors.iter().map(|(name, place)| (format!("{prefix}{name}"), place.clone())).collect()
        };
        let mut header: Map<String, Value> = prefixes.iter().take(1).flat_map(under).collect();
        let mut all = if prefixes.is_empty() { Vec::new() } else { values.to_vec() };
        let mut add = |name: String, values: &[u8], shape: Value| {
            let place = [all.len(), all.len() + values.len()];
            header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": place }));
            all.extend_from_slice(values);
        };
        for (name, place) in prefixes.iter().skip(1).flat_map(under) {
            let place_of = |end: usize| place["data_offsets"][end].as_u64().unwrap() as usize;
            add(name, &values[place_of(0)..place_of(1)], place["shape"].clone());
        }
        for name in more {
            add((*name).into(), &[0; 4], json!([1]));
        }
        saved.folder.write("weights.safetensors", joined(&Value::Object(header), &all))
    };
    let zeros = || {
        let model = model_file().model;
        Model { trunk: model.trunk.map(&mut Zeros), ..model }
    };
    let load = |prefixes: &[&str], more: &[&str]| zeros().load_pytorch(write(prefixes, more));
    let expected = logits(&model_file().model);
    for prefix in ["module.", "model.", "state_dict.net.", "_orig_mod."] {
        assert_eq!(logits(&load(&[prefix], &["optimizer.step", "epoch"]).unwrap()), expected, "{prefix}");
    }
    let message = |prefixes: &[&str], more: &[&str]| {
        let error = load(prefixes, more).unwrap_err().to_string();
        error.rsplit_once("the weights: ").unwrap().1.to_owned()
    };
    let extra = message(&["module."], &["module.extra"]);
    assert_eq!(extra, "expected only the model's tensors, found extra");
    let two = message(&["ema.", "model."], &[]);
    assert_eq!(two, "expected those of one model, found models under ema., model.: save one of them");
    let unlike = message(&["module_"], &[]);
    assert!(unlike.starts_with(
        "expected a tensor head.linear.bias, found 0 of the model's 6, and module_head.linear.bias [2], "
    ));
    let many: Vec<String> = (0..12).map(|index| format!("b{index:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let unlike = message(&[], &many);
    assert!(unlike.ends_with("b08 [1], b09 [1], 2 more"), "{unlike}");
    // The names as they are go before a prefix.
    assert_eq!(message(&["", "module."], &[]), "expected only the model's tensors, found module.head.linear.bias");
}

/// Sets weights to 0.
struct Zeros;

impl ModuleMapper for Zeros {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|values| values.zeros_like())
    }
}

#[test]
fn a_damaged_pytorch_file_is_refused() {
    let folder = TestFolder::new("pytorch-damaged");
    let bytes = fs::read(format!("{ORACLES}/pytorch.pt")).unwrap();
    let load = |bytes: &[u8]| pytorch_model().load_pytorch(folder.write("model.pt", bytes));
    for length in (0..bytes.len()).step_by(5) {
        assert!(load(&bytes[..length]).is_err(), "{length}");
    }
    for position in (0..bytes.len()).step_by(3) {
        let mut bytes = bytes.clone();
        bytes[position] ^= 0x40;
        // Some bytes do not matter; none may panic.
        let _ = load(&bytes);
    }
}
