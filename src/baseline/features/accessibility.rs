//! How open the chromatin of samples is.

use rayon::prelude::*;

use crate::{
    data::{Dataset, Sample},
    genome::Interval,
};

/// The names of the columns, in order.
pub(super) const KINDS: [&str; 6] = ["mean", "max", "q25", "median", "q75", "flank_mean"];

/// A column for each of [`KINDS`].
pub(super) fn columns(dataset: &Dataset, samples: &[Sample], flank_bp: usize) -> Vec<Vec<f32>> {
    let rows: Vec<[f32; KINDS.len()]> =
        samples.par_iter().map(|&sample| of_sample(dataset, sample, flank_bp)).collect();
    (0..KINDS.len()).map(|kind| rows.iter().map(|row| row[kind]).collect()).collect()
}

fn of_sample(dataset: &Dataset, sample: Sample, flank_bp: usize) -> [f32; KINDS.len()] {
    let Interval { chromosome, start, end } = dataset.grid().interval(sample.bin as usize);
    let mut around = vec![0.0; end - start + 2 * flank_bp];
    dataset.fill_signal(usize::from(sample.cell), chromosome, start as i64 - flank_bp as i64, &mut around);
    let flank_mean = mean(&around);
    let bin = &mut around[flank_bp..flank_bp + end - start];
    let mean = mean(bin);
    bin.sort_unstable_by(f32::total_cmp);
    let last = bin.len() - 1;
    [mean, bin[last], quantile(bin, 0.25), quantile(bin, 0.5), quantile(bin, 0.75), flank_mean]
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

/// A quantile of sorted values, between two of them by their distance.
fn quantile(sorted: &[f32], share: f32) -> f32 {
    let at = share * (sorted.len() - 1) as f32;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_between_neighbours() {
        let sorted = [0.0, 1.0, 2.0, 4.0];
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(&sorted, share)), [0.0, 0.75, 1.5, 2.5, 4.0]);
        assert_eq!(quantile(&[3.0], 0.75), 3.0);
    }
}
