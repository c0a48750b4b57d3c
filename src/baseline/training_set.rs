//! The samples and labels that baselines learn from.

use std::collections::HashMap;

use crate::{
    Error, Result,
    data::{Dataset, Sample, Sampler},
    genome::Label,
    nn::Ambiguous,
};

/// The training set of a baseline: the draws of a neural network for the same tasks, at the same budget.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     baseline::TrainingSet,
///     data::{Dataset, Sampler, SamplerConfig},
///     nn::Ambiguous,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let sampler = Sampler::new(&dataset, &[0], 1000, &SamplerConfig::default(), 0)?;
/// let set = TrainingSet::draw(&sampler, 100_000);
/// let labels = set.labels(&dataset, 0, Ambiguous::Masked);
/// println!("{} samples, {} with a label", set.samples().len(), labels.indices.len());
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrainingSet {
    samples: Vec<Sample>,
    /// The index of each draw's sample, and the draw's weight.
    draws: Vec<(u32, f32)>,
}

/// The labels of one task in a training set. An ambiguous sample can be both bound and unbound, in parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingLabels {
    /// Indices into [`TrainingSet::samples`].
    pub indices: Vec<usize>,
    /// Whether each is bound.
    pub bound: Vec<bool>,
    /// The weight of each: the sum over its draws.
    pub weights: Vec<f32>,
}

impl TrainingSet {
    /// Draws as many samples as the budget allows, epoch after epoch.
    pub fn draw(sampler: &Sampler, budget: usize) -> Self {
        let mut set = Self::default();
        let mut indices = HashMap::new();
        for draw in (0..).flat_map(|epoch| sampler.epoch(epoch)).take(budget) {
            let index = *indices.entry(draw.sample).or_insert_with(|| {
                set.samples.push(draw.sample);
                set.samples.len() as u32 - 1
            });
            set.draws.push((index, draw.weight));
        }
        set
    }

    /// Returns the drawn samples, each once.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Returns the index of the sample and the weight of each draw, in order.
    pub fn draws(&self) -> impl ExactSizeIterator<Item = (usize, f32)> {
        self.draws.iter().map(|&(index, weight)| (index as usize, weight))
    }

    /// Returns a task's labels.
    ///
    /// # Panics
    ///
    /// Panics if the data set has no such task.
    pub fn labels(&self, dataset: &Dataset, task: usize, ambiguous: Ambiguous) -> TrainingLabels {
        let mut weights = vec![0.0; self.samples.len()];
        for (index, weight) in self.draws() {
            weights[index] += weight;
        }
        let mut labels = TrainingLabels::default();
        for (index, (&sample, weight)) in self.samples.iter().zip(weights).enumerate() {
            for (bound, part) in parts(dataset.label(task, sample), ambiguous) {
                labels.indices.push(index);
                labels.bound.push(bound);
                labels.weights.push(weight * part);
            }
        }
        labels
    }
}

/// Returns the parts of a label that count as unbound and as bound, without parts of 0.
pub(super) fn parts(label: Label, ambiguous: Ambiguous) -> impl Iterator<Item = (bool, f32)> {
    let [unbound, _, bound] = match label {
        Label::Missing => [0.0; 3],
        Label::Unbound => [1.0, 0.0, 0.0],
        Label::Bound => [0.0, 0.0, 1.0],
        Label::Ambiguous => ambiguous.parts(false),
    };
    [(false, unbound), (true, bound)].into_iter().filter(|(_, part)| *part > 0.0)
}

/// Refuses features, labels and weights that do not fit together, or that nothing can be learned from.
pub(super) fn check_rows(columns: &[&[f32]], labels: &[bool], weights: &[f32]) -> Result<()> {
    let rows = labels.len();
    if let Some(other) = columns.iter().map(|column| column.len()).chain([weights.len()]).find(|&other| other != rows) {
        return Err(Error::mismatch("rows", format!("{rows}, as many as labels"), other));
    }
    if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        return Err(Error::mismatch("weights", "finite numbers of at least 0", wrong));
    }
    if let Some(wrong) = columns.iter().flat_map(|column| column.iter()).find(|value| value.is_infinite()) {
        return Err(Error::mismatch("features", "finite numbers, or NaN where missing", wrong));
    }
    let has = |wanted: bool| labels.iter().zip(weights).any(|(&bound, &weight)| bound == wanted && weight > 0.0);
    if !has(true) || !has(false) {
        return Err(Error::mismatch("labels", "both bound and unbound", "one of them"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{Sampler, SamplerConfig},
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    #[test]
    fn ambiguous_labels_follow_the_policy_and_missing_ones_do_not_count() {
        let found = |label, ambiguous| parts(label, ambiguous).collect::<Vec<_>>();
        assert_eq!(found(Label::Missing, Ambiguous::Unbound), []);
        assert_eq!(found(Label::Ambiguous, Ambiguous::Masked), []);
        assert_eq!(found(Label::Ambiguous, Ambiguous::Class), [(false, 1.0)]);
        assert_eq!(found(Label::Ambiguous, Ambiguous::Soft(0.25)), [(false, 0.75), (true, 0.25)]);
        assert_eq!(found(Label::Bound, Ambiguous::Masked), [(true, 1.0)]);
    }

    #[test]
    fn draws_are_those_of_training_and_weights_add_up() {
        let folder = TestFolder::new("training-set");
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let sampler = Sampler::new(&dataset, &[2], 300, &SamplerConfig::default(), 5).unwrap();
        let budget = sampler.epoch_len() + 7;
        let set = TrainingSet::draw(&sampler, budget);
        let expected: Vec<_> = sampler.epoch(0).into_iter().chain(sampler.epoch(1)).take(budget).collect();
        assert_eq!(set.draws().len(), budget);
        for ((index, weight), draw) in set.draws().zip(&expected) {
            assert_eq!((set.samples()[index], weight), (draw.sample, draw.weight));
        }
        let labels = set.labels(&dataset, 2, Ambiguous::Masked);
        assert!(labels.bound.contains(&true) && labels.bound.contains(&false));
        for ((&index, &bound), &weight) in labels.indices.iter().zip(&labels.bound).zip(&labels.weights) {
            let sample = set.samples()[index];
            assert_eq!(dataset.label(2, sample), if bound { Label::Bound } else { Label::Unbound });
            let weights = expected.iter().filter(|draw| draw.sample == sample).map(|draw| draw.weight);
            assert!((weights.sum::<f32>() - weight).abs() < 1e-4 * weight);
        }
    }
}
