//! The accessibility of samples.

use rayon::prelude::*;

use crate::{
    data::{Dataset, Sample},
    genome::Interval,
};

/// The names of the columns, in order.
pub(super) const NAMES: [&str; 6] = ["mean", "max", "q25", "median", "q75", "flank_mean"];

/// A column for each of [`NAMES`].
pub(super) fn columns(dataset: &Dataset, samples: &[Sample], flank_bp: usize) -> Vec<Vec<f32>> {
    let rows: Vec<_> = samples.par_iter().map(|&sample| row(dataset, sample, flank_bp)).collect();
    (0..NAMES.len()).map(|column| rows.iter().map(|row| row[column]).collect()).collect()
}

fn row(dataset: &Dataset, sample: Sample, flank_bp: usize) -> [f32; NAMES.len()] {
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

/// A quantile of sorted values, by linear interpolation.
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
