//! A signal along a window, as values and as changes.

use super::sizes::TILE;

/// The largest share of positions with a change at which a sum over changes is faster.
const SPARSE: f32 = 0.6;

/// Whether differences to other such values are finite.
fn is_summable(value: f32) -> bool {
    value.abs() <= f32::MAX / 2.0
}

/// The places of values that cannot be summed: NaN, infinite, or nearly so.
pub(super) fn unsummable(values: &[f32]) -> impl Iterator<Item = usize> {
    values.iter().enumerate().filter(|(_, value)| !is_summable(**value)).map(|(place, _)| place)
}

/// A signal along a window.
///
/// Tracks of accessibility have runs of equal values. A motif's sum over such a track is the value at its first
/// position times the sum of all taps, plus each later change times the sum of the taps from there on. In a track of
/// cuts in yeast, in which one base of 16 changes, that is a ninth of the products of motifs of width 26.
pub(super) struct Track {
    /// The values, with zeros where they cannot be summed, and beyond the end as far as any motif reaches.
    pub(super) values: Vec<f32>,
    /// Where the value changes, and by how much.
    changes: Vec<(usize, f32)>,
    /// The first change at each position or after it.
    next: Vec<u32>,
}

impl Track {
    /// Reads values, with `beyond` zeros after them.
    pub(super) fn new(values: &[f32], beyond: usize) -> Self {
        let summed = values.iter().map(|value| if is_summable(*value) { *value } else { 0.0 });
        let values: Vec<f32> = summed.chain(std::iter::repeat_n(0.0, beyond)).collect();
        let pairs = values.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
        let changes: Vec<_> = pairs.map(|(place, pair)| (place + 1, pair[1] - pair[0])).collect();
        let mut next = Vec::with_capacity(values.len() + 1);
        for (index, (place, _)) in changes.iter().enumerate() {
            next.resize(place + 1, index as u32);
        }
        next.resize(values.len() + 1, changes.len() as u32);
        Self { values, changes, next }
    }

    /// Whether a sum over the changes is faster.
    pub(super) fn has_runs(&self) -> bool {
        (self.changes.len() as f32) < SPARSE * self.values.len() as f32
    }

    /// The places and changes that motifs in the tile from `position` on read after their first base.
    #[inline(always)]
    pub(super) fn changes(&self, position: usize, width: usize) -> &[(usize, f32)] {
        let seen = self.next[position + 1] as usize..self.next[position + width + TILE - 1] as usize;
        &self.changes[seen]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_those_behind_the_first_base_that_some_motif_of_the_tile_reads() {
        let mut values = vec![1.0; 40];
        values[3..].fill(3.0);
        values[10..].fill(0.5);
        let track = Track::new(&values, 20);
        assert_eq!(track.changes(0, 2), [(3, 2.0)]);
        assert_eq!(track.changes(3, 1), []);
        assert_eq!(track.changes(2, 9 - TILE), [(3, 2.0)]);
        assert_eq!(track.changes(2, 10 - TILE), [(3, 2.0), (10, -2.5)]);
    }

    #[test]
    fn a_track_that_changes_everywhere_has_no_runs() {
        let values: Vec<f32> = (0..40).map(|i| i as f32).collect();
        assert!(!Track::new(&values, 9).has_runs());
        assert!(Track::new(&[2.0; 40], 9).has_runs());
    }
}
