//! Predictions for one sequence at a time.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use burn::{module::Module, tensor::Device};

use super::{
    sequence::{check_letters, check_reads, check_values, middle},
    signal::check_tracks,
};
use crate::{
    Result,
    data::{Batch, HostBatch, SignalTransform},
    genome::{Label, base},
    nn::{HostBuffers, HostModel, Model, Network, device_of},
};

/// Predicts one sequence at a time, with little delay: for a web service, a notebook, or a search that needs an answer
/// before it knows the next sequence. For many sequences at once, use [`SequenceScorer`](super::SequenceScorer).
///
/// The weights are copied to the host's memory once, whatever the model's device. A prediction then runs on the calling
/// thread, without tensors, and allocates nothing after the first. Layers of 16 bits
/// ([`Precision`](crate::nn::Precision)) are the exception: they are run on the model's device, as a batch of one.
///
/// Clones share the weights: make one for each thread. The model's later changes do not reach a predictor.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig};
///
/// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 2);
/// let model = config.init(&Device::default());
/// let file = ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model };
///
/// let mut predictor = file.predictor()?;
/// let log_odds = predictor.predict("ACGTTGCAAT", None)?;
/// let scores = file.score(&["ACGTTGCAAT"], None)?;
/// for (log_odds, score) in log_odds.iter().zip(&scores.values) {
///     assert!((log_odds - score[0]).abs() < 1e-5);
/// }
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Predictor {
    network: Prepared,
    /// Tracks of accessibility that the model reads.
    tracks: Option<usize>,
    transform: SignalTransform,
    codes: Vec<u8>,
    /// Empty if the model reads no accessibility.
    signal: Vec<f32>,
    log_odds: Vec<f32>,
}

/// Where a model runs.
#[derive(Clone, Debug)]
enum Prepared {
    Host(Arc<HostModel>, Box<HostBuffers>),
    Device(Box<Model>, Device),
}

impl Predictor {
    /// Copies a model's weights. The transform is that of accessibility in training;
    /// [`ModelFile::predictor`](crate::nn::ModelFile::predictor) knows it.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the model reads several tracks of accessibility.
    pub fn new(model: &Model, transform: SignalTransform) -> Result<Self> {
        let tracks = model.signal_tracks();
        check_tracks(tracks, 1)?;
        let network = match model.to_host() {
            Some(host) => Prepared::Host(host.into(), Box::default()),
            None => Prepared::Device(model.valid().into(), device_of(model)?),
        };
        let context_bp = model.context_bp();
        Ok(Self {
            network,
            tracks,
            transform,
            codes: vec![base::N; context_bp],
            signal: vec![0.0; tracks.map_or(0, |_| context_bp)],
            log_odds: vec![0.0; Network::tasks(model)],
        })
    }

    /// Returns the log-odds that a sequence is bound, by task. The sequence lies in the middle of the context, with
    /// N on both sides. `signal` has the untransformed accessibility of each base, if the model reads it; for
    /// [`SignalTransform::Quantile`] the normalised one.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) for an empty sequence or one longer than the context, for a letter
    /// that is no IUPAC code, if accessibility is missing or not read, and if it is not a finite number for each base.
    pub fn predict(&mut self, sequence: impl AsRef<[u8]>, signal: Option<&[f32]>) -> Result<&[f32]> {
        let letters = sequence.as_ref();
        check_reads(self.tracks, signal.is_some())?;
        let name = || "the sequence".to_owned();
        check_letters(name, letters, self.codes.len())?;
        signal.map_or(Ok(()), |signal| check_values(name, letters.len(), signal))?;
        self.place(letters, signal);
        match &mut self.network {
            Prepared::Host(model, buffers) => {
                model.bound_log_odds(&self.codes, &self.signal, buffers, &mut self.log_odds);
            }
            Prepared::Device(model, device) => {
                let (codes, signal) = (self.codes.clone(), self.signal.clone());
                let labels = vec![Label::Missing; self.log_odds.len()];
                let host = HostBatch { size: 1, codes, signal, labels, weights: vec![1.0] };
                let Batch { codes, signal, .. } = Batch::new(&host, device)?;
                self.log_odds.clear();
                self.log_odds.extend(model.bound_log_odds(codes, signal).into_data().iter::<f32>());
            }
        }
        Ok(&self.log_odds)
    }

    /// Puts a sequence into the middle of the context.
    fn place(&mut self, letters: &[u8], signal: Option<&[f32]>) {
        let place = middle(letters.len(), self.codes.len());
        self.codes.fill(base::N);
        for (code, &letter) in self.codes[place.clone()].iter_mut().zip(letters) {
            *code = base::from_ascii(letter);
        }
        if let Some(signal) = signal {
            self.signal.fill(0.0);
            self.signal[place.clone()].copy_from_slice(signal);
            self.transform.apply(&mut self.signal[place]);
        }
    }
}
