//! How often words are expected in sequences, from the frequencies of their parts.

use rayon::prelude::*;

use super::word::{Halves, Layout};

/// The bases that a base depends on: a Markov chain of second order, as in STREME.
const ORDER: usize = 2;

/// The frequencies of stretches of up to four bases on both strands of sequences.
#[derive(Clone, Debug)]
pub(super) struct Composition {
    /// The counts of stretches of no base, one base and so on, by their numbers.
    counts: Vec<Vec<f64>>,
}

impl Composition {
    /// Counts the stretches of sequences, above one half of each of four bases.
    pub(super) fn new<'a>(sequences: impl IntoIterator<Item = &'a Halves>) -> Self {
        const FOUR: Layout = Layout { half: 2, gap: 0 };
        let mut forward = [0_u64; 256];
        for half in sequences.into_iter().flat_map(Halves::known) {
            forward[usize::from(half)] += 1;
        }
        let both = (0..256_u16).map(|word| {
            let counts = [word, FOUR.reverse_complement(word)].map(|word| forward[usize::from(word)] as f64);
            0.5 + counts.iter().sum::<f64>()
        });
        let mut counts = vec![both.collect::<Vec<_>>()];
        for length in 0..4 {
            let shorter = counts[length].chunks_exact(4).map(|longer| longer.iter().sum()).collect();
            counts.push(shorter);
        }
        counts.reverse();
        Self { counts }
    }

    /// The stretches of four bases that were counted, on both strands.
    pub(super) fn total(&self) -> f64 {
        self.counts[0][0]
    }

    /// The frequencies of A, C, G and T, the same on both strands.
    pub(super) fn bases(&self) -> [f64; 4] {
        let bases = &self.counts[1];
        std::array::from_fn(|base| (bases[base] + bases[3 - base]) / (2.0 * self.total()))
    }

    /// How often a word, or its reverse complement, is expected at a position. The halves of a word with a gap are
    /// independent of each other.
    pub(super) fn rate(&self, layout: Layout, word: u16) -> f64 {
        let other = layout.reverse_complement(word);
        let reverse = if other == word { 0.0 } else { self.probability(layout, other) };
        self.probability(layout, word) + reverse
    }

    fn probability(&self, layout: Layout, word: u16) -> f64 {
        let share = |half: usize| self.counts[layout.half][half] / self.total();
        if layout.gap == 0 { self.chain(layout, word) } else { layout.halves(word).map(share).iter().product() }
    }

    /// The probability of a word without a gap.
    fn chain(&self, layout: Layout, word: u16) -> f64 {
        let length = 2 * layout.half;
        let part = |start: usize, bases: usize| {
            let number = usize::from(word) >> (2 * (length - start - bases));
            self.counts[bases][number & ((1 << (2 * bases)) - 1)]
        };
        let next = |start: usize| part(start, ORDER + 1) / part(start, ORDER);
        part(0, ORDER) / self.total() * (0..length - ORDER).map(next).product::<f64>()
    }
}

/// How much more often each word occurs in a background than its composition makes expect, such as words of repeats.
#[derive(Debug)]
pub(super) struct Excess(Vec<Vec<f32>>);

impl Excess {
    /// Counts words in sequences.
    pub(super) fn new(sequences: &[Halves], layouts: &[Layout]) -> Self {
        let composition = Composition::new(sequences);
        Self(layouts.par_iter().map(|&layout| excess(sequences, layout, &composition)).collect())
    }

    /// The excess of a canonical word of the layout at an index.
    pub(super) fn of(&self, layout: usize, word: u16) -> f64 {
        f64::from(self.0[layout][usize::from(word)])
    }
}

fn excess(sequences: &[Halves], layout: Layout, composition: &Composition) -> Vec<f32> {
    /// Added to what was found and to what was expected, so that few words are no evidence.
    const PRIOR: f64 = 10.0;
    let mut found = vec![0_u32; layout.words()];
    for sequence in sequences {
        layout.each(sequence, |_, word, _| found[usize::from(word)] += 1);
    }
    let both = |word: u16| {
        let other = layout.reverse_complement(word);
        let strands = if other == word { &[word][..] } else { &[word, other] };
        strands.iter().map(|&word| f64::from(found[usize::from(word)])).sum::<f64>()
    };
    let positions = composition.total() / 2.0;
    let excess = |word: u16| (both(word) + PRIOR) / (composition.rate(layout, word) * positions + PRIOR);
    (0..layout.words()).map(|word| excess(word as u16) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::base;

    fn halves(letters: &str) -> Halves {
        Halves::new(&letters.bytes().map(base::from_ascii).collect::<Vec<_>>())
    }

    fn word(letters: &str) -> u16 {
        letters.bytes().fold(0, |word, letter| word << 2 | u16::from(base::from_ascii(letter)))
    }

    fn canonical(layout: Layout, letters: &str) -> u16 {
        word(letters).min(layout.reverse_complement(word(letters)))
    }

    #[test]
    fn a_word_is_as_frequent_as_its_steps_are() {
        // On both strands ACGT is followed by A, and so on: the stretches of four are ACGT, CGTA, GTAC and TACG.
        let composition = Composition::new([&halves(&"ACGT".repeat(5_000))]);
        let layout = Layout { half: 4, gap: 0 };
        let rate = |letters: &str| composition.rate(layout, word(letters));
        assert!((rate("ACGTACGT") - 0.25).abs() < 1e-2, "its own reverse complement: {}", rate("ACGTACGT"));
        assert!((rate("CGTACGTA") - 0.5).abs() < 2e-2, "with TACGTACG: {}", rate("CGTACGTA"));
        assert!(rate("AAAAAAAA") < 1e-6);
        assert!(composition.bases().iter().all(|share| (share - 0.25).abs() < 1e-3));
    }

    #[test]
    fn rates_of_all_words_sum_to_one() {
        let composition = Composition::new([&halves(&"AACGGTTTACGATTTAGC".repeat(20))]);
        for layout in Layout::all().into_iter().take(4) {
            let canonical =
                (0..layout.words()).map(|word| word as u16).filter(|&word| word <= layout.reverse_complement(word));
            let sum: f64 = canonical.map(|word| composition.rate(layout, word)).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{layout:?}: {sum}");
        }
    }

    #[test]
    fn an_unknown_base_and_short_sequences_count_nothing() {
        let empty = Composition::new([&halves("ACGNACG"), &halves("")]);
        assert_eq!(empty.total(), 128.0);
        assert_eq!(empty.bases(), [0.25; 4]);
    }

    #[test]
    fn a_word_of_a_repeat_is_in_excess() {
        let mut letters = String::new();
        let mut state = 1_u32;
        for index in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            letters.push(['A', 'C', 'G', 'T'][(state >> 30) as usize]);
            if index % 100 == 0 {
                letters.push_str("GGCTCACGCC");
            }
        }
        let layouts = [Layout { half: 4, gap: 0 }, Layout { half: 3, gap: 3 }];
        let excess = Excess::new(&[halves(&letters)], &layouts);
        // 200 copies, where .6 or so are expected: 210 / 10.6.
        let repeat = excess.of(0, canonical(layouts[0], "GGCTCACG"));
        assert!((15.0..20.5).contains(&repeat), "{repeat}");
        assert!(excess.of(1, canonical(layouts[1], "GCTGCC")) > 5.0);
        let other = excess.of(0, canonical(layouts[0], "ATGATTGC"));
        assert!((0.5..1.6).contains(&other), "{other}");
    }
}
