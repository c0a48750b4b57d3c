//! Task adapters: a small private path for each task around the shared layer.

use burn::{
    config::Config,
    module::{Module, Param},
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{Device, Tensor, activation::relu},
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    nn::{
        head::columns::columns,
        init,
        ops::{
            dropout,
            host::{
                dense::{self, Dense, sized},
                memory::values,
                panels::Panels,
            },
        },
        trunk::MAX_SIZE,
    },
};

/// The private part of each task, as in a `config.toml`.
///
/// | `adapter =` | each task adds to its logits |
/// |---|---|
/// | `"none"` | nothing |
/// | `"linear"` | a linear function of the pooled motifs and signal |
/// | `{ hidden = 8 }` | a linear function of a private layer with so many features |
///
/// # Examples
///
/// ```
/// use multitf::nn::Adapter;
///
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     adapter: Adapter,
/// }
/// let settings: Settings = toml::from_str("adapter = { hidden = 8 }")?;
/// assert_eq!(settings.adapter, Adapter::Hidden(8));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adapter {
    /// Nothing: all that a task sees is shared.
    #[default]
    None,
    /// A linear function of the shared layer's inputs.
    Linear,
    /// A private layer with so many features.
    Hidden(usize),
}

impl Adapter {
    /// Refuses a layer without features, or with more than a million.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for such a layer.
    pub fn validate(self) -> Result<()> {
        let Self::Hidden(features) = self else { return Ok(()) };
        Error::unless_within(1..=MAX_SIZE, "architecture.adapter.hidden", features)
    }

    /// The number of weights and biases, or `None` if it exceeds a `usize`.
    pub(crate) fn num_params(self, inputs: usize, outputs: usize) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::Linear => inputs.checked_mul(outputs),
            Self::Hidden(features) => inputs.checked_add(2)?.checked_mul(features)?.checked_mul(outputs),
        }
    }
}

/// Configuration of [`TaskAdapters`].
#[derive(Config, Debug)]
pub struct TaskAdaptersConfig {
    /// The private part of each task.
    pub adapter: Adapter,
    /// Number of inputs: those of the trunk's shared layer.
    pub inputs: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// Numbers that are added to the logits of a task: one for all of its classes, or one for each (default 1).
    #[config(default = 1)]
    pub outputs: usize,
    /// Dropout of the private features (default 0.0).
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl TaskAdaptersConfig {
    /// Makes the adapters, if there are any. Initially they add 0.
    pub fn init(&self, device: &Device) -> Option<TaskAdapters> {
        let outputs = self.tasks * self.outputs;
        let zeros = |shape: [usize; 2]| init::param(vec![0.0; shape[0] * shape[1]], shape, device);
        let (hidden, weight) = match self.adapter {
            Adapter::None => return None,
            Adapter::Linear => (None, zeros([self.inputs, outputs])),
            Adapter::Hidden(features) => {
                let hidden = init::linear(self.inputs, outputs * features, &[self.seed, init::ADAPTERS], device);
                (Some(hidden), zeros([outputs, features]))
            }
        };
        let dropout = DropoutConfig::new(self.dropout).init();
        Some(TaskAdapters { hidden, weight, dropout, tasks: self.tasks })
    }
}

/// A small private path for each task around the shared layer; its output is added to the task's logits.
///
/// A shared layer with too few features neglects some tasks. An adapter lets each task keep its own features (such as a
/// motif that no other factor has) at the cost of a few weights. It adds 0 initially: training starts from sharing.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{Adapter, TaskAdaptersConfig};
///
/// let device = Device::default();
/// let adapters = TaskAdaptersConfig::new(Adapter::Hidden(4), 30, 3).init(&device).unwrap();
/// assert_eq!(adapters.forward(Tensor::ones([2, 30], &device)).dims(), [2, 3, 1]);
/// assert!(TaskAdaptersConfig::new(Adapter::None, 30, 3).init(&device).is_none());
/// ```
#[derive(Module, Debug)]
pub struct TaskAdapters {
    /// The private layers of all tasks, concatenated.
    pub hidden: Option<Linear>,
    /// `[input, task * output]` without a private layer, or else `[task * output, feature]`.
    pub weight: Param<Tensor<2>>,
    dropout: Dropout,
    #[module(skip)]
    tasks: usize,
}

impl TaskAdapters {
    /// Returns the adapters of some of the tasks, which add one number to their logits; zeros for `None`.
    pub(crate) fn with_columns(&self, wanted: &[Option<usize>]) -> Self {
        let (axis, features) = match &self.hidden {
            None => (1, 1),
            Some(_) => (0, self.weight.dims()[1]),
        };
        let wanted_features: Vec<Option<usize>> = wanted
            .iter()
            .flat_map(|task| (0..features).map(move |feature| task.map(|task| task * features + feature)))
            .collect();
        let hidden = self.hidden.clone().map(|Linear { weight, bias }| Linear {
            weight: columns(weight, 1, &wanted_features),
            bias: bias.map(|bias| columns(bias, 0, &wanted_features)),
        });
        let weight = columns(self.weight.clone(), axis, wanted);
        Self { hidden, weight, dropout: self.dropout.clone(), tasks: wanted.len() }
    }

    /// Copies the adapters to the host's memory, for one sample at a time.
    pub(super) fn to_host(&self) -> HostAdapters {
        let weight = values(self.weight.val());
        match &self.hidden {
            None => HostAdapters::Linear(Panels::new(&weight, self.weight.dims())),
            Some(hidden) => HostAdapters::Hidden { hidden: Dense::new(hidden), weight },
        }
    }

    /// Whether the adapters are linear functions.
    pub(crate) fn is_linear(&self) -> bool {
        self.hidden.is_none()
    }

    /// Concatenates the linear adapters of two lists of tasks; tasks without any get 0. None if no task has any.
    pub(crate) fn concatenated(adapters: [Option<&Self>; 2], tasks: [usize; 2]) -> Option<Self> {
        let any = adapters.into_iter().flatten().next()?;
        let zeros = |tasks| Tensor::zeros([any.weight.dims()[0], tasks], &any.weight.device());
        let weight = |index: usize| adapters[index].map_or_else(|| zeros(tasks[index]), |own| own.weight.val());
        let weight = any.weight.clone().map(|_| Tensor::cat(vec![weight(0), weight(1)], 1));
        Some(Self { weight, tasks: tasks.iter().sum(), ..any.clone() })
    }

    /// Computes the numbers that are added to the logits.
    ///
    /// # Shapes
    ///
    /// - `pooled`: `[batch, input]`
    /// - output: `[batch, task, output]`
    pub fn forward(&self, pooled: Tensor<2>) -> Tensor<3> {
        let [batch, _] = pooled.dims();
        let weight = self.weight.val();
        let added = match &self.hidden {
            None => pooled.matmul(weight),
            Some(hidden) => {
                let [outputs, features] = weight.dims();
                let features_of_tasks = dropout(&self.dropout, relu(hidden.forward(pooled)));
                let products = features_of_tasks.reshape([batch, outputs, features]) * weight.unsqueeze_dim(0);
                products.sum_dim(2).squeeze_dim(2)
            }
        };
        let [_, outputs] = added.dims();
        added.reshape([batch, self.tasks, outputs / self.tasks])
    }
}

/// [`TaskAdapters`] on slices.
#[derive(Debug)]
pub(super) enum HostAdapters {
    Linear(Panels),
    /// The weight is `[task * output, feature]`.
    Hidden {
        hidden: Dense,
        weight: Vec<f32>,
    },
}

impl HostAdapters {
    /// Adds the numbers to the logits of a sample; the scratch is for the private layers.
    pub(super) fn add(&self, pooled: &[f32], scratch: &mut Vec<f32>, logits: &mut [f32]) {
        match self {
            Self::Linear(weight) => weight.add_product(pooled, logits),
            Self::Hidden { hidden, weight } => {
                let features = sized(scratch, hidden.outputs());
                hidden.forward(pooled, features);
                dense::relu(features);
                let each = features.len() / logits.len();
                let products = features.chunks_exact(each).zip(weight.chunks_exact(each));
                for (logit, (features, weight)) in logits.iter_mut().zip(products) {
                    *logit += dense::dot(features, weight);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{module::Module, tensor::TensorData};

    use super::*;
    use crate::nn::{HeadKind, ModelConfig, MotifConvConfig, TaskHead, TrunkConfig};

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    fn filled<const D: usize>(param: &mut Param<Tensor<D>>, new: &[f32]) {
        let (shape, device) = (param.val().dims(), param.val().device());
        *param = Param::from_data(TensorData::new(new.to_vec(), shape), &device);
    }

    #[test]
    fn each_task_adds_what_its_own_features_say() {
        let device = Device::default();
        let mut adapters = TaskAdaptersConfig::new(Adapter::Hidden(2), 2, 2).init(&device).unwrap();
        // The first task sees a and b, the second a - b and b - a.
        let hidden = adapters.hidden.as_mut().unwrap();
        filled(&mut hidden.weight, &[1.0, 0.0, 1.0, -1.0, 0.0, 1.0, -1.0, 1.0]);
        filled(hidden.bias.as_mut().unwrap(), &[0.0; 4]);
        filled(&mut adapters.weight, &[1.0, 10.0, 2.0, -4.0]);
        let pooled = Tensor::<2>::from_data([[3.0, 1.0], [0.0, 2.0]], &device);
        assert_eq!(values(adapters.forward(pooled.clone())), [13.0, 4.0, 20.0, -8.0]);

        let mut adapters = TaskAdaptersConfig::new(Adapter::Linear, 2, 2).init(&device).unwrap();
        filled(&mut adapters.weight, &[1.0, 0.5, 0.0, -1.0]);
        assert_eq!(values(adapters.forward(pooled)), [3.0, 0.5, 0.0, -2.0]);
    }

    #[test]
    fn a_model_with_adapters_starts_as_one_without_and_each_head_takes_them() {
        let device = Device::default();
        let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7)).with_hidden(8);
        for kind in crate::testing::every_head() {
            let without = ModelConfig::new(trunk.clone(), 3).with_head(kind.clone());
            let codes = Tensor::zeros([2, 30], &device);
            let expected = values(without.init(&device).forward(codes.clone(), None));
            for adapter in [Adapter::Linear, Adapter::Hidden(2)] {
                let config = without.clone().with_adapter(adapter);
                let mut model = config.init(&device);
                assert_eq!(config.num_params(), Some(model.num_params()), "{kind:?} {adapter:?}");
                for (found, expected) in values(model.forward(codes.clone(), None)).iter().zip(&expected) {
                    assert!((found - expected).abs() < 1e-6, "{kind:?} {adapter:?}");
                }
                let adapters = model.adapters.as_mut().unwrap();
                let [rows, columns] = adapters.weight.val().dims();
                filled(&mut adapters.weight, &(0..rows * columns).map(|i| i as f32).collect::<Vec<_>>());
                let logits = model.forward(codes.clone(), None);
                assert_ne!(values(logits.clone()), expected, "{kind:?} {adapter:?}");
                assert_eq!(model.head.bound_log_odds(logits).dims(), [2, 3]);
            }
        }
    }

    #[test]
    fn the_thresholds_of_ordered_classes_keep_their_order() {
        let device = Device::default();
        let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7)).with_hidden(8);
        let config = ModelConfig::new(trunk, 2).with_head(HeadKind::Ordinal { shared_gap: false });
        let mut model = config.with_adapter(Adapter::Linear).init(&device);
        let adapters = model.adapters.as_mut().unwrap();
        adapters.weight = adapters.weight.clone().map(|weight| weight + 7.0);
        let logits = values(model.forward(Tensor::zeros([1, 30], &device), None));
        assert!(logits[0] > logits[1] && logits[2] > logits[3], "{logits:?}");
    }
}
