//! Sequences without a genome, each of which is one sample.

mod file;
mod split;
mod table;

use std::{collections::HashSet, sync::Arc};

pub use self::split::SequenceSplit;
use self::split::canonical_codes;
use super::{
    Dataset,
    notes::names,
    task::{Cell, Task},
};
use crate::{
    Error, Result,
    data::{SignalTransform, Split, pattern::check_name, split::SplitPlan},
    error::names::listed,
    genome::{BinGrid, Genome, Label, Labels},
};

/// Names that a note shows.
const SHOWN: usize = 5;

impl Dataset {
    /// Makes a data set of sequences without a genome, as from SELEX, reporter assays (MPRA) and protein binding
    /// microarrays: a name, letters, and a label for each task, in the order of `tasks`.
    ///
    /// Each sequence is one sample, and a block of its own for the bootstrap. Lengths may differ: a model sees a
    /// sequence in the middle of its context, with N on both sides. A context shorter than a sequence is an error, so
    /// that nothing is cut off silently: set `architecture.context_bp` to the longest length. A label is a [`Label`], a
    /// `bool` or an `Option<bool>`, where `None` was not measured. The data set sorts tasks by name.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for empty or repeated names, letters that are no IUPAC code, a sequence without letters, and
    /// another number of labels than tasks or of splits than sequences; [`Error::Config`] for shares outside 0 to 1,
    /// and for invalid names of tasks; [`Error::EmptySplit`] for a split without a labelled sequence.
    ///
    /// # Examples
    /// From sequences in memory to a model that is trained and scored:
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     data::{Dataset, SequenceSplit, Split},
    ///     eval::Evaluation,
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
    /// let labelled = sequences.iter().zip(labels).enumerate();
    /// let records = labelled.map(|(i, (letters, labels))| (i.to_string(), letters, labels));
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
        for (name, letters, row) in sequences {
            let (name, row): (String, Vec<Label>) = (name.into(), row.into_iter().map(Into::into).collect());
            if row.len() != tasks.len() {
                let expected = format!("{}, one for each task", tasks.len());
                return Err(Error::mismatch(format!("the labels of sequence {name}"), expected, row.len()));
            }
            labels.iter_mut().zip(row).for_each(|(labels, label)| labels.push(label));
            records.push((name, letters));
        }
        let sequences = Genome::from_sequences(records)?;
        let labels = tasks.iter().map(|task| task.as_ref().to_owned()).zip(labels.into_iter().map(Labels::from));
        let splits: Vec<_> = split.assign(&sequences)?.into_iter().map(Some).collect();
        Self::assemble_sequences(name.into(), sequences, labels.collect(), &splits)?.check_and_note()
    }

    /// Refuses a context shorter than a sequence without a genome.
    pub(crate) fn check_context(&self, context_bp: usize) -> Result<()> {
        let (longest, count) = (self.grid.bin_bp(), self.genome.len());
        if !self.has_sequences() || context_bp >= longest {
            return Ok(());
        }
        let longer = (0..count).filter(|&sequence| self.genome.length(sequence) > context_bp).count();
        let expected = format!(
            "at least {longest}, the length of the longest sequence: {longer} of {count} are longer than the context, \
             and would be cut"
        );
        Err(Error::config("architecture.context_bp", expected, context_bp))
    }

    /// Returns whether the data set has sequences without a genome, each of them one bin.
    pub fn has_sequences(&self) -> bool {
        self.grid.has_one_bin_per_chromosome()
    }

    /// Notes validation and test sequences that are trained on too.
    pub(super) fn shared_sequences(&self) -> Option<String> {
        if !self.has_sequences() {
            return None;
        }
        let train = self.plan.regions(Split::Train);
        let keys: HashSet<Vec<u8>> =
            train.iter().map(|region| canonical_codes(&self.genome, region.chromosome)).collect();
        let held_out = [Split::Valid, Split::Test].into_iter().flat_map(|split| self.plan.regions(split));
        let both = held_out.filter(|region| keys.contains(&canonical_codes(&self.genome, region.chromosome)));
        let names: Vec<&str> = both.map(|region| self.genome.name(region.chromosome)).collect();
        (!names.is_empty()).then(|| {
            format!(
                "validation or test sequences that are trained on too, under another name or on the other strand: {}",
                listed(names, SHOWN)
            )
        })
    }

    /// Makes a data set of sequences from the labels of each factor and the split of each sequence, if it has one.
    pub(super) fn assemble_sequences(
        name: String,
        sequences: Genome,
        mut labels: Vec<(String, Labels)>,
        splits: &[Option<Split>],
    ) -> Result<Self> {
        Error::unless_fits(!sequences.is_empty(), "the sequences", "at least one", "none")?;
        labels.sort_by(|(one, _), (other, _)| one.cmp(other));
        labels.iter().try_for_each(|(factor, _)| check_name("the name of a task", factor))?;
        if let Some(pair) = labels.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::mismatch("the tasks", "each once", format!("{} twice", pair[0].0)));
        }
        let notes = names::suspicious_names("factor", &labels.iter().map(|(factor, _)| &**factor).collect());
        let grid = BinGrid::from_chromosomes(&sequences);
        let plan = SplitPlan::from_splits(splits, &grid);
        let tracks = labels.into_iter().map(|(factor, labels)| (Task::for_factor(&factor), Some(labels)));
        let (tasks, labels) = tracks.unzip();
        Ok(Self {
            name,
            genome: sequences.into(),
            grid,
            motifs: None,
            tasks,
            cells: vec![Cell { name: "sequences".to_owned() }],
            labels: Arc::new(labels),
            signals: Arc::default(),
            transform: SignalTransform::default(),
            normalisation: None,
            plan,
            is_fold: false,
            notes,
        })
    }
}
