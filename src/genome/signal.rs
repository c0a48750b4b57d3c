//! A signal along the genome.

use super::{Genome, Interval, runs::Runs};
use crate::{Error, Result};

/// What to do about chromosomes of the genome that a signal file lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissingChromosomes {
    /// Refuse the file.
    #[default]
    Error,
    /// Take the signal as 0 there.
    Zero,
}

/// A signal along the genome, such as accessibility: one finite value for each base.
///
/// In memory it is runs of equal value, eight bytes each. Bases without a value, and positions outside the chromosome,
/// are 0, and count as such in a mean.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, Interval, SignalTrack};
///
/// let genome = Genome::from_sequences([("chr1", "ACGTACGT")])?;
/// let track = SignalTrack::from_runs(&genome, [(Interval { chromosome: 0, start: 2, end: 5 }, 4.0)])?;
///
/// let mut window = [0.0; 4];
/// track.fill(0, -1, &mut window);
/// assert_eq!(window, [0.0, 0.0, 0.0, 4.0]);
/// assert_eq!(track.mean(Interval { chromosome: 0, start: 0, end: 4 }), 2.0);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SignalTrack {
    pub(super) chromosomes: Vec<Runs>,
}

impl SignalTrack {
    /// Makes a signal from values over intervals, in order and not overlapping; it is 0 elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for an interval before the end of the last one or past the end of its chromosome, and for a
    /// value that is not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, Interval, SignalTrack};
    ///
    /// let genome = Genome::from_sequences([("chr1", "ACGT")])?;
    /// let run = |start, end| Interval { chromosome: 0, start, end };
    /// assert!(SignalTrack::from_runs(&genome, [(run(0, 2), 1.0), (run(2, 4), 3.0)]).is_ok());
    /// assert!(SignalTrack::from_runs(&genome, [(run(0, 2), 1.0), (run(1, 4), 3.0)]).is_err());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_runs(genome: &Genome, runs: impl IntoIterator<Item = (Interval, f32)>) -> Result<Self> {
        let mut track = Self { chromosomes: vec![Runs::default(); genome.len()] };
        let mut order = RunOrder::new(genome);
        for (interval, value) in runs {
            order.check(interval, value)?;
            let runs = &mut track.chromosomes[interval.chromosome];
            runs.push(interval.start as u32, 0.0);
            runs.push(interval.end as u32, value);
        }
        for (chromosome, runs) in track.chromosomes.iter_mut().enumerate() {
            runs.push(genome.length(chromosome) as u32, 0.0);
            runs.shrink_to_fit();
        }
        Ok(track)
    }

    /// Makes a signal from a value for each base, chromosome by chromosome.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for another number of chromosomes than the genome's, of values than a chromosome has bases,
    /// and for a value that is not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, Interval, SignalTrack};
    ///
    /// let genome = Genome::from_sequences([("chr1", "ACGT"), ("chr2", "GG")])?;
    /// let track = SignalTrack::from_values(&genome, &[vec![0.0, 1.0, 1.0, 0.0], vec![0.5, 0.5]])?;
    /// assert_eq!(track.mean(Interval { chromosome: 0, start: 0, end: 4 }), 0.5);
    /// assert!(SignalTrack::from_values(&genome, &[vec![0.0; 4]]).is_err());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_values<V: AsRef<[f32]>>(genome: &Genome, values: &[V]) -> Result<Self> {
        let expected = format!("{}, as the genome has", genome.len());
        Error::unless_fits(values.len() == genome.len(), "chromosomes of a signal", expected, values.len())?;
        let mut runs = Vec::new();
        for (chromosome, values) in values.iter().map(AsRef::as_ref).enumerate() {
            let (name, length) = (genome.name(chromosome), genome.length(chromosome));
            if values.len() != length {
                let expected = format!("{length}, one for each base");
                return Err(Error::mismatch(format!("signal values of {name}"), expected, values.len()));
            }
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                let what = format!("signal value {at} of {name}");
                return Err(Error::mismatch(what, "a finite number", values[at]));
            }
            let mut start = 0;
            for run in values.chunk_by(|a, b| a == b) {
                let end = start + run.len();
                runs.push((Interval { chromosome, start, end }, run[0]));
                start = end;
            }
        }
        Self::from_runs(genome, runs)
    }

    /// Returns the lengths of the chromosomes.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.chromosomes.iter().map(|runs| runs.len() as usize)
    }

    /// Returns the value and the number of bases of each run, chromosome by chromosome.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (f32, u64)> {
        self.chromosomes.iter().flat_map(Runs::lengths)
    }

    /// Returns a chromosome as 64-bit words, to be hashed.
    pub(crate) fn words(&self, chromosome: usize) -> impl Iterator<Item = u64> {
        self.chromosomes[chromosome].words()
    }

    /// Fills `out` with the value of each base from `start` on, 0 outside the chromosome.
    ///
    /// Nothing is allocated.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn fill(&self, chromosome: usize, start: i64, out: &mut [f32]) {
        self.chromosomes[chromosome].fill(start, out);
    }

    /// Returns the mean over all bases of an interval, 0 if it is empty. Values elsewhere do not change its rounding.
    /// The time grows with the logarithm of the number of runs, and with a 64th of those in the interval.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn mean(&self, interval: Interval) -> f32 {
        if interval.is_empty() {
            return 0.0;
        }
        let sum = self.chromosomes[interval.chromosome].sum(interval.start, interval.end);
        (sum / interval.len() as f64) as f32
    }

    /// Returns the largest value in an interval; 0 if it is empty.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn max(&self, interval: Interval) -> f32 {
        self.chromosomes[interval.chromosome].max(interval.start, interval.end)
    }
}

/// Checks that runs come in order, do not overlap, lie in the genome, and have finite values.
pub(super) struct RunOrder<'g> {
    genome: &'g Genome,
    /// The chromosome and the end of the last run.
    last: (usize, usize),
}

impl<'g> RunOrder<'g> {
    pub(super) fn new(genome: &'g Genome) -> Self {
        Self { genome, last: (0, 0) }
    }

    pub(super) fn check(&mut self, run: Interval, value: f32) -> Result<()> {
        let Interval { chromosome, start, end } = run;
        let refuse = |expected: &str, found: String| Err(Error::mismatch("run of a signal", expected, found));
        let length = if chromosome < self.genome.len() { self.genome.length(chromosome) } else { 0 };
        if start >= end || end > length || u32::try_from(end).is_err() {
            return refuse("an interval of the genome", format!("{run:?}"));
        }
        if (chromosome, start) < self.last {
            return refuse(&format!("a start from {:?} on", self.last), format!("{:?}", (chromosome, start)));
        }
        if !value.is_finite() {
            return refuse("a finite value", value.to_string());
        }
        self.last = (chromosome, end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::genome;

    fn message(runs: &[(usize, usize, usize, f32)]) -> String {
        let genome = genome(&[("chr1", 10), ("chr2", 10)]);
        let runs = runs.iter().map(|&(chromosome, start, end, value)| (Interval { chromosome, start, end }, value));
        SignalTrack::from_runs(&genome, runs).unwrap_err().to_string()
    }

    #[test]
    fn runs_out_of_order_or_out_of_bounds_are_refused() {
        let order = "run of a signal: expected a start from (0, 5) on, found (0, 4)";
        assert_eq!(message(&[(0, 0, 5, 1.0), (0, 4, 6, 1.0)]), order);
        let order = "run of a signal: expected a start from (1, 5) on, found (0, 6)";
        assert_eq!(message(&[(1, 0, 5, 1.0), (0, 6, 7, 1.0)]), order);
        for run in [(0, 5, 11, 1.0), (0, 5, 5, 1.0), (2, 0, 1, 1.0)] {
            assert!(message(&[run]).starts_with("run of a signal: expected an interval of the genome, found Interval"));
        }
        assert_eq!(message(&[(0, 0, 1, f32::NAN)]), "run of a signal: expected a finite value, found NaN");
    }

    #[test]
    fn values_are_the_runs_that_they_make() {
        let genome = genome(&[("chr1", 4), ("chr2", 2)]);
        let run = |chromosome, start, end, value| (Interval { chromosome, start, end }, value);
        let runs = [run(0, 0, 1, 2.0), run(0, 1, 4, 1.0), run(1, 1, 2, 5.0)];
        let values = [vec![2.0, 1.0, 1.0, 1.0], vec![0.0, 5.0]];
        assert_eq!(SignalTrack::from_values(&genome, &values).unwrap(), SignalTrack::from_runs(&genome, runs).unwrap());
        let message = |values: &[Vec<f32>]| SignalTrack::from_values(&genome, values).unwrap_err().to_string();
        assert_eq!(message(&values[..1]), "chromosomes of a signal: expected 2, as the genome has, found 1");
        let short = [vec![0.0; 4], vec![0.0]];
        assert_eq!(message(&short), "signal values of chr2: expected 2, one for each base, found 1");
        let infinite = [vec![0.0; 4], vec![0.0, f32::INFINITY]];
        assert_eq!(message(&infinite), "signal value 1 of chr2: expected a finite number, found inf");
    }

    #[test]
    fn what_lies_outside_counts_as_0() {
        let track =
            SignalTrack::from_runs(&genome(&[("chr1", 4)]), [(Interval { chromosome: 0, start: 0, end: 4 }, -2.0)]);
        let track = track.unwrap();
        let interval = |start, end| Interval { chromosome: 0, start, end };
        assert_eq!((track.mean(interval(2, 6)), track.max(interval(2, 6))), (-1.0, 0.0));
        assert_eq!((track.mean(interval(2, 4)), track.max(interval(2, 4))), (-2.0, -2.0));
        assert_eq!((track.mean(interval(2, 2)), track.max(interval(2, 2))), (0.0, 0.0));
    }
}
