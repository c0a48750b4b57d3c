//! Models survive a file.

use burn::module::Module;

use super::*;
use crate::{
    motif::{Background, ProbabilityMatrix},
    nn::{Adapter, BodyConfig, Head, HeadKind, LastPool, MotifScale, Pooling, ProfileInitConfig},
    testing::every_head,
};

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
    for (index, kind) in every_head().into_iter().enumerate() {
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
fn the_number_of_weights_is_known_without_making_them() {
    let means = TrunkConfig::new(40, MotifConvConfig::new(10, 7)).with_signal(SignalInput::Means(4)).with_tracks(3);
    for config in [config(), ModelConfig::new(means, 5)] {
        assert_eq!(config.num_params(), Some(config.init(&Device::default()).num_params()));
    }
}

/// What a file of version 3 is like.
fn older(header: &mut Value) {
    let metadata = header["__metadata__"].as_object_mut().unwrap();
    metadata.insert("version".into(), "3".into());
    metadata.remove("checksum");
    metadata.remove("inputs");
}

#[test]
fn a_file_of_an_older_version_is_read_and_has_no_inputs() {
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
fn a_file_without_a_last_pool_is_of_a_model_that_drops_it() {
    let folder = TestFolder::new("model-last-pool");
    let (dropped, shorter) = (undivided(LastPool::Dropped), undivided(LastPool::Shorter));
    let mentions_key = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("last_pool");
    for (saved, has_key, features) in [(&dropped, false, 3 * 2), (&shorter, true, 3 * 3), (&model_file(), false, 3 * 2)]
    {
        let bytes = saved.to_bytes().unwrap();
        assert_eq!(mentions_key(&bytes), has_key);
        let opened = ModelFile::open(folder.write("model.safetensors", &bytes), &Device::default()).unwrap();
        assert_eq!(opened.config.trunk.inputs(), features);
        assert_eq!(opened.config.to_string(), saved.config.to_string());
        assert_eq!(logits(&opened.model), logits(&saved.model));
        assert!(opened.to_bytes().unwrap() == bytes);
    }
    assert_ne!(logits(&dropped.model), logits(&shorter.model));
}

#[test]
fn a_file_returns_its_motifs_by_its_scale() {
    let folder = TestFolder::new("model-motifs");
    let profile =
        ProbabilityMatrix::new(vec![[0.0, 0.25, 0.75, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]).unwrap();
    let scale = MotifScale { factor: 0.7, background: [0.3, 0.2, 0.2, 0.3], pseudocount: 0.02 };
    let log_odds = profile.to_log_odds(&Background::new(scale.background).unwrap(), scale.pseudocount).unwrap();
    let start = ProfileInitConfig::new().with_scale(scale.factor).with_rest(0.0);
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
        let expected = ["motif1", "motif2", "width4-motif1", "width4-motif2", "layer3-motif1", "layer3-motif2"];
        assert_eq!(ids[..6], expected);
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
fn files_of_parts_make_one_file_that_predicts_all_tasks() {
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
    let (by_shared, by_own, found) = (logits(&shared.model), logits(&own.model), logits(&read.model));
    for (found, expected) in found.iter().zip([by_shared[2], by_own[0], by_shared[0]]) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    let refusal = |parts: &[(&ModelFile, Vec<String>)]| ModelFile::joined(parts, &order).unwrap_err().to_string();
    let message = refusal(&[(&shared, order.clone()), (&own, names(&["REST"]))]);
    assert_eq!(message, "parts that predict REST: expected 1, found 2");
    assert_eq!(refusal(&[(&own, names(&["REST"]))]), "parts that predict MAX: expected 1, found 0");
    assert!(refusal(&[(&own, order.clone())]).starts_with("a task: expected one of REST, found MAX"));
    let mut other = part(&["REST"], 2);
    other.config.trunk.hidden = 7;
    other.model = other.config.init(&Device::default());
    let message = refusal(&[(&shared, names(&["CTCF", "MAX"])), (&other, names(&["REST"]))]);
    assert!(message.starts_with("the architectures of parts: expected one for all"), "{message}");
}
