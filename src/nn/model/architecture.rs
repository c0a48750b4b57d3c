//! The architecture of a model, as a `config.toml` describes it.

use burn::tensor::Device;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Error, Result,
    motif::{Background, LogOddsMatrix},
    nn::{
        Adapter, BodyConfig, DataSummary, HeadKind, LastPool, Model, ModelConfig, MotifConvConfig, MotifForm,
        MotifScale, Pooling, Precision, ProfileInitConfig, SignalInput, TrunkConfig, ops::Strands,
    },
};

/// A model as a `config.toml` describes it; its tasks, signal and profiles come from the data ([`DataSummary`]).
///
/// # Examples
///
/// ```
/// use multitf::nn::Architecture;
///
/// let architecture: Architecture = toml::from_str("context_bp = 200\nsignal = { means = 4 }")?;
/// // A motif of width 19 has 182 positions in 200 bases, which are two pools.
/// assert_eq!((architecture.width, architecture.pool), (19, 91));
/// assert_eq!(Architecture::default().pool, 94);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct Architecture {
    /// Positions that the model sees around a bin, at most 1048576 (default 300).
    pub context_bp: usize,
    /// Number of motifs (default 128).
    pub motifs: usize,
    /// Positions in a motif (default 19).
    pub width: usize,
    /// The strands that are scanned (default [`Strands::Both`]).
    pub strands: Strands,
    /// Whether motifs stay log-odds of distributions over the bases (default false).
    pub log_odds: bool,
    /// Positions in a pool; 0 pools over the whole context (default 94: three pools cover the default context). If a
    /// file omits it, pools of equal length cover its context, each as close to 94 positions as possible; with
    /// [`LastPool::Dropped`] the default applies.
    #[serde(default = "omitted")]
    pub pool: usize,
    /// What happens to the last positions of a context that `pool` does not divide (default [`LastPool::Shorter`]).
    pub last_pool: LastPool,
    /// The layers between the pooled motifs and the shared features (default [`BodyConfig::Shallow`]).
    pub trunk: BodyConfig,
    /// How the remaining positions are pooled (default [`Pooling::Flatten`]).
    pub pooling: Pooling,
    /// How the model reads accessibility, if there is any (default [`SignalInput::Means`] of 6 intervals).
    pub signal: SignalInput,
    /// Features that the tasks share; with 0 they share the pooled motifs themselves (default 256).
    pub hidden: usize,
    /// Dropout of the pooled motifs (default 0.1).
    pub motif_dropout: f64,
    /// Dropout in the trunk's body (default 0).
    pub body_dropout: f64,
    /// Dropout of the shared features (default 0.5).
    pub hidden_dropout: f64,
    /// Whether the first motifs are initialized from the data set's profiles, if it has any (default true).
    pub profiles: bool,
    /// Motifs to discover in the bound training bins of each factor without a profile (see
    /// [`discover`](crate::motif::discover)); filters are initialized from them in the same way (default 0).
    pub discovered: usize,
    /// The float type of the layers after the motifs (default [`Precision::F32`]).
    pub precision: Precision,
    /// The layer from shared features to predictions (default [`HeadKind::Sigmoid`]).
    pub head: HeadKind,
    /// The private part of each task (default [`Adapter::None`]).
    pub adapter: Adapter,
    /// Networks that learn from the same samples, each from its own initial weights, and whose logits are averaged: a
    /// deep ensemble (Lakshminarayanan et al. 2017,
    /// [doi:10.48550/arXiv.1612.01474](https://doi.org/10.48550/arXiv.1612.01474)). The default is 1, the most 1000.
    pub members: usize,
    /// Factor on a profile's log-odds when a motif is initialized from it (default 0.5).
    pub profile_scale: f32,
    /// The fraction of its best score above which such a motif counts as found (default 0.3).
    pub profile_threshold: f32,
}

/// Stands for the pool of a file that omits it: no context is as long.
const OMITTED: usize = usize::MAX;

fn omitted() -> usize {
    OMITTED
}

impl Serialize for Architecture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Architecture {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Self::deserialize(deserializer)?;
        let pool = match read.last_pool {
            _ if read.pool != OMITTED => read.pool,
            LastPool::Shorter => read.covering_pool(),
            LastPool::Dropped => Self::POOL,
        };
        Ok(Self { pool, ..read })
    }
}

impl Default for Architecture {
    fn default() -> Self {
        Self {
            context_bp: 300,
            motifs: 128,
            width: 19,
            strands: Strands::Both,
            log_odds: false,
            pool: Self::POOL,
            last_pool: LastPool::Shorter,
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
    /// Pseudocount that each base of a profile gets before its log-odds are taken, as a fraction.
    const PSEUDOCOUNT: f64 = 0.01;
    /// The most motifs to discover for a factor.
    pub(crate) const MAX_DISCOVERED: usize = 1000;
    /// Default number of positions in a pool.
    const POOL: usize = 94;

    /// The length of equal pools that cover the context, as close to the default as possible.
    fn covering_pool(&self) -> usize {
        let positions = self.context_bp.saturating_add(1).saturating_sub(self.width).max(1);
        let pools = positions.saturating_add(Self::POOL / 2) / Self::POOL;
        positions.div_ceil(pools.max(1))
    }

    /// Checks that the sizes fit together and into memory. How the model reads accessibility is checked when it is
    /// [built](Self::build), since it matters only if there is any.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        self.validate_with(0)
    }

    /// Makes equal models equal: where pools divide the context, it does not matter what happens to the rest.
    pub(crate) fn normalised(&self) -> Self {
        Self { last_pool: self.trunk(0, [0.25; 4], 0).last_pool, ..self.clone() }
    }

    /// Reads settings from before `last_pool` existed, when a shorter last pool was dropped.
    pub(crate) fn before_last_pool(self) -> Self {
        Self { last_pool: LastPool::Dropped, ..self }.normalised()
    }

    /// As [`Architecture::validate`], for data with this many tracks of accessibility.
    pub(crate) fn validate_with(&self, tracks: usize) -> Result<()> {
        Error::unless_within(0..=Self::MAX_DISCOVERED, "architecture.discovered", self.discovered)?;
        ModelConfig::new(self.trunk(tracks, [0.25; 4], 0), 1)
            .with_head(self.head.clone())
            .with_adapter(self.adapter)
            .with_members(self.members)
            .validate()
    }

    /// Makes the model, with random weights from the seed.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    ///
    /// # Panics
    ///
    /// Panics if a task's prior is 0 or 1, which a sampler's shares never are.
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
        let start = ProfileInitConfig::new().with_scale(self.profile_scale).with_threshold(self.profile_threshold);
        Ok(config.init_from(&matrices, &start, device))
    }

    /// Returns the configuration of the model that [`Architecture::build`] makes.
    pub fn configure(&self, summary: &DataSummary, seed: u64) -> ModelConfig {
        let trunk = self.trunk(summary.tracks, summary.base_frequencies, seed);
        let scale = MotifScale {
            factor: self.profile_scale,
            background: summary.base_frequencies,
            pseudocount: Self::PSEUDOCOUNT,
        };
        ModelConfig::new(trunk, summary.shares.len())
            .with_head(self.head.clone())
            .with_adapter(self.adapter)
            .with_members(self.members)
            .with_shares(Some(summary.shares.clone()))
            .with_motif_scale(Some(scale).filter(|scale| scale.validate().is_ok()))
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
            .with_last_pool(self.last_pool)
            .with_body(self.trunk.clone())
            .with_pooling(self.pooling)
            .with_signal(signal)
            .with_tracks(tracks)
            .with_hidden(self.hidden)
            .with_motif_dropout(self.motif_dropout)
            .with_body_dropout(self.body_dropout)
            .with_hidden_dropout(self.hidden_dropout)
            .with_precision(self.precision)
            .normalised()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Int, Tensor};

    use super::*;
    use crate::{
        data::{Batch, HostBatch, LabelShares},
        genome::Label,
        nn::{LabelLossConfig, MaskAudit},
    };

    fn read(text: &str) -> Architecture {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_pool_that_is_left_out_covers_the_context() {
        let pool = |context_bp: usize| read(&format!("context_bp = {context_bp}")).pool;
        assert_eq!([300, 200, 160, 500, 1000].map(pool), [94, 91, 71, 97, 99]);
        // Of 3, 2, 2, 5 and 10 pools, the last one as long as the others or a little shorter.
        for context_bp in 19..2000_usize {
            let (positions, pool) = (context_bp - 18, pool(context_bp));
            let pools = positions.div_ceil(pool);
            assert!(pools * pool - positions < pools && (1..=141).contains(&pool), "{context_bp}: {pools} of {pool}");
        }
        assert_eq!(read("width = 25").pool, 92);
        assert_eq!(read("").pool, 94);
        assert_eq!(read("pool = 94\ncontext_bp = 200").pool, 94);
        assert_eq!(read("context_bp = 3").pool, 1);
        // Where a rest is dropped, it is what it was before pools covered the context.
        assert_eq!(read("context_bp = 200\nlast_pool = \"dropped\"").pool, 94);
    }

    #[test]
    fn what_becomes_of_a_rest_does_not_matter_where_there_is_none() {
        let configured = |pool, last_pool| {
            let architecture = Architecture { pool, last_pool, ..Architecture::default() };
            (architecture.normalised().last_pool, architecture.configure(&summary(0), 0).trunk.last_pool)
        };
        for (pool, last_pool, expected) in [
            (94, LastPool::Dropped, LastPool::Shorter),
            (0, LastPool::Dropped, LastPool::Shorter),
            (100, LastPool::Dropped, LastPool::Dropped),
            (100, LastPool::Shorter, LastPool::Shorter),
        ] {
            assert_eq!(configured(pool, last_pool), (expected, expected), "{pool}");
        }
        let many = BodyConfig::Plain { channels: 1, blocks: usize::MAX, kernel: 3 };
        assert!(Architecture { trunk: many, ..Architecture::default() }.validate().is_err());
    }

    #[test]
    fn sizes_that_overflow_or_fit_no_memory_are_refused_with_the_bound() {
        let plain = Architecture::default;
        let bodies = [
            BodyConfig::Plain { channels: usize::MAX, blocks: 1, kernel: 3 },
            BodyConfig::Plain { channels: 8, blocks: usize::MAX, kernel: 3 },
            BodyConfig::Plain { channels: 8, blocks: 1, kernel: usize::MAX },
            BodyConfig::Parallel { widths: vec![usize::MAX] },
            BodyConfig::Dilated { channels: usize::MAX, layers: 1, kernel: 3 },
            BodyConfig::Dilated { channels: 8, layers: usize::MAX, kernel: 3 },
            BodyConfig::Dilated { channels: 8, layers: 1, kernel: usize::MAX },
        ];
        let bodies = bodies.map(|trunk| ("trunk", Architecture { trunk, context_bp: 1000, pool: 5, ..plain() }));
        let gated = |shared, features| Architecture { head: HeadKind::Gated { shared, features }, ..plain() };
        let cases = [
            ("context_bp", Architecture { context_bp: usize::MAX, pool: 0, ..plain() }),
            ("context_bp", Architecture { context_bp: (1 << 20) + 1, ..plain() }),
            ("width", Architecture { width: usize::MAX, ..plain() }),
            ("motifs", Architecture { motifs: usize::MAX, ..plain() }),
            ("pool", Architecture { pool: usize::MAX, ..plain() }),
            ("pool", Architecture { context_bp: 1 << 20, pool: 1, ..plain() }),
            ("pool", Architecture { trunk: BodyConfig::Parallel { widths: vec![5; 1_000_000] }, ..plain() }),
            ("discovered", Architecture { discovered: usize::MAX, ..plain() }),
            ("hidden", Architecture { hidden: usize::MAX, ..plain() }),
            ("members", Architecture { members: usize::MAX, ..plain() }),
            ("adapter.hidden", Architecture { adapter: Adapter::Hidden(usize::MAX), ..plain() }),
            ("head.gated.shared", gated(usize::MAX, 1)),
            ("head.gated.features", gated(1, usize::MAX)),
            // Sizes that are too large together.
            ("", Architecture { motifs: 100_000, width: 300, pool: 1, hidden: 1_000_000, ..plain() }),
            ("", Architecture { motifs: 30_000, members: 1000, ..plain() }),
        ];
        for (key, architecture) in cases.into_iter().chain(bodies) {
            let message = architecture.validate().unwrap_err().to_string();
            assert!(message.starts_with("architecture") && message.contains(key), "{key}: {message}");
            assert!(
                message.contains("at most") || message.contains(" 1 to ") || message.contains("less than"),
                "{message}"
            );
        }
        let whole = read(&format!("context_bp = {}", i64::MAX)).validate().unwrap_err().to_string();
        assert_eq!(whole, format!("architecture.context_bp: expected at most 1048576, found {}", i64::MAX));
        let weights = Architecture { motifs: 1_000_000, hidden: 100_000, ..plain() }.validate().unwrap_err();
        let expected = "architecture: expected sizes of at most 1000000000 weights in all, found ";
        assert!(weights.to_string().starts_with(expected), "{weights}");
        assert!(Architecture { context_bp: 1 << 20, ..plain() }.validate().is_ok());
    }

    #[test]
    fn an_architecture_survives_a_file() {
        let architecture =
            Architecture { context_bp: 200, pool: 0, last_pool: LastPool::Dropped, ..Architecture::default() };
        assert_eq!(read(&toml::to_string(&architecture).unwrap()), architecture);
        assert!(toml::from_str::<Architecture>("pol = 3").unwrap_err().message().starts_with("unknown field `pol`"));
    }

    fn summary(tracks: usize) -> DataSummary {
        let shares = vec![LabelShares::from_counts([0.0, 9.0, 0.0, 1.0]); 2];
        DataSummary { shares, tracks, profiles: Vec::new(), base_frequencies: [0.3, 0.2, 0.2, 0.3] }
    }

    #[test]
    fn without_accessibility_its_means_do_not_matter() {
        // Six stretches do not divide 200 bases.
        let architecture = Architecture { context_bp: 200, motifs: 8, ..Architecture::default() };
        architecture.validate().unwrap();
        let device = Device::default();
        let refused = architecture.build(&summary(1), 0, &device).unwrap_err().to_string();
        assert!(refused.starts_with("architecture.signal: expected { means = N }"), "{refused}");
        let model = architecture.build(&summary(0), 0, &device).unwrap();
        let codes: Vec<u8> = (0..400_u32).map(|i| (i * i % 7 % 4) as u8).collect();
        let host = HostBatch {
            size: 2,
            codes,
            signal: Vec::new(),
            labels: vec![Label::Bound, Label::Missing, Label::Unbound, Label::Bound],
            weights: vec![1.0; 2],
        };
        let batch = Batch::new(&host, &device).unwrap();
        let loss = LabelLossConfig::new().init(&model.head);
        assert!(MaskAudit::run(&model, &loss, &batch).unwrap().observed > 0);
        assert_eq!(model.forward(Tensor::<2, Int>::zeros([3, 200], &device), None).dims(), [3, 2, 1]);
    }

    #[test]
    fn a_model_knows_the_scale_of_its_filters() {
        let scale = |architecture: Architecture| architecture.configure(&summary(0), 0).motif_scale;
        let expected = MotifScale { factor: 0.5, background: [0.3, 0.2, 0.2, 0.3], pseudocount: 0.01 };
        assert_eq!(scale(Architecture::default()), Some(expected));
        assert_eq!(scale(Architecture { profile_scale: 0.0, ..Architecture::default() }), None);
    }
}
