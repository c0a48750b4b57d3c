//! Discovers the motifs of a data set's factors in their bound training regions, and compares them with known profiles.
//!
//! In: a data set, and the profiles to compare with. Out, in the folder `--out`: `discovered.meme`, `discovered.tsv`
//! with each motif's similarity to its factor's profile, and the regions' sequences as `FACTOR.fa`, for other programs.
//! Printed: how many factors have a motif that is similar to the profile.
//!
//! `cargo run --release --example discover -- --data DIR/dataset.toml`

use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf, time::Instant};

use clap::Parser;
use multitf::{
    data::{Dataset, Split},
    genome::Interval,
    metric::q_values,
    motif::{Alignment, ColumnScore, DiscoveredMotif, Motif, MotifSet, RegionSet, discover},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Bases that a model sees around a bin.
const CONTEXT_BP: usize = 300;
/// A position of fewer bits at the end of a motif is not compared.
const MIN_BITS: f64 = 0.3;
const MIN_OVERLAP: usize = 6;
const SHUFFLES: usize = 1_999;
const SIGNIFICANT_Q: f64 = 0.05;

/// Discovers motifs in bound training regions, and compares them with known profiles.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    /// A data set: `dataset.toml`.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The profiles to compare with [default: the data set's].
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// Motifs of each factor.
    #[arg(long, default_value_t = 3)]
    count: usize,
    /// Compare motifs that another program found, `DIR/FACTOR.meme`, the best first.
    #[arg(long, value_name = "DIR")]
    found: Option<PathBuf>,
    /// Compare only motifs that score as much.
    #[arg(long, default_value_t = 0.0)]
    min_score: f64,
    /// Search as many random stretches in place of a factor's regions, to see what chance finds.
    #[arg(long, value_name = "SEED")]
    random: Option<u64>,
    /// The folder for everything that is written.
    #[arg(long, value_name = "DIR", default_value = "out/discover")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let dataset = Dataset::open(&args.data)?;
    let background = dataset.regions(Split::Train, CONTEXT_BP);
    let mut sets = sets(&dataset);
    if let Some(seed) = args.random {
        randomise(&mut sets, &background, seed);
    }
    fs::create_dir_all(&args.out)?;
    write_sequences(&dataset, &sets, &args)?;
    let start = Instant::now();
    let found = match &args.found {
        Some(folder) => read(&sets, folder, args.count)?,
        None => discover(dataset.genome(), &background, &sets, args.count),
    };
    let regions: usize = sets.iter().map(|set| set.regions.len()).sum();
    println!("{} motifs in {regions} regions, {:.2} s", found.len(), start.elapsed().as_secs_f64());
    MotifSet::from_motifs(found.iter().map(|one| one.motif.clone()).collect())?
        .write_meme(args.out.join("discovered.meme"))?;
    if args.random.is_some() {
        print_best_scores(&sets, &found);
    } else {
        let profiles = match &args.profiles {
            Some(path) => MotifSet::open(path)?,
            None => dataset.motifs().cloned().unwrap_or_default(),
        };
        compare(&sets, &found, &profiles, &args)?;
    }
    Ok(())
}

/// The regions of each factor that has some.
fn sets(dataset: &Dataset) -> Vec<RegionSet> {
    let mut by_factor = BTreeMap::<&str, Vec<usize>>::new();
    for (task, of) in dataset.tasks().iter().enumerate() {
        by_factor.entry(&of.factor).or_default().push(task);
    }
    let set = |(name, tasks): (&str, Vec<usize>)| RegionSet {
        name: name.to_owned(),
        regions: dataset.bound_regions(&tasks, Split::Train, CONTEXT_BP),
    };
    by_factor.into_iter().map(set).collect()
}

/// Replaces each region by a stretch of the same length anywhere in the background.
fn randomise(sets: &mut [RegionSet], background: &[Interval], seed: u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for region in sets.iter_mut().flat_map(|set| &mut set.regions) {
        let rooms: Vec<usize> = background.iter().map(|whole| whole.len().saturating_sub(region.len())).collect();
        let mut at = random.random_range(0..rooms.iter().sum::<usize>());
        for (whole, room) in background.iter().zip(rooms) {
            if at < room {
                let start = whole.start + at;
                *region = Interval { start, end: start + region.len(), ..*whole };
                break;
            }
            at -= room;
        }
    }
}

fn write_sequences(dataset: &Dataset, sets: &[RegionSet], args: &Args) -> std::io::Result<()> {
    for set in sets {
        let mut text = String::new();
        for region in &set.regions {
            let mut codes = vec![0; region.len()];
            dataset.genome().decode(region.chromosome, region.start as i64, &mut codes);
            let name = dataset.genome().name(region.chromosome);
            let letters: String = codes.iter().map(|&code| char::from(b"ACGTN"[usize::from(code)])).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, ">{name}:{}-{}\n{letters}", region.start, region.end);
        }
        fs::write(args.out.join(format!("{}.fa", set.name)), text)?;
    }
    Ok(())
}

/// The motifs of another program, without a score.
fn read(sets: &[RegionSet], folder: &std::path::Path, count: usize) -> multitf::Result<Vec<DiscoveredMotif>> {
    let mut found = Vec::new();
    for set in sets {
        let path = folder.join(format!("{}.meme", set.name));
        let motifs = if path.exists() { MotifSet::open(&path)? } else { MotifSet::default() };
        for (number, motif) in motifs.iter().take(count).enumerate() {
            let (id, name) = (format!("{}-{}", set.name, number + 1), set.name.clone());
            found.push(DiscoveredMotif { motif: Motif { id, name, ..motif.clone() }, score: f64::NAN });
        }
    }
    Ok(found)
}

fn print_best_scores(sets: &[RegionSet], found: &[DiscoveredMotif]) {
    let best = |set: &RegionSet| found.iter().find(|one| one.motif.name == set.name).map_or(0.0, |one| one.score);
    let mut scores: Vec<f64> = sets.iter().map(best).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let highest: Vec<String> = scores.iter().take(10).map(|score| format!("{score:.1}")).collect();
    println!("the best motifs of {} sets score {}", sets.len(), highest.join(", "));
}

/// Writes each motif's similarity to its factor's profile, and prints how many factors have a similar one.
fn compare(
    sets: &[RegionSet],
    found: &[DiscoveredMotif],
    profiles: &MotifSet,
    args: &Args,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut table = "factor\trank\tconsensus\tsites\tscore\tprofile\tprofile_consensus\tp\n".to_owned();
    let mut p_values = Vec::new();
    for set in sets {
        let Some(profile) = profiles.find(&set.name) else { continue };
        // Motifs of other programs have no score.
        let is_strong = |one: &&DiscoveredMotif| one.score.is_nan() || one.score >= args.min_score;
        let of_set = found.iter().filter(|one| one.motif.name == set.name).filter(is_strong);
        let mut of_factor = Vec::new();
        for (rank, one) in (1..).zip(of_set) {
            let Some(core) = one.motif.matrix.trimmed(MIN_BITS) else { continue };
            let p = Alignment::p_value(&core, &profile.matrix, ColumnScore::Pearson, MIN_OVERLAP, SHUFFLES, 0);
            let (sites, score) = (one.motif.sites.unwrap_or(f64::NAN), one.score);
            let (name, consensus) = (&set.name, core.consensus());
            let known = (&profile.id, profile.matrix.consensus());
            let _ = writeln!(
                table,
                "{name}\t{rank}\t{consensus}\t{sites:.0}\t{score:.1}\t{}\t{}\t{p:.4}",
                known.0, known.1
            );
            of_factor.push(p);
        }
        p_values.push(of_factor);
    }
    fs::write(args.out.join("discovered.tsv"), table)?;
    for top in [1, args.count] {
        // The best of some is corrected for their number (Bonferroni).
        let best = |of_factor: &Vec<f64>| {
            let few = &of_factor[..top.min(of_factor.len())];
            (few.len().max(1) as f64 * few.iter().copied().fold(1.0, f64::min)).min(1.0)
        };
        let best: Vec<f64> = p_values.iter().map(best).collect();
        let similar = q_values(&best).iter().filter(|q| **q <= SIGNIFICANT_Q).count();
        println!("top {top}: similar to the profile for {similar} of {} factors (q <= {SIGNIFICANT_Q})", best.len());
    }
    Ok(())
}
