//! What is not saved, and files that are refused: of another kind or version, damaged, or inconsistent.

use burn::module::Param;

use super::*;

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
fn a_number_that_is_not_finite_is_not_written() {
    let mut file = model_file();
    file.config.shares = Some(vec![LabelShares::from_counts([f64::INFINITY, 0.0, 0.0, 1.0]); 2]);
    let error = file.to_bytes().unwrap_err().to_string();
    assert!(error.starts_with("the configuration: expected what JSON can hold, as finite numbers, found "), "{error}");
}

#[test]
fn a_file_of_another_kind_is_refused() {
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
    let expected = "model.safetensors: damaged file: checksum: it is not that of the file's bytes: copy the file \
                    again, or recreate it";
    assert_eq!(saved.message(&bytes), expected);
    let error = model_file().model.load_pytorch(saved.folder.write("weights.safetensors", &bytes)).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

#[test]
fn sizes_that_no_file_holds_take_no_memory() {
    let saved = Saved::new("model-huge");
    let message = saved.refusal(|header| {
        reconfigure(header, |config| config["trunk"]["hidden"] = 1_000_000.into());
    });
    let count = 6 * 1_000_000 + 1_000_000 + 2 * 1_000_001 + 3 * 26;
    assert_eq!(message, format!("model.safetensors: the number of weights: expected {count}, found 134"));
    let message = saved.refusal(|header| reconfigure(header, |config| config["trunk"]["hidden"] = u64::MAX.into()));
    let hidden = "architecture.hidden: expected at most 1000000, found 18446744073709551615";
    assert_eq!(message, format!("model.safetensors: damaged file: config: {hidden}"));
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
        "model.safetensors: the weights: expected a tensor trunk.dense.bias, found 5 of the model's 6, and \
         trunk.dense.offset [6]"
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
