//! Features and gradients against PyTorch's, parameter by parameter, by the paths that records have.

use std::collections::BTreeMap;

use burn::{
    module::{ModuleMapper, ModuleVisitor, Param},
    tensor::Gradients,
};
use serde::Deserialize;

use super::*;
use crate::testing::assert_close;

#[derive(Deserialize)]
struct Oracle {
    sizes: Sizes,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Sizes {
    batch: usize,
    length: usize,
    motifs: usize,
    width: usize,
    hidden: usize,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    pool: usize,
    body: BodyConfig,
    pooling: Pooling,
    signal: SignalInput,
    codes: Vec<i32>,
    track: Vec<f32>,
    projection: Vec<f32>,
    features: Vec<f32>,
    parameters: BTreeMap<String, Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    value: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn trunk(&self, sizes: &Sizes, device: &Device) -> Trunk {
        let channels = usize::from(self.signal == SignalInput::Channels);
        let conv = MotifConvConfig::new(sizes.motifs, sizes.width).with_channels(channels);
        let config = TrunkConfig::new(sizes.length, conv).with_hidden(sizes.hidden).with_pool(self.pool);
        // PyTorch's pools drop what is less than one.
        let config = config.with_last_pool(LastPool::Dropped);
        let config = config.with_body(self.body.clone()).with_pooling(self.pooling).with_signal(self.signal);
        let mut filling = Filling { case: self, path: Vec::new(), filled: 0 };
        let trunk = config.init(device).map(&mut filling);
        assert_eq!(filling.filled, self.parameters.len(), "{}: parameters", self.name);
        trunk
    }

    fn parameter(&self, path: &[String]) -> &Parameter {
        let path = path.join(".");
        self.parameters.get(&path).unwrap_or_else(|| panic!("{}: PyTorch has no {path}", self.name))
    }
}

struct Filling<'a> {
    case: &'a Case,
    path: Vec<String>,
    filled: usize,
}

impl ModuleMapper for Filling<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (shape, device) = (param.val().dims(), param.val().device());
        self.filled += 1;
        Param::from_data(TensorData::new(self.case.parameter(&self.path).value.clone(), shape), &device)
    }
}

struct Checking<'a> {
    case: &'a Case,
    path: Vec<String>,
    gradients: &'a Gradients,
}

impl ModuleVisitor for Checking<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let found = param.grad(self.gradients).unwrap().into_data();
        let what = format!("{}: gradient of {}", self.case.name, self.path.join("."));
        assert_close(&found, &self.case.parameter(&self.path).gradient, &what);
    }
}

#[test]
fn features_and_gradients_equal_pytorch() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/trunks.json"));
    let Oracle { sizes, cases } = serde_json::from_str(text).unwrap();
    let device = Device::default().autodiff();
    for case in cases {
        let trunk = case.trunk(&sizes, &device);
        let codes = TensorData::new(case.codes.clone(), [sizes.batch, sizes.length]);
        let track = TensorData::new(case.track.clone(), [sizes.batch, 1, sizes.length]);
        let projection = TensorData::new(case.projection.clone(), [sizes.batch, sizes.hidden]);
        let (codes, track) = (Tensor::<2, Int>::from_data(codes, &device), Tensor::from_data(track, &device));
        let features = trunk.forward(codes, Some(track));
        assert_close(&features.clone().into_data(), &case.features, &format!("{}: features", case.name));
        let gradients = (features * Tensor::from_data(projection, &device)).sum().backward();
        trunk.visit(&mut Checking { case: &case, path: Vec::new(), gradients: &gradients });
    }
}
