//! Writes what a model says of every bin of a genome as tracks for a genome browser.
//!
//! In: a model (`--model model.safetensors`, as a training leaves it) and a data set (`--data DIR/dataset.toml`), whose
//! genome, bins and accessibility are used. Out, in the folder `--out`: `TASK.bedGraph` or `TASK.CELL.bedGraph`, or
//! bigWig files of the same names, and `tracks.json`, from which an interrupted run goes on. `--shard K/N` writes one of
//! several parts to `OUT/shard-K-of-N`, and `--merge` puts these together.

mod args;
mod bars;
mod setting;
mod shards;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use multitf::{
    Error, Result,
    data::Dataset,
    genome::{Genome, bedgraph_to_bigwig},
    predict::{GenomeScan, merge_tracks},
};

use crate::{
    args::{Args, Format, given},
    setting::Setting,
};

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = if args.merge { merge(&args) } else { predict(&args) };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn predict(args: &Args) -> Result<()> {
    let setting = Setting::prepare(args)?;
    let folder = args.shard.map_or_else(|| args.out.clone(), |shard| shards::folder(&args.out, shard));
    let bedgraphs = scan(args, &setting, &folder)?;
    bedgraphs.iter().try_for_each(|path| check_there(args, path))?;
    let genome = (args.format != Format::Bedgraph).then(|| setting.dataset.genome());
    finish(args, &folder, genome, bedgraphs)
}

/// Puts the shards together.
fn merge(args: &Args) -> Result<()> {
    let dataset = (args.format != Format::Bedgraph).then(|| {
        let expected = "a data set, whose genome says how long chromosomes are in bigWig files";
        Dataset::open(given("--data", expected, args.data.as_deref())?)
    });
    let dataset = dataset.transpose()?;
    let bedgraphs = merge_tracks(&shards::folders(&args.out)?, &args.out)?;
    finish(args, &args.out, dataset.as_ref().map(Dataset::genome), bedgraphs)
}

/// Writes bigWig files too if they are asked for, which takes a genome.
fn finish(args: &Args, folder: &Path, genome: Option<&Genome>, bedgraphs: Vec<PathBuf>) -> Result<()> {
    let mut written = genome.map_or_else(|| Ok(Vec::new()), |genome| bigwigs(args, genome, &bedgraphs))?;
    if args.format != Format::Bigwig {
        written.extend(bedgraphs);
    }
    println!("{} files in {}", written.len(), folder.display());
    Ok(())
}

/// Scans the genome or a shard of it, and returns the bedGraph files.
fn scan(args: &Args, setting: &Setting, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut writer = setting.writer(args)?.open(folder, setting.source())?;
    let scan = GenomeScan::new(&setting.file.model, setting.source(), &setting.device)?
        .with_chromosomes(&setting.chromosomes)
        .with_shard(setting.shard)
        .after(writer.done());
    let bar = bars::bins(scan.bins(), writer.done());
    scan.run(|part| {
        writer.write(&part)?;
        bar.inc(part.bins.len() as u64);
        bar.set_message(setting.dataset.genome().name(part.chromosome).to_owned());
        Ok(())
    })?;
    bar.finish_and_clear();
    writer.finish(scan.bins())
}

/// An earlier call for bigWig files alone has left no bedGraph file.
fn check_there(args: &Args, bedgraph: &Path) -> Result<()> {
    let is_there = bedgraph.exists() || args.format == Format::Bigwig && bedgraph.with_extension("bigWig").exists();
    if is_there {
        return Ok(());
    }
    let (what, expected) = (bedgraph.display().to_string(), "the file of a run that is done".into());
    Err(Error::Mismatch { what, expected, found: "none: remove tracks.json to scan again".into() })
}

/// Writes bigWig files beside the bedGraph files, and removes those if they are not asked for.
fn bigwigs(args: &Args, genome: &Genome, bedgraphs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let bar = bars::files(bedgraphs.len());
    let mut written = Vec::new();
    for bedgraph in bedgraphs {
        let path = bedgraph.with_extension("bigWig");
        // Those of an earlier call whose bedGraph is gone are whole.
        if bedgraph.exists() {
            bedgraph_to_bigwig(bedgraph, &path, genome)?;
        }
        written.push(path);
        if args.format == Format::Bigwig && bedgraph.exists() {
            fs::remove_file(bedgraph).map_err(|source| Error::Io { path: bedgraph.clone(), source })?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(written)
}
