//! The scores of motif sites in bins and around them.

use std::ops::Range;

use rayon::prelude::*;

use super::merged_region::MergedRegion;
use crate::{
    genome::{BinGrid, Genome, Strand, base},
    motif::{LogOddsMatrix, PositionScores, SequenceKmers},
};

/// A search for motifs in bins and their flanks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) genome: &'a Genome,
    pub(super) grid: &'a BinGrid,
    pub(super) flank_bp: usize,
}

/// The scores of a motif in a bin, over both strands. Where no site matches, they are NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BinScores {
    /// The best score of the sites inside the bin.
    pub(super) best: f32,
    /// The start of that site on its chromosome.
    pub(super) best_start: u32,
    /// The logarithm of the sum of the odds of all sites in the bin.
    pub(super) occupancy: f32,
    /// The best score of the sites in the flanks: those that are not inside the bin.
    pub(super) flank_best: f32,
    /// The logarithm of the sum of the odds of all sites in the flanks.
    pub(super) flank_occupancy: f32,
}

impl Search<'_> {
    /// Scores motifs in ascending bins: for each motif, one entry per bin.
    pub(super) fn scores(self, motifs: &[LogOddsMatrix], bins: &[u32]) -> Vec<Vec<BinScores>> {
        let motifs: Vec<PositionScores> = motifs.iter().map(PositionScores::new).collect();
        let regions = MergedRegion::merge(self.grid, bins, self.flank_bp);
        let parts: Vec<Vec<Vec<BinScores>>> =
            regions.par_iter().map(|region| self.region_scores(&motifs, bins, region)).collect();
        let joined = |motif: usize| parts.iter().flat_map(|part| part[motif].iter().copied()).collect();
        (0..motifs.len()).map(joined).collect()
    }

    fn region_scores(self, motifs: &[PositionScores], bins: &[u32], region: &MergedRegion) -> Vec<Vec<BinScores>> {
        let mut codes = vec![base::N; region.len];
        self.genome.decode(region.chromosome, region.start, &mut codes);
        let kmers = SequenceKmers::new(&codes);
        let mut scores = RegionScores::default();
        let motif_scores = |motif: &PositionScores| {
            scores.fill(motif, &kmers);
            let bin_scores = |&bin: &u32| {
                let bin = region.within(self.grid.interval(bin as usize));
                scores.bin(&bin, self.flank_bp, motif.width(), region.start)
            };
            bins[region.indices.clone()].iter().map(bin_scores).collect()
        };
        motifs.iter().map(motif_scores).collect()
    }
}

/// The scores of a motif along a region.
#[derive(Debug, Default)]
struct RegionScores {
    /// The better of both strands at each start.
    best: Vec<f32>,
    other: Vec<f32>,
    /// The cumulative odds of both strands, over all starts before each.
    odds: Vec<f64>,
}

impl RegionScores {
    fn fill(&mut self, motif: &PositionScores, kmers: &SequenceKmers) {
        motif.fill(kmers, Strand::Forward, &mut self.best);
        motif.fill(kmers, Strand::Reverse, &mut self.other);
        self.odds.clear();
        self.odds.push(0.0);
        let mut sum = 0.0;
        for (best, &other) in self.best.iter_mut().zip(&self.other) {
            sum += f64::from(best.exp()) + f64::from(other.exp());
            self.odds.push(sum);
            *best = best.max(other);
        }
    }

    /// Returns the scores in a bin, and up to `flank_bp` around it.
    fn bin(&self, bin: &Range<usize>, flank_bp: usize, width: usize, region_start: i64) -> BinScores {
        // A motif may be wider than the region.
        let clamp = |at: usize| at.min(self.best.len());
        let starts = |from: usize, to: usize| clamp(from)..clamp((to + 1).saturating_sub(width).max(from));
        let inside = starts(bin.start, bin.end);
        let around = starts(bin.start - flank_bp, bin.end + flank_bp);
        let flanks = [around.start..inside.start.min(around.end), inside.end.min(around.end)..around.end];
        let (best, at) = self.best_in(&inside);
        let best_start = (region_start + (inside.start + at) as i64).max(0) as u32;
        let flank_best = flanks.each_ref().map(|range| self.best_in(range).0);
        BinScores {
            best: number(best),
            best_start,
            occupancy: logarithm(self.odds_in(&inside)),
            flank_best: number(flank_best[0].max(flank_best[1])),
            flank_occupancy: logarithm(flanks.iter().map(|range| self.odds_in(range)).sum()),
        }
    }

    /// The best score in a range of starts, and its index; of equals, the first.
    fn best_in(&self, starts: &Range<usize>) -> (f32, usize) {
        let scores = &self.best[starts.clone()];
        let best = scores.iter().fold(f32::NEG_INFINITY, |best, &score| if score > best { score } else { best });
        (best, scores.iter().position(|&score| score == best).unwrap_or_default())
    }

    fn odds_in(&self, starts: &Range<usize>) -> f64 {
        self.odds[starts.end] - self.odds[starts.start]
    }
}

fn number(score: f32) -> f32 {
    if score == f32::NEG_INFINITY { f32::NAN } else { score }
}

fn logarithm(odds: f64) -> f32 {
    if odds > 0.0 { odds.ln() as f32 } else { f32::NAN }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::motif::{Background, ProbabilityMatrix};

    /// All sites one by one, as (start, score).
    fn all(genome: &Genome, chromosome: usize, matrix: &LogOddsMatrix) -> Vec<(i64, f64)> {
        let mut codes = vec![0; genome.length(chromosome)];
        genome.decode(chromosome, 0, &mut codes);
        let strands = [matrix.clone(), matrix.reverse_complement()];
        let score = |site: &[u8], matrix: &LogOddsMatrix| -> Option<f64> {
            matrix.rows().iter().zip(site).map(|(row, &code)| row.get(usize::from(code)).copied()).sum()
        };
        let sites = codes.windows(matrix.width()).enumerate();
        sites.flat_map(|(at, site)| strands.iter().filter_map(move |m| Some((at as i64, score(site, m)?)))).collect()
    }

    fn near(found: f32, expected: Option<f64>) -> bool {
        match expected {
            None => found.is_nan(),
            Some(expected) => (f64::from(found) - expected).abs() < 1e-4,
        }
    }

    fn best(scores: &[f64]) -> Option<f64> {
        scores.iter().copied().reduce(f64::max)
    }

    fn occupancy(scores: &[f64]) -> Option<f64> {
        (!scores.is_empty()).then(|| scores.iter().map(|score| score.exp()).sum::<f64>().ln())
    }

    proptest! {
        #[test]
        fn sites_are_those_of_a_search_one_by_one(
            letters in proptest::collection::vec("[ACGT]{30,90}N{0,9}[ACGT]{0,60}", 1..3),
            rows in proptest::collection::vec(proptest::array::uniform4(0.02_f64..1.0), 1..9),
            flank_bp in 0_usize..40,
            every in 1_usize..5,
        ) {
            let names = ["1", "2", "3"];
            let genome = Genome::from_sequences(names.into_iter().zip(&letters)).unwrap();
            let grid = BinGrid::new(&genome, 20, 5).unwrap();
            let rows = rows.into_iter().map(|row| row.map(|x| x / row.iter().sum::<f64>())).collect();
            let matrix = ProbabilityMatrix::new(rows).unwrap().to_log_odds(&Background::UNIFORM, 0.0).unwrap();
            let width = matrix.width() as i64;
            let bins: Vec<u32> = (0..grid.len() as u32).step_by(every).collect();
            let search = Search { genome: &genome, grid: &grid, flank_bp };
            let found = &search.scores(std::slice::from_ref(&matrix), &bins)[0];
            prop_assert_eq!(found.len(), bins.len());
            for (found, &bin) in found.iter().zip(&bins) {
                let interval = grid.interval(bin as usize);
                let (start, end, flank) = (interval.start as i64, interval.end as i64, flank_bp as i64);
                let all = all(&genome, interval.chromosome, &matrix);
                let lies = |at: i64, from: i64, to: i64| at >= from && at + width <= to;
                let scores = |wanted: &dyn Fn(i64) -> bool| -> Vec<f64> {
                    all.iter().filter(|(at, _)| wanted(*at)).map(|(_, score)| *score).collect()
                };
                let inside = scores(&|at| lies(at, start, end));
                let around = scores(&|at| lies(at, start - flank, end + flank) && !lies(at, start, end));
                prop_assert!(near(found.best, best(&inside)));
                prop_assert!(near(found.occupancy, occupancy(&inside)));
                prop_assert!(near(found.flank_best, best(&around)));
                let (found_odds, expected) = (found.flank_occupancy, occupancy(&around));
                prop_assert!(near(found_odds, expected), "{} {:?}", found_odds, expected);
                if let Some(best) = best(&inside) {
                    let start = i64::from(found.best_start);
                    prop_assert!(all.iter().any(|(at, score)| *at == start && (score - best).abs() < 1e-4));
                }
            }
        }
    }
}
