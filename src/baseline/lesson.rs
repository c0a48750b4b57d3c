use std::collections::HashMap;

use crate::{
    data::{Dataset, Sample, Sampler},
    genome::Label,
    nn::Ambiguous,
};

/// What a baseline learns from: the draws that a neural network for the same tasks learns from at the same budget.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     baseline::Lesson,
///     data::{Dataset, Sampler, SamplerConfig},
///     nn::Ambiguous,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let sampler = Sampler::new(&dataset, &[0], 1000, &SamplerConfig::default(), 0)?;
/// let lesson = Lesson::drawn(&sampler, 100_000);
/// let labels = lesson.labels(&dataset, 0, Ambiguous::Masked);
/// println!("{} samples, {} with a label", lesson.samples().len(), labels.places.len());
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    samples: Vec<Sample>,
    /// Each draw's place among the samples, and its weight.
    draws: Vec<(u32, f32)>,
}

/// The labels of one task in a lesson. A sample whose label is between bound and unbound is there as both, in parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonLabels {
    /// The sample's place in [`Lesson::samples`].
    pub places: Vec<usize>,
    /// Whether it is bound.
    pub bound: Vec<bool>,
    /// What it weighs: the sum over its draws.
    pub weights: Vec<f32>,
}

impl Lesson {
    /// Draws as many samples as the budget allows, epoch after epoch.
    pub fn drawn(sampler: &Sampler, budget: usize) -> Self {
        let mut lesson = Self::default();
        let mut places = HashMap::new();
        let draws = (0..).flat_map(|epoch| sampler.epoch(epoch)).take(budget);
        for draw in draws {
            let place = *places.entry(draw.sample).or_insert_with(|| {
                lesson.samples.push(draw.sample);
                lesson.samples.len() as u32 - 1
            });
            lesson.draws.push((place, draw.weight));
        }
        lesson
    }

    /// Returns the samples that were drawn, each once.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Returns the draws in their order: each sample's place and weight.
    pub fn draws(&self) -> impl ExactSizeIterator<Item = (usize, f32)> {
        self.draws.iter().map(|&(place, weight)| (place as usize, weight))
    }

    /// Returns a task's labels.
    ///
    /// # Panics
    ///
    /// If the data set has no such task.
    pub fn labels(&self, dataset: &Dataset, task: usize, ambiguous: Ambiguous) -> LessonLabels {
        let mut drawn = vec![0.0; self.samples.len()];
        for (place, weight) in self.draws() {
            drawn[place] += weight;
        }
        let mut labels = LessonLabels::default();
        for (place, (&sample, weight)) in self.samples.iter().zip(drawn).enumerate() {
            for (bound, part) in parts(dataset.label(task, sample), ambiguous) {
                labels.places.push(place);
                labels.bound.push(bound);
                labels.weights.push(weight * part);
            }
        }
        labels
    }
}

/// How much of a label counts as bound and as unbound; parts of 0 are left out.
pub(super) fn parts(label: Label, ambiguous: Ambiguous) -> impl Iterator<Item = (bool, f32)> {
    let [unbound, _, bound] = match label {
        Label::Missing => [0.0; 3],
        Label::Unbound => [1.0, 0.0, 0.0],
        Label::Bound => [0.0, 0.0, 1.0],
        Label::Ambiguous => ambiguous.parts(false),
    };
    [(false, unbound), (true, bound)].into_iter().filter(|(_, part)| *part > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{
        Sampler, SamplerConfig,
        simulate::{SimulationConfig, simulate},
    };
    use crate::testing::TestFolder;

    #[test]
    fn ambiguous_labels_follow_the_policy_and_missing_ones_do_not_count() {
        let of = |label, ambiguous| parts(label, ambiguous).collect::<Vec<_>>();
        assert_eq!(of(Label::Missing, Ambiguous::Unbound), []);
        assert_eq!(of(Label::Ambiguous, Ambiguous::Masked), []);
        assert_eq!(of(Label::Ambiguous, Ambiguous::Class), [(false, 1.0)]);
        assert_eq!(of(Label::Ambiguous, Ambiguous::Soft(0.25)), [(false, 0.75), (true, 0.25)]);
        assert_eq!(of(Label::Bound, Ambiguous::Masked), [(true, 1.0)]);
    }

    #[test]
    fn draws_are_those_of_training_and_weights_add_up() {
        let folder = TestFolder::new("lesson");
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let sampler = Sampler::new(&dataset, &[2], 300, &SamplerConfig::default(), 5).unwrap();
        let budget = sampler.epoch_len() + 7;
        let lesson = Lesson::drawn(&sampler, budget);
        let expected: Vec<_> = sampler.epoch(0).into_iter().chain(sampler.epoch(1)).take(budget).collect();
        assert_eq!(lesson.draws().len(), budget);
        for ((place, weight), draw) in lesson.draws().zip(&expected) {
            assert_eq!((lesson.samples()[place], weight), (draw.sample, draw.weight));
        }
        let labels = lesson.labels(&dataset, 2, Ambiguous::Masked);
        assert!(labels.bound.contains(&true) && labels.bound.contains(&false));
        for ((&place, &bound), &weight) in labels.places.iter().zip(&labels.bound).zip(&labels.weights) {
            let sample = lesson.samples()[place];
            assert_eq!(dataset.label(2, sample), if bound { Label::Bound } else { Label::Unbound });
            let of_sample = expected.iter().filter(|draw| draw.sample == sample).map(|draw| draw.weight);
            assert!((of_sample.sum::<f32>() - weight).abs() < 1e-4 * weight);
        }
    }
}
