//! Checks of predictions against a data set.

use super::Predictions;
use crate::{Error, Result, data::Dataset, error::PredictionFault};

impl Predictions {
    /// Checks that all tasks and samples are in the data set, and that there is a logit for each.
    ///
    /// # Errors
    ///
    /// [`Error::Predictions`].
    pub(crate) fn check(&self, dataset: &Dataset) -> Result<()> {
        self.check_names(dataset)?;
        self.length_fault().map_or(Ok(()), |fault| Err(Error::Predictions { fault }))
    }

    /// Checks that all tasks and samples are in the data set.
    pub(super) fn check_names(&self, dataset: &Dataset) -> Result<()> {
        self.name_fault(dataset).map_or(Ok(()), |fault| Err(Error::Predictions { fault }))
    }

    fn length_fault(&self) -> Option<PredictionFault> {
        if self.tasks.len() != self.logits.len() {
            return Some(PredictionFault::Lists { expected: self.tasks.len(), found: self.logits.len() });
        }
        let expected = self.samples.len();
        let mut lengths = self.tasks.iter().zip(&self.logits).map(|(&task, logits)| (task, logits.len()));
        let other = lengths.find(|(_, found)| *found != expected);
        other.map(|(task, found)| PredictionFault::Length { task, expected, found })
    }

    fn name_fault(&self, dataset: &Dataset) -> Option<PredictionFault> {
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
    use crate::{
        data::Split,
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    fn world(total_bases: usize, folder: &TestFolder) -> Dataset {
        simulate(&SimulationConfig { total_bases, ..SimulationConfig::default() }, folder.path()).unwrap();
        Dataset::open(folder.path().join("dataset.toml")).unwrap()
    }

    #[test]
    fn predictions_that_do_not_fit_are_refused_with_what_is_wrong() {
        let (folder, larger) = (TestFolder::new("predictions"), TestFolder::new("predictions-larger"));
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
