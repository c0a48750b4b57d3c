//! Records of VCF files.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    file::text::{self, Line, Row, read_error, trimmed},
    genome::base,
};

/// The columns that every record has.
const COLUMNS: usize = 8;
/// Places of columns.
const POSITION: usize = 1;
const REFERENCE: usize = 3;
const ALTERNATIVE: usize = 4;

/// Reads the records of a VCF file (plain, gzip or bgzip), one at a time, and keeps each line as it is.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Alternative, VcfReader};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("variants.vcf");
/// let text =
/// "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t100\trs1\tA\tG,<DEL>\t.\tPASS\t.\n";
/// std::fs::write(&path, text)?; let mut reader = VcfReader::open(&path)?; let record = reader.read()?.expect("the
/// file has a record"); assert_eq!((record.chromosome(), record.start()), (&b"chr1"[..], Some(99)));
/// assert_eq!(record.alternatives().collect::<Vec<_>>(), [Alternative::Bases(b"G"), Alternative::Symbolic]);
/// assert!(reader.read()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct VcfReader {
    path: PathBuf,
    lines: Box<dyn BufRead>,
    number: u64,
    header: Vec<Vec<u8>>,
    columns: usize,
}

/// A record of a VCF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VcfRecord {
    number: u64,
    line: Vec<u8>,
    /// Where the columns up to the eighth end in the line.
    ends: [usize; COLUMNS],
    start: Option<usize>,
}

/// What stands in place of a record's reference bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alternative<'a> {
    /// Bases, as letters.
    Bases(&'a [u8]),
    /// Nothing is known: `.`.
    Missing,
    /// The bases are lost in a deletion that begins before: `*`.
    Lost,
    /// Something that is described elsewhere: `<DEL>`, or a breakend.
    Symbolic,
}

impl VcfReader {
    /// Opens a file, and reads its header.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if its first line is not that of a VCF file, [`Error::Parse`] if the line that names the
    /// columns is missing or other than the format says, and as [`VcfReader::read`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let lines = text::open(&path)?;
        let mut reader = Self { path, lines, number: 0, header: Vec::new(), columns: 0 };
        reader.read_header()?;
        Ok(reader)
    }

    fn read_header(&mut self) -> Result<()> {
        while let Some((line, is_cut)) = self.next_line()? {
            if self.number == 1 && !line.starts_with(b"##fileformat=VCF") {
                let detail = format!("it does not begin with ##fileformat=VCF, but with {}", shown(&line));
                return Err(Error::format(&self.path, "a VCF file", detail));
            }
            if !line.starts_with(b"##") {
                let row = Row::new(&self.path, Line { number: self.number, text: &line, is_cut });
                let expected = "CHROM POS ID REF ALT QUAL FILTER INFO";
                let names: Vec<&[u8]> = row.fields.iter().take(COLUMNS).copied().collect();
                if names.join(&b' ').strip_prefix(b"#") != Some(expected.as_bytes()) {
                    return Err(row.error(0, format!("the line of column names, #{expected} with tabs between them")));
                }
                self.columns = row.fields.len();
                self.header.push(line);
                return Ok(());
            }
            self.header.push(line);
        }
        let detail =
            if self.number == 0 { "it is empty" } else { "it ends within its header, as a truncated file does" };
        Err(Error::format(&self.path, "a VCF file", detail))
    }

    /// Returns the lines of the header without their ends; the last names the columns.
    pub fn header(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.header.iter().map(Vec::as_slice)
    }

    /// Reads the next record; none at the end of the file.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`] for a line with other columns than the header names, a position that is no number, and bases
    /// that are no letters of bases; [`Error::Corrupt`] for a truncated file; [`Error::Io`].
    pub fn read(&mut self) -> Result<Option<VcfRecord>> {
        loop {
            let Some((line, is_cut)) = self.next_line()? else { return Ok(None) };
            if !line.trim_ascii().is_empty() {
                return self.parse(line, is_cut).map(Some);
            }
        }
    }

    fn parse(&self, line: Vec<u8>, is_cut: bool) -> Result<VcfRecord> {
        let row = Row::new(&self.path, Line { number: self.number, text: &line, is_cut });
        row.check_whole(self.columns)?;
        if row.fields.len() != self.columns {
            let expected = format!("{} columns with tabs between them, as the header names", self.columns);
            return Err(row.error(row.fields.len().min(self.columns), expected));
        }
        let position = row.number(POSITION, "the position, a whole number")?;
        if row.fields[0].is_empty() {
            return Err(row.error(0, "a chromosome"));
        }
        if !is_bases(row.fields[REFERENCE]) {
            return Err(row.error(REFERENCE, "the bases of the reference"));
        }
        if !row.fields[ALTERNATIVE].split(|&byte| byte == b',').all(|text| Alternative::new(text).is_some()) {
            return Err(row.error(ALTERNATIVE, "bases, . or * or <ID>, or a breakend, with commas between them"));
        }
        let mut end = 0;
        let ends = std::array::from_fn(|column| {
            end += row.fields[column].len() + usize::from(column > 0);
            end
        });
        Ok(VcfRecord { number: self.number, ends, start: position.checked_sub(1), line })
    }

    /// Reads a line, without its end, and whether the file ends before it does.
    fn next_line(&mut self) -> Result<Option<(Vec<u8>, bool)>> {
        let mut line = Vec::new();
        if self.lines.read_until(b'\n', &mut line).map_err(read_error(&self.path))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let is_cut = !line.ends_with(b"\n");
        line.truncate(trimmed(&line).len());
        Ok(Some((line, is_cut)))
    }
}

impl VcfRecord {
    /// Returns the number of the line, from 1.
    pub fn line_number(&self) -> u64 {
        self.number
    }

    /// Returns the line, without its end.
    pub fn line(&self) -> &[u8] {
        &self.line
    }

    /// Returns the name of the chromosome.
    pub fn chromosome(&self) -> &[u8] {
        self.column(0)
    }

    /// Returns the position of the first base, 0-based; none for 0, which stands for the end before the first base.
    pub fn start(&self) -> Option<usize> {
        self.start
    }

    /// Returns a column up to INFO, the seventh, counted from 0.
    ///
    /// # Panics
    ///
    /// Panics for a later column.
    pub fn column(&self, column: usize) -> &[u8] {
        let start = if column == 0 { 0 } else { self.ends[column - 1] + 1 };
        &self.line[start..self.ends[column]]
    }

    /// Returns the letters of the reference's bases.
    pub fn reference(&self) -> &[u8] {
        self.column(REFERENCE)
    }

    /// Returns what stands in place of them, at least one.
    pub fn alternatives(&self) -> impl Iterator<Item = Alternative<'_>> {
        self.column(ALTERNATIVE).split(|&byte| byte == b',').filter_map(Alternative::new)
    }

    /// Returns the line with more entries at the end of INFO, which are separated by semicolons.
    pub fn with_info(&self, entries: &str) -> Vec<u8> {
        let (start, end) = (self.ends[COLUMNS - 2] + 1, self.ends[COLUMNS - 1]);
        let info = &self.line[start..end];
        let mut line = self.line[..start].to_vec();
        if !info.is_empty() && info != b"." {
            line.extend_from_slice(info);
            if !info.ends_with(b";") {
                line.push(b';');
            }
        }
        line.extend_from_slice(entries.as_bytes());
        line.extend_from_slice(&self.line[end..]);
        line
    }
}

impl<'a> Alternative<'a> {
    /// None for what the format does not know.
    fn new(text: &'a [u8]) -> Option<Self> {
        match text {
            b"." => Some(Self::Missing),
            b"*" => Some(Self::Lost),
            [b'<', .., b'>'] => Some(Self::Symbolic),
            _ if is_bases(text) => Some(Self::Bases(text)),
            // `G]17:198982]` and `.G`.
            _ if text.iter().any(|byte| matches!(byte, b'[' | b']')) => Some(Self::Symbolic),
            [b'.', bases @ ..] | [bases @ .., b'.'] if is_bases(bases) => Some(Self::Symbolic),
            _ => None,
        }
    }
}

fn is_bases(letters: &[u8]) -> bool {
    !letters.is_empty() && letters.iter().all(|&letter| base::from_iupac(letter).is_some())
}

/// The start of a line, to be shown.
fn shown(line: &[u8]) -> String {
    const SHOWN: usize = 40;
    format!("{:?}", String::from_utf8_lossy(&line[..line.len().min(SHOWN)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFile, gzip};

    const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

    fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<VcfRecord>, String> {
        let file = TestFile::new(name, bytes);
        let read = || {
            let mut reader = VcfReader::open(&file)?;
            let mut records = Vec::new();
            while let Some(record) = reader.read()? {
                records.push(record);
            }
            Ok(records)
        };
        read().map_err(|error: Error| file.message(&error))
    }

    fn records(name: &str, lines: &str) -> Result<Vec<VcfRecord>, String> {
        read(name, format!("{HEADER}{lines}"))
    }

    #[test]
    fn every_kind_of_alternative_is_told() {
        let line = "1\t5\t.\tn\tA,acgtN,.,*,<DEL>,<*>,G]17:198982],[13:1[C,.TC,TC.\t.\t.\tDP=1\n";
        let records = records("kinds.vcf", line).unwrap();
        let found: Vec<Alternative<'_>> = records[0].alternatives().collect();
        let mut expected =
            vec![Alternative::Bases(b"A"), Alternative::Bases(b"acgtN"), Alternative::Missing, Alternative::Lost];
        expected.extend([Alternative::Symbolic; 6]);
        assert_eq!(found, expected);
        assert_eq!((records[0].reference(), records[0].start()), (&b"n"[..], Some(4)));
    }

    #[test]
    fn compressed_files_and_other_line_ends_read_the_same() {
        let text = format!("{HEADER}1\t5\t.\tA\tC\t.\t.\t.\n\n1\t0\t.\tA\tC\t.\t.\t.\n");
        let expected = read("plain.vcf", &text).unwrap();
        assert_eq!((expected.len(), expected[1].start(), expected[1].line_number()), (2, None, 5));
        assert_eq!(read("packed.vcf.gz", gzip(text.as_bytes())).unwrap(), expected);
        assert_eq!(read("windows.vcf", text.replace('\n', "\r\n")).unwrap(), expected);
        // The last line may lack its end.
        assert_eq!(read("open.vcf", text.trim_end()).unwrap(), expected);
    }

    #[test]
    fn entries_are_added_to_info_and_the_rest_stays() {
        for (info, expected) in [(".", "X=1"), ("", "X=1"), ("DP=3", "DP=3;X=1"), ("DB;", "DB;X=1")] {
            let header = HEADER.replace("INFO\n", "INFO\tFORMAT\ta\n");
            let line = format!("chr1\t5\t\u{e9}\tA\tC\t1e3\tPASS\t{info}\tGT\t0|1");
            let records = read("info.vcf", format!("{header}{line}\n")).unwrap();
            let expected = line.replace(&format!("PASS\t{info}"), &format!("PASS\t{expected}"));
            assert_eq!(String::from_utf8(records[0].with_info("X=1")).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_vcf_file_is_refused() {
        let message = |name: &str, text: &str| read(name, text).unwrap_err();
        let expected = "FILE: not a VCF file: it does not begin with ##fileformat=VCF, but with \
                        \"chr1\\t5\\t.\\tA\\tC\\t.\\t.\\t.\"";
        assert_eq!(message("none.vcf", "chr1\t5\t.\tA\tC\t.\t.\t.\n"), expected);
        assert_eq!(message("empty.vcf", ""), "FILE: not a VCF file: it is empty");
        let cut = "FILE: not a VCF file: it ends within its header, as a truncated file does";
        assert_eq!(message("half.vcf", "##fileformat=VCFv4.2\n##contig=<ID=1>\n"), cut);
        let expected = "FILE:2:1: expected the line of column names, #CHROM POS ID REF ALT QUAL FILTER INFO with tabs \
                        between them, found \"1\"";
        assert_eq!(message("columns.vcf", "##fileformat=VCFv4.2\n1\t5\t.\tA\tC\t.\t.\t.\n"), expected);
    }

    #[test]
    fn a_faulty_record_is_told_with_line_and_column() {
        let message = |name: &str, line: &str| records(name, line).unwrap_err();
        let position = "FILE:3:2: expected the position, a whole number, found ";
        assert_eq!(message("a.vcf", "1\tx\t.\tA\tC\t.\t.\t.\n"), format!("{position}\"x\""));
        assert_eq!(message("b.vcf", "1\t-5\t.\tA\tC\t.\t.\t.\n"), format!("{position}\"-5\""));
        assert_eq!(
            message("c.vcf", "1\t5\t.\t\tC\t.\t.\t.\n"),
            "FILE:3:4: expected the bases of the reference, found \"\""
        );
        let bases = "FILE:3:5: expected bases, . or * or <ID>, or a breakend, with commas between them, found ";
        for alternative in ["C,", "C;G", "", "<DEL", "\u{e9}", "C G"] {
            let line = format!("1\t5\t.\tA\t{alternative}\t.\t.\t.\n");
            assert_eq!(message("d.vcf", &line), format!("{bases}{alternative:?}"));
        }
        let columns = "FILE:3:8: expected 8 columns with tabs between them, as the header names, found \"\"";
        assert_eq!(message("e.vcf", "1\t5\t.\tA\tC\t.\t.\n"), columns);
        let cut = "FILE:3:6: expected 8 columns: the file ends within this line, as a truncated file does, found \"\"";
        assert_eq!(message("f.vcf", "1\t5\t.\tA\tC"), cut);
    }

    #[test]
    fn a_truncated_gzip_file_is_damaged() {
        let bytes = gzip(format!("{HEADER}{}", "1\t5\t.\tA\tC\t.\t.\t.\n".repeat(1000)).as_bytes());
        let message = read("cut.vcf.gz", &bytes[..bytes.len() - 6]).unwrap_err();
        assert_eq!(message, "FILE: damaged file: it ends too early, as a truncated file does");
    }
}
