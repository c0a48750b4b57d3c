//! Sorting scores as integers.

use crate::{Error, Result, genome::Label};

/// The keys of bound and of unbound bins, each sorted.
#[derive(Debug)]
pub(super) struct ClassKeys<K> {
    pub(super) positives: Vec<K>,
    pub(super) negatives: Vec<K>,
}

impl<K: Ord + Send> ClassKeys<K> {
    /// Makes a key of each bin's index and score, and sorts the keys of either class; other labels are skipped.
    pub(super) fn sorted(scores: &[f32], labels: &[Label], key: impl Fn(usize, f32) -> K) -> Result<Self> {
        Error::unless_equal("number of labels", scores.len(), labels.len())?;
        let mut keys = Self { positives: room_for(labels, Label::Bound), negatives: room_for(labels, Label::Unbound) };
        for (index, (&score, label)) in scores.iter().zip(labels).enumerate() {
            let class = match label {
                Label::Bound => &mut keys.positives,
                Label::Unbound => &mut keys.negatives,
                Label::Ambiguous | Label::Missing => continue,
            };
            if score.is_nan() {
                return Err(Error::ScoreNan { index });
            }
            class.push(key(index, score));
        }
        rayon::join(|| keys.positives.sort_unstable(), || keys.negatives.sort_unstable());
        Ok(keys)
    }
}

/// Returns an empty list with a capacity for the bins of a class.
fn room_for<K>(labels: &[Label], class: Label) -> Vec<K> {
    Vec::with_capacity(labels.iter().filter(|&&label| label == class).count())
}

/// Returns a key that is smaller for a higher score; both zeros have the same key.
pub(super) fn descending(score: f32) -> u32 {
    // Adding zero turns -0 into 0 and changes nothing else.
    let bits = (score + 0.0).to_bits();
    if bits >> 31 == 0 { !(bits | SIGN) } else { bits }
}

/// Returns the score of a key.
pub(super) fn score(key: u32) -> f32 {
    f32::from_bits(if key & SIGN == 0 { !key & !SIGN } else { key })
}

const SIGN: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ordered_as_scores_and_give_them_back() {
        let descending_scores =
            [f32::INFINITY, f32::MAX, 1.0, f32::MIN_POSITIVE, 0.0, -1e-45, -1.0, f32::MIN, f32::NEG_INFINITY];
        let keys = descending_scores.map(descending);
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(keys.map(score), descending_scores);
        assert_eq!(descending(-0.0), descending(0.0));
    }
}
