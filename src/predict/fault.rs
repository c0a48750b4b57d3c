//! What is wrong with predictions.

use std::fmt;

use super::Predictions;
use crate::{
    Error, Result,
    data::{Dataset, Split},
};

/// What keeps predictions from being scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PredictionFault {
    /// They are of other samples than those that are scored.
    Samples {
        /// The split that is scored.
        split: Split,
        /// The number of its samples.
        expected: usize,
        /// The number of samples that were predicted.
        found: usize,
        /// The place of the first sample that differs, counted from 0.
        first: usize,
    },
    /// A sample's bin or cell type is none of the data set's.
    UnknownSample {
        /// The bin.
        bin: u32,
        /// The cell type.
        cell: u16,
    },
    /// There is not one list of log-odds for each task.
    Lists {
        /// The number of tasks.
        expected: usize,
        /// The number of lists.
        found: usize,
    },
    /// There is not one log-odds for each sample.
    Length {
        /// The task.
        task: usize,
        /// The number of samples.
        expected: usize,
        /// The number of log-odds.
        found: usize,
    },
    /// The data set has no such task.
    UnknownTask {
        /// The task.
        task: usize,
        /// How many tasks the data set has.
        tasks: usize,
    },
    /// A task was predicted twice.
    RepeatedTask {
        /// The task.
        task: usize,
    },
}

impl fmt::Display for PredictionFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples { split, expected, found, first } => write!(
                formatter,
                "expected the {expected} samples of the {split} split in their order, found {found} that differ from \
                 sample {first} on: predict the samples of the evaluation"
            ),
            Self::UnknownSample { bin, cell } => write!(
                formatter,
                "bin {bin} in cell type {cell} is not of this data set: predict samples of the data set that is scored"
            ),
            Self::Lists { expected, found } => {
                write!(formatter, "expected a list of log-odds for each of {expected} tasks, found {found}")
            }
            Self::Length { task, expected, found } => {
                write!(formatter, "expected {expected} log-odds of task {task}, one for each sample, found {found}")
            }
            Self::UnknownTask { task, tasks } => write!(
                formatter,
                "task {task} is not of this data set, which has {tasks}: number tasks as the data set does"
            ),
            Self::RepeatedTask { task } => write!(formatter, "task {task} was predicted twice: name each task once"),
        }
    }
}

impl Predictions {
    /// Refuses predictions that cannot be of a data set.
    ///
    /// # Errors
    ///
    /// [`Error::Predictions`].
    pub(crate) fn check(&self, dataset: &Dataset) -> Result<()> {
        self.check_names(dataset)?;
        self.other_length().map_or(Ok(()), |fault| Err(Error::Predictions { fault }))
    }

    /// Refuses tasks and samples that a data set has not.
    pub(super) fn check_names(&self, dataset: &Dataset) -> Result<()> {
        self.unknown_name(dataset).map_or(Ok(()), |fault| Err(Error::Predictions { fault }))
    }

    fn other_length(&self) -> Option<PredictionFault> {
        if self.tasks.len() != self.logits.len() {
            return Some(PredictionFault::Lists { expected: self.tasks.len(), found: self.logits.len() });
        }
        let expected = self.samples.len();
        let mut lengths = self.tasks.iter().zip(&self.logits).map(|(&task, logits)| (task, logits.len()));
        let other = lengths.find(|(_, found)| *found != expected);
        other.map(|(task, found)| PredictionFault::Length { task, expected, found })
    }

    fn unknown_name(&self, dataset: &Dataset) -> Option<PredictionFault> {
        let tasks = dataset.tasks().len();
        for (index, &task) in self.tasks.iter().enumerate() {
            if task >= tasks {
                return Some(PredictionFault::UnknownTask { task, tasks });
            }
            if self.tasks[..index].contains(&task) {
                return Some(PredictionFault::RepeatedTask { task });
            }
        }
        let is_known =
            |cell: u16, bin: u32| usize::from(cell) < dataset.cells().len() && (bin as usize) < dataset.grid().len();
        let last = self.samples.cell_ranges().filter_map(|(_, range)| self.samples.get(range.end.checked_sub(1)?));
        let mut unknown = last.filter(|sample| !is_known(sample.cell, sample.bin));
        unknown.next().map(|sample| PredictionFault::UnknownSample { bin: sample.bin, cell: sample.cell })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{
        simulate::{SimulationConfig, simulate},
        test_folder::TestFolder,
    };

    fn world(total_bases: usize, folder: &TestFolder) -> Dataset {
        simulate(&SimulationConfig { total_bases, ..SimulationConfig::default() }, folder.path()).unwrap();
        Dataset::open(folder.path().join("dataset.toml")).unwrap()
    }

    #[test]
    fn predictions_that_do_not_fit_are_refused_with_what_is_wrong() {
        let [folder, larger] = ["predictions", "predictions-larger"].map(TestFolder::new);
        let (dataset, larger) = (world(300_000, &folder), world(900_000, &larger));
        let samples = dataset.samples(Split::Test, 300).unwrap();
        let (scored, tasks) = (samples.len(), dataset.tasks().len());
        let fault = |tasks: &[usize], lengths: &[usize]| {
            let logits = lengths.iter().map(|length| vec![0.0; *length]).collect();
            let predictions = Predictions { samples: samples.clone(), tasks: tasks.to_vec(), logits };
            match predictions.average_precisions(&dataset) {
                Err(Error::Predictions { fault }) => Some(fault),
                other => other.map(|_| None).unwrap(),
            }
        };
        assert_eq!(fault(&[2, 0], &[scored; 2]), None);
        assert_eq!(fault(&[2, 0], &[scored]), Some(PredictionFault::Lists { expected: 2, found: 1 }));
        assert_eq!(fault(&[2], &[scored; 2]), Some(PredictionFault::Lists { expected: 1, found: 2 }));
        assert_eq!(fault(&[2, 0, 2], &[scored; 3]), Some(PredictionFault::RepeatedTask { task: 2 }));
        assert_eq!(fault(&[tasks], &[scored]), Some(PredictionFault::UnknownTask { task: tasks, tasks }));
        for found in [0, scored - 1, scored + 1] {
            let length = PredictionFault::Length { task: 0, expected: scored, found };
            assert_eq!(fault(&[2, 0], &[scored, found]), Some(length));
        }
        let samples = larger.samples(Split::Test, 300).unwrap();
        let logits = vec![vec![0.0; samples.len()]];
        let predictions = Predictions { samples, tasks: vec![0], logits };
        let error = predictions.average_precisions(&dataset).unwrap_err();
        assert!(matches!(error, Error::Predictions { fault: PredictionFault::UnknownSample { .. } }), "{error}");
    }
}
