use std::fs;

use burn::{
    module::{Module, Param},
    tensor::{Int, Tensor, TensorData},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    data::LabelShares,
    genome::Label,
    motif::{Background, ProbabilityMatrix},
    nn::{
        Adapter, BodyConfig, Head, HeadKind, LastPool, MotifConvConfig, MotifForm, MotifScale, Pooling,
        ProfileStartConfig, SignalInput, TrunkConfig, ops::Strands,
    },
    testing::TestFolder,
};

fn config() -> ModelConfig {
    let form = MotifForm::LogOdds { background: [0.3, 0.2, 0.2, 0.3] };
    let conv = MotifConvConfig::new(3, 5).with_channels(1).with_form(form).with_seed(7);
    let trunk = TrunkConfig::new(12, conv).with_hidden(6).with_pool(4).with_signal(SignalInput::Channels);
    ModelConfig::new(trunk, 2)
        .with_shares(Some([[0.0, 9.0, 0.0, 1.0], [1.0, 500.0, 0.0, 1.0]].map(LabelShares::from_counts).to_vec()))
}

fn model_file() -> ModelFile {
    let config = config();
    let model = config.init(&Device::default());
    ModelFile { config, tasks: vec!["CTCF".into(), "ZNF, \"143\"".into()], inputs: None, model }
}

fn logits(model: &Model) -> Vec<f32> {
    let device = Device::default();
    let codes = Tensor::<2, Int>::from_data([[0, 1, 2, 3, 4, 0, 0, 1, 2, 2, 3, 1]], &device);
    let signal = Tensor::from_data([[[0.5, 0.25, 1.0, 2.0, 0.0, 0.0, 1.0, 3.0, 2.0, 1.0, 0.5, 0.125]]], &device);
    model.bound_log_odds(codes, Some(signal)).into_data().iter::<f32>().collect()
}

/// A file in a folder of its own.
struct Saved {
    folder: TestFolder,
    bytes: Vec<u8>,
}

impl Saved {
    fn new(name: &str) -> Self {
        Self { folder: TestFolder::new(name), bytes: model_file().to_bytes().unwrap() }
    }

    fn open(&self, bytes: impl AsRef<[u8]>) -> Result<ModelFile> {
        ModelFile::open(self.folder.write("model.safetensors", bytes), &Device::default())
    }

    /// The message for a file whose header is changed, without the folder.
    fn refusal(&self, change: impl FnOnce(&mut Value)) -> String {
        let (header, values) = self.parts();
        let mut header = serde_json::from_slice(header).unwrap();
        change(&mut header);
        self.message(joined(&header, values))
    }

    fn message(&self, bytes: impl AsRef<[u8]>) -> String {
        let message = self.open(bytes).unwrap_err().to_string();
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let (length, rest) = self.bytes.split_first_chunk().unwrap();
        rest.split_at(u64::from_le_bytes(*length) as usize)
    }
}

/// A file of a header and values, with a checksum if the header has a place for it.
fn joined(header: &Value, values: &[u8]) -> Vec<u8> {
    let mut header = header.clone();
    if let Some(checksum) = header.pointer_mut("/__metadata__/checksum") {
        *checksum = Header::blank().1;
        return Header::sealed(&header, values);
    }
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), values].concat()
}

/// Changes the configuration in a header.
fn reconfigure(header: &mut Value, change: impl FnOnce(&mut Value)) {
    let text = &mut header["__metadata__"]["config"];
    let mut config = serde_json::from_str(text.as_str().unwrap()).unwrap();
    change(&mut config);
    *text = config.to_string().into();
}

#[test]
fn a_model_survives_a_file() {
    let folder = TestFolder::new("model-file");
    let (path, saved) = (folder.path().join("a.safetensors"), model_file());
    saved.save(&path).unwrap();
    let opened = ModelFile::open(&path, &Device::default()).unwrap();
    assert_eq!(logits(&opened.model), logits(&saved.model));
    assert_eq!(opened.tasks, saved.tasks);
    assert_eq!(opened.config.to_string(), saved.config.to_string());
    let again = folder.path().join("b.safetensors");
    opened.save(&again).unwrap();
    assert_eq!(fs::read(path).unwrap(), fs::read(again).unwrap());
}

#[test]
fn every_head_survives_a_file() {
    let folder = TestFolder::new("model-heads");
    let kinds = [
        HeadKind::Softmax { classes: vec![Label::Unbound, Label::Ambiguous, Label::Bound] },
        HeadKind::Ordinal { shared_gap: true },
        HeadKind::Ordinal { shared_gap: false },
        HeadKind::Convex,
        HeadKind::Gated { shared: 2, features: 3 },
        HeadKind::ExclusiveSoftmax,
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let config = config().with_head(kind).with_adapter(Adapter::Hidden(2)).with_members(1 + index % 2);
        let mut model = config.init(&Device::default());
        let adapters = model.adapters.as_mut().unwrap();
        adapters.weight = adapters.weight.clone().map(|weight| weight + 0.25);
        model.head = model.head.shifted(&[0.5, -2.0]);
        let path = folder.path().join(format!("{index}.safetensors"));
        let expected = logits(&model);
        ModelFile { config, tasks: vec!["a".into(), "b".into()], inputs: None, model }.save(&path).unwrap();
        assert_eq!(logits(&ModelFile::open(&path, &Device::default()).unwrap().model), expected);
    }
}

#[test]
fn every_trunk_survives_a_file() {
    let folder = TestFolder::new("model-trunks");
    let bodies = [
        BodyConfig::Plain { channels: 4, blocks: 1, kernel: 3 },
        BodyConfig::Parallel { widths: vec![3, 2] },
        BodyConfig::Dilated { channels: 3, layers: 1, kernel: 3 },
        BodyConfig::Dilated { channels: 2, layers: 1, kernel: 3 },
    ];
    for (index, body) in bodies.into_iter().enumerate() {
        for (hidden, pooling) in [(6, Pooling::Flatten), (0, Pooling::Attention)] {
            let mut config = config().with_head(HeadKind::Convex);
            config.trunk = config.trunk.with_pool(1).with_body(body.clone()).with_pooling(pooling).with_hidden(hidden);
            let model = config.init(&Device::default());
            assert_eq!(config.num_params(), Some(model.num_params()), "{body:?} {hidden}");
            let path = folder.path().join(format!("{index}-{hidden}.safetensors"));
            let expected = logits(&model);
            ModelFile { config, tasks: vec!["a".into(), "b".into()], inputs: None, model }.save(&path).unwrap();
            assert_eq!(logits(&ModelFile::open(&path, &Device::default()).unwrap().model), expected);
        }
    }
}

#[test]
fn a_file_opens_for_training_too() {
    let folder = TestFolder::new("model-autodiff");
    let path = folder.path().join("model.safetensors");
    model_file().save(&path).unwrap();
    let device = Device::default().autodiff();
    let model = ModelFile::open(&path, &device).unwrap().model;
    let codes = Tensor::<2, Int>::zeros([1, 12], &device);
    let grads = model.forward(codes, Some(Tensor::ones([1, 1, 12], &device))).sum().backward();
    let Head::Sigmoid(head) = &model.head else { unreachable!() };
    assert!(model.trunk.conv.weight.grad(&grads).is_some() && head.linear.weight.grad(&grads).is_some());
}

#[test]
fn names_and_shapes_are_those_of_pytorch() {
    let saved = Saved::new("model-names");
    let header: Map<String, Value> = serde_json::from_slice(saved.parts().0).unwrap();
    let shapes: Vec<_> = header.iter().skip(1).map(|(name, tensor)| format!("{name} {}", tensor["shape"])).collect();
    let expected = [
        "head.linear.bias [2]",
        "head.linear.weight [2,6]",
        "trunk.conv.bias [3]",
        "trunk.conv.weight [3,5,5]",
        "trunk.dense.bias [6]",
        "trunk.dense.weight [6,6]",
    ];
    assert_eq!(shapes, expected);
    assert_eq!(header["__metadata__"]["format"], "multitf");
    assert_eq!(header["__metadata__"]["tasks"], r#"["CTCF","ZNF, \"143\""]"#);
}

#[test]
fn a_save_that_fails_leaves_the_old_file() {
    let folder = TestFolder::new("model-atomic");
    let path = folder.path().join("model.safetensors");
    let mut file = model_file();
    file.save(&path).unwrap();
    let old = fs::read(&path).unwrap();
    // Nothing can be written under the temporary name.
    let partial = folder.path().join(format!("model.safetensors.{}.partial", std::process::id()));
    fs::create_dir(&partial).unwrap();
    assert!(matches!(file.save(&path).unwrap_err(), Error::Io { path, .. } if path == partial));
    fs::remove_dir(&partial).unwrap();
    let dense = file.model.trunk.dense.as_mut().unwrap();
    let weight = dense.weight.val();
    dense.weight = Param::from_data((weight * f32::NAN).into_data(), &Device::default());
    let error = file.save(&path).unwrap_err().to_string();
    assert_eq!(error, "trunk.dense.weight: expected finite weights, found NaN");
    assert_eq!(fs::read(&path).unwrap(), old);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let below = path.join("model.safetensors");
    assert!(matches!(model_file().save(below).unwrap_err(), Error::Io { .. }));
}

#[test]
fn parts_that_do_not_fit_together_are_not_saved() {
    let message = |change: fn(&mut ModelFile)| {
        let mut file = model_file();
        change(&mut file);
        file.save("never-written").unwrap_err().to_string()
    };
    assert_eq!(message(|file| drop(file.tasks.pop())), "the number of tasks: expected 2, found 1");
    assert_eq!(message(|file| file.config.trunk.hidden = 7), "the number of weights: expected 143, found 134");
}

#[test]
fn the_number_of_weights_is_known_without_making_them() {
    let means = TrunkConfig::new(40, MotifConvConfig::new(10, 7)).with_signal(SignalInput::Means(4)).with_tracks(3);
    for config in [config(), ModelConfig::new(means, 5)] {
        use burn::module::Module;
        assert_eq!(config.num_params(), Some(config.init(&Device::default()).num_params()));
    }
}

#[test]
fn a_file_of_another_kind_is_told() {
    let saved = Saved::new("model-foreign");
    let other = "model.safetensors: not a safetensors file: it does not begin with a header";
    for bytes in [&b""[..], b"short", b">chr1\nACGTACGTACGT\n", b"\x1f\x8b\x08\0\0\0\0\0\0\0", &[0xff; 20]] {
        assert_eq!(saved.message(bytes), other);
    }
    let error = ModelFile::open(saved.folder.path().join("none"), &Device::default()).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    let error = ModelFile::open(saved.folder.path(), &Device::default()).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    let error = "model.safetensors: not a model of this crate: a safetensors file without a configuration";
    assert_eq!(saved.refusal(|header| header["__metadata__"] = json!({ "format": "pt" })), error);
    assert_eq!(saved.refusal(|header| drop(header.as_object_mut().unwrap().remove("__metadata__"))), error);
}

#[test]
fn a_file_that_ends_early_anywhere_is_refused() {
    let saved = Saved::new("model-truncated");
    for length in 0..saved.bytes.len() {
        let error = saved.open(&saved.bytes[..length]).unwrap_err();
        assert!(matches!(error, Error::Format { .. } | Error::Corrupt { .. }), "{length}: {error}");
    }
    let header = saved.parts().0.len();
    let message = saved.message(&saved.bytes[..100]);
    assert_eq!(
        message,
        format!("model.safetensors: damaged file: the header ends at byte {}, and the file at 100", 8 + header)
    );
    let message = saved.message(&saved.bytes[..8 + header - 1]);
    assert!(
        message.contains(&format!("the header ends at byte {}, and the file at {}", 8 + header, 7 + header)),
        "{message}"
    );
    let message = saved.message(&saved.bytes[..saved.bytes.len() - 1]);
    assert!(message.starts_with("model.safetensors: damaged file: "), "{message}");
    let longer = [&saved.bytes[..], b"more"].concat();
    assert!(saved.message(longer).starts_with("model.safetensors: damaged file: "));
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let saved = Saved::new("model-damaged");
    // The length of the header and its first letter tell the kind of the file.
    for (position, bit) in (0..saved.bytes.len()).flat_map(|position| [0, 1, 3, 5, 6, 7].map(|bit| (position, bit))) {
        let mut bytes = saved.bytes.clone();
        bytes[position] ^= 1 << bit;
        let error = saved.open(bytes).unwrap_err();
        let is_known = matches!(&error, Error::Corrupt { path, .. } if path.ends_with("model.safetensors"));
        assert!(is_known || position < 9 && matches!(error, Error::Format { .. }), "{position}, {bit}: {error}");
    }
    let mut bytes = saved.bytes.clone();
    *bytes.last_mut().unwrap() ^= 1;
    let expected = "model.safetensors: damaged file: checksum: it is not that of the file's bytes: copy the file again, or \
                    make it anew";
    assert_eq!(saved.message(&bytes), expected);
    let error = model_file().model.load_pytorch(saved.folder.write("weights.safetensors", &bytes)).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

/// What a file of version 3 is like.
fn older(header: &mut Value) {
    let metadata = header["__metadata__"].as_object_mut().unwrap();
    metadata.insert("version".into(), "3".into());
    metadata.remove("checksum");
    metadata.remove("inputs");
}

#[test]
fn a_file_of_an_older_version_is_read_and_says_nothing_of_inputs() {
    let saved = Saved::new("model-older");
    let (header, values) = saved.parts();
    let mut header: Value = serde_json::from_slice(header).unwrap();
    older(&mut header);
    let file = saved.open(joined(&header, values)).unwrap();
    assert_eq!(file.inputs, None);
    assert_eq!(logits(&file.model), logits(&model_file().model));
}

/// A model whose pools of 3 do not divide 8 positions.
fn undivided(last: LastPool) -> ModelFile {
    let mut config = config();
    config.trunk = config.trunk.with_pool(3).with_last_pool(last);
    let model = config.init(&Device::default());
    ModelFile { config, ..ModelFile { model, ..model_file() } }
}

#[test]
fn a_file_that_says_nothing_of_a_last_pool_is_of_a_model_that_drops_it() {
    let folder = TestFolder::new("model-last-pool");
    let (dropped, shorter) = (undivided(LastPool::Dropped), undivided(LastPool::Shorter));
    let config = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("last_pool");
    for (saved, says, features) in [(&dropped, false, 3 * 2), (&shorter, true, 3 * 3), (&model_file(), false, 3 * 2)] {
        let bytes = saved.to_bytes().unwrap();
        assert_eq!(config(&bytes), says);
        let opened = ModelFile::open(folder.write("model.safetensors", &bytes), &Device::default()).unwrap();
        assert_eq!(opened.config.trunk.inputs(), features);
        assert_eq!(opened.config.to_string(), saved.config.to_string());
        assert_eq!(logits(&opened.model), logits(&saved.model));
        assert!(opened.to_bytes().unwrap() == bytes);
    }
    assert_ne!(logits(&dropped.model), logits(&shorter.model));
}

#[test]
fn a_file_gives_its_motifs_by_the_scale_that_it_knows() {
    let folder = TestFolder::new("model-motifs");
    let profile =
        ProbabilityMatrix::new(vec![[0.0, 0.25, 0.75, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]).unwrap();
    let scale = MotifScale { factor: 0.7, background: [0.3, 0.2, 0.2, 0.3], pseudocount: 0.02 };
    let log_odds = profile.to_log_odds(&Background::new(scale.background).unwrap(), scale.pseudocount).unwrap();
    let start = ProfileStartConfig::new().with_scale(scale.factor).with_rest(0.0);
    for scale in [Some(scale), None] {
        let trunk = TrunkConfig::new(12, MotifConvConfig::new(2, 5)).with_hidden(6);
        let trunk = trunk.with_body(BodyConfig::Parallel { widths: vec![4, 3, 3] });
        let config = ModelConfig::new(trunk, 2).with_members(2).with_motif_scale(scale.clone());
        let model = config.init_from(std::slice::from_ref(&log_odds), &start, &Device::default());
        let file = ModelFile { config, model, ..model_file() };
        assert_eq!(String::from_utf8_lossy(&file.to_bytes().unwrap()).contains("motif_scale"), scale.is_some());
        let path = folder.path().join("model.safetensors");
        file.save(&path).unwrap();
        let opened = ModelFile::open(&path, &Device::default()).unwrap();
        assert_eq!(opened.config.motif_scale, scale);
        let motifs = opened.motifs().unwrap();
        let ids: Vec<_> = motifs.iter().map(|motif| motif.id.as_str()).collect();
        let of_first = ["motif1", "motif2", "width4-motif1", "width4-motif2", "layer3-motif1", "layer3-motif2"];
        assert_eq!(ids[..6], of_first);
        assert_eq!(ids[8..10], ["member2-motif1", "member2-motif2"]);
        let found = motifs.find("member2-motif1").unwrap().trimmed(0.5).unwrap();
        assert_eq!(found.matrix.consensus(), "GAT");
        let difference = |(a, b): (&f64, &f64)| (a - b).abs();
        let pairs = found.matrix.rows().as_flattened().iter().zip(profile.rows().as_flattened());
        let greatest = pairs.map(difference).fold(0.0, f64::max);
        // Another scale makes other profiles of the same filters.
        assert_eq!(greatest < 1e-5, scale.is_some(), "{greatest}");
    }
}

#[test]
fn sizes_that_no_file_holds_take_no_memory() {
    let saved = Saved::new("model-huge");
    let message = saved.refusal(|header| {
        reconfigure(header, |config| config["trunk"]["hidden"] = 1_000_000_000_000_u64.into());
    });
    let count = 6 * 1_000_000_000_000_u64 + 1_000_000_000_000 + 2 * 1_000_000_000_001 + 3 * 26;
    assert_eq!(message, format!("model.safetensors: the number of weights: expected {count}, found 134"));
    let message = saved.refusal(|header| reconfigure(header, |config| config["trunk"]["hidden"] = u64::MAX.into()));
    assert_eq!(message, "model.safetensors: the number of weights: expected too many to count, found 134");
    let message = saved.refusal(|header| header["trunk.conv.bias"]["shape"] = json!([1_u64 << 40, 1_u64 << 40]));
    assert!(message.starts_with("model.safetensors: damaged file: "), "{message}");
}

#[test]
fn a_file_of_another_version_is_refused() {
    let saved = Saved::new("model-version");
    let what = "model.safetensors: the version of the format: expected 3 or 4";
    let newer = format!("{what}, found 5: the file is of a newer version of this crate, which reads it");
    assert_eq!(saved.refusal(|header| header["__metadata__"]["version"] = "5".into()), newer);
    assert_eq!(saved.refusal(|header| header["__metadata__"]["version"] = "2".into()), format!("{what}, found 2"));
    assert_eq!(saved.refusal(|header| header["__metadata__"]["version"] = "4.0".into()), format!("{what}, found 4.0"));
    let bare = saved.refusal(|header| drop(header["__metadata__"].as_object_mut().unwrap().remove("checksum")));
    assert_eq!(bare, "model.safetensors: damaged file: checksum: it is not where this crate writes it");
    let without = saved.refusal(|header| drop(header["__metadata__"].as_object_mut().unwrap().remove("version")));
    assert_eq!(without, format!("{what}, found none"));
}

#[test]
fn inputs_that_cannot_be_understood_are_refused() {
    let saved = Saved::new("model-inputs");
    let inputs = json!({
        "data": "a", "bin_bp": 200, "stride_bp": 50, "transform": "log1p", "cells": {}, "priors": [0.5, 0.25],
        "genome": { "chromosomes": [["chr1", 9]], "fingerprint": 7 }, "crate_version": "0.1.0",
        "label_smoothing": 0.25,
    });
    let (header, values) = saved.parts();
    let mut header: Value = serde_json::from_slice(header).unwrap();
    header["__metadata__"]["inputs"] = inputs.to_string().into();
    let found = saved.open(joined(&header, values)).unwrap().inputs.unwrap();
    assert_eq!((found.bin_bp, found.priors, found.label_smoothing), (200, vec![0.5, 0.25], 0.25));
    let smoothed = saved.open(joined(&header, values)).unwrap().check_probabilities().unwrap_err().to_string();
    assert!(smoothed.ends_with("whose ranks are right, found label_smoothing = 0.25"), "{smoothed}");
    for (key, value, expected) in [
        ("priors", json!([0.5]), "the number of priors: expected 2, found 1"),
        ("priors", json!([0.5, 2.0]), "a task's prior: expected 0 to 1, found 2"),
        ("label_smoothing", json!(1.0), "the label smoothing: expected 0 to 1, 1 excluded, found 1"),
        ("transform", json!("sqrt"), "unknown variant `sqrt`"),
        ("scale", json!(1), "unknown field `scale`"),
    ] {
        let mut inputs = inputs.clone();
        inputs[key] = value;
        let message = saved.refusal(|header| header["__metadata__"]["inputs"] = inputs.to_string().into());
        assert!(message.starts_with(&format!("model.safetensors: damaged file: inputs: {expected}")), "{message}");
    }
}

#[test]
fn a_configuration_that_cannot_be_understood_is_refused() {
    let saved = Saved::new("model-config");
    let refusal = |change: fn(&mut Value)| saved.refusal(|header| reconfigure(header, change));
    let damaged = |detail: &str| format!("model.safetensors: damaged file: config: {detail}");
    let message = refusal(|config| config["trunk"]["conv"]["dilation"] = 2.into());
    assert_eq!(message, damaged("unknown or missing key `dilation`"));
    let message = refusal(|config| drop(config["trunk"].as_object_mut().unwrap().remove("hidden")));
    assert_eq!(message, damaged("missing field `hidden`"));
    let message = refusal(|config| drop(config.as_object_mut().unwrap().remove("shares")));
    assert_eq!(message, damaged("unknown or missing key `shares`"));
    let message = refusal(|config| config["trunk"]["conv"]["strands"] = "three".into());
    assert!(message.starts_with(&damaged("unknown variant `three`")), "{message}");
    let message = refusal(|config| config["trunk"]["pool"] = 9.into());
    assert_eq!(
        message,
        damaged(
            "architecture.pool: expected at most 8, the places of a motif in the context, or 0 for all of them, found 9"
        )
    );
    let message = refusal(|config| drop(config["shares"].as_array_mut().unwrap().pop()));
    assert_eq!(message, damaged("model.shares: expected one for each of 2, found 1"));
    let message = refusal(|config| config["head"] = "soft".into());
    assert!(message.starts_with(&damaged("unknown variant `soft`")), "{message}");
    let message = refusal(|config| config["trunk"]["conv"]["form"]["log-odds"]["background"][0] = 0.0.into());
    let background = "architecture.background: expected shares above 0, found [0.0, 0.2, 0.2, 0.3]";
    assert_eq!(message, damaged(background));
    let message = saved.refusal(|header| header["__metadata__"]["config"] = "{".into());
    assert!(message.starts_with(&damaged("EOF while parsing")), "{message}");
    let message = saved.refusal(|header| drop(header["__metadata__"].as_object_mut().unwrap().remove("tasks")));
    assert_eq!(message, "model.safetensors: damaged file: tasks: is missing");
    let message = saved.refusal(|header| header["__metadata__"]["tasks"] = "[\"CTCF\"]".into());
    assert_eq!(message, "model.safetensors: the number of tasks: expected 2, found 1");
}

#[test]
fn weights_that_are_not_those_of_the_configuration_are_refused() {
    let saved = Saved::new("model-weights");
    let message = saved.refusal(|header| reconfigure(header, |config| config["trunk"]["hidden"] = 5.into()));
    assert_eq!(message, "model.safetensors: head.linear.weight: expected shape [2, 5], found [2, 6]");
    let message = saved.refusal(|header| header["trunk.conv.weight"]["shape"] = json!([5, 3, 5]));
    assert_eq!(message, "model.safetensors: trunk.conv.weight: expected shape [3, 5, 5], found [5, 3, 5]");
    let message = saved.refusal(|header| header["trunk.conv.weight"]["dtype"] = "I32".into());
    assert_eq!(message, "model.safetensors: trunk.conv.weight: expected floats, found I32");
    let rename = |header: &mut Value| {
        let header = header.as_object_mut().unwrap();
        let tensor = header.remove("trunk.dense.bias").unwrap();
        header.insert("trunk.dense.offset".into(), tensor);
    };
    let message = saved.refusal(rename);
    assert_eq!(
        message,
        "model.safetensors: the weights: expected a tensor trunk.dense.bias, found 5 of the model's 6, and trunk.dense.offset [6]"
    );
    let (header, values) = saved.parts();
    let mut header: Value = serde_json::from_slice(header).unwrap();
    header["extra"] = json!({ "dtype": "F32", "shape": [1], "data_offsets": [values.len(), values.len() + 4] });
    let message = saved.message(joined(&header, &[values, &[0; 4]].concat()));
    assert_eq!(message, "model.safetensors: the weights: expected only the model's tensors, found extra");
}

#[test]
fn weights_that_are_no_finite_numbers_are_refused() {
    let saved = Saved::new("model-nan");
    let header: Value = serde_json::from_slice(saved.parts().0).unwrap();
    let place = 8 + saved.parts().0.len() + header["trunk.conv.bias"]["data_offsets"][0].as_u64().unwrap() as usize;
    for (value, word) in [(f32::NAN, "NaN"), (f32::NEG_INFINITY, "-inf")] {
        let mut bytes = saved.bytes.clone();
        bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
        let bytes = joined(&header, &bytes[8 + saved.parts().0.len()..]);
        let expected = format!("model.safetensors: damaged file: trunk.conv.bias holds {word}, not a finite number");
        assert_eq!(saved.message(bytes), expected);
    }
}

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
    let header: serde_json::Map<String, Value> = serde_json::from_slice(header).unwrap();
    let tensors: Vec<_> = header.into_iter().filter(|(name, _)| name != "__metadata__").collect();
    // A file with the model's weights under each prefix, and some more tensors.
    let write = |prefixes: &[&str], more: &[&str]| {
        let under = |prefix: &&str| -> Vec<(String, Value)> {
            tensors.iter().map(|(name, place)| (format!("{prefix}{name}"), place.clone())).collect()
        };
        let mut header: serde_json::Map<String, Value> = prefixes.iter().take(1).flat_map(under).collect();
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

impl burn::module::ModuleMapper for Zeros {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|values| values.zeros_like())
    }
}

#[test]
fn what_a_number_is_not_is_not_written() {
    let mut file = model_file();
    file.config.shares = Some(vec![LabelShares::from_counts([f64::INFINITY, 0.0, 0.0, 1.0]); 2]);
    let error = file.to_bytes().unwrap_err().to_string();
    assert!(error.starts_with("the configuration: expected what JSON can hold, as finite numbers, found "), "{error}");
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

#[test]
fn files_of_parts_make_one_file_that_answers_for_all() {
    let part = |names: &[&str], seed| {
        let mut config = config();
        config.trunk.conv.seed = seed;
        config.trunk.motif_dropout = 0.1 * seed as f64;
        config.trunk.hidden_dropout = 0.2 * seed as f64;
        config.tasks = names.len();
        config.shares = Some(vec![LabelShares::from_counts([0.0, 9.0 + seed as f64, 0.0, 1.0]); names.len()]);
        let model = config.init(&Device::default());
        ModelFile { config, tasks: names.iter().map(ToString::to_string).collect(), inputs: None, model }
    };
    let (shared, own) = (part(&["CTCF", "REST", "MAX"], 1), part(&["REST"], 2));
    let names = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    let order = names(&["MAX", "REST", "CTCF"]);
    let joined = ModelFile::joined(&[(&shared, names(&["CTCF", "MAX"])), (&own, names(&["REST"]))], &order).unwrap();
    let folder = TestFolder::new("model-joined");
    let path = folder.path().join("model.safetensors");
    joined.save(&path).unwrap();
    let read = ModelFile::open(&path, &Device::default()).unwrap();
    assert_eq!((read.tasks.clone(), read.config.shares.clone()), (order.clone(), joined.config.shares.clone()));
    let (of_shared, of_own, found) = (logits(&shared.model), logits(&own.model), logits(&read.model));
    for (found, expected) in found.iter().zip([of_shared[2], of_own[0], of_shared[0]]) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    let refusal = |parts: &[(&ModelFile, Vec<String>)]| ModelFile::joined(parts, &order).unwrap_err().to_string();
    let message = refusal(&[(&shared, order.clone()), (&own, names(&["REST"]))]);
    assert_eq!(message, "parts that answer for REST: expected 1, found 2");
    assert_eq!(refusal(&[(&own, names(&["REST"]))]), "parts that answer for MAX: expected 1, found 0");
    assert!(refusal(&[(&own, order.clone())]).starts_with("a task: expected one of REST, found MAX"));
    let mut other = part(&["REST"], 2);
    other.config.trunk.hidden = 7;
    other.model = other.config.init(&Device::default());
    let message = refusal(&[(&shared, names(&["CTCF", "MAX"])), (&other, names(&["REST"]))]);
    assert!(message.starts_with("the architectures of parts: expected one for all"), "{message}");
}
