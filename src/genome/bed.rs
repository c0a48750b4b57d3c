//! Intervals from BED files.

mod columns;

use std::path::Path;

use self::columns::{Kind, kind};
use super::{Genome, Interval, Skipped, names::Names, text};
use crate::{Error, Result};

/// Reads the intervals of a BED file (plain, gzip or bgzip), in the order of the file, and says how many were left out.
///
/// Use it for regions, say a blacklist; [`PeakSet`](super::PeakSet) is for peaks. Columns after the third are not looked
/// at. Records on chromosomes that the genome lacks are left out.
///
/// # Errors
///
/// [`Error::Parse`] with line and column; [`Error::PastEnd`] for an interval that its chromosome is too short for;
/// [`Error::ChromosomeName`] if the file names a chromosome differently (`1` for `chr1`), [`Error::ChromosomeNames`] if it
/// names none that the genome has; [`Error::Format`] if it is no text; [`Error::Corrupt`]; [`Error::Io`].
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, Interval, read_intervals};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(500))])?;
/// let path = std::env::temp_dir().join(format!("multitf-doc-blacklist-{}.bed", std::process::id()));
/// std::fs::write(&path, "# repeats\nchr1\t100\t200\nchr2\t0\t100\n")?;
/// let (blacklist, skipped) = read_intervals(&path, &genome)?;
/// assert_eq!(blacklist, [Interval { chromosome: 0, start: 100, end: 200 }]);
/// assert_eq!(skipped.count, 1);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_intervals(path: impl AsRef<Path>, genome: &Genome) -> Result<(Vec<Interval>, Skipped)> {
    let mut intervals = Vec::new();
    let skipped = for_each_record(path.as_ref(), genome, |record| {
        intervals.push(record.interval);
        Ok(())
    })?;
    Ok((intervals, skipped))
}

/// One line of a BED file.
pub(super) struct Record<'a> {
    line: Line<'a>,
    pub(super) interval: Interval,
}

/// The place that a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// The summit of a narrowPeak record.
    Summit(usize),
    /// The middle of a peak of which no summit is known.
    Midpoint(usize),
    /// The start of a record that is no peak's.
    Start(usize),
}

impl Record<'_> {
    /// Returns the fourth column as a number, as bedGraph files have it.
    pub(super) fn value(&self) -> Result<f32> {
        let text = self.line.fields.get(3).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let value = text.and_then(|text| text.parse().ok()).filter(|value: &f32| value.is_finite());
        value.ok_or_else(|| self.line.error(3, "a finite number"))
    }

    /// Says what should stand in a field.
    pub(super) fn error(&self, field: usize, expected: &str) -> Error {
        self.line.error(field, expected)
    }

    /// Returns the place that the record is about.
    pub(super) fn point(&self) -> Result<Point> {
        const SUMMIT: usize = 9;
        let Interval { start, end, .. } = self.interval;
        let midpoint = Point::Midpoint(start + (end - start) / 2);
        match kind(&self.line.fields, start, end) {
            Kind::Plain => Ok(Point::Start(start)),
            Kind::BroadPeak => Ok(midpoint),
            Kind::NarrowPeak if self.line.fields[SUMMIT] == b"-1" => Ok(midpoint),
            Kind::NarrowPeak => {
                let length = end - start;
                let expected = format!("the summit's distance from the start, within the peak's {length} bp, or -1");
                let distance = self.line.number(SUMMIT, &expected)?;
                // Callers that count the last base in put summits at the end.
                if distance <= length {
                    Ok(Point::Summit(start + distance))
                } else {
                    Err(self.line.error(SUMMIT, &expected))
                }
            }
        }
    }
}

/// Calls `each` with every record on a chromosome of the genome; returns what is left out.
pub(super) fn for_each_record(
    path: &Path,
    genome: &Genome,
    mut each: impl FnMut(&Record) -> Result<()>,
) -> Result<Skipped> {
    let mut names = Names::new(genome, path);
    let mut columns = 0;
    text::for_each_line(path, |text::Line { number, text, is_cut }| {
        if is_remark(text) {
            return Ok(());
        }
        let line = Line { path, number, fields: split(text) };
        if is_cut && line.fields.len() < columns {
            let expected = format!("{columns} columns: the file ends within this line, as a truncated file does");
            return Err(line.error(line.fields.len(), &expected));
        }
        columns = line.fields.len();
        let (start, end) = line.bounds()?;
        let Some(chromosome) = names.resolve(line.fields[0], Some(number))? else { return Ok(()) };
        line.check_end(genome, chromosome, end)?;
        each(&Record { line, interval: Interval { chromosome, start, end } })
    })?;
    names.finish()
}

struct Line<'a> {
    path: &'a Path,
    number: u64,
    fields: Vec<&'a [u8]>,
}

impl Line<'_> {
    fn bounds(&self) -> Result<(usize, usize)> {
        if self.fields[0].trim_ascii().iter().any(u8::is_ascii_whitespace) {
            return Err(self.error(0, "one character between all columns, a tab or a blank"));
        }
        let start = self.number(1, "the start, a whole number")?;
        let end = self.number(2, "the end, a whole number")?;
        if end <= start {
            return Err(self.error(2, "an end after the start"));
        }
        Ok((start, end))
    }

    fn number(&self, field: usize, expected: &str) -> Result<usize> {
        let digits = self.fields.get(field).and_then(|bytes| std::str::from_utf8(bytes).ok());
        // `parse` takes a plus sign, which no coordinate has.
        let number = digits.filter(|digits| !digits.starts_with('+')).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| self.error(field, expected))
    }

    fn check_end(&self, genome: &Genome, chromosome: usize, end: usize) -> Result<()> {
        let length = genome.length(chromosome);
        if end <= length {
            return Ok(());
        }
        let (path, chromosome) = (self.path.to_owned(), genome.name(chromosome).to_owned());
        Err(Error::PastEnd { path, line: self.number, chromosome, end, length })
    }

    fn error(&self, field: usize, expected: &str) -> Error {
        Error::Parse {
            path: self.path.to_owned(),
            line: self.number,
            column: field as u64 + 1,
            expected: expected.to_owned(),
            found: self.fields.get(field).map_or(String::new(), |bytes| String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

fn is_remark(line: &[u8]) -> bool {
    let is_word =
        |word: &[u8]| line.strip_prefix(word).is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
    line.trim_ascii().is_empty() || line[0] == b'#' || is_word(b"track") || is_word(b"browser")
}

/// BED fields stand between tabs or, in files without tabs, between blanks; tabs at the end are no fields.
fn split(line: &[u8]) -> Vec<&[u8]> {
    if !line.contains(&b'\t') {
        return line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).collect();
    }
    let mut fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    while fields.len() > 1 && fields.last().is_some_and(|field| field.is_empty()) {
        fields.pop();
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::scratch::{Scratch, genome, gzip};

    fn message(name: &str, text: &str) -> String {
        let file = Scratch::new(name, text);
        file.message(&read_intervals(&file, &genome(&[("chr1", 100), ("chr2", 50)])).unwrap_err())
    }

    #[test]
    fn remarks_are_skipped_and_gzip_reads_the_same() {
        let text = "track name=x\nbrowser position\n#chr1\n\nchr2\t1\t50\tname\r\nchr1 0  100\nchr9\t0\t9";
        let chromosome = |chromosome, start, end| Interval { chromosome, start, end };
        for (name, bytes) in [("remarks.bed", text.as_bytes().to_vec()), ("remarks.bed.gz", gzip(text.as_bytes()))] {
            let file = Scratch::new(name, bytes);
            let (intervals, skipped) = read_intervals(&file, &genome(&[("chr1", 100), ("chr2", 50)])).unwrap();
            assert_eq!(intervals, [chromosome(1, 1, 50), chromosome(0, 0, 100)]);
            assert_eq!(skipped.to_string(), "1 of 3 (33.3 %) on chromosomes that the genome lacks: chr9");
        }
    }

    #[test]
    fn a_file_without_records_has_no_intervals() {
        let file = Scratch::new("none.bed", "# nothing\n");
        assert_eq!(read_intervals(&file, &genome(&[("chr1", 100)])).unwrap(), (Vec::new(), Skipped::default()));
    }

    #[test]
    fn what_is_no_number_is_told_with_line_and_column() {
        let start = "expected the start, a whole number, found ";
        assert_eq!(message("a.bed", "chr1\t1\t2\nchr1\t-1\t2\n"), format!(r#"FILE:2:2: {start}"-1""#));
        assert_eq!(message("b.bed", "chr1\t+1\t2\n"), format!(r#"FILE:1:2: {start}"+1""#));
        assert_eq!(message("c.bed", "chr1\n"), format!(r#"FILE:1:2: {start}"""#));
        assert_eq!(message("d.bed", "chr1\t1\t2x\n"), r#"FILE:1:3: expected the end, a whole number, found "2x""#);
        assert_eq!(message("e.bed", "chr1\t7\t7\n"), r#"FILE:1:3: expected an end after the start, found "7""#);
    }

    #[test]
    fn an_interval_past_the_end_is_told_with_the_length() {
        assert_eq!(
            message("past.bed", "chr2\t10\t51\n"),
            "FILE:1: chr2 ends at 50, but the interval ends at 51: is this file for another assembly?"
        );
    }

    #[test]
    fn another_name_of_a_chromosome_is_an_error_with_its_line() {
        for (name, text) in [("alone", "1\t10\t51\n"), ("mixed", "chr1\t1\t2\nchr2\t1\t2\n1\t10\t51\n")] {
            let line = text.lines().count();
            let expected = format!(r#"FILE:{line}: chromosome "1" is "chr1" in the genome: give it one name in both"#);
            assert_eq!(message(&format!("names-{name}.bed"), text), expected);
        }
        let blank = message("blank.bed", "chr1\t1\t2\nchr1 \t10\t51\n");
        assert_eq!(blank, r#"FILE:2: chromosome "chr1 " is "chr1" in the genome: give it one name in both"#);
    }

    #[test]
    fn tabs_and_blanks_between_columns_do_not_mix() {
        let expected = r#"FILE:1:1: expected one character between all columns, a tab or a blank, found "chr1 10""#;
        assert_eq!(message("mixed.bed", "chr1 10\t51\tname\n"), expected);
    }

    #[test]
    fn a_last_line_without_its_end_and_its_columns_is_cut() {
        let message = message("cut.bed", "chr1\t1\t20\tname\nchr1\t40\t6");
        let expected = "FILE:2:4: expected 4 columns: the file ends within this line, as a truncated file does, found";
        assert!(message.starts_with(expected), "{message}");
        let file = Scratch::new("whole.bed", "chr1\t1\t20\tname\nchr1\t40\t60\tlast");
        assert_eq!(read_intervals(&file, &genome(&[("chr1", 100)])).unwrap().0.len(), 2);
    }

    #[test]
    fn a_truncated_gzip_file_is_damaged() {
        let bytes = gzip(&b"chr1\t1\t2\n".repeat(100));
        let file = Scratch::new("cut.bed.gz", &bytes[..bytes.len() - 4]);
        let error = read_intervals(&file, &genome(&[("chr1", 100)])).unwrap_err();
        assert_eq!(file.message(&error), "FILE: damaged file: it ends too early, as a truncated file does");
    }
}
