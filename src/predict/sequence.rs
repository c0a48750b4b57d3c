//! One sequence in the context of a model, and the checks of its letters and its accessibility.

use std::ops::Range;

use super::signal::check_tracks;
use crate::{
    Error, Result,
    data::context_start,
    genome::{Interval, base},
};

/// Returns the place of a sequence of some length in the context: in the middle.
pub(crate) fn middle(length: usize, context_bp: usize) -> Range<usize> {
    let whole = Interval { chromosome: 0, start: 0, end: length };
    let start = -context_start(whole, context_bp) as usize;
    start..start + length
}

/// Refuses accessibility that a model does not read, and a lack of the tracks that it reads.
pub(super) fn check_reads(tracks: Option<usize>, has_signal: bool) -> Result<()> {
    let fits = !has_signal || tracks.is_some();
    Error::unless_fits(fits, "accessibility of sequences", "none, as the model reads none", "some")?;
    check_tracks(tracks, usize::from(has_signal))
}

/// Refuses a sequence of a wrong length, and letters that are no IUPAC code.
pub(super) fn check_letters(name: impl Fn() -> String, letters: &[u8], context_bp: usize) -> Result<()> {
    check_length(&name, letters.len(), context_bp)?;
    let Some(at) = letters.iter().position(|&letter| base::from_iupac(letter).is_none()) else { return Ok(()) };
    let found = format!("{:?}", char::from(letters[at]));
    Err(Error::mismatch(format!("base {at} of {}", name()), "an IUPAC code", found))
}

/// Refuses an empty sequence and one longer than the context.
pub(super) fn check_length(name: impl Fn() -> String, length: usize, context_bp: usize) -> Result<()> {
    if (1..=context_bp).contains(&length) {
        return Ok(());
    }
    let expected = format!("1 to {context_bp} bp, which is the model's context: cut longer ones into windows");
    Err(Error::mismatch(format!("the length of {}", name()), expected, length))
}

/// Checks that there is a finite number for each base.
pub(super) fn check_values(name: impl Fn() -> String, length: usize, values: &[f32]) -> Result<()> {
    let what = || format!("accessibility of {}", name());
    if values.len() != length {
        return Err(Error::mismatch(what(), format!("{length} values, one for each base"), values.len()));
    }
    let odd = values.iter().find(|value| !value.is_finite());
    odd.map_or(Ok(()), |value| Err(Error::mismatch(what(), "finite numbers", value)))
}
