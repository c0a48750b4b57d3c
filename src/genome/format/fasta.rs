//! Genomes from FASTA files.

use std::{io::BufRead, path::Path};

use noodles_fasta as noodles;

use crate::{
    Error, Result,
    file::text::{Line, for_each_line, read_error},
    genome::{Genome, packed::PackedSequence, sequence::ChromosomeError},
};

/// Reads all sequences.
pub(crate) fn read(path: &Path, mut reader: Box<dyn BufRead>) -> Result<Genome> {
    check_start(path, &mut reader)?;
    let mut reader = noodles::io::Reader::new(reader);
    let mut definition = noodles::record::Definition::default();
    let mut genome = Genome::default();
    loop {
        let record = genome.len();
        let read = reader.read_definition(&mut definition).map_err(|error| match read_error(path)(error) {
            // The reader's error has neither line nor text.
            Error::Corrupt { .. } => Place { record, base: None }.error(path, "a name right after \">\""),
            other => other,
        })?;
        if read == 0 {
            return Ok(genome);
        }
        let sequence = read_sequence(path, record, reader.sequence_reader())?;
        let expected = |error: ChromosomeError| match error {
            ChromosomeError::NoName => "a name right after \">\"",
            ChromosomeError::Duplicate(_) => "a name that no chromosome had before",
            ChromosomeError::NoBases(_) => "bases below the name",
        };
        genome
            .push(definition.name().to_string(), sequence)
            .map_err(|error| Place { record, base: None }.error(path, expected(error)))?;
    }
}

fn read_sequence(path: &Path, record: usize, mut letters: impl BufRead) -> Result<PackedSequence> {
    const EXPECTED: &str = "a base: A, C, G, T, U, N or another IUPAC code";
    let mut sequence = PackedSequence::default();
    loop {
        let chunk = letters.fill_buf().map_err(read_error(path))?;
        if chunk.is_empty() {
            return Ok(sequence);
        }
        let (start, length) = (sequence.len(), chunk.len());
        sequence.push_ascii(chunk).map_err(|at| Place { record, base: Some(start + at) }.error(path, EXPECTED))?;
        letters.consume(length);
    }
}

/// A definition, or a base of its sequence.
#[derive(Clone, Copy)]
struct Place {
    record: usize,
    base: Option<usize>,
}

impl Place {
    /// Finds the error here. It reads the file again, since a reader of sequences counts no lines.
    fn error(self, path: &Path, expected: &str) -> Error {
        let (mut records, mut bases, mut found) = (0, 0, None);
        let searched = for_each_line(path, |Line { number, text, .. }| {
            let (is_definition, before) = (text.starts_with(b">"), bases);
            if is_definition {
                (records, bases) = (records + 1, 0);
            } else {
                bases += text.len();
            }
            if found.is_none() && records == self.record + 1 {
                found = match self.base {
                    None if is_definition => Some((number, 1, String::from_utf8_lossy(text).into_owned())),
                    Some(base) if !is_definition && bases > base => {
                        Some((number, base - before + 1, char::from(text[base - before]).to_string()))
                    }
                    _ => None,
                };
            }
            Ok(())
        });
        let (line, column, found) = match (searched, found) {
            (Err(error), _) => return error,
            (Ok(()), found) => found.unwrap_or_default(),
        };
        Error::parse(path, (line, column as u64), expected, found)
    }
}

/// Skips empty lines, and checks that a definition follows.
fn check_start(path: &Path, reader: &mut impl BufRead) -> Result<()> {
    loop {
        let chunk = reader.fill_buf().map_err(read_error(path))?;
        let blank = chunk.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let next = chunk.get(blank).copied();
        let whole = chunk.len();
        reader.consume(blank);
        match next {
            Some(b'>') => return Ok(()),
            None if whole > 0 => {}
            other => {
                let detail =
                    other.map_or("it is empty".to_owned(), |byte| format!("it starts with {:?}", char::from(byte)));
                return Err(Error::format(path, "a FASTA or 2bit file", detail));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFile, bgzip, gzip};

    const TEXT: &str = ">chrI first\nACGTacgt\nNRYn\n\n>chrII\r\nGG\r\nCC";

    fn letters(genome: &Genome) -> Vec<(String, String)> {
        let decoded = |chromosome| {
            let mut codes = vec![0; genome.length(chromosome)];
            genome.decode(chromosome, 0, &mut codes);
            codes.into_iter().map(|code| char::from(crate::genome::base::to_ascii(code))).collect()
        };
        genome.names().enumerate().map(|(i, name)| (name.to_owned(), decoded(i))).collect()
    }

    fn message(name: &str, bytes: impl AsRef<[u8]>) -> String {
        let file = TestFile::new(name, bytes);
        file.message(&Genome::open(&file).unwrap_err())
    }

    #[test]
    fn plain_gzip_and_bgzip_are_the_same_genome() {
        let expected = [("chrI", "ACGTACGTNNNN"), ("chrII", "GGCC")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let bytes = TEXT.as_bytes();
        for (name, bytes) in [("p.fa", bytes.to_vec()), ("g.fa", gzip(bytes)), ("b.fa", bgzip(bytes, 7).concat())] {
            let file = TestFile::new(name, bytes);
            assert_eq!(letters(&Genome::open(&file).unwrap()), expected, "{name}");
        }
    }

    #[test]
    fn a_stale_index_beside_the_file_does_no_harm() {
        let file = TestFile::new("indexed.fa", TEXT);
        std::fs::write(file.with_file_name("indexed.fa.fai"), "chrZ\t7\t900\t1\t2\nrubbish").unwrap();
        assert_eq!(Genome::open(&file).unwrap().total_bases(), 16);
    }

    #[test]
    fn lines_may_be_longer_than_the_buffer() {
        let file = TestFile::new("long.fa", [b">chrI\n", "ACGT".repeat(200_000).as_bytes()].concat());
        assert_eq!(Genome::open(&file).unwrap().base_frequencies(), [0.25; 4]);
        assert_eq!(Genome::open(&file).unwrap().total_bases(), 800_000);
    }

    #[test]
    fn a_truncated_gzip_file_is_damaged() {
        let whole = gzip(TEXT.as_bytes());
        for length in [whole.len() - 1, whole.len() - 9, 20, 5] {
            let message = message("cut.fa.gz", &whole[..length]);
            assert_eq!(message, "FILE: damaged file: it ends too early, as a truncated file does", "{length}");
        }
    }

    #[test]
    fn a_bgzip_file_cut_between_blocks_is_damaged() {
        let blocks = bgzip(TEXT.as_bytes(), 7);
        let message = message("cut.fa.bgz", blocks[..2].concat());
        assert_eq!(message, "FILE: damaged file: it lacks the block that ends a bgzip file, as a truncated file does");
    }

    #[test]
    fn a_flipped_bit_in_a_gzip_file_is_found() {
        let mut bytes = gzip(TEXT.as_bytes());
        let crc = bytes.len() - 8;
        bytes[crc] ^= 1;
        assert_eq!(
            message("crc.fa.gz", bytes),
            "FILE: damaged file: corrupt gzip stream does not have a matching checksum"
        );
    }

    #[test]
    fn other_files_are_refused_with_what_they_start_with() {
        assert_eq!(message("a.bed", "chr1\t0\t1\n"), "FILE: not a FASTA or 2bit file: it starts with 'c'");
        assert_eq!(message("empty.fa", "\n\n"), "FILE: not a FASTA or 2bit file: it is empty");
    }

    #[test]
    fn a_letter_that_is_no_base_is_told_with_line_and_column() {
        let expected = "expected a base: A, C, G, T, U, N or another IUPAC code, found";
        assert_eq!(message("byte.fa", ">chrI\nACG\nT@A\n"), format!(r#"FILE:3:2: {expected} "@""#));
        assert_eq!(message("crlf.fa", "\r\n>a\r\nAC\r\n>b\r\nA\r\nC-\r\n"), format!(r#"FILE:6:2: {expected} "-""#));
        for letter in ["-", "*", ".", "X", "E", " ", "5", "\u{e9}"] {
            for bytes in [format!(">chrI\nAC{letter}\n").into_bytes(), gzip(format!(">chrI\nAC{letter}\n").as_bytes())]
            {
                let message = message("letter.fa", bytes);
                assert!(message.starts_with(&format!("FILE:2:3: {expected}")), "{letter:?}: {message}");
            }
        }
    }

    #[test]
    fn rna_is_read_as_dna() {
        let file = TestFile::new("rna.fa", ">a\nACGUu\n");
        assert_eq!(letters(&Genome::open(&file).unwrap()), [("a".to_owned(), "ACGTT".to_owned())]);
    }

    #[test]
    fn names_and_bases_must_be_there_once() {
        let name = r#"expected a name right after ">", found"#;
        assert_eq!(message("noname.fa", "> \nC\n"), format!(r#"FILE:1:1: {name} "> ""#));
        assert_eq!(message("space.fa", ">a\nC\n> chr1\nC\n"), format!(r#"FILE:3:1: {name} "> chr1""#));
        let twice = r#"FILE:3:1: expected a name that no chromosome had before, found ">a again""#;
        assert_eq!(message("twice.fa", ">a\nA\n>a again\nC\n"), twice);
        assert_eq!(message("none.fa", ">a\n>b\nC\n"), r#"FILE:1:1: expected bases below the name, found ">a""#);
        assert_eq!(message("last.fa", ">a\nC\n>b\n"), r#"FILE:3:1: expected bases below the name, found ">b""#);
    }

    #[test]
    fn a_name_ends_at_white_space() {
        let file = TestFile::new("white.fa", ">chr1\tx y\nA\n>chr2 z\nC\n");
        assert_eq!(Genome::open(&file).unwrap().names().collect::<Vec<_>>(), ["chr1", "chr2"]);
    }
}
