//! Scores of sequences and of intervals of a genome.

mod batch;
mod check;
pub(super) mod scores;
#[cfg(test)]
mod tests;

use std::{ops::Range, path::Path};

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use self::batch::{forward_strand, reverse_strand};
use super::{
    SequenceScores, TrackValue,
    batches::{BATCH, score_batches},
    scan::source::ScanSource,
    sequence::middle,
};
use crate::{
    Result,
    data::{Batch, HostBatch, SignalTransform, check_interval, context_start},
    genome::{Interval, base},
    nn::{Model, ModelFile},
};

/// Applies a model to sequences in memory or in a file, or to intervals of a genome.
///
/// A sequence lies in the middle of the model's context, with N on both sides, and so does its other strand. A sequence
/// longer than the context is an error. Case does not matter, U is T, and IUPAC codes other than A, C, G and T are N.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
///     predict::{SequenceScorer, TrackValue},
/// };
///
/// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 2);
/// let model = config.init(&Device::default());
/// let file = ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model };
///
/// let scorer = SequenceScorer::new(&file).with_both_strands().with_value(TrackValue::Probability)?;
/// let scores = scorer.score(&["ACGTTGCAAT", "attgcaacgt"], None)?;
/// assert_eq!(scores.tasks, ["CTCF", "REST"]);
/// assert_eq!(scores.values[1].len(), 2);
/// // They are reverse complements.
/// assert!((scores.values[1][0] - scores.values[1][1]).abs() < 1e-6);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SequenceScorer<'a> {
    file: &'a ModelFile,
    /// The wanted outputs.
    tasks: Vec<usize>,
    both_strands: bool,
    value: TrackValue,
}

impl<'a> SequenceScorer<'a> {
    /// Scores the forward strand, with the log-odds of all tasks.
    pub fn new(file: &'a ModelFile) -> Self {
        Self { file, tasks: (0..file.tasks.len()).collect(), both_strands: false, value: TrackValue::LogOdds }
    }

    /// Averages the log-odds of both strands.
    pub fn with_both_strands(self) -> Self {
        Self { both_strands: true, ..self }
    }

    /// Chooses between log-odds and probabilities.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) for probabilities of a model that has none (see
    /// [`ModelFile::check_probabilities`]).
    pub fn with_value(self, value: TrackValue) -> Result<Self> {
        if value == TrackValue::Probability {
            self.file.check_probabilities()?;
        }
        Ok(Self { value, ..self })
    }

    /// Keeps some of the tasks; case and blanks around a name do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`](crate::Error::UnknownFactors) for a task that the model does not have.
    pub fn with_tasks<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        Ok(Self { tasks: self.file.find_tasks(names)?, ..self })
    }

    /// Scores sequences of letters. `signal` has the untransformed accessibility of each base of each sequence; the
    /// model's transform is applied to it, or [`SignalTransform::default`] if the file has no inputs. A model of
    /// [`SignalTransform::Quantile`] takes normalised values, as a [`QuantileMap`](crate::data::QuantileMap) makes them
    /// of a whole track.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch), with the index of the sequence: for an empty one or one longer than
    /// the context, for a letter that is no IUPAC code, if accessibility is missing or not read, and if it is not a
    /// finite number for each base; also for a file with another number of tasks than outputs of its model.
    pub fn score<S: AsRef<[u8]> + Sync>(&self, sequences: &[S], signal: Option<&[Vec<f32>]>) -> Result<SequenceScores> {
        self.check_sequences(sequences, signal)?;
        let (transform, context_bp) = (transform(self.file), self.context_bp());
        let names = (0..sequences.len()).map(|index| index.to_string()).collect();
        let place = |index: usize| middle(sequences[index].as_ref().len(), context_bp);
        self.run(names, place, |index, codes, values| {
            let (letters, inside) = (sequences[index].as_ref(), place(index));
            for (code, &letter) in codes[inside.clone()].iter_mut().zip(letters) {
                *code = base::from_ascii(letter);
            }
            if let Some(signal) = signal {
                values[inside.clone()].copy_from_slice(&signal[index]);
                transform.apply(&mut values[inside]);
            }
        })
    }

    /// Scores the records of a FASTA file (plain, gzip or bgzip), under their names.
    ///
    /// # Errors
    ///
    /// Those of [`Genome::open`](crate::genome::Genome::open), and [`Error::Mismatch`](crate::Error::Mismatch) for a
    /// sequence longer than the context and for a model that reads accessibility.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    ///     predict::SequenceScorer,
    /// };
    ///
    /// # let folder = std::env::temp_dir().join(format!("multitf-doc-score-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// std::fs::write(folder.join("oligos.fa"), ">wild-type\nACGTACGT\n>mutant\nACGAACGT\n")?;
    /// SequenceScorer::new(&file).score_fasta(folder.join("oligos.fa"))?.write(folder.join("scores.tsv"))?;
    /// let table = std::fs::read_to_string(folder.join("scores.tsv"))?;
    /// assert!(table.starts_with("name\tCTCF\nwild-type\t"));
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn score_fasta(&self, path: impl AsRef<Path>) -> Result<SequenceScores> {
        let sequences = self.open_fasta(path.as_ref())?;
        let names = sequences.names().map(str::to_owned).collect();
        let place = |sequence| middle(sequences.length(sequence), self.context_bp());
        self.run(names, place, |sequence, codes, _| sequences.decode(sequence, 0, &mut codes[place(sequence)]))
    }

    /// Scores intervals of a genome, under names like `chr1:100-300`, from the context around the middle of each. The
    /// ends of intervals longer than the context are ignored: [`SequenceScores::truncated`] counts them.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) for an interval outside the genome, for bins or a signal of another
    /// genome, for missing accessibility or another transform of it if the model reads it, and for a file with another
    /// number of tasks than outputs of its model.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     genome::{BinGrid, Genome, Interval},
    ///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
    ///     predict::{ScanSource, SequenceScorer},
    /// };
    ///
    /// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// # let model = config.init(&Device::default());
    /// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let peak = Interval { chromosome: 0, start: 120, end: 260 };
    /// let scores = SequenceScorer::new(&file).score_regions(ScanSource::new(&genome, &grid), &[peak])?;
    /// assert_eq!(scores.names, ["chr1:120-260"]);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn score_regions(&self, source: ScanSource<'_>, regions: &[Interval]) -> Result<SequenceScores> {
        self.check_source(source)?;
        for (index, region) in regions.iter().enumerate() {
            check_interval(|| format!("region {index}"), *region, source.genome)?;
        }
        let name =
            |region: &Interval| format!("{}:{}-{}", source.genome.name(region.chromosome), region.start, region.end);
        let context_bp = self.context_bp();
        let names = regions.iter().map(name).collect();
        let scores = self.run(
            names,
            |_| 0..context_bp,
            |index, codes, values| {
                let start = context_start(regions[index], context_bp);
                source.genome.decode(regions[index].chromosome, start, codes);
                source.fill_signal(regions[index].chromosome, start, values);
            },
        )?;
        let truncated = regions.iter().filter(|region| region.end - region.start > context_bp).count();
        Ok(SequenceScores { truncated, ..scores })
    }

    fn context_bp(&self) -> usize {
        self.file.model.trunk.context_bp()
    }

    /// Scores named sequences. `place` returns a sequence's range in the context; `fill` writes its codes and its
    /// signal over N and 0.
    fn run(
        &self,
        names: Vec<String>,
        place: impl Fn(usize) -> Range<usize> + Send + Sync,
        fill: impl Fn(usize, &mut [u8], &mut [f32]) + Send + Sync,
    ) -> Result<SequenceScores> {
        self.check_tasks()?;
        let model = self.file.model.valid();
        let device = model.devices().into_iter().next().unwrap_or_default().inner();
        let context_bp = self.context_bp();
        let signal_bp = model.trunk.signal_tracks().map_or(0, |_| context_bp);
        let starts = (0..names.len()).step_by(BATCH);
        let batches = starts.map(|start| {
            let indices = start..names.len().min(start + BATCH);
            let forward = forward_strand(indices.clone(), context_bp, signal_bp, &fill);
            let reverse = self.both_strands.then(|| reverse_strand(forward.clone(), context_bp, indices.map(&place)));
            (forward, reverse)
        });
        let mut values = vec![Vec::with_capacity(names.len()); self.tasks.len()];
        score_batches(
            batches,
            |(forward, reverse)| log_odds(&model, &forward, reverse.as_ref(), &device),
            |row| {
                for (values, &task) in values.iter_mut().zip(&self.tasks) {
                    values.push(self.value.convert(row[task]));
                }
            },
        )?;
        let tasks = self.tasks.iter().map(|&task| self.file.tasks[task].clone()).collect();
        Ok(SequenceScores { names, tasks, values, value: self.value, truncated: 0 })
    }
}

/// The transform of a model's accessibility.
pub(super) fn transform(file: &ModelFile) -> SignalTransform {
    file.inputs.as_ref().and_then(|inputs| inputs.transform).unwrap_or_default()
}

/// The log-odds of a batch, `[batch, task]`: of the forward strand, or the mean of both.
fn log_odds(model: &Model, forward: &HostBatch, reverse: Option<&HostBatch>, device: &Device) -> Result<Tensor<2>> {
    let score = |host: &HostBatch| -> Result<Tensor<2>> {
        let batch = Batch::new(host, device)?;
        Ok(model.bound_log_odds(batch.codes, batch.signal))
    };
    let forward = score(forward)?;
    match reverse {
        Some(reverse) => Ok((forward + score(reverse)?) / 2.0),
        None => Ok(forward),
    }
}
