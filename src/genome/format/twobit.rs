//! Genomes from 2bit files.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use twobit::TwoBitFile;

use crate::{
    Error, Result,
    file::{at, text::read_error},
    genome::{Genome, packed::PackedSequence},
};

const SIGNATURE: u32 = 0x1A41_2743;
/// How many bases are read at a time, a multiple of the four of a byte.
const CHUNK_BASES: usize = 1 << 20;

/// Returns whether a file starts as a 2bit file does, of either byte order.
pub(crate) fn is_2bit(path: &Path) -> Result<bool> {
    let mut first = Vec::with_capacity(size_of::<u32>());
    let file = File::open(path).map_err(at(path))?;
    file.take(size_of::<u32>() as u64).read_to_end(&mut first).map_err(at(path))?;
    Ok(first == SIGNATURE.to_le_bytes() || first == SIGNATURE.to_be_bytes())
}

/// Reads all sequences.
pub(crate) fn read(path: &Path) -> Result<Genome> {
    let file = File::open(path).map_err(at(path))?;
    let mut file = TwoBitFile::new(BufReader::new(file)).map_err(read_failure(path))?;
    let mut genome = Genome::default();
    for (name, length) in file.chrom_names().into_iter().zip(file.chrom_sizes()) {
        check_blocks(path, &file.hard_masked_blocks(&name, ..).map_err(read_failure(path))?, &name, length)?;
        let mut sequence = PackedSequence::default();
        while sequence.len() < length {
            let start = sequence.len();
            let end = length.min(start + CHUNK_BASES);
            let letters = file.read_sequence(&name, start..end).map_err(read_failure(path))?;
            sequence.push_ascii(letters.as_bytes()).map_err(|_| Error::corrupt(path, format!("{name}: no base")))?;
        }
        genome.push(name, sequence).map_err(|refusal| Error::corrupt(path, refusal.to_string()))?;
    }
    Ok(genome)
}

/// Checks the blocks of N, which the reader trusts.
fn check_blocks(path: &Path, blocks: &[std::ops::Range<usize>], name: &str, length: usize) -> Result<()> {
    match blocks.iter().find(|block| block.start > block.end || block.end > length) {
        Some(block) => Err(Error::corrupt(path, format!("{name}: a block of N from {} to {}", block.start, block.end))),
        None => Ok(()),
    }
}

fn read_failure(path: &Path) -> impl Fn(twobit::Error) -> Error {
    let path = path.to_owned();
    move |error| match error {
        twobit::Error::IO(source) => read_error(&path)(source),
        other => Error::corrupt(&path, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFile;

    /// `ACGTNNNacgtA` and `TTTTTTTTTTTTTTTTTG` by the description of the format: T, C, A, G are 0 to 3, the first base
    /// in the highest bits.
    fn bytes() -> Vec<u8> {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        let index = |name: &[u8], offset: u32| [&[name.len() as u8], name, &offset.to_le_bytes()].concat();
        let first = [words(&[12, 1, 4, 3, 1, 7, 4, 0]), vec![0b1001_1100, 0b0000_0010, 0b0111_0010]].concat();
        let second = [words(&[18, 0, 0, 0]), vec![0, 0, 0, 0, 0b0011_0000]].concat();
        let start = 16 + 9 + 10;
        let index = [index(b"chrI", start), index(b"chrII", start + first.len() as u32)].concat();
        [words(&[SIGNATURE, 0, 2, 0]), index, first, second].concat()
    }

    #[test]
    fn a_2bit_file_is_the_genome_it_was_made_of() {
        let file = TestFile::new("a.2bit", bytes());
        let genome = Genome::open(&file).unwrap();
        let mut codes = [9; 13];
        genome.decode(0, 0, &mut codes);
        assert_eq!(codes, [0, 1, 2, 3, 4, 4, 4, 0, 1, 2, 3, 0, 4]);
        genome.decode(1, 6, &mut codes);
        assert_eq!(codes, [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 4]);
        assert_eq!((genome.length(0), genome.length(1)), (12, 18));
        assert_eq!(genome.names().collect::<Vec<_>>(), ["chrI", "chrII"]);
    }

    #[test]
    fn a_truncated_file_is_damaged_wherever_it_is_cut() {
        let whole = bytes();
        for length in 4..whole.len() {
            let file = TestFile::new("cut.2bit", &whole[..length]);
            let message = file.message(&Genome::open(&file).unwrap_err());
            assert_eq!(message, "FILE: damaged file: it ends too early, as a truncated file does", "{length}");
        }
    }

    #[test]
    fn no_byte_that_is_wrong_makes_it_panic() {
        let whole = bytes();
        for at in 4..whole.len() {
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = wrong;
                let file = TestFile::new("wrong.2bit", bytes);
                let _ = Genome::open(&file);
            }
        }
    }
}
