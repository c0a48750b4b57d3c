//! Genomes from FASTA files.

use std::{io::BufRead, path::Path};

use noodles_fasta as noodles;

use super::{Genome, packed::PackedSequence, text::read_error};
use crate::{Error, Result};

/// Reads all sequences.
pub(super) fn read(path: &Path, mut reader: Box<dyn BufRead>) -> Result<Genome> {
    check_start(path, &mut reader)?;
    let mut reader = noodles::io::Reader::new(reader);
    let mut definition = noodles::record::Definition::default();
    let mut genome = Genome::default();
    while reader.read_definition(&mut definition).map_err(read_error(path))? > 0 {
        let name = definition.name().to_string();
        let sequence = read_sequence(path, &name, reader.sequence_reader())?;
        genome
            .push(name, sequence)
            .map_err(|refusal| Error::Corrupt { path: path.to_owned(), detail: refusal.to_string() })?;
    }
    Ok(genome)
}

fn read_sequence(path: &Path, name: &str, mut letters: impl BufRead) -> Result<PackedSequence> {
    let mut sequence = PackedSequence::default();
    loop {
        let chunk = letters.fill_buf().map_err(read_error(path))?;
        if chunk.is_empty() {
            return Ok(sequence);
        }
        let (start, length) = (sequence.len(), chunk.len());
        sequence.push_ascii(chunk).map_err(|at| Error::Corrupt {
            path: path.to_owned(),
            detail: format!("{name}:{}: {:?} is no base", start + at, char::from(chunk[at])),
        })?;
        letters.consume(length);
    }
}

/// Skips empty lines; what follows must be a definition.
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
                return Err(Error::Format { path: path.to_owned(), expected: "a FASTA or 2bit file", detail });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::scratch::{Scratch, bgzip, gzip};

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
        let file = Scratch::new(name, bytes);
        file.message(&Genome::open(&file).unwrap_err())
    }

    #[test]
    fn plain_gzip_and_bgzip_are_the_same_genome() {
        let expected = [("chrI", "ACGTACGTNNNN"), ("chrII", "GGCC")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let bytes = TEXT.as_bytes();
        for (name, bytes) in [("p.fa", bytes.to_vec()), ("g.fa", gzip(bytes)), ("b.fa", bgzip(bytes, 7).concat())] {
            let file = Scratch::new(name, bytes);
            assert_eq!(letters(&Genome::open(&file).unwrap()), expected, "{name}");
        }
    }

    #[test]
    fn a_stale_index_beside_the_file_does_no_harm() {
        let file = Scratch::new("indexed.fa", TEXT);
        let _index = Scratch::new("indexed.fa.fai", "chrZ\t7\t900\t1\t2\nrubbish");
        assert_eq!(Genome::open(&file).unwrap().total_bases(), 16);
    }

    #[test]
    fn lines_may_be_longer_than_the_buffer() {
        let file = Scratch::new("long.fa", [b">chrI\n", "ACGT".repeat(200_000).as_bytes()].concat());
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
    fn a_byte_that_is_no_base_is_told_with_its_position() {
        assert_eq!(message("byte.fa", ">chrI\nACG\nT@A\n"), "FILE: damaged file: chrI:4: '@' is no base");
    }

    #[test]
    fn names_and_bases_must_be_there_once() {
        assert_eq!(message("twice.fa", ">a\nA\n>a\nC\n"), "FILE: damaged file: chromosome a twice");
        assert_eq!(message("none.fa", ">a\n>b\nC\n"), "FILE: damaged file: chromosome a without bases");
        assert_eq!(message("noname.fa", "> \nC\n"), "FILE: damaged file: missing name");
    }
}
