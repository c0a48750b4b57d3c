//! The inputs that a model was trained on.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt::Debug};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    data::{Dataset, SignalReference, SignalTransform, Split},
    genome::{Genome, Interval, SignalTrack},
    random::mix,
};

/// The inputs of a model in training and the priors that its predictions assume. Other data must agree with them.
///
/// A [`ModelFile`](crate::nn::ModelFile) holds them and checks a data set against them.
///
/// # Examples
///
/// ```
/// use multitf::{data::Dataset, nn::ModelInputs};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-inputs-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)))?;
/// # std::fs::write(folder.join("Reb1.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
/// # std::fs::write(folder.join("dataset.toml"), r#"
/// #     name = "small"
/// #     genome = "genome.fa"
/// #     windows = { bin_bp = 200, stride_bp = 50 }
/// #     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
/// #     tasks = { per = "tf" }
/// #     split = { valid = ["chr2"], test = ["chr3"] }
/// # "#)?;
/// # let path = folder.join("dataset.toml");
/// let dataset = Dataset::open(path)?;
/// let inputs = ModelInputs::new(&dataset, vec![0.015]);
/// assert_eq!((inputs.bin_bp, inputs.stride_bp, inputs.transform), (200, 50, None));
/// assert_eq!(inputs.genome.chromosomes[0], ("chr1".to_owned(), 1000));
/// assert_eq!(inputs.cells.len(), 1);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInputs {
    /// The name of the data set.
    pub data: String,
    /// Base pairs of a bin; of the longest sequence if there was no genome.
    pub bin_bp: usize,
    /// Base pairs between the starts of neighbouring bins.
    pub stride_bp: usize,
    /// The transform of accessibility; none without accessibility.
    pub transform: Option<SignalTransform>,
    /// What accessibility was normalised to, if the transform takes a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<SignalReference>,
    /// The genome.
    pub genome: GenomeInput,
    /// The cell types of the training split, by name.
    pub cells: BTreeMap<String, CellInput>,
    /// The fraction of bound bins that each task's log-odds assume, among bound and unbound ones.
    pub priors: Vec<f64>,
    /// The label smoothing in training, which biases the probabilities (see
    /// [`ModelFile::check_probabilities`](crate::nn::ModelFile::check_probabilities)).
    pub label_smoothing: f32,
    /// The version of this crate.
    pub crate_version: String,
}

/// The genome that a model was trained on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenomeInput {
    /// Names and lengths of the chromosomes; empty for sequences without a genome.
    pub chromosomes: Vec<(String, usize)>,
    /// A number that differs between genomes with other names, lengths or bases.
    pub fingerprint: u64,
}

/// A cell type that a model was trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellInput {
    /// The mean of the untransformed accessibility over the genome; none without accessibility.
    pub mean_signal: Option<f64>,
}

impl ModelInputs {
    /// The greatest factor between mean accessibility here and in training that needs no note: other units (reads
    /// instead of fold changes) differ by more, and good tracks of one kind by less.
    const MAX_FACTOR: f64 = 4.0;

    /// Describes the inputs of a model that is trained on a data set, with the prior of each of its tasks.
    pub fn new(dataset: &Dataset, priors: Vec<f64>) -> Self {
        let cell = |&cell: &usize| {
            let mean_signal = dataset.signal(cell).map(|track| mean(track, dataset.genome()));
            (dataset.cells()[cell].name.clone(), CellInput { mean_signal })
        };
        let no_genome = Genome::default();
        Self {
            data: dataset.name().to_owned(),
            bin_bp: dataset.grid().bin_bp(),
            stride_bp: dataset.grid().stride_bp(),
            transform: dataset.has_signal().then(|| dataset.transform()),
            reference: dataset.signal_reference().cloned(),
            genome: GenomeInput::new(if dataset.has_sequences() { &no_genome } else { dataset.genome() }),
            cells: dataset.split_cells(Split::Train).iter().map(cell).collect(),
            priors,
            label_smoothing: 0.0,
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Sets the label smoothing.
    pub fn with_label_smoothing(self, label_smoothing: f32) -> Self {
        Self { label_smoothing, ..self }
    }

    /// Joins the inputs of parts of a model. Only cell types may differ, and the transform of accessibility unless
    /// `reads_signal`.
    pub(in crate::nn) fn joined(parts: &[&Self], priors: Vec<f64>, reads_signal: bool) -> Result<Option<Self>> {
        let Some((&first, others)) = parts.split_first() else { return Ok(None) };
        others.iter().try_for_each(|part| first.check_joinable(part, reads_signal))?;
        let bin_bp = parts.iter().map(|part| part.bin_bp).fold(0, usize::max);
        let stride_bp = parts.iter().map(|part| part.stride_bp).fold(0, usize::max);
        let cells = parts.iter().flat_map(|part| part.cells.clone()).collect();
        let crate_version = env!("CARGO_PKG_VERSION").to_owned();
        let label_smoothing = parts.iter().map(|part| part.label_smoothing).fold(0.0, f32::max);
        Ok(Some(Self { bin_bp, stride_bp, cells, priors, label_smoothing, crate_version, ..first.clone() }))
    }

    /// Refuses a part of a model with other bins, another genome or, if `reads_signal`, another transform of
    /// accessibility. Sequences without a genome may have any length.
    pub(crate) fn check_joinable(&self, other: &Self, reads_signal: bool) -> Result<()> {
        if !(self.is_without_genome() && other.is_without_genome()) {
            unless_equal("the bins of parts", (self.bin_bp, self.stride_bp), (other.bin_bp, other.stride_bp))?;
        }
        if reads_signal {
            unless_equal("the transform of parts", self.transform, other.transform)?;
            let same = self.reference == other.reference;
            Error::unless_fits(same, "the reference of the accessibility of parts", "the same", "others")?;
        }
        unless_equal("the genome of parts", &self.genome, &other.genome)
    }

    /// Whether the model was trained on sequences without a genome, whose bins are as long as the longest one.
    pub(in crate::nn) fn is_without_genome(&self) -> bool {
        self.genome.chromosomes.is_empty()
    }

    /// Checks that there is a prior between 0 and 1 for each task.
    pub(in crate::nn) fn validate(&self, tasks: usize) -> Result<()> {
        Error::unless_equal("the number of priors", tasks, self.priors.len())?;
        let smoothing = self.label_smoothing;
        Error::unless_fits((0.0..1.0).contains(&smoothing), "the label smoothing", "0 to 1, 1 excluded", smoothing)?;
        let invalid = self.priors.iter().find(|prior| !(0.0..=1.0).contains(*prior));
        invalid.map_or(Ok(()), |prior| Err(Error::mismatch("a task's prior", "0 to 1", prior)))
    }

    /// Refuses a data set with other bins or, if `reads_signal`, another transform of accessibility. Sequences without
    /// a genome may have any length.
    pub(crate) fn check(&self, dataset: &Dataset, reads_signal: bool) -> Result<()> {
        let check = |key: &str, expected: String, found: String| {
            if expected == found {
                return Ok(());
            }
            let expected = format!("{expected}, as the model was trained with");
            Err(Error::mismatch(format!("{key} of data set {}", dataset.name()), expected, found))
        };
        if !self.is_without_genome() && !dataset.has_sequences() {
            let grid = dataset.grid();
            check("windows.bin_bp", self.bin_bp.to_string(), grid.bin_bp().to_string())?;
            check("windows.stride_bp", self.stride_bp.to_string(), grid.stride_bp().to_string())?;
        }
        if let Some(transform) = self.transform.filter(|_| reads_signal) {
            check("accessibility.transform", transform.to_string(), dataset.transform().to_string())?;
        }
        let same = !reads_signal || self.reference.as_ref() == dataset.signal_reference();
        let what = || format!("the reference of accessibility of data set {}", dataset.name());
        let expected = "that of training (ModelFile::dataset_options has it)";
        Error::unless_fits(same, what(), expected, "that of other cell types")
    }

    /// Notes for the user about a cell type of a data set that passes [`ModelInputs::check`].
    pub(in crate::nn) fn notes(&self, dataset: &Dataset, cell: usize, reads_signal: bool) -> Vec<String> {
        let genome = self.genome.note(dataset);
        genome.into_iter().chain(self.signal_note(dataset, cell).filter(|_| reads_signal)).collect()
    }

    fn signal_note(&self, dataset: &Dataset, cell: usize) -> Option<String> {
        let mean = mean(dataset.signal(cell)?, dataset.genome());
        let trained = self.cells.values().filter_map(|cell| cell.mean_signal);
        let (least, most) = trained.fold((f64::INFINITY, 0.0_f64), |(a, b), mean| (a.min(mean), b.max(mean)));
        let is_similar = least > most || mean * Self::MAX_FACTOR >= least && mean <= most * Self::MAX_FACTOR;
        let name = &dataset.cells()[cell].name;
        (!is_similar).then(|| {
            format!(
                "the mean accessibility of {name} is {mean:.3}, and that of the cell types trained on is {least:.3} to \
                 {most:.3}: is it in other units?"
            )
        })
    }
}

impl GenomeInput {
    /// Describes a genome. Soft-masked bases are the same bases.
    pub fn new(genome: &Genome) -> Self {
        let mut fingerprint = mix(&[genome.len() as u64]);
        let mut add = |value: u64| fingerprint = mix(&[fingerprint, value]);
        for chromosome in 0..genome.len() {
            genome.name(chromosome).bytes().chain([0]).for_each(|byte| add(u64::from(byte)));
            genome.words(chromosome).for_each(&mut add);
        }
        let chromosome = |index| (genome.name(index).to_owned(), genome.length(index));
        Self { chromosomes: (0..genome.len()).map(chromosome).collect(), fingerprint }
    }

    fn note(&self, dataset: &Dataset) -> Option<String> {
        if dataset.has_sequences() || self.chromosomes.is_empty() {
            return None;
        }
        let found = Self::new(dataset.genome());
        let same = found.chromosomes.iter().filter(|chromosome| self.chromosomes.contains(chromosome)).count();
        (found != *self).then(|| {
            format!(
                "the model was trained on another genome than that of data set {}: {same} of its {} chromosomes have \
                 the same name and length",
                dataset.name(),
                found.chromosomes.len()
            )
        })
    }
}

/// The mean of a track over a genome.
fn mean(track: &SignalTrack, genome: &Genome) -> f64 {
    let sum = |chromosome| {
        let end = genome.length(chromosome);
        f64::from(track.mean(Interval { chromosome, start: 0, end })) * end as f64
    };
    (0..genome.len()).map(sum).sum::<f64>() / genome.total_bases().max(1) as f64
}

fn unless_equal<T: PartialEq + Debug>(what: &str, expected: T, found: T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::mismatch(what, format!("{expected:?}"), format!("{found:?}")))
}
