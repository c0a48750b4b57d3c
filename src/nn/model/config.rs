//! The configuration of a model.

use burn::{config::Config, tensor::Device};

use super::{Model, TaskMembers};
use crate::{
    Error, Result,
    data::LabelShares,
    motif::LogOddsMatrix,
    nn::{
        Adapter, HeadConfig, HeadKind, MotifScale, ProfileInitConfig, TaskAdaptersConfig, Trunk, TrunkConfig, init,
        trunk::check_weights,
    },
    random::mix,
};

/// Configuration of [`Model`].
#[derive(Config, Debug)]
pub struct ModelConfig {
    /// The shared part.
    pub trunk: TrunkConfig,
    /// Number of tasks.
    pub tasks: usize,
    /// The head (default [`HeadKind::Sigmoid`]).
    #[config(default = "HeadKind::Sigmoid")]
    pub head: HeadKind,
    /// How often each label of each task occurs in the training draws (see [`HeadConfig`]).
    pub shares: Option<Vec<LabelShares>>,
    /// The scale that turns filters into profiles, if known (see [`ModelFile::motifs`](crate::nn::ModelFile::motifs)).
    pub motif_scale: Option<MotifScale>,
    /// The private part of each task (default [`Adapter::None`]).
    #[config(default = "Adapter::None")]
    pub adapter: Adapter,
    /// Number of networks, each from its own initial weights, whose logits are averaged (default 1).
    #[config(default = 1)]
    pub members: usize,
    /// Which members predict each task, if not all of them.
    pub answers: Option<TaskMembers>,
}

impl ModelConfig {
    /// The most networks of an ensemble.
    pub(crate) const MAX_MEMBERS: usize = 1000;

    /// Checks that the settings fit together.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        self.trunk.validate()?;
        self.head.validate()?;
        self.adapter.validate()?;
        Error::unless_within(1..=Self::MAX_MEMBERS, "architecture.members", self.members)?;
        Error::unless(self.tasks > 0, "model.tasks", "at least 1", self.tasks)?;
        self.answers.as_ref().map_or(Ok(()), |members| members.validate(self.members, self.tasks))?;
        self.motif_scale.as_ref().map_or(Ok(()), MotifScale::validate)?;
        let shares = self.shares.as_ref().map_or(self.tasks, Vec::len);
        Error::unless(shares == self.tasks, "model.shares", format!("one for each of {}", self.tasks), shares)?;
        check_weights(self.num_params())
    }

    /// The settings that parts of a joined model must share: all but tasks, members, initial weights and dropout.
    pub(crate) fn architecture(&self) -> String {
        let mut config = Self { tasks: 0, shares: None, members: 1, answers: None, motif_scale: None, ..self.clone() };
        config.trunk = config.trunk.normalised();
        let trunk = &mut config.trunk;
        trunk.conv.seed = 0;
        (trunk.motif_dropout, trunk.body_dropout, trunk.hidden_dropout) = (0.0, 0.0, 0.0);
        format!("{config:?}")
    }

    /// Returns the number of weights and biases of valid settings, or `None` if it exceeds a `usize`.
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
    /// Panics if the trunk's [`validate`](TrunkConfig::validate) fails, or the shares are not one for each task.
    pub fn init(&self, device: &Device) -> Model {
        self.init_members(|trunk| trunk.init(device), device)
    }

    /// Makes the model with the first motifs initialized from profiles.
    ///
    /// # Panics
    ///
    /// Panics if [`ModelConfig::init`] does, and if there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], start: &ProfileInitConfig, device: &Device) -> Model {
        self.init_members(|trunk| trunk.init_from(profiles, start, device), device)
    }

    /// Makes the members, each with its own seed.
    fn init_members(&self, init: impl Fn(&TrunkConfig) -> Trunk, device: &Device) -> Model {
        let member = |seed| {
            let mut config = self.clone();
            config.trunk.conv.seed = seed;
            config.init_on(init(&config.trunk), device)
        };
        let seed = self.trunk.conv.seed;
        let others = (1..self.members as u64).map(|index| member(mix(&[seed, init::MEMBERS, index]))).collect();
        Model { others, answers: self.answers.clone(), ..member(seed) }
    }

    /// Makes a member with a trunk.
    fn init_on(&self, trunk: Trunk, device: &Device) -> Model {
        let seed = self.trunk.conv.seed;
        let head = HeadConfig::new(self.head.clone(), self.trunk.features(), self.tasks)
            .with_shares(self.shares.clone())
            .with_seed(seed);
        let adapters = TaskAdaptersConfig::new(self.adapter, self.trunk.inputs(), self.tasks)
            .with_outputs(self.head.adapter_outputs())
            .with_dropout(self.trunk.hidden_dropout)
            .with_seed(seed);
        Model { trunk, head: head.init(device), adapters: adapters.init(device), others: Vec::new(), answers: None }
    }
}
