//! Scores predictions on a split of a data set.

use std::{collections::HashMap, ops::Range};

use crate::{
    Error, Result,
    data::{Dataset, Sample, SampleSet, Split},
    eval::{Blocks, MIN_BLOCK_BP, ScoreRow, ScoredTrack},
    genome::Label,
    metric::RankedTrack,
    nn::Network,
    predict::{PredictionFault, Predictions, all_tasks, predict_samples},
};

/// A split of a data set, ready to score predictions.
///
/// ```no_run
/// use multitf::{data::{Dataset, Split}, eval::Evaluation, nn::Model};
///
/// # fn example(dataset: &Dataset, model: &Model) -> multitf::Result<()> {
/// let evaluation = Evaluation::new(dataset, Split::Valid, 300)?;
/// for row in evaluation.score("multi", 0, &evaluation.predict(model)?)? {
///     println!("{} in {}: {:?}", row.tf, row.cell, row.average_precision);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Evaluation<'a> {
    dataset: &'a Dataset,
    split: Split,
    samples: SampleSet,
    /// Whether any factor binds a sample, for each cell type that tasks name, or for all tasks.
    any_bound: HashMap<Option<String>, Vec<bool>>,
    blocks: Blocks,
}

/// A track's bins as a model ranks them, for the bootstrap.
#[derive(Debug)]
pub struct TrackRanking {
    /// The factor.
    pub tf: String,
    /// The cell type.
    pub cell: String,
    /// The bins in the order of their scores.
    pub ranking: RankedTrack,
}

impl<'a> Evaluation<'a> {
    /// Collects the samples of a split.
    ///
    /// # Errors
    ///
    /// [`Error::EmptySplit`] if there is none.
    pub fn new(dataset: &'a Dataset, split: Split, context_bp: usize) -> Result<Self> {
        let samples = dataset.samples(split, context_bp)?;
        let grid = dataset.grid();
        let mut any_bound: HashMap<Option<String>, Vec<bool>> = HashMap::new();
        for (index, task) in dataset.tasks().iter().enumerate() {
            let bound = any_bound.entry(task.cell.clone()).or_insert_with(|| vec![false; samples.len()]);
            for (bound, sample) in bound.iter_mut().zip(samples.iter()) {
                *bound |= dataset.label(index, sample) == Label::Bound;
            }
        }
        let blocks = Blocks::new(samples.iter().map(|sample| grid.interval(sample.bin as usize)), MIN_BLOCK_BP);
        Ok(Self { dataset, split, samples, any_bound, blocks })
    }

    /// Returns the split.
    pub fn split(&self) -> Split {
        self.split
    }

    /// Returns the name of the split in tables: `left-out` for a cell type that was
    /// [left out](Dataset::leave_out), which is scored where others are validated.
    pub fn split_name(&self) -> &'static str {
        self.dataset.split_name(self.split)
    }

    /// Applies a network whose outputs are all tasks of the data set to the samples.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for another number of outputs, and those of [`predict_samples`].
    pub fn predict(&self, network: &impl Network) -> Result<Predictions> {
        self.predict_tasks(network, &all_tasks(network, self.dataset)?)
    }

    /// Applies a network of some of the tasks, listed in the order of its outputs, to the samples.
    ///
    /// # Errors
    ///
    /// Those of [`predict_samples`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use multitf::{data::{Dataset, Split}, eval::Evaluation, nn::Model};
    ///
    /// # fn example(dataset: &Dataset, single: &Model) -> multitf::Result<()> {
    /// let evaluation = Evaluation::new(dataset, Split::Valid, 300)?;
    /// let rows = evaluation.score("single", 0, &evaluation.predict_tasks(single, &[3])?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn predict_tasks(&self, network: &impl Network, tasks: &[usize]) -> Result<Predictions> {
        predict_samples(network, self.dataset, tasks, self.samples.clone())
    }

    /// Returns the samples.
    pub fn samples(&self) -> &SampleSet {
        &self.samples
    }

    /// Returns the number of genome blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Scores a model on each track with labels.
    ///
    /// Predictions may be of some of the split's cell types.
    ///
    /// # Errors
    ///
    /// [`Error::Predictions`] unless the predictions are of this split's samples, all of those in a cell type, in their
    /// order, and of the data set's tasks, each at most once; [`Error::ScoreNan`] if a prediction is not a number.
    pub fn score(&self, model: &str, seed: u64, predictions: &Predictions) -> Result<Vec<ScoreRow>> {
        let ranges = self.check(predictions)?;
        self.tracks(predictions, &ranges)
            .map(|track| {
                let (tf, cell) = self.names(&track);
                let split = self.split_name();
                let any_bound = &self.any_bound[&self.dataset.tasks()[track.task].cell];
                let scored = ScoredTrack { model, seed, split, tf, cell };
                let row = ScoreRow::new(scored, track.logits, &track.labels, &any_bound[track.range.clone()])?;
                row.with_differing(track.logits, &track.labels, &self.differing(&track))
            })
            .collect()
    }

    /// Ranks the bins of each track with labels, for the bootstrap.
    ///
    /// # Errors
    ///
    /// Those of [`score`](Self::score).
    pub fn rank(&self, predictions: &Predictions) -> Result<Vec<TrackRanking>> {
        let ranges = self.check(predictions)?;
        self.tracks(predictions, &ranges)
            .map(|track| {
                let (tf, cell) = self.names(&track);
                let blocks = &self.blocks.by_bin()[track.range.clone()];
                let (tf, cell) = (tf.to_owned(), cell.to_owned());
                Ok(TrackRanking { tf, cell, ranking: RankedTrack::new(track.logits, &track.labels, blocks)? })
            })
            .collect()
    }

    /// Returns the ranks of the predictions' samples among those of this split, by cell type.
    fn check(&self, predictions: &Predictions) -> Result<Vec<(u16, Range<usize>)>> {
        let samples = &predictions.samples;
        let ranges = samples.ranges_in(&self.samples).filter(|ranges| !ranges.is_empty());
        let Some(ranges) = ranges else {
            let first = self.samples.first_difference(samples).unwrap_or_default();
            let (split, expected, found) = (self.split.name(), self.samples.len(), samples.len());
            return Err(Error::Predictions { fault: PredictionFault::Samples { split, expected, found, first } });
        };
        predictions.check(self.dataset)?;
        Ok(ranges)
    }

    fn tracks<'b>(
        &'b self,
        predictions: &'b Predictions,
        ranges: &'b [(u16, Range<usize>)],
    ) -> impl Iterator<Item = Track<'b>> {
        let logits = predictions.tasks.iter().zip(&predictions.logits);
        logits.flat_map(move |(&task, logits)| {
            let cells = predictions.samples.cell_ranges().zip(ranges);
            let measured = cells.filter(move |((cell, _), _)| self.dataset.is_measured(task, usize::from(*cell)));
            measured.map(move |((cell, own), (_, range))| {
                let labels = self.range_samples(range).map(|sample| self.dataset.label(task, sample)).collect();
                Track { task, cell, range: range.clone(), logits: &logits[own], labels }
            })
        })
    }

    fn range_samples(&self, range: &Range<usize>) -> impl Iterator<Item = Sample> {
        self.samples.iter().skip(range.start).take(range.len())
    }

    /// Whether a track's bins differ between the cell types where its factor was measured: bound in some of them, and
    /// not in all.
    fn differing(&self, track: &Track<'_>) -> Vec<bool> {
        let cells: Vec<u16> = (0..self.dataset.cells().len())
            .filter(|cell| self.dataset.is_measured(track.task, *cell))
            .map(|cell| cell as u16)
            .collect();
        let differs = |sample: Sample| {
            let label = |&cell: &u16| self.dataset.label(track.task, Sample { cell, ..sample });
            let bound = cells.iter().filter(|cell| label(cell) == Label::Bound).count();
            (1..cells.len()).contains(&bound)
        };
        self.range_samples(&track.range).map(differs).collect()
    }

    /// The names of a track's factor and cell type.
    fn names(&self, track: &Track<'_>) -> (&str, &str) {
        let task = &self.dataset.tasks()[track.task];
        let cell = &self.dataset.cells()[usize::from(track.cell)].name;
        (&task.factor, task.cell.as_ref().unwrap_or(cell))
    }
}

/// A task in a cell type.
struct Track<'a> {
    task: usize,
    cell: u16,
    range: Range<usize>,
    logits: &'a [f32],
    labels: Vec<Label>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::RngExt;

    use super::*;
    use crate::{
        metric::Curve,
        simulate::{SimulationConfig, Truth, simulate},
        testing::TestFolder,
    };

    #[test]
    fn every_measured_track_is_scored_and_the_truth_scores_high() {
        let folder = TestFolder::new("evaluation");
        simulate(&SimulationConfig { total_bases: 900_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let truth = Truth::open(folder.path()).unwrap();
        let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
        let samples = evaluation.samples().clone();
        let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
        let best_scores = |&task: &usize| {
            let factor = &dataset.tasks()[task].factor;
            let cells: Vec<_> = dataset.cells().iter().map(|cell| truth.best_scores(factor, &cell.name)).collect();
            let bins = samples.iter().map(|s| (usize::from(s.cell), s.bin as usize));
            bins.map(|(cell, bin)| cells[cell].as_ref().map_or(0.0, |bins| bins[bin])).collect()
        };
        let logits = tasks.iter().map(best_scores).collect();
        let predictions = Predictions { samples: samples.clone(), tasks, logits };
        let rows = evaluation.score("truth", 4, &predictions).unwrap();
        let measured = dataset.tracks().count();
        assert_eq!((rows.len(), evaluation.rank(&predictions).unwrap().len()), (measured, measured));
        let scores: Vec<f64> = rows.iter().filter_map(|row| row.average_precision).collect();
        assert!(scores.iter().sum::<f64>() / scores.len() as f64 > 0.6, "{scores:?}");
        assert!(rows.iter().all(|row| (row.positives > 0) == row.average_precision.is_some()));
        assert!(rows.iter().all(|row| (row.seed, row.split.as_str()) == (4, "valid")));
    }

    #[test]
    fn predictions_of_other_samples_or_tasks_are_refused() {
        let folder = TestFolder::new("evaluation-other");
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
        let fault = |samples: SampleSet, tasks: &[usize]| {
            let logits = vec![vec![0.5; samples.len()]; tasks.len()];
            let predictions = Predictions { samples, tasks: tasks.to_vec(), logits };
            let faults =
                [evaluation.score("multi", 0, &predictions).map(|_| ()), evaluation.rank(&predictions).map(|_| ())];
            let [scored, ranked] = faults.map(|result| match result {
                Err(Error::Predictions { fault }) => Some(fault),
                other => other.map(|()| None).unwrap(),
            });
            assert_eq!(scored, ranked);
            scored
        };
        let valid = || evaluation.samples().clone();
        assert_eq!(fault(valid(), &[1, 0]), None);
        let test = dataset.samples(Split::Test, 300).unwrap();
        let (expected, found) = (valid().len(), test.len());
        let other = PredictionFault::Samples { split: "valid", expected, found, first: 0 };
        let some = valid().in_cells(|cell| cell == 1);
        assert_eq!(fault(some, &[1, 0]), None, "of one cell type");
        let none = PredictionFault::Samples { split: "valid", expected, found: 0, first: 0 };
        assert_eq!(fault(valid().in_cells(|_| false), &[0]), Some(none));
        assert_eq!(fault(test, &[0]), Some(other));
        assert_eq!(fault(valid(), &[0, 1, 0]), Some(PredictionFault::RepeatedTask { task: 0 }));
        let tasks = dataset.tasks().len();
        assert_eq!(fault(valid(), &[tasks]), Some(PredictionFault::UnknownTask { task: tasks, tasks }));
        let error = evaluation
            .score("multi", 0, &Predictions { samples: valid(), tasks: vec![3], logits: vec![vec![0.5; 7]] })
            .unwrap_err();
        let expected = format!("predictions: expected {expected} log-odds of task 3, one for each sample, found 7");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn bins_that_any_factor_binds_and_blocks_are_those_of_a_tracks_own_cell_type() {
        let folder = TestFolder::new("evaluation-cells");
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let mut dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        // Cell types differ in their bins, so that their samples do not lie side by side.
        dataset.hide_labels(|track, bin| track.cell == 0 && bin.start % 15_000 < 7_000);
        let evaluation = Evaluation::new(&dataset, Split::Valid, 300).unwrap();
        let samples = evaluation.samples().clone();
        let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
        let random_scores = |&task: &usize| {
            let mut random = crate::random::stream(&[task as u64]);
            (0..samples.len()).map(|_| random.random()).collect()
        };
        let logits: Vec<Vec<f32>> = tasks.iter().map(random_scores).collect();
        let predictions = Predictions { samples: samples.clone(), tasks: tasks.clone(), logits: logits.clone() };
        let rows = evaluation.score("random", 0, &predictions).unwrap();
        let ranked = evaluation.rank(&predictions).unwrap();
        let intervals = samples.iter().map(|sample| dataset.grid().interval(sample.bin as usize));
        let blocks = Blocks::new(intervals, MIN_BLOCK_BP);
        let mut compared = 0;
        for (row, ranked) in rows.iter().zip(&ranked) {
            let task = dataset.tasks().iter().position(|task| task.factor == row.tf).unwrap();
            let cell = dataset.cells().iter().position(|cell| cell.name == row.cell).unwrap();
            let own = || samples.iter().enumerate().filter(|(_, sample)| usize::from(sample.cell) == cell);
            let is_bound = |task: &usize, sample| dataset.label(*task, sample) == Label::Bound;
            let bound_by_any = own().filter(|(_, sample)| tasks.iter().any(|task| is_bound(task, *sample)));
            let (scores, labels): (Vec<_>, Vec<_>) =
                bound_by_any.map(|(place, sample)| (logits[task][place], dataset.label(task, sample))).unzip();
            assert_eq!(row.bound_ap, Curve::new(&scores, &labels).unwrap().average_precision(), "{}", row.tf);
            let bound = own().filter(|(_, sample)| is_bound(&task, *sample));
            let expected: BTreeSet<u32> = bound.map(|(place, _)| blocks.by_bin()[place]).collect();
            assert_eq!(ranked.ranking.bound_blocks(), expected.into_iter().collect::<Vec<_>>());
            compared += usize::from(row.bound_ap.is_some());
        }
        assert!(compared > 10, "{compared}");
    }
}
