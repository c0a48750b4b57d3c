//! A model that scores windows.

use std::{fmt, sync::Arc};

use burn::{module::Module, tensor::Device};
use rayon::prelude::*;

use super::haplotypes::{Haplotypes, Seen};
use crate::{
    Result,
    data::{Batch, HostBatch},
    genome::Label,
    nn::{Model, ModelViewBuffers, Network, Views, device_of},
    predict::ScanSource,
};

/// Windows of a batch on a device.
const BATCH: usize = 1024;
/// Variants that a thread scores in a row.
const IN_A_ROW: usize = 8;

/// A model that scores windows: on the host, one variant for each thread, or, with layers of 16 bits, on its device.
pub(super) struct WindowNetwork {
    place: Place,
    context_bp: usize,
    reads_signal: bool,
}

enum Place {
    Host(Arc<Views>),
    Device(Box<Model>, Device),
}

impl WindowNetwork {
    pub(super) fn new(model: &Model) -> Result<Self> {
        let place = match model.to_views() {
            Some(views) => Place::Host(views.into()),
            None => Place::Device(model.valid().into(), device_of(model)?),
        };
        Ok(Self { place, context_bp: model.context_bp(), reads_signal: model.signal_tracks().is_some() })
    }

    /// Returns the log-odds of the windows of each variant, `[window, output]`: without it and then with it.
    pub(super) fn log_odds(&self, source: ScanSource<'_>, variants: &[Seen<'_>]) -> Result<Vec<Vec<f32>>> {
        match &self.place {
            Place::Host(model) => {
                let scored = variants.par_iter().with_min_len(IN_A_ROW).map_init(
                    || (Haplotypes::default(), ModelViewBuffers::default()),
                    |(haplotypes, buffers), seen| {
                        haplotypes.read(source, seen, self.context_bp, self.reads_signal);
                        model.log_odds(&haplotypes.stretches(), buffers)
                    },
                );
                Ok(scored.collect())
            }
            Place::Device(model, device) => {
                let (mut haplotypes, mut codes, mut signal) = (Haplotypes::default(), Vec::new(), Vec::new());
                let mut scores = Vec::new();
                for (index, seen) in variants.iter().enumerate() {
                    haplotypes.read(source, seen, self.context_bp, self.reads_signal);
                    haplotypes.append(self.context_bp, &mut codes, &mut signal);
                    if codes.len() >= BATCH * self.context_bp || index + 1 == variants.len() {
                        let (codes, signal) = (std::mem::take(&mut codes), std::mem::take(&mut signal));
                        scores.extend(self.on_device(model, device, codes, signal)?);
                    }
                }
                let (mut rest, outputs) = (&*scores, Network::tasks(&**model));
                Ok(variants
                    .iter()
                    .filter_map(|seen| rest.split_off(..seen.views() * outputs).map(<[f32]>::to_vec))
                    .collect())
            }
        }
    }

    fn on_device(&self, model: &Model, device: &Device, codes: Vec<u8>, signal: Vec<f32>) -> Result<Vec<f32>> {
        let size = codes.len() / self.context_bp;
        let (labels, weights) = (vec![Label::Missing; size], vec![1.0; size]);
        let Batch { codes, signal, .. } = Batch::new(&HostBatch { size, codes, signal, labels, weights }, device)?;
        Ok(model.bound_log_odds(codes, signal).into_data().iter::<f32>().collect())
    }
}

impl fmt::Debug for WindowNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowNetwork").field("context_bp", &self.context_bp).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::SignalTransform,
        explain::variant::window::Window,
        genome::{BinGrid, Genome, Interval, SignalTrack},
        nn::SignalInput,
        testing::model_case::{CONTEXT_BP, Case, every_case},
    };

    #[test]
    fn the_device_scores_as_the_host_does() {
        for signal in [SignalInput::Absent, SignalInput::Means(4)] {
            let case = Case { signal, ..every_case()[0].clone() };
            let (file, (letters, values)) = (case.file(), case.sequence(9 * CONTEXT_BP, 0));
            let genome = Genome::from_sequences([("chr1", &letters)]).unwrap();
            let (track, grid) = (SignalTrack::from_values(&genome, &[&values]), BinGrid::new(&genome, 40, 20).unwrap());
            let track = track.unwrap();
            let source = ScanSource::new(&genome, &grid).with_signal(&track, SignalTransform::Log1p);
            // More windows than a batch has.
            let seen = |start: usize| {
                let place = Interval { chromosome: 0, start, end: start + start % 3 };
                let windows = [7, 90]
                    .map(|left| [false, true].map(|is_reverse| Window { start: start as i64 - left, is_reverse }));
                Seen { place, bases: &[0, 3, 2, 4][..start % 4], windows: windows.concat() }
            };
            let variants: Vec<_> = (0..300).map(|at| seen(3 * at)).collect();
            assert!(variants.iter().map(Seen::views).sum::<usize>() > 2 * BATCH);
            let host = WindowNetwork::new(&file.model).unwrap();
            let place = Place::Device(file.model.valid().into(), device_of(&file.model).unwrap());
            let device = WindowNetwork { place, ..WindowNetwork::new(&file.model).unwrap() };
            let [found, expected] = [device, host].map(|network| network.log_odds(source, &variants).unwrap());
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{found} {expected}");
                }
            }
        }
    }
}
