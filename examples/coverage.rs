//! How far can a verdict be trusted? Simulates tracks on which two models differ by a known amount, and counts how
//! often the 95 % interval holds that amount, how often a difference is found, and how often one where there is none.
//!
//! In: nothing. Printed: a line for each number of training seeds and of blocks with bound bins. What it says stands in
//! `docs/design/verdicts.md`.
//!
//! `cargo run --release --example coverage`

use clap::{Parser, ValueEnum};
use multitf::{
    Result,
    eval::{Blocks, Bootstrap, NA, Resampled, SIGNIFICANT_Q},
    genome::{
        Interval as Bin,
        Label::{self, Bound, Unbound},
    },
    metric::RankedTrack,
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

const BIN_BP: usize = 1_000;
const BINS_A_BLOCK: usize = 10;
/// Blocks without a bound bin, for each block with one.
const EMPTY_BLOCKS: usize = 2;
/// How far bound bins score above others, in standard deviations of the noise of a bin.
const SIGNAL: f64 = 2.0;
/// How much all bins of a block, and its bound bins once more, err together.
const BLOCK_SD: f64 = 0.5;
const POWER: f64 = 0.8;
/// The difference in signal that is found with this power is looked for below this, by halvings.
const GREATEST: f64 = 3.0;
const HALVINGS: usize = 7;
/// The size of the one simulation that gives the truth.
const TRUE_SEEDS: u64 = 100;
const TRUE_BLOCKS: u64 = 400;

/// Simulates how often intervals hold the true difference between two models, and verdicts are right.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// Simulated tracks for each line.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    tracks: u64,
    /// Bootstrap replicates.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u64).range(2..))]
    replicates: u64,
    /// Training seeds of each model.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3,5", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Vec<u64>,
    /// Blocks of the genome with bound bins.
    #[arg(long, value_delimiter = ',', default_value = "12,40,120", value_parser = clap::value_parser!(u64).range(1..))]
    blocks: Vec<u64>,
    /// Bound bins in each of these blocks, of ten.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..10))]
    bound_bins: u64,
    /// How much more bound bins stand out in one model than in the other, in standard deviations of the noise of a bin.
    #[arg(long, default_value_t = 0.4)]
    difference: f64,
    /// How much a model's signal varies between its trainings, in the same unit.
    #[arg(long, default_value_t = 0.1)]
    seed_sd: f64,
    /// How the interval is made.
    #[arg(long, value_enum, default_value_t = Method::Percentile)]
    interval: Method,
}

/// An interval of a difference.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// That of the library: percentiles, the same seeds drawn for both models.
    Percentile,
    /// Percentiles, seeds drawn for each model by itself.
    Independent,
    /// Student's t, with the variances of blocks and seeds added and degrees of freedom after Satterthwaite; from two
    /// seeds on.
    T,
}

/// The process that makes tracks.
#[derive(Clone, Copy)]
struct Process {
    seeds: usize,
    bound_blocks: usize,
    bound_bins: usize,
    seed_sd: f64,
}

/// What a simulated track shows.
struct Finding {
    interval: (f64, f64),
    is_found: bool,
    detectable: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let large = Process::new(&args, TRUE_SEEDS, TRUE_BLOCKS);
    let scores = large.average_precisions(SIGNAL)?;
    let (score, spread) = (mean(&scores), variance(&scores).sqrt());
    let expected = large.true_difference(args.difference)?;
    print!("average precision {score:.3}, standard deviation between trainings {spread:.3}, ");
    println!("difference {expected:.3}");
    println!("seeds\tblocks\tcoverage\tfalse\tpower\tdetectable\tfound_80");
    for &seeds in args.seeds.iter().filter(|seeds| args.interval != Method::T || **seeds > 1) {
        for &blocks in &args.blocks {
            let process = Process::new(&args, seeds, blocks);
            let findings = process.findings(args.difference, args.tracks, &args)?;
            let holds = |finding: &Finding| (finding.interval.0..=finding.interval.1).contains(&expected);
            let numbers = [
                share(&findings, holds),
                share(&process.findings(0.0, args.tracks, &args)?, |finding| finding.is_found),
                share(&findings, |finding| finding.is_found),
                median(findings.iter().map(|finding| finding.detectable).collect()),
            ];
            let found = process.found(&args)?.map(|difference| large.true_difference(difference)).transpose()?;
            let found = found.map_or_else(|| NA.to_owned(), |found| format!("{found:.3}"));
            println!("{seeds}\t{blocks}\t{}\t{found}", numbers.map(|number| format!("{number:.3}")).join("\t"));
        }
    }
    Ok(())
}

fn share(findings: &[Finding], is_counted: impl Fn(&Finding) -> bool) -> f64 {
    findings.iter().filter(|finding| is_counted(finding)).count() as f64 / findings.len() as f64
}

impl Process {
    const fn new(args: &Args, seeds: u64, bound_blocks: u64) -> Self {
        let (seeds, bound_blocks, bound_bins) = (seeds as usize, bound_blocks as usize, args.bound_bins as usize);
        Self { seeds, bound_blocks, bound_bins, seed_sd: args.seed_sd }
    }

    fn blocks(&self) -> Blocks {
        let bins = self.bound_blocks * (1 + EMPTY_BLOCKS) * BINS_A_BLOCK;
        let bin = |bin| Bin { chromosome: 0, start: bin * BIN_BP, end: (bin + 1) * BIN_BP };
        Blocks::new((0..bins).map(bin), BINS_A_BLOCK * BIN_BP)
    }

    /// A run of bound bins somewhere in each of the first blocks.
    fn labels(&self, random: &mut impl RngExt, bins: usize) -> Vec<Label> {
        let mut labels = vec![Unbound; bins];
        for block in labels.chunks_mut(BINS_A_BLOCK).take(self.bound_blocks) {
            let start = random.random_range(0..=BINS_A_BLOCK - self.bound_bins);
            block[start..start + self.bound_bins].fill(Bound);
        }
        labels
    }

    /// The scores of one model, a vector for each seed: a signal whose strength varies with the seed, errors that a
    /// block shares whatever the seed, and noise.
    fn scores(&self, random: &mut impl RngExt, labels: &[Label], signal: f64) -> Vec<Vec<f32>> {
        let blocks: Vec<[f64; 2]> =
            (0..labels.len() / BINS_A_BLOCK).map(|_| [normal(random), normal(random)]).collect();
        let of_seed = |_| {
            let signal = self.seed_sd.mul_add(normal(random), signal);
            let bins = labels.iter().enumerate();
            bins.map(|(bin, label)| {
                let [all, bound] = blocks[bin / BINS_A_BLOCK];
                let is_bound = f64::from(u8::from(*label == Bound));
                BLOCK_SD.mul_add(is_bound.mul_add(bound, all), is_bound.mul_add(signal, normal(random))) as f32
            })
            .collect()
        };
        (0..self.seeds).map(of_seed).collect()
    }

    /// A model's ranking for each seed.
    fn rank(
        &self,
        random: &mut impl RngExt,
        (blocks, labels): (&Blocks, &[Label]),
        signal: f64,
    ) -> Result<Vec<RankedTrack>> {
        self.scores(random, labels, signal).iter().map(|scores| blocks.rank(scores, labels)).collect()
    }

    /// The score of a model for each seed, the same numbers drawn whatever the signal.
    fn average_precisions(&self, signal: f64) -> Result<Vec<f64>> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::MAX);
        let blocks = self.blocks();
        let labels = self.labels(&mut random, blocks.by_bin().len());
        let once = vec![1; blocks.len()];
        let rankings = self.rank(&mut random, (&blocks, &labels), signal)?;
        Ok(rankings.iter().filter_map(|track| track.weighted_average_precision(&once)).collect())
    }

    /// How much the expected score rises with the signal.
    fn true_difference(&self, difference: f64) -> Result<f64> {
        Ok(mean(&self.average_precisions(SIGNAL + difference)?) - mean(&self.average_precisions(SIGNAL)?))
    }

    /// The difference in signal that is found in 80 % of a quarter of the tracks, if it is not too great.
    fn found(&self, args: &Args) -> Result<Option<f64>> {
        let (mut low, mut high) = (0.0, GREATEST);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            let findings = self.findings(middle, args.tracks.div_ceil(4), args)?;
            let is_low = share(&findings, |finding| finding.is_found) < POWER;
            *(if is_low { &mut low } else { &mut high }) = middle;
        }
        Ok((high < GREATEST).then_some(f64::midpoint(low, high)))
    }

    fn findings(&self, difference: f64, tracks: u64, args: &Args) -> Result<Vec<Finding>> {
        (0..tracks).map(|number| self.finding(difference, number, args)).collect()
    }

    fn finding(&self, difference: f64, number: u64, args: &Args) -> Result<Finding> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(number);
        let blocks = self.blocks();
        let labels = self.labels(&mut random, blocks.by_bin().len());
        let bootstrap = Bootstrap { replicates: args.replicates as usize, seed: number };
        let mut resample = |signal| {
            let rankings = self.rank(&mut random, (&blocks, &labels), signal)?;
            Ok(bootstrap.resample(&rankings, blocks.len()))
        };
        let [a, b]: [Vec<Option<Resampled>>; 2] = [resample(SIGNAL + difference)?, resample(SIGNAL)?];
        let by_seed = |model: &[Option<Resampled>]| model.iter().map(|track| vec![track.clone()]).collect::<Vec<_>>();
        let differences = bootstrap.differences(&by_seed(&a), &by_seed(&b))?;
        let Some(difference) = &differences.tracks()[0] else { unreachable!("each track has bound and unbound bins") };
        let models = [a, b].map(|model| model.into_iter().flatten().collect::<Vec<_>>());
        let interval = match args.interval {
            Method::Percentile => difference.interval(),
            Method::Independent => independent(&models, &mut random),
            Method::T => student(&models, difference.delta()),
        };
        let is_found = match args.interval {
            Method::Percentile => difference.p_value() < SIGNIFICANT_Q,
            _ => interval.0 > 0.0 || interval.1 < 0.0,
        };
        Ok(Finding { interval, is_found, detectable: difference.detectable().unwrap_or(f64::NAN) })
    }
}

/// The percentile interval if each model draws its own seeds.
fn independent(models: &[Vec<Resampled>; 2], random: &mut impl RngExt) -> (f64, f64) {
    let replicates = models[0][0].replicates().len();
    let mut drawn: Vec<f64> = (0..replicates)
        .map(|replicate| {
            let [a, b] = models.each_ref().map(|model| {
                let draw = |_| model[random.random_range(0..model.len())].replicates()[replicate];
                mean(&(0..model.len()).map(draw).collect::<Vec<f64>>())
            });
            a - b
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    (drawn[replicates / 40], drawn[replicates - 1 - replicates / 40])
}

/// Student's interval of the sum of two variances: that of the mean over seeds between blocks, and that between seeds.
fn student([a, b]: &[Vec<Resampled>; 2], delta: f64) -> (f64, f64) {
    let seeds = a.len() as f64;
    let mean_over_seeds = |replicate: usize| {
        let differences = a.iter().zip(b).map(|(a, b)| a.replicates()[replicate] - b.replicates()[replicate]);
        differences.sum::<f64>() / seeds
    };
    let between_blocks = variance(&(0..a[0].replicates().len()).map(mean_over_seeds).collect::<Vec<_>>());
    let of_seeds: Vec<f64> = a.iter().zip(b).map(|(a, b)| a.point_estimate() - b.point_estimate()).collect();
    let between_seeds = variance(&of_seeds) / seeds;
    let total = between_blocks + between_seeds;
    let freedom = (total / between_seeds).powi(2) * (seeds - 1.0);
    let half = t_975(freedom.min(1_000.0)) * total.sqrt();
    (delta - half, delta + half)
}

/// The quantile .975 of Student's t: `t = sqrt(f) tan x`, where the density of `x` is in proportion to
/// `cos(x)^(f - 1)`.
fn t_975(freedom: f64) -> f64 {
    const STEPS: usize = 5_000;
    let angle = |step: usize| (step as f64 + 0.5) / STEPS as f64 * std::f64::consts::FRAC_PI_2;
    let density: Vec<f64> = (0..STEPS).map(|step| angle(step).cos().powf(freedom - 1.0)).collect();
    let wanted = 0.95 * density.iter().sum::<f64>();
    let mut sum = 0.0;
    let step = density.iter().position(|density| {
        sum += density;
        sum >= wanted
    });
    freedom.sqrt() * angle(step.unwrap_or(STEPS - 1)).tan()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// A normal number, by the method of Box and Muller.
fn normal(random: &mut impl RngExt) -> f64 {
    let (radius, angle): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}
