//! The best sites of motifs in bins and around them.

use std::ops::Range;

use rayon::prelude::*;

use super::stretch::Stretch;
use crate::{
    genome::{BinGrid, Genome, Strand, base},
    motif::{LogOddsMatrix, PositionScores, SequenceWords},
};

/// Where motifs are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Searched<'a> {
    pub(super) genome: &'a Genome,
    pub(super) grid: &'a BinGrid,
    pub(super) flank_bp: usize,
}

/// What a motif has to say of a bin, on either strand. Where no site fits, scores are not numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sites {
    /// The best score of a site that lies in the bin whole.
    pub(super) best: f32,
    /// Where that site starts on its chromosome.
    pub(super) best_start: u32,
    /// The logarithm of the sum of the odds of all sites in the bin.
    pub(super) occupancy: f32,
    /// The best score of the sites in the flanks: those that do not lie in the bin whole.
    pub(super) flank_best: f32,
    /// The logarithm of the sum of the odds of all sites in the flanks.
    pub(super) flank_occupancy: f32,
}

impl Sites {
    /// Looks for motifs in ascending bins: for each motif, one entry a bin.
    pub(super) fn find(searched: Searched<'_>, motifs: &[LogOddsMatrix], bins: &[u32]) -> Vec<Vec<Self>> {
        let motifs: Vec<PositionScores> = motifs.iter().map(PositionScores::new).collect();
        let stretches = Stretch::of(searched.grid, bins, searched.flank_bp);
        let of_stretch = |stretch: &Stretch| in_stretch(searched, &motifs, &bins[stretch.places.clone()], stretch);
        let parts: Vec<Vec<Vec<Self>>> = stretches.par_iter().map(of_stretch).collect();
        let joined = |motif: usize| parts.iter().flat_map(|part| part[motif].iter().copied()).collect();
        (0..motifs.len()).map(joined).collect()
    }
}

fn in_stretch(searched: Searched<'_>, motifs: &[PositionScores], bins: &[u32], stretch: &Stretch) -> Vec<Vec<Sites>> {
    let mut codes = vec![base::N; stretch.len];
    searched.genome.decode(stretch.chromosome, stretch.start, &mut codes);
    let words = SequenceWords::new(&codes);
    let mut scored = Scored::default();
    let of_motif = |motif: &PositionScores| {
        scored.fill(motif, &words);
        let of_bin = |&bin: &u32| {
            let bin = stretch.within(searched.grid.interval(bin as usize));
            scored.sites(&bin, searched.flank_bp, motif.width(), stretch.start)
        };
        bins.iter().map(of_bin).collect()
    };
    motifs.iter().map(of_motif).collect()
}

/// A motif's scores along a stretch.
#[derive(Debug, Default)]
struct Scored {
    /// The better of both strands at each start.
    best: Vec<f32>,
    other: Vec<f32>,
    /// The sums of the odds of both strands at all starts before each.
    odds: Vec<f64>,
}

impl Scored {
    fn fill(&mut self, motif: &PositionScores, words: &SequenceWords) {
        motif.fill(words, Strand::Forward, &mut self.best);
        motif.fill(words, Strand::Reverse, &mut self.other);
        self.odds.clear();
        self.odds.push(0.0);
        let mut sum = 0.0;
        for (best, &other) in self.best.iter_mut().zip(&self.other) {
            sum += f64::from(best.exp()) + f64::from(other.exp());
            self.odds.push(sum);
            *best = best.max(other);
        }
    }

    /// What is found in a bin, and up to `flank_bp` around it.
    fn sites(&self, bin: &Range<usize>, flank_bp: usize, width: usize, stretch_start: i64) -> Sites {
        // A motif may be wider than the stretch.
        let clamp = |at: usize| at.min(self.best.len());
        let starts = |from: usize, to: usize| clamp(from)..clamp((to + 1).saturating_sub(width).max(from));
        let inside = starts(bin.start, bin.end);
        let around = starts(bin.start - flank_bp, bin.end + flank_bp);
        let flanks = [around.start..inside.start.min(around.end), inside.end.min(around.end)..around.end];
        let (best, at) = self.best_of(&inside);
        let best_start = (stretch_start + (inside.start + at) as i64).max(0) as u32;
        let flank_best = flanks.each_ref().map(|range| self.best_of(range).0);
        Sites {
            best: number(best),
            best_start,
            occupancy: logarithm(self.odds_of(&inside)),
            flank_best: number(flank_best[0].max(flank_best[1])),
            flank_occupancy: logarithm(flanks.iter().map(|range| self.odds_of(range)).sum()),
        }
    }

    /// The best score in a range of starts, and its place; the first of equals.
    fn best_of(&self, starts: &Range<usize>) -> (f32, usize) {
        let scores = &self.best[starts.clone()];
        let best = scores.iter().fold(f32::NEG_INFINITY, |best, &score| if score > best { score } else { best });
        (best, scores.iter().position(|&score| score == best).unwrap_or_default())
    }

    fn odds_of(&self, starts: &Range<usize>) -> f64 {
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
            let searched = Searched { genome: &genome, grid: &grid, flank_bp };
            let found = &Sites::find(searched, std::slice::from_ref(&matrix), &bins)[0];
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
                prop_assert!(near(found.flank_occupancy, occupancy(&around)), "{} {:?}", found.flank_occupancy, occupancy(&around));
                if let Some(best) = best(&inside) {
                    let at = all.iter().find(|(at, score)| *at == i64::from(found.best_start) && (score - best).abs() < 1e-4);
                    prop_assert!(at.is_some());
                }
            }
        }
    }
}
