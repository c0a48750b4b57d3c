//! The windows in which a variant is seen.

use super::Unscored;
use crate::{data::context_start, genome::Interval, predict::ScanSource};

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

/// A window of a genome, without a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: i64,
    pub(super) is_reverse: bool,
}

/// The windows in which a variant is seen that replaces an interval. Scores are means over a set, and the largest is
/// taken of several sets.
pub(super) fn window_sets(
    windows: &Windows,
    source: ScanSource<'_>,
    place: Interval,
    context_bp: usize,
) -> Result<Vec<Vec<Window>>, Unscored> {
    let strands = if windows.both_strands { &[false, true][..] } else { &[false] };
    let holds = |start: &i64| *start <= place.start as i64 && *start + context_bp as i64 >= place.end as i64;
    let set = |starts: &dyn Fn(bool) -> Vec<i64>| -> Vec<Window> {
        let of_strand = |&is_reverse: &bool| {
            starts(is_reverse).into_iter().filter(holds).map(move |start| Window { start, is_reverse })
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
