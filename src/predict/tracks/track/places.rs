//! The places of bins on the genome, and their text, which all tracks share.

use std::{iter, ops::Range};

use crate::genome::{BinGrid, Genome, Interval};

/// The stride in the middle of a bin, or all of a shorter bin.
pub(in crate::predict::tracks) fn middle(grid: &BinGrid, bin: usize) -> Interval {
    let interval = grid.interval(bin);
    let length = grid.stride_bp().min(interval.len());
    let start = interval.start + (interval.len() - length) / 2;
    Interval { chromosome: interval.chromosome, start, end: start + length }
}

/// The middles of some bins.
#[derive(Debug)]
pub(in crate::predict::tracks) struct Places {
    middles: Vec<Interval>,
    /// `CHROMOSOME START END` for each middle, with a tab after each word.
    text: Vec<u8>,
    /// Where the text of each middle begins, and where its end does.
    words: Vec<[usize; 2]>,
}

/// Neighbours of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::predict::tracks) struct Run {
    pub(in crate::predict::tracks) place: Interval,
    pub(in crate::predict::tracks) value: i64,
    /// The first and the last middle.
    bins: [usize; 2],
}

impl Places {
    /// Finds the middles of some bins.
    pub(in crate::predict::tracks) fn new(genome: &Genome, grid: &BinGrid, bins: Range<usize>) -> Self {
        let middles: Vec<Interval> = bins.map(|bin| middle(grid, bin)).collect();
        let (mut text, mut words) = (Vec::with_capacity(32 * middles.len()), Vec::with_capacity(middles.len() + 1));
        for Interval { chromosome, start, end } in &middles {
            let first = text.len();
            text.extend_from_slice(genome.name(*chromosome).as_bytes());
            text.push(b'\t');
            push_number(&mut text, *start as u64, 1);
            text.push(b'\t');
            words.push([first, text.len()]);
            push_number(&mut text, *end as u64, 1);
            text.push(b'\t');
        }
        words.push([text.len(); 2]);
        Self { middles, text, words }
    }

    /// Returns the number of bins.
    pub(in crate::predict::tracks) fn len(&self) -> usize {
        self.middles.len()
    }

    /// Joins neighbours of equal value.
    pub(in crate::predict::tracks) fn runs<'a>(&'a self, values: &'a [i64]) -> impl Iterator<Item = Run> + 'a {
        let mut next = 0;
        iter::from_fn(move || {
            let (first, value) = (next, *values.get(next)?);
            next += 1;
            while values.get(next) == Some(&value) && follows(self.middles[next - 1], self.middles[next]) {
                next += 1;
            }
            let place = Interval { end: self.middles[next - 1].end, ..self.middles[first] };
            Some(Run { place, value, bins: [first, next - 1] })
        })
    }

    /// The text of a run up to its end.
    pub(in crate::predict::tracks) fn start_text(&self, run: &Run) -> &[u8] {
        let [first, end] = self.words[run.bins[0]];
        &self.text[first..end]
    }

    /// The text of a run's end.
    pub(in crate::predict::tracks) fn end_text(&self, run: &Run) -> &[u8] {
        &self.text[self.words[run.bins[1]][1]..self.words[run.bins[1] + 1][0]]
    }
}

/// Whether an interval begins where the one before it ends.
pub(in crate::predict::tracks) fn follows(before: Interval, next: Interval) -> bool {
    (before.chromosome, before.end) == (next.chromosome, next.start)
}

/// Writes a number with at least `digits` digits.
pub(in crate::predict::tracks) fn push_number(text: &mut Vec<u8>, mut number: u64, digits: usize) {
    const MOST: usize = 20;
    let (mut all, mut first) = ([b'0'; MOST], MOST);
    while number > 0 {
        first -= 1;
        all[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&all[first.min(MOST - digits)..]);
}
