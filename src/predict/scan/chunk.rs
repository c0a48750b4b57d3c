//! Chunks: consecutive bins and the model's inputs for them, in the host's memory.

use std::ops::Range;

use super::{breakpoints::Breakpoints, source::ScanSource};
use crate::{data::context_start, nn::SignalInput};

/// Consecutive bins of a chromosome, and the model's inputs for all of them.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) chromosome: usize,
    /// The bins, as the grid counts them.
    pub(crate) bins: Range<usize>,
    /// Base codes of whole strides, and of one motif without its first position.
    pub(crate) codes: Vec<u8>,
    /// A value for each code, if motifs scan the signal.
    pub(crate) signal: Option<Vec<f32>>,
    /// `[bin, mean]`, if the model reads means.
    pub(crate) means: Option<Vec<f32>>,
}

impl Chunk {
    /// The means of some of the bins, as the chunk counts them.
    pub(crate) fn means_of(&self, bins: &Range<usize>) -> Option<&[f32]> {
        let means = self.means.as_ref()?;
        let count = means.len() / self.bins.len();
        Some(&means[bins.start * count..bins.end * count])
    }
}

/// Reads chunks.
#[derive(Clone, Debug)]
pub(crate) struct ChunkReader<'a> {
    pub(crate) source: ScanSource<'a>,
    pub(crate) context_bp: usize,
    pub(crate) input: SignalInput,
    /// Number of strides that a window's motifs cover.
    pub(crate) window_strides: usize,
    /// Positions of the widest motif.
    pub(crate) width: usize,
}

impl<'a> ChunkReader<'a> {
    /// Reads exactly the positions that the windows of some bins cover.
    pub(crate) fn for_windows(source: ScanSource<'a>, context_bp: usize) -> Self {
        let input = if source.has_signal() { SignalInput::Channels } else { SignalInput::Absent };
        Self { source, context_bp, input, window_strides: 0, width: context_bp + 1 }
    }

    /// Reads the model's inputs for some bins of a chromosome.
    pub(crate) fn read(&self, chromosome: usize, bins: Range<usize>) -> Chunk {
        let start = context_start(self.source.grid.interval(bins.start), self.context_bp);
        let stride = self.source.grid.stride_bp();
        let length = (bins.len() - 1 + self.window_strides) * stride + self.width - 1;
        let mut codes = vec![0; length];
        self.source.genome.decode(chromosome, start, &mut codes);
        let filled = |length: usize| {
            let mut signal = vec![0.0; length];
            self.source.fill_signal(chromosome, start, &mut signal);
            signal
        };
        let means = |count| {
            let signal = filled((bins.len() - 1) * stride + self.context_bp);
            means(&signal, bins.len(), stride, self.context_bp / count, count)
        };
        Chunk {
            chromosome,
            codes,
            signal: (self.input == SignalInput::Channels).then(|| filled(length)),
            means: if let SignalInput::Means(count) = self.input { Some(means(count)) } else { None },
            bins,
        }
    }
}

/// The means of `count` intervals of `length` of each window, `[window, mean]`.
///
/// Each base is added once, to the sum of its piece, and sums do not depend on the start of the first window.
fn means(signal: &[f32], windows: usize, stride: usize, length: usize, count: usize) -> Vec<f32> {
    let breakpoints = Breakpoints::new(stride, length, count);
    let sum = |piece: Range<usize>, signal: &[f32]| -> f64 {
        let piece = piece.start.min(signal.len())..piece.end.min(signal.len());
        signal[piece].iter().map(|value| f64::from(*value)).sum()
    };
    let sums: Vec<f64> =
        signal.chunks(stride).flat_map(|signal| breakpoints.pieces().map(move |piece| sum(piece, signal))).collect();
    let ends: Vec<usize> = (0..=count).map(|interval| breakpoints.piece_at(interval * length)).collect();
    let mean = |sums: &[f64]| (sums.iter().sum::<f64>() / length as f64) as f32;
    let window_means = |window: usize| {
        let sums = &sums[window * breakpoints.len()..];
        ends.windows(2).map(move |ends| mean(&sums[ends[0]..ends[1]]))
    };
    (0..windows).flat_map(window_means).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_those_of_each_window() {
        let signal: Vec<f32> = (0..40).map(|i| ((i * i) % 17) as f32).collect();
        for (stride, length, count) in [(5, 7, 3), (4, 8, 2), (3, 1, 9), (10, 2, 5), (7, 21, 1)] {
            let windows = (signal.len() - length * count) / stride + 1;
            let found = means(&signal[..(windows - 1) * stride + length * count], windows, stride, length, count);
            let expected = (0..windows).flat_map(|window| {
                let signal = &signal[window * stride..];
                (0..count).map(move |i| signal[i * length..(i + 1) * length].iter().sum::<f32>() / length as f32)
            });
            assert_eq!(found, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_spike_or_a_value_that_is_no_number_changes_only_the_means_that_cover_it() {
        let clean: Vec<f32> = (0..60).map(|i| ((i * i) % 17) as f32 / 8.0).collect();
        for (stride, length, count) in [(5, 7, 3), (4, 8, 2), (3, 1, 9), (10, 2, 5), (7, 21, 1)] {
            let windows = (clean.len() - length * count) / stride + 1;
            let means = |signal: &[f32]| {
                means(&signal[..(windows - 1) * stride + length * count], windows, stride, length, count)
            };
            for (at, odd) in (0..clean.len()).flat_map(|at| [1e8, f32::NAN, f32::INFINITY].map(|odd| (at, odd))) {
                let mut signal = clean.clone();
                signal[at] = odd;
                for (index, (found, expected)) in means(&signal).into_iter().zip(means(&clean)).enumerate() {
                    let start = index / count * stride + index % count * length;
                    if (start..start + length).contains(&at) {
                        assert!(if odd == 1e8 { found > 1e6 } else { !found.is_finite() }, "{found}");
                    } else {
                        assert_eq!(found, expected, "stride {stride}, {odd} at {at}, mean {index}");
                    }
                }
            }
        }
    }
}
