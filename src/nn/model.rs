//! The model: a trunk with a head.

pub(super) mod adapters;
pub(super) mod architecture;
mod config;
pub(super) mod data_summary;
mod extension;
pub(super) mod host;
mod initialization;
pub(super) mod inputs;
pub(super) mod substitutions;
mod task_members;
#[cfg(test)]
mod tests;
pub(super) mod views;

use burn::{
    module::Module,
    tensor::{Int, Tensor},
};

pub use self::{config::ModelConfig, task_members::TaskMembers};
use super::{Head, TaskAdapters, TaskHead, Trunk, motif_conv::bases::Bases};

/// A model with one output for each task. A single-task model is one with one task.
///
/// It may have several members (an ensemble): networks of one architecture, each from its own initial weights, that
/// learn from the same samples. Their logits are averaged, so that the chance errors of one matter less.
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
    /// The private part of each task, if it has one.
    pub adapters: Option<TaskAdapters>,
    /// The members after the first; they have no members themselves.
    pub others: Vec<Model>,
    /// Which members predict each task, if not all of them.
    #[module(skip)]
    pub answers: Option<TaskMembers>,
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
    /// Panics if [`Trunk::forward`] does.
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        self.average(self.forward_each(codes, signal))
    }

    /// Computes the logits of each member.
    ///
    /// # Panics
    ///
    /// Panics if [`Trunk::forward`] does.
    pub fn forward_each(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Vec<Tensor<3>> {
        self.each_of_bases(&codes.into(), signal.as_ref())
    }

    fn each_of_bases(&self, bases: &Bases, signal: Option<&Tensor<3>>) -> Vec<Tensor<3>> {
        let pooled = |member: &Self| member.trunk.pooled_bases(bases.clone(), signal.cloned());
        self.members().map(|member| member.forward_pooled(pooled(member))).collect()
    }

    /// Averages the logits of the members.
    pub(crate) fn average(&self, logits: Vec<Tensor<3>>) -> Tensor<3> {
        match &self.answers {
            Some(members) => members.average(logits),
            None => mean(logits),
        }
    }

    /// Computes the log-odds of being bound of bases that are columns of floats, as a layer of gradients reads them.
    /// One-hot columns give those of [`Model::bound_log_odds`].
    ///
    /// # Shapes
    ///
    /// - `columns`: `[batch, 4, length]`: for A, C, G and T a one in their row, for N zeros
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, task]`
    ///
    /// # Panics
    ///
    /// Panics if [`Trunk::forward`] does, and for another number of rows.
    ///
    /// # Examples
    ///
    /// The gradient of the first task with respect to the bases:
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let device = Device::default().autodiff();
    /// let model = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 3).init(&device);
    /// let columns = Tensor::<3>::zeros([1, 4, 60], &device).require_grad();
    /// let log_odds = model.bound_log_odds_of_columns(columns.clone(), None);
    /// let gradients = log_odds.narrow(1, 0, 1).sum().backward();
    /// assert_eq!(columns.grad(&gradients).map(|gradient| gradient.dims()), Some([1, 4, 60]));
    /// ```
    pub fn bound_log_odds_of_columns(&self, columns: Tensor<3>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.head.bound_log_odds(self.average(self.each_of_bases(&columns.into(), signal.as_ref())))
    }

    /// Returns the members, this one first.
    pub fn members(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Returns the model of some of its tasks: the same trunk, and their part of the head. None for a head that is not
    /// a linear function for each task.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let device = Device::default();
    /// let model = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 3).init(&device);
    /// let last = model.select_tasks(&[2]).unwrap();
    /// let codes = Tensor::<2, Int>::zeros([2, 60], &device);
    /// let expected = model.bound_log_odds(codes.clone(), None).narrow(1, 2, 1);
    /// assert!((last.bound_log_odds(codes, None) - expected).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    pub fn select_tasks(&self, tasks: &[usize]) -> Option<Self> {
        let wanted: Vec<Option<usize>> = tasks.iter().map(|task| Some(*task)).collect();
        let others = self.others.iter().map(|member| member.with_columns(&wanted)).collect::<Option<_>>()?;
        let answers = self.answers.as_ref().map(|members| members.select_tasks(tasks));
        Some(Self { others, answers, ..self.with_columns(&wanted)? })
    }

    /// Joins models of one architecture into one, which predicts each task as its part does. Each part comes with the
    /// numbers of its tasks in the joined model. None for a head that is not a linear function for each task.
    ///
    /// The result is one model with one `forward`, which runs all parts.
    ///
    /// # Panics
    ///
    /// Panics if there is no part, or a task from 0 to the last one is not in exactly one part.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::nn::{Model, ModelConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let device = Device::default();
    /// let model = |tasks| ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), tasks).init(&device);
    /// let joined = Model::joined(&[(model(2), vec![0, 2]), (model(1), vec![1])]).unwrap();
    /// assert_eq!(joined.forward(Tensor::<2, Int>::zeros([4, 60], &device), None).dims(), [4, 3, 1]);
    /// assert_eq!(joined.members().count(), 2);
    /// ```
    pub fn joined(parts: &[(Self, Vec<usize>)]) -> Option<Self> {
        let tasks: usize = parts.iter().map(|(_, tasks)| tasks.len()).sum();
        let (mut members, mut by_task) = (Vec::new(), vec![Vec::new(); tasks]);
        for (model, own) in parts {
            assert!(own.iter().all(|task| *task < tasks), "a task from 0 to {} is in no part", tasks - 1);
            let wanted: Vec<Option<usize>> = (0..tasks).map(|task| own.iter().position(|own| *own == task)).collect();
            for (index, member) in model.members().enumerate() {
                for (column, &task) in own.iter().enumerate() {
                    if model.answers.as_ref().is_none_or(|members| members.for_task(column).contains(&index)) {
                        by_task[task].push(members.len());
                    }
                }
                members.push(member.with_columns(&wanted)?);
            }
        }
        let first = members.remove(0);
        Some(Self { others: members, answers: Some(TaskMembers::new(by_task)), ..first })
    }

    /// Returns this member alone, with some of its tasks, and zeros for `None`.
    fn with_columns(&self, wanted: &[Option<usize>]) -> Option<Self> {
        Some(Self {
            trunk: self.trunk.clone(),
            head: self.head.with_columns(wanted)?,
            adapters: self.adapters.as_ref().map(|adapters| adapters.with_columns(wanted)),
            others: Vec::new(),
            answers: None,
        })
    }

    /// Adds a constant to each task's log-odds of being bound, which undoes the change of the prior in training.
    pub(crate) fn shifted(self, shifts: &[f64]) -> Self {
        if shifts.iter().all(|shift| *shift == 0.0) {
            return self;
        }
        let others = self.others.into_iter().map(|member| member.shifted(shifts)).collect();
        Self { head: self.head.shifted(shifts), others, ..self }
    }

    /// Computes this member's logits from the output of [`Trunk::pooled`].
    pub(crate) fn forward_pooled(&self, pooled: Tensor<2>) -> Tensor<3> {
        self.logits(self.trunk.shared(pooled.clone()), || pooled)
    }

    /// Computes this member's logits from the shared features and, where tasks have a private part, the output of
    /// [`Trunk::pooled`].
    pub(crate) fn logits(&self, shared: Tensor<2>, pooled: impl FnOnce() -> Tensor<2>) -> Tensor<3> {
        let logits = self.head.forward(shared);
        match &self.adapters {
            Some(adapters) => logits + adapters.forward(self.trunk.precision().raise(pooled())),
            None => logits,
        }
    }

    /// Computes this member's logits twice: once so that only head and adapters learn from them, and once so that only
    /// the trunk does.
    pub(crate) fn forward_split(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> [Tensor<3>; 2] {
        let pooled = self.trunk.pooled(codes, signal);
        let shared = self.trunk.shared(pooled.clone());
        let for_head = self.logits(shared.clone().detach(), || pooled.clone().detach());
        [for_head, self.clone().no_grad().logits(shared, || pooled)]
    }

    /// Computes the log-odds of being bound, which rank bins.
    ///
    /// # Shapes
    ///
    /// Those of [`Model::forward`], but the output is `[batch, task]`.
    ///
    /// # Panics
    ///
    /// Panics if [`Trunk::forward`] does.
    pub fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.head.bound_log_odds(self.forward(codes, signal))
    }
}

/// The mean of the members' logits.
fn mean(logits: Vec<Tensor<3>>) -> Tensor<3> {
    let count = logits.len();
    let sum = logits.into_iter().reduce(|sum, next| sum + next).expect("a model has a member");
    if count == 1 { sum } else { sum / count as f32 }
}
