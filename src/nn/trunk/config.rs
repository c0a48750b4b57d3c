//! The configuration of a trunk.

use burn::config::Config;

use super::{
    BodyConfig, LastPool, Pooling, SignalInput,
    body::{check, check_size},
    receptive_field::ReceptiveField,
};
use crate::{
    Error, Result,
    nn::{
        Precision,
        motif_conv::{MotifConvConfig, MotifForm},
    },
};

/// Configuration of [`Trunk`](super::Trunk).
#[derive(Config, Debug)]
pub struct TrunkConfig {
    /// Positions that the model sees.
    pub context_bp: usize,
    /// The motifs.
    pub conv: MotifConvConfig,
    /// Positions in a pool; 0 pools over the whole context (default 0).
    #[config(default = 0)]
    pub pool: usize,
    /// What becomes of positions that do not fill a pool, also in [`BodyConfig::Plain`] (default
    /// [`LastPool::Shorter`]).
    #[config(default = "LastPool::Shorter")]
    pub last_pool: LastPool,
    /// The layers between the motifs and the pooling of positions (default [`BodyConfig::Shallow`]).
    #[config(default = "BodyConfig::Shallow")]
    pub body: BodyConfig,
    /// The pooling of positions (default [`Pooling::Flatten`]).
    #[config(default = "Pooling::Flatten")]
    pub pooling: Pooling,
    /// How the signal enters (default [`SignalInput::Absent`]).
    #[config(default = "SignalInput::Absent")]
    pub signal: SignalInput,
    /// Signal tracks that come with a sample; with 0 the signal is absent, whatever `signal` says (default 1).
    #[config(default = 1)]
    pub tracks: usize,
    /// Features of the output; with 0 there is no dense layer, and the pooled positions are the features (default 256).
    #[config(default = 256)]
    pub hidden: usize,
    /// Dropout of the pooled motifs (default 0.0).
    #[config(default = 0.0)]
    pub motif_dropout: f64,
    /// Dropout after each block or layer of the body (default 0.0).
    #[config(default = 0.0)]
    pub body_dropout: f64,
    /// Dropout of the features (default 0.0).
    #[config(default = 0.0)]
    pub hidden_dropout: f64,
    /// The float type of what follows the motifs (default [`Precision::F32`]).
    #[config(default = "Precision::F32")]
    pub precision: Precision,
}

/// The most weights and biases of a model, 4 GB.
const MAX_WEIGHTS: usize = 1_000_000_000;

/// Checks the number of weights and biases; `None` exceeds a `usize`.
pub(in crate::nn) fn check_weights(found: Option<usize>) -> Result<()> {
    let found_text = found.map_or_else(|| format!("more than {}", usize::MAX), |found| found.to_string());
    let expected = format!("sizes of at most {MAX_WEIGHTS} weights in all");
    Error::unless(found.is_some_and(|found| found <= MAX_WEIGHTS), "architecture", expected, found_text)
}

impl TrunkConfig {
    /// The longest context.
    const MAX_CONTEXT_BP: usize = 1 << 20;
    /// The most pooled scores of a sample.
    const MAX_VALUES: usize = 100_000_000;

    /// Checks that the sizes fit together and into memory.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        let width = self.conv.width;
        Error::unless_within(1..=Self::MAX_CONTEXT_BP, "architecture.width", width)?;
        Error::unless_within(0..=Self::MAX_CONTEXT_BP, "architecture.context_bp", self.context_bp)?;
        let least = format!("at least {width}, since a motif has as many positions (architecture.width)");
        check("context_bp", width <= self.context_bp, least, self.context_bp)?;
        check_size("motifs", 1, self.conv.motifs)?;
        check_size("hidden", 0, self.hidden)?;
        let most = format!("at most {}, the places of a motif in the context, or 0 for all of them", self.positions());
        check("pool", self.pool <= self.positions(), most, self.pool)?;
        self.body.validate(width, self.num_pools())?;
        let (field, most) = (self.receptive_field(), self.context_bp);
        let expected = format!("a receptive field of at most {most} bp (architecture.context_bp)");
        check("trunk", field <= most, expected, format!("{field} bp"))?;
        self.check_memory()?;
        for (key, rate) in [
            ("motif_dropout", self.motif_dropout),
            ("body_dropout", self.body_dropout),
            ("hidden_dropout", self.hidden_dropout),
        ] {
            check(key, (0.0..1.0).contains(&rate), "0 to 1, 1 excluded".into(), rate)?;
        }
        let channels = if self.signal_input() == SignalInput::Channels { self.tracks } else { 0 };
        let expected = format!("{channels}, the tracks of a signal that motifs scan");
        check("channels", self.conv.channels == channels, expected, self.conv.channels)?;
        if let MotifForm::LogOdds { background } = &self.conv.form {
            let works = background.iter().all(|share| *share > 0.0 && share.is_finite());
            check("background", works, "shares above 0".into(), format!("{background:?}"))?;
        }
        if let SignalInput::Means(count) = self.signal_input() {
            let whole = |count: usize| count > 0 && self.context_bp.is_multiple_of(count);
            let near = (1..=count.clamp(1, 100)).rev().find(|count| whole(*count)).unwrap_or(1);
            let expected =
                format!("{{ means = N }} with an N that divides context_bp, as {near} does {}", self.context_bp);
            check("signal", whole(count), expected, format!("{{ means = {count} }}"))?;
        }
        Ok(())
    }

    /// Checks that a sample and the weights fit into memory.
    fn check_memory(&self) -> Result<()> {
        let values = self.num_pools().saturating_mul(self.conv.motifs.max(self.body.channels(self.conv.motifs)));
        let most = Self::MAX_VALUES;
        let expected = format!("a pool that leaves at most {most} scores of a sample, which are pools times motifs");
        check("pool", values <= most, expected, format!("{values} with a pool of {}", self.pool))?;
        check_weights(self.num_params())
    }

    /// Returns the receptive field, in base pairs, of each position before the pooling of positions.
    ///
    /// A motif of width `w` in a pool of `p` sees `w + p - 1`, and its neighbour lies `p` further (a pool of 0: the
    /// whole context). With neighbours `j` apart, a convolution of kernel `k` and dilation `d` adds `(k - 1) d j`; a
    /// max-pool of 2 adds `j` and doubles it. A size that exceeds a `usize` is `usize::MAX`.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::nn::{BodyConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let config = TrunkConfig::new(300, MotifConvConfig::new(16, 19)).with_pool(6);
    /// assert_eq!(config.receptive_field(), 24);
    /// let config = config.with_body(BodyConfig::Dilated { channels: 16, layers: 3, kernel: 3 });
    /// assert_eq!(config.receptive_field(), 24 + 2 * (2 + 4 + 8) * 6);
    /// ```
    pub fn receptive_field(&self) -> usize {
        self.body.field(ReceptiveField::for_motifs(self.conv.width, self.pool_positions())).bp
    }

    /// Returns the number of features of the output.
    pub fn features(&self) -> usize {
        if self.hidden > 0 { self.hidden } else { self.inputs() }
    }

    /// Returns the number of weights and biases of valid settings, or `None` if it exceeds a `usize`.
    pub(in crate::nn) fn num_params(&self) -> Option<usize> {
        let motifs = self.conv.motifs;
        let widths = self.body.widths().iter().map(|&width| MotifConvConfig { width, ..self.conv.clone() });
        let layers =
            widths.map(|conv| conv.num_params()).sum::<Option<usize>>()?.checked_add(self.conv.num_params()?)?;
        let body = layers.checked_add(self.body.num_params(motifs)?)?;
        let query = if self.pooling == Pooling::Attention { self.body.channels(motifs) } else { 0 };
        let dense = self.inputs().checked_add(1)?.checked_mul(self.hidden)?;
        body.checked_add(query)?.checked_add(dense)
    }

    /// Returns the positions of a motif in the context.
    pub(super) fn positions(&self) -> usize {
        self.context_bp.saturating_sub(self.conv.width).saturating_add(1)
    }

    /// Returns the positions in a pool.
    pub(super) fn pool_positions(&self) -> usize {
        if self.pool == 0 { self.positions() } else { self.pool }
    }

    /// Returns the number of pools.
    pub(super) fn num_pools(&self) -> usize {
        self.last_pool.pools(self.positions(), self.pool_positions())
    }

    /// Returns how the signal enters, if there is one.
    pub(super) fn signal_input(&self) -> SignalInput {
        if self.tracks == 0 { SignalInput::Absent } else { self.signal }
    }

    /// Sets the last pool to the default where pools divide the context, so that equal trunks have equal settings.
    pub(in crate::nn) fn normalised(self) -> Self {
        if self.is_divided() { Self { last_pool: LastPool::Shorter, ..self } } else { self }
    }

    /// Whether pools divide the context.
    pub(in crate::nn) fn is_divided(&self) -> bool {
        self.positions().is_multiple_of(self.pool_positions()) && self.body.is_divided(self.num_pools())
    }

    /// Returns the number of inputs of the dense layer.
    pub fn inputs(&self) -> usize {
        let (channels, positions) =
            (self.body.channels(self.conv.motifs), self.body.positions(self.num_pools(), self.last_pool));
        self.pooling.features(channels, positions).saturating_add(self.signal_input().features(self.tracks))
    }
}
