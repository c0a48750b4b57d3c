//! Peaks of one experiment.

use std::path::Path;

use super::{Genome, Interval, bed};
use crate::{Error, Result};

/// The peaks of one experiment, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeakSet {
    intervals: Vec<Interval>,
    skipped: usize,
}

impl PeakSet {
    /// Reads a BED or narrowPeak file (plain, gzip or bgzip); ten columns make it narrowPeak.
    ///
    /// With `half_width_bp` a peak is a point, its summit if the record has one, else its start, and covers that many bases
    /// before the point and as many from the point on, cut at the ends of the chromosome. Without, it is the interval as it
    /// stands.
    ///
    /// # Errors
    ///
    /// Those of [`read_intervals`](super::read_intervals), and [`Error::Config`] for a half width of 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, Interval, PeakSet};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(500))])?;
    /// let path = std::env::temp_dir().join(format!("multitf-doc-peaks-{}.narrowPeak", std::process::id()));
    /// std::fs::write(&path, "chr1\t100\t200\tpeak\t0\t.\t9.5\t4\t3\t70\nchr2\t0\t9\tpeak\t0\t.\t1\t1\t1\t-1\n")?;
    /// let peaks = PeakSet::open(&path, &genome, Some(50))?;
    /// assert_eq!(peaks.intervals(), [Interval { chromosome: 0, start: 120, end: 220 }]);
    /// assert_eq!(peaks.skipped(), 1);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, genome: &Genome, half_width_bp: Option<usize>) -> Result<Self> {
        if half_width_bp == Some(0) {
            let (expected, found) = ("at least 1".to_owned(), "0".to_owned());
            return Err(Error::Config { key: "peaks.half_width_bp".to_owned(), expected, found });
        }
        let mut intervals = Vec::new();
        let skipped = bed::for_each_record(path.as_ref(), genome, |record| {
            intervals.push(match half_width_bp {
                Some(half_width_bp) => widened(record, genome, half_width_bp)?,
                None => record.interval,
            });
            Ok(())
        })?;
        Ok(Self { intervals, skipped })
    }

    /// Makes a set of intervals that are at hand already.
    pub fn from_intervals(intervals: Vec<Interval>) -> Self {
        Self { intervals, skipped: 0 }
    }

    /// Returns the peaks.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Returns how many records lay on chromosomes that the genome lacks.
    pub fn skipped(&self) -> usize {
        self.skipped
    }
}

fn widened(record: &bed::Record, genome: &Genome, half_width_bp: usize) -> Result<Interval> {
    let Interval { chromosome, start, .. } = record.interval;
    let point = record.summit(genome)?.unwrap_or(start);
    Ok(Interval {
        chromosome,
        start: point.saturating_sub(half_width_bp),
        end: point.saturating_add(half_width_bp).min(genome.length(chromosome)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::scratch::{Scratch, genome};

    fn open(name: &str, text: &str, half_width_bp: Option<usize>) -> (Scratch, Result<Vec<(usize, usize)>>) {
        let file = Scratch::new(name, text);
        let peaks = PeakSet::open(&file, &genome(&[("chr1", 1000)]), half_width_bp);
        (file, peaks.map(|peaks| peaks.intervals().iter().map(|peak| (peak.start, peak.end)).collect()))
    }

    fn narrow_peak(start: usize, end: usize, summit: &str) -> String {
        format!("chr1\t{start}\t{end}\t.\t0\t.\t1.5\t-1\t-1\t{summit}\n")
    }

    #[test]
    fn a_bed_record_is_widened_from_its_start_and_cut_at_the_ends() {
        let text = "chr1\t500\t501\nchr1\t20\t90\nchr1\t999\t1000\n";
        assert_eq!(open("wide.bed", text, Some(50)).1.unwrap(), [(450, 550), (0, 70), (949, 1000)]);
        assert_eq!(open("as-is.bed", text, None).1.unwrap(), [(500, 501), (20, 90), (999, 1000)]);
    }

    #[test]
    fn a_narrow_peak_is_widened_from_its_summit_if_it_has_one() {
        let text = narrow_peak(100, 300, "150") + &narrow_peak(100, 300, "0") + &narrow_peak(100, 300, "-1");
        assert_eq!(open("a.narrowPeak", &text, Some(50)).1.unwrap(), [(200, 300), (50, 150), (50, 150)]);
        assert_eq!(open("b.narrowPeak", &text, None).1.unwrap(), [(100, 300); 3]);
    }

    #[test]
    fn a_bed_record_of_twelve_columns_has_no_summit() {
        let text = "chr1\t100\t300\t.\t0\t.\t100\t300\t0\t1\t200\t0\n";
        assert_eq!(open("twelve.bed", text, Some(50)).1.unwrap(), [(50, 150)]);
    }

    #[test]
    fn a_bad_summit_is_told_with_line_and_column() {
        let (file, error) = open("bad.narrowPeak", &narrow_peak(100, 300, "x"), Some(50));
        let expected = r#"FILE:1:10: expected the summit's distance from the start, or -1, found "x""#;
        assert_eq!(file.message(&error.unwrap_err()), expected);
        let (file, error) = open("far.narrowPeak", &narrow_peak(100, 300, "900"), Some(50));
        assert!(
            file.message(&error.unwrap_err()).starts_with("FILE:1: chr1 ends at 1000, but the interval ends at 1001")
        );
    }

    #[test]
    fn a_half_width_of_0_is_an_error() {
        let error = open("zero.bed", "", Some(0)).1.unwrap_err();
        assert_eq!(error.to_string(), "peaks.half_width_bp: expected at least 1, found 0");
    }
}
