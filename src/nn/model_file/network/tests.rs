//! Custom networks survive a file, and damaged or wrong files are refused.

use burn::{
    module::{Module, Param},
    tensor::{Int, Tensor},
};

use super::*;
use crate::{
    nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    testing::TestFolder,
};

/// The same logits for every sample.
#[derive(Module, Debug)]
struct Constant {
    logits: Param<Tensor<1>>,
    #[module(skip)]
    context_bp: usize,
}

impl Network for Constant {
    fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
        let ([batch, _], [tasks]) = (codes.dims(), self.logits.dims());
        self.logits.val().reshape([1, tasks, 1]).expand([batch, tasks, 1])
    }

    fn context_bp(&self) -> usize {
        self.context_bp
    }

    fn tasks(&self) -> usize {
        self.logits.dims()[0]
    }
}

fn constant(logits: &[f32]) -> Constant {
    Constant { logits: Param::from_data(logits, &Device::default()), context_bp: 20 }
}

fn file(logits: &[f32]) -> NetworkFile<Constant> {
    let tasks = (0..logits.len()).map(|task| format!("TF{task}")).collect();
    NetworkFile { name: "constant".into(), tasks, inputs: None, network: constant(logits) }
}

fn open(path: &Path, name: &str, network: Constant) -> Result<NetworkFile<Constant>> {
    NetworkFile::open(path, name, |_| network, &Device::default())
}

#[test]
fn a_network_survives_a_file_and_another_is_refused() {
    let folder = TestFolder::new("network-file");
    let path = folder.path().join("a.safetensors");
    file(&[1.5, -2.0]).save(&path).unwrap();
    let opened = open(&path, "constant", constant(&[0.0; 2])).unwrap();
    assert_eq!((opened.name.as_str(), opened.tasks), ("constant", vec!["TF0".to_owned(), "TF1".to_owned()]));
    assert_eq!(opened.network.logits.val().into_data().iter::<f32>().collect::<Vec<_>>(), [1.5, -2.0]);
    let message = |name, network| {
        let message = open(&path, name, network).unwrap_err().to_string();
        message.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
    };
    let name = message("another", constant(&[0.0; 2]));
    assert_eq!(name, "the name of the network: expected another, found constant");
    assert_eq!(message("constant", constant(&[0.0; 3])), "the number of tasks: expected 3, found 2");
    let wider = Constant { context_bp: 30, ..constant(&[0.0; 2]) };
    assert_eq!(message("constant", wider), "the context of the network: expected 30, found 20");
}

#[test]
fn a_damaged_file_and_one_of_another_kind_are_told() {
    let folder = TestFolder::new("network-file-damaged");
    let path = folder.path().join("a.safetensors");
    file(&[1.5, -2.0]).save(&path).unwrap();
    let error = ModelFile::open(&path, &Device::default()).unwrap_err().to_string();
    assert!(error.ends_with("a custom network, constant: NetworkFile::open reads it"), "{error}");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = open(&path, "constant", constant(&[0.0; 2])).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let config = ModelConfig::new(TrunkConfig::new(20, MotifConvConfig::new(4, 5)), 1);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: vec!["TF0".into()], inputs: None, model }.save(&path).unwrap();
    let error = open(&path, "constant", constant(&[0.0])).unwrap_err();
    assert!(matches!(error, Error::Format { .. }) && error.to_string().ends_with("ModelFile::open reads it"));
}

#[test]
fn what_does_not_fit_together_is_not_saved() {
    let folder = TestFolder::new("network-file-refused");
    let path = folder.path().join("a.safetensors");
    let error = file(&[1.0, f32::NAN]).save(&path).unwrap_err().to_string();
    assert_eq!(error, "logits: expected finite weights, found NaN");
    let few = NetworkFile { tasks: vec!["TF0".into()], ..file(&[1.0, 2.0]) };
    assert_eq!(few.save(&path).unwrap_err().to_string(), "the number of tasks: expected 2, found 1");
    assert!(!path.exists());
}
