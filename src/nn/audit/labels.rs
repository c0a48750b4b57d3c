//! Labels planted so that every wrong mask has an effect.

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::MaskFault;
use crate::{Error, Result, data::Batch, genome::Label};

/// Labels of some samples; the last sample has none.
pub(super) struct PlantedLabels {
    pub(super) tasks: usize,
    /// `[batch, task]`
    labels: Vec<Label>,
}

impl PlantedLabels {
    /// With at least `MIN` samples each task has missing, unbound and bound labels; more than `MAX` are not needed.
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
            match (row + task) % 4 {
                _ if row == last => Label::Missing,
                0 => Label::Missing,
                1 => Label::Unbound,
                2 => Label::Bound,
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

    /// The places of unbound and bound labels.
    pub(super) fn observed(&self) -> impl Iterator<Item = usize> {
        let is_observed = |place: &usize| matches!(self.labels[*place], Label::Unbound | Label::Bound);
        (0..self.labels.len()).filter(is_observed)
    }

    /// Copies codes to a device, `[batch, task]`.
    pub(super) fn tensor(&self, codes: &[i32], device: &Device) -> Tensor<2, Int> {
        Tensor::from_data(TensorData::new(codes.to_vec(), [codes.len() / self.tasks, self.tasks]), device)
    }

    /// The codes with another number for the missing labels of some tasks.
    pub(super) fn with_missing(&self, code: i32, tasks: &Range<usize>) -> Vec<i32> {
        self.map(|at, label| if label == Label::Missing && tasks.contains(&at) { code } else { label as i32 })
    }

    /// A number where labels of some tasks are missing, and 0 elsewhere.
    pub(super) fn at_missing(&self, number: f32, tasks: &Range<usize>) -> Vec<f32> {
        self.map(|at, label| if label == Label::Missing && tasks.contains(&at) { number } else { 0.0 })
    }

    /// The codes with bound and unbound exchanged in some places.
    pub(super) fn flipped(&self, places: &[usize]) -> Vec<i32> {
        let mut codes = self.codes();
        for &place in places {
            codes[place] = match self.labels[place] {
                Label::Unbound => Label::Bound,
                Label::Bound => Label::Unbound,
                other => other,
            } as i32;
        }
        codes
    }

    /// The task of the first such label for which something holds.
    pub(super) fn find(&self, wanted: Label, holds: impl Fn(usize) -> bool) -> Option<usize> {
        let mut indices = (0..self.labels.len()).filter(|&index| self.labels[index] == wanted);
        indices.find(|&index| holds(index)).map(|index| index % self.tasks)
    }

    /// Returns an error if something is wrong with all tasks together, with the first task where halving them finds it.
    pub(super) fn find_task(&self, is_wrong: impl Fn(&Range<usize>) -> bool, fault: MaskFault) -> Result<()> {
        let mut tasks = 0..self.tasks;
        if !is_wrong(&tasks) {
            return Ok(());
        }
        while tasks.len() > 1 {
            let middle = tasks.start + tasks.len() / 2;
            let first = tasks.start..middle;
            tasks = if is_wrong(&first) { first } else { middle..tasks.end };
        }
        Err(Error::MaskAudit { task: tasks.start, fault })
    }

    fn map<T>(&self, value: impl Fn(usize, Label) -> T) -> Vec<T> {
        self.labels.iter().enumerate().map(|(index, label)| value(index % self.tasks, *label)).collect()
    }
}

/// Changes every base of the last sample.
pub(super) fn with_last_sequence_changed(codes: Tensor<2, Int>) -> Tensor<2, Int> {
    let [rows, length] = codes.dims();
    let last = codes.clone().slice(burn::tensor::s![rows - 1..]);
    let other = last.add_scalar(1).remainder_scalar(4);
    codes.slice_assign(burn::tensor::s![rows - 1.., ..length], other)
}
