//! Trunks: from sequence and signal to features that the tasks share.

use burn::{
    config::Config,
    module::Module,
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{Device, Int, Tensor, activation::relu},
};
use serde::{Deserialize, Serialize};

use super::{
    motif_conv::{MotifConv, MotifConvConfig, MotifForm, ProfileStartConfig},
    start,
};
use crate::{Error, Result, motif::LogOddsMatrix};

/// How the signal enters the trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalInput {
    /// Not at all: there is no signal.
    Absent,
    /// As channels beside the bases, scanned by the motifs.
    Channels,
    /// As means over this many equal stretches of the context, beside the pooled motifs.
    Means(usize),
}

/// Configuration of [`Trunk`].
#[derive(Config, Debug)]
pub struct TrunkConfig {
    /// Positions that the model sees.
    pub context_bp: usize,
    /// The motifs.
    pub conv: MotifConvConfig,
    /// Positions in a pool; 0 pools over the whole context.
    #[config(default = 0)]
    pub pool: usize,
    /// How the signal enters.
    #[config(default = "SignalInput::Absent")]
    pub signal: SignalInput,
    /// Signal tracks that come with a sample.
    #[config(default = 1)]
    pub tracks: usize,
    /// Features that come out.
    #[config(default = 256)]
    pub hidden: usize,
    /// Dropout of the pooled motifs.
    #[config(default = 0.0)]
    pub motif_dropout: f64,
    /// Dropout of the features.
    #[config(default = 0.0)]
    pub hidden_dropout: f64,
}

impl TrunkConfig {
    /// Checks that the sizes fit together.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        let width = self.conv.width;
        check("width", width > 0 && width <= self.context_bp, format!("1 to {}", self.context_bp), width)?;
        check("motifs", self.conv.motifs > 0, "at least 1".into(), self.conv.motifs)?;
        check("hidden", self.hidden > 0, "at least 1".into(), self.hidden)?;
        check("pool", self.pool <= self.positions(), format!("at most {} positions", self.positions()), self.pool)?;
        for (key, rate) in [("motif_dropout", self.motif_dropout), ("hidden_dropout", self.hidden_dropout)] {
            check(key, (0.0..1.0).contains(&rate), "0 to 1, 1 excluded".into(), rate)?;
        }
        let channels = if self.signal == SignalInput::Channels { self.tracks } else { 0 };
        check("channels", self.conv.channels == channels, channels.to_string(), self.conv.channels)?;
        if let MotifForm::LogOdds { background } = &self.conv.form {
            let works = background.iter().all(|share| *share > 0.0 && share.is_finite());
            check("background", works, "shares above 0".into(), format!("{background:?}"))?;
        }
        if let SignalInput::Means(count) = self.signal {
            let whole = count > 0 && self.context_bp.is_multiple_of(count);
            check("signal", whole, format!("means over a number that divides {}", self.context_bp), count)?;
        }
        Ok(())
    }

    /// Makes the trunk with random motifs.
    ///
    /// # Panics
    ///
    /// If [`TrunkConfig::validate`] fails.
    pub fn init(&self, device: &Device) -> Trunk {
        self.around(self.conv.init(device), device)
    }

    /// Makes the trunk with the first motifs started from profiles.
    ///
    /// # Panics
    ///
    /// If [`TrunkConfig::validate`] fails, or there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], start: &ProfileStartConfig, device: &Device) -> Trunk {
        self.around(self.conv.init_from(profiles, start, device), device)
    }

    /// Returns the number of weights and biases of valid settings, none where it exceeds a `usize`.
    pub(super) fn num_params(&self) -> Option<usize> {
        let dense = self.inputs()?.checked_add(1)?.checked_mul(self.hidden)?;
        self.conv.num_params()?.checked_add(dense)
    }

    fn around(&self, conv: MotifConv, device: &Device) -> Trunk {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let inputs = self.inputs().expect("a layer whose weights fit into memory");
        Trunk {
            conv,
            dense: start::linear(inputs, self.hidden, &[self.conv.seed, start::HIDDEN], device),
            motif_dropout: DropoutConfig::new(self.motif_dropout).init(),
            hidden_dropout: DropoutConfig::new(self.hidden_dropout).init(),
            pool: self.pool_positions(),
            signal: self.signal,
        }
    }

    fn positions(&self) -> usize {
        self.context_bp.saturating_sub(self.conv.width) + 1
    }

    fn pool_positions(&self) -> usize {
        if self.pool == 0 { self.positions() } else { self.pool }
    }

    /// Inputs of the dense layer, none where they exceed a `usize`.
    fn inputs(&self) -> Option<usize> {
        let means = if let SignalInput::Means(count) = self.signal { count.checked_mul(self.tracks)? } else { 0 };
        self.conv.motifs.checked_mul(self.positions() / self.pool_positions())?.checked_add(means)
    }
}

fn check(key: &str, works: bool, expected: String, found: impl ToString) -> Result<()> {
    Error::unless(works, format!("architecture.{key}"), expected, found)
}

/// Motifs, the best score of each pool, and one dense layer: the shallow network of the challenge's forum.
///
/// `MotifConv -> ReLU -> max-pool -> dropout -> dense -> ReLU -> dropout`.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::{MotifConvConfig, SignalInput, TrunkConfig};
///
/// let device = Device::default();
/// let trunk = TrunkConfig::new(100, MotifConvConfig::new(16, 11)).with_hidden(32);
/// let trunk = trunk.with_signal(SignalInput::Means(4)).init(&device);
/// let (codes, signal) = (Tensor::<2, Int>::zeros([3, 100], &device), Tensor::ones([3, 1, 100], &device));
/// assert_eq!(trunk.forward(codes, Some(signal)).dims(), [3, 32]);
/// ```
#[derive(Module, Debug)]
pub struct Trunk {
    /// The motifs.
    pub conv: MotifConv,
    /// The dense layer.
    pub dense: Linear,
    motif_dropout: Dropout,
    hidden_dropout: Dropout,
    #[module(skip)]
    pool: usize,
    #[module(skip)]
    signal: SignalInput,
}

impl Trunk {
    /// Computes the shared features.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
    /// - `signal`: `[batch, channel, length]`, ignored where the trunk takes none
    /// - output: `[batch, feature]`
    ///
    /// # Panics
    ///
    /// If the length is not the trunk's context, or a signal that it needs is not there.
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        let motifs = match self.signal {
            SignalInput::Channels => self.conv.forward(codes, Some(given(signal.clone())), self.pool),
            SignalInput::Absent | SignalInput::Means(_) => self.conv.forward(codes, None, self.pool),
        };
        let mut features = self.motif_dropout.forward(motifs.flatten::<2>(1, 2));
        if let SignalInput::Means(count) = self.signal {
            features = Tensor::cat(vec![features, means(given(signal), count)], 1);
        }
        self.hidden_dropout.forward(relu(self.dense.forward(features)))
    }
}

fn given(signal: Option<Tensor<3>>) -> Tensor<3> {
    signal.expect("the trunk was made for a signal, and the sample has none")
}

/// Means over equal stretches, `[batch, channel * count]`.
fn means(signal: Tensor<3>, count: usize) -> Tensor<2> {
    let [batch, channels, length] = signal.dims();
    signal.reshape([batch, channels * count, length / count]).mean_dim(2).flatten(1, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> TrunkConfig {
        TrunkConfig::new(60, MotifConvConfig::new(4, 11)).with_hidden(8)
    }

    #[test]
    fn settings_that_cannot_work_are_named_with_their_numbers() {
        let message = |config: TrunkConfig| config.validate().unwrap_err().to_string();
        let wide = TrunkConfig::new(10, MotifConvConfig::new(4, 11));
        assert_eq!(message(wide), "architecture.width: expected 1 to 10, found 11");
        let pool = config().with_pool(51);
        assert_eq!(message(pool), "architecture.pool: expected at most 50 positions, found 51");
        let means = config().with_signal(SignalInput::Means(7));
        assert_eq!(message(means), "architecture.signal: expected means over a number that divides 60, found 7");
        let dropout = config().with_hidden_dropout(1.0);
        assert_eq!(message(dropout), "architecture.hidden_dropout: expected 0 to 1, 1 excluded, found 1");
    }

    #[test]
    fn the_features_of_a_sample_do_not_depend_on_its_batch() {
        let device = Device::default();
        let trunk = config().with_pool(10).init(&device);
        let codes: Vec<i32> = (0..180).map(|i| (i * i + i / 7) % 5).collect();
        let codes = Tensor::<2, Int>::from_data(burn::tensor::TensorData::new(codes, [3, 60]), &device);
        let together = trunk.forward(codes.clone(), None).slice(burn::tensor::s![1..2]).into_data();
        let alone = trunk.forward(codes.slice(burn::tensor::s![1..2]), None).into_data();
        assert_eq!(together, alone);
    }

    #[test]
    fn means_are_those_of_the_stretches() {
        let signal = Tensor::<3>::from_data([[[1.0, 3.0, 5.0, 5.0]]], &Device::default());
        let means: Vec<f32> = means(signal, 2).into_data().iter::<f32>().collect();
        assert_eq!(means, [2.0, 5.0]);
    }

    #[test]
    fn equal_seeds_give_equal_weights_and_others_do_not() {
        let weights = |seed| {
            let trunk = TrunkConfig::new(60, MotifConvConfig::new(4, 11).with_seed(seed)).init(&Device::default());
            trunk.conv.weight.val().into_data()
        };
        assert_eq!(weights(1), weights(1));
        assert_ne!(weights(1), weights(2));
    }
}
