use super::{
    features::FeatureTable,
    online::{Example, feature_hash},
};
use crate::{
    data::{Dataset, Sample},
    genome::{Interval, base},
};

/// The length of a word.
const WORD: usize = 6;
const WORDS: u32 = 1 << (2 * WORD);
/// Words are told apart by their distance from the bin's centre, in steps of this.
const STEP_BP: usize = 50;

/// Makes hashed features of samples.
///
/// | namespace | features |
/// |---|---|
/// | `k` | 6-mers of the bin and its flanks, the same on both strands, apart by their distance from the centre, in steps of 50 bp |
/// | `m` | the motifs' columns of a table |
/// | `a` | the accessibility columns of a table |
///
/// Accessibility is given in its own units and motif scores as logarithms; the model scales both by itself.
#[derive(Clone, Debug)]
pub struct OnlineInput<'a> {
    dataset: &'a Dataset,
    flank_bp: usize,
    /// Namespace, number and values of each column.
    columns: Vec<(char, u32, &'a [f32])>,
    words: u32,
    codes: Vec<u8>,
}

impl<'a> OnlineInput<'a> {
    /// Takes a table, whose rows samples will be told by, and how far words are read around the bin.
    pub fn new(dataset: &'a Dataset, table: &'a FeatureTable, flank_bp: usize) -> Self {
        let column = |(name, column): (&String, &'a Vec<f32>)| {
            let is_accessibility = name.starts_with("accessibility.");
            let (letter, space) = if is_accessibility { ('a', "accessibility") } else { ('m', "motif") };
            (letter, feature_hash(space, name), column.as_slice())
        };
        let columns = table.names().iter().zip(table.columns()).map(column).collect();
        Self { dataset, flank_bp, columns, words: feature_hash("kmer", ""), codes: Vec::new() }
    }

    /// Replaces the features of an example by those of a sample, whose row in the table is given. What is missing is no
    /// feature.
    ///
    /// # Panics
    ///
    /// If the data set has no such bin, or the table no such row.
    pub fn fill(&mut self, sample: Sample, row: usize, example: &mut Example) {
        example.clear();
        for &(space, number, column) in &self.columns {
            if !column[row].is_nan() {
                example.namespace(space).push(number, column[row]);
            }
        }
        let Interval { chromosome, start, end } = self.dataset.grid().interval(sample.bin as usize);
        self.codes.resize(end - start + 2 * self.flank_bp, base::N);
        self.dataset.genome().decode(chromosome, start as i64 - self.flank_bp as i64, &mut self.codes);
        let mut space = example.namespace('k');
        let centre = self.codes.len() / 2;
        each_word(&self.codes, |at, word| {
            let distance = (at + WORD / 2).abs_diff(centre) / STEP_BP;
            space.push(self.words.wrapping_add(distance as u32 * WORDS + word), 1.0);
        });
    }
}

/// Calls with each word of known bases: where it starts, and the smaller of its numbers on both strands.
fn each_word(codes: &[u8], mut found: impl FnMut(usize, u32)) {
    let (mut forward, mut reverse, mut known) = (0_u32, 0_u32, 0);
    for (end, &code) in codes.iter().enumerate() {
        if code >= base::N {
            known = 0;
            continue;
        }
        let code = u32::from(code);
        forward = (forward << 2 | code) % WORDS;
        reverse = reverse >> 2 | (3 - code) << (2 * (WORD - 1));
        known += 1;
        if known >= WORD {
            found(end + 1 - WORD, forward.min(reverse));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(codes: &[u8]) -> Vec<(usize, u32)> {
        let mut words = Vec::new();
        each_word(codes, |at, word| words.push((at, word)));
        words
    }

    proptest! {
        #[test]
        fn words_are_the_same_on_both_strands(codes in proptest::collection::vec(0_u8..5, 0..60)) {
            let reverse: Vec<u8> = codes.iter().rev().map(|&code| base::complement(code)).collect();
            let mirrored = words(&reverse).into_iter().map(|(at, word)| (codes.len() - WORD - at, word));
            let mut mirrored: Vec<_> = mirrored.collect();
            mirrored.reverse();
            prop_assert_eq!(words(&codes), mirrored);
        }

        #[test]
        fn there_is_a_word_wherever_all_bases_are_known(codes in proptest::collection::vec(0_u8..5, 0..60)) {
            let places: Vec<usize> = words(&codes).into_iter().map(|(at, _)| at).collect();
            let known = codes.windows(WORD).enumerate().filter(|(_, word)| word.iter().all(|&code| code < base::N));
            prop_assert_eq!(places, known.map(|(at, _)| at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_word_has_a_number_of_its_own_up_to_its_complement() {
        let distinct: std::collections::BTreeSet<u32> = (0..WORDS)
            .flat_map(|word| words(&std::array::from_fn::<u8, WORD, _>(|i| (word >> (2 * i) & 3) as u8)))
            .map(|(_, word)| word)
            .collect();
        assert_eq!(distinct.len(), 2080);
    }
}
