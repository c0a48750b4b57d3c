//! Trunks: from sequence and signal to features that the tasks share.

mod body;
mod config;
mod conv;
mod dilated;
pub(super) mod host;
mod last_pool;
pub(super) mod motif_layer;
mod parallel;
mod plain;
mod pooling;
mod receptive_field;
mod signal;
#[cfg(test)]
mod tests;

use std::ops::Range;

use burn::{
    module::{Content, DisplaySettings, Module, ModuleDisplay},
    nn::{Dropout, DropoutConfig, Linear},
    tensor::{Device, Int, Tensor, activation::relu, module::linear},
};

use self::{body::Body, pooling::PositionPool};
pub use self::{body::BodyConfig, config::TrunkConfig, last_pool::LastPool, pooling::Pooling, signal::SignalInput};
pub(super) use self::{body::MAX_SIZE, config::check_weights};
use super::{
    Precision,
    init::{self, HIDDEN},
    motif_conv::{MotifConv, ProfileInitConfig, bases::Bases, scan::MotifScan},
    ops::{Axes, dropout},
};
use crate::motif::LogOddsMatrix;

impl TrunkConfig {
    /// Makes the trunk with random motifs.
    ///
    /// # Panics
    ///
    /// Panics if [`TrunkConfig::validate`] fails.
    pub fn init(&self, device: &Device) -> Trunk {
        self.init_from(&[], &ProfileInitConfig::new(), device)
    }

    /// Makes the trunk with the first motifs from profiles.
    ///
    /// # Panics
    ///
    /// Panics if [`TrunkConfig::validate`] fails, or there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], config: &ProfileInitConfig, device: &Device) -> Trunk {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let (motifs, seed) = (self.conv.motifs, self.conv.seed);
        let dense = |inputs| init::linear(inputs, self.hidden, &[seed, HIDDEN], device);
        Trunk {
            conv: self.conv.init_from(profiles, config, device),
            parallel: parallel::init(&self.conv, self.body.widths(), device),
            body: self.body.init(motifs, self.body_dropout, self.last_pool, seed, device),
            pooling: self.pooling.init(self.body.channels(motifs), device),
            dense: (self.hidden > 0).then(|| dense(self.inputs())),
            motif_dropout: DropoutConfig::new(self.motif_dropout).init(),
            hidden_dropout: DropoutConfig::new(self.hidden_dropout).init(),
            config: self.clone(),
        }
    }
}

/// Motifs, the best score of each pool, a body ([`BodyConfig`]) and one dense layer.
///
/// `MotifConv -> ReLU -> max-pool -> dropout -> body -> pooling -> dense -> ReLU -> dropout`; the means of a signal
/// enter beside the pooled positions. Pools cover the whole context: if they do not divide it, the last one is shorter
/// ([`LastPool`]). Without a body it is the shallow network proposed in the ENCODE-DREAM forum.
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
    config: TrunkConfig,
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
    /// Panics if the length is not the trunk's context, and if a signal that it needs is missing or has another shape.
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.shared(self.pooled(codes, signal))
    }

    /// Computes the inputs of the dense layer, `[batch, input]`: the pooled positions and the means of the signal.
    ///
    /// # Panics
    ///
    /// As [`Trunk::forward`].
    pub fn pooled(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.pooled_bases(codes.into(), signal)
    }

    /// As [`Trunk::pooled`], of bases in either form.
    pub(super) fn pooled_bases(&self, bases: Bases, signal: Option<Tensor<3>>) -> Tensor<2> {
        let [batch, length] = bases.dims();
        assert_eq!(length, self.config.context_bp, "the length of the sequence and the trunk's context");
        let (scanned, means) = match self.signal() {
            SignalInput::Absent => (None, None),
            SignalInput::Channels => (Some(self.required(signal, batch)), None),
            SignalInput::Means(count) => (None, Some(signal::means(self.required(signal, batch), count))),
        };
        self.dense_inputs(self.ordered_scores(bases, scanned, self.config.pool_positions(), self.axes()), means)
    }

    /// Returns the signal that the trunk was made for.
    fn required(&self, signal: Option<Tensor<3>>, batch: usize) -> Tensor<3> {
        let signal = signal.expect("the trunk was made for a signal, and the sample has none");
        let (expected, found) = ([batch, self.config.tracks, self.config.context_bp], signal.dims());
        assert!(expected == found, "the signal's shape [batch, track, length]: expected {expected:?}, found {found:?}");
        signal
    }

    /// Computes the best scores of the motifs of all widths in pools of `pool` positions, `[batch, motif, length]`.
    ///
    /// The sequence may be longer than the context; the signal is that of [`SignalInput::Channels`].
    pub(crate) fn motif_scores(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>, pool: usize) -> Tensor<3> {
        self.ordered_scores(codes.into(), signal, pool, Axes::MotifsFirst)
    }

    fn ordered_scores(&self, bases: Bases, signal: Option<Tensor<3>>, pool: usize, axes: Axes) -> Tensor<3> {
        let first = self.config.last_pool.scan(&self.conv, bases.clone(), signal.clone(), pool, axes);
        if self.parallel.is_empty() {
            return first;
        }
        let further = self.parallel.iter().map(|conv| {
            let (bases, signal) = parallel::cropped(bases.clone(), signal.clone(), self.conv.width(), conv.width());
            self.config.last_pool.scan(conv, bases, signal, pool, axes)
        });
        Tensor::cat(std::iter::once(first).chain(further).collect(), if axes == Axes::MotifsFirst { 1 } else { 2 })
    }

    /// Computes the output of [`Trunk::pooled`] from the motif scores of a context, `[batch, motif, length]`, and the
    /// means of [`SignalInput::Means`], `[batch, channel * count]`.
    pub(crate) fn pooled_from_scores(&self, scores: Tensor<3>, means: Option<Tensor<2>>) -> Tensor<2> {
        let scores = if self.axes() == Axes::MotifsFirst { scores } else { scores.swap_dims(1, 2) };
        self.dense_inputs(scores, means)
    }

    /// Computes the inputs of the dense layer from motif scores in the trunk's order of axes.
    fn dense_inputs(&self, scores: Tensor<3>, means: Option<Tensor<2>>) -> Tensor<2> {
        let output = self.body_output(self.config.precision.lower(scores));
        let features = match self.axes() {
            Axes::MotifsFirst => output.flatten(1, 2),
            Axes::PositionsFirst => self.pooling.forward(output),
        };
        match means {
            Some(means) => {
                let means = means.cast(features.dtype());
                Tensor::cat(vec![features, means], 1)
            }
            None => features,
        }
    }

    /// Returns the number of shared features.
    pub fn features(&self) -> usize {
        self.config.features()
    }

    /// Computes the shared features from the output of [`Trunk::pooled`].
    pub fn shared(&self, pooled: Tensor<2>) -> Tensor<2> {
        let features = match &self.dense {
            Some(layer) => dense(layer, pooled),
            None => pooled,
        };
        self.shared_from_sums(self.config.precision.raise(features))
    }

    /// Computes the shared features from the output of the dense layer.
    pub(crate) fn shared_from_sums(&self, sums: Tensor<2>) -> Tensor<2> {
        dropout(&self.hidden_dropout, relu(sums))
    }

    /// Returns the dense layer, where it reads the pools as they are, in 32 bits.
    pub(crate) fn dense_of_pools(&self) -> Option<&Linear> {
        let is_plain = self.axes() == Axes::MotifsFirst && self.config.precision == Precision::F32;
        self.dense.as_ref().filter(|_| is_plain)
    }

    /// Computes the output of the body, in the trunk's order of axes.
    fn body_output(&self, motifs: Tensor<3>) -> Tensor<3> {
        let motifs = dropout(&self.motif_dropout, motifs);
        match &self.body {
            Some(body) => body.forward(motifs),
            None => motifs,
        }
    }

    /// The order of axes that the layers after the motifs read without a transposition.
    fn axes(&self) -> Axes {
        let flattens = self.body.is_none() && self.config.pooling == Pooling::Flatten;
        if flattens { Axes::MotifsFirst } else { Axes::PositionsFirst }
    }

    /// Returns the number of positions of the input.
    pub fn context_bp(&self) -> usize {
        self.config.context_bp
    }

    /// Returns the float type of the layers after the motifs.
    pub(crate) fn precision(&self) -> Precision {
        self.config.precision
    }

    /// Returns the positions of each pool of a context.
    pub(crate) fn pool_ranges(&self) -> Vec<Range<usize>> {
        let (positions, pool) = (self.config.positions(), self.config.pool_positions());
        (0..self.config.num_pools()).map(|index| index * pool..positions.min((index + 1) * pool)).collect()
    }

    /// Returns how the signal enters.
    pub(crate) fn signal(&self) -> SignalInput {
        self.config.signal_input()
    }

    /// Returns the number of signal tracks of a sample, or `None` if the trunk reads no signal.
    pub fn signal_tracks(&self) -> Option<usize> {
        (self.signal() != SignalInput::Absent).then_some(self.config.tracks)
    }

    /// Prepares the motifs of all widths for a scan in the host's memory.
    pub(crate) fn scanner(&self) -> MotifScan {
        MotifScan::new(self.layers())
    }

    /// Returns the settings that tell it from another trunk with the same weights.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("context_bp", self.config.context_bp.to_string()),
            ("pool", self.config.pool_positions().to_string()),
            ("last_pool", format!("{:?}", self.config.last_pool)),
            ("pooling", format!("{:?}", self.config.pooling)),
            ("signal", format!("{:?}", self.signal())),
            ("precision", format!("{:?}", self.config.precision)),
            ("receptive_field_bp", self.config.receptive_field().to_string()),
            ("strands", format!("{:?}", self.conv.strands())),
            ("form", format!("{:?}", self.conv.form())),
        ]
    }

    /// Returns the motifs of all widths, the widest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = &MotifConv> {
        std::iter::once(&self.conv).chain(&self.parallel)
    }

    /// Returns the number of motifs of all widths.
    pub(crate) fn num_motifs(&self) -> usize {
        self.layers().map(|conv| conv.weight.dims()[0]).sum()
    }
}

/// Applies a dense layer in the type of its input.
fn dense(layer: &Linear, input: Tensor<2>) -> Tensor<2> {
    let dtype = input.dtype();
    linear(input, layer.weight.val().cast(dtype), layer.bias.as_ref().map(|bias| bias.val().cast(dtype)))
}

impl ModuleDisplay for Trunk {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        content
            .add("motifs", &self.num_motifs())
            .add_debug_attribute("widths", &self.layers().map(MotifConv::width).collect::<Vec<_>>())
            .add("pool", &self.config.pool_positions())
            .add("body", &self.body)
            .add_debug_attribute("pooling", &self.config.pooling)
            .add("features", &self.features())
            .add("receptive_field_bp", &self.config.receptive_field())
            .optional()
    }
}
