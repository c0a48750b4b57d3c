//! Samples that are drawn at the same rate.

use rand::{Rng, RngExt};
use rayon::prelude::*;

use crate::data::{Dataset, Sample, SampleSet, bit_set::BitSet, dataset::LabelCounts};

/// Samples that are drawn at the same rate.
#[derive(Clone, Debug)]
pub(super) struct Stratum {
    samples: SampleSet,
    /// The number of draws an epoch.
    pub(super) draws: usize,
    /// By task of the sampler.
    pub(super) counts: Vec<LabelCounts>,
}

impl Stratum {
    pub(super) fn new(dataset: &Dataset, tasks: &[usize], samples: SampleSet, draws: usize) -> Self {
        let count = |&task: &usize| {
            let mut total = LabelCounts::default();
            for (cell, bins) in samples.cells() {
                let counts = dataset.counts(task, usize::from(*cell), bins.set());
                total.observed += counts.observed;
                total.bound += counts.bound;
                total.ambiguous += counts.ambiguous;
            }
            total
        };
        let counts = tasks.par_iter().map(count).collect();
        Self { samples, draws, counts }
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Draws without replacement, and starts again when all are drawn.
    pub(super) fn draw(&self, random: &mut impl Rng, mut each: impl FnMut(Sample)) {
        for _ in 0..self.draws / self.len() {
            self.samples.iter().for_each(&mut each);
        }
        distinct(random, self.len(), self.draws % self.len()).filter_map(|rank| self.samples.get(rank)).for_each(each);
    }
}

/// Draws `count` different numbers below `len`, ascending.
///
/// It takes a bit for each number, and at most 1.4 `count` trials on average: where more than half are wanted, it draws
/// the others.
fn distinct(random: &mut impl Rng, len: usize, count: usize) -> impl Iterator<Item = usize> {
    let wanted = count <= len / 2;
    let mut drawn = BitSet::new(len);
    let mut missing = if wanted { count } else { len - count };
    while missing > 0 {
        missing -= usize::from(drawn.insert(random.random_range(0..len)));
    }
    (0..len).filter(move |&number| drawn.contains(number) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn as_many_as_wanted_are_drawn_and_none_twice() {
        for (len, count) in [(0, 0), (1, 0), (1, 1), (10, 3), (10, 5), (10, 6), (10, 10), (1000, 999)] {
            let drawn: Vec<_> = distinct(&mut stream(&[1]), len, count).collect();
            assert_eq!(drawn.len(), count);
            assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|&number| number < len));
        }
    }

    #[test]
    fn each_number_is_drawn_as_often() {
        let mut seen = [0_u32; 8];
        for round in 0..8000 {
            distinct(&mut stream(&[2, round]), 8, 3).for_each(|number| seen[number] += 1);
        }
        // 3000 expected, standard deviation 43.
        assert!(seen.iter().all(|count| count.abs_diff(3000) < 200), "{seen:?}");
    }
}
