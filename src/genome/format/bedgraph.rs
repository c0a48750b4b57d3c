//! bedGraph files as bigWig files.

use std::path::Path;

use super::{bed, bigwig};
use crate::{
    Result,
    file::replace_with,
    genome::{Genome, Interval},
};

/// Writes the values of a bedGraph file (plain, gzip or bgzip) as a bigWig file.
///
/// The records of a chromosome must stand together, be sorted, and not overlap; chromosomes may come in any order.
/// Chromosomes without a record are left out. Memory does not grow with the file, except for an index of some bytes for
/// each thousand records.
///
/// # Errors
///
/// [`Error::Parse`](crate::Error::Parse) with line and column, [`Error::PastEnd`](crate::Error::PastEnd) and
/// [`Error::ChromosomeNames`](crate::Error::ChromosomeNames) as for BED files, the first also for a record before the
/// end of the last one and for a chromosome that comes twice; [`Error::Io`](crate::Error::Io).
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, Interval, MissingChromosomes, SignalTrack, bedgraph_to_bigwig};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(100))])?;
/// let folder = tempfile::tempdir()?;
/// let [from, to] = ["a.bedGraph", "a.bigWig"].map(|name| folder.path().join(name));
/// std::fs::write(&from, "chr1\t10\t20\t1.5\nchr1\t20\t30\t0.25\n")?;
/// bedgraph_to_bigwig(&from, &to, &genome)?;
/// let track = SignalTrack::open(&to, &genome, MissingChromosomes::Error)?;
/// assert_eq!(track.max(Interval { chromosome: 0, start: 15, end: 25 }), 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bedgraph_to_bigwig(from: impl AsRef<Path>, to: impl AsRef<Path>, genome: &Genome) -> Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    replace_with(to, |partial| convert(from, partial, to, genome, bigwig::ALL_THREADS))
}

/// Converts a file like [`bedgraph_to_bigwig`] on one thread, where many files are converted at once. `to` is a
/// temporary name already, and gets no other one meanwhile.
pub(crate) fn bedgraph_to_bigwig_on_one_thread(from: &Path, to: &Path, genome: &Genome) -> Result<()> {
    convert(from, to, to, genome, 1)
}

/// Errors have the path `shown`.
fn convert(from: &Path, to: &Path, shown: &Path, genome: &Genome, threads: i64) -> Result<()> {
    bigwig::write_with(to, shown, genome, threads, |write| {
        let mut order = Order { seen: vec![false; genome.len()], last: None };
        bed::for_each_record(from, genome, |record| {
            order.check(record)?;
            write(record.interval, record.value()?)
        })
        .map(|_| ())
    })
}

/// The records before a record.
struct Order {
    /// The chromosomes that they lie on.
    seen: Vec<bool>,
    last: Option<Interval>,
}

impl Order {
    fn check(&mut self, record: &bed::Record) -> Result<()> {
        const SORT: &str = "sort the file, say by `sort -k1,1 -k2,2n`";
        let next = record.interval;
        let last = self.last.replace(next).filter(|last| last.chromosome == next.chromosome);
        if let Some(Interval { end, .. }) = last.filter(|last| next.start < last.end) {
            let expected = format!("a start from {end} on, where the line before it ends ({SORT}, without overlaps)");
            return Err(record.row.error(1, expected));
        }
        if last.is_none() && std::mem::replace(&mut self.seen[next.chromosome], true) {
            let expected = format!("a new chromosome, since all lines of one stand together ({SORT})");
            return Err(record.row.error(0, expected));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        genome::{MissingChromosomes, SignalTrack},
        testing::TestFile,
    };

    fn genome() -> Genome {
        Genome::from_sequences([("chr1", "A".repeat(100)), ("chr2", "A".repeat(50))]).unwrap()
    }

    #[test]
    fn chromosomes_without_a_record_are_left_out() {
        let (from, to) = (TestFile::new("left-out.bedGraph", "chr2\t0\t5\t0.5\n"), TestFile::new("left-out.bw", ""));
        bedgraph_to_bigwig(&from, &to, &genome()).unwrap();
        assert!(SignalTrack::open(&to, &genome(), MissingChromosomes::Error).is_err());
        let track = SignalTrack::open(&to, &genome(), MissingChromosomes::Zero).unwrap();
        let run = (Interval { chromosome: 1, start: 0, end: 5 }, 0.5);
        assert_eq!(track, SignalTrack::from_runs(&genome(), [run]).unwrap());
    }

    #[test]
    fn chromosomes_come_in_any_order() {
        let genome = Genome::from_sequences(["chr1", "chr2", "chr10"].map(|name| (name, "A".repeat(100)))).unwrap();
        let text = "chr1\t3\t5\t0.5\nchr10\t0\t7\t2\nchr10\t7\t9\t4\nchr2\t90\t100\t1\n";
        let (from, to) = (TestFile::new("any-order.bedGraph", text), TestFile::new("any-order.bw", ""));
        bedgraph_to_bigwig(&from, &to, &genome).unwrap();
        let track = SignalTrack::open(&to, &genome, MissingChromosomes::Error).unwrap();
        let run = |chromosome, start, end| Interval { chromosome, start, end };
        let runs = [(run(0, 3, 5), 0.5), (run(1, 90, 100), 1.0), (run(2, 0, 7), 2.0), (run(2, 7, 9), 4.0)];
        assert_eq!(track, SignalTrack::from_runs(&genome, runs).unwrap());
    }

    #[test]
    fn a_bad_record_is_told_with_its_place_and_leaves_no_file() {
        for (text, expected) in [
            ("chr1\t0\t5\t0.5\nchr1\t5\t9\tx\n", "FILE:2:4: expected a finite number, found \"x\""),
            ("chr1\t0\t5\n", "FILE:1:4: expected a finite number, found \"\""),
            (
                "chr1\t0\t5\t1\nchr1\t4\t9\t1\n",
                "FILE:2:2: expected a start from 5 on, where the line before it ends (sort the file, say by `sort \
                 -k1,1 -k2,2n`, without overlaps), found \"4\"",
            ),
            (
                "chr2\t0\t5\t1\nchr1\t4\t9\t1\nchr9\t0\t3\t1\nchr2\t5\t9\t1\n",
                "FILE:4:1: expected a new chromosome, since all lines of one stand together (sort the file, say by \
                 `sort -k1,1 -k2,2n`), found \"chr2\"",
            ),
        ] {
            let (from, to) = (TestFile::new("bad.bedGraph", text), TestFile::new("bad-graph.bw", "old"));
            let error = bedgraph_to_bigwig(&from, &to, &genome()).unwrap_err();
            assert_eq!(from.message(&error), expected);
            assert_eq!(std::fs::read(&to).unwrap(), b"old");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_has_a_temporary_name_gets_no_other_one_meanwhile() {
        use std::os::unix::fs::MetadataExt;

        let (from, to) = (TestFile::new("in.bedGraph", "chr1\t10\t20\t1.5\n"), TestFile::new("out.partial", "old"));
        let inode = || std::fs::metadata(&*to).unwrap().ino();
        let before = inode();
        bedgraph_to_bigwig_on_one_thread(&from, &to, &genome()).unwrap();
        assert_eq!(inode(), before);
        let track = SignalTrack::open(&to, &genome(), MissingChromosomes::Zero).unwrap();
        assert_eq!(track.max(Interval { chromosome: 0, start: 0, end: 100 }), 1.5);
    }
}
