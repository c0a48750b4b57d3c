//! The model in a user's words.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{
    Adapter, BodyConfig, DataSummary, HeadKind, Model, ModelConfig, MotifConvConfig, MotifForm, Pooling, Precision,
    ProfileStartConfig, SignalInput, TrunkConfig, ops::Strands,
};
use crate::{
    Error, Result,
    motif::{Background, LogOddsMatrix},
};

/// The model in the words of a `config.toml`; what it is made for (tasks, signal, profiles) comes from the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Architecture {
    /// Positions that the model sees around a bin.
    pub context_bp: usize,
    /// Number of motifs.
    pub motifs: usize,
    /// Positions in a motif.
    pub width: usize,
    /// The strands that are scanned.
    pub strands: Strands,
    /// Whether motifs stay log-odds of distributions over the bases.
    pub log_odds: bool,
    /// Positions in a pool; 0 pools over the whole context.
    pub pool: usize,
    /// What is done with the pooled motifs.
    pub trunk: BodyConfig,
    /// What becomes of the positions that are left.
    pub pooling: Pooling,
    /// How accessibility enters, where there is any.
    pub signal: SignalInput,
    /// Features that the tasks share; 0 gives them the pooled motifs themselves.
    pub hidden: usize,
    /// Dropout of the pooled motifs.
    pub motif_dropout: f64,
    /// Dropout within the trunk's body.
    pub body_dropout: f64,
    /// Dropout of the shared features.
    pub hidden_dropout: f64,
    /// Whether the first motifs start from the data set's profiles, if it has any.
    pub profiles: bool,
    /// Motifs to look for in the bound training bins of each factor without such a profile (see
    /// [`discover`](crate::motif::discover)), so that filters start from them in the same way.
    pub discovered: usize,
    /// The float type of what follows the motifs.
    pub precision: Precision,
    /// From the shared features to predictions.
    pub head: HeadKind,
    /// What each task has to itself.
    pub adapter: Adapter,
    /// Networks that learn from the same samples, each from its own starting weights, and whose logits are averaged (a deep
    /// ensemble: Lakshminarayanan et al. 2017, [doi:10.48550/arXiv.1612.01474](https://doi.org/10.48550/arXiv.1612.01474)).
    pub members: usize,
    /// Factor on a profile's log-odds.
    pub profile_scale: f32,
    /// The share of its best score from which on a profile's motif is seen.
    pub profile_threshold: f32,
}

impl Default for Architecture {
    fn default() -> Self {
        Self {
            context_bp: 300,
            motifs: 128,
            width: 19,
            strands: Strands::Both,
            log_odds: false,
            pool: 94,
            trunk: BodyConfig::Shallow,
            pooling: Pooling::Flatten,
            signal: SignalInput::Means(6),
            hidden: 256,
            motif_dropout: 0.1,
            body_dropout: 0.0,
            hidden_dropout: 0.5,
            profiles: true,
            discovered: 0,
            precision: Precision::F32,
            head: HeadKind::Sigmoid,
            adapter: Adapter::None,
            members: 1,
            profile_scale: 0.5,
            profile_threshold: 0.3,
        }
    }
}

impl Architecture {
    /// Added to each base of a profile before its log-odds are taken, as a share.
    const PSEUDOCOUNT: f64 = 0.01;

    /// Checks that the sizes fit together.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        self.head.validate()?;
        self.adapter.validate()?;
        Error::unless(self.members > 0, "architecture.members".into(), "at least 1", self.members)?;
        self.trunk(1, [0.25; 4], 0).validate()
    }

    /// Makes the model, with weights drawn from the seed.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Config`] for the first setting that cannot work.
    ///
    /// # Panics
    ///
    /// Never for shares of what a sampler draws.
    pub fn build(&self, summary: &DataSummary, seed: u64, device: &Device) -> Result<Model> {
        let config = self.configure(summary, seed);
        config.validate()?;
        self.precision.check(device)?;
        if summary.profiles.is_empty() {
            return Ok(config.init(device));
        }
        let background = Background::new(summary.base_frequencies)?;
        let matrices: Vec<LogOddsMatrix> = summary
            .profiles
            .iter()
            .take(self.motifs)
            .map(|motif| motif.matrix.to_log_odds(&background, Self::PSEUDOCOUNT))
            .collect::<Result<_>>()?;
        let start = ProfileStartConfig::new().with_scale(self.profile_scale).with_threshold(self.profile_threshold);
        Ok(config.init_from(&matrices, &start, device))
    }

    /// Returns the configuration of the model that [`Architecture::build`] makes.
    pub fn configure(&self, summary: &DataSummary, seed: u64) -> ModelConfig {
        let trunk = self.trunk(summary.tracks, summary.base_frequencies, seed);
        ModelConfig::new(trunk, summary.shares.len())
            .with_head(self.head.clone())
            .with_adapter(self.adapter)
            .with_members(self.members)
            .with_shares(Some(summary.shares.clone()))
    }

    fn trunk(&self, tracks: usize, base_frequencies: [f64; 4], seed: u64) -> TrunkConfig {
        let signal = if tracks == 0 { SignalInput::Absent } else { self.signal };
        let form = if self.log_odds {
            MotifForm::LogOdds { background: base_frequencies.map(|share| share as f32) }
        } else {
            MotifForm::Free
        };
        let conv = MotifConvConfig::new(self.motifs, self.width)
            .with_channels(if signal == SignalInput::Channels { tracks } else { 0 })
            .with_strands(self.strands)
            .with_form(form)
            .with_seed(seed);
        TrunkConfig::new(self.context_bp, conv)
            .with_pool(self.pool)
            .with_body(self.trunk.clone())
            .with_pooling(self.pooling)
            .with_signal(signal)
            .with_tracks(tracks)
            .with_hidden(self.hidden)
            .with_motif_dropout(self.motif_dropout)
            .with_body_dropout(self.body_dropout)
            .with_hidden_dropout(self.hidden_dropout)
            .with_precision(self.precision)
    }
}
