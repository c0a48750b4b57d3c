//! Every head on every trunk.

use clap::ValueEnum;
use multitf::{
    genome::Label,
    nn::{Ambiguous, Architecture, BodyConfig, HeadKind, LastPool, Pooling},
    train::{RunConfig, TrainingConfig},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Head {
    Sigmoid,
    Softmax2,
    Softmax3,
    Ordinal,
    Convex,
    ExclusiveSoftmax,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Trunk {
    Shallow,
    Parallel,
    Plain,
    Dilated,
}

impl Head {
    fn kind(self) -> HeadKind {
        match self {
            Self::Sigmoid => HeadKind::Sigmoid,
            Self::Softmax2 => HeadKind::Softmax { classes: vec![Label::Unbound, Label::Bound] },
            Self::Softmax3 => HeadKind::Softmax { classes: vec![Label::Unbound, Label::Ambiguous, Label::Bound] },
            Self::Ordinal => HeadKind::Ordinal { shared_gap: false },
            Self::Convex => HeadKind::Convex,
            Self::ExclusiveSoftmax => HeadKind::ExclusiveSoftmax,
        }
    }
}

impl Trunk {
    /// Each with another pooling, so that all poolings are compared too.
    fn parts(self) -> (BodyConfig, Pooling) {
        match self {
            Self::Shallow => (BodyConfig::Shallow, Pooling::Flatten),
            Self::Parallel => (BodyConfig::Parallel { widths: vec![13, 7] }, Pooling::Max),
            Self::Plain => (BodyConfig::Plain { channels: 16, blocks: 2, kernel: 3 }, Pooling::Attention),
            Self::Dilated => (BodyConfig::Dilated { channels: 16, layers: 2, kernel: 3 }, Pooling::Average),
        }
    }
}

/// Returns a small model and a short training, without dropout, which differs between backends.
pub fn config(head: Head, trunk: Trunk, budget: usize) -> RunConfig {
    let (trunk, pooling) = trunk.parts();
    RunConfig {
        architecture: Architecture {
            context_bp: 240,
            motifs: 24,
            pool: 8,
            last_pool: LastPool::Dropped,
            trunk,
            pooling,
            hidden: 32,
            motif_dropout: 0.0,
            hidden_dropout: 0.0,
            head: head.kind(),
            ..Architecture::default()
        },
        training: TrainingConfig {
            budget,
            batch_size: 64,
            validate_every: budget,
            ambiguous: Ambiguous::Class,
            ..TrainingConfig::default()
        },
        ..RunConfig::default()
    }
}
