//! Intervals from BED files.

mod columns;

use std::path::Path;

use self::columns::BedKind;
use super::chromosome_names::NameResolver;
use crate::{
    Result,
    file::text::{self, Row},
    genome::{Genome, Interval, Skipped},
};

/// Reads the intervals of a BED file (plain, gzip or bgzip), in the order of the file, and says how many were left out.
///
/// Use it for regions, such as a blacklist; [`PeakSet`](crate::genome::PeakSet) is for peaks. Columns after the third
/// are ignored. Records on chromosomes that the genome lacks are left out.
///
/// # Errors
///
/// Of [`Error`](crate::Error): `Parse` with line and column; `PastEnd` for an interval past the end of its chromosome;
/// `ChromosomeName` if the file names a chromosome differently (`1` for `chr1`), `ChromosomeNames` if it names none
/// that the genome has; `Format` if it is no text; `Corrupt`; `Io`.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, Interval, read_intervals};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(500))])?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("blacklist.bed");
/// std::fs::write(&path, "# repeats\nchr1\t100\t200\nchr2\t0\t100\n")?;
/// let (blacklist, skipped) = read_intervals(&path, &genome)?;
/// assert_eq!(blacklist, [Interval { chromosome: 0, start: 100, end: 200 }]);
/// assert_eq!(skipped.count, 1);
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
pub(crate) struct Record<'a> {
    pub(crate) row: Row<'a>,
    pub(crate) interval: Interval,
}

/// The center of a record: summit, midpoint or start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Center {
    /// The summit of a narrowPeak record.
    Summit(usize),
    /// The middle of a peak without a known summit.
    Midpoint(usize),
    /// The start of a record that is no peak.
    Start(usize),
}

impl Record<'_> {
    /// Returns the fourth column as a number, as in bedGraph files.
    pub(crate) fn value(&self) -> Result<f32> {
        let value = self.row.text(3).parse().ok().filter(|value: &f32| value.is_finite());
        value.ok_or_else(|| self.row.error(3, "a finite number"))
    }

    /// Returns the center of the record.
    pub(crate) fn center(&self) -> Result<Center> {
        const SUMMIT: usize = 9;
        let Interval { start, end, .. } = self.interval;
        let midpoint = Center::Midpoint(start + (end - start) / 2);
        match BedKind::new(&self.row.fields, start, end) {
            BedKind::Bed => Ok(Center::Start(start)),
            BedKind::BroadPeak => Ok(midpoint),
            BedKind::NarrowPeak if self.row.fields[SUMMIT] == b"-1" => Ok(midpoint),
            BedKind::NarrowPeak => {
                let length = end - start;
                let expected = format!("the summit's distance from the start, within the peak's {length} bp, or -1");
                let distance = self.row.number(SUMMIT, &expected)?;
                // Some peak callers count the last base of the peak as its end, and put summits there.
                if distance <= length {
                    Ok(Center::Summit(start + distance))
                } else {
                    Err(self.row.error(SUMMIT, expected))
                }
            }
        }
    }
}

/// Calls `each` with every record on a chromosome of the genome; returns what is left out.
pub(crate) fn for_each_record(
    path: &Path,
    genome: &Genome,
    mut each: impl FnMut(&Record) -> Result<()>,
) -> Result<Skipped> {
    let mut names = NameResolver::new(genome, path);
    let mut columns = 0;
    text::for_each_line(path, |line| {
        if is_remark(line.text) {
            return Ok(());
        }
        let row = Row { path, line, fields: split(line.text) };
        row.check_whole(columns)?;
        columns = row.fields.len();
        if row.fields[0].trim_ascii().iter().any(u8::is_ascii_whitespace) {
            return Err(row.error(0, "one character between all columns, a tab or a blank"));
        }
        let (start, end) = row.bounds()?;
        if end <= start {
            return Err(row.error(2, "an end after the start"));
        }
        let Some(chromosome) = names.resolve(row.fields[0], Some(line.number))? else { return Ok(()) };
        names.check_end(chromosome, end, line.number)?;
        each(&Record { row, interval: Interval { chromosome, start, end } })
    })?;
    names.finish()
}

fn is_remark(line: &[u8]) -> bool {
    let is_word =
        |word: &[u8]| line.strip_prefix(word).is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
    line.trim_ascii().is_empty() || line[0] == b'#' || is_word(b"track") || is_word(b"browser")
}

/// Cuts a line at its tabs or, if it has none, at its blanks. Tabs at the end make no fields.
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
    use crate::testing::{TestFile, genome, gzip};

    fn message(name: &str, text: &str) -> String {
        let file = TestFile::new(name, text);
        file.message(&read_intervals(&file, &genome(&[("chr1", 100), ("chr2", 50)])).unwrap_err())
    }

    #[test]
    fn remarks_are_skipped_and_gzip_reads_the_same() {
        let text = "track name=x\nbrowser position\n#chr1\n\nchr2\t1\t50\tname\r\nchr1 0  100\nchr9\t0\t9";
        let chromosome = |chromosome, start, end| Interval { chromosome, start, end };
        for (name, bytes) in [("remarks.bed", text.as_bytes().to_vec()), ("remarks.bed.gz", gzip(text.as_bytes()))] {
            let file = TestFile::new(name, bytes);
            let (intervals, skipped) = read_intervals(&file, &genome(&[("chr1", 100), ("chr2", 50)])).unwrap();
            assert_eq!(intervals, [chromosome(1, 1, 50), chromosome(0, 0, 100)]);
            assert_eq!(skipped.to_string(), "1 of 3 (33.3 %) on chromosomes that the genome lacks: chr9");
        }
    }

    #[test]
    fn a_file_without_records_has_no_intervals() {
        let file = TestFile::new("none.bed", "# nothing\n");
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
        let file = TestFile::new("whole.bed", "chr1\t1\t20\tname\nchr1\t40\t60\tlast");
        assert_eq!(read_intervals(&file, &genome(&[("chr1", 100)])).unwrap().0.len(), 2);
    }

    #[test]
    fn a_truncated_gzip_file_is_damaged() {
        let bytes = gzip(&b"chr1\t1\t2\n".repeat(100));
        let file = TestFile::new("cut.bed.gz", &bytes[..bytes.len() - 4]);
        let error = read_intervals(&file, &genome(&[("chr1", 100)])).unwrap_err();
        assert_eq!(file.message(&error), "FILE: damaged file: it ends too early, as a truncated file does");
    }
}
