//! Sequences without a genome, each of which is one sample.

use std::collections::{HashMap, HashSet};

use super::{Cell, Dataset, Task, odd_names, profiles::Profiles};
use crate::{
    Error, Result,
    data::{Split, Transform, pattern::check_name, split::SplitPlan},
    error::names::listed,
    file::Contents,
    genome::{BinGrid, Genome, Label, Labels, base},
    motif::MotifSet,
    random::mixed,
};

/// Keeps the random numbers of splits apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"sequence");
/// Names that a note shows.
const SHOWN: usize = 5;

/// Which sequences are trained on, chosen on and tested on.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceSplit {
    /// The part of each sequence, in their order.
    Given(Vec<Split>),
    /// Shares that are drawn at random; what is left is trained on.
    ///
    /// Sequences that are equal, on either strand, are drawn together. The parts depend on the sequences and the seed, not on
    /// names and order.
    Random {
        /// The share to choose settings on.
        valid: f64,
        /// The share to test on.
        test: f64,
        /// The seed.
        seed: u64,
    },
}

/// What a data set of sequences is put together from.
pub(super) struct SequenceParts {
    pub(super) name: String,
    pub(super) sequences: Genome,
    pub(super) cell: Option<String>,
    /// By factor, which are none twice.
    pub(super) labels: Vec<(String, Labels)>,
    /// The part of each sequence, if it has any.
    pub(super) parts: Vec<Option<Split>>,
    pub(super) motifs: Option<(MotifSet, Profiles)>,
}

impl Dataset {
    /// Makes a data set of sequences without a genome, as SELEX, reporter assays (MPRA) and protein binding microarrays have
    /// them: a name, letters, and a label for each task, in the order of `tasks`.
    ///
    /// Each sequence is one sample, and a block of its own for the bootstrap. Their lengths may differ: a model sees a sequence
    /// in the middle of its context, with N on both sides. A context that is shorter than a sequence is an error, so that
    /// nothing is cut off unseen: set `architecture.context_bp` to the longest one. A label is a [`Label`], a `bool` or an
    /// `Option<bool>`, where `None` was not measured. In the data set, tasks are sorted by name.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for names that are empty or come twice, letters that are no IUPAC code, a sequence without letters
    /// or with another number of labels than there are tasks, and another number of parts than of sequences;
    /// [`Error::Config`] for shares that are none, and for names that no task can have; [`Error::EmptySplit`] for a part
    /// without a labelled sequence.
    ///
    /// # Examples
    /// From sequences in memory to a model that is trained and scored:
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     data::{Dataset, SequenceSplit, Split},
    ///     eval::evaluation::Evaluation,
    ///     train::{Fit, RunConfig},
    /// };
    ///
    /// # let mut state = 1_u32;
    /// # let mut letters = || -> String {
    /// #     let mut letter = || {
    /// #         state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    /// #         ['A', 'C', 'G', 'T'][(state >> 30) as usize]
    /// #     };
    /// #     (0..20).map(|_| letter()).collect()
    /// # };
    /// # let sequences: Vec<String> =
    /// #     (0..400).map(|i| letters() + ["TGACTCA", "GGGTCAT", "TGACTCG", ""][i % 4] + &letters()).collect();
    /// # let labels: Vec<[Option<bool>; 2]> =
    /// #     (0..400).map(|i| [Some(i % 4 == 0), (i % 7 > 0).then_some(i % 4 == 1)]).collect();
    /// let split = SequenceSplit::Random { valid: 0.2, test: 0.2, seed: 0 };
    /// let records = sequences.iter().zip(labels).enumerate().map(|(i, (letters, labels))| (i.to_string(), letters, labels));
    /// let dataset = Dataset::from_sequences("selex", &["JUN", "PHO4"], records, &split)?;
    ///
    /// let mut config = RunConfig::default().with_budget(20_000);
    /// # config = RunConfig::default().with_budget(256);
    /// # (config.architecture.motifs, config.architecture.hidden) = (16, 16);
    /// config.architecture.context_bp = 48;
    /// config.architecture.pool = 0;
    /// let device = Device::default();
    /// let fitted = Fit::new(&dataset, &[0, 1], &config, 0, &device).run()?;
    ///
    /// let evaluation = Evaluation::new(&dataset, Split::Test, 48)?;
    /// for row in evaluation.score("shared", 0, &evaluation.predict(&fitted.model)?)? {
    ///     println!("{}: {:.3}", row.tf, row.average_precision.unwrap_or_default());
    /// }
    /// # assert_eq!(evaluation.blocks(), 80);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_sequences<T, N, S, L>(
        name: impl Into<String>,
        tasks: &[T],
        sequences: impl IntoIterator<Item = (N, S, L)>,
        split: &SequenceSplit,
    ) -> Result<Self>
    where
        T: AsRef<str>,
        N: Into<String>,
        S: AsRef<[u8]>,
        L: IntoIterator,
        L::Item: Into<Label>,
    {
        let (mut records, mut labels) = (Vec::new(), vec![Vec::new(); tasks.len()]);
        for (name, letters, of_tasks) in sequences {
            let (name, of_tasks): (String, Vec<Label>) = (name.into(), of_tasks.into_iter().map(Into::into).collect());
            if of_tasks.len() != tasks.len() {
                let (what, expected) =
                    (format!("the labels of sequence {name}"), format!("{}, one for each task", tasks.len()));
                return Err(Error::Mismatch { what, expected, found: of_tasks.len().to_string() });
            }
            labels.iter_mut().zip(of_tasks).for_each(|(labels, label)| labels.push(label));
            records.push((name, letters));
        }
        let sequences = Genome::from_sequences(records)?;
        let labels = tasks.iter().map(|task| task.as_ref().to_owned()).zip(labels.into_iter().map(Labels::from));
        let parts = split.parts(&sequences)?;
        SequenceParts { name: name.into(), sequences, cell: None, labels: labels.collect(), parts, motifs: None }
            .assemble()?
            .checked()
    }

    /// Refuses a context that cuts sequences off; on a genome it is always one.
    pub(crate) fn check_context(&self, context_bp: usize) -> Result<()> {
        if !self.has_sequences() || context_bp >= self.grid.bin_bp() {
            return Ok(());
        }
        let lengths = (0..self.genome.len()).map(|sequence| self.genome.length(sequence));
        let longer = lengths.filter(|length| *length > context_bp).count();
        let expected = format!(
            "at least {}, the length of the longest sequence: {longer} of {} are longer than the context, and would be cut",
            self.grid.bin_bp(),
            self.genome.len()
        );
        Err(Error::Config { key: "architecture.context_bp".to_owned(), expected, found: context_bp.to_string() })
    }

    /// Returns whether the data set is of sequences without a genome, each of which is one bin.
    pub fn has_sequences(&self) -> bool {
        self.grid.has_whole_chromosomes()
    }

    /// Sequences on which nothing should be learned and are trained on nevertheless.
    pub(super) fn shared_sequences(&self) -> Option<String> {
        if !self.has_sequences() {
            return None;
        }
        let train = self.plan.regions(Split::Train);
        let keys: HashSet<Vec<u8>> =
            train.iter().map(|region| either_strand(&self.genome, region.chromosome)).collect();
        let held_out = [Split::Valid, Split::Test].into_iter().flat_map(|split| self.plan.regions(split));
        let both = held_out.filter(|region| keys.contains(&either_strand(&self.genome, region.chromosome)));
        let names: Vec<&str> = both.map(|region| self.genome.name(region.chromosome)).collect();
        (!names.is_empty()).then(|| {
            format!(
                "sequences to choose or test on that are trained on too, under another name or on the other strand: {}",
                listed(names, SHOWN)
            )
        })
    }
}

impl SequenceParts {
    /// Puts the data set together.
    pub(super) fn assemble(mut self) -> Result<Dataset> {
        let refuse = |what: &str, expected: &str, found: &str| {
            Err(Error::Mismatch { what: what.to_owned(), expected: expected.to_owned(), found: found.to_owned() })
        };
        if self.sequences.is_empty() {
            return refuse("the sequences", "at least one", "none");
        }
        self.labels.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.labels.iter().try_for_each(|(factor, _)| check_name("the name of a task", factor))?;
        if let Some(pair) = self.labels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return refuse("the tasks", "each once", &format!("{} twice", pair[0].0));
        }
        let notes = odd_names::remarks("factor", &self.labels.iter().map(|(factor, _)| &**factor).collect());
        let grid = BinGrid::from_chromosomes(&self.sequences);
        let plan = SplitPlan::from_parts(&self.parts, &grid);
        let task = |factor: String| Task { name: factor.clone(), factor, cell: None };
        let (tasks, labels) = self.labels.into_iter().map(|(factor, labels)| (task(factor), Some(labels))).unzip();
        let (motifs, profiles) = self.motifs.map_or_else(Default::default, |(motifs, own)| (Some(motifs), own));
        Ok(Dataset {
            name: self.name,
            genome: self.sequences,
            grid,
            motifs,
            profiles,
            tasks,
            cells: vec![Cell { name: self.cell.unwrap_or_else(|| "sequences".to_owned()) }],
            labels,
            signals: Vec::new(),
            transform: Transform::default(),
            plan,
            notes,
        })
    }
}

impl SequenceSplit {
    /// The part of each sequence.
    fn parts(&self, sequences: &Genome) -> Result<Vec<Option<Split>>> {
        match self {
            Self::Given(parts) if parts.len() == sequences.len() => Ok(parts.iter().copied().map(Some).collect()),
            Self::Given(parts) => Err(Error::Mismatch {
                what: "the parts of a split".to_owned(),
                expected: format!("{}, one for each sequence", sequences.len()),
                found: parts.len().to_string(),
            }),
            &Self::Random { valid, test, seed } => {
                for (key, share) in
                    [("split.valid", valid), ("split.test", test), ("split.valid + split.test", valid + test)]
                {
                    Error::unless(share > 0.0 && share < 1.0, key.to_owned(), "a share above 0 and below 1", share)?;
                }
                Ok(drawn(sequences, valid, test, seed))
            }
        }
    }
}

/// Draws parts; equal sequences come together.
fn drawn(sequences: &Genome, valid: f64, test: f64, seed: u64) -> Vec<Option<Split>> {
    let mut alike = HashMap::<Vec<u8>, Vec<usize>>::new();
    for sequence in 0..sequences.len() {
        alike.entry(either_strand(sequences, sequence)).or_default().push(sequence);
    }
    let order = |key: &[u8]| mixed(&[seed, STREAM, Contents::new(key.iter().map(|&code| u64::from(code))).number()]);
    let mut alike: Vec<_> = alike.into_iter().map(|(key, members)| (order(&key), key, members)).collect();
    alike.sort_unstable();
    let count = |share: f64| (share * sequences.len() as f64).round() as usize;
    let (test, valid) = (count(test), count(test) + count(valid));
    let (mut parts, mut done) = (vec![None; sequences.len()], 0);
    for (.., members) in alike {
        let part = if done < test {
            Split::Test
        } else if done < valid {
            Split::Valid
        } else {
            Split::Train
        };
        done += members.len();
        for sequence in members {
            parts[sequence] = Some(part);
        }
    }
    parts
}

/// The codes of a sequence or of its other strand, whichever are first in the alphabet.
fn either_strand(sequences: &Genome, sequence: usize) -> Vec<u8> {
    let mut codes = vec![base::N; sequences.length(sequence)];
    sequences.decode(sequence, 0, &mut codes);
    let reverse: Vec<u8> = codes.iter().rev().map(|&code| base::complement(code)).collect();
    codes.min(reverse)
}
