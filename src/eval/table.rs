//! Rows of the tables that `compare` writes, as tab-separated files.

use std::{io, path::Path};

use csv::{ErrorKind, ReaderBuilder, StringRecord, WriterBuilder};
use serde::{Serialize, Serializer};

use super::{reason::Reason, verdict::Verdict};
use crate::{Error, Result, file};

/// What stands in a table for a value that is not defined.
pub const UNDEFINED: &str = "NA";

/// A row of a table with fixed columns.
pub trait Row: Serialize + Sized {
    /// The names of the columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// How many of the last columns were added later. A file without them can be read: each value is [`UNDEFINED`] there.
    const ADDED: usize = 0;

    /// Makes a row of the fields of a line, taken in order.
    ///
    /// # Errors
    /// [`Error::Parse`] at a field that is not what its column holds.
    fn from_fields(fields: &mut Fields<'_>) -> Result<Self>;
}

/// Writes a table: a line with the names of the columns, then a line for each row.
///
/// The file appears under its name only when it is whole; an older one is replaced. A number is written with the
/// fewest digits that read back as the same number.
///
/// ```
/// use multitf::eval::{run::RunRow, table};
///
/// let path = std::env::temp_dir().join(format!("runs-{}.tsv", std::process::id()));
/// let run = RunRow {
///     model: "multi".into(),
///     seed: 1,
///     tf: "*".into(),
///     draws: 100_000,
///     parameters: 81_234,
///     seconds: 12.5,
///     device: "flex".into(),
/// };
/// table::write(&path, std::slice::from_ref(&run))?;
/// assert_eq!(table::read::<RunRow>(&path)?, [run]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] where the file cannot be written.
pub fn write<R: Row>(path: impl AsRef<Path>, rows: &[R]) -> Result<()> {
    file::write_atomic(path.as_ref(), |output| {
        let mut writer = WriterBuilder::new().delimiter(b'\t').has_headers(false).from_writer(output);
        writer.write_record(R::COLUMNS)?;
        for row in rows {
            writer.serialize(row)?;
        }
        writer.flush()
    })
}

/// Reads a table.
///
/// The columns must have the row's names, all of them, in its order; those that were added later ([`Row::ADDED`]) may be
/// left out together. See [`write()`] for an example.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read, [`Error::Parse`] at the first field that is missing, too many, or not
/// what its column holds.
pub fn read<R: Row>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    let path = path.as_ref();
    let failed = |error| failure(path, error);
    let mut reader = ReaderBuilder::new().delimiter(b'\t').from_path(path).map_err(failed)?;
    check_header::<R>(path, reader.headers().map_err(failed)?)?;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        rows.push(R::from_fields(&mut Fields { path, record: &record, columns: R::COLUMNS, next: 0 })?);
    }
    Ok(rows)
}

fn check_header<R: Row>(path: &Path, header: &StringRecord) -> Result<()> {
    let before = R::COLUMNS.len() - R::ADDED;
    let expected = if header.len() == before { &R::COLUMNS[..before] } else { R::COLUMNS };
    let columns = expected.len().max(header.len());
    let wrong = (0..columns).find(|i| expected.get(*i).copied() != header.get(*i));
    wrong.map_or(Ok(()), |index| {
        let expected = expected.get(index).map_or("the end of the line".into(), |name| format!("column {name:?}"));
        Err(Error::parse(path, (1, index as u64 + 1), expected, header.get(index).unwrap_or_default()))
    })
}

/// The fields of a line, one after the other.
#[derive(Debug)]
pub struct Fields<'a> {
    path: &'a Path,
    record: &'a StringRecord,
    columns: &'static [&'static str],
    next: usize,
}

impl Fields<'_> {
    /// Takes a field as text.
    pub(crate) fn text(&mut self) -> String {
        self.next += 1;
        // All lines have as many fields as the header, which has a field for each column but those added later.
        self.record.get(self.next - 1).unwrap_or_default().to_owned()
    }

    /// Takes a whole number.
    pub(crate) fn count(&mut self) -> Result<u64> {
        self.parsed("a whole number", |text| text.parse().ok())
    }

    /// Takes a finite number.
    pub(crate) fn number(&mut self) -> Result<f64> {
        self.parsed("a finite number", finite)
    }

    /// Takes a finite number, or [`UNDEFINED`].
    pub(crate) fn number_or_na(&mut self) -> Result<Option<f64>> {
        self.unless_na("a finite number or NA", finite)
    }

    /// Takes a verdict, or [`UNDEFINED`].
    pub(crate) fn verdict_or_na(&mut self) -> Result<Option<Verdict>> {
        let known = |text: &str| Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        self.unless_na("better, worse, equal, undecided or NA", known)
    }

    /// Takes a reason, or [`UNDEFINED`].
    pub(crate) fn reason_or_na(&mut self) -> Result<Option<Reason>> {
        self.unless_na("why there is no verdict, or NA", Reason::parse)
    }

    fn unless_na<T>(&mut self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
        if self.record.get(self.next).is_none_or(|text| text == UNDEFINED) {
            self.next += 1;
            return Ok(None);
        }
        self.parsed(expected, parse).map(Some)
    }

    fn parsed<T>(&mut self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let found = self.text();
        parse(&found).ok_or_else(|| {
            let place = (self.record.position().map_or(0, csv::Position::line), self.next as u64);
            Error::parse(self.path, place, format!("{expected} as {}", self.columns[self.next - 1]), &found)
        })
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Writes a value, or [`UNDEFINED`].
#[allow(clippy::ref_option, reason = "serde fixes the signature")]
pub(crate) fn write_or_na<T: Serialize, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => serializer.serialize_str(UNDEFINED),
    }
}

/// Gives an error of the csv reader its path, and its place where it has one.
fn failure(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map_or(0, csv::Position::line);
    match error.into_kind() {
        ErrorKind::Io(source) => file::at(path)(source),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let place = (line, expected_len.min(len) + 1);
            Error::parse(path, place, format!("{expected_len} fields"), format!("{len} fields"))
        }
        ErrorKind::Utf8 { err, .. } => Error::parse(path, (line, err.field() as u64 + 1), "UTF-8", "other bytes"),
        other => file::at(path)(io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{
        eval::{comparison::ComparisonRow, run::RunRow, score::ScoreRow},
        testing::TestFile,
    };

    const RUNS: &str = "model\tseed\ttf\tdraws\tparameters\tseconds\tdevice\n";

    fn message<R: Row + std::fmt::Debug>(name: &str, text: &[u8]) -> String {
        let path = TestFile::new(&format!("{name}.tsv"), text);
        let error = read::<R>(&path).unwrap_err();
        assert!(matches!(error, Error::Parse { .. }), "{error:?}");
        error.to_string().rsplit_once(".tsv:").unwrap().1.to_owned()
    }

    #[test]
    fn columns_are_those_of_the_interface() {
        let scores =
            "model seed split tf cell positives negatives average_precision auprc auroc recall10 recall50 bound_ap";
        let comparison = "model_a model_b tf cell split metric delta low high p q seeds verdict reason";
        assert_eq!(ScoreRow::COLUMNS.join(" "), scores);
        assert_eq!(RunRow::COLUMNS.join("\t") + "\n", RUNS);
        assert_eq!(ComparisonRow::COLUMNS.join(" "), comparison);
    }

    #[test]
    fn a_wrong_field_is_reported_with_line_column_and_text() {
        let text = format!("{RUNS}multi\t1\t*\t10\t20\t1.5\tflex\nmulti\ttwo\t*\t10\t20\t1.5\tflex\n");
        assert_eq!(message::<RunRow>("field", text.as_bytes()), "3:2: expected a whole number as seed, found \"two\"");
        let text = format!("{RUNS}multi\t1\t*\t10\t20\tfast\tflex\n");
        assert_eq!(
            message::<RunRow>("float", text.as_bytes()),
            "2:6: expected a finite number as seconds, found \"fast\""
        );
    }

    #[test]
    fn a_line_that_was_cut_off_is_reported() {
        let text = format!("{RUNS}multi\t1\t*\t10\t20\t1.5\tflex\nmulti\t1\t*");
        assert_eq!(message::<RunRow>("cut", text.as_bytes()), "3:4: expected 7 fields, found \"3 fields\"");
    }

    #[test]
    fn a_missing_an_additional_and_a_renamed_column_are_reported() {
        assert_eq!(message::<RunRow>("empty", b""), "1:1: expected column \"model\", found \"\"");
        let more = RUNS.replace('\n', "\tnote\n");
        assert_eq!(message::<RunRow>("more", more.as_bytes()), "1:8: expected the end of the line, found \"note\"");
        let renamed = RUNS.replace("tf", "factor");
        assert_eq!(message::<RunRow>("renamed", renamed.as_bytes()), "1:3: expected column \"tf\", found \"factor\"");
    }

    #[test]
    fn bytes_that_are_no_text_are_reported() {
        let mut text = RUNS.as_bytes().to_vec();
        text.extend_from_slice(b"multi\t1\t\xff\t10\t20\t1.5\tflex\n");
        assert_eq!(message::<RunRow>("bytes", &text), "2:3: expected UTF-8, found \"other bytes\"");
    }

    #[test]
    fn a_score_that_is_not_finite_is_refused() {
        let header = ScoreRow::COLUMNS.join("\t");
        let text = format!("{header}\nmulti\t1\tvalid\tREB1\tyeast\t3\t4\tNaN\tNA\tNA\tNA\tNA\tNA\n");
        let expected = "2:8: expected a finite number or NA as average_precision, found \"NaN\"";
        assert_eq!(message::<ScoreRow>("nan", text.as_bytes()), expected);
    }

    #[test]
    fn a_verdict_that_is_unknown_is_refused() {
        let header = ComparisonRow::COLUMNS.join("\t");
        let row = "a\tb\tREB1\tyeast\tvalid\taverage_precision\t0\t0\t0\t1\t1\t3";
        let text = format!("{header}\n{row}\tmaybe\tNA\n");
        let expected = "2:13: expected better, worse, equal, undecided or NA as verdict, found \"maybe\"";
        assert_eq!(message::<ComparisonRow>("verdict", text.as_bytes()), expected);
        let text = format!("{header}\n{row}\tundecided\tno idea\n");
        let expected = "2:14: expected why there is no verdict, or NA as reason, found \"no idea\"";
        assert_eq!(message::<ComparisonRow>("reason", text.as_bytes()), expected);
    }

    #[test]
    fn a_comparison_of_before_has_no_reasons() {
        let before = ComparisonRow::COLUMNS[..13].join("\t");
        assert!(before.ends_with("\tverdict"));
        let row = "a\tb\tREB1\tyeast\tvalid\taverage_precision\t0.5\t0.25\t0.75\t0.01\t0.02\t1\tbetter";
        let path = TestFile::new("before.tsv", format!("{before}\n{row}\n"));
        let read = read::<ComparisonRow>(&path).unwrap();
        assert_eq!((read[0].verdict, &read[0].reason), (Some(Verdict::Better), &None));
        // All of the columns, or all but those added later.
        let less = ComparisonRow::COLUMNS[..12].join("\t") + "\n";
        assert_eq!(message::<ComparisonRow>("less", less.as_bytes()), "1:13: expected column \"verdict\", found \"\"");
        let short = format!("{}\n{row}\n", ComparisonRow::COLUMNS.join("\t"));
        assert_eq!(
            message::<ComparisonRow>("short", short.as_bytes()),
            "2:14: expected 14 fields, found \"13 fields\""
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_reported_with_its_path() {
        let error = read::<RunRow>("no/such/runs.tsv").unwrap_err();
        assert!(matches!(error, Error::Io { .. }));
        assert!(error.to_string().starts_with("no/such/runs.tsv: "), "{error}");
    }

    #[test]
    fn a_table_without_rows_keeps_its_header() {
        let path = TestFile::new("none.tsv", "");
        write::<RunRow>(&path, &[]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), RUNS);
        assert_eq!(read::<RunRow>(&path).unwrap(), []);
    }

    #[test]
    fn names_with_tabs_and_quotes_come_back() {
        let path = TestFile::new("quotes.tsv", "");
        let row = RunRow {
            model: "a\tb \"c\"\nd".into(),
            seed: u64::MAX,
            tf: "*".into(),
            draws: 1,
            parameters: 2,
            seconds: 0.1 + 0.2,
            device: String::new(),
        };
        write(&path, std::slice::from_ref(&row)).unwrap();
        assert_eq!(read::<RunRow>(&path).unwrap(), [row]);
    }
}
