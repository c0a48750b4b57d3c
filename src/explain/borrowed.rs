//! Whose motifs a prediction rests on.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rand::RngExt;

use super::{BaseEffects, Mutagenesis, bound_bins};
use crate::{
    Error, Result,
    data::{Dataset, Split},
    eval::MIN_BLOCK_BP,
    genome::Interval,
    motif::{Background, MarkovBackground, Motif, Scanner, ScoreDistribution},
    nn::ModelFile,
    predict::ScanSource,
    random::stream,
};

/// The probability that a random place is a site of a profile.
const P_VALUE: f64 = 1e-4;
/// The correlation from which on two profiles are alike.
const ALIKE: f64 = 0.75;
/// Bins of a factor in a cell type that are explained, spread over all that it binds.
const BINS: usize = 100;
const REPLICATES: u64 = 2_000;
/// Keeps the random numbers apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"borrowed");

/// Measures on whose motifs the contributions to a factor's log-odds lie: its own, or those of others that a shared
/// model has learned beside it.
///
/// Sites are those of the data set's profiles, at a p-value of 1e-4. A site is the factor's own if it is one of a
/// profile of the factor, or of a profile that is [like](crate::motif::ProbabilityMatrix::correlation) one of these
/// (from .75 on), such as that of a factor of the same family; where own and other sites overlap it is an own one.
/// Contributions are those of [`BaseEffects::contributions`], without their signs, in the contexts of the bins that the
/// factor binds: at most 100 in each cell type, spread over the split.
///
/// # Examples
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{
///     data::{Dataset, Split},
///     explain::MotifOwners,
///     nn::ModelFile,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let file = ModelFile::open("model.safetensors", &Device::default())?;
/// let owners = MotifOwners::new(&dataset, Split::Valid, 300)?;
/// for (task, shares) in owners.shares(&file)? {
///     println!("{task}: {:.2} of its contributions lie on motifs of others", shares.other());
/// }
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Debug)]
pub struct MotifOwners<'a> {
    dataset: &'a Dataset,
    scanner: Scanner,
    /// Of each task that has profiles: its bins, and which motifs are its own.
    tasks: Vec<Owner>,
}

#[derive(Debug)]
struct Owner {
    name: String,
    owned: Vec<bool>,
    /// A cell type, and a bin.
    bins: Vec<(usize, Interval)>,
}

/// On whose motifs the contributions to a task's log-odds lie, as shares of all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotifShares {
    bins: usize,
    /// Sums of contributions in each block of the genome.
    blocks: BTreeMap<(usize, usize), Sums>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    all: f64,
    own: f64,
    other: f64,
    permuted: f64,
}

impl Sums {
    fn add(&mut self, more: Self) {
        self.all += more.all;
        self.own += more.own;
        self.other += more.other;
        self.permuted += more.permuted;
    }
}

impl MotifShares {
    /// Returns the number of bins that were explained.
    pub fn bins(&self) -> usize {
        self.bins
    }

    /// Returns the share on the factor's own motifs.
    pub fn own(&self) -> f64 {
        self.share(|sums| sums.own)
    }

    /// Returns the share on motifs of other factors alone.
    pub fn other(&self) -> f64 {
        self.share(|sums| sums.other)
    }

    /// Returns what the share on motifs of others would be if another factor's motifs were the own ones, on average
    /// over the other factors.
    pub fn permuted(&self) -> f64 {
        self.share(|sums| sums.permuted)
    }

    /// Returns the 95 % interval of [`other`](Self::other), by a bootstrap of blocks of 10,000 base pairs.
    pub fn interval(&self) -> (f64, f64) {
        let blocks: Vec<&Sums> = self.blocks.values().collect();
        let replicate = |number: u64| {
            let mut random = stream(&[STREAM, number]);
            let mut total = Sums::default();
            for _ in &blocks {
                total.add(*blocks[random.random_range(0..blocks.len())]);
            }
            ratio(total.other, total.all)
        };
        let mut replicates: Vec<f64> = (0..REPLICATES).map(replicate).collect();
        replicates.sort_unstable_by(f64::total_cmp);
        let end = |share: f64| replicates[((REPLICATES - 1) as f64 * share).round() as usize];
        (end(0.025), end(0.975))
    }

    /// Adds what another training of the same model has on the same bins.
    pub fn add(&mut self, other: &Self) {
        self.bins = self.bins.max(other.bins);
        for (block, sums) in &other.blocks {
            self.blocks.entry(*block).or_default().add(*sums);
        }
    }

    fn share(&self, part: impl Fn(&Sums) -> f64) -> f64 {
        ratio(self.blocks.values().map(part).sum(), self.blocks.values().map(|sums| sums.all).sum())
    }
}

fn ratio(part: f64, all: f64) -> f64 {
    if all > 0.0 { part / all } else { 0.0 }
}

impl<'a> MotifOwners<'a> {
    /// Finds the sites' owners, and the bins of a split that each factor binds.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if not at least two factors have profiles, and [`Error::EmptySplit`].
    pub fn new(dataset: &'a Dataset, split: Split, context_bp: usize) -> Result<Self> {
        let motifs: Vec<&Motif> = dataset.motifs().into_iter().flatten().collect();
        let of_task = |index: usize| -> Result<Option<Owner>> {
            let task = &dataset.tasks()[index];
            let own = dataset.factor_motifs(&task.factor);
            let is_own = |motif: &&Motif| own.iter().any(|own| own.matrix.correlation(&motif.matrix) >= ALIKE);
            let owned: Vec<bool> = motifs.iter().map(is_own).collect();
            let bins =
                if own.is_empty() { Vec::new() } else { bound_bins(dataset, &[index], split, context_bp, BINS)? };
            Ok((!bins.is_empty()).then(|| Owner { name: task.name.clone(), owned, bins }))
        };
        let tasks = (0..dataset.tasks().len()).map(of_task).collect::<Result<Vec<_>>>()?;
        let tasks: Vec<Owner> = tasks.into_iter().flatten().collect();
        let expected = "at least two factors with profiles and bound bins, in a data set with motifs";
        Error::unless(tasks.len() > 1, "motifs", expected, tasks.len())?;
        Ok(Self { dataset, scanner: scanner(dataset, &motifs)?, tasks })
    }

    /// Explains the bound bins of a model's tasks; those without a profile or a bound bin are left out.
    ///
    /// # Errors
    ///
    /// Those of [`Mutagenesis::regions`].
    pub fn shares(&self, file: &ModelFile) -> Result<Vec<(String, MotifShares)>> {
        let own = |task: &String| self.tasks.iter().find(|owner| owner.name == *task);
        let known: Vec<&Owner> = file.tasks.iter().filter_map(own).collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = known.iter().map(|owner| owner.name.as_str()).collect();
        let mutagenesis = Mutagenesis::new(file)?.with_tasks(&names)?;
        let mut shares = vec![MotifShares::default(); known.len()];
        for cell in 0..self.dataset.cells().len() {
            let mut bins: BTreeMap<Interval, Vec<usize>> = BTreeMap::new();
            for (task, owner) in known.iter().enumerate() {
                for (_, bin) in owner.bins.iter().filter(|(of, _)| *of == cell) {
                    bins.entry(*bin).or_default().push(task);
                }
            }
            let regions: Vec<Interval> = bins.keys().copied().collect();
            let mut bound = bins.iter();
            mutagenesis.regions(ScanSource::from_dataset(self.dataset, cell), &regions, |effects| {
                let Some((bin, tasks)) = bound.next() else { return Ok(()) };
                let covered = self.covered(*bin, &effects);
                for &task in tasks {
                    let sums = self.sums(&covered, known[task], &effects.contributions(task));
                    let block = (bin.chromosome, bin.start / MIN_BLOCK_BP);
                    shares[task].blocks.entry(block).or_default().add(sums);
                    shares[task].bins += 1;
                }
                Ok(())
            })?;
        }
        Ok(names.into_iter().map(str::to_owned).zip(shares).collect())
    }

    /// The motifs whose sites cover each position of an explained context.
    fn covered(&self, bin: Interval, effects: &BaseEffects) -> Vec<Vec<usize>> {
        let (first, length) = (effects.origin().start, effects.len());
        let start = usize::try_from(first).unwrap_or(0);
        let end = usize::try_from(first + length as i64).unwrap_or(0);
        let mut covered = vec![Vec::new(); length];
        for hit in self.scanner.scan_interval(self.dataset.genome(), Interval { start, end, ..bin }) {
            for position in hit.interval.start..hit.interval.end {
                covered[(position as i64 - first) as usize].push(hit.motif);
            }
        }
        covered
    }

    fn sums(&self, covered: &[Vec<usize>], own: &Owner, contributions: &[f32]) -> Sums {
        let mut sums = Sums::default();
        let others = || self.tasks.iter().filter(|owner| owner.name != own.name);
        for (motifs, contribution) in covered.iter().zip(contributions) {
            let size = f64::from(contribution.abs());
            sums.all += size;
            if motifs.is_empty() {
                continue;
            }
            let is_owned_by = |owner: &Owner| motifs.iter().any(|motif| owner.owned[*motif]);
            *if is_owned_by(own) { &mut sums.own } else { &mut sums.other } += size;
            let without = others().filter(|owner| !is_owned_by(owner)).count();
            sums.permuted += size * without as f64 / others().count() as f64;
        }
        sums
    }
}

/// A scanner for all motifs of a data set.
fn scanner(dataset: &Dataset, motifs: &[&Motif]) -> Result<Scanner> {
    let background = MarkovBackground::from_genome(dataset.genome());
    let frequencies = Background::new(dataset.genome().base_frequencies())?;
    let matrices = motifs.iter().map(|motif| motif.matrix.to_log_odds(&frequencies, 0.01));
    let matrices = matrices.collect::<Result<Vec<_>>>()?;
    let threshold = |matrix| Ok(ScoreDistribution::new(matrix, &background)?.threshold(P_VALUE));
    let thresholds = matrices.iter().map(threshold).collect::<Result<Vec<f64>>>()?;
    Scanner::new(matrices.iter().zip(thresholds))
}
