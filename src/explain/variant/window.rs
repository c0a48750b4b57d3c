//! The windows in which a variant is seen.

use super::Unscored;
use crate::{
    data::context_start,
    genome::{Interval, base},
    predict::ScanSource,
};

/// Which windows are scored.
#[derive(Clone, Debug)]
pub(super) struct Windows {
    pub(super) both_strands: bool,
    pub(super) shifts: Vec<i64>,
    pub(super) best_bin: bool,
}

impl Default for Windows {
    fn default() -> Self {
        Self { both_strands: true, shifts: vec![0], best_bin: false }
    }
}

/// A window of a genome, and what it shows of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Where it starts on the genome, without the variant.
    start: i64,
    is_reverse: bool,
    pub(super) allele: Allele,
}

/// What stands at a variant's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allele {
    /// The genome's bases.
    Reference,
    /// The variant, in a window that begins where the genome's does.
    WithStart,
    /// The variant, in a window that ends where the genome's does.
    WithEnd,
}

/// The windows of a variant whose bases differ in an interval. Scores are means over a set, and the largest is taken of
/// several sets.
pub(super) fn window_sets(
    windows: &Windows,
    source: ScanSource<'_>,
    changed: (Interval, usize),
    context_bp: usize,
) -> Result<Vec<Vec<Window>>, Unscored> {
    let (place, new) = changed;
    let alleles = [Allele::Reference, Allele::WithStart, Allele::WithEnd];
    // The two are one where the length stays.
    let alleles = &alleles[..if new == place.len() { 2 } else { 3 }];
    let strands = if windows.both_strands { &[false, true][..] } else { &[false] };
    let holds = |start: &i64| *start <= place.start as i64 && *start + context_bp as i64 >= place.end as i64;
    let set = |starts: &dyn Fn(bool) -> Vec<i64>| -> Vec<Window> {
        let of_strand = |&is_reverse: &bool| {
            let starts = starts(is_reverse).into_iter().filter(holds);
            starts.flat_map(move |start| alleles.iter().map(move |&allele| Window { start, is_reverse, allele }))
        };
        strands.iter().flat_map(of_strand).collect()
    };
    if windows.best_bin {
        let bins = source.contexts_of(place, context_bp);
        let sets: Vec<_> = bins.map(|start| set(&|_| vec![start])).filter(|set| !set.is_empty()).collect();
        return if sets.is_empty() { Err(Unscored::NoBin) } else { Ok(sets) };
    }
    let around = set(&|is_reverse| {
        let start = if is_reverse { mirrored_start(place, context_bp) } else { context_start(place, context_bp) };
        windows.shifts.iter().map(|shift| if is_reverse { start - shift } else { start + shift }).collect()
    });
    if around.is_empty() { Err(Unscored::TooLong) } else { Ok(vec![around]) }
}

/// Where the context around an interval starts that is its context on the other strand.
fn mirrored_start(place: Interval, context_bp: usize) -> i64 {
    let (half, rest) = (place.len() / 2, context_bp - context_bp / 2);
    place.end as i64 - half as i64 - rest as i64
}

impl Window {
    /// Fills in the codes and the accessibility of the window; the latter is empty if none is read.
    pub(super) fn fill(
        self,
        source: ScanSource<'_>,
        place: Interval,
        bases: &[u8],
        codes: &mut [u8],
        signal: &mut [f32],
    ) {
        let (chromosome, length) = (place.chromosome, codes.len() as i64);
        let decode = |start: i64, out: &mut [u8]| source.genome().decode(chromosome, start, out);
        // Where the new bases begin in the window; some may lie outside.
        let first = match self.allele {
            Allele::Reference => {
                decode(self.start, codes);
                source.fill_signal(chromosome, self.start, signal);
                return self.turn(codes, signal);
            }
            Allele::WithStart => place.start as i64 - self.start,
            Allele::WithEnd => place.end as i64 - self.start - bases.len() as i64,
        };
        let within = |at: i64| at.clamp(0, length) as usize;
        let (begin, end) = (within(first), within(first + bases.len() as i64));
        let seen = (begin as i64 - first) as usize;
        decode(place.start as i64 - begin as i64, &mut codes[..begin]);
        codes[begin..end].copy_from_slice(&bases[seen..seen + end - begin]);
        decode(place.end as i64, &mut codes[end..]);
        if !signal.is_empty() {
            source.fill_signal(chromosome, place.start as i64 - begin as i64, &mut signal[..begin]);
            fill_new(source, place, bases.len(), seen, &mut signal[begin..end]);
            source.fill_signal(chromosome, place.end as i64, &mut signal[end..]);
        }
        self.turn(codes, signal);
    }

    /// Makes it the other strand.
    fn turn(self, codes: &mut [u8], signal: &mut [f32]) {
        if self.is_reverse {
            codes.reverse();
            for code in codes.iter_mut() {
                *code = base::complement(*code);
            }
            signal.reverse();
        }
    }
}

/// Fills in the accessibility of new bases, from one of them on.
fn fill_new(source: ScanSource<'_>, place: Interval, new: usize, seen: usize, signal: &mut [f32]) {
    if new == place.len() {
        source.fill_signal(place.chromosome, (place.start + seen) as i64, signal);
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
