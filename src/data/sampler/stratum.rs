//! Samples that are drawn at the same rate.

use rand::Rng;
use rayon::prelude::*;

use super::draws::distinct;
use crate::data::{Dataset, Sample, SampleSet, dataset::Counts};

/// Samples that are drawn at the same rate.
#[derive(Clone, Debug)]
pub(super) struct Stratum {
    samples: SampleSet,
    draws: usize,
    /// By task of the sampler.
    counts: Vec<Counts>,
}

impl Stratum {
    /// Draws so many samples an epoch; none if there are none.
    pub(super) fn new(dataset: &Dataset, tasks: &[usize], samples: SampleSet, draws: usize) -> Self {
        let draws = if samples.is_empty() { 0 } else { draws };
        let count = |&task: &usize| {
            let mut total = Counts::default();
            for (cell, bins) in samples.cells() {
                let counts = dataset.counts(task, usize::from(*cell), bins.bits());
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

    pub(super) fn draws(&self) -> usize {
        self.draws
    }

    pub(super) fn counts(&self, position: usize) -> Counts {
        self.counts[position]
    }

    /// Draws without replacement, and begins again when all are drawn.
    pub(super) fn draw(&self, random: &mut impl Rng, mut each: impl FnMut(Sample)) {
        for _ in 0..self.draws / self.len() {
            self.samples.iter().for_each(&mut each);
        }
        distinct(random, self.len(), self.draws % self.len()).filter_map(|rank| self.samples.get(rank)).for_each(each);
    }
}
