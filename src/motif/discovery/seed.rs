//! Words that more regions hold than expected.

use super::{
    composition::{Composition, Excess},
    region::Region,
    word::Layout,
};

/// The least score of a seed. By chance some of the 330,000 words have it in any set: the motifs that grow from seeds
/// are compared with controls.
const MIN_SCORE: f64 = 10.0;
/// The fewest regions that hold a seed.
const MIN_REGIONS: u32 = 3;

/// A word that more regions hold than expected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed {
    pub(super) layout: Layout,
    pub(super) word: u16,
    /// The log-likelihood ratio (times 2).
    pub(super) score: f64,
}

impl Seed {
    /// The enriched words of regions, the best first.
    pub(super) fn find(
        regions: &[Region],
        composition: &Composition,
        layouts: &[Layout],
        excess: &Excess,
    ) -> Vec<Self> {
        let mut seeds = Vec::new();
        for (index, &layout) in layouts.iter().enumerate() {
            let places = regions.iter().map(|region| region.places(layout)).sum::<usize>() as f64 / 2.0;
            let mean_places = places / regions.len().max(1) as f64;
            let is_frequent = |&(_, holding): &(usize, u32)| holding >= MIN_REGIONS;
            for (word, holding) in holding(regions, layout).into_iter().enumerate().filter(is_frequent) {
                let word = word as u16;
                let rate = composition.rate(layout, word) * excess.of(index, word);
                let (found, mean) = (f64::from(holding), rate * mean_places);
                // Below the expectation, and cheaper.
                if found <= regions.len() as f64 * mean / (1.0 + mean) {
                    continue;
                }
                let expected = regions.len() as f64 * -(-mean).exp_m1();
                let score = score(found, expected + 0.5);
                if score > MIN_SCORE {
                    seeds.push(Self { layout, word, score });
                }
            }
        }
        seeds.sort_by(|a, b| b.score.total_cmp(&a.score));
        seeds
    }
}

/// The number of regions that hold each canonical word.
fn holding(regions: &[Region], layout: Layout) -> Vec<u32> {
    // The last region that holds a word, from 1, and the number of those that do.
    let mut seen = vec![[0_u32; 2]; layout.words()];
    for (region, number) in regions.iter().zip(1..) {
        layout.each(&region.halves, |_, word, other| {
            let [last, holding] = &mut seen[usize::from(word.min(other))];
            *holding += u32::from(*last != number);
            *last = number;
        });
    }
    seen.into_iter().map(|[_, holding]| holding).collect()
}

/// The log-likelihood ratio (times 2) of a number of regions, where fewer are expected.
fn score(found: f64, expected: f64) -> f64 {
    if found > expected { 2.0 * (found * (found / expected).ln() - (found - expected)) } else { 0.0 }
}
