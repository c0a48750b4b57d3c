//! What a variant does to each task.

mod annotator;
mod effect;
mod haplotypes;
mod names;
mod network;
mod output;
mod preview;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod unscored;
mod vcf_lines;
mod window;

pub use self::{
    annotator::VariantAnnotator,
    effect::{VariantEffect, VariantValue},
    summary::VariantSummary,
    unscored::Unscored,
};
use self::{
    effect::mean,
    haplotypes::Seen,
    network::WindowNetwork,
    window::{Window, Windows, window_sets},
};
use crate::{
    Error, Result,
    genome::{Genome, Variant},
    nn::{ModelFile, Network},
    predict::{ScanSource, SequenceScorer, check_tracks},
};

/// Variants whose windows are scored at once.
const AT_ONCE: usize = 1024;

/// Says what variants do to the log-odds of each task.
///
/// The model sees a window as long as its context around the bases that differ, once with the genome's bases and once
/// with the variant's, on both strands; the log-odds are means over these windows. The window of the other strand is
/// that of the reverse complement of the whole genome, so that nothing depends on the strand that a genome is
/// written on.
///
/// Where a variant changes the length, what lies beyond it moves, and there are two windows with it: one begins where
/// the genome's does, the other ends where that ends. The log-odds are the mean of both. With a loss of two bases in a
/// window of ten:
///
/// ```text
/// the genome               a b c d X Y e f g h
/// the start stays          a b c d e f g h i j
/// the end stays        y z a b c d     e f g h
/// ```
///
/// The accessibility was measured on the genome, and moves with its bases: that of lost bases is left out. New bases
/// take the mean of the bases that they replace; if they replace none, of their two neighbours. As many bases in place
/// of as many keep it.
///
/// ```text
/// the genome       A   C   G            the loss of C    A   G
/// accessibility    1   4   3                             1   3
///
/// the genome       A   G                T between them   A   T   G
/// accessibility    1   3                                 1   2   3
/// ```
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::VariantScorer,
///     genome::{BinGrid, Genome, Variant},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
///     predict::ScanSource,
/// };
///
/// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
/// # let model = config.init(&Device::default());
/// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
/// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let variants = [Variant::new(0, 350, "G", "T")?, Variant::new(0, 397, "C", "CAA")?];
/// let effects = VariantScorer::new(&file)?.score(ScanSource::new(&genome, &grid), &variants)?;
/// for effect in effects {
///     let effect = effect?;
///     assert_eq!(effect.difference(0), effect.alternative()[0] - effect.reference()[0]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VariantScorer<'a> {
    file: &'a ModelFile,
    tasks: Vec<usize>,
    /// Which outputs of the network are those of the tasks.
    outputs: Vec<usize>,
    network: WindowNetwork,
    windows: Windows,
}

impl<'a> VariantScorer<'a> {
    /// Copies a model's weights, for all of its tasks.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a file with another number of tasks than outputs of its model, and if the model reads
    /// several tracks of accessibility.
    pub fn new(file: &'a ModelFile) -> Result<Self> {
        let tasks: Vec<usize> = (0..file.tasks.len()).collect();
        SequenceScorer::new(file).check_tasks()?;
        check_tracks(file.model.signal_tracks(), 1)?;
        let network = WindowNetwork::new(&file.model)?;
        Ok(Self { file, outputs: tasks.clone(), tasks, network, windows: Windows::default() })
    }

    /// Keeps some of the tasks, in this order; case and blanks around a name do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`] for a task that the model does not have.
    pub fn with_tasks<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let tasks = self.file.find_tasks(names)?;
        // A linear head of fewer tasks costs less.
        Ok(match self.file.model.select_tasks(&tasks) {
            Some(fewer) => {
                Self { outputs: (0..tasks.len()).collect(), tasks, network: WindowNetwork::new(&fewer)?, ..self }
            }
            None => Self { outputs: tasks.clone(), tasks, ..self },
        })
    }

    /// Scores the forward strand alone.
    pub fn with_forward_strand(self) -> Self {
        Self { windows: Windows { both_strands: false, ..self.windows }, ..self }
    }

    /// Takes the mean over windows that are shifted by so many bases to the right (below 0, to the left), on each
    /// strand. 0 is the window around the variant.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is none, and for one by which no base in the middle would stay in the window.
    pub fn with_shifts(self, shifts: &[i64]) -> Result<Self> {
        let most = (Network::context_bp(&self.file.model) / 2) as i64;
        let wrong = shifts.iter().find(|shift| shift.abs() >= most);
        let key = || "shifts of the window".to_owned();
        Error::unless(!shifts.is_empty(), key(), "one at least", "none")?;
        if let Some(wrong) = wrong {
            return Err(Error::Config {
                key: key(),
                expected: format!("less than {most} bp"),
                found: wrong.to_string(),
            });
        }
        Ok(Self { windows: Windows { shifts: shifts.to_vec(), ..self.windows }, ..self })
    }

    /// Takes, for each task, the bin with the largest change among all whose context holds the bases that differ, in
    /// place of a window around them.
    pub fn with_best_bin(self) -> Self {
        Self { windows: Windows { best_bin: true, ..self.windows }, ..self }
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> Vec<&str> {
        self.tasks.iter().map(|&task| self.file.tasks[task].as_str()).collect()
    }

    /// Scores variants of a genome, in their order; of one that cannot be scored it says why.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceScorer::score_regions`] for a genome and accessibility that do not fit the model.
    pub fn score(&self, source: ScanSource<'_>, variants: &[Variant]) -> Result<Vec<Result<VariantEffect, Unscored>>> {
        SequenceScorer::new(self.file).check_source(source)?;
        let mut all = Vec::with_capacity(variants.len());
        for variants in variants.chunks(AT_ONCE) {
            self.score_some(source, variants, &mut all)?;
        }
        Ok(all)
    }

    fn score_some(
        &self,
        source: ScanSource<'_>,
        variants: &[Variant],
        all: &mut Vec<Result<VariantEffect, Unscored>>,
    ) -> Result<()> {
        let context_bp = Network::context_bp(&self.file.model);
        let sets = variants.iter().map(|variant| {
            check(source.genome(), variant)?;
            window_sets(&self.windows, source, variant.changed().0, context_bp)
        });
        let sets: Vec<_> = sets.collect();
        let seen = variants.iter().zip(&sets).filter_map(|(variant, sets)| {
            let ((place, bases), sets) = (variant.changed(), sets.as_ref().ok()?);
            Some(Seen { place, bases, windows: sets.concat() })
        });
        let seen: Vec<_> = seen.collect();
        let log_odds = self.network.log_odds(source, &seen)?;
        let mut scored = seen.iter().zip(&log_odds);
        for sets in sets {
            // There is one for each variant that has windows.
            let mut scored = |sets: Vec<_>| scored.next().map(|(seen, rows)| self.effect(&sets, seen.ways(), rows));
            all.push(sets.and_then(|sets| scored(sets).ok_or(Unscored::Missing)));
        }
        Ok(())
    }

    /// The largest effect of some sets of windows: first the rows of all windows without the variant, and then so many
    /// for each of them with it.
    fn effect(&self, sets: &[Vec<Window>], ways: usize, rows: &[f32]) -> VariantEffect {
        let outputs = rows.len() / sets.iter().map(|set| set.len() * (1 + ways)).sum::<usize>();
        let (mut references, mut alternatives) = rows.split_at(rows.len() / (1 + ways));
        let effects = sets.iter().map(|set| {
            let (reference, rest) = references.split_at(set.len() * outputs);
            let (alternative, others) = alternatives.split_at(ways * set.len() * outputs);
            (references, alternatives) = (rest, others);
            let mean = |rows: &[f32]| mean(rows.chunks_exact(outputs), &self.outputs);
            VariantEffect::new(mean(reference), mean(alternative))
        });
        VariantEffect::largest(effects)
    }
}

/// Refuses a variant whose reference is not that of the genome.
fn check(genome: &Genome, variant: &Variant) -> Result<(), Unscored> {
    let place = variant.place();
    if place.chromosome >= genome.len() {
        return Err(Unscored::Chromosome);
    }
    if place.end > genome.length(place.chromosome) {
        return Err(Unscored::PastEnd);
    }
    let found = |length: usize| {
        let mut found = vec![0; length];
        genome.decode(place.chromosome, place.start as i64, &mut found);
        found
    };
    if found(place.len()) == variant.reference() {
        Ok(())
    } else if !variant.alternative().is_empty() && found(variant.alternative().len()) == variant.alternative() {
        Err(Unscored::Swapped)
    } else {
        Err(Unscored::Reference)
    }
}
