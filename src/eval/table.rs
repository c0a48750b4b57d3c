//! Tab-separated tables with fixed columns.

use std::{io, path::Path};

use csv::{ErrorKind, ReaderBuilder, StringRecord, WriterBuilder};
use serde::{Serialize, Serializer};

use crate::{
    Error, Result,
    eval::{Reason, Verdict},
    file,
};

/// What a table holds for a value that is not defined.
pub const NA: &str = "NA";

/// A row of a table with fixed columns.
pub trait TableRow: Serialize + Sized {
    /// The names of the columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];

    /// The columns that were added later. In a file without one of them each of its values is [`NA`].
    const ADDED: &'static [&'static str];

    /// Makes a row of the fields of a line, taken in order.
    ///
    /// # Errors
    /// [`Error::Parse`] at a field that is not what its column holds.
    fn from_fields(fields: &mut TableFields<'_>) -> Result<Self>;
}

/// Makes a struct a [`TableRow`]: names its fields in their order, and after a semicolon those that were added later.
macro_rules! table_row {
    ($row:ty: $($column:ident),+ $(; $($added:ident),+)?) => {
        impl $crate::eval::TableRow for $row {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];
            const ADDED: &'static [&'static str] = &[$($(stringify!($added)),+)?];

            fn from_fields(fields: &mut $crate::eval::TableFields<'_>) -> $crate::Result<Self> {
                Ok(Self { $($column: fields.take()?,)+ })
            }
        }
    };
}
pub(super) use table_row;

/// Writes a table: a line with the names of the columns, then a line for each row.
///
/// The file appears under its name only when it is complete, and replaces an older one. A number is written with the
/// fewest digits that read back as the same number.
///
/// ```
/// use multitf::eval::{RunRow, read_table, write_table};
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
///     network_draws: Some(400_000),
///     cpu_seconds: Some(12.25),
/// };
/// write_table(&path, std::slice::from_ref(&run))?;
/// assert_eq!(read_table::<RunRow>(&path)?, [run]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] where the file cannot be written.
pub fn write_table<R: TableRow>(path: impl AsRef<Path>, rows: &[R]) -> Result<()> {
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
/// The columns must be those of the row, in its order. Those that were added later ([`TableRow::ADDED`]) may be
/// missing. See [`write_table`] for an example.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read, [`Error::Parse`] at the first field that is missing, too many, or not
/// what its column holds.
pub fn read_table<R: TableRow>(path: impl AsRef<Path>) -> Result<Vec<R>> {
    let path = path.as_ref();
    let failed = |error| failure(path, error);
    let mut reader = ReaderBuilder::new().delimiter(b'\t').from_path(path).map_err(failed)?;
    let found = columns_of::<R>(path, reader.headers().map_err(failed)?)?;
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        let (columns, record) = (R::COLUMNS, &record);
        rows.push(R::from_fields(&mut TableFields { path, record, columns, found: &found, taken: 0 })?);
    }
    Ok(rows)
}

/// Returns the columns of a file: those of the row, of which it may lack some that were added later.
fn columns_of<R: TableRow>(path: &Path, header: &StringRecord) -> Result<Vec<&'static str>> {
    let is_there = |column: &&&str| !R::ADDED.contains(*column) || header.iter().any(|found| found == **column);
    let expected: Vec<&str> = R::COLUMNS.iter().filter(is_there).copied().collect();
    let wrong = (0..expected.len().max(header.len())).find(|&i| expected.get(i).copied() != header.get(i));
    wrong.map_or(Ok(expected.clone()), |index| {
        let expected = expected.get(index).map_or("the end of the line".into(), |name| format!("column {name:?}"));
        Err(Error::parse(path, (1, index as u64 + 1), expected, header.get(index).unwrap_or_default()))
    })
}

/// The fields of a line, one after the other.
#[derive(Debug)]
pub struct TableFields<'a> {
    path: &'a Path,
    record: &'a StringRecord,
    /// All columns of the row, of which those are still to be taken.
    columns: &'static [&'static str],
    /// The columns of the file, and how many of them were taken.
    found: &'a [&'static str],
    taken: usize,
}

impl TableFields<'_> {
    /// Takes the next field.
    pub(super) fn take<T: Field>(&mut self) -> Result<T> {
        let (column, rest) = self.columns.split_first().expect("a row takes as many fields as it has columns");
        self.columns = rest;
        let is_there = self.found.get(self.taken) == Some(column);
        // A line has as many fields as the header.
        let text = self.record.get(self.taken).filter(|_| is_there).unwrap_or(NA);
        self.taken += usize::from(is_there);
        T::parse(text).ok_or_else(|| {
            let place = (self.record.position().map_or(0, csv::Position::line), self.taken as u64);
            Error::parse(self.path, place, format!("{} as {column}", T::EXPECTED), text)
        })
    }
}

/// A value in a field of a table.
pub(super) trait Field: Sized {
    /// What a field of this type holds.
    const EXPECTED: &'static str;

    /// Reads the value, if it is one.
    fn parse(text: &str) -> Option<Self>;
}

impl Field for String {
    const EXPECTED: &'static str = "text";

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Field for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Field for Option<u64> {
    const EXPECTED: &'static str = "a whole number or NA";

    fn parse(text: &str) -> Option<Self> {
        if text == NA { Some(None) } else { u64::parse(text).map(Some) }
    }
}

impl Field for f64 {
    const EXPECTED: &'static str = "a finite number";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &Self| number.is_finite())
    }
}

impl Field for Option<f64> {
    const EXPECTED: &'static str = "a finite number or NA";

    fn parse(text: &str) -> Option<Self> {
        if text == NA { Some(None) } else { f64::parse(text).map(Some) }
    }
}

impl Field for Option<Verdict> {
    const EXPECTED: &'static str = "better, worse, equal, undecided or NA";

    fn parse(text: &str) -> Option<Self> {
        let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text);
        if text == NA { Some(None) } else { verdict.map(Some) }
    }
}

impl Field for Option<Reason> {
    const EXPECTED: &'static str = "why there is no verdict, or NA";

    fn parse(text: &str) -> Option<Self> {
        if text == NA { Some(None) } else { Reason::parse(text).map(Some) }
    }
}

/// Writes a value, or [`NA`].
#[allow(clippy::ref_option, reason = "serde fixes the signature")]
pub(super) fn write_or_na<T: Serialize, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(serializer),
        None => serializer.serialize_str(NA),
    }
}

/// Adds the path to an error of the csv reader, and the position if it has one.
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
        eval::{ComparisonRow, RunRow, ScoreRow},
        testing::TestFile,
    };

    const RUNS: &str = "model\tseed\ttf\tdraws\tparameters\tseconds\tdevice\n";
    const RUNS_NOW: &str = "model\tseed\ttf\tdraws\tnetwork_draws\tparameters\tseconds\tdevice\tcpu_seconds\n";

    fn message<R: TableRow + std::fmt::Debug>(name: &str, text: &[u8]) -> String {
        let path = TestFile::new(&format!("{name}.tsv"), text);
        let error = read_table::<R>(&path).unwrap_err();
        assert!(matches!(error, Error::Parse { .. }), "{error:?}");
        error.to_string().rsplit_once(".tsv:").unwrap().1.to_owned()
    }

    #[test]
    fn columns_are_those_of_the_interface() {
        let scores = "model seed split tf cell positives negatives average_precision auprc auroc recall10 recall50 \
                      bound_ap differing_ap";
        let comparison = "model_a model_b tf cell split metric delta low high p q seeds verdict detectable reason";
        assert_eq!(ScoreRow::COLUMNS.join(" "), scores);
        assert_eq!(RunRow::COLUMNS.join("\t") + "\n", RUNS_NOW);
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
        let text = format!("{header}\nmulti\t1\tvalid\tREB1\tyeast\t3\t4\tNaN\tNA\tNA\tNA\tNA\tNA\tNA\n");
        let expected = "2:8: expected a finite number or NA as average_precision, found \"NaN\"";
        assert_eq!(message::<ScoreRow>("nan", text.as_bytes()), expected);
    }

    #[test]
    fn a_verdict_that_is_unknown_is_refused() {
        let header = ComparisonRow::COLUMNS.join("\t");
        let row = "a\tb\tREB1\tyeast\tvalid\taverage_precision\t0\t0\t0\t1\t1\t3";
        let text = format!("{header}\n{row}\tmaybe\tNA\tNA\n");
        let expected = "2:13: expected better, worse, equal, undecided or NA as verdict, found \"maybe\"";
        assert_eq!(message::<ComparisonRow>("verdict", text.as_bytes()), expected);
        let text = format!("{header}\n{row}\tundecided\tNA\tno idea\n");
        let expected = "2:15: expected why there is no verdict, or NA as reason, found \"no idea\"";
        assert_eq!(message::<ComparisonRow>("reason", text.as_bytes()), expected);
    }

    #[test]
    fn a_comparison_of_before_may_lack_columns_that_were_added() {
        let fields =
            "a\tb\tREB1\tyeast\tvalid\taverage_precision\t0.5\t0.25\t0.75\t0.01\t0.02\t1\tundecided\t0.125\tone seed";
        let pairs = || ComparisonRow::COLUMNS.iter().copied().zip(fields.split('\t'));
        let without = |left_out: &[&str]| {
            let (columns, fields): (Vec<&str>, Vec<&str>) =
                pairs().filter(|(column, _)| !left_out.contains(column)).unzip();
            format!("{}\n{}\n", columns.join("\t"), fields.join("\t"))
        };
        for left_out in [&[][..], &["detectable"], &["reason"], &["detectable", "reason"]] {
            let path = TestFile::new("before.tsv", without(left_out));
            let rows = read_table::<ComparisonRow>(&path).unwrap();
            let expected = |name: &str| !left_out.contains(&name);
            assert_eq!(rows[0].verdict, Some(Verdict::Undecided));
            assert_eq!(rows[0].reason, expected("reason").then_some(Reason::OneSeed));
            assert_eq!(rows[0].detectable, expected("detectable").then_some(0.125));
        }
        let less = message::<ComparisonRow>("less", without(&["verdict"]).as_bytes());
        assert_eq!(less, "1:13: expected column \"verdict\", found \"detectable\"");
        let text = without(&[]);
        let short = text.replace("\tone seed", "");
        let expected = "2:15: expected 15 fields, found \"14 fields\"";
        assert_eq!(message::<ComparisonRow>("short", short.as_bytes()), expected);
        let bad = text.replace("0.125", "much");
        let expected = "2:14: expected a finite number or NA as detectable, found \"much\"";
        assert_eq!(message::<ComparisonRow>("bad", bad.as_bytes()), expected);
    }

    #[test]
    fn a_file_that_is_not_there_is_reported_with_its_path() {
        let error = read_table::<RunRow>("no/such/runs.tsv").unwrap_err();
        assert!(matches!(error, Error::Io { .. }));
        assert!(error.to_string().starts_with("no/such/runs.tsv: "), "{error}");
    }

    #[test]
    fn a_table_without_rows_keeps_its_header() {
        let path = TestFile::new("none.tsv", "");
        write_table::<RunRow>(&path, &[]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), RUNS_NOW);
        assert_eq!(read_table::<RunRow>(&path).unwrap(), []);
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
            ..RunRow::default()
        };
        write_table(&path, std::slice::from_ref(&row)).unwrap();
        assert_eq!(read_table::<RunRow>(&path).unwrap(), [row]);
    }
}
