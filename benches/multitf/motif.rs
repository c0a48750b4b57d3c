//! All motifs along a genome, and lightmotif in alternation: `cargo bench -- motif`.
//!
//! With `MULTITF_DATA` the yeast genome and its 49 profiles, else random sequence and motifs. Both on one
//! thread, both strands, from the sequence as each library keeps it to the list of hits.

use std::{env, path::Path, time::Instant};

use lightmotif::{
    abc::{Background as LightBackground, Dna},
    dense::DenseMatrix,
    pwm::ScoringMatrix,
    scan::Scanner as LightScanner,
    seq::{EncodedSequence, StripedSequence},
};
use multitf::{
    genome::{Genome, base},
    motif::{Background, LogOddsMatrix, MotifSet, ProbabilityMatrix, Scanner, ScoreDistribution},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

const ROUNDS: usize = 9;

pub fn bench() {
    let (genome, matrices, what) = input();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread can be started");
    let striped: Vec<_> = (0..genome.len()).map(|chromosome| striped(&genome, chromosome, &matrices)).collect();
    let work = genome.total_bases() * matrices.len();
    println!("motif: {what}, {} bases x {} motifs x 2 strands", genome.total_bases(), matrices.len());
    for p_value in [1e-3, 1e-4, 1e-5] {
        let thresholds: Vec<f64> = matrices.iter().map(|matrix| threshold(matrix, p_value)).collect();
        let scanner = Scanner::new(matrices.iter().zip(thresholds.iter().copied())).expect("thresholds are numbers");
        let mut times = [Vec::new(), Vec::new()];
        let mut hits = [0, 0];
        for _ in 0..ROUNDS {
            let start = Instant::now();
            hits[0] = pool.install(|| scanner.scan(&genome)).len();
            times[0].push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            hits[1] =
                matrices.iter().zip(&thresholds).map(|(matrix, &least)| light_hits(&striped, matrix, least)).sum();
            times[1].push(start.elapsed().as_secs_f64());
        }
        let mut ratios: Vec<f64> = times[0].iter().zip(&times[1]).map(|(ours, theirs)| theirs / ours).collect();
        let [ours, theirs, ratio] = [&mut times[0].clone(), &mut times[1].clone(), &mut ratios].map(|t| median(t));
        let speed = |seconds: f64| work as f64 / seconds / 1e6;
        println!(
            "motif: p {p_value:.0e}: {:.0} M bases x motifs/s, lightmotif {:.0}, ratio {ratio:.2} ({} and {} hits)",
            speed(ours),
            speed(theirs),
            hits[0],
            hits[1],
        );
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn input() -> (Genome, Vec<LogOddsMatrix>, &'static str) {
    let log_odds = |matrix: &ProbabilityMatrix| {
        matrix.to_log_odds(&Background::UNIFORM, 0.01).expect("the pseudocount is a number above 0")
    };
    if let Some(data) = env::var_os("MULTITF_DATA") {
        let folder = Path::new(&data).join("yeast");
        let set = MotifSet::open(folder.join("motifs.meme")).expect("the profiles are there");
        let genome = Genome::open(folder.join("genome.fa.gz")).expect("the genome is there");
        return (genome, set.iter().map(|motif| log_odds(&motif.matrix)).collect(), "yeast");
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let sequence: Vec<u8> = (0..12_000_000).map(|_| b"ACGT"[random.random_range(0..4)]).collect();
    let genome = Genome::from_sequences([("chr1", sequence)]).expect("letters are bases");
    let mut motif = || {
        let rows = (0..random.random_range(7..15)).map(|_| {
            let row: [f64; 4] = std::array::from_fn(|_| random.random_range(0.01_f64..1.0).powi(4));
            row.map(|x| x / row.iter().sum::<f64>())
        });
        log_odds(&ProbabilityMatrix::new(rows.collect()).expect("rows sum to 1"))
    };
    (genome, (0..49).map(|_| motif()).collect(), "random")
}

fn threshold(matrix: &LogOddsMatrix, p_value: f64) -> f64 {
    ScoreDistribution::new(matrix, &Background::UNIFORM.into()).expect("log-odds are finite").threshold(p_value)
}

fn striped(genome: &Genome, chromosome: usize, matrices: &[LogOddsMatrix]) -> StripedSequence<Dna> {
    let mut codes = vec![base::N; genome.length(chromosome)];
    genome.decode(chromosome, 0, &mut codes);
    let letters: Vec<u8> = codes.into_iter().map(base::to_ascii).collect();
    let mut striped = EncodedSequence::<Dna>::encode(letters).expect("letters are bases").to_striped();
    striped.configure_wrap(matrices.iter().map(LogOddsMatrix::width).max().unwrap_or_default());
    striped
}

fn light_hits(sequences: &[StripedSequence<Dna>], matrix: &LogOddsMatrix, threshold: f64) -> usize {
    let strands = [matrix.clone(), matrix.reverse_complement()].map(|matrix| light(&matrix));
    let of = |sequence: &StripedSequence<Dna>| -> usize {
        let hits = strands.iter().map(|matrix| LightScanner::new(matrix, sequence).threshold(threshold as f32).count());
        hits.sum()
    };
    sequences.iter().map(of).sum()
}

fn light(matrix: &LogOddsMatrix) -> ScoringMatrix<Dna> {
    // lightmotif's order is A, C, T, G, N.
    let rows = matrix.rows().iter().map(|row| [row[0], row[1], row[3], row[2], f64::NEG_INFINITY].map(|x| x as f32));
    ScoringMatrix::new(LightBackground::uniform(), DenseMatrix::from_rows(rows))
}
