//! Saturation mutagenesis.

use std::path::Path;

use rayon::prelude::*;

use super::{BaseEffects, engine::Engine, input::Input};
use crate::{
    Result,
    data::check_interval,
    genome::Interval,
    nn::{Model, ModelFile, Network, SubstitutionBuffers},
    predict::{ScanSource, SequenceScorer, check_tracks},
};

/// Regions that are worked on at once, for each thread.
const REGIONS: usize = 4;

/// Finds what each change of one base does to the log-odds of each task (in-silico saturation mutagenesis).
///
/// The result is exact: the same as scoring each changed sequence by itself, but for the rounding of sums. Of the
/// motifs only the positions are scored again that read the changed base, and of the pools only those that they lie in,
/// as fastISM (Nair et al. 2022, [doi:10.1093/bioinformatics/btac135](https://doi.org/10.1093/bioinformatics/btac135))
/// does for layers of convolutions. It runs on the host, one region for each thread; layers of 16 bits
/// ([`Precision`](crate::nn::Precision)) run on the model's device, on all changed sequences.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::Mutagenesis,
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
/// };
///
/// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 2);
/// let model = config.init(&Device::default());
/// let file = ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model };
///
/// let effects = Mutagenesis::new(&file)?.sequences(&["ACGTTGCAATCGCTA"], None)?;
/// // T for G at the third position, and the same by hand.
/// let (t, scores) = (3, file.score(&["ACGTTGCAATCGCTA", "ACTTTGCAATCGCTA"], None)?);
/// for task in 0..2 {
///     let expected = scores.values[task][1] - scores.values[task][0];
///     assert!((effects[0].get(task, t, 2) - expected).abs() < 1e-5);
/// }
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Debug)]
pub struct Mutagenesis<'a> {
    file: &'a ModelFile,
    tasks: Vec<usize>,
    /// Which outputs of the engine's model are those of the tasks.
    outputs: Vec<usize>,
    make: fn(&Model) -> Result<Engine>,
    engine: Engine,
}

impl<'a> Mutagenesis<'a> {
    /// Copies a model's weights, for all of its tasks.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) for a file with another number of tasks than outputs of its model,
    /// and if the model reads several tracks of accessibility.
    pub fn new(file: &'a ModelFile) -> Result<Self> {
        Self::of(file, (0..file.tasks.len()).collect(), Engine::exact)
    }

    /// Estimates the changes by the gradient of each task's log-odds with respect to the one-hot bases, on the model's
    /// device, in place of exact ones: a first-order Taylor expansion (Sasse et al. 2024,
    /// [doi:10.1016/j.isci.2024.110807](https://doi.org/10.1016/j.isci.2024.110807)). A change is the derivative for
    /// the new base minus that for the old one, and the hypothetical contributions are the gradient minus its mean over
    /// the bases. What a motif could find at a place where it finds nothing has no gradient.
    ///
    /// # Errors
    ///
    /// As [`Mutagenesis::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     explain::Mutagenesis,
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    /// };
    ///
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// let estimated = Mutagenesis::by_gradient(&file)?.sequences(&["ACGTTGCAATCGCTA"], None)?;
    /// assert_eq!(estimated[0].of_task(0).len(), 4 * 15);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn by_gradient(file: &'a ModelFile) -> Result<Self> {
        Self::of(file, (0..file.tasks.len()).collect(), Engine::gradients)
    }

    /// Scores each changed sequence by itself, on the model's device: what [`Mutagenesis::new`] is checked against.
    ///
    /// # Errors
    ///
    /// As [`Mutagenesis::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     explain::Mutagenesis,
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    /// };
    ///
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// let fast = Mutagenesis::new(&file)?.sequences(&["ACGTTG"], None)?;
    /// let slow = Mutagenesis::by_brute_force(&file)?.sequences(&["ACGTTG"], None)?;
    /// for (fast, slow) in fast[0].of_task(0).iter().zip(slow[0].of_task(0)) {
    ///     assert!((fast - slow).abs() < 1e-5);
    /// }
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn by_brute_force(file: &'a ModelFile) -> Result<Self> {
        Self::of(file, (0..file.tasks.len()).collect(), Engine::brute_force)
    }

    /// Keeps some of the tasks, in this order; case and blanks around a name do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`](crate::Error::UnknownFactors) for a task that the model does not have.
    pub fn with_tasks<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        Self::of(self.file, self.file.find_tasks(names)?, self.make)
    }

    fn of(file: &'a ModelFile, tasks: Vec<usize>, make: fn(&Model) -> Result<Engine>) -> Result<Self> {
        SequenceScorer::new(file).check_tasks()?;
        check_tracks(file.model.signal_tracks(), 1)?;
        // A linear head of fewer tasks costs less.
        let fewer = (tasks.len() < file.tasks.len()).then(|| file.model.select_tasks(&tasks)).flatten();
        let outputs = if fewer.is_some() { (0..tasks.len()).collect() } else { tasks.clone() };
        let engine = make(fewer.as_ref().unwrap_or(&file.model))?;
        Ok(Self { file, tasks, outputs, make, engine })
    }

    pub(super) fn file(&self) -> &'a ModelFile {
        self.file
    }

    /// The indices of the tasks in the file.
    pub(super) fn task_indices(&self) -> &[usize] {
        &self.tasks
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> Vec<&str> {
        self.tasks.iter().map(|&task| self.file.tasks[task].as_str()).collect()
    }

    /// Changes each base of some sequences, each of which lies in the middle of the model's context, with N on both
    /// sides. `signal` has the untransformed accessibility of each base of each sequence, if the model reads it; it
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceScorer::score`].
    pub fn sequences<S: AsRef<[u8]> + Sync>(
        &self,
        sequences: &[S],
        signal: Option<&[Vec<f32>]>,
    ) -> Result<Vec<BaseEffects>> {
        let scorer = SequenceScorer::new(self.file);
        scorer.check_sequences(sequences, signal)?;
        let transform = self.file.inputs.as_ref().and_then(|inputs| inputs.transform).unwrap_or_default();
        let mut all = Vec::with_capacity(sequences.len());
        self.each(
            sequences.len(),
            |index| {
                let signal = signal.map(|signal| (&*signal[index], transform));
                Input::of_letters(&self.file.model, index.to_string(), sequences[index].as_ref(), signal)
            },
            |effects| {
                all.push(effects);
                Ok(())
            },
        )?;
        Ok(all)
    }

    /// Changes each base of the records of a FASTA file (plain, gzip or bgzip), and calls a function with the effects
    /// of each, in their order. A record lies in the middle of the context.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceScorer::score_fasta`], and that of the function.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     explain::Mutagenesis,
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    /// };
    ///
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// let path = std::env::temp_dir().join(format!("multitf-doc-explain-{}.fa", std::process::id()));
    /// std::fs::write(&path, ">enhancer\nACGTTGCAATCGCTA\n")?;
    /// Mutagenesis::new(&file)?.fasta(&path, |effects| {
    ///     assert_eq!((effects.origin().region.as_str(), effects.len()), ("enhancer", 15));
    ///     Ok(())
    /// })?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fasta(&self, path: impl AsRef<Path>, each: impl FnMut(BaseEffects) -> Result<()>) -> Result<()> {
        let records = SequenceScorer::new(self.file).open_fasta(path.as_ref())?;
        let input = |record: usize| Input::of_record(&self.file.model, &records, record);
        self.each(records.len(), input, each)
    }

    /// Changes each base of the contexts around the middles of some intervals, and calls a function with the effects of
    /// each, in their order. Memory does not grow with their number.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceScorer::score_regions`], and that of the function.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     explain::Mutagenesis,
    ///     genome::{BinGrid, Genome, Interval},
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    ///     predict::ScanSource,
    /// };
    ///
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let peak = Interval { chromosome: 0, start: 120, end: 260 };
    /// Mutagenesis::new(&file)?.regions(ScanSource::new(&genome, &grid), &[peak], |effects| {
    ///     assert_eq!(effects.of_task(0).len(), 4 * 60);
    ///     Ok(())
    /// })?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn regions(
        &self,
        source: ScanSource<'_>,
        regions: &[Interval],
        each: impl FnMut(BaseEffects) -> Result<()>,
    ) -> Result<()> {
        SequenceScorer::new(self.file).check_source(source)?;
        for (index, region) in regions.iter().enumerate() {
            check_interval(|| format!("region {index}"), *region, source.genome())?;
        }
        self.each(regions.len(), |index| Input::of_region(&self.file.model, source, regions[index]), each)
    }

    /// Works on a few inputs at a time, and calls a function with the effects of each, in order.
    fn each(
        &self,
        count: usize,
        input: impl Fn(usize) -> Input + Sync,
        mut each: impl FnMut(BaseEffects) -> Result<()>,
    ) -> Result<()> {
        let effects = |buffers: &mut SubstitutionBuffers, index: usize| {
            self.engine.effects(&input(index), &self.outputs, buffers)
        };
        let at_once = REGIONS * rayon::current_num_threads();
        for start in (0..count).step_by(at_once) {
            let indices = start..count.min(start + at_once);
            let found: Vec<Result<BaseEffects>> = if self.engine.is_parallel() {
                indices.into_par_iter().map_init(SubstitutionBuffers::default, effects).collect()
            } else {
                let mut buffers = SubstitutionBuffers::default();
                indices.map(|index| effects(&mut buffers, index)).collect()
            };
            found.into_iter().try_for_each(|effects| each(effects?))?;
        }
        Ok(())
    }
}
