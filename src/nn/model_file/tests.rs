//! A small model file, and what the tests do to it.

mod pytorch;
mod refused;
mod saved;

use std::fs;

use burn::tensor::{Int, Tensor};
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    data::LabelShares,
    nn::{MotifConvConfig, MotifForm, SignalInput, TrunkConfig},
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

/// The bytes of a file, and a folder for it.
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
        *checksum = Header::placeholder().1;
        return Header::with_checksum(&header, values);
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
