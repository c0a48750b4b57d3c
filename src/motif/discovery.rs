//! Discovery of motifs in the regions that factors bind.

mod composition;
mod growth;
mod region;
mod seed;
#[cfg(test)]
mod tests;
mod word;

use rayon::prelude::*;

use self::{
    composition::{Composition, Excess},
    growth::Grown,
    region::Region,
    seed::Seed,
    word::{Halves, Layout},
};
use super::{Motif, ProbabilityMatrix, alignment::MIN_CORE_BITS};
use crate::genome::{Genome, Interval};

/// Seeds of a set that are grown, each unlike the motifs of those before it.
const MOST_SEEDS: usize = 6;
/// The least probability of a base that a position of the core allows.
const MIN_ALLOWED: f64 = 0.3;
/// Bases of a word that a motif which explains it need not allow.
const MOST_MISMATCHES: usize = 2;
/// The correlation above which two motifs of a set are one.
const ALIKE: f64 = 0.75;

/// The regions that a factor binds.
#[derive(Clone, Debug)]
pub struct RegionSet {
    /// The name, such as that of a factor.
    pub name: String,
    /// The regions, none twice.
    pub regions: Vec<Interval>,
}

/// A motif that was discovered, and how much more regions than controls hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredMotif {
    /// The motif, of 19 or 20 positions. Its sites are the expected number of regions that hold one.
    pub motif: Motif,
    /// The log-likelihood ratio (times 2) of a site in more regions than controls. Among random regions of a genome the
    /// best motif of a set has a score above 24 in one of twenty sets.
    pub score: f64,
}

/// Finds motifs in sets of regions: at most `count` in each set, the best first.
///
/// 1. *Seeds.* Words of six and of eight bases, on either strand, those of eight with a gap of up to 9 bases in their
///    middle, are scored by the log-likelihood ratio `2 (v ln(v / e) - (v - e))`: `v` regions hold the word, and `e`
///    are expected. The expectation is that of a Markov chain of second order of the regions' own bases, so that what
///    promoters are made of is no motif, times the word's excess over the same expectation in the `background`, so that
///    repeats are none either.
/// 2. *Growth.* Each region has one site or none, among the words similar to a seed (two mismatches in eight bases, one
///    in six). Four rounds of expectation maximisation from the seed's own sites give the motif, of 20 positions (19
///    from a seed with an odd gap). A region's site is judged by those of all other regions only.
/// 3. *Order.* The six best seeds of a set, each unlike the motifs of those before it, are ranked by
///    [`score`](DiscoveredMotif::score): in how many more regions than controls a site is found. Controls are the
///    stretches of the same length on either side of a region, or of the background where the regions have no such
///    sides. Two motifs of a set with a [correlation](ProbabilityMatrix::correlation) above .75 are one.
///
/// The best motif of each set comes first, then the second best, and so on; motifs are named `name`, `name-2` and so
/// on. The same input gives the same motifs, on any number of threads. Sets may have motifs in common.
///
/// The motifs are meant to initialize filters, which training then refines. For motifs to publish, use a program that
/// reports their significance.
///
/// # Panics
///
/// Panics if an interval's chromosome is not in the genome.
///
/// # Examples
///
/// ```
/// use multitf::{genome::{Genome, Interval}, motif::{RegionSet, discover}};
///
/// # let mut state = 1_u32;
/// # let mut random = |count: usize| -> String {
/// #     let mut letter = || {
/// #         state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
/// #         ['A', 'C', 'G', 'T'][(state >> 30) as usize]
/// #     };
/// #     (0..count).map(|_| letter()).collect()
/// # };
/// // A site in the middle of each of twenty regions of 210 bp, with as much between them.
/// let letters: String = (0..20).map(|_| random(310) + "TGCTGAGTCA" + &random(100)).collect();
/// let genome = Genome::from_sequences([("chr1", letters + &random(91_600))])?;
/// let at = |start: usize, end: usize| Interval { chromosome: 0, start, end };
/// let regions = (0..20).map(|site| at(420 * site + 210, 420 * site + 420)).collect();
/// let found = discover(&genome, &[at(0, 100_000)], &[RegionSet { name: "MAFK".into(), regions }], 1);
/// assert_eq!(found[0].motif.name, "MAFK");
/// let strands = [found[0].motif.matrix.consensus(), found[0].motif.matrix.reverse_complement().consensus()];
/// assert!(strands.iter().any(|strand| strand.contains("TGCTGAGTCA")), "{strands:?}");
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
///
/// Words and controls: STREME, Bailey 2021,
/// [doi:10.1093/bioinformatics/btab203](https://doi.org/10.1093/bioinformatics/btab203).
/// One site or none: Bailey and Elkan 1995, [doi:10.1007/BF00993379](https://doi.org/10.1007/BF00993379).
pub fn discover(genome: &Genome, background: &[Interval], sets: &[RegionSet], count: usize) -> Vec<DiscoveredMotif> {
    let layouts = Layout::all();
    let excess = Excess::new(&sample(genome, background), &layouts);
    let found: Vec<Vec<DiscoveredMotif>> = sets
        .par_iter()
        .map(|set| Search { genome, background, layouts: &layouts, excess: &excess }.motifs(set, count))
        .collect();
    let most = found.iter().map(Vec::len).max().unwrap_or_default();
    (0..most).flat_map(|round| found.iter().filter_map(move |of_set| of_set.get(round).cloned())).collect()
}

/// Halves of words in the background, or in stretches that are evenly spread over it where it is large.
fn sample(genome: &Genome, background: &[Interval]) -> Vec<Halves> {
    /// Bases to count words in: some 60 of each word of eight bases.
    const ENOUGH: usize = 1 << 21;
    const STRETCH: usize = 1 << 14;
    let bases: usize = background.iter().map(Interval::len).sum();
    let stretches = background.iter().flat_map(|interval| {
        let starts = (interval.start..interval.end).step_by(STRETCH);
        starts.map(move |start| Interval { start, end: interval.end.min(start + STRETCH), ..*interval })
    });
    let stretches: Vec<Interval> = stretches.step_by(bases.div_ceil(ENOUGH).max(1)).collect();
    stretches.par_iter().map(|&stretch| Region::new(genome, stretch).halves).collect()
}

/// What the search in a set of regions needs.
struct Search<'a> {
    genome: &'a Genome,
    background: &'a [Interval],
    layouts: &'a [Layout],
    excess: &'a Excess,
}

impl Search<'_> {
    fn motifs(&self, set: &RegionSet, count: usize) -> Vec<DiscoveredMotif> {
        let mut kept: Vec<Grown> = Vec::new();
        for next in self.grown(set) {
            let is_alike = |before: &Grown| before.matrix.correlation(&next.matrix) > ALIKE;
            if kept.len() < count && !kept.iter().any(is_alike) {
                kept.push(next);
            }
        }
        let named = |(number, grown): (usize, Grown)| {
            let name = set.name.clone();
            let id = if number == 1 { name.clone() } else { format!("{name}-{number}") };
            let motif = Motif { id, name, matrix: grown.matrix, sites: Some(grown.sites) };
            DiscoveredMotif { motif, score: grown.score }
        };
        (1..).zip(kept).map(named).collect()
    }

    /// The motifs of the best seeds, in the order of their scores.
    fn grown(&self, set: &RegionSet) -> Vec<Grown> {
        let regions = region::read(self.genome, &set.regions);
        let controls = region::controls(self.genome, &set.regions, self.background);
        let controls = region::read(self.genome, &controls);
        let composition = Composition::new(regions.iter().map(|region| &region.halves));
        let mut grown: Vec<Grown> = Vec::new();
        for seed in Seed::find(&regions, &composition, self.layouts, self.excess) {
            if grown.len() == MOST_SEEDS {
                break;
            }
            if !grown.iter().any(|before| explains(&before.matrix, &seed)) {
                grown.push(Grown::new(&seed, &regions, &controls, &composition));
            }
        }
        grown.sort_by(|a, b| b.score.total_cmp(&a.score));
        grown
    }
}

/// Whether a motif's core allows all but two bases of a word, at some place on either strand.
fn explains(matrix: &ProbabilityMatrix, seed: &Seed) -> bool {
    let Seed { layout, word, .. } = *seed;
    let informative = matrix.information().map(|bits| bits >= MIN_CORE_BITS);
    let allowed: Vec<[bool; 4]> =
        matrix.rows().iter().zip(informative).map(|(row, is_core)| row.map(|p| is_core && p >= MIN_ALLOWED)).collect();
    let needed = 2 * layout.half - MOST_MISMATCHES;
    let fits = |word: u16, shift: isize| {
        let places = layout.offsets().zip(layout.bases(word));
        let is_allowed = |(offset, base): &(usize, usize)| {
            let row = shift.checked_add_unsigned(*offset).and_then(|at| allowed.get(usize::try_from(at).ok()?));
            row.is_some_and(|row| row[*base])
        };
        places.filter(is_allowed).count() >= needed
    };
    let shifts = -(layout.span() as isize)..allowed.len() as isize;
    let words = [word, layout.reverse_complement(word)];
    shifts.into_iter().any(|shift| words.iter().any(|&word| fits(word, shift)))
}
