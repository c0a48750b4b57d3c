//! A stretch of a chromosome.

/// A stretch of a chromosome, 0-based and half-open.
///
/// ```
/// use multitf::genome::Interval;
///
/// let bin = Interval { chromosome: 0, start: 100, end: 300 };
/// let peak = Interval { chromosome: 0, start: 250, end: 350 };
/// assert_eq!(bin.len(), 200);
/// assert_eq!(bin.overlap(peak), 50);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The index of the chromosome in the [`Genome`](super::Genome).
    pub chromosome: usize,
    /// The first base.
    pub start: usize,
    /// The base after the last.
    pub end: usize,
}

impl Interval {
    /// Returns the number of bases.
    pub fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Returns whether it has no bases.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of bases in both.
    pub fn overlap(&self, other: Self) -> usize {
        if self.chromosome == other.chromosome {
            self.end.min(other.end).saturating_sub(self.start.max(other.start))
        } else {
            0
        }
    }

    /// Returns whether all of `other` lies in this interval.
    pub fn contains(&self, other: Self) -> bool {
        self.chromosome == other.chromosome && self.start <= other.start && other.end <= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(chromosome: usize, start: usize, end: usize) -> Interval {
        Interval { chromosome, start, end }
    }

    #[test]
    fn neighbours_and_other_chromosomes_do_not_overlap() {
        assert_eq!(at(0, 0, 10).overlap(at(0, 10, 20)), 0);
        assert_eq!(at(0, 0, 10).overlap(at(1, 0, 10)), 0);
        assert_eq!(at(0, 0, 10).overlap(at(0, 9, 20)), 1);
        assert_eq!(at(0, 5, 6).overlap(at(0, 0, 20)), 1);
    }

    #[test]
    fn an_interval_contains_itself_and_nothing_longer() {
        assert!(at(0, 5, 10).contains(at(0, 5, 10)));
        assert!(!at(0, 5, 10).contains(at(0, 5, 11)));
        assert!(!at(0, 5, 10).contains(at(1, 5, 10)));
    }
}
