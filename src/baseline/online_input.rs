//! Examples for the online model.

use super::{
    features::FeatureTable,
    online::{Example, feature_hash},
};
use crate::{
    data::{Dataset, Sample},
    genome::{Interval, base},
};

/// The length of a k-mer, and the number of different ones.
const K: usize = 6;
const KMERS: u32 = 1 << (2 * K);
/// The step of a k-mer's distance from the centre of the bin.
const STEP_BP: usize = 50;

/// Makes examples for the online model from samples.
///
/// | namespace | features |
/// |---|---|
/// | `k` | 6-mers of the bin and its flanks, canonical (see below), by distance from the centre (in 50 bp steps) |
/// | `m` | the motif columns of a table |
/// | `a` | the accessibility columns of a table |
///
/// A canonical 6-mer has the lower code of the two strands. Accessibility is in its own units, and motif scores are
/// logarithms; the model scales both.
#[derive(Clone, Debug)]
pub struct OnlineInput<'a> {
    dataset: &'a Dataset,
    flank_bp: usize,
    /// Namespace, hash and values of each column.
    columns: Vec<(char, u32, &'a [f32])>,
    /// The hash of the namespace of k-mers.
    kmers: u32,
    codes: Vec<u8>,
}

impl<'a> OnlineInput<'a> {
    /// Takes a table, and the length of the flanks whose k-mers are read.
    pub fn new(dataset: &'a Dataset, table: &'a FeatureTable, flank_bp: usize) -> Self {
        let column = |(name, column): (&String, &'a Vec<f32>)| {
            let is_accessibility = name.starts_with("accessibility.");
            let (letter, space) = if is_accessibility { ('a', "accessibility") } else { ('m', "motif") };
            (letter, feature_hash(space, name), column.as_slice())
        };
        let columns = table.names().iter().zip(table.columns()).map(column).collect();
        Self { dataset, flank_bp, columns, kmers: feature_hash("kmer", ""), codes: Vec::new() }
    }

    /// Replaces the features of an example by those of a sample with a row in the table, without missing values.
    ///
    /// # Panics
    ///
    /// Panics if the data set has no such bin, or the table no such row.
    pub fn fill(&mut self, sample: Sample, row: usize, example: &mut Example) {
        example.clear();
        for &(space, hash, column) in &self.columns {
            if !column[row].is_nan() {
                example.namespace(space).push(hash, column[row]);
            }
        }
        let Interval { chromosome, start, end } = self.dataset.grid().interval(sample.bin as usize);
        self.codes.resize(end - start + 2 * self.flank_bp, base::N);
        self.dataset.genome().decode(chromosome, start as i64 - self.flank_bp as i64, &mut self.codes);
        let mut space = example.namespace('k');
        let centre = self.codes.len() / 2;
        for_each_kmer(&self.codes, |start, kmer| {
            let distance = (start + K / 2).abs_diff(centre) / STEP_BP;
            space.push(self.kmers.wrapping_add(distance as u32 * KMERS + kmer), 1.0);
        });
    }
}

/// Calls `visit` with the start of each k-mer of known bases, and the smaller of its codes on both strands.
fn for_each_kmer(codes: &[u8], mut visit: impl FnMut(usize, u32)) {
    let (mut forward, mut reverse, mut known) = (0_u32, 0_u32, 0);
    for (end, &code) in codes.iter().enumerate() {
        if code >= base::N {
            known = 0;
            continue;
        }
        let code = u32::from(code);
        forward = (forward << 2 | code) % KMERS;
        reverse = reverse >> 2 | (3 - code) << (2 * (K - 1));
        known += 1;
        if known >= K {
            visit(end + 1 - K, forward.min(reverse));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kmers(codes: &[u8]) -> Vec<(usize, u32)> {
        let mut kmers = Vec::new();
        for_each_kmer(codes, |start, kmer| kmers.push((start, kmer)));
        kmers
    }

    proptest! {
        #[test]
        fn kmers_are_the_same_on_both_strands(codes in proptest::collection::vec(0_u8..5, 0..60)) {
            let reverse: Vec<u8> = codes.iter().rev().map(|&code| base::complement(code)).collect();
            let mirrored = kmers(&reverse).into_iter().map(|(start, kmer)| (codes.len() - K - start, kmer));
            let mut mirrored: Vec<_> = mirrored.collect();
            mirrored.reverse();
            prop_assert_eq!(kmers(&codes), mirrored);
        }

        #[test]
        fn there_is_a_kmer_wherever_all_bases_are_known(codes in proptest::collection::vec(0_u8..5, 0..60)) {
            let starts: Vec<usize> = kmers(&codes).into_iter().map(|(start, _)| start).collect();
            let known = codes.windows(K).enumerate().filter(|(_, kmer)| kmer.iter().all(|&code| code < base::N));
            prop_assert_eq!(starts, known.map(|(start, _)| start).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_kmer_shares_its_code_with_its_complement_alone() {
        let distinct: std::collections::BTreeSet<u32> = (0..KMERS)
            .flat_map(|kmer| kmers(&std::array::from_fn::<u8, K, _>(|i| (kmer >> (2 * i) & 3) as u8)))
            .map(|(_, kmer)| kmer)
            .collect();
        assert_eq!(distinct.len(), 2080);
    }
}
