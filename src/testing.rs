//! What the tests of several rooms share.

use std::{io::Write as _, path::PathBuf};

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData},
};
use proptest::prelude::ProptestConfig;
use rand::RngExt;

use crate::{
    device,
    nn::{Model, Network},
    random::stream,
};

/// Dyadic numbers between -1 and 1, so that sums of products are exact, and ties are ties, in any order.
pub(crate) fn dyadic(count: usize, path: &[u64]) -> Vec<f32> {
    let mut random = stream(path);
    (0..count).map(|_| random.random_range(-8i32..=8) as f32 / 8.0).collect()
}

/// A tensor's values: 0 and -0 are equal there, and are not in its bytes.
pub(crate) fn floats(data: &TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

/// The number of cases to try: its cube root where each new shape is compiled first.
pub(crate) fn some_of(count: u32) -> u32 {
    if device::is_host(&Device::default()) { count } else { (f64::from(count).cbrt() as u32).max(1) }
}

/// A property's number of cases (see [`some_of`]).
pub(crate) fn cases(count: u32) -> ProptestConfig {
    ProptestConfig::with_cases(some_of(count))
}

/// A folder of real data, if there are any on this machine. No test harness holds back the word that says so.
pub(crate) fn real_data(folder: &str) -> Option<PathBuf> {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // Where standard error is closed nobody is there to read it.
    let say = |what: &str| drop(writeln!(std::io::stderr(), "{test} {what}"));
    let Some(root) = std::env::var_os("MULTITF_DATA") else {
        say("DID NOTHING: MULTITF_DATA is not set");
        return None;
    };
    let path = PathBuf::from(root).join(folder);
    assert!(path.is_dir(), "MULTITF_DATA has no folder {folder}");
    say(&format!("USED {folder}"));
    Some(path)
}

/// A model behind another type, so that nothing but what a network can do is known of it.
#[derive(Module, Debug)]
pub(crate) struct Wrapped {
    pub(crate) model: Model,
}

impl Network for Wrapped {
    fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        self.model.forward(codes, signal)
    }

    fn context_bp(&self) -> usize {
        self.model.trunk.context_bp()
    }

    fn tasks(&self) -> usize {
        Network::tasks(&self.model)
    }

    fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.model.bound_log_odds(codes, signal)
    }

    fn signal_tracks(&self) -> Option<usize> {
        self.model.trunk.signal_tracks()
    }

    fn shifted(self, shifts: &[f64]) -> Option<Self> {
        Some(Self { model: self.model.shifted(shifts) })
    }
}
