//! Contributions of bases along a genome.

use std::{collections::VecDeque, path::Path};

use crate::{
    Result,
    file::replace_with,
    genome::{BigwigWriter, Genome, Interval},
};

/// A position of an explained sequence in a genome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) chromosome: usize,
    /// Below 0 where a context hangs over the start.
    pub(super) start: i64,
}

/// Writes the contributions in some regions as a bigWig file; where regions overlap, their mean. Other places have no
/// value. `values` returns those of a region, by its index.
pub(super) fn write_track(
    path: &Path,
    genome: &Genome,
    places: &[Place],
    mut values: impl FnMut(usize) -> Result<Vec<f32>>,
) -> Result<()> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|region| places[*region]);
    replace_with(path, |partial| {
        let mut track = Track { writer: BigwigWriter::new(partial, path, genome, -1)?, genome, pending: None };
        let mut window = Window::default();
        for region in order {
            let place = places[region];
            if place.chromosome != window.place.chromosome {
                window.pass(window.sums.len(), &mut track)?;
                window.place = place;
            }
            let done = (place.start - window.place.start).clamp(0, window.sums.len() as i64) as usize;
            window.pass(done, &mut track)?;
            if window.sums.is_empty() {
                window.place = place;
            }
            window.add((place.start - window.place.start) as usize, &values(region)?);
        }
        window.pass(window.sums.len(), &mut track)?;
        track.close()
    })
}

/// Positions that later regions may still add to.
#[derive(Default)]
struct Window {
    /// That of the first.
    place: Place,
    /// Sum and number of the values at each.
    sums: VecDeque<(f32, f32)>,
}

impl Default for Place {
    fn default() -> Self {
        Self { chromosome: 0, start: i64::MIN / 2 }
    }
}

impl Window {
    fn add(&mut self, first: usize, values: &[f32]) {
        let length = self.sums.len().max(first + values.len());
        self.sums.resize(length, (0.0, 0.0));
        for (sum, value) in self.sums.iter_mut().skip(first).zip(values) {
            sum.0 += value;
            sum.1 += 1.0;
        }
    }

    /// Writes the first positions.
    fn pass(&mut self, count: usize, track: &mut Track<'_>) -> Result<()> {
        for (sum, number) in self.sums.drain(..count) {
            if number > 0.0 {
                track.write(self.place, sum / number)?;
            }
            self.place.start += 1;
        }
        Ok(())
    }
}

/// A bigWig file, in which neighbours of one value are one run.
struct Track<'g> {
    writer: BigwigWriter<'g>,
    genome: &'g Genome,
    pending: Option<(Interval, f32)>,
}

impl Track<'_> {
    fn write(&mut self, Place { chromosome, start }: Place, value: f32) -> Result<()> {
        let Ok(start) = usize::try_from(start) else { return Ok(()) };
        if start >= self.genome.length(chromosome) {
            return Ok(());
        }
        match &mut self.pending {
            Some((run, known)) if *known == value && run.chromosome == chromosome && run.end == start => run.end += 1,
            _ => {
                self.flush()?;
                self.pending = Some((Interval { chromosome, start, end: start + 1 }, value));
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.pending.take().map_or(Ok(()), |(run, value)| self.writer.write(run, value))
    }

    fn close(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        genome::{MissingChromosomes, SignalTrack},
        testing::TestFolder,
    };

    #[test]
    fn overlapping_regions_have_their_mean_and_what_hangs_over_is_left_out() {
        let folder = TestFolder::new("explain-track");
        let genome = Genome::from_sequences([("chr1", "A".repeat(30)), ("chr2", "A".repeat(12))]).unwrap();
        let at = |chromosome, start| Place { chromosome, start };
        // In no order; the third overlaps the first by two, and the second one is apart from both.
        let places = [at(0, 3), at(1, 8), at(0, 5), at(0, -2), at(0, 20)];
        let values = [[1.0, 1.0, 2.0, 3.0], [5.0; 4], [4.0, 5.0, 6.0, 7.0], [8.0, 8.0, 9.0, 9.0], [2.0; 4]];
        let path = folder.path().join("CTCF.bigWig");
        write_track(&path, &genome, &places, |region| Ok(values[region].to_vec())).unwrap();
        let track = SignalTrack::open(&path, &genome, MissingChromosomes::Error).unwrap();
        let mut found = [0.0; 30];
        track.fill(0, 0, &mut found);
        assert_eq!(found[..10], [9.0, 9.0, 0.0, 1.0, 1.0, 3.0, 4.0, 6.0, 7.0, 0.0]);
        assert_eq!(found[19..26], [0.0, 2.0, 2.0, 2.0, 2.0, 0.0, 0.0]);
        let mut second = [0.0; 12];
        track.fill(1, 0, &mut second);
        assert_eq!(second[7..], [0.0, 5.0, 5.0, 5.0, 5.0]);
    }

    #[test]
    fn no_regions_are_an_empty_track() {
        let folder = TestFolder::new("explain-track-empty");
        let genome = Genome::from_sequences([("chr1", "A".repeat(30))]).unwrap();
        let path = folder.path().join("CTCF.bigWig");
        write_track(&path, &genome, &[], |_| Ok(Vec::new())).unwrap();
        assert!(path.exists());
    }
}
