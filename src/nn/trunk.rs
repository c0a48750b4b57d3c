//! Trunks: from sequence and signal to features that the tasks share.

mod body;
mod conv;
mod dilated;
mod field;
mod parallel;
mod plain;
mod pooling;
mod signal;

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay},
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{Device, Int, Tensor, activation::relu},
};

pub use body::BodyConfig;
pub use pooling::Pooling;
pub use signal::SignalInput;

use self::{body::Body, field::ReceptiveField, pooling::PositionPool};
use super::{
    motif_conv::{MotifConv, MotifConvConfig, MotifForm, ProfileStartConfig},
    motif_scan::MotifScan,
    ops::{Axes, dropout},
    start,
};
use crate::{Error, Result, motif::LogOddsMatrix};

/// Configuration of [`Trunk`].
#[derive(Config, Debug)]
pub struct TrunkConfig {
    /// Positions that the model sees.
    pub context_bp: usize,
    /// The motifs.
    pub conv: MotifConvConfig,
    /// Positions in a pool; 0 pools over the whole context.
    #[config(default = 0)]
    pub pool: usize,
    /// What is done with the pooled motifs.
    #[config(default = "BodyConfig::Shallow")]
    pub body: BodyConfig,
    /// What becomes of the positions that are left.
    #[config(default = "Pooling::Flatten")]
    pub pooling: Pooling,
    /// How the signal enters.
    #[config(default = "SignalInput::Absent")]
    pub signal: SignalInput,
    /// Signal tracks that come with a sample.
    #[config(default = 1)]
    pub tracks: usize,
    /// Features that come out; 0 leaves the dense layer out, so that what is pooled comes out itself.
    #[config(default = 256)]
    pub hidden: usize,
    /// Dropout of the pooled motifs.
    #[config(default = 0.0)]
    pub motif_dropout: f64,
    /// Dropout after each block or layer of the body.
    #[config(default = 0.0)]
    pub body_dropout: f64,
    /// Dropout of the features.
    #[config(default = 0.0)]
    pub hidden_dropout: f64,
}

impl TrunkConfig {
    /// Checks that the sizes fit together.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first setting that cannot work.
    pub fn validate(&self) -> Result<()> {
        let width = self.conv.width;
        check("width", width > 0 && width <= self.context_bp, format!("1 to {}", self.context_bp), width)?;
        check("motifs", self.conv.motifs > 0, "at least 1".into(), self.conv.motifs)?;
        check("pool", self.pool <= self.positions(), format!("at most {} positions", self.positions()), self.pool)?;
        self.body.validate(width, self.pools())?;
        let (field, most) = (self.receptive_field(), self.context_bp);
        let expected = format!("a receptive field of at most {most} bp");
        check("trunk", field <= most, expected, format!("{field} bp"))?;
        for (key, rate) in [
            ("motif_dropout", self.motif_dropout),
            ("body_dropout", self.body_dropout),
            ("hidden_dropout", self.hidden_dropout),
        ] {
            check(key, (0.0..1.0).contains(&rate), "0 to 1, 1 excluded".into(), rate)?;
        }
        let channels = if self.signal == SignalInput::Channels { self.tracks } else { 0 };
        check("channels", self.conv.channels == channels, channels.to_string(), self.conv.channels)?;
        if let MotifForm::LogOdds { background } = &self.conv.form {
            let works = background.iter().all(|share| *share > 0.0 && share.is_finite());
            check("background", works, "shares above 0".into(), format!("{background:?}"))?;
        }
        if let SignalInput::Means(count) = self.signal {
            let whole = count > 0 && self.context_bp.is_multiple_of(count);
            check("signal", whole, format!("means over a number that divides {}", self.context_bp), count)?;
        }
        Ok(())
    }

    /// Returns the base pairs that each position sees which the pooling of positions finds.
    ///
    /// A motif of width `w` in a pool of `p` sees `w + p - 1`, and its neighbour lies `p` further (a pool of 0: the
    /// whole context). With neighbours `j` apart, a convolution of kernel `k` and dilation `d` adds `(k - 1) d j`; a
    /// max-pool of 2 adds `j` and doubles it. A size that no number holds is `usize::MAX`.
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
        self.body.field(ReceptiveField::of_motifs(self.conv.width, self.pool_positions())).bp
    }

    /// Makes the trunk with random motifs.
    ///
    /// # Panics
    ///
    /// If [`TrunkConfig::validate`] fails.
    pub fn init(&self, device: &Device) -> Trunk {
        self.around(self.conv.init(device), device)
    }

    /// Makes the trunk with the first motifs started from profiles.
    ///
    /// # Panics
    ///
    /// If [`TrunkConfig::validate`] fails, or there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], start: &ProfileStartConfig, device: &Device) -> Trunk {
        self.around(self.conv.init_from(profiles, start, device), device)
    }

    /// Returns the number of features that come out.
    pub fn features(&self) -> usize {
        if self.hidden > 0 { self.hidden } else { self.inputs() }
    }

    /// Returns the number of weights and biases of valid settings, none where it exceeds a `usize`.
    pub(super) fn num_params(&self) -> Option<usize> {
        let motifs = self.conv.motifs;
        let widths = self.body.widths().iter().map(|&width| MotifConvConfig { width, ..self.conv.clone() });
        let layers =
            widths.map(|conv| conv.num_params()).sum::<Option<usize>>()?.checked_add(self.conv.num_params()?)?;
        let body = layers.checked_add(self.body.num_params(motifs)?)?;
        let query = if self.pooling == Pooling::Attention { self.body.channels(motifs) } else { 0 };
        let dense = self.inputs().checked_add(1)?.checked_mul(self.hidden)?;
        body.checked_add(query)?.checked_add(dense)
    }

    fn around(&self, conv: MotifConv, device: &Device) -> Trunk {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let (motifs, seed) = (self.conv.motifs, self.conv.seed);
        let dense = |inputs| start::linear(inputs, self.hidden, &[seed, start::HIDDEN], device);
        Trunk {
            conv,
            parallel: parallel::init(&self.conv, self.body.widths(), device),
            body: self.body.init(motifs, self.body_dropout, seed, device),
            pooling: self.pooling.init(self.body.channels(motifs), device),
            dense: (self.hidden > 0).then(|| dense(self.inputs())),
            motif_dropout: DropoutConfig::new(self.motif_dropout).init(),
            hidden_dropout: DropoutConfig::new(self.hidden_dropout).init(),
            pool: self.pool_positions(),
            signal: self.signal,
            features: self.features(),
            receptive_field_bp: self.receptive_field(),
        }
    }

    fn positions(&self) -> usize {
        self.context_bp.saturating_sub(self.conv.width) + 1
    }

    fn pool_positions(&self) -> usize {
        if self.pool == 0 { self.positions() } else { self.pool }
    }

    fn pools(&self) -> usize {
        self.positions() / self.pool_positions()
    }

    /// Inputs of the dense layer.
    fn inputs(&self) -> usize {
        let (channels, positions) = (self.body.channels(self.conv.motifs), self.body.positions(self.pools()));
        self.pooling.features(channels, positions).saturating_add(self.signal.features(self.tracks))
    }
}

fn check(key: &str, works: bool, expected: String, found: impl ToString) -> Result<()> {
    Error::unless(works, format!("architecture.{key}"), expected, found)
}

/// Motifs, the best score of each pool, what [`BodyConfig`] puts behind them, and one dense layer.
///
/// `MotifConv -> ReLU -> max-pool -> dropout -> body -> pooling -> dense -> ReLU -> dropout`; the means of a signal
/// enter beside the pooled positions. Without a body it is the shallow network of the challenge's forum.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::{BodyConfig, MotifConvConfig, Pooling, SignalInput, TrunkConfig};
///
/// let device = Device::default();
/// let config = TrunkConfig::new(100, MotifConvConfig::new(16, 11)).with_hidden(32);
/// let config = config.with_signal(SignalInput::Means(4));
/// let (codes, signal) = (Tensor::<2, Int>::zeros([3, 100], &device), Tensor::ones([3, 1, 100], &device));
/// let shallow = config.init(&device);
/// assert_eq!(shallow.forward(codes.clone(), Some(signal.clone())).dims(), [3, 32]);
///
/// let config = config.with_pool(5).with_body(BodyConfig::Dilated { channels: 8, layers: 2, kernel: 3 });
/// let dilated = config.with_pooling(Pooling::Attention).init(&device);
/// assert_eq!(dilated.forward(codes, Some(signal)).dims(), [3, 32]);
/// ```
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Trunk {
    /// The motifs.
    pub conv: MotifConv,
    /// Motifs of other widths, of [`BodyConfig::Parallel`].
    pub parallel: Vec<MotifConv>,
    body: Option<Body>,
    pooling: PositionPool,
    /// The dense layer, if there is one.
    pub dense: Option<Linear>,
    motif_dropout: Dropout,
    hidden_dropout: Dropout,
    #[module(skip)]
    pool: usize,
    #[module(skip)]
    signal: SignalInput,
    #[module(skip)]
    features: usize,
    #[module(skip)]
    receptive_field_bp: usize,
}

impl Trunk {
    /// Computes the shared features.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
    /// - `signal`: `[batch, channel, length]`, ignored where the trunk takes none
    /// - output: `[batch, feature]`
    ///
    /// # Panics
    ///
    /// If the length is not the trunk's context, or a signal that it needs is not there.
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        let (scanned, means) = match self.signal {
            SignalInput::Absent => (None, None),
            SignalInput::Channels => (Some(given(signal)), None),
            SignalInput::Means(count) => (None, Some(signal::means(given(signal), count))),
        };
        self.features(self.ordered_motifs(codes, scanned, self.pool, self.axes()), means)
    }

    /// Computes the motifs of all widths in pools of some positions, `[batch, motif, length]`.
    ///
    /// The sequence may be longer than the context; the signal is that of [`SignalInput::Channels`].
    pub(crate) fn motifs(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>, pool: usize) -> Tensor<3> {
        self.ordered_motifs(codes, signal, pool, Axes::MotifsFirst)
    }

    fn ordered_motifs(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>, pool: usize, axes: Axes) -> Tensor<3> {
        let first = self.conv.pooled(codes.clone(), signal.clone(), pool, axes);
        if self.parallel.is_empty() {
            return first;
        }
        let further = self.parallel.iter().map(|conv| {
            let (codes, signal) = parallel::cropped(codes.clone(), signal.clone(), self.conv.width(), conv.width());
            conv.pooled(codes, signal, pool, axes)
        });
        Tensor::cat(std::iter::once(first).chain(further).collect(), if axes == Axes::MotifsFirst { 1 } else { 2 })
    }

    /// Computes the shared features from the pooled motifs of a context, `[batch, motif, length]`, and the
    /// `[batch, channel * count]` of [`SignalInput::Means`].
    pub(crate) fn after_motifs(&self, motifs: Tensor<3>, means: Option<Tensor<2>>) -> Tensor<2> {
        let motifs = if self.axes() == Axes::MotifsFirst { motifs } else { motifs.swap_dims(1, 2) };
        self.features(motifs, means)
    }

    /// Computes the shared features from pooled motifs in the order of the trunk.
    fn features(&self, motifs: Tensor<3>, means: Option<Tensor<2>>) -> Tensor<2> {
        let places = self.places(motifs);
        let features = match self.axes() {
            Axes::MotifsFirst => places.flatten(1, 2),
            Axes::PositionsFirst => self.pooling.forward(places),
        };
        let features = match means {
            Some(means) => Tensor::cat(vec![features, means], 1),
            None => features,
        };
        let features = match &self.dense {
            Some(dense) => dense.forward(features),
            None => features,
        };
        dropout(&self.hidden_dropout, relu(features))
    }

    /// Computes what the pooling of positions finds, in the order of the trunk.
    fn places(&self, motifs: Tensor<3>) -> Tensor<3> {
        let motifs = dropout(&self.motif_dropout, motifs);
        match &self.body {
            Some(body) => body.forward(motifs),
            None => motifs,
        }
    }

    /// The order in which the layers behind the motifs read them without turning them.
    fn axes(&self) -> Axes {
        let flattens = self.body.is_none() && self.pooling.pooling == Pooling::Flatten;
        if flattens { Axes::MotifsFirst } else { Axes::PositionsFirst }
    }

    /// Positions in a pool.
    pub(crate) fn pool(&self) -> usize {
        self.pool
    }

    /// How the signal enters.
    pub(crate) fn signal(&self) -> SignalInput {
        self.signal
    }

    /// Prepares the motifs of all widths for a scan in the host's memory.
    pub(crate) fn scan(&self) -> MotifScan {
        MotifScan::new(self.layers())
    }

    fn layers(&self) -> impl Iterator<Item = &MotifConv> {
        std::iter::once(&self.conv).chain(&self.parallel)
    }

    /// The number of motifs of all widths.
    pub(crate) fn channels(&self) -> usize {
        self.layers().map(|conv| conv.weight.dims()[0]).sum()
    }
}

fn given(signal: Option<Tensor<3>>) -> Tensor<3> {
    signal.expect("the trunk was made for a signal, and the sample has none")
}

impl ModuleDisplay for Trunk {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        content
            .add("motifs", &self.channels())
            .add_debug_attribute("widths", &self.layers().map(MotifConv::width).collect::<Vec<_>>())
            .add("pool", &self.pool)
            .add("body", &self.body)
            .add_debug_attribute("pooling", &self.pooling.pooling)
            .add("features", &self.features)
            .add("receptive_field_bp", &self.receptive_field_bp)
            .optional()
    }
}

#[cfg(test)]
mod tests;
