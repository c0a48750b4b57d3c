//! Label tables of the ENCODE-DREAM challenge.

mod row;
use std::{
    io::{BufRead, Read},
    path::Path,
};

use self::row::{Bin, COORDINATES, RowParser};
use super::chromosome_names::NameResolver;
use crate::{
    Error, Result,
    file::text,
    genome::{BinGrid, Genome, Label, Labels, Skipped},
};

const BLOCK_BYTES: usize = 1 << 20;

/// The labels of one factor in several cell types: a DREAM label table.
///
/// Such a table is tab-separated text (plain, gzip or bgzip): a header with `chr`, `start`, `stop` and the names of
/// cell types, then a row per bin with a letter per cell type, U (unbound), A (ambiguous) or B (bound). It is read as a
/// stream; two bits a label stay in memory. Rows may come in any order, and a bin without a row is
/// [`Missing`](Label::Missing) everywhere.
///
/// # References
///
/// ENCODE-DREAM in vivo Transcription Factor Binding Site Prediction Challenge,
/// <https://www.synapse.org/Synapse:syn6131484>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTable {
    /// The names of the cell types.
    pub cells: Vec<String>,
    /// The labels of each cell type, over all bins of the grid.
    pub labels: Vec<Labels>,
    /// The rows on chromosomes that the genome lacks.
    pub skipped: Skipped,
}

impl LabelTable {
    /// Reads a table whose rows are bins of a grid.
    ///
    /// # Errors
    ///
    /// [`Error::Parse`], with line and column, for a letter other than U, A and B, a missing or further column, a bin
    /// of another width than the grid's or off its stride, and a second row of a bin; [`Error::PastEnd`] for a bin past
    /// the end of its chromosome; [`Error::ChromosomeName`] if the file names a chromosome differently (`1` for
    /// `chr1`), [`Error::ChromosomeNames`] if it names none that the genome has; [`Error::Format`] without a header;
    /// [`Error::Corrupt`]; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{BinGrid, Genome, Label, LabelTable};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(300))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("labels.tsv");
    /// std::fs::write(&path, "chr\tstart\tstop\tK562\tHepG2\nchr1\t50\t250\tB\tU\n")?;
    /// let table = LabelTable::open(&path, &genome, &grid)?;
    /// assert_eq!(table.cells, ["K562", "HepG2"]);
    /// assert_eq!(table.labels[0].get(1), Label::Bound);
    /// assert_eq!(table.labels[0].get(0), Label::Missing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, genome: &Genome, grid: &BinGrid) -> Result<Self> {
        let path = path.as_ref();
        let mut reader = text::open(path)?;
        let cells = read_header(path, &mut reader)?;
        let mut builder = Builder {
            grid,
            parser: RowParser::new(path, cells.len()),
            names: NameResolver::new(genome, path),
            labels: vec![Labels::filled(grid.len(), Label::Missing); cells.len()],
        };
        for_each_block(path, reader, |block| builder.add(block))?;
        Ok(Self { labels: builder.labels, skipped: builder.names.finish()?, cells })
    }

    /// Reads only the names of the cell types.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] without a header; [`Error::Parse`] for a name that is empty or occurs twice;
    /// [`Error::Corrupt`]; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::LabelTable;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("labels.tsv");
    /// std::fs::write(&path, "chr\tstart\tstop\tK562\tHepG2\n")?;
    /// assert_eq!(LabelTable::read_cells(&path)?, ["K562", "HepG2"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_cells(path: impl AsRef<Path>) -> Result<Vec<String>> {
        let mut reader = text::open(path.as_ref())?;
        read_header(path.as_ref(), &mut reader)
    }
}

/// Reads the first line and returns the names of cell types.
fn read_header(path: &Path, reader: &mut impl BufRead) -> Result<Vec<String>> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).map_err(text::read_error(path))?;
    let no_table = |detail: &str| Error::format(path, "a label table", detail);
    let header = std::str::from_utf8(text::trimmed(&line)).map_err(|_| no_table("its first line is not text"))?;
    let fields: Vec<_> = header.split('\t').collect();
    if fields.len() <= COORDINATES {
        return Err(no_table(match fields.len() {
            1 if header.contains([',', ';', ' ']) => "its columns are separated by other characters than tabs",
            _ => "its header names no cell type after chr, start and stop",
        }));
    }
    if fields[1].bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no_table("its first line is no header"));
    }
    let cells = &fields[COORDINATES..];
    match (0..cells.len()).find(|&i| cells[i].is_empty() || cells[..i].contains(&cells[i])) {
        None => Ok(cells.iter().map(|&cell| cell.to_owned()).collect()),
        Some(i) => {
            Err(Error::parse(path, (1, (COORDINATES + i + 1) as u64), "the name of another cell type", cells[i]))
        }
    }
}

/// Calls `each` with blocks of whole lines.
fn for_each_block(path: &Path, mut reader: impl Read, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut filled = 0;
    loop {
        if filled == block.len() {
            block.resize(2 * filled, 0);
        }
        match reader.read(&mut block[filled..]) {
            Ok(0) => return each(&block[..filled]),
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(text::read_error(path)(error)),
        }
        let whole = block[..filled].iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        each(&block[..whole])?;
        block.copy_within(whole..filled, 0);
        filled -= whole;
    }
}

/// Collects the labels of rows.
struct Builder<'a> {
    grid: &'a BinGrid,
    parser: RowParser<'a>,
    names: NameResolver<'a>,
    labels: Vec<Labels>,
}

impl Builder<'_> {
    fn add(&mut self, mut lines: &[u8]) -> Result<()> {
        while !lines.is_empty() {
            let Some(bin) = self.parser.next(&mut lines)? else { continue };
            if let Some(chromosome) = self.names.resolve(bin.chromosome, Some(self.parser.line))? {
                let bin = self.index_of(chromosome, &bin)?;
                for (labels, &label) in self.labels.iter_mut().zip(&self.parser.labels) {
                    labels.set(bin, label);
                }
            }
        }
        Ok(())
    }

    /// Finds a bin of the grid that had no row before.
    fn index_of(&self, chromosome: usize, &Bin { start, end, .. }: &Bin) -> Result<usize> {
        let bin_bp = self.grid.bin_bp();
        if start.checked_add(bin_bp) != Some(end) {
            return Err(self.parser.error(2, format!("an end {bin_bp} bp after the start at {start}"), end));
        }
        self.names.check_end(chromosome, end, self.parser.line)?;
        let refuse = |expected: String| self.parser.error(1, expected, start);
        let bin = self.grid.bin_at(chromosome, start);
        let bin = bin.ok_or_else(|| refuse(format!("a start at a multiple of {} bp", self.grid.stride_bp())))?;
        if self.labels[0].get(bin) == Label::Missing {
            Ok(bin)
        } else {
            Err(refuse("a bin that had no row before".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{TestFile, bgzip, genome, gzip};

    const HEADER: &str = "chr\tstart\tstop\tK562\tHepG2\n";

    fn open(file: &TestFile) -> Result<LabelTable> {
        let genome = genome(&[("chr1", 420), ("chr2", 250)]);
        LabelTable::open(file, &genome, &BinGrid::new(&genome, 200, 50).unwrap())
    }

    fn message(name: &str, text: &str) -> String {
        let file = TestFile::new(name, text);
        file.message(&open(&file).unwrap_err())
    }

    fn letters(labels: &Labels) -> String {
        (0..labels.len()).map(|bin| labels.get(bin).letter().unwrap_or('.')).collect()
    }

    #[test]
    fn rows_may_be_few_and_in_any_order_and_the_rest_is_missing() {
        let rows = "chr2\t50\t250\tB\tA\r\nchr7\t0\t200\tB\tB\nchr1\t150\t350\tU\tB\n\nchr1\t0\t200\tA\tU";
        let text = format!("{HEADER}{rows}").into_bytes();
        for (name, bytes) in [("t.tsv", text.clone()), ("t.tsv.gz", gzip(&text)), ("t.bgz", bgzip(&text, 20).concat())]
        {
            let table = open(&TestFile::new(name, bytes)).unwrap();
            assert_eq!(table.cells, ["K562", "HepG2"]);
            assert_eq!(table.skipped.to_string(), "1 of 4 (25.0 %) on chromosomes that the genome lacks: chr7");
            assert_eq!(table.labels.iter().map(letters).collect::<Vec<_>>(), ["A..U..B", "U..B..A"]);
        }
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_give_every_line_once(
            lines in prop::collection::vec("[a-z]{0,20}", 0..8), step in 1_usize..9,
        ) {
            struct Slow(std::io::Cursor<Vec<u8>>, usize);
            impl Read for Slow {
                fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                    let step = self.1.min(out.len());
                    self.0.read(&mut out[..step])
                }
            }
            let text = lines.join("\n");
            let mut read = Vec::new();
            for_each_block(Path::new(""), Slow(std::io::Cursor::new(text.clone().into_bytes()), step), |block| {
                read.extend_from_slice(block);
                Ok(())
            }).unwrap();
            prop_assert_eq!(read, text.into_bytes());
        }
    }

    #[test]
    fn a_letter_other_than_u_a_and_b_is_told_with_line_and_column() {
        let message = |letter: &str| {
            let found = message("letter.tsv", &format!("{HEADER}chr1\t0\t200\tU\tU\nchr1\t50\t250\tU\t{letter}\n"));
            found.strip_prefix("FILE:3:5: expected U, A or B, found ").map(str::to_owned).ok_or(found)
        };
        for letter in ["X", "u", ".", "NA", "", "UU", "B "] {
            assert_eq!(message(letter), Ok(format!("{letter:?}")));
        }
    }

    #[test]
    fn rows_of_other_widths_are_told_with_the_column() {
        let row = |row: &str| message("width.tsv", &format!("{HEADER}{row}\n"));
        assert_eq!(row("chr1\t0\t200\tU"), r#"FILE:2:5: expected U, A or B, found """#);
        assert_eq!(row("chr1\t0\t200\tU\tB\tB"), r#"FILE:2:6: expected no further column, found "B""#);
        assert_eq!(row("chr1 0 200 U B"), r#"FILE:2:2: expected the start, a whole number, found """#);
        assert_eq!(row("chr1\t0\t-1\tU\tB"), r#"FILE:2:3: expected the end, a whole number, found "-1""#);
        assert_eq!(row("chr1\t\t200\tU\tB"), r#"FILE:2:2: expected the start, a whole number, found """#);
        let far = "99999999999999999999";
        assert_eq!(
            row(&format!("chr1\t{far}\t1\tU\tB")),
            format!("FILE:2:2: expected the start, a whole number, found {far:?}")
        );
    }

    #[test]
    fn rows_on_skipped_chromosomes_must_parse_too() {
        let message = message("skipped.tsv", &format!("{HEADER}chr9\t0\t200\tU\tQ\n"));
        assert_eq!(message, r#"FILE:2:5: expected U, A or B, found "Q""#);
    }

    #[test]
    fn a_bin_of_another_size_is_told_with_the_line() {
        let message = message("size.tsv", &format!("{HEADER}chr1\t0\t200\tU\tU\nchr1\t50\t150\tU\tU\n"));
        assert_eq!(message, r#"FILE:3:3: expected an end 200 bp after the start at 50, found "150""#);
    }

    #[test]
    fn a_bin_off_the_stride_is_told_with_the_line() {
        let message = message("stride.tsv", &format!("{HEADER}chr1\t30\t230\tU\tU\n"));
        assert_eq!(message, r#"FILE:2:2: expected a start at a multiple of 50 bp, found "30""#);
    }

    #[test]
    fn a_bin_past_the_end_is_told_with_the_length() {
        let message = message("past.tsv", &format!("{HEADER}chr1\t250\t450\tU\tU\n"));
        let expected = "FILE:2: chr1 ends at 420, but the interval ends at 450: is this file for another assembly?";
        assert_eq!(message, expected);
    }

    #[test]
    fn a_second_row_for_a_bin_is_an_error() {
        let message = message("twice.tsv", &format!("{HEADER}chr1\t50\t250\tU\tU\nchr1\t50\t250\tU\tU\n"));
        assert_eq!(message, r#"FILE:3:2: expected a bin that had no row before, found "50""#);
    }

    #[test]
    fn another_name_of_a_chromosome_is_an_error_with_its_line() {
        for (row, line) in [("", 2), ("chr1\t0\t200\tU\tU\nchr2\t0\t200\tU\tU\n", 4)] {
            let message = message("names.tsv", &format!("{HEADER}{row}1\t50\t250\tU\tU\n"));
            let expected = r#"chromosome "1" is "chr1" in the genome: give it one name in both"#;
            assert_eq!(message, format!("FILE:{line}: {expected}"));
        }
    }

    #[test]
    fn a_table_that_ends_within_a_row_is_truncated() {
        let rows = ["chr1", "chr1\t5", "chr1\t50\t250", "chr1\t50\t250\tU", "chr1\t50\t250\tU\t"];
        for (row, (column, found)) in rows.iter().zip([(1, "chr1"), (2, "5"), (3, "250"), (4, "U"), (5, "")]) {
            let message = message("row.tsv", &format!("{HEADER}chr1\t0\t200\tU\tU\n{row}"));
            let expected = "expected 5 columns: the file ends within this line, as a truncated file does";
            assert_eq!(message, format!("FILE:3:{column}: {expected}, found {found:?}"));
        }
    }

    #[test]
    fn a_table_needs_a_header_with_cell_types() {
        let no_table = "FILE: not a label table: ";
        assert_eq!(message("bed.tsv", "chr1\t0\t200\tU\n"), format!("{no_table}its first line is no header"));
        let no_cells = format!("{no_table}its header names no cell type after chr, start and stop");
        let separated = format!("{no_table}its columns are separated by other characters than tabs");
        assert_eq!(message("csv.tsv", "chr,start,stop,K562\n"), separated);
        assert_eq!(message("blanks.tsv", "chr start stop K562\n"), separated);
        assert_eq!(message("empty.tsv", ""), no_cells);
        assert_eq!(message("cells.tsv", "chr\tstart\tstop\n"), no_cells);
        assert!(message("binary.tsv", "\u{fffd}\0").starts_with("FILE: damaged file: byte 3 is 0"));
        let twice = message("same.tsv", "chr\tstart\tstop\tK562\tK562\n");
        assert_eq!(twice, r#"FILE:1:5: expected the name of another cell type, found "K562""#);
    }

    #[test]
    fn a_truncated_gzip_file_is_damaged() {
        let text = format!("{HEADER}chr1\t0\t200\tU\tU\nchr1\t50\t250\tU\tU\n");
        let bytes = gzip(text.as_bytes());
        for length in [bytes.len() - 1, bytes.len() - 10, 30] {
            let file = TestFile::new("cut.tsv.gz", &bytes[..length]);
            let error = open(&file).unwrap_err();
            assert_eq!(file.message(&error), "FILE: damaged file: it ends too early, as a truncated file does");
        }
    }
}
