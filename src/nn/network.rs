//! The trait of networks that the crate can train and apply.

#[cfg(test)]
mod tests;

use std::any::Any;

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor},
};

use super::{LabelLoss, LabelLossConfig, Model};
use crate::{Error, Result};

/// A network from sequence and signal to logits, which can be trained, audited, saved and applied to a genome.
///
/// [`Model`] is the crate's own. Implement the trait for your burn module to use it instead.
///
/// # Shapes
///
/// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N; the length is [`context_bp`](Self::context_bp)
/// - `signal`: `[batch, channel, length]`, present if the data set has accessibility, even if the network does not read
///   it
/// - `logits`: `[batch, task, class]`
/// - log-odds: `[batch, task]`
///
/// # Examples
///
/// A custom head on a [`Trunk`](super::Trunk), with two classes for each task. Training works, unless the loss ignores
/// which labels are missing. [`Fit::with_network`](crate::train::Fit::with_network) has an example with a custom body.
///
/// ```
/// use burn::{
///     module::Module,
///     nn::{Linear, LinearConfig},
///     tensor::{Device, Int, Tensor, activation::log_softmax, s},
/// };
/// use multitf::{
///     Error,
///     data::Dataset, simulate::{SimulationConfig, simulate},
///     genome::Label,
///     nn::{LabelLoss, LabelLossConfig, MotifConvConfig, Network, TaskHead, Trunk, TrunkConfig},
///     train::{Fit, RunConfig},
/// };
///
/// #[derive(Module, Debug)]
/// struct PairHead {
///     linear: Linear,
/// }
///
/// impl TaskHead for PairHead {
///     fn forward(&self, features: Tensor<2>) -> Tensor<3> {
///         let outputs = self.linear.forward(features);
///         let [batch, all] = outputs.dims();
///         outputs.reshape([batch, all / 2, 2])
///     }
///
///     fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
///         (logits.clone().slice(s![.., .., 1..]) - logits.slice(s![.., .., ..1])).squeeze_dim(2)
///     }
/// }
///
/// #[derive(Module, Debug)]
/// struct Paired {
///     trunk: Trunk,
///     head: PairHead,
/// }
///
/// impl Network for Paired {
///     fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
///         self.head.forward(self.trunk.forward(codes, signal))
///     }
///
///     fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
///         self.head.bound_log_odds(self.forward(codes, signal))
///     }
///
///     fn context_bp(&self) -> usize {
///         self.trunk.context_bp()
///     }
///
///     fn tasks(&self) -> usize {
///         self.head.linear.weight.dims()[1] / 2
///     }
///
///     fn label_loss(&self, config: &LabelLossConfig) -> LabelLoss {
///         config.init_classes(&[Label::Unbound, Label::Bound])
///     }
/// }
///
/// let device = Device::default();
/// let trunk = TrunkConfig::new(240, MotifConvConfig::new(16, 11)).with_hidden(8).init(&device);
/// let network = Paired { trunk, head: PairHead { linear: LinearConfig::new(8, 6).init(&device) } };
/// let codes = Tensor::<2, Int>::zeros([5, 240], &device);
/// assert_eq!(network.forward(codes.clone(), None).dims(), [5, 3, 2]);
/// assert_eq!(network.bound_log_odds(codes, None).dims(), [5, 3]);
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-own-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let (tasks, config) = ([0, 3, 5], RunConfig::default().with_budget(256));
/// let fit = || Fit::new(&dataset, &tasks, &config, 0, &device).with_network("paired", network.clone());
/// assert_eq!(fit().run()?.draws, 256);
///
/// let forgetful = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
///     let bound = labels.equal_elem(Label::Bound as i32).float().unsqueeze_dim(2);
///     let targets = Tensor::cat(vec![bound.clone().neg() + 1.0, bound], 2);
///     (log_softmax(logits, 2) * targets).mean().neg()
/// };
/// let refused = fit().with_loss("forgetful", forgetful).run();
/// assert!(matches!(refused, Err(Error::MaskAudit { .. })));
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Network: Module + 'static {
    /// Computes the logits, `[batch, task, class]`.
    fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3>;

    /// Returns the number of positions that it reads.
    fn context_bp(&self) -> usize;

    /// Returns the number of its tasks.
    fn tasks(&self) -> usize;

    /// Computes the log-odds of being bound, which rank bins, `[batch, task]`. With one class they are the logits.
    ///
    /// # Panics
    ///
    /// Panics if there are several classes: the network must then implement this itself.
    fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        let logits = self.forward(codes, signal);
        let [_, _, classes] = logits.dims();
        assert_eq!(classes, 1, "a network of {classes} classes implements Network::bound_log_odds itself");
        logits.squeeze_dim(2)
    }

    /// Returns the number of signal tracks that it reads; none if it reads no signal.
    fn signal_tracks(&self) -> Option<usize> {
        None
    }

    /// Makes the loss for its logits. The default is for one class, the log-odds of being bound.
    fn label_loss(&self, config: &LabelLossConfig) -> LabelLoss {
        config.init_binary()
    }

    /// Prior correction: adds a constant to each task's log-odds of being bound. Returns `None` (the default) if the
    /// network cannot.
    fn shifted(self, _shifts: &[f64]) -> Option<Self> {
        None
    }
}

impl Network for Model {
    fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        Model::forward(self, codes, signal)
    }

    fn context_bp(&self) -> usize {
        self.trunk.context_bp()
    }

    fn tasks(&self) -> usize {
        self.head.tasks()
    }

    fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        Model::bound_log_odds(self, codes, signal)
    }

    fn signal_tracks(&self) -> Option<usize> {
        self.trunk.signal_tracks()
    }

    fn label_loss(&self, config: &LabelLossConfig) -> LabelLoss {
        config.init(&self.head)
    }

    fn shifted(self, shifts: &[f64]) -> Option<Self> {
        Some(Model::shifted(self, shifts))
    }
}

/// Returns the network as the crate's own model, if it is one.
pub(crate) fn as_model<N: Network>(network: &N) -> Option<&Model> {
    (network as &dyn Any).downcast_ref()
}

/// Returns the device of a network's weights, without autodiff.
///
/// # Errors
///
/// [`Error::Mismatch`] for a network without weights.
pub(crate) fn device_of(network: &impl Network) -> Result<Device> {
    let device = network.devices().into_iter().next().map(Device::inner);
    let expected = "at least one, whose device the network is on";
    device.ok_or_else(|| Error::mismatch("the weights of a network", expected, "none"))
}
