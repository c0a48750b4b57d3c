//! Tables of labels, a row for each sequence.

use std::path::Path;

use crate::{
    Error, Result,
    data::{Split, pattern::check_name},
    error::names::listed,
    file::text::{self, Line, Row},
    genome::{Genome, Label, Labels},
};

/// The name of the column with splits.
const SPLIT: &str = "split";
/// Names that a message shows.
const SHOWN: usize = 5;

/// A tab-separated table (plain, gzip or bgzip): a header with `name`, the names of factors and, optionally, `split`;
/// then a row for each sequence, in any order, with 1 or B (bound), 0 or U (unbound), A (ambiguous), and nothing or NA
/// where it was not measured.
#[derive(Debug)]
pub(crate) struct SequenceTable {
    /// By factor, in the order of the columns, each over all sequences.
    pub(crate) labels: Vec<(String, Labels)>,
    /// The split of each sequence, if there is such a column.
    pub(crate) splits: Option<Vec<Option<Split>>>,
}

impl SequenceTable {
    /// Reads a table with a row for each of some sequences.
    pub(crate) fn open(path: &Path, sequences: &Genome) -> Result<Self> {
        let mut reader = None;
        text::for_each_line(path, |line| {
            if line.text.is_empty() {
                return Ok(());
            }
            match &mut reader {
                None => reader = Some(TableReader::new(path, line, sequences)?),
                Some(reader) => reader.read(&Row::new(path, line))?,
            }
            Ok(())
        })?;
        reader.ok_or_else(|| Error::format(path, "a table of labels", "it is empty"))?.finish()
    }
}

/// The rows read so far.
struct TableReader<'a> {
    path: &'a Path,
    sequences: &'a Genome,
    /// The factor of each column after the first; none for the splits.
    columns: Vec<Option<String>>,
    /// By factor.
    labels: Vec<Labels>,
    splits: Vec<Option<Split>>,
    has_row: Vec<bool>,
}

impl<'a> TableReader<'a> {
    /// Reads the header.
    fn new(path: &'a Path, line: Line<'_>, sequences: &'a Genome) -> Result<Self> {
        let header = Row::new(path, line);
        if header.fields[0] != b"name" || header.fields.len() == 1 {
            return Err(header.error(0, "a header: name, and a column for each factor, with tabs between them"));
        }
        let mut columns = Vec::new();
        for column in 1..header.fields.len() {
            let name = header.text(column).into_owned();
            check_name(&format!("{}:{}:{}: its header", path.display(), line.number, column + 1), &name)?;
            let factor = (name != SPLIT).then_some(name);
            if columns.contains(&factor) {
                return Err(header.error(column, "a column that was not there before"));
            }
            columns.push(factor);
        }
        let factors = columns.iter().flatten().count();
        if factors == 0 {
            return Err(header.error(columns.len() + 1, "a column for at least one factor"));
        }
        let count = sequences.len();
        let (labels, splits) = (vec![Labels::filled(count, Label::Missing); factors], vec![None; count]);
        Ok(Self { path, sequences, columns, labels, splits, has_row: vec![false; count] })
    }

    fn read(&mut self, row: &Row<'_>) -> Result<()> {
        let width = self.columns.len() + 1;
        row.check_whole(width)?;
        if row.fields.len() != width {
            return Err(row.error(row.fields.len().min(width), format!("{width} columns, as the header has")));
        }
        let sequence = self.sequences.index_of(&row.text(0)).ok_or_else(|| row.error(0, "the name of a sequence"))?;
        if std::mem::replace(&mut self.has_row[sequence], true) {
            return Err(row.error(0, "a sequence that had no row before"));
        }
        let mut labels = self.labels.iter_mut();
        for (index, is_factor) in self.columns.iter().map(Option::is_some).enumerate() {
            let field = row.fields[index + 1].trim_ascii();
            if is_factor && let Some(labels) = labels.next() {
                let label = label(field).ok_or_else(|| row.error(index + 1, "0, 1, U, A, B, NA or nothing"))?;
                labels.set(sequence, label);
            } else {
                let is_none = field.is_empty() || field == b"NA";
                let split = Split::ALL.into_iter().find(|split| split.name().as_bytes() == field);
                if split.is_none() && !is_none {
                    return Err(row.error(index + 1, "train, valid, test, NA or nothing"));
                }
                self.splits[sequence] = split;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<SequenceTable> {
        let lacking: Vec<&str> =
            self.sequences.names().zip(&self.has_row).filter(|(_, has_row)| !**has_row).map(|(name, _)| name).collect();
        if !lacking.is_empty() {
            let expected = format!("a row for each of {} sequences", self.sequences.len());
            let found = format!("none for {}", listed(lacking, SHOWN));
            return Err(Error::mismatch(self.path.display().to_string(), expected, found));
        }
        let has_splits = self.columns.contains(&None);
        Ok(SequenceTable {
            labels: self.columns.into_iter().flatten().zip(self.labels).collect(),
            splits: has_splits.then_some(self.splits),
        })
    }
}

fn label(field: &[u8]) -> Option<Label> {
    match field {
        b"1" => Some(Label::Bound),
        b"0" => Some(Label::Unbound),
        b"" | b"NA" => Some(Label::Missing),
        [letter] => Label::from_letter(*letter),
        _ => None,
    }
}
