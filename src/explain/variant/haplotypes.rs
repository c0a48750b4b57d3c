//! A stretch of the genome, with a variant and without.

use super::window::Window;
use crate::{
    genome::{Interval, base},
    nn::{Stretch, View},
    predict::ScanSource,
};

/// A variant, and the windows in which it is seen.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    /// The bases that it replaces.
    pub(super) place: Interval,
    /// The codes of those that it brings.
    pub(super) bases: &'a [u8],
    pub(super) windows: Vec<Window>,
}

impl Seen<'_> {
    /// How many windows there are with the variant for each one without: where the length changes, one that begins
    /// where the genome's does, and one that ends where that ends.
    pub(super) fn ways(&self) -> usize {
        if self.bases.len() == self.place.len() { 1 } else { 2 }
    }

    /// The number of all windows.
    pub(super) fn views(&self) -> usize {
        self.windows.len() * (1 + self.ways())
    }
}

/// A stretch of the genome and of the genome with a variant, as long as the windows ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Haplotypes {
    reference: Haplotype,
    alternative: Haplotype,
    /// Codes at the start and at the end that both have.
    shared: [usize; 2],
}

#[derive(Clone, Debug, Default)]
struct Haplotype {
    codes: Vec<u8>,
    /// Empty if none is read.
    signal: Vec<f32>,
    views: Vec<View>,
}

impl Haplotypes {
    /// Reads the stretch that the windows of a variant show.
    pub(super) fn read(&mut self, source: ScanSource<'_>, seen: &Seen<'_>, context_bp: usize, reads_signal: bool) {
        let (place, new) = (seen.place, seen.bases.len());
        // Windows end within longer insertions, and do not see their middle.
        let cut = if new > 2 * context_bp { context_bp..new - context_bp } else { new..new };
        let bases = || seen.bases[..cut.start].iter().chain(&seen.bases[cut.end..]);
        let new = new - cut.len();
        let (grown, lost) = (new as i64 - place.len() as i64, place.len().saturating_sub(new) as i64);
        let starts = || seen.windows.iter().map(|window| window.start);
        // Bases from beyond take the place of lost ones.
        let start = starts().min().unwrap_or(0) - lost;
        let end = starts().max().unwrap_or(0) + context_bp as i64 + lost;
        self.shared = [place.start as i64 - start, end - place.end as i64].map(|length| length as usize);
        let [before, after] = self.shared;

        let Self { reference, alternative, .. } = self;
        reference.resize((end - start) as usize, reads_signal);
        source.genome().decode(place.chromosome, start, &mut reference.codes);
        source.fill_signal(place.chromosome, start, &mut reference.signal);
        alternative.resize(before + new + after, reads_signal);
        splice(&mut alternative.codes, &reference.codes, self.shared);
        alternative.codes[before..before + new].iter_mut().zip(bases()).for_each(|(code, base)| *code = *base);
        if reads_signal {
            splice(&mut alternative.signal, &reference.signal, self.shared);
            fill_new(source, place, &mut alternative.signal[before..before + new]);
        }

        let view = |window: &Window, moved: i64| View {
            start: (window.start - start + moved) as usize,
            is_reverse: window.is_reverse,
        };
        let moves = &[0, grown][..seen.ways()];
        reference.views.clear();
        reference.views.extend(seen.windows.iter().map(|window| view(window, 0)));
        alternative.views.clear();
        alternative.views.extend(seen.windows.iter().flat_map(|window| moves.iter().map(|&moved| view(window, moved))));
    }

    /// Both stretches, that of the genome first.
    pub(super) fn stretches(&self) -> [Stretch<'_>; 2] {
        let Self { reference, alternative, shared } = self;
        [(reference, [0; 2]), (alternative, *shared)].map(|(haplotype, shared)| {
            let Haplotype { codes, signal, views } = haplotype;
            Stretch { codes, signal, views, shared }
        })
    }

    /// Appends the codes and the accessibility of all windows, those of the genome first.
    pub(super) fn append(&self, context_bp: usize, codes: &mut Vec<u8>, signal: &mut Vec<f32>) {
        for haplotype in [&self.reference, &self.alternative] {
            for view in &haplotype.views {
                let place = view.start..view.start + context_bp;
                let (bases, values) =
                    (&haplotype.codes[place.clone()], haplotype.signal.get(place).unwrap_or_default());
                if view.is_reverse {
                    codes.extend(bases.iter().rev().map(|&code| base::complement(code)));
                    signal.extend(values.iter().rev());
                } else {
                    codes.extend(bases);
                    signal.extend(values);
                }
            }
        }
    }
}

impl Haplotype {
    fn resize(&mut self, length: usize, reads_signal: bool) {
        self.codes.resize(length, base::N);
        self.signal.resize(if reads_signal { length } else { 0 }, 0.0);
    }
}

/// Copies what is shared, at the start and at the end.
fn splice<T: Copy>(to: &mut [T], from: &[T], [before, after]: [usize; 2]) {
    let (to_end, from_end) = (to.len() - after, from.len() - after);
    to[..before].copy_from_slice(&from[..before]);
    to[to_end..].copy_from_slice(&from[from_end..]);
}

/// Fills in the accessibility of new bases.
fn fill_new(source: ScanSource<'_>, place: Interval, signal: &mut [f32]) {
    if signal.len() == place.len() {
        source.fill_signal(place.chromosome, place.start as i64, signal);
        return;
    }
    let length = source.genome().length(place.chromosome);
    let known = if place.is_empty() {
        place.start.saturating_sub(1)..(place.end + 1).min(length)
    } else {
        place.start..place.end
    };
    let mut values = vec![0.0; known.len()];
    source.fill_signal(place.chromosome, known.start as i64, &mut values);
    signal.fill(values.iter().sum::<f32>() / values.len() as f32);
}
