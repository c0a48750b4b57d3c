//! Labels planted so that every wrong mask has an effect.

use burn::tensor::{Int, Tensor};

use super::MaskFault;
use crate::{Error, Result, data::Batch, genome::Label};

/// Labels of some samples; the last sample has none.
pub(super) struct PlantedLabels {
    pub(super) tasks: usize,
    /// `[batch, task]`
    labels: Vec<Label>,
}

impl PlantedLabels {
    /// With at least `MIN` samples each task has each label; more than `MAX` are not needed.
    const MIN: usize = 4;
    const MAX: usize = 16;

    /// The audited samples of a batch, some of them twice if there are few, and one more.
    pub(super) fn rows(batch: &Batch) -> Vec<i32> {
        let [size, _] = batch.labels.dims();
        assert!(size > 0, "a batch of {size} samples");
        (0..=size.clamp(Self::MIN, Self::MAX)).map(|row| (row % size) as i32).collect()
    }

    pub(super) fn new(batch: &Batch) -> Self {
        let [_, tasks] = batch.labels.dims();
        let own: Vec<i32> = batch.labels.clone().into_data().iter::<i32>().collect();
        let rows = Self::rows(batch);
        let last = rows.len() - 1;
        let label = |row: usize, task: usize| {
            let own = usize::try_from(own[rows[row] as usize * tasks + task]).ok();
            let own = own.and_then(|code| Label::ALL.get(code)).copied().unwrap_or_default();
            let is_observed = matches!(own, Label::Unbound | Label::Bound);
            match (row + task) % 4 {
                _ if row == last => Label::Missing,
                0 => Label::Missing,
                1 if !is_observed => Label::Unbound,
                2 if !is_observed => Label::Bound,
                _ => own,
            }
        };
        let labels = (0..rows.len()).flat_map(|row| (0..tasks).map(move |task| (row, task)));
        Self { tasks, labels: labels.map(|(row, task)| label(row, task)).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn codes(&self) -> Vec<i32> {
        self.map(|_, label| label as i32)
    }

    pub(super) fn count(&self, wanted: Label) -> usize {
        self.labels.iter().filter(|label| **label == wanted).count()
    }

    pub(super) fn observed(&self) -> usize {
        self.count(Label::Unbound) + self.count(Label::Bound)
    }

    /// The codes with another number for missing labels, in one task or in all.
    pub(super) fn with_missing(&self, code: i32, task: Option<usize>) -> Vec<i32> {
        self.map(|at, label| if is_missing(label, at, task) { code } else { label as i32 })
    }

    /// A number where labels are missing, in one task or in all, and 0 elsewhere.
    pub(super) fn at_missing(&self, number: f32, task: Option<usize>) -> Vec<f32> {
        self.map(|at, label| if is_missing(label, at, task) { number } else { 0.0 })
    }

    /// The codes with bound and unbound exchanged in a task.
    pub(super) fn flipped(&self, task: usize) -> Vec<i32> {
        self.map(|at, label| match label {
            Label::Unbound if at == task => Label::Bound as i32,
            Label::Bound if at == task => Label::Unbound as i32,
            other => other as i32,
        })
    }

    /// The task of the first such label for which something holds.
    pub(super) fn find(&self, wanted: Label, holds: impl Fn(usize) -> bool) -> Option<usize> {
        let mut indices = (0..self.labels.len()).filter(|&index| self.labels[index] == wanted);
        indices.find(|&index| holds(index)).map(|index| index % self.tasks)
    }

    /// Returns an error with the task for which `is_wrong` holds, if it holds for all tasks together.
    pub(super) fn find_task(&self, is_wrong: impl Fn(Option<usize>) -> bool, fault: MaskFault) -> Result<()> {
        if !is_wrong(None) {
            return Ok(());
        }
        let task = (0..self.tasks).find(|task| is_wrong(Some(*task))).unwrap_or_default();
        Err(Error::MaskAudit { task, fault })
    }

    fn map<T>(&self, value: impl Fn(usize, Label) -> T) -> Vec<T> {
        self.labels.iter().enumerate().map(|(index, label)| value(index % self.tasks, *label)).collect()
    }
}

/// Whether a label is missing, and of the task if one is given.
fn is_missing(label: Label, at: usize, task: Option<usize>) -> bool {
    label == Label::Missing && task.is_none_or(|task| task == at)
}

/// Changes every base of the last sample.
pub(super) fn with_last_sequence_changed(codes: Tensor<2, Int>) -> Tensor<2, Int> {
    let [rows, length] = codes.dims();
    let last = codes.clone().slice(burn::tensor::s![rows - 1..]);
    let other = last.add_scalar(1).remainder_scalar(4);
    codes.slice_assign(burn::tensor::s![rows - 1.., ..length], other)
}
