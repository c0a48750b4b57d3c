//! Convolution of DNA (and signal) with motifs.

pub(super) mod bases;
mod form;
mod profile_init;
mod profiles;
pub(super) mod scan;

use burn::{
    config::Config,
    module::{Module, Param},
    tensor::{Device, Int, Tensor, s},
};

use self::bases::Bases;
pub use self::{form::MotifForm, profile_init::ProfileInitConfig, profiles::MotifScale};
use super::{
    init::{MOTIFS, layer, param},
    ops::{Axes, MotifPoolOptions, Strands, motif_pool, motif_pool_of_columns},
};
use crate::motif::LogOddsMatrix;

/// Configuration of [`MotifConv`].
#[derive(Config, Debug)]
pub struct MotifConvConfig {
    /// Number of motifs.
    pub motifs: usize,
    /// Positions in a motif.
    pub width: usize,
    /// Signal channels beside the bases (default 0).
    #[config(default = 0)]
    pub channels: usize,
    /// The strands that are scanned (default [`Strands::Both`]).
    #[config(default = "Strands::Both")]
    pub strands: Strands,
    /// The values that a motif may take (default [`MotifForm::Free`]).
    #[config(default = "MotifForm::Free")]
    pub form: MotifForm,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl MotifConvConfig {
    /// Makes the layer with random motifs, initialized as a convolution of PyTorch.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0.
    pub fn init(&self, device: &Device) -> MotifConv {
        self.init_from(&[], &ProfileInitConfig::new(), device)
    }

    /// Makes the layer with the first motifs from profiles, and the others random.
    ///
    /// # Panics
    ///
    /// Panics if a size is 0, or there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], config: &ProfileInitConfig, device: &Device) -> MotifConv {
        let found = profiles.len();
        assert!(found <= self.motifs, "{found} profiles do not fit into {} motifs", self.motifs);
        assert!(self.motifs > 0 && self.width > 0, "a layer of {} motifs of width {}", self.motifs, self.width);
        let inputs = (4 + self.channels) * self.width;
        let (mut weight, mut bias) = layer(inputs, self.motifs, &[self.seed, MOTIFS]);
        let motifs = weight.chunks_exact_mut(inputs).zip(&mut bias);
        for (profile, (weight, bias)) in profiles.iter().zip(motifs) {
            *bias = config.write(profile, self.width, &self.form, weight);
        }
        self.form.to_weight(self.width, inputs, &mut weight);
        MotifConv {
            weight: param(weight, [self.motifs, 4 + self.channels, self.width], device),
            bias: param(bias, [self.motifs], device),
            strands: self.strands,
            form: self.form.clone(),
        }
    }

    /// Returns the number of weights and biases, or `None` if it exceeds a `usize`.
    pub(super) fn num_params(&self) -> Option<usize> {
        let inputs = self.channels.checked_add(4)?.checked_mul(self.width)?;
        inputs.checked_add(1)?.checked_mul(self.motifs)
    }
}

/// A layer of motifs, each a log-odds position weight matrix: the score of a site is the sum of the values of its
/// bases, where N counts 0.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::MotifConvConfig;
///
/// let device = Device::default();
/// let conv = MotifConvConfig::new(8, 5).init(&device);
/// let codes = Tensor::<2, Int>::from_data([[0, 1, 2, 3, 3, 2, 1, 0, 4, 4]], &device);
/// assert_eq!(conv.forward(codes, None, 3).dims(), [1, 8, 2]);
/// ```
#[derive(Module, Debug)]
pub struct MotifConv {
    /// `[motif, 4 + channel, width]`, bases in the order A, C, G, T; see [`MotifConv::motifs`].
    pub weight: Param<Tensor<3>>,
    /// `[motif]`
    pub bias: Param<Tensor<1>>,
    #[module(skip)]
    strands: Strands,
    #[module(skip)]
    form: MotifForm,
}

impl MotifConv {
    /// Scans, adds the bias, applies the ReLU and keeps the best of each `pool` positions (see [`motif_pool`]).
    /// Positions at the end that do not fill a pool are left out; a [`Trunk`](super::Trunk) scans them as a shorter
    /// pool.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, motif, (length - width + 1) / pool]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes do not fit together, or the pool is longer than the positions.
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>, pool: usize) -> Tensor<3> {
        self.pooled(codes.into(), signal, pool, Axes::MotifsFirst)
    }

    /// As [`MotifConv::forward`], with `padding` unknown bases (N), without signal, on either side of the sequence.
    ///
    /// Without padding, a motif finds a site only if it lies in the sequence as a whole; with padding, it may hang over
    /// either end by that many bases, which count 0. A trunk needs no padding: the context is wider than a bin, and N
    /// lies beyond the ends of a chromosome.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, motif, (length + 2 * padding - width + 1) / pool]`; the motif of position `i` starts at base
    ///   `i - padding`
    ///
    /// # Panics
    ///
    /// As [`MotifConv::forward`], for the longer sequence.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::{
    ///     motif::{Background, ProbabilityMatrix},
    ///     nn::{MotifConvConfig, ProfileInitConfig},
    /// };
    ///
    /// let device = Device::default();
    /// let gata = [[0., 0., 1., 0.], [1., 0., 0., 0.], [0., 0., 0., 1.], [1., 0., 0., 0.]];
    /// let profile = ProbabilityMatrix::new(gata.to_vec())?.to_log_odds(&Background::UNIFORM, 0.01)?;
    /// let config = ProfileInitConfig::new().with_scale(1.0).with_threshold(0.7);
    /// let conv = MotifConvConfig::new(1, 4).init_from(&[profile], &config, &device);
    ///
    /// // "ATACCC": the site GATA hangs over the left end by its G.
    /// let codes = || Tensor::<2, Int>::from_data([[0, 3, 0, 1, 1, 1]], &device);
    /// assert_eq!(conv.forward(codes(), None, 3).into_scalar::<f32>(), 0.0);
    /// assert!(conv.forward_padded(codes(), None, 5, 1).into_scalar::<f32>() > 0.0);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn forward_padded(
        &self,
        codes: Tensor<2, Int>,
        signal: Option<Tensor<3>>,
        pool: usize,
        padding: usize,
    ) -> Tensor<3> {
        let ([batch, length], device) = (codes.dims(), codes.device());
        let inner = padding..padding + length;
        let unknown = Tensor::<2, Int>::full([batch, length + 2 * padding], 4, &device);
        let codes = unknown.slice_assign(s![.., inner.clone()], codes);
        let signal = signal.map(|signal| {
            let [_, channels, _] = signal.dims();
            let options = (&signal.device(), signal.dtype());
            let zeros = Tensor::zeros([batch, channels, length + 2 * padding], options);
            zeros.slice_assign(s![.., .., inner], signal)
        });
        self.forward(codes, signal, pool)
    }

    /// As [`MotifConv::forward`], with a choice of the form of the bases and of the order of axes.
    pub(super) fn pooled(&self, bases: Bases, signal: Option<Tensor<3>>, pool: usize, axes: Axes) -> Tensor<3> {
        let options = MotifPoolOptions { strands: self.strands, axes, pool };
        match bases {
            Bases::Codes(codes) => motif_pool(codes, signal, self.motifs(), self.bias.val(), options),
            Bases::OneHot(columns) => motif_pool_of_columns(columns, signal, self.motifs(), self.bias.val(), options),
        }
    }

    /// Returns the number of positions in a motif.
    pub fn width(&self) -> usize {
        self.weight.dims()[2]
    }

    /// Returns the strands that are scanned.
    pub(super) fn strands(&self) -> Strands {
        self.strands
    }

    /// Returns the values that a motif may take.
    pub(super) fn form(&self) -> &MotifForm {
        &self.form
    }

    /// Returns the motifs as they are scanned, `[motif, 4 + channel, width]`.
    pub fn motifs(&self) -> Tensor<3> {
        self.form.to_motifs(self.weight.val())
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::DType;

    use super::*;
    use crate::motif::{Background, ProbabilityMatrix};

    fn profile() -> LogOddsMatrix {
        let rows = vec![[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.7, 0.1], [0.1, 0.7, 0.1, 0.1]];
        ProbabilityMatrix::new(rows).unwrap().to_log_odds(&Background::UNIFORM, 0.0).unwrap()
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn a_shorter_profile_sits_in_the_middle_of_its_motif() {
        let start = ProfileInitConfig::new().with_scale(2.0).with_rest(0.0).with_threshold(0.5);
        let conv = MotifConvConfig::new(2, 5).init_from(&[profile()], &start, &Device::default());
        let (high, low) = (2.0 * 2.8f32.ln(), 2.0 * 0.4f32.ln());
        let expected = [
            [0.0, high, low, low, 0.0],
            [0.0, low, low, high, 0.0],
            [0.0, low, high, low, 0.0],
            [0.0, low, low, low, 0.0],
        ];
        for (found, expected) in values(conv.weight.val()).iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-6);
        }
        assert!((values(conv.bias.val())[0] + 1.5 * high).abs() < 1e-5);
    }

    #[test]
    fn padding_is_unknown_bases_on_either_side() {
        let device = Device::default();
        let conv = MotifConvConfig::new(3, 5).with_channels(1).init(&device);
        let codes = Tensor::<2, Int>::from_data([[0, 3, 2, 1, 1, 3]], &device);
        let signal = Tensor::<3>::from_data([[[1.0, 2.0, 0.5, 0.0, 3.0, 1.0]]], &device);
        let (unknown, zeros) = (Tensor::full([1, 2], 4, &device), Tensor::zeros([1, 1, 2], &device));
        let codes_between = Tensor::cat(vec![unknown.clone(), codes.clone(), unknown], 1);
        let signal_between = Tensor::cat(vec![zeros.clone(), signal.clone(), zeros], 2);
        let expected = values(conv.forward(codes_between, Some(signal_between), 2));
        assert_eq!(values(conv.forward_padded(codes.clone(), Some(signal.clone()), 2, 2)), expected);
        let bare = values(conv.forward(codes.clone(), Some(signal.clone()), 1));
        assert_eq!(values(conv.forward_padded(codes, Some(signal), 1, 0)), bare);
    }

    #[test]
    fn a_layer_of_64_bits_stays_one() {
        let device = Device::default();
        // Graphics drivers that say they compute in 64 bits may not.
        if !crate::device::is_host(&device) {
            return;
        }
        let form = MotifForm::LogOdds { background: [0.25; 4] };
        let mut conv = MotifConvConfig::new(3, 5).with_channels(1).with_form(form).init(&device);
        let (codes, signal) = (Tensor::zeros([1, 6], &device), Tensor::<3>::ones([1, 1, 6], &device));
        let expected = values(conv.forward_padded(codes.clone(), Some(signal.clone()), 2, 2));
        conv.weight = conv.weight.map(|weight| weight.cast(DType::F64));
        conv.bias = conv.bias.map(|bias| bias.cast(DType::F64));
        let found = conv.forward_padded(codes, Some(signal.cast(DType::F64)), 2, 2);
        assert_eq!(found.dtype(), DType::F64);
        for (found, expected) in values(found).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn a_wider_profile_is_cut_to_the_window_with_the_highest_maximum_score() {
        let start = ProfileInitConfig::new().with_scale(1.0);
        let rows = vec![[0.25; 4], [0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01], [0.25; 4]];
        let wide = ProbabilityMatrix::new(rows).unwrap().to_log_odds(&Background::UNIFORM, 0.0).unwrap();
        let conv = MotifConvConfig::new(1, 2).init_from(&[wide], &start, &Device::default());
        let motif = values(conv.weight.val());
        assert!(motif[0] > 1.3 && motif[3] > 1.3, "{motif:?}");
    }

    #[test]
    fn a_constrained_motif_is_the_log_odds_of_distributions() {
        let background = [0.3, 0.2, 0.2, 0.3];
        let config = MotifConvConfig::new(3, 6).with_channels(1).with_form(MotifForm::LogOdds { background });
        let motifs = values(config.init(&Device::default()).motifs());
        for (motif, position) in (0..3).flat_map(|motif| (0..6).map(move |position| (motif, position))) {
            let share = |base: usize| background[base] * motifs[(motif * 5 + base) * 6 + position].exp();
            assert!(((0..4).map(share).sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_constrained_motif_starts_from_its_profile() {
        let background = [0.25; 4];
        let form = MotifForm::LogOdds { background };
        let start = ProfileInitConfig::new().with_scale(1.0).with_rest(0.0).with_threshold(0.5);
        let config = MotifConvConfig::new(1, 5);
        let free = config.init_from(&[profile()], &start, &Device::default());
        let constrained = config.with_form(form).init_from(&[profile()], &start, &Device::default());
        for (free, constrained) in values(free.motifs()).iter().zip(values(constrained.motifs())) {
            assert!((free - constrained).abs() < 1e-5, "{free} {constrained}");
        }
        assert!((values(free.bias.val())[0] - values(constrained.bias.val())[0]).abs() < 1e-5);
    }

    #[test]
    #[should_panic(expected = "1 profiles do not fit into 0 motifs")]
    fn more_profiles_than_motifs_panic() {
        MotifConvConfig::new(0, 5).init_from(&[profile()], &ProfileInitConfig::new(), &Device::default());
    }
}
