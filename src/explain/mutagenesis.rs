//! Saturation mutagenesis.

use std::{ops::Range, path::Path};

use burn::{module::Module, tensor::Device};
use rayon::prelude::*;

use super::{BaseEffects, Origin};
use crate::{
    Result,
    data::{Batch, HostBatch, SignalTransform, check_interval, context_start, find_factors},
    genome::{Interval, Label, base},
    nn::{Model, ModelFile, Network, SubstitutionBuffers, Substitutions, device_of},
    predict::{ScanSource, SequenceScorer, check_tracks, middle},
};

/// Regions that are worked on side by side, for each thread.
const REGIONS: usize = 4;

/// Samples of a batch of changed sequences, for models that run on their device.
const BATCH: usize = 1024;

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
    engine: Engine,
}

/// What scores changed sequences.
#[derive(Debug)]
enum Engine {
    Host(Box<Substitutions>),
    Device(Box<Model>, Device),
}

/// A sequence in the middle of a context, and the place of what may change.
struct Input {
    origin: Origin,
    codes: Vec<u8>,
    signal: Vec<f32>,
    places: Range<usize>,
}

impl<'a> Mutagenesis<'a> {
    /// Copies a model's weights, for all of its tasks.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) for a file with another number of tasks than outputs of its model,
    /// and if the model reads several tracks of accessibility.
    pub fn new(file: &'a ModelFile) -> Result<Self> {
        Self::of(file, (0..file.tasks.len()).collect())
    }

    /// Keeps some of the tasks; case and blanks around a name do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`](crate::Error::UnknownFactors) for a task that the model does not have.
    pub fn with_tasks<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let names = find_factors(names, &self.file.tasks)?;
        let place = |name: &String| self.file.tasks.iter().position(|task| task == name);
        Self::of(self.file, names.iter().filter_map(place).collect())
    }

    fn of(file: &'a ModelFile, tasks: Vec<usize>) -> Result<Self> {
        SequenceScorer::new(file).check_tasks()?;
        check_tracks(file.model.signal_tracks(), 1)?;
        // A linear head of fewer tasks costs less.
        let fewer = (tasks.len() < file.tasks.len()).then(|| file.model.select_tasks(&tasks)).flatten();
        let model = fewer.as_ref().unwrap_or(&file.model);
        let engine = match model.to_substitutions() {
            Some(host) => Engine::Host(host.into()),
            None => Engine::Device(model.valid().into(), device_of(model)?),
        };
        Ok(Self { file, tasks, engine })
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
                let signal = signal.map(|signal| &*signal[index]);
                self.placed(index.to_string(), sequences[index].as_ref(), signal, transform)
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
        let input = |record: usize| {
            let places = middle(records.length(record), self.context_bp());
            let mut codes = vec![base::N; self.context_bp()];
            records.decode(record, 0, &mut codes[places.clone()]);
            let name = records.name(record).to_owned();
            let origin = Origin { region: name.clone(), sequence: name, start: 0 };
            Input { origin, codes, signal: Vec::new(), places }
        };
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
        self.each(regions.len(), |index| self.around(regions[index], source), each)
    }

    fn context_bp(&self) -> usize {
        self.file.model.context_bp()
    }

    fn signal_bp(&self) -> usize {
        self.file.model.signal_tracks().map_or(0, |_| self.context_bp())
    }

    /// Puts a sequence into the middle of a context.
    fn placed(&self, name: String, letters: &[u8], signal: Option<&[f32]>, transform: SignalTransform) -> Input {
        let places = middle(letters.len(), self.context_bp());
        let (mut codes, mut values) = (vec![base::N; self.context_bp()], vec![0.0; self.signal_bp()]);
        for (code, &letter) in codes[places.clone()].iter_mut().zip(letters) {
            *code = base::from_ascii(letter);
        }
        if let Some(signal) = signal {
            values[places.clone()].copy_from_slice(signal);
            transform.apply(&mut values[places.clone()]);
        }
        let origin = Origin { region: name.clone(), sequence: name, start: 0 };
        Input { origin, codes, signal: values, places }
    }

    /// Reads the context around the middle of an interval.
    fn around(&self, region: Interval, source: ScanSource<'_>) -> Input {
        let (mut codes, mut signal) = (vec![base::N; self.context_bp()], vec![0.0; self.signal_bp()]);
        let start = context_start(region, self.context_bp());
        source.genome().decode(region.chromosome, start, &mut codes);
        source.fill_signal(region.chromosome, start, &mut signal);
        let name = source.genome().name(region.chromosome);
        let region = format!("{name}:{}-{}", region.start, region.end);
        let origin = Origin { region, sequence: name.to_owned(), start };
        Input { origin, codes, signal, places: 0..self.context_bp() }
    }

    /// Works on inputs side by side, a few at a time, and calls a function with the effects of each, in order.
    fn each(
        &self,
        count: usize,
        input: impl Fn(usize) -> Input + Sync,
        mut each: impl FnMut(BaseEffects) -> Result<()>,
    ) -> Result<()> {
        let at_once = REGIONS * rayon::current_num_threads();
        for start in (0..count).step_by(at_once) {
            let indices = start..count.min(start + at_once);
            let effects: Vec<Result<BaseEffects>> = match &self.engine {
                Engine::Host(model) => indices
                    .into_par_iter()
                    .map_init(SubstitutionBuffers::default, |buffers, index| {
                        Ok(self.on_host(model, &input(index), buffers))
                    })
                    .collect(),
                Engine::Device(model, device) => {
                    indices.map(|index| self.on_device(model, device, &input(index))).collect()
                }
            };
            for effects in effects {
                each(effects?)?;
            }
        }
        Ok(())
    }

    fn on_host(&self, model: &Substitutions, input: &Input, buffers: &mut SubstitutionBuffers) -> BaseEffects {
        let mut log_odds = Vec::new();
        model.log_odds(&input.codes, &input.signal, input.places.clone(), buffers, &mut log_odds);
        self.effects(input, &log_odds, model.tasks())
    }

    /// Scores every changed sequence.
    fn on_device(&self, model: &Model, device: &Device, input: &Input) -> Result<BaseEffects> {
        let changes: Vec<Option<(usize, u8)>> = std::iter::once(None)
            .chain(input.places.clone().flat_map(|place| (0..4).map(move |base| Some((place, base)))))
            .collect();
        let mut log_odds = Vec::new();
        for changes in changes.chunks(BATCH) {
            let codes = changes.iter().flat_map(|change| {
                let mut codes = input.codes.clone();
                if let Some((place, base)) = *change {
                    codes[place] = base;
                }
                codes
            });
            let size = changes.len();
            let host = HostBatch {
                size,
                codes: codes.collect(),
                signal: input.signal.repeat(size),
                labels: vec![Label::Missing; size],
                weights: vec![1.0; size],
            };
            let Batch { codes, signal, .. } = Batch::new(&host, device)?;
            log_odds.extend(model.bound_log_odds(codes, signal).into_data().iter::<f32>());
        }
        Ok(self.effects(input, &log_odds, Network::tasks(model)))
    }

    /// Turns log-odds of the sequence and of each change, `[1 + place * base, task]`, into effects of the wanted tasks.
    fn effects(&self, input: &Input, log_odds: &[f32], outputs: usize) -> BaseEffects {
        let length = input.places.len();
        // A model of the wanted tasks alone has no other.
        let columns: Vec<usize> = if outputs == self.tasks.len() { (0..outputs).collect() } else { self.tasks.clone() };
        let (first, changed) = log_odds.split_at(outputs);
        let codes = input.codes[input.places.clone()].to_vec();
        let mut values = Vec::with_capacity(columns.len() * 4 * length);
        for &column in &columns {
            for base in 0..4 {
                values.extend((0..length).map(|position| {
                    let is_own = usize::from(codes[position]) == base;
                    let new = changed[(4 * position + base) * outputs + column];
                    if is_own { 0.0 } else { new - first[column] }
                }));
            }
        }
        let signal = input.signal.get(input.places.clone()).unwrap_or_default().to_vec();
        BaseEffects::new(codes, columns.iter().map(|&column| first[column]).collect(), values)
            .with_origin(input.origin.clone())
            .with_signal(signal)
    }
}
