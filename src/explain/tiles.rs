//! Long intervals in pieces.

use crate::genome::Interval;

/// Cuts intervals into pieces of a length, in order; the last piece of each may be shorter.
///
/// # Panics
///
/// Panics if the length is 0.
///
/// # Examples
///
/// ```
/// use multitf::{explain::tiles, genome::Interval};
///
/// let gene = Interval { chromosome: 0, start: 100, end: 800 };
/// let pieces = tiles(&[gene], 300);
/// let places: Vec<_> = pieces.iter().map(|piece| (piece.start, piece.end)).collect();
/// assert_eq!(places, [(100, 400), (400, 700), (700, 800)]);
/// ```
pub fn tiles(intervals: &[Interval], length: usize) -> Vec<Interval> {
    let pieces = |interval: &Interval| {
        let Interval { chromosome, start, end } = *interval;
        (start..end).step_by(length).map(move |start| Interval { chromosome, start, end: end.min(start + length) })
    };
    intervals.iter().flat_map(pieces).collect()
}
