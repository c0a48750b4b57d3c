//! Where a run's network comes from.

use std::path::Path;

use super::{Fitted, pretrained::Pretrained};
use crate::{
    Result,
    nn::{Model, ModelConfig, Network, weight_digest},
    train::identity::NetworkIdentity,
};

/// Where a run's network comes from.
#[allow(clippy::large_enum_variant)] // A run has one.
pub(super) enum NetworkSource<N, C> {
    /// The configuration's architecture.
    Architecture {
        /// None for new weights.
        pretrained: Option<Box<Pretrained>>,
        /// The identity, with types: here `N` is [`Model`].
        into_network: fn(Model) -> N,
        /// The identity, with types: here `C` is [`ModelConfig`].
        into_config: fn(ModelConfig) -> C,
        save: Save<N, C>,
    },
    /// A custom network.
    Custom { identity: NetworkIdentity, network: N, config: C, save: Save<N, C> },
}

/// Writes the model file.
type Save<N, C> = fn(&Fitted<N, C>, &Path) -> Result<()>;

impl NetworkSource<Model, ModelConfig> {
    pub(super) fn new(pretrained: Option<Pretrained>) -> Self {
        Self::Architecture {
            pretrained: pretrained.map(Box::new),
            into_network: |model| model,
            into_config: |config| config,
            save: |fitted, path| fitted.to_file().save(path),
        }
    }
}

impl<N: Network> NetworkSource<N, String> {
    pub(super) fn from_network(name: String, network: N) -> Self {
        // Weights that burn has not drawn yet are drawn here.
        let identity = NetworkIdentity { name: name.clone(), weights: weight_digest(&network) };
        Self::Custom { config: name, identity, network, save: |fitted, path| fitted.to_file().save(path) }
    }
}

impl<N: Network, C: Clone> NetworkSource<N, C> {
    /// The custom network and its name, if it is one.
    pub(super) fn custom(&self) -> Option<(&str, &N)> {
        if let Self::Custom { identity, network, .. } = self { Some((&identity.name, network)) } else { None }
    }

    /// Whether it has weights that the result must not be worse than.
    pub(super) fn has_weights(&self) -> bool {
        matches!(self, Self::Architecture { pretrained: Some(_), .. } | Self::Custom { .. })
    }

    /// The identities of a pretrained model and of a custom network.
    pub(super) fn identity(&self) -> (Option<NetworkIdentity>, Option<NetworkIdentity>) {
        match self {
            Self::Architecture { pretrained, .. } => (pretrained.as_ref().map(|model| model.identity()), None),
            Self::Custom { identity, .. } => (None, Some(identity.clone())),
        }
    }

    /// The configuration of the network.
    pub(super) fn config(&self, architecture: impl FnOnce() -> ModelConfig) -> C {
        match self {
            Self::Architecture { into_config, .. } => into_config(architecture()),
            Self::Custom { config, .. } => config.clone(),
        }
    }

    /// Writes the model file.
    pub(super) fn save(&self, fitted: &Fitted<N, C>, path: &Path) -> Result<()> {
        let (Self::Architecture { save, .. } | Self::Custom { save, .. }) = self;
        save(fitted, path)
    }
}
