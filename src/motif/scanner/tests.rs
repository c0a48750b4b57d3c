//! Hits are those of a search one by one and of lightmotif.

use lightmotif::{
    abc::{Background as LightBackground, Dna},
    dense::DenseMatrix,
    pwm::ScoringMatrix,
    scan::Scanner as LightScanner,
    seq::EncodedSequence,
};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    motif::{Background, MotifSet, ProbabilityMatrix, ScoreDistribution},
    random::stream,
};

/// Scores every position on either strand, one by one.
fn one_by_one(genome: &Genome, matrices: &[(LogOddsMatrix, f64)]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for chromosome in 0..genome.len() {
        let mut codes = vec![0; genome.length(chromosome)];
        genome.decode(chromosome, 0, &mut codes);
        for start in 0..codes.len() {
            for (motif, (matrix, threshold)) in matrices.iter().enumerate() {
                let Some(site) = codes.get(start..start + matrix.width()) else { continue };
                for (strand, matrix) in [(Strand::Forward, matrix), (Strand::Reverse, &matrix.reverse_complement())] {
                    let log_odds = |(row, &code): (&[f64; 4], &u8)| row.get(usize::from(code)).copied();
                    let score: Option<f64> = matrix.rows().iter().zip(site).map(log_odds).sum();
                    let interval = Interval { chromosome, start, end: start + matrix.width() };
                    if let Some(score) = score.filter(|score| score >= threshold) {
                        hits.push(Hit { motif, interval, strand, score: score as f32 });
                    }
                }
            }
        }
    }
    hits
}

fn scanner(matrices: &[(LogOddsMatrix, f64)]) -> Scanner {
    Scanner::new(matrices.iter().map(|(matrix, threshold)| (matrix, *threshold))).unwrap()
}

proptest! {
    #[test]
    fn hits_are_those_of_a_search_one_by_one(
        sequences in prop::collection::vec("[ACGT]{1,150}(N{1,3}[ACGT]{0,90}){0,2}", 1..3),
        motifs in prop::collection::vec(
            (prop::collection::vec(prop::array::uniform4(-5.0_f64..2.0), 1..19), 0.0_f64..1.1, any::<bool>()),
            1..4,
        ),
    ) {
        let genome = Genome::from_sequences(["1", "2"].into_iter().zip(&sequences)).unwrap();
        let matrices: Vec<_> = motifs.into_iter().map(|(mut rows, share, is_impossible)| {
            if is_impossible {
                rows[0][2] = f64::NEG_INFINITY;
            }
            let finite = |row: &[f64; 4], f: fn(f64, f64) -> f64| {
                row.iter().copied().filter(|x| x.is_finite()).reduce(f).unwrap()
            };
            let low: f64 = rows.iter().map(|row| finite(row, f64::min)).sum();
            let high: f64 = rows.iter().map(|row| finite(row, f64::max)).sum();
            (LogOddsMatrix::from_log_odds(rows, Background::UNIFORM), low + share * (high - low))
        }).collect();
        prop_assert_eq!(scanner(&matrices).scan(&genome), one_by_one(&genome, &matrices));
    }
}

/// A random genome of three pieces, with unknown bases at a border between pieces.
fn random_genome() -> Genome {
    let mut random = stream(&[3]);
    let mut letters: Vec<u8> = (0..2 * CHUNK + 100).map(|_| b"ACGT"[random.random_range(0..4)]).collect();
    letters[CHUNK + 3..CHUNK + 9].fill(b'N');
    Genome::from_sequences([("long", &letters[..]), ("short", &letters[..CHUNK]), ("tiny", b"AC")]).unwrap()
}

fn random_motifs(count: usize) -> Vec<LogOddsMatrix> {
    let mut random = stream(&[4]);
    let mut row = |_| {
        let row: [f64; 4] = std::array::from_fn(|_| random.random_range(0.01_f64..1.0).powi(3));
        row.map(|x| x / row.iter().sum::<f64>())
    };
    let matrix = |i: usize| ProbabilityMatrix::new((0..3 + i).map(&mut row).collect()).unwrap();
    let matrices: Vec<_> = (0..count).map(matrix).collect();
    matrices.iter().map(|matrix| matrix.to_log_odds(&Background::UNIFORM, 0.0).unwrap()).collect()
}

fn with_threshold(matrix: LogOddsMatrix, p_value: f64) -> (LogOddsMatrix, f64) {
    let threshold = ScoreDistribution::new(&matrix, &Background::UNIFORM.into()).unwrap().threshold(p_value);
    (matrix, threshold)
}

#[test]
fn no_hit_is_lost_or_found_twice_where_pieces_meet() {
    let genome = random_genome();
    let matrices: Vec<_> = random_motifs(12).into_iter().map(|matrix| with_threshold(matrix, 0.02)).collect();
    let hits = scanner(&matrices).scan(&genome);
    assert_eq!(hits, one_by_one(&genome, &matrices));
    assert!(hits.iter().any(|hit| hit.interval.start < CHUNK && hit.interval.end > CHUNK));
    let part = Interval { chromosome: 0, start: CHUNK - 500, end: CHUNK + 700 };
    let expected: Vec<Hit> = hits.into_iter().filter(|hit| part.contains(hit.interval)).collect();
    assert_eq!(scanner(&matrices).scan_interval(&genome, part), expected);
}

#[test]
fn where_no_sequence_reaches_the_threshold_there_is_no_hit() {
    let matrix = random_motifs(1).remove(0);
    let hits = |threshold| Scanner::new([(&matrix, threshold)]).unwrap().scan(&random_genome());
    assert_eq!(hits(1e9), []);
    assert_eq!(hits(f64::INFINITY), []);
    for wrong in [f64::NAN, f64::NEG_INFINITY] {
        let error = Scanner::new([(&matrix, wrong)]).unwrap_err().to_string();
        assert!(error.starts_with("threshold of motif 0: expected a score that can be reached, found "), "{error}");
    }
}

/// What lightmotif finds, sorted as ours.
fn lightmotif(genome: &Genome, matrices: &[(LogOddsMatrix, f64)]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for chromosome in 0..genome.len() {
        let mut codes = vec![0; genome.length(chromosome)];
        genome.decode(chromosome, 0, &mut codes);
        let letters: Vec<u8> = codes.into_iter().map(base::to_ascii).collect();
        let mut striped = EncodedSequence::<Dna>::encode(letters).unwrap().to_striped();
        striped.configure_wrap(matrices.iter().map(|(matrix, _)| matrix.width()).max().unwrap());
        for (motif, (matrix, threshold)) in matrices.iter().enumerate() {
            for (strand, matrix) in [(Strand::Forward, matrix), (Strand::Reverse, &matrix.reverse_complement())] {
                let found = LightScanner::new(light(matrix), &striped).threshold(*threshold as f32).collect::<Vec<_>>();
                hits.extend(found.iter().map(|hit| {
                    let (start, end) = (hit.position(), hit.position() + matrix.width());
                    Hit { motif, interval: Interval { chromosome, start, end }, strand, score: hit.score() }
                }));
            }
        }
    }
    hits.sort_by_key(|hit| (hit.interval.chromosome, hit.interval.start, hit.motif, hit.strand));
    hits
}

/// lightmotif's order is A, C, T, G, N.
fn light(matrix: &LogOddsMatrix) -> ScoringMatrix<Dna> {
    let rows = matrix.rows().iter().map(|row| [row[0], row[1], row[3], row[2], f64::NEG_INFINITY].map(|x| x as f32));
    ScoringMatrix::new(LightBackground::uniform(), DenseMatrix::from_rows(rows))
}

/// Scores within 1e-4 of a threshold may fall to either side of it, since lightmotif adds in single precision.
fn assert_same(genome: &Genome, matrices: &[(LogOddsMatrix, f64)]) {
    let certain = |hit: &&Hit| f64::from(hit.score) > matrices[hit.motif].1 + 1e-4;
    let (ours, theirs) = (scanner(matrices).scan(genome), lightmotif(genome, matrices));
    let (found, expected): (Vec<_>, Vec<_>) =
        (ours.iter().filter(certain).collect(), theirs.iter().filter(certain).collect());
    assert_eq!(found.len(), expected.len());
    assert!(found.len() > matrices.len(), "{} hits", found.len());
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!((found.motif, found.interval, found.strand), (expected.motif, expected.interval, expected.strand));
        assert!((found.score - expected.score).abs() < 1e-4, "{found:?} {expected:?}");
    }
}

#[test]
fn hits_are_those_of_lightmotif() {
    let matrices: Vec<_> = random_motifs(12).into_iter().map(|matrix| with_threshold(matrix, 0.01)).collect();
    assert_same(&random_genome(), &matrices);
}

#[test]
fn hits_in_yeast_are_those_of_lightmotif() {
    let Some(folder) = crate::testing::real_data("yeast") else { return };
    let genome = Genome::open(folder.join("genome.fa.gz")).unwrap();
    let set = MotifSet::open(folder.join("motifs.meme")).unwrap();
    let background = Background::new(genome.base_frequencies()).unwrap();
    let log_odds = set.iter().map(|motif| motif.matrix.to_log_odds(&background, 0.01).unwrap());
    let matrices: Vec<_> = log_odds.map(|matrix| with_threshold(matrix, 1e-4)).collect();
    assert_eq!(matrices.len(), 49);
    assert_same(&genome, &matrices);
}
