//! Effects of the variants of a VCF file.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use noodles_core::Position;
use noodles_csi::binning_index::index::{header::Builder, reference_sequence::bin::Chunk};
use noodles_tabix as tabix;
use rayon::prelude::*;

use super::{
    Unscored, VariantEffect, VariantScorer, VariantSummary, VariantValue,
    names::is_prefix,
    output::{Output, is_compressed},
    preview::{Demands, preview, variants},
    table::Table,
    vcf_lines::VcfLines,
};
use crate::{
    Error, Result,
    file::{at, replace_with},
    genome::{VcfReader, VcfRecord},
    predict::{ScanSource, TrackValue},
};

/// Records that are scored at once.
const AT_ONCE: usize = 4096;

/// Adds to each record of a VCF file what the variant does to each task.
///
/// The file is read twice. The first time nothing is written: a faulty line and bases that are not the genome's are
/// found before hours are spent. Then each record comes back as it was, in its order, with INFO fields:
///
/// - `TFBS`: for each alternative, the five tasks whose log-odds change most;
/// - `TFBS_TASK`, for each task: the log-odds with the alternative minus those with the reference;
/// - `TFBS_SKIPPED`: why an alternative has no score ([`Unscored::word`]).
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::{VariantAnnotator, VariantScorer},
///     genome::{BinGrid, Genome},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
///     predict::ScanSource,
/// };
///
/// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
/// # let model = config.init(&Device::default());
/// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
/// let folder = tempfile::tempdir()?;
/// let (from, to) = (folder.path().join("in.vcf"), folder.path().join("out.vcf"));
/// let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
/// std::fs::write(&from, format!("##fileformat=VCFv4.3\n{columns}\nchr1\t351\t.\tG\tT,*\t.\t.\t.\n"))?;
///
/// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let scorer = VariantScorer::new(&file)?;
/// let annotator = VariantAnnotator::new(&scorer, ScanSource::new(&genome, &grid));
/// let summary = annotator.annotate(&from, &to, |_, _| {})?;
/// assert_eq!((summary.records, summary.scored), (1, 1));
/// assert!(std::fs::read_to_string(&to)?.contains(";TFBS_SKIPPED=.,overlapping-deletion"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VariantAnnotator<'a> {
    scorer: &'a VariantScorer<'a>,
    source: ScanSource<'a>,
    unit: TrackValue,
    prefix: String,
    table: Option<(PathBuf, Vec<VariantValue>)>,
    demands: Demands,
}

impl<'a> VariantAnnotator<'a> {
    /// Refuses bases that are not the genome's, and writes log-odds, without a table and an index.
    pub fn new(scorer: &'a VariantScorer<'a>, source: ScanSource<'a>) -> Self {
        let (unit, prefix) = (TrackValue::LogOdds, "TFBS".to_owned());
        Self { scorer, source, unit, prefix, table: None, demands: Demands::default() }
    }

    /// Chooses between log-odds and probabilities.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for probabilities of a model that has none
    /// ([`ModelFile::check_probabilities`](crate::nn::ModelFile::check_probabilities)).
    pub fn with_unit(self, unit: TrackValue) -> Result<Self> {
        if unit == TrackValue::Probability {
            self.scorer.file.check_probabilities()?;
        }
        Ok(Self { unit, ..self })
    }

    /// Begins the names of INFO fields with another word than `TFBS`, so that those of several models differ.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for what the format does not allow.
    pub fn with_prefix(self, prefix: &str) -> Result<Self> {
        let expected = "letters, digits, _ and ., of which the first is no digit";
        Error::unless(is_prefix(prefix), "the prefix of INFO fields".to_owned(), expected, format!("{prefix:?}"))?;
        Ok(Self { prefix: prefix.to_owned(), ..self })
    }

    /// Also writes a table: a row for each alternative, a column for each task and value. It is compressed as bgzip if
    /// its name ends in `.gz`.
    pub fn with_table(self, path: impl Into<PathBuf>, values: &[VariantValue]) -> Self {
        Self { table: Some((path.into(), values.to_vec())), ..self }
    }

    /// Gives no score to records whose reference is not that of the genome, in place of an error. It is still one if
    /// that is so for each of the first hundred.
    pub fn with_mismatches_skipped(self) -> Self {
        Self { demands: Demands { skips_mismatches: true, ..self.demands }, ..self }
    }

    /// Also writes a tabix index, for a file whose name ends in `.gz`. The records have to be sorted.
    pub fn with_index(self) -> Self {
        Self { demands: Demands { sorted: true, ..self.demands }, ..self }
    }

    /// Reads a VCF file (plain, gzip or bgzip) and writes it with the effects; compressed as bgzip if the new name
    /// ends in `.gz`. Files get their names when they are whole. A function is called with the number of records that
    /// are done, and of all.
    ///
    /// # Errors
    ///
    /// Those of [`VcfReader`] and [`VariantScorer::score`]. [`Error::Parse`] and [`Error::PastEnd`] for a record that
    /// does not fit the genome, with its line; [`Error::Mismatch`] if none of the first hundred does;
    /// [`Error::ChromosomeName`] and [`Error::ChromosomeNames`] for names of chromosomes that the genome writes in
    /// another way; [`Error::Parse`] for a file that has such fields, and for one that is not sorted if there is to be
    /// an index; [`Error::Io`].
    pub fn annotate(
        &self,
        vcf: impl AsRef<Path>,
        out: impl AsRef<Path>,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<VariantSummary> {
        let (vcf, out) = (vcf.as_ref(), out.as_ref());
        let has_index = self.demands.sorted;
        let fits = !has_index || is_compressed(out);
        Error::unless_fits(fits, "the name of a file with an index", "one that ends in .gz", out.display())?;
        if let Some((table, _)) = &self.table {
            let apart = !is_same_file(table, vcf) && !is_same_file(table, out);
            Error::unless_fits(apart, "the name of the table", "another file than the variants", table.display())?;
        }
        let all = preview(vcf, self.source.genome(), self.demands)?.records;
        let mut writer = Writer::create(self, vcf, out)?;
        let mut reader = VcfReader::open(vcf)?;
        let mut summary = VariantSummary::default();
        loop {
            let mut records = Vec::new();
            while records.len() < AT_ONCE
                && let Some(record) = reader.read()?
            {
                records.push(record);
            }
            if records.is_empty() {
                writer.finish()?;
                return Ok(summary);
            }
            let effects = self.effects(&records)?;
            for effect in effects.iter().flatten() {
                summary.count(effect.as_ref().map(|_| ()).map_err(|reason| *reason));
            }
            writer.write(&records, &effects)?;
            summary.records += records.len();
            progress(summary.records, all);
        }
    }

    /// Returns the effects of the alternatives of each record.
    fn effects(&self, records: &[VcfRecord]) -> Result<Vec<Vec<Result<VariantEffect, Unscored>>>> {
        let genome = self.source.genome();
        let alternatives: Vec<Vec<_>> = records.iter().map(|record| variants(record, genome).collect()).collect();
        let known: Vec<_> = alternatives.iter().flatten().filter_map(|variant| variant.clone().ok()).collect();
        let mut scored = self.scorer.score(self.source, &known)?.into_iter();
        // As many as there are variants.
        let mut effect = |variant: Result<_, _>| variant.and_then(|_| scored.next().unwrap_or(Err(Unscored::Missing)));
        Ok(alternatives.into_iter().map(|variants| variants.into_iter().map(&mut effect).collect()).collect())
    }
}

/// Whether two names stand for one file.
fn is_same_file(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

/// The files of an annotation.
struct Writer {
    path: PathBuf,
    output: Output,
    lines: VcfLines,
    table: Option<Table>,
    index: Option<tabix::index::Indexer>,
}

impl Writer {
    fn create(annotator: &VariantAnnotator<'_>, vcf: &Path, out: &Path) -> Result<Self> {
        let tasks = annotator.scorer.tasks();
        let reader = VcfReader::open(vcf)?;
        let lines = VcfLines::new(&annotator.prefix, &tasks, annotator.unit);
        lines.check(vcf, &reader)?;
        let table = annotator.table.as_ref();
        let table = table.map(|(path, values)| Table::create(path, &tasks, values, annotator.unit)).transpose()?;
        let mut output = Output::create(out)?;
        output.write_all(&lines.header(&reader)).map_err(at(out))?;
        let index = annotator.demands.sorted.then(|| {
            let mut index = tabix::index::Indexer::default();
            index.set_header(Builder::vcf().build());
            index
        });
        Ok(Self { path: out.to_owned(), output, lines, table, index })
    }

    fn write(&mut self, records: &[VcfRecord], effects: &[Vec<Result<VariantEffect, Unscored>>]) -> Result<()> {
        let both = records.par_iter().zip(effects);
        let lines: Vec<Vec<u8>> = both.map(|(record, effects)| self.lines.record(record, effects)).collect();
        for (record, line) in records.iter().zip(&lines) {
            let start = self.output.virtual_position();
            self.output.write_all(line).map_err(at(&self.path))?;
            if let Some((start, end)) = start.zip(self.output.virtual_position()) {
                self.add_to_index(record, Chunk::new(start, end))?;
            }
        }
        self.table.as_mut().map_or(Ok(()), |table| table.write(records, effects))
    }

    fn add_to_index(&mut self, record: &VcfRecord, chunk: Chunk) -> Result<()> {
        let Some(index) = &mut self.index else { return Ok(()) };
        let first = record.start().map_or(1, |start| start + 1);
        // Both are 1 or more.
        let place = Position::new(first).zip(Position::new(first + record.reference().len() - 1));
        let Some((first, last)) = place else { return Ok(()) };
        let name = String::from_utf8_lossy(record.chromosome());
        index.add_record(&name, first, last, chunk).map_err(at(&self.path))
    }

    fn finish(self) -> Result<()> {
        self.table.map_or(Ok(()), Table::finish)?;
        self.output.finish(&self.path)?;
        let Some(index) = self.index else { return Ok(()) };
        let mut path = self.path.into_os_string();
        path.push(".tbi");
        replace_with(Path::new(&path), |partial| tabix::fs::write(partial, &index.build()).map_err(at(partial)))
    }
}
