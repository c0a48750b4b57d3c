//! The mean score of a model, resampled.

use super::{Bootstrap, Resampled};
use crate::eval::Difference;

impl Bootstrap {
    /// Averages one model's scores over tracks and seeds, in each replicate over the seeds that it draws: what
    /// [`differences`](Self::differences) does with two models. `seeds` holds the tracks of each seed.
    pub(crate) fn mean(&self, seeds: &[Vec<&Resampled>]) -> Difference {
        let count = seeds.iter().map(Vec::len).sum::<usize>() as f64;
        let sum = |score: &dyn Fn(&Resampled) -> f64, tracks: &[&Resampled]| {
            tracks.iter().map(|track| score(track)).sum::<f64>()
        };
        let point = seeds.iter().map(|tracks| sum(&Resampled::point_estimate, tracks)).sum::<f64>() / count;
        let replicate = |replicate: usize| {
            let times = self.draw_seeds(replicate, seeds.len());
            let scores = seeds.iter().map(|tracks| sum(&|track| track.replicates[replicate], tracks));
            times.into_iter().zip(scores).map(|(times, score)| f64::from(times) * score).sum::<f64>() / count
        };
        Difference::new(point, (0..self.replicates).map(replicate).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_that_are_alike_have_the_mean_of_their_tracks() {
        let bootstrap = Bootstrap { replicates: 3, seed: 1 };
        let track = |point_estimate, replicates: [f64; 3]| Resampled { point_estimate, replicates: replicates.into() };
        let (low, high) = (track(0.25, [0.0, 0.25, 0.5]), track(0.75, [0.5, 0.75, 0.5]));
        let mean = bootstrap.mean(&[vec![&low, &high], vec![&low, &high]]);
        assert_eq!((mean.delta(), mean.replicates()), (0.5, &[0.25, 0.5, 0.5][..]));
    }

    #[test]
    fn the_difference_of_two_means_is_the_mean_difference() {
        let bootstrap = Bootstrap { replicates: 50, seed: 1 };
        let track = |scale: f64| Resampled {
            point_estimate: scale / 2.0,
            replicates: (0..50).map(|index| scale * f64::from(index) / 50.0).collect(),
        };
        let model = |scales: [[f64; 2]; 3]| scales.map(|seed| seed.map(track).to_vec());
        let [a, b] = [model([[0.1, 0.2], [0.3, 0.4], [0.5, 0.9]]), model([[0.7, 0.1], [0.2, 0.2], [0.4, 0.3]])];
        let mean = |model: &[Vec<Resampled>]| {
            bootstrap.mean(&model.iter().map(|seed| seed.iter().collect()).collect::<Vec<_>>())
        };
        let some = |model: &[Vec<Resampled>]| -> Vec<Vec<_>> {
            model.iter().map(|seed| seed.iter().cloned().map(Some).collect()).collect()
        };
        let difference = bootstrap.differences(&some(&a), &some(&b)).unwrap().mean().unwrap();
        let (a, b) = (mean(&a), mean(&b));
        assert!((a.delta() - b.delta() - difference.delta()).abs() < 1e-12);
        for ((a, b), both) in a.replicates().iter().zip(b.replicates()).zip(difference.replicates()) {
            assert!((a - b - both).abs() < 1e-12);
        }
    }
}
