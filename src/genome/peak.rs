//! The peaks of an experiment.

use std::path::Path;

use super::{
    Genome, Interval, Skipped,
    format::bed::{self, Center},
};
use crate::{Error, Result};

/// The peaks of an experiment, in the order of their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeakSet {
    intervals: Vec<Interval>,
    skipped: Skipped,
    centers: Centers,
}

/// How many peaks of a file are centred on which point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Centers {
    /// Peaks centred on their summit.
    pub summits: usize,
    /// Peaks without a summit, centred on their midpoint.
    pub midpoints: usize,
    /// BED lines, centred on their start.
    pub starts: usize,
}

impl Centers {
    /// Counts a center, and returns its position.
    fn add(&mut self, center: Center) -> usize {
        let (count, position) = match center {
            Center::Summit(position) => (&mut self.summits, position),
            Center::Midpoint(position) => (&mut self.midpoints, position),
            Center::Start(position) => (&mut self.starts, position),
        };
        *count += 1;
        position
    }
}

impl PeakSet {
    /// Reads a BED, narrowPeak or broadPeak file (plain, gzip or bgzip).
    ///
    /// A line is narrowPeak if its columns 7 to 9 are numbers and column 10 is the summit's distance from the start, or
    /// -1 without a summit. Further columns, as IDR writes them, are allowed; BED12 and gappedPeak are told apart. Nine
    /// such columns are broadPeak, and anything else is BED.
    ///
    /// With `half_width_bp`, a peak covers that many bases before a point and as many from the point on, cut at the
    /// ends of the chromosome. The point is the summit, the midpoint of a peak without a summit, or the start of a BED
    /// line; [`centers`](Self::centers) counts each. Without a half width, a peak is the interval of its line, and
    /// summits are ignored.
    ///
    /// # Errors
    ///
    /// Those of [`read_intervals`](super::read_intervals), [`Error::Parse`] also for a summit outside its peak, and
    /// [`Error::Config`] for a half width of 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, Interval, PeakSet};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(500))])?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("peaks.narrowPeak");
    /// std::fs::write(&path, "chr1\t100\t200\tpeak\t0\t.\t9.5\t4\t3\t70\nchr2\t0\t9\tpeak\t0\t.\t1\t1\t1\t-1\n")?;
    /// let peaks = PeakSet::open(&path, &genome, Some(50))?;
    /// assert_eq!(peaks.intervals(), [Interval { chromosome: 0, start: 120, end: 220 }]);
    /// assert_eq!((peaks.skipped().count, peaks.centers().summits), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, genome: &Genome, half_width_bp: Option<usize>) -> Result<Self> {
        Error::unless(half_width_bp != Some(0), "peaks.half_width_bp", "at least 1", 0)?;
        let (mut intervals, mut centers) = (Vec::new(), Centers::default());
        let skipped = bed::for_each_record(path.as_ref(), genome, |record| {
            intervals.push(match half_width_bp {
                Some(half_width_bp) => {
                    let center = centers.add(record.center()?);
                    widened(record.interval.chromosome, center, half_width_bp, genome)
                }
                None => record.interval,
            });
            Ok(())
        })?;
        Ok(Self { intervals, skipped, centers })
    }

    /// Makes a set of peaks from their intervals.
    pub fn from_intervals(intervals: Vec<Interval>) -> Self {
        Self { intervals, ..Self::default() }
    }

    /// Returns the peaks.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Returns the records on chromosomes that the genome lacks.
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// Returns how many peaks are centred on which point, all 0 without a half width.
    pub fn centers(&self) -> Centers {
        self.centers
    }
}

fn widened(chromosome: usize, center: usize, half_width_bp: usize, genome: &Genome) -> Interval {
    Interval {
        chromosome,
        start: center.saturating_sub(half_width_bp),
        end: center.saturating_add(half_width_bp).min(genome.length(chromosome)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFile, genome};

    fn open(name: &str, text: &str, half_width_bp: Option<usize>) -> (TestFile, Result<Vec<(usize, usize)>>) {
        let file = TestFile::new(name, text);
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
    fn a_narrow_peak_is_widened_from_its_summit_and_else_from_its_midpoint() {
        let text = narrow_peak(100, 300, "150") + &narrow_peak(100, 300, "0") + &narrow_peak(100, 301, "-1");
        assert_eq!(open("a.narrowPeak", &text, Some(50)).1.unwrap(), [(200, 300), (50, 150), (150, 250)]);
        assert_eq!(open("b.narrowPeak", &text, None).1.unwrap(), [(100, 300), (100, 300), (100, 301)]);
        let broad = "chr1\t100\t300\t.\t0\t.\t1.5\t-1\t-1\n";
        assert_eq!(open("c.broadPeak", broad, Some(50)).1.unwrap(), [(150, 250)]);
        let trailing = narrow_peak(100, 300, "150\t") + &narrow_peak(100, 300, "150\t1.5\t0.2\t90\t310\t7\t160");
        assert_eq!(open("d.narrowPeak", &trailing, Some(50)).1.unwrap(), [(200, 300); 2]);
    }

    #[test]
    fn what_peaks_were_centred_on_is_counted() {
        let text = narrow_peak(100, 300, "150").repeat(3) + &narrow_peak(100, 300, "-1").repeat(2) + "chr1\t5\t9\n";
        let file = TestFile::new("centers.narrowPeak", &text);
        let centers =
            |half_width_bp| PeakSet::open(&file, &genome(&[("chr1", 1000)]), half_width_bp).unwrap().centers();
        assert_eq!(centers(Some(50)), Centers { summits: 3, midpoints: 2, starts: 1 });
        assert_eq!(centers(None), Centers::default());
    }

    #[test]
    fn a_bed_record_of_twelve_columns_has_no_summit() {
        let text = "chr1\t100\t300\t.\t0\t.\t100\t300\t0\t1\t200\t0\n";
        assert_eq!(open("twelve.bed", text, Some(50)).1.unwrap(), [(50, 150)]);
    }

    #[test]
    fn a_bad_summit_is_told_with_line_and_column() {
        for (name, summit) in
            [("bad", "x"), ("below", "-2"), ("far", "900"), ("past", "201"), ("absolute", "250"), ("half", "70.5")]
        {
            let text = narrow_peak(100, 300, "200") + &narrow_peak(100, 300, summit);
            let (file, error) = open(&format!("{name}.narrowPeak"), &text, Some(50));
            let expected =
                "FILE:2:10: expected the summit's distance from the start, within the peak's 200 bp, or -1, found";
            assert_eq!(file.message(&error.unwrap_err()), format!("{expected} {summit:?}"));
            assert!(open("as-is.narrowPeak", &text, None).1.is_ok(), "nobody asks for it");
        }
    }

    #[test]
    fn a_half_width_of_0_is_an_error() {
        let error = open("zero.bed", "", Some(0)).1.unwrap_err();
        assert_eq!(error.to_string(), "peaks.half_width_bp: expected at least 1, found 0");
    }
}
