//! A trunk with a head: the whole model.

use burn::{
    config::Config,
    module::Module,
    tensor::{Device, Int, Tensor},
};

use super::start;
use super::{
    Adapter, Head, HeadConfig, HeadKind, ProfileStartConfig, TaskAdapters, TaskAdaptersConfig, TaskHead, Trunk,
    TrunkConfig,
};
use crate::{Error, Result, data::LabelShares, motif::LogOddsMatrix, random::mixed};

/// Configuration of [`Model`].
#[derive(Config, Debug)]
pub struct ModelConfig {
    /// The shared part.
    pub trunk: TrunkConfig,
    /// Number of tasks.
    pub tasks: usize,
    /// The head.
    #[config(default = "HeadKind::Sigmoid")]
    pub head: HeadKind,
    /// How often each label of each task occurs in what the model will train on (see [`HeadConfig`]).
    pub shares: Option<Vec<LabelShares>>,
    /// What each task has to itself.
    #[config(default = "Adapter::None")]
    pub adapter: Adapter,
    /// Number of networks, each from its own starting weights, whose logits are averaged.
    #[config(default = 1)]
    pub members: usize,
}

impl ModelConfig {
    /// Checks that a model can be made of the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        self.trunk.validate()?;
        self.head.validate()?;
        self.adapter.validate()?;
        Error::unless(self.members > 0, "architecture.members".into(), "at least 1", self.members)?;
        Error::unless(self.tasks > 0, "model.tasks".into(), "at least 1", self.tasks)?;
        let shares = self.shares.as_ref().map_or(self.tasks, Vec::len);
        Error::unless(shares == self.tasks, "model.shares".into(), format!("one for each of {}", self.tasks), shares)
    }

    /// Returns the number of weights and biases of valid settings, none where it exceeds a `usize`.
    pub(crate) fn num_params(&self) -> Option<usize> {
        let head = self.head.num_params(self.trunk.features(), self.tasks)?;
        let outputs = self.tasks.checked_mul(self.head.adapter_outputs())?;
        let adapters = self.adapter.num_params(self.trunk.inputs(), outputs)?;
        self.trunk.num_params()?.checked_add(head)?.checked_add(adapters)?.checked_mul(self.members)
    }

    /// Makes the model with random motifs.
    ///
    /// # Panics
    ///
    /// If the trunk's [`validate`](TrunkConfig::validate) fails, or the shares are not one for each task.
    pub fn init(&self, device: &Device) -> Model {
        self.joined(|trunk| trunk.init(device), device)
    }

    /// Makes the model with the first motifs started from profiles.
    ///
    /// # Panics
    ///
    /// As [`ModelConfig::init`], and if there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], start: &ProfileStartConfig, device: &Device) -> Model {
        self.joined(|trunk| trunk.init_from(profiles, start, device), device)
    }

    /// Makes the members, each from a seed of its own.
    fn joined(&self, init: impl Fn(&TrunkConfig) -> Trunk, device: &Device) -> Model {
        let member = |seed| {
            let mut config = self.clone();
            config.trunk.conv.seed = seed;
            config.around(init(&config.trunk), device)
        };
        let seed = self.trunk.conv.seed;
        let others = (1..self.members as u64).map(|index| member(mixed(&[seed, start::MEMBERS, index]))).collect();
        Model { others, ..member(seed) }
    }

    fn around(&self, trunk: Trunk, device: &Device) -> Model {
        let seed = self.trunk.conv.seed;
        let head = HeadConfig::new(self.head.clone(), self.trunk.features(), self.tasks)
            .with_shares(self.shares.clone())
            .with_seed(seed);
        let adapters = TaskAdaptersConfig::new(self.adapter, self.trunk.inputs(), self.tasks)
            .with_outputs(self.head.adapter_outputs())
            .with_dropout(self.trunk.hidden_dropout)
            .with_seed(seed);
        Model { trunk, head: head.init(device), adapters: adapters.init(device), others: Vec::new() }
    }
}

/// A model with one output for each task. A single-task model is one with one task.
///
/// It may have several members: networks of one kind, each from its own starting weights, that learn from the same samples
/// and whose logits are averaged. What one of them got wrong by chance, the others make good.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 3).init(&device);
/// let codes = Tensor::<2, Int>::zeros([2, 60], &device);
/// assert_eq!(model.forward(codes.clone(), None).dims(), [2, 3, 1]);
/// assert_eq!(model.bound_log_odds(codes, None).dims(), [2, 3]);
/// ```
#[derive(Module, Debug)]
pub struct Model {
    /// The shared part.
    pub trunk: Trunk,
    /// From the shared features to a prediction for each task.
    pub head: Head,
    /// What each task has to itself, if it has anything.
    pub adapters: Option<TaskAdapters>,
    /// The members after the first, which have no others themselves.
    pub others: Vec<Model>,
}

impl Model {
    /// Computes the logits.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, task, class]`; what a class is depends on the head
    ///
    /// # Panics
    ///
    /// As [`Trunk::forward`].
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        mean(self.forward_each(codes, signal))
    }

    /// Computes the logits of each member.
    ///
    /// # Panics
    ///
    /// As [`Trunk::forward`].
    pub fn forward_each(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Vec<Tensor<3>> {
        let logits = |member: &Self| member.after_pools(member.trunk.pooled(codes.clone(), signal.clone()));
        self.members().map(logits).collect()
    }

    /// Returns the networks whose logits are averaged, this one first.
    pub fn members(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Returns the model of some of its tasks: the same trunk, and what belongs to them. None for a head that has more than
    /// a linear function for each task.
    ///
    /// # Panics
    ///
    /// If there is no such task.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let device = Device::default();
    /// let model = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 3).init(&device);
    /// let last = model.of_tasks(&[2]).unwrap();
    /// let codes = Tensor::<2, Int>::zeros([2, 60], &device);
    /// let of_all = model.bound_log_odds(codes.clone(), None).narrow(1, 2, 1);
    /// assert!((last.bound_log_odds(codes, None) - of_all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn of_tasks(&self, tasks: &[usize]) -> Option<Self> {
        let index: Vec<i64> = tasks.iter().map(|&task| task as i64).collect();
        let device = self.trunk.conv.weight.val().device();
        let head = self.head.of_tasks(&Tensor::from_data(index.as_slice(), &device))?;
        let adapters = self.adapters.as_ref().map(|adapters| adapters.of_tasks(tasks));
        let others = self.others.iter().map(|member| member.of_tasks(tasks)).collect::<Option<_>>()?;
        Some(Self { trunk: self.trunk.clone(), head, adapters, others })
    }

    /// Adds a constant to each task's log-odds of being bound, which undoes a change of the odds in training.
    pub(crate) fn shifted(self, shifts: &[f64]) -> Self {
        if shifts.iter().all(|shift| *shift == 0.0) {
            return self;
        }
        let others = self.others.into_iter().map(|member| member.shifted(shifts)).collect();
        Self { head: self.head.shifted(shifts), others, ..self }
    }

    /// Computes this member's logits from what its [`Trunk::pooled`] returns.
    pub(crate) fn after_pools(&self, pooled: Tensor<2>) -> Tensor<3> {
        self.logits_of(self.trunk.shared(pooled.clone()), pooled)
    }

    fn logits_of(&self, shared: Tensor<2>, pooled: Tensor<2>) -> Tensor<3> {
        let logits = self.head.forward(shared);
        match &self.adapters {
            Some(adapters) => logits + adapters.forward(self.trunk.precision().raise(pooled)),
            None => logits,
        }
    }

    /// Computes this member's logits twice: once such that only what belongs to the tasks learns from them, and once such that only
    /// the trunk does.
    pub(crate) fn parted(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> [Tensor<3>; 2] {
        let pooled = self.trunk.pooled(codes, signal);
        let shared = self.trunk.shared(pooled.clone());
        let of_tasks = self.logits_of(shared.clone().detach(), pooled.clone().detach());
        [of_tasks, self.clone().no_grad().logits_of(shared, pooled)]
    }

    /// Computes the log-odds of being bound, which rank bins.
    ///
    /// # Shapes
    ///
    /// As [`Model::forward`], but for the output: `[batch, task]`.
    ///
    /// # Panics
    ///
    /// As [`Trunk::forward`].
    pub fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.head.bound_log_odds(self.forward(codes, signal))
    }
}

/// The mean of the members' logits.
pub(crate) fn mean<const D: usize>(logits: Vec<Tensor<D>>) -> Tensor<D> {
    let count = logits.len();
    let sum = logits.into_iter().reduce(|sum, next| sum + next).expect("a model has a member");
    if count == 1 { sum } else { sum / count as f32 }
}

#[cfg(test)]
mod tests {
    use burn::{module::Param, tensor::TensorData};
    use serde::Deserialize;

    use super::*;
    use crate::nn::{MaskedMultiTaskBceConfig, MotifConvConfig, SigmoidHead, SignalInput, TaskMean, ops::Strands};

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
        tasks: usize,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        channels: usize,
        means: usize,
        both_strands: bool,
        pool: usize,
        pooled_loss: bool,
        codes: Vec<i32>,
        signal: Vec<f32>,
        targets: Vec<f32>,
        observed: Vec<f32>,
        weights: Vec<f32>,
        bound_weights: Vec<f32>,
        logits: Vec<f32>,
        loss: f32,
        parameters: Parameters,
        gradients: Parameters,
    }

    #[derive(Deserialize)]
    struct Parameters {
        motifs: Vec<f32>,
        motif_bias: Vec<f32>,
        dense: Vec<f32>,
        dense_bias: Vec<f32>,
        head: Vec<f32>,
        head_bias: Vec<f32>,
    }

    impl Case {
        fn model(&self, sizes: &Sizes, device: &Device) -> Model {
            let conv = MotifConvConfig::new(sizes.motifs, sizes.width)
                .with_channels(self.channels)
                .with_strands(if self.both_strands { Strands::Both } else { Strands::Forward });
            let signal = match (self.channels, self.means) {
                (0, 0) => SignalInput::Absent,
                (0, means) => SignalInput::Means(means),
                _ => SignalInput::Channels,
            };
            let trunk = TrunkConfig::new(sizes.length, conv).with_hidden(sizes.hidden);
            let trunk = trunk.with_pool(self.pool).with_signal(signal);
            let mut model = ModelConfig::new(trunk, sizes.tasks).init(device);
            let p = &self.parameters;
            fill(&mut model.trunk.conv.weight, &p.motifs);
            fill(&mut model.trunk.conv.bias, &p.motif_bias);
            let dense = model.trunk.dense.as_mut().unwrap();
            fill(&mut dense.weight, &p.dense);
            fill(dense.bias.as_mut().unwrap(), &p.dense_bias);
            let Head::Sigmoid(head) = &mut model.head else { unreachable!() };
            fill(&mut head.linear.weight, &p.head);
            fill(head.linear.bias.as_mut().unwrap(), &p.head_bias);
            model
        }
    }

    fn fill<const D: usize>(param: &mut Param<Tensor<D>>, values: &[f32]) {
        let (shape, device) = (param.val().dims(), param.val().device());
        *param = Param::from_data(TensorData::new(values.to_vec(), shape), &device);
    }

    fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
    }

    fn assert_close(found: TensorData, expected: &[f32], what: &str) {
        let found: Vec<f32> = found.iter::<f32>().collect();
        assert_eq!(found.len(), expected.len(), "{what}");
        for (found, expected) in found.iter().zip(expected) {
            let tolerance = 1e-6 + 1e-5 * expected.abs();
            assert!((found - expected).abs() <= tolerance, "{what}: expected {expected}, found {found}");
        }
    }

    #[test]
    fn a_model_says_the_mean_of_its_members() {
        let device = Device::default();
        let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7).with_seed(5)).with_hidden(8);
        let config = ModelConfig::new(trunk, 3);
        let (alone, model) = (config.init(&device), config.clone().with_members(3).init(&device));
        let codes = Tensor::zeros([2, 30], &device);
        let values = |logits: Tensor<3>| logits.into_data().iter::<f32>().collect::<Vec<_>>();
        let each: Vec<Vec<f32>> = model.forward_each(codes.clone(), None).into_iter().map(values).collect();
        assert_eq!(each.len(), 3);
        let alone_says = values(alone.forward(codes.clone(), None));
        assert!(each[0].iter().zip(alone_says).all(|(a, b)| (a - b).abs() < 1e-6));
        assert!(each[1] != each[0] && each[2] != each[1]);
        for (index, mean) in values(model.forward(codes, None)).into_iter().enumerate() {
            let expected = (each[0][index] + each[1][index] + each[2][index]) / 3.0;
            assert!((mean - expected).abs() < 1e-6, "{mean} {expected}");
        }
        assert_eq!(model.num_params(), 3 * alone.num_params());
        let error = config.with_members(0).validate().unwrap_err().to_string();
        assert_eq!(error, "architecture.members: expected at least 1, found 0");
    }

    #[test]
    fn logits_loss_and_gradients_equal_pytorch() {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/model.json"));
        let Oracle { sizes, cases } = serde_json::from_str(text).unwrap();
        let plain = Device::default();
        let device = plain.clone().autodiff();
        for case in cases {
            let model = case.model(&sizes, &device);
            let codes =
                Tensor::<2, Int>::from_data(TensorData::new(case.codes.clone(), [sizes.batch, sizes.length]), &device);
            let signal = tensor(&case.signal, [sizes.batch, 1, sizes.length], &device);
            let logits = model.bound_log_odds(codes, Some(signal));
            assert_close(logits.clone().into_data(), &case.logits, &format!("{}: logits", case.name));
            let loss = MaskedMultiTaskBceConfig::new()
                .with_mean(if case.pooled_loss { TaskMean::Pooled } else { TaskMean::PerTask })
                .with_bound_weights(Some(case.bound_weights.clone()))
                .init();
            let labels = [sizes.batch, sizes.tasks];
            let loss = loss.forward(
                logits,
                tensor(&case.targets, labels, &device),
                tensor(&case.observed, labels, &device),
                Some(tensor(&case.weights, [sizes.batch], &device)),
            );
            assert_close(loss.clone().into_data(), &[case.loss], &format!("{}: loss", case.name));
            let grads = loss.backward();
            let check = |gradient: TensorData, expected: &[f32], what| {
                assert_close(gradient, expected, &format!("{}: gradient of {what}", case.name));
            };
            let Head::Sigmoid(SigmoidHead { linear: head }) = &model.head else { unreachable!() };
            let (conv, dense) = (&model.trunk.conv, model.trunk.dense.as_ref().unwrap());
            let expected = &case.gradients;
            check(conv.weight.grad(&grads).unwrap().into_data(), &expected.motifs, "the motifs");
            check(conv.bias.grad(&grads).unwrap().into_data(), &expected.motif_bias, "the motifs' bias");
            check(dense.weight.grad(&grads).unwrap().into_data(), &expected.dense, "the dense layer");
            check(dense.bias.as_ref().unwrap().grad(&grads).unwrap().into_data(), &expected.dense_bias, "its bias");
            check(head.weight.grad(&grads).unwrap().into_data(), &expected.head, "the head");
            check(head.bias.as_ref().unwrap().grad(&grads).unwrap().into_data(), &expected.head_bias, "its bias");
        }
    }
}
