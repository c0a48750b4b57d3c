//! Signals in bigWig files.

mod totals;
mod writer;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use gwseq_io::{
    OpenOptions, Reader,
    bbi::{BbiReader, ValuesRequest, header},
    genomic::Locs,
};

use self::totals::Totals;
pub(crate) use self::writer::BigwigWriter;
pub use self::writer::write_bigwig;
pub(super) use self::writer::{ALL_THREADS, write_with};
use super::chromosome_names::NameResolver;
use crate::{
    Error, Result,
    file::at,
    genome::{Genome, MissingChromosomes, SignalTrack, runs::Runs},
};

/// The number of bases decoded at a time.
const WINDOW_BP: i64 = 1 << 22;

/// Stands for a base without a value: a NaN that no file holds.
const NO_VALUE: f32 = f32::from_bits(0x7fc5_ca1f);

impl SignalTrack {
    /// Reads a bigWig file.
    ///
    /// Chromosomes that the genome lacks are skipped. The bases with a value and the sums over them are checked against
    /// the header, as far as chromosomes were read: a format without checksums shows lost parts in no other way.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if it is no bigWig file; [`Error::MissingChromosome`] for a chromosome that the file lacks,
    /// unless that means 0; [`Error::NotFinite`]; [`Error::Mismatch`] for a chromosome of another length;
    /// [`Error::ChromosomeName`] if the file names a chromosome differently (`1` for `chr1`),
    /// [`Error::ChromosomeNames`] if it names none that the genome has; [`Error::Corrupt`]; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, Interval, MissingChromosomes, SignalTrack, write_bigwig};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(100))])?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("signal.bigwig");
    /// write_bigwig(&path, &genome, [(Interval { chromosome: 0, start: 10, end: 20 }, 1.5)])?;
    /// let track = SignalTrack::open(&path, &genome, MissingChromosomes::Error)?;
    /// assert_eq!(track.max(Interval { chromosome: 0, start: 0, end: 100 }), 1.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, genome: &Genome, missing: MissingChromosomes) -> Result<Self> {
        let path = path.as_ref();
        let reader = open(path)?;
        check_chromosomes(path, &reader, genome)?;
        check_renamed(path, &reader, genome)?;
        totals::check_index(path, &reader)?;
        let mut totals = Totals::default();
        let chromosomes = (0..genome.len())
            .map(|chromosome| match (reader.chr_sizes().get(genome.name(chromosome)), missing) {
                (Some(_), _) => read_chromosome(path, &reader, genome, chromosome, &mut totals),
                (None, MissingChromosomes::Zero) => Ok(zero(genome, chromosome)),
                (None, MissingChromosomes::Error) => {
                    let chromosome = genome.name(chromosome).to_owned();
                    Err(Error::MissingChromosome { path: path.to_owned(), chromosome })
                }
            })
            .collect::<Result<_>>()?;
        let covers_file = reader.chr_sizes().iter().all(|entry| genome.index_of(&entry.id).is_some());
        totals.check(path, &reader, covers_file)?;
        Ok(Self { chromosomes })
    }
}

fn zero(genome: &Genome, chromosome: usize) -> Runs {
    let mut runs = Runs::default();
    runs.push(genome.length(chromosome) as u32, 0.0);
    runs
}

fn read_chromosome(
    path: &Path,
    reader: &BbiReader,
    genome: &Genome,
    chromosome: usize,
    totals: &mut Totals,
) -> Result<Runs> {
    let name = genome.name(chromosome);
    let request = ValuesRequest::new(Locs::chromosomes(vec![name.to_owned()])).def_value(NO_VALUE);
    let windows = reader.iter_all_values(&request, WINDOW_BP).map_err(failure(path))?;
    let mut runs = Runs::default();
    for window in windows {
        let window = window.map_err(failure(path))?;
        let values = window.as_slice().expect("a window is one vector");
        for run in values.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
            let (end, value) = (runs.len() + run.len() as u32, run[0]);
            if value.to_bits() == NO_VALUE.to_bits() {
                runs.push(end, 0.0);
                continue;
            }
            if !value.is_finite() {
                let (chromosome, position) = (name.to_owned(), runs.len() as usize);
                return Err(Error::NotFinite { path: path.to_owned(), chromosome, position, value });
            }
            totals.add(run.len(), value);
            runs.push(end, value);
        }
    }
    runs.shrink_to_fit();
    Ok(runs)
}

fn open(path: &Path) -> Result<BbiReader> {
    check_magic(path)?;
    match gwseq_io::open(text_of(path)?, OpenOptions::default()).map_err(failure(path))? {
        Reader::Bbi(reader) => Ok(reader),
        _ => Err(no_bigwig(path, "its magic number is another one")),
    }
}

fn check_magic(path: &Path) -> Result<()> {
    let mut first = Vec::new();
    File::open(path).and_then(|file| file.take(4).read_to_end(&mut first)).map_err(at(path))?;
    let Ok(magic) = first.as_slice().try_into().map(u32::from_le_bytes) else {
        let detail = if first.is_empty() { "it is empty" } else { "it is shorter than a magic number" };
        return Err(no_bigwig(path, detail));
    };
    match magic {
        gwseq_io::bbi::BIGWIG_MAGIC => Ok(()),
        gwseq_io::bbi::BIGBED_MAGIC => Err(no_bigwig(path, "it is a bigBed file")),
        header::BIGWIG_MAGIC_SWAPPED => Err(no_bigwig(path, "its byte order is big-endian")),
        _ => Err(no_bigwig(path, &format!("it starts with the bytes {first:02x?}"))),
    }
}

fn no_bigwig(path: &Path, detail: &str) -> Error {
    Error::format(path, "a bigWig file", detail)
}

/// Checks that names and lengths are those of the genome.
fn check_chromosomes(path: &Path, reader: &BbiReader, genome: &Genome) -> Result<()> {
    let mut names = NameResolver::new(genome, path);
    for entry in reader.chr_sizes().iter() {
        let Some(chromosome) = names.resolve(entry.id.as_bytes(), None)? else { continue };
        let length = genome.length(chromosome);
        if i64::try_from(length) != Ok(entry.size) {
            let what = format!("{}: length of {}", path.display(), entry.id);
            let found = format!("{}, as if for another assembly", entry.size);
            return Err(Error::mismatch(what, length, found));
        }
    }
    names.finish().map(|_| ())
}

/// Refuses a chromosome that has another name in the file. A name that only the genome has and one that only the file
/// has are taken for one chromosome if no others have the same length. The chromosome must be long, or the names differ
/// in one byte, as after damage.
fn check_renamed(path: &Path, reader: &BbiReader, genome: &Genome) -> Result<()> {
    /// Shorter chromosomes may have the same length by chance.
    const MIN_LENGTH: usize = 100_000;
    let lacking = (0..genome.len()).filter(|&chromosome| reader.chr_sizes().get(genome.name(chromosome)).is_none());
    let lacking = by_length(lacking.map(|chromosome| (genome.length(chromosome), genome.name(chromosome))));
    let unknown = reader.chr_sizes().iter().filter(|entry| genome.index_of(&entry.id).is_none());
    let unknown = by_length(unknown.filter_map(|entry| Some((usize::try_from(entry.size).ok()?, entry.id.as_str()))));
    let is_damaged =
        |a: &str, b: &str| a.len() == b.len() && a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).count() == 1;
    for (length, names) in lacking {
        if let ([expected], Some([found])) = (names.as_slice(), unknown.get(&length).map(Vec::as_slice))
            && (length >= MIN_LENGTH || is_damaged(expected, found))
        {
            let [found, expected] = [found, expected].map(|name| (*name).to_owned());
            return Err(Error::ChromosomeName { path: path.to_owned(), line: None, found, expected });
        }
    }
    Ok(())
}

fn by_length<'a>(named: impl Iterator<Item = (usize, &'a str)>) -> BTreeMap<usize, Vec<&'a str>> {
    let mut grouped = BTreeMap::<usize, Vec<&str>>::new();
    named.for_each(|(length, name)| grouped.entry(length).or_default().push(name));
    grouped
}

fn text_of(path: &Path) -> Result<&str> {
    let refuse = || io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8");
    path.to_str().ok_or_else(refuse).map_err(at(path))
}

fn failure(path: &Path) -> impl Fn(gwseq_io::Error) -> Error {
    let path = path.to_owned();
    move |error| match error {
        gwseq_io::Error::Io { source, .. } => Error::Io { path: path.clone(), source },
        gwseq_io::Error::Write { what, .. } => Error::Io { path: path.clone(), source: io::Error::other(what) },
        gwseq_io::Error::Format { what, .. } => no_bigwig(&path, &what),
        gwseq_io::Error::Corrupt { what, offset, .. } => Error::corrupt(&path, format!("{what} (at byte {offset})")),
        other => Error::corrupt(&path, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use gwseq_io::bbi::{BbiWriter, BbiWriterOptions};

    use super::*;
    use crate::{
        genome::Interval,
        testing::{TestFile, genome},
    };

    const ERROR: MissingChromosomes = MissingChromosomes::Error;

    fn lengths() -> Genome {
        genome(&[("chr2", 5000), ("chr10", 300), ("chr1", 400)])
    }

    fn run(chromosome: usize, start: usize, end: usize) -> Interval {
        Interval { chromosome, start, end }
    }

    fn message(file: &TestFile, genome: &Genome) -> String {
        file.message(&SignalTrack::open(file, genome, ERROR).unwrap_err())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let runs: Vec<_> =
            (0..1000).map(|i| (run(0, 5 * i, 5 * i + 4), i as f32 / 8.0)).chain([(run(2, 7, 400), 2.5)]).collect();
        let file = TestFile::new("round.bw", "old");
        write_bigwig(&file, &lengths(), runs.clone()).unwrap();
        let track = SignalTrack::open(&file, &lengths(), ERROR).unwrap();
        assert_eq!(track, SignalTrack::from_runs(&lengths(), runs).unwrap());
    }

    #[test]
    fn a_chromosome_that_the_file_lacks_is_an_error_or_0() {
        let file = TestFile::new("lacks.bw", "");
        write_bigwig(&file, &genome(&[("chr1", 400)]), [(run(0, 1, 2), 1.0)]).unwrap();
        let message = message(&file, &lengths());
        assert_eq!(message, "FILE: no chromosome chr2; set missing_chromosomes = \"zero\" if that means no signal");
        let track = SignalTrack::open(&file, &lengths(), MissingChromosomes::Zero).unwrap();
        assert_eq!([0, 1, 2].map(|chromosome| track.max(run(chromosome, 0, 300))), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_chromosome_of_another_length_or_name_is_an_error() {
        let file = TestFile::new("other.bw", "");
        write_bigwig(&file, &genome(&[("chr1", 400)]), []).unwrap();
        let length = message(&file, &genome(&[("chr1", 401)]));
        assert_eq!(length, "FILE: length of chr1: expected 401, found 400, as if for another assembly");
        let names = message(&file, &genome(&[("1", 400)]));
        assert_eq!(names, r#"FILE: chromosome "chr1" is "1" in the genome: give it one name in both"#);
    }

    #[test]
    fn other_files_are_no_bigwig() {
        for (name, bytes, detail) in [
            ("text.bw", &b"chr1\t0\t1"[..], "it starts with the bytes [63, 68, 72, 31]"),
            ("bigbed.bw", &[0xeb, 0xf2, 0x89, 0x87, 0][..], "it is a bigBed file"),
            ("big-endian.bw", &[0x88, 0x8f, 0xfc, 0x26, 0][..], "its byte order is big-endian"),
            ("short.bw", b"ab", "it is shorter than a magic number"),
            ("empty.bw", b"", "it is empty"),
        ] {
            let file = TestFile::new(name, bytes);
            assert_eq!(message(&file, &lengths()), format!("FILE: not a bigWig file: {detail}"));
        }
    }

    #[test]
    fn a_value_that_is_no_number_is_told_with_its_position() {
        let file = TestFile::new("nan.bw", "");
        let options = BbiWriterOptions { compression_level: 0, ..Default::default() };
        let mut writer = BbiWriter::create(file.to_str().unwrap(), options).unwrap();
        writer.write_values("chr1", 10, 1, &[1.0, 12345.0, 2.0]).unwrap();
        writer.write_value("chr1", 399, 400, 1.0).unwrap();
        writer.close().unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let at = bytes.windows(4).position(|bytes| bytes == 12345_f32.to_le_bytes()).unwrap();
        for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf")] {
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            std::fs::write(&file, &bytes).unwrap();
            let expected = format!("FILE: chr1:11: the signal is {shown}, not a finite number");
            assert_eq!(message(&file, &genome(&[("chr1", 400)])), expected);
        }
    }

    #[test]
    fn a_truncated_file_is_an_error_and_no_panic() {
        let file = TestFile::new("cut.bw", "");
        write_bigwig(&file, &lengths(), (0..1000).map(|i| (run(0, 5 * i, 5 * i + 4), i as f32))).unwrap();
        let whole = std::fs::read(&file).unwrap();
        for length in (5..whole.len() - 4).step_by(37) {
            std::fs::write(&file, &whole[..length]).unwrap();
            assert!(SignalTrack::open(&file, &lengths(), ERROR).is_err(), "{length} of {}", whole.len());
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let file = TestFile::new("kept.bw", "old");
        let error = write_bigwig(&file, &lengths(), [(run(0, 5, 9), 1.0), (run(0, 4, 5), 1.0)]).unwrap_err();
        assert_eq!(error.to_string(), "run of a signal: expected a start from (0, 9) on, found (0, 4)");
        assert_eq!(std::fs::read(&file).unwrap(), b"old");
        let name = file.file_name().unwrap().to_str().unwrap();
        let folder = std::fs::read_dir(file.parent().unwrap()).unwrap();
        assert_eq!(
            folder.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with(name)).count(),
            1
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_with_the_path_and_leaves_the_old_file() {
        let file = TestFile::new("full.bw", "old");
        // What is written under this name ends up in a device that is always full.
        let partial = format!("{}.{}.partial", file.display(), std::process::id());
        std::os::unix::fs::symlink("/dev/full", &partial).unwrap();
        let error = write_bigwig(&file, &lengths(), [(run(0, 5, 9), 1.0)]).unwrap_err();
        assert!(matches!(&error, Error::Io { path, .. } if **path == *file), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), b"old");
    }
}
