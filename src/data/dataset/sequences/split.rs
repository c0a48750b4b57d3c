//! Splits of sequences.

use std::collections::HashMap;

use crate::{
    Error, Result,
    data::Split,
    file::Digest,
    genome::{Genome, base},
    random::mix,
};

/// Keeps the random numbers of splits apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"sequence");

/// The split of each sequence: train, valid or test.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceSplit {
    /// The split of each sequence, in their order.
    Given(Vec<Split>),
    /// Random shares for valid and test; the rest is for training.
    ///
    /// Sequences that are equal, on either strand, stay together. The splits depend on the sequences and the seed, not
    /// on names and order.
    Random {
        /// The share of valid.
        valid: f64,
        /// The share of test.
        test: f64,
        /// The seed.
        seed: u64,
    },
}

impl SequenceSplit {
    /// Returns the split of each sequence.
    pub(super) fn assign(&self, sequences: &Genome) -> Result<Vec<Split>> {
        match self {
            Self::Given(splits) if splits.len() == sequences.len() => Ok(splits.clone()),
            Self::Given(splits) => {
                let expected = format!("{}, one for each sequence", sequences.len());
                Err(Error::mismatch("the parts of a split", expected, splits.len()))
            }
            &Self::Random { valid, test, seed } => {
                for (key, share) in
                    [("split.valid", valid), ("split.test", test), ("split.valid + split.test", valid + test)]
                {
                    Error::unless(share > 0.0 && share < 1.0, key.to_owned(), "a share above 0 and below 1", share)?;
                }
                Ok(assign_randomly(sequences, valid, test, seed))
            }
        }
    }
}

/// Assigns sequences at random; equal ones stay together.
fn assign_randomly(sequences: &Genome, valid: f64, test: f64, seed: u64) -> Vec<Split> {
    let mut groups = HashMap::<Vec<u8>, Vec<usize>>::new();
    for sequence in 0..sequences.len() {
        groups.entry(canonical_codes(sequences, sequence)).or_default().push(sequence);
    }
    let order = |key: &[u8]| mix(&[seed, STREAM, Digest::new(key.iter().map(|&code| u64::from(code))).hash()]);
    let mut groups: Vec<_> = groups.into_iter().map(|(key, members)| (order(&key), key, members)).collect();
    groups.sort_unstable();
    let count = |share: f64| (share * sequences.len() as f64).round() as usize;
    let (test, valid) = (count(test), count(test) + count(valid));
    let (mut splits, mut done) = (vec![Split::Train; sequences.len()], 0);
    for (.., members) in groups {
        let split = if done < test {
            Split::Test
        } else if done < valid {
            Split::Valid
        } else {
            Split::Train
        };
        done += members.len();
        for sequence in members {
            splits[sequence] = split;
        }
    }
    splits
}

/// Returns the codes of a sequence or of its reverse complement, whichever are lexicographically smaller.
pub(super) fn canonical_codes(sequences: &Genome, sequence: usize) -> Vec<u8> {
    let mut codes = vec![base::N; sequences.length(sequence)];
    sequences.decode(sequence, 0, &mut codes);
    let reverse: Vec<u8> = codes.iter().rev().map(|&code| base::complement(code)).collect();
    codes.min(reverse)
}
