//! Alignments of two profiles.

pub(super) mod column_score;
use rand::seq::SliceRandom;

use super::{
    ColumnScore, ProbabilityMatrix,
    matrix::rows::{Row, reverse_complement},
};
use crate::{genome::Strand, random::stream};

/// An alignment of two profiles, with its score.
///
/// The score is the sum of the [`ColumnScore`]s of the positions that overlap, as in Tomtom. Tomtom's p-values need a
/// database of targets; [`p_value`](Self::p_value) needs none.
///
/// # Examples
///
/// A filter has learned the right half of a motif, on the other strand:
///
/// ```
/// use multitf::{
///     genome::Strand,
///     motif::{ColumnScore, CountMatrix, Background, Alignment},
/// };
///
/// let profile = |sequence: &str| {
///     let row = |letter| ['A', 'C', 'G', 'T'].map(|base| f64::from(u8::from(base == letter)));
///     CountMatrix::new(sequence.chars().map(row).collect())?.to_probabilities(&Background::UNIFORM, 0.0)
/// };
/// let (filter, motif) = (profile("TTTC")?, profile("CCGAAA")?);
/// let best = Alignment::best(&filter, &motif, ColumnScore::Pearson, 1);
/// assert_eq!((best.strand, best.offset, best.overlap), (Strand::Reverse, 0, 4)); // TTTC in TTTCGG
/// assert_eq!(best.score, 4.0);
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
///
/// Gupta et al. 2007, [doi:10.1186/gb-2007-8-2-r24](https://doi.org/10.1186/gb-2007-8-2-r24).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// The sum over the positions that overlap: higher is more similar.
    pub score: f64,
    /// The position of the query's first base in the target, from 0, on the target's `strand`; negative if the query
    /// begins before the target.
    pub offset: isize,
    /// The number of positions that overlap.
    pub overlap: usize,
    /// The strand of the target that the query was compared with.
    pub strand: Strand,
}

impl Alignment {
    /// Returns the alignment with the highest score, among all shifts and both strands of the target that overlap by at
    /// least `min_overlap` positions.
    ///
    /// `min_overlap` is clamped to 1 and the narrower profile's width: `usize::MAX` keeps the narrower profile whole.
    /// Of alignments whose scores are equal to 1e-12, the forward strand wins, then the offset nearest 0, then the
    /// negative one.
    pub fn best(query: &ProbabilityMatrix, target: &ProbabilityMatrix, score: ColumnScore, min_overlap: usize) -> Self {
        Self::best_of(query.rows(), target.rows(), score, min_overlap)
    }

    fn best_of(query: &[Row], target: &[Row], score: ColumnScore, min_overlap: usize) -> Self {
        let reverse = reverse_complement(target);
        let offsets = offsets(query.len(), target.len(), min_overlap);
        let strands = [(Strand::Forward, target), (Strand::Reverse, &reverse)];
        let alignments = strands.into_iter().flat_map(|(strand, target)| {
            offsets.iter().map(move |&offset| Self::at(query, target, score, offset, strand))
        });
        // Each width is at least 1, so that offset 0 gives an alignment.
        let none = Self { score: f64::NEG_INFINITY, offset: 0, overlap: 0, strand: Strand::Forward };
        alignments.fold(none, |best, next| if next.score > best.score + TIE { next } else { best })
    }

    /// Returns how often a target whose positions are shuffled is at least as similar to the query as the target is, of
    /// so many shuffles, the target itself counted as one.
    ///
    /// A shuffled target has the same positions, so that a run of one base is similar to any other and has a p-value
    /// near 1. The same seed gives the same shuffles.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Alignment, Background, ColumnScore, CountMatrix};
    ///
    /// let profile = |sequence: &str| {
    ///     let row = |letter| ['A', 'C', 'G', 'T'].map(|base| f64::from(u8::from(base == letter)));
    ///     CountMatrix::new(sequence.chars().map(row).collect())?.to_probabilities(&Background::UNIFORM, 0.0)
    /// };
    /// let p = |query, target| -> multitf::Result<f64> {
    ///     Ok(Alignment::p_value(&profile(query)?, &profile(target)?, ColumnScore::Pearson, 6, 999, 0))
    /// };
    /// assert!(p("TGCTGAGTCA", "ATGACTCAGCA")? < 0.01);
    /// assert_eq!(p("AAAAAAAA", "AAAAAAAA")?, 1.0);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # References
    ///
    /// A p-value from random shuffles counts the observation too: Phipson and Smyth 2010,
    /// [doi:10.2202/1544-6115.1585](https://doi.org/10.2202/1544-6115.1585).
    pub fn p_value(
        query: &ProbabilityMatrix,
        target: &ProbabilityMatrix,
        score: ColumnScore,
        min_overlap: usize,
        shuffles: usize,
        seed: u64,
    ) -> f64 {
        let least = Self::best(query, target, score, min_overlap).score - TIE;
        let mut random = stream(&[seed]);
        let mut rows = target.rows().to_vec();
        let mut is_as_similar = || {
            rows.shuffle(&mut random);
            Self::best_of(query.rows(), &rows, score, min_overlap).score >= least
        };
        let as_similar = (0..shuffles).filter(|_| is_as_similar()).count();
        (1 + as_similar) as f64 / (1 + shuffles) as f64
    }

    fn at(query: &[Row], target: &[Row], measure: ColumnScore, offset: isize, strand: Strand) -> Self {
        let (query_start, target_start) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
        let pairs = query[query_start..].iter().zip(&target[target_start..]);
        let overlap = pairs.len();
        Self { score: pairs.map(|(a, b)| measure.score(a, b)).sum(), offset, overlap, strand }
    }
}

/// The largest difference between sums of the same scores in different orders.
const TIE: f64 = 1e-12;
/// The least information, in bits, of a position that belongs to a motif's core.
pub(crate) const MIN_CORE_BITS: f64 = 0.3;
/// The fewest positions of two cores that overlap.
const MIN_OVERLAP: usize = 6;

impl ProbabilityMatrix {
    /// Returns the correlation with another profile, at most 1: where their informative positions fit best, on either
    /// strand, and six or more overlap, the sum of the positions' correlations over the narrower one's width. It is 0
    /// where one of them has no informative position.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Background, CountMatrix};
    ///
    /// let profile = |sequence: &str| {
    ///     let row = |letter| ['A', 'C', 'G', 'T'].map(|base| f64::from(u8::from(base == letter)));
    ///     CountMatrix::new(sequence.chars().map(row).collect())?.to_probabilities(&Background::UNIFORM, 0.0)
    /// };
    /// let similarity = profile("TGACTCA")?.correlation(&profile("ATGAGTCATC")?);
    /// assert!((similarity - 1.0).abs() < 1e-9);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn correlation(&self, other: &Self) -> f64 {
        let (Some(a), Some(b)) = (self.trimmed(MIN_CORE_BITS), other.trimmed(MIN_CORE_BITS)) else { return 0.0 };
        Alignment::best(&a, &b, ColumnScore::Pearson, MIN_OVERLAP).score / a.width().min(b.width()) as f64
    }
}

/// Returns every offset that leaves enough overlap, those near 0 first.
fn offsets(query: usize, target: usize, min_overlap: usize) -> Vec<isize> {
    let least = min_overlap.clamp(1, query.min(target)) as isize;
    let mut offsets: Vec<_> = (least - query as isize..=target as isize - least).collect();
    offsets.sort_by_key(|offset| offset.unsigned_abs());
    offsets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::motif::{MotifSet, matrix::rows};

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");
    const TOLERANCE: f64 = 1e-9;

    /// Positions that are sure of their base; N is of none.
    fn profile(sequence: &str) -> ProbabilityMatrix {
        let row = |letter| match "ACGT".find(letter) {
            Some(base) => std::array::from_fn(|other| f64::from(u8::from(base == other))),
            None => [0.25; 4],
        };
        ProbabilityMatrix::new(sequence.chars().map(row).collect()).unwrap()
    }

    fn best(query: &str, target: &str) -> (f64, isize, usize, char) {
        let best = Alignment::best(&profile(query), &profile(target), ColumnScore::Pearson, 1);
        (best.score, best.offset, best.overlap, best.strand.letter())
    }

    #[test]
    fn similarities_equal_numpy() {
        let oracle = std::fs::read_to_string(format!("{FOLDER}/similarity.json")).unwrap();
        let oracle: Value = serde_json::from_str(&oracle).unwrap();
        let sets = ["toy.meme", "toy.jaspar"].map(|file| MotifSet::open(format!("{FOLDER}/{file}")).unwrap());
        let matrix = |id: &Value| &sets.iter().flatten().find(|motif| id == motif.id.as_str()).unwrap().matrix;
        let expected = oracle["similarities"].as_array().unwrap();
        assert_eq!(expected.len(), 4 * 4 * 2 * 4);
        for expected in expected {
            let score = match expected["column_score"].as_str().unwrap() {
                "pearson" => ColumnScore::Pearson,
                _ => ColumnScore::Euclidean,
            };
            let min_overlap = expected["min_overlap"].as_u64().unwrap() as usize;
            let found = Alignment::best(matrix(&expected["query"]), matrix(&expected["target"]), score, min_overlap);
            assert!((found.score - expected["score"].as_f64().unwrap()).abs() <= TOLERANCE, "{found:?}, {expected}");
            assert_eq!(Some(found.offset as i64), expected["offset"].as_i64(), "{expected}");
            assert_eq!(Some(found.overlap as u64), expected["overlap"].as_u64(), "{expected}");
            assert_eq!(Some(found.strand.letter().to_string().as_str()), expected["strand"].as_str(), "{expected}");
        }
    }

    #[test]
    fn shuffles_that_are_as_similar_are_counted() {
        let p = |query, target, shuffles| {
            Alignment::p_value(&profile(query), &profile(target), ColumnScore::Pearson, 6, shuffles, 3)
        };
        assert_eq!(p("ACGGTC", "ACGGTC", 0), 1.0);
        assert_eq!(p("CCCCCC", "CCCCCC", 99), 1.0);
        // Six places of one G among five As, each with its reverse complement: one in six is the same.
        let share = p("AAGAAA", "AAGAAA", 5_999);
        assert!((share - 1.0 / 6.0).abs() < 0.02, "{share}");
        assert_eq!(p("AAGAAA", "AAGAAA", 5_999), share);
    }

    #[test]
    fn an_offset_is_where_the_query_begins_in_the_target() {
        assert_eq!(best("GAC", "TTGAC"), (3.0, 2, 3, '+'));
        assert_eq!(best("TTGAC", "GAC"), (3.0, -2, 3, '+'));
        assert_eq!(best("TTGAC", "GACCC"), (3.0, -2, 3, '+'));
        assert_eq!(best("GTC", "TTGAC"), (3.0, 0, 3, '-')); // The other strand is GTCAA.
    }

    #[test]
    fn of_equal_alignments_the_forward_one_nearest_0_wins() {
        assert_eq!(best("ACGT", "ACGT"), (4.0, 0, 4, '+'));
        assert_eq!(best("AT", "AT"), (2.0, 0, 2, '+'));
        assert_eq!(best("C", "GC"), (1.0, 1, 1, '+')); // The other strand is GC again.
        assert_eq!(best("A", "CAA"), (1.0, 1, 1, '+'));
        assert_eq!(best("AGA", "A"), (1.0, 0, 1, '+'));
        assert_eq!(best("ANA", "CAG"), (1.0, -1, 2, '+'));
        assert_eq!(best("N", "AC"), (0.0, 0, 1, '+'));
        assert_eq!(best("CAC", "NAN"), (1.0, 0, 3, '+'));
        assert_eq!(best("AC", "CA"), (1.0, -1, 1, '+'));
    }

    #[test]
    fn an_overlap_is_never_wider_than_the_narrower_profile_and_never_0() {
        let (query, target) = (profile("GAC"), profile("TTGAC"));
        let overlap = |least| Alignment::best(&query, &target, ColumnScore::Euclidean, least);
        assert_eq!(overlap(0), overlap(1));
        assert_eq!(overlap(3), overlap(usize::MAX));
        assert_eq!((overlap(usize::MAX).score, overlap(usize::MAX).overlap), (0.0, 3));
    }

    fn matrices() -> impl Strategy<Value = ProbabilityMatrix> {
        proptest::collection::vec(proptest::array::uniform4(0.001_f64..1.0), 1..9).prop_map(|rows| {
            let rows = rows.iter().map(|row| row.map(|x| x / row.iter().sum::<f64>())).collect();
            ProbabilityMatrix::new(rows).unwrap()
        })
    }

    proptest! {
        #[test]
        fn of_alignments_that_differ_by_rounding_alone_the_forward_one_wins(
            half in proptest::collection::vec(proptest::array::uniform4(0.001_f64..1.0), 3..7),
            target in proptest::collection::vec(proptest::array::uniform4(0.001_f64..1.0), 12),
        ) {
            let matrix = |rows: &[Row]| {
                let rows = rows.iter().map(|row| row.map(|x| x / row.iter().sum::<f64>()));
                ProbabilityMatrix::new(rows.collect()).unwrap()
            };
            // The query reads the same on both strands, so that the target's strands only add in another order.
            let query: Vec<Row> = half.iter().copied().chain(rows::reverse_complement(&half)).collect();
            let target = matrix(&target[..query.len()]);
            for score in [ColumnScore::Pearson, ColumnScore::Euclidean] {
                let best = Alignment::best(&matrix(&query), &target, score, usize::MAX);
                prop_assert_eq!(best.strand, Strand::Forward);
            }
        }

        #[test]
        fn query_and_target_change_places_and_strands_without_changing_the_score(
            a in matrices(), b in matrices(), least in 0_usize..10, is_pearson in any::<bool>(),
        ) {
            let score = if is_pearson { ColumnScore::Pearson } else { ColumnScore::Euclidean };
            let forward = Alignment::best(&a, &b, score, least);
            for other in [
                Alignment::best(&b, &a, score, least),
                Alignment::best(&a, &b.reverse_complement(), score, least),
                Alignment::best(&a.reverse_complement(), &b, score, least),
            ] {
                prop_assert!((forward.score - other.score).abs() <= TOLERANCE, "{:?} {:?}", forward, other);
            }
            prop_assert!(forward.overlap >= least.clamp(1, a.width().min(b.width())));
        }

        #[test]
        fn a_profile_is_most_similar_to_itself_at_offset_0(a in matrices()) {
            let best = Alignment::best(&a, &a, ColumnScore::Euclidean, usize::MAX);
            prop_assert_eq!((best.score, best.offset, best.strand), (0.0, 0, Strand::Forward));
        }
    }
}
