//! Baselines that look labels and accessibility up, and learn nothing.

use rayon::prelude::*;

use crate::{
    Result,
    data::{Dataset, Sample, SampleSet, Split},
    genome::Label,
    predict::Predictions,
};

/// Added to the average before it is multiplied, so that accessibility counts where no other cell type is bound.
const PSEUDOCOUNT: f32 = 0.05;

/// A baseline that is looked up: nothing is learned.
///
/// The average reads labels at the very places that are scored. Where the test places were not trained on, that is more
/// than a model knows, and a reference rather than a rival. Where they were, in other cell types, a model has seen the
/// same labels, and should be better.
///
/// # References
///
/// Schreiber et al. 2020, [doi:10.1186/s13059-020-02177-y](https://doi.org/10.1186/s13059-020-02177-y), on models of
/// many cell types that do no better than their average.
///
/// # Examples
///
/// ```
/// use multitf::{
///     baseline::Lookup,
///     data::{Dataset, Split},
///     eval::Evaluation,
///     simulate::{SimulationConfig, simulate},
/// };
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-lookup-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let evaluation = Evaluation::new(&dataset, Split::Test, 240)?;
/// let average = Lookup::Average.predict(&dataset, &[0], evaluation.samples())?;
/// if let Some(average) = average {
///     println!("{:?}", evaluation.score("average", 0, &average)?[0].average_precision);
/// }
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lookup {
    /// The mean accessibility of the bin, which is the same for all factors.
    Accessibility,
    /// The mean label at the bin in the other cell types to train on: 1 for a bound bin, 1/2 for an ambiguous one.
    Average,
    /// (average + 0.05) x ln(1 + accessibility).
    AverageAccessibility,
}

impl Lookup {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accessibility, Self::Average, Self::AverageAccessibility];

    /// Returns the name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accessibility => "accessibility",
            Self::Average => "average",
            Self::AverageAccessibility => "average-accessibility",
        }
    }

    /// Returns a description, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Accessibility => "The accessibility of the bin; the same for all factors.",
            Self::Average => "The mean label of the bin in the other cell types to train on.",
            Self::AverageAccessibility => "The mean label in the other cell types, times the bin's log accessibility.",
        }
    }

    /// Returns whether it needs accessibility.
    pub fn needs_accessibility(self) -> bool {
        self != Self::Average
    }

    /// Returns whether it needs labels of other cell types.
    pub fn needs_average(self) -> bool {
        self != Self::Accessibility
    }

    /// Returns whether it is known for all tasks of a factor in one of a split's cell types.
    pub(crate) fn is_known(self, dataset: &Dataset, factor: &str, split: Split) -> bool {
        let tasks: Vec<usize> =
            (0..dataset.tasks().len()).filter(|&task| dataset.tasks()[task].factor == factor).collect();
        dataset.split_cells(split).iter().any(|&cell| self.is_known_in(dataset, &tasks, cell as u16))
    }

    fn is_known_in(self, dataset: &Dataset, tasks: &[usize], cell: u16) -> bool {
        let has_signal = dataset.has_signal() || !self.needs_accessibility();
        let has_others = |&task: &usize| !others(dataset, task, cell).is_empty();
        has_signal && (!self.needs_average() || tasks.iter().all(has_others))
    }

    /// Scores samples in those cell types where it is known for all of some tasks; `None` if there is none.
    ///
    /// `logits` holds scores, which rank as log-odds do. The average is 0 where no other cell type has a label.
    ///
    /// # Errors
    ///
    /// [`Error::Tasks`](crate::Error::Tasks) for tasks that are not the data set's, each once.
    pub fn predict(self, dataset: &Dataset, tasks: &[usize], samples: &SampleSet) -> Result<Option<Predictions>> {
        dataset.check_tasks(tasks)?;
        let samples = samples.in_cells(|cell| self.is_known_in(dataset, tasks, cell));
        if samples.is_empty() {
            return Ok(None);
        }
        let logits = tasks.iter().map(|&task| self.scores(dataset, task, &samples)).collect();
        Ok(Some(Predictions { samples, tasks: tasks.to_vec(), logits }))
    }

    fn scores(self, dataset: &Dataset, task: usize, samples: &SampleSet) -> Vec<f32> {
        let others: Vec<Vec<u16>> = (0..dataset.cells().len() as u16).map(|cell| others(dataset, task, cell)).collect();
        let samples: Vec<Sample> = samples.iter().collect();
        let score = |&sample: &Sample| {
            let average = || average(dataset, task, sample, &others[usize::from(sample.cell)]);
            match self {
                Self::Accessibility => accessibility(dataset, sample),
                Self::Average => average(),
                Self::AverageAccessibility => (average() + PSEUDOCOUNT) * accessibility(dataset, sample).ln_1p(),
            }
        };
        samples.par_iter().map(score).collect()
    }
}

/// The other cell types to train on where a task was measured.
fn others(dataset: &Dataset, task: usize, cell: u16) -> Vec<u16> {
    let trained = dataset.split_cells(Split::Train).iter().map(|&other| other as u16);
    trained.filter(|&other| other != cell && dataset.is_measured(task, usize::from(other))).collect()
}

/// The mean label at a sample's bin in other cell types; 0 if all are missing.
fn average(dataset: &Dataset, task: usize, sample: Sample, others: &[u16]) -> f32 {
    let labels = others.iter().map(|&cell| dataset.label(task, Sample { cell, ..sample }));
    let value = |label| match label {
        Label::Missing => None,
        Label::Unbound => Some(0.0),
        Label::Ambiguous => Some(0.5),
        Label::Bound => Some(1.0),
    };
    let values: Vec<f32> = labels.filter_map(value).collect();
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

/// The mean of a bin's accessibility, not transformed; below 0 it is 0.
fn accessibility(dataset: &Dataset, sample: Sample) -> f32 {
    let bin = dataset.grid().interval(sample.bin as usize);
    dataset.signal(usize::from(sample.cell)).map_or(0.0, |track| track.mean(bin).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::DatasetOptions,
        eval::{Evaluation, ModelMean},
        simulate::{SimulationConfig, simulate},
        testing::{TestFolder, real_data},
    };

    fn world(folder: &TestFolder) -> Dataset {
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let options = DatasetOptions { factors: Some(vec!["CTCF".into(), "MAX".into()]), ..DatasetOptions::default() };
        Dataset::open_with(folder.path().join("dataset.toml"), &options).unwrap()
    }

    #[test]
    fn an_average_is_of_the_other_cell_types_alone_and_unknown_without_any() {
        let folder = TestFolder::new("lookup");
        let mut dataset = world(&folder);
        let samples = dataset.samples(Split::Valid, 240).unwrap();
        let cells: Vec<u16> = (0..3).filter(|&cell| dataset.is_measured(0, cell)).map(|cell| cell as u16).collect();
        assert!(cells.len() > 1, "{cells:?}");
        let predict = |dataset: &Dataset| Lookup::Average.predict(dataset, &[0], &samples).unwrap().unwrap();
        let average = predict(&dataset);
        let mut bound = 0;
        for (sample, found) in average.samples.iter().zip(&average.logits[0]) {
            let others = cells.iter().filter(|&&cell| cell != sample.cell);
            let values: Vec<f32> = others
                .filter_map(|&cell| match dataset.label(0, Sample { cell, ..sample }) {
                    Label::Missing => None,
                    label => Some([0.0, 0.0, 0.5, 1.0][label as usize]),
                })
                .collect();
            assert_eq!(*found, values.iter().sum::<f32>() / values.len().max(1) as f32);
            bound += usize::from(*found > 0.5);
        }
        assert!(bound > 0);
        // What is scored is never read.
        dataset.hide_labels(|track, _| track.cell == usize::from(cells[0]));
        let hidden = predict(&dataset);
        for (sample, (before, after)) in average.samples.iter().zip(average.logits[0].iter().zip(&hidden.logits[0])) {
            assert!(sample.cell != cells[0] || before == after);
        }
        assert_ne!(average.logits, hidden.logits);
    }

    #[test]
    fn accessibility_is_known_in_every_cell_type_and_scales_the_average() {
        let folder = TestFolder::new("lookup-accessibility");
        let dataset = world(&folder);
        let samples = dataset.samples(Split::Valid, 240).unwrap();
        let predict = |lookup: Lookup| lookup.predict(&dataset, &[1], &samples).unwrap().unwrap();
        let [signal, average, product] = Lookup::ALL.map(predict);
        assert_eq!(signal.samples.len(), samples.len());
        assert_eq!(average.samples.first_difference(&product.samples), None);
        let ranges = product.samples.ranges_in(&samples).unwrap();
        let signal = ranges.into_iter().flat_map(|(_, range)| signal.logits[0][range].to_vec());
        for ((signal, average), product) in signal.zip(&average.logits[0]).zip(&product.logits[0]) {
            assert_eq!(*product, (average + 0.05) * signal.ln_1p());
        }
    }

    /// The numbers of an independent script, to three digits.
    #[test]
    fn encode5_has_the_scores_that_an_independent_script_found() {
        let Some(folder) = real_data("encode5") else { return };
        let copy = TestFolder::new("lookup-encode5");
        let text = std::fs::read_to_string(folder.join("dataset.toml")).unwrap();
        let text = text.replace("\"chr22:16847850-22000000\"", "\"chr20:1600000-11095000\"");
        let path = |name: &str| format!("\"{}/{name}", folder.display());
        let names = ["genome.fa.gz", "motifs.meme", "blacklist.bed", "DNase", "peaks/"];
        let text = names.iter().fold(text, |text, name| text.replace(&format!("\"{name}"), &path(name)));
        let seen = Dataset::open(copy.write("dataset.toml", text)).unwrap();
        let unseen = Dataset::open(folder.join("dataset.toml")).unwrap();
        let scores = |dataset: &Dataset, lookup: Lookup| {
            let evaluation = Evaluation::new(dataset, Split::Test, 200).unwrap();
            let predict = |task| lookup.predict(dataset, &[task], evaluation.samples()).unwrap();
            let all: Vec<Predictions> = (0..dataset.tasks().len()).filter_map(predict).collect();
            let rows: Vec<_> = all.iter().flat_map(|all| evaluation.score(lookup.name(), 0, all).unwrap()).collect();
            let mean = &ModelMean::all(&rows)[0];
            let round = |score: Option<f64>| (score.unwrap() * 1e3).round() as u64;
            (mean.tracks, round(mean.average_precision), round(mean.differing_ap))
        };
        let found = [&unseen, &seen].map(|dataset| Lookup::ALL.map(|lookup| scores(dataset, lookup)));
        let expected =
            [[(30, 177, 354), (30, 170, 131), (30, 309, 191)], [(30, 137, 559), (30, 248, 413), (30, 317, 453)]];
        assert_eq!(found, expected);
    }
}
