//! The summary of all values in the header of a bigWig file.

use std::path::Path;

use gwseq_io::bbi::{BbiReader, TotalSummary};

use crate::{Error, Result};

/// How far a sum may differ from that of the header, as a share of the sum of absolute values: some programs add in 32
/// bits.
const TOLERANCE: f64 = 1e-4;

/// Sums over the bases with a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Totals {
    bases: u64,
    min: f64,
    sum: f64,
    absolute: f64,
    squares: f64,
}

impl Default for Totals {
    fn default() -> Self {
        Self { bases: 0, min: f64::INFINITY, sum: 0.0, absolute: 0.0, squares: 0.0 }
    }
}

/// Refuses a file without an index, as some programs write if they get no values.
pub(super) fn check_index(path: &Path, reader: &BbiReader) -> Result<()> {
    if reader.chr_sizes().is_empty() || reader.header().full_index_offset == 0 { Err(nothing(path)) } else { Ok(()) }
}

fn nothing(path: &Path) -> Error {
    Error::mismatch(path.display().to_string(), "a signal", "a bigWig file that holds no value")
}

/// The summary in the header, if there is one: some programs leave zeros there.
fn in_header(reader: &BbiReader) -> Option<&TotalSummary> {
    let header = reader.total_summary();
    let is_blank = header.bases_covered == 0 && header.sum_data == 0.0 && header.sum_squared == 0.0;
    (reader.header().total_summary_offset > 0 && !is_blank).then_some(header)
}

impl Totals {
    /// Adds some bases of one value.
    pub(super) fn add(&mut self, bases: usize, value: f32) {
        let (count, value) = (bases as f64, f64::from(value));
        self.bases += bases as u64;
        self.min = self.min.min(value);
        self.sum += count * value;
        self.absolute += count * value.abs();
        self.squares += count * value * value;
    }

    /// Refuses values that cannot be among those that the header summarises or, if they are to cover the file, are not
    /// all of them.
    ///
    /// The maximum is not checked, since a common program writes another one there.
    pub(super) fn check(&self, path: &Path, reader: &BbiReader, covers_file: bool) -> Result<()> {
        let header = in_header(reader);
        if covers_file && self.bases == 0 && header.is_none() {
            return Err(nothing(path));
        }
        let Some(header) = header else { return Ok(()) };
        let corrupt = |what: &str, found: String, expected: String| {
            Err(Error::corrupt(
                path,
                format!("{what} {found}, and its header says {expected}: copy or make the file anew"),
            ))
        };
        let bases = header.bases_covered;
        if self.bases > bases || covers_file && self.bases < bases {
            return corrupt("the number of bases with a value is", self.bases.to_string(), bases.to_string());
        }
        if self.min < header.min_value - TOLERANCE * header.min_value.abs() {
            return corrupt("its least value is", self.min.to_string(), header.min_value.to_string());
        }
        for (what, found, expected, scale) in [
            ("the sum of its values is", self.sum, header.sum_data, self.absolute),
            ("the sum of its squared values is", self.squares, header.sum_squared, self.squares),
        ] {
            if covers_file && (found - expected).abs() > TOLERANCE * scale {
                return corrupt(what, found.to_string(), expected.to_string());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        genome::{Genome, MissingChromosomes, SignalTrack, bedgraph_to_bigwig},
        testing::{TestFile, genome},
    };

    const ERROR: MissingChromosomes = MissingChromosomes::Error;

    fn lengths() -> Genome {
        genome(&[("chr1", 5000), ("chr10", 300), ("chr2", 400)])
    }

    /// A file whose first chromosome has a gap, and values of either sign.
    fn written(name: &str) -> (TestFile, SignalTrack) {
        let line = |i: usize| format!("chr1\t{}\t{}\t{}", 9 * i, 9 * i + 7, (i * i % 17) as f32 - 3.5);
        let lines: Vec<String> = (0..400).map(line).collect();
        let text = lines.join("\n") + "\nchr10\t5\t300\t2.5\nchr2\t0\t40\t-1\nchr2\t50\t60\t0\n";
        let (from, to) = (TestFile::new(&format!("{name}.bedGraph"), text), TestFile::new(name, ""));
        bedgraph_to_bigwig(&from, &to, &lengths()).unwrap();
        let track = SignalTrack::open(&to, &lengths(), ERROR).unwrap();
        (to, track)
    }

    #[test]
    fn flipped_bytes_are_refused_or_do_no_harm() {
        let (file, track) = written("flipped.bw");
        let bytes = std::fs::read(&file).unwrap();
        let mut silent = Vec::new();
        // Most of an index is empty.
        let places = (0..bytes.len()).filter(|&place| bytes[place] != 0 || place < 600 || place % 97 == 0);
        for (place, flip) in places.flat_map(|place| [1, 0x10, 0x80, 0xff].map(|flip| (place, flip))) {
            let mut bytes = bytes.clone();
            bytes[place] ^= flip;
            std::fs::write(&file, &bytes).unwrap();
            for missing in [ERROR, MissingChromosomes::Zero] {
                if SignalTrack::open(&file, &lengths(), missing).is_ok_and(|found| found != track) {
                    silent.push((place, flip, missing));
                }
            }
        }
        assert_eq!(silent, []);
    }

    fn message(file: &TestFile, genome: &Genome, missing: MissingChromosomes) -> String {
        file.message(&SignalTrack::open(file, genome, missing).unwrap_err())
    }

    /// Writes a file, and other numbers in the place of `nth` of the five in its header.
    fn with_header(name: &str, nth: usize, number: [u8; 8]) -> TestFile {
        let (file, _) = written(name);
        let mut bytes = std::fs::read(&file).unwrap();
        let at = u64::from_le_bytes(bytes[44..52].try_into().unwrap()) as usize + 8 * nth;
        bytes[at..at + 8].copy_from_slice(&number);
        std::fs::write(&file, bytes).unwrap();
        file
    }

    #[test]
    fn each_number_of_the_header_is_looked_at() {
        // 400 x 7 + 295 + 40 + 10 bases.
        for (nth, number, expected) in [
            (0, 3146_u64.to_le_bytes(), "the number of bases with a value is 3145, and its header says 3146"),
            (0, 3144_u64.to_le_bytes(), "the number of bases with a value is 3145, and its header says 3144"),
            (1, (-3.4_f64).to_le_bytes(), "its least value is -3.5, and its header says -3.4"),
            (3, 9000_f64.to_le_bytes(), "the sum of its values is "),
            (4, 9000_f64.to_le_bytes(), "the sum of its squared values is "),
        ] {
            let found = message(&with_header("header.bw", nth, number), &lengths(), ERROR);
            assert!(found.starts_with(&format!("FILE: damaged file: {expected}")), "{found}");
        }
        // A program that is much used leaves another greatest value there.
        assert!(SignalTrack::open(with_header("greatest.bw", 2, [0; 8]), &lengths(), ERROR).is_ok());
    }

    #[test]
    fn values_of_chromosomes_that_the_genome_lacks_may_be_missing_and_not_be_too_many() {
        let genome = genome(&[("chr1", 5000)]);
        let (file, _) = written("partial.bw");
        assert!(SignalTrack::open(&file, &genome, ERROR).is_ok());
        let found = message(&with_header("too-many.bw", 0, 2799_u64.to_le_bytes()), &genome, ERROR);
        assert!(found.contains("the number of bases with a value is 2800, and its header says 2799"), "{found}");
    }

    #[test]
    fn a_file_without_numbers_in_its_header_is_read() {
        let (file, track) = written("blank.bw");
        let mut bytes = std::fs::read(&file).unwrap();
        let at = u64::from_le_bytes(bytes[44..52].try_into().unwrap()) as usize;
        bytes[at..at + 40].fill(0);
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(SignalTrack::open(&file, &lengths(), ERROR).unwrap(), track);
        bytes[44..52].fill(0);
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(SignalTrack::open(&file, &lengths(), ERROR).unwrap(), track);
    }

    #[test]
    fn a_file_without_values_says_so() {
        let (from, to) = (TestFile::new("nothing.bedGraph", ""), TestFile::new("nothing.bw", ""));
        bedgraph_to_bigwig(&from, &to, &lengths()).unwrap();
        for missing in [ERROR, MissingChromosomes::Zero] {
            let expected = "FILE: expected a signal, found a bigWig file that holds no value";
            assert_eq!(message(&to, &lengths(), missing), expected);
        }
    }

    #[test]
    fn a_chromosome_under_another_name_is_none_that_is_missing() {
        let [length, other] = [100_000, 5000];
        let (from, file) =
            (TestFile::new("renamed.bedGraph", "chr1\t0\t9\t1\nchr10\t0\t9\t2\n"), TestFile::new("renamed.bw", ""));
        bedgraph_to_bigwig(&from, &file, &genome(&[("chr1", other), ("chr10", length)])).unwrap();
        let genome = genome(&[("chr1", other), ("NC_10", length)]);
        for missing in [ERROR, MissingChromosomes::Zero] {
            let expected = r#"FILE: chromosome "chr10" is "NC_10" in the genome: give it one name in both"#;
            assert_eq!(message(&file, &genome, missing), expected);
        }
    }
}
