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
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    /// The values, with zeros where they cannot be summed, and beyond the end as far as any motif reaches.
    pub(super) values: Vec<f32>,
    /// Where the value changes, and by how much.
    changes: Vec<(usize, f32)>,
    /// The first change at each position or after it.
    next: Vec<u32>,
}

impl Track {
    /// Reads values, with `beyond` zeros after them, in place of those before.
    pub(super) fn read(&mut self, values: &[f32], beyond: usize) {
        self.values.clear();
        self.values.extend(values.iter().map(|value| if is_summable(*value) { *value } else { 0.0 }));
        self.values.resize(values.len() + beyond, 0.0);
        self.changes.clear();
        self.changes.reserve(self.values.len());
        let pairs = self.values.windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
        self.changes.extend(pairs.map(|(place, pair)| (place + 1, pair[1] - pair[0])));
        self.next.clear();
        for (index, (place, _)) in self.changes.iter().enumerate() {
            self.next.resize(place + 1, index as u32);
        }
        self.next.resize(self.values.len() + 1, self.changes.len() as u32);
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

    fn track(values: &[f32], beyond: usize) -> Track {
        let mut track = Track::default();
        track.read(values, beyond);
        track
    }

    #[test]
    fn changes_are_those_behind_the_first_base_that_some_motif_of_the_tile_reads() {
        let mut values = vec![1.0; 40];
        values[3..].fill(3.0);
        values[10..].fill(0.5);
        let track = track(&values, 20);
        assert_eq!(track.changes(0, 2), [(3, 2.0)]);
        assert_eq!(track.changes(3, 1), []);
        assert_eq!(track.changes(2, 9 - TILE), [(3, 2.0)]);
        assert_eq!(track.changes(2, 10 - TILE), [(3, 2.0), (10, -2.5)]);
    }

    #[test]
    fn a_track_that_changes_everywhere_has_no_runs() {
        let values: Vec<f32> = (0..40).map(|i| i as f32).collect();
        assert!(!track(&values, 9).has_runs());
        assert!(track(&[2.0; 40], 9).has_runs());
    }
}
