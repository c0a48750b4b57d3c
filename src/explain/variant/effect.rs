//! The effect of one variant.

use crate::predict::TrackValue;

/// The log-odds of each task without and with a variant.
///
/// # Examples
///
/// ```
/// use multitf::explain::VariantEffect;
///
/// let effect = VariantEffect::new(vec![0.0, -2.0], vec![1.0, -2.5]);
/// assert_eq!(effect.difference(1), -0.5);
/// assert_eq!(effect.strongest(1), [0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VariantEffect {
    reference: Vec<f32>,
    alternative: Vec<f32>,
}

/// What is written of a variant's effect on a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariantValue {
    /// That of the variant minus that of the genome.
    Difference,
    /// That of the genome.
    Reference,
    /// That of the variant.
    Alternative,
}

impl VariantValue {
    /// Returns the word that stands for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Difference => "difference",
            Self::Reference => "reference",
            Self::Alternative => "alternative",
        }
    }
}

impl VariantEffect {
    /// Joins the log-odds of all tasks without and with a variant.
    ///
    /// # Panics
    ///
    /// Panics if they differ in number.
    pub fn new(reference: Vec<f32>, alternative: Vec<f32>) -> Self {
        assert_eq!(reference.len(), alternative.len(), "log-odds of the same tasks");
        Self { reference, alternative }
    }

    /// Returns the log-odds of the genome's sequence, by task.
    pub fn reference(&self) -> &[f32] {
        &self.reference
    }

    /// Returns the log-odds of the sequence with the variant, by task.
    pub fn alternative(&self) -> &[f32] {
        &self.alternative
    }

    /// Returns the log-odds of a task with the variant minus those without.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn difference(&self, task: usize) -> f32 {
        self.alternative[task] - self.reference[task]
    }

    /// Returns a value of a task, as log-odds or as probability; of the latter the difference is one of probabilities.
    ///
    /// ```
    /// use multitf::{explain::{VariantEffect, VariantValue}, predict::TrackValue};
    ///
    /// let effect = VariantEffect::new(vec![0.0], vec![3.0]);
    /// assert_eq!(effect.value(0, VariantValue::Reference, TrackValue::Probability), 0.5);
    /// let gain = effect.value(0, VariantValue::Difference, TrackValue::Probability);
    /// assert!((gain - 0.4526).abs() < 1e-4);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn value(&self, task: usize, value: VariantValue, unit: TrackValue) -> f32 {
        let (reference, alternative) = (self.reference[task], self.alternative[task]);
        match (value, unit) {
            (VariantValue::Difference, TrackValue::LogOdds) => self.difference(task),
            (VariantValue::Difference, TrackValue::Probability) => unit.convert(alternative) - unit.convert(reference),
            (VariantValue::Reference, _) => unit.convert(reference),
            (VariantValue::Alternative, _) => unit.convert(alternative),
        }
    }

    /// Returns so many tasks whose log-odds change most, up or down, the strongest first; of equal ones the first.
    pub fn strongest(&self, count: usize) -> Vec<usize> {
        let mut tasks: Vec<usize> = (0..self.reference.len()).collect();
        tasks.sort_by(|&a, &b| self.difference(b).abs().total_cmp(&self.difference(a).abs()));
        tasks.truncate(count);
        tasks
    }

    /// Takes for each task the effect with the largest change, the first of equal ones.
    pub(super) fn largest(effects: impl IntoIterator<Item = Self>) -> Self {
        let mut effects = effects.into_iter();
        // There is a window for each variant that is scored.
        let mut largest = effects.next().unwrap_or_else(|| Self::new(Vec::new(), Vec::new()));
        for effect in effects {
            for task in 0..largest.reference.len() {
                if effect.difference(task).abs() > largest.difference(task).abs() {
                    largest.reference[task] = effect.reference[task];
                    largest.alternative[task] = effect.alternative[task];
                }
            }
        }
        largest
    }
}

/// The mean of some outputs over rows.
pub(super) fn mean<'a>(rows: impl Iterator<Item = &'a [f32]>, outputs: &[usize]) -> Vec<f32> {
    let (mut sums, mut count) = (vec![0.0_f64; outputs.len()], 0.0);
    for row in rows {
        count += 1.0;
        sums.iter_mut().zip(outputs).for_each(|(sum, &output)| *sum += f64::from(row[output]));
    }
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}
