//! A model that scores windows.

use std::{fmt, sync::Arc};

use burn::{module::Module, tensor::Device};
use rayon::prelude::*;

use crate::{
    Result,
    data::{Batch, HostBatch},
    genome::{Label, base},
    nn::{HostBuffers, HostModel, Model, Network, device_of},
};

/// Windows of a batch on a device.
const BATCH: usize = 1024;
/// Windows that a thread scores in a row.
const IN_A_ROW: usize = 16;

/// A model that scores windows: on the host, one for each thread, or, with layers of 16 bits, on its device.
pub(super) struct WindowNetwork {
    place: Place,
    outputs: usize,
    context_bp: usize,
    /// 0 if the model reads no accessibility.
    signal_bp: usize,
}

enum Place {
    Host(Arc<HostModel>),
    Device(Box<Model>, Device),
}

impl WindowNetwork {
    pub(super) fn new(model: &Model) -> Result<Self> {
        let place = match model.to_host() {
            Some(host) => Place::Host(host.into()),
            None => Place::Device(model.valid().into(), device_of(model)?),
        };
        let context_bp = model.context_bp();
        let signal_bp = model.signal_tracks().map_or(0, |_| context_bp);
        Ok(Self { place, outputs: Network::tasks(model), context_bp, signal_bp })
    }

    /// The number of outputs.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Returns the log-odds of windows, `[window, output]`. A function fills in codes and accessibility; the latter is
    /// empty if the model reads none.
    pub(super) fn log_odds(
        &self,
        count: usize,
        fill: impl Fn(usize, &mut [u8], &mut [f32]) + Sync,
    ) -> Result<Vec<f32>> {
        let memory = |windows: usize| (vec![base::N; windows * self.context_bp], vec![0.0; windows * self.signal_bp]);
        let mut log_odds = vec![0.0; count * self.outputs];
        match &self.place {
            Place::Host(model) => {
                let rows = log_odds.par_chunks_exact_mut(self.outputs).enumerate().with_min_len(IN_A_ROW);
                rows.for_each_init(
                    || (memory(1), HostBuffers::default()),
                    |((codes, signal), buffers), (index, row)| {
                        fill(index, codes, signal);
                        model.bound_log_odds(codes, signal, buffers, row);
                    },
                );
            }
            Place::Device(model, device) => {
                for (batch, rows) in log_odds.chunks_mut(BATCH * self.outputs).enumerate() {
                    let size = rows.len() / self.outputs;
                    let (mut codes, mut signal) = memory(size);
                    for row in 0..size {
                        let codes = &mut codes[row * self.context_bp..(row + 1) * self.context_bp];
                        fill(batch * BATCH + row, codes, &mut signal[row * self.signal_bp..(row + 1) * self.signal_bp]);
                    }
                    let (labels, weights) = (vec![Label::Missing; size], vec![1.0; size]);
                    let host = HostBatch { size, codes, signal, labels, weights };
                    let Batch { codes, signal, .. } = Batch::new(&host, device)?;
                    let scores = model.bound_log_odds(codes, signal).into_data();
                    rows.iter_mut().zip(scores.iter::<f32>()).for_each(|(value, score)| *value = score);
                }
            }
        }
        Ok(log_odds)
    }
}

impl fmt::Debug for WindowNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WindowNetwork").field("outputs", &self.outputs).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        nn::SignalInput,
        testing::model_case::{Case, every_case},
    };

    #[test]
    fn the_device_scores_as_the_host_does() {
        for signal in [SignalInput::Absent, SignalInput::Means(4)] {
            let file = Case { signal, ..every_case()[0].clone() }.file();
            let host = WindowNetwork::new(&file.model).unwrap();
            let place = Place::Device(file.model.valid().into(), device_of(&file.model).unwrap());
            let device = WindowNetwork { place, ..WindowNetwork::new(&file.model).unwrap() };
            // More windows than a batch has.
            let written = |window: usize, codes: &mut [u8], signal: &mut [f32]| {
                codes.iter_mut().enumerate().for_each(|(at, code)| *code = ((at * at + window) % 5) as u8);
                signal.iter_mut().enumerate().for_each(|(at, value)| *value = ((at + window) % 7) as f32);
            };
            let [found, expected] = [device, host].map(|network| network.log_odds(BATCH + 3, written).unwrap());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{found} {expected}");
            }
        }
    }
}
