//! Where a run's network comes from.

use std::path::Path;

use super::{super::identity::StartIdentity, Fitted, start::Start};
use crate::{
    Result,
    nn::{Model, ModelConfig, Network, contents},
};

/// Where a run's network comes from.
#[allow(clippy::large_enum_variant)] // A run has one.
pub(super) enum Origin<N, C> {
    /// The configuration's architecture.
    Architecture {
        /// A model to start from; else weights are new.
        start: Option<Box<Start>>,
        /// What turns the model and its configuration into the run's types, which they are.
        network: fn(Model) -> N,
        config: fn(ModelConfig) -> C,
        save: Save<N, C>,
    },
    /// A network of one's own.
    Own { identity: StartIdentity, network: N, config: C, save: Save<N, C> },
}

/// What writes a file.
type Save<N, C> = fn(&Fitted<N, C>, &Path) -> Result<()>;

impl Origin<Model, ModelConfig> {
    pub(super) fn of_architecture(start: Option<Start>) -> Self {
        Self::Architecture {
            start: start.map(Box::new),
            network: |model| model,
            config: |config| config,
            save: |fitted, path| fitted.save(path),
        }
    }
}

impl<N: Network> Origin<N, String> {
    pub(super) fn of_network(name: String, network: N) -> Self {
        // Weights that burn has not drawn yet are drawn here.
        let identity = StartIdentity { name: name.clone(), weights: contents(&network) };
        Self::Own { config: name, identity, network, save: |fitted, path| fitted.save(path) }
    }
}

impl<N: Network, C: Clone> Origin<N, C> {
    /// The network of one's own, if it is one.
    pub(super) fn network(&self) -> Option<&N> {
        if let Self::Own { network, .. } = self { Some(network) } else { None }
    }

    /// Whether there are weights already that the result shall not be worse than.
    pub(super) fn is_trained(&self) -> bool {
        matches!(self, Self::Architecture { start: Some(_), .. } | Self::Own { .. })
    }

    /// What tells a start and a network of one's own from others.
    pub(super) fn identity(&self) -> (Option<StartIdentity>, Option<StartIdentity>) {
        match self {
            Self::Architecture { start, .. } => (start.as_ref().map(|start| start.identity()), None),
            Self::Own { identity, .. } => (None, Some(identity.clone())),
        }
    }

    /// What the network is made from.
    pub(super) fn config(&self, architecture: impl FnOnce() -> ModelConfig) -> C {
        match self {
            Self::Architecture { config, .. } => config(architecture()),
            Self::Own { config, .. } => config.clone(),
        }
    }

    /// Writes the file of what was fitted.
    pub(super) fn save(&self, fitted: &Fitted<N, C>, path: &Path) -> Result<()> {
        let (Self::Architecture { save, .. } | Self::Own { save, .. }) = self;
        save(fitted, path)
    }
}
