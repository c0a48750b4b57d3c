//! Models scored on the same bins, and compared with each other.

use super::{
    bootstrap::{Bootstrap, Resampled},
    comparison::{Compared, ComparisonRow},
    evaluation::Evaluation,
    score::ScoreRow,
};
use crate::{Result, metric::RankedTrack, predict::Predictions};

/// Models scored on the same bins, and compared with each other.
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{
///     data::{Dataset, Split},
///     eval::{contest::Contest, evaluation::Evaluation},
///     nn::Model,
///     predict::predict,
/// };
///
/// # fn example(dataset: &Dataset, models: [(&str, Model); 2], tasks: &[usize]) -> multitf::Result<()> {
/// let mut contest = Contest::new(Evaluation::new(dataset, Split::Valid, 300)?);
/// for (name, model) in &models {
///     let samples = contest.evaluation().samples().clone();
///     contest.enter(name, 0, &predict(model, dataset, tasks, samples, 300, &Device::default())?)?;
/// }
/// for row in contest.compare(models[0].0, models[1].0)? {
///     println!("{}: {:?} {:?}", row.tf, row.delta, row.verdict);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Contest<'a> {
    evaluation: Evaluation<'a>,
    bootstrap: Bootstrap,
    entries: Vec<Entry>,
}

/// A model's tracks for one seed.
#[derive(Debug, Default)]
struct Entry {
    model: String,
    seed: u64,
    /// Factor and cell type.
    names: Vec<(String, String)>,
    tracks: Vec<RankedTrack>,
    /// Of the first tracks: they are resampled when they are first compared.
    resampled: Vec<Option<Resampled>>,
}

impl Entry {
    fn is_of(&self, model: &str, seed: u64) -> bool {
        self.model == model && self.seed == seed
    }

    /// The replicates of some tracks.
    fn resampled(
        &mut self,
        names: &[(String, String)],
        bootstrap: &Bootstrap,
        blocks: usize,
    ) -> Vec<Option<Resampled>> {
        let new = bootstrap.resample(&self.tracks[self.resampled.len()..], blocks);
        self.resampled.extend(new);
        let place = |name: &(String, String)| self.names.iter().position(|known| known == name);
        names.iter().map(|name| self.resampled[place(name)?].clone()).collect()
    }
}

impl<'a> Contest<'a> {
    /// Opens a contest on a split.
    pub fn new(evaluation: Evaluation<'a>) -> Self {
        Self { evaluation, bootstrap: Bootstrap::default(), entries: Vec::new() }
    }

    /// Returns the split on which models are scored.
    pub fn evaluation(&self) -> &Evaluation<'a> {
        &self.evaluation
    }

    /// Scores a model, or a part of it that predicts some of the tasks.
    ///
    /// # Errors
    ///
    /// [`crate::Error::ScoreNan`] if a prediction is not a number.
    pub fn enter(&mut self, model: &str, seed: u64, predictions: &Predictions) -> Result<Vec<ScoreRow>> {
        let rows = self.evaluation.score(model, seed, predictions)?;
        let index = self.entries.iter().position(|entry| entry.is_of(model, seed)).unwrap_or_else(|| {
            self.entries.push(Entry { model: model.to_owned(), seed, ..Entry::default() });
            self.entries.len() - 1
        });
        for ranked in self.evaluation.rank(predictions)? {
            self.entries[index].names.push((ranked.tf, ranked.cell));
            self.entries[index].tracks.push(ranked.track);
        }
        Ok(rows)
    }

    /// Compares two models on the tracks on which both were scored: a row for each, and one for their mean. Nothing if
    /// one of the models has not been entered.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Mismatch`] where the models differ in their seeds.
    pub fn compare(&mut self, a: &str, b: &str) -> Result<Vec<ComparisonRow>> {
        let first = |model: &str| self.entries.iter().find(|entry| entry.model == model);
        let (Some(first_a), Some(first_b)) = (first(a), first(b)) else { return Ok(Vec::new()) };
        let common: Vec<(String, String)> =
            first_a.names.iter().filter(|name| first_b.names.contains(name)).cloned().collect();
        let (of_a, of_b) = (self.resampled(a, &common), self.resampled(b, &common));
        let differences = self.bootstrap.differences(&of_a, &of_b)?;
        let compared = Compared { model_a: a, model_b: b, split: self.evaluation.split().name() };
        let names: Vec<(&str, &str)> = common.iter().map(|(tf, cell)| (tf.as_str(), cell.as_str())).collect();
        ComparisonRow::all(compared, &names, &differences)
    }

    /// The replicates of some tracks of a model, for each seed.
    fn resampled(&mut self, model: &str, names: &[(String, String)]) -> Vec<Vec<Option<Resampled>>> {
        let (bootstrap, blocks) = (self.bootstrap, self.evaluation.blocks());
        let of_model = self.entries.iter_mut().filter(|entry| entry.model == model);
        of_model.map(|entry| entry.resampled(names, &bootstrap, blocks)).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::{
        data::{
            Dataset, Split,
            simulate::{SimulationConfig, simulate},
            test_folder::TestFolder,
        },
        random::stream,
    };

    #[test]
    fn a_model_of_parts_is_compared_as_a_whole_one() {
        let folder = TestFolder::new("contest");
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let mut contest = Contest::new(Evaluation::new(&dataset, Split::Valid, 300).unwrap());
        let samples = contest.evaluation().samples().clone();
        let mut random = stream(&[1]);
        let mut drawn = || (0..samples.len()).map(|_| random.random::<f32>()).collect::<Vec<f32>>();
        let (first, second, other) = (drawn(), drawn(), drawn());
        let predictions = |tasks: &[usize], logits: Vec<Vec<f32>>| Predictions {
            samples: samples.clone(),
            tasks: tasks.to_vec(),
            logits,
        };
        contest.enter("whole", 0, &predictions(&[1, 4], vec![first.clone(), second.clone()])).unwrap();
        contest.enter("parts", 0, &predictions(&[1], vec![first])).unwrap();
        contest.enter("parts", 0, &predictions(&[4], vec![second])).unwrap();
        contest.enter("other", 0, &predictions(&[4], vec![other])).unwrap();
        let rows = contest.compare("whole", "parts").unwrap();
        let measured = dataset.tracks().filter(|track| [1, 4].contains(&track.task)).count();
        assert_eq!(rows.len(), measured + 1);
        assert!(rows.iter().all(|row| row.delta.is_none_or(|delta| delta == 0.0)));
        let of_whole = contest.compare("whole", "other").unwrap();
        let of_parts = contest.compare("parts", "other").unwrap();
        assert!(of_whole.len() < rows.len() && of_whole.last().unwrap().delta.unwrap() != 0.0);
        for (whole, parts) in of_whole.iter().zip(&of_parts) {
            assert_eq!((&whole.tf, whole.delta, whole.low), (&parts.tf, parts.delta, parts.low));
        }
        assert!(contest.compare("whole", "unknown").unwrap().is_empty());
    }
}
