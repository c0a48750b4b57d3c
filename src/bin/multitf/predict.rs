//! Writes the predictions of a model for every bin of a genome as tracks for a genome browser.
//!
//! In: a model (`--model model.safetensors`, as written by a training) and a data set (`--data DIR/dataset.toml`),
//! whose genome, bins and accessibility are used, and must be those that the model was made for. Out, in the folder
//! `--out`: `TASK.bedGraph` or `TASK.CELL.bedGraph`, or bigWig files of the same names, and `tracks.json`, from which
//! an interrupted run is resumed. Files that this run has not written are replaced with `--force` only. `--shard K/N`
//! writes one of several parts to `OUT/shard-K-of-N`, and `--merge` joins these. With `--fasta` or `--regions`,
//! sequences or regions of the genome are scored in place of all bins, to `scores.tsv`.

mod args;
mod sequences;
mod setting;

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{
    Error, Result,
    data::DatasetConfig,
    genome::Genome,
    predict::{BigwigConfig, GenomeScan, Shard, merge_tracks_with},
};

pub use self::args::Args;
use self::{
    args::{Format, given},
    setting::Inputs,
};
use crate::progress::bar;

/// Predicts, or merges shards.
pub fn run(args: &Args) -> Result<()> {
    if args.fasta.is_some() || args.regions.is_some() {
        return sequences::run(args);
    }
    if args.merge { merge(args) } else { predict(args) }
}

fn predict(args: &Args) -> Result<()> {
    let inputs = Inputs::open(args)?;
    let folder = args.shard.map_or_else(|| args.out.clone(), |shard| shard_folder(&args.out, shard));
    let bedgraphs = scan(args, &inputs, &folder)?;
    if args.format != Format::Bigwig {
        bedgraphs.iter().try_for_each(|path| check_exists(path))?;
    }
    let genome = (args.format != Format::Bedgraph).then(|| inputs.dataset.genome());
    finish(args, &folder, genome, bedgraphs)
}

/// Merges the shards.
fn merge(args: &Args) -> Result<()> {
    let genome = (args.format != Format::Bedgraph).then(|| {
        let expected = "a data set, whose genome says how long chromosomes are in bigWig files";
        let config = DatasetConfig::open(given("--data", expected, args.data.as_deref())?)?;
        Genome::open(config.path(&config.genome))
    });
    let genome = genome.transpose()?;
    let bedgraphs = merge_tracks_with(&shard_folders(&args.out)?, &args.out, args.existing_files())?;
    finish(args, &args.out, genome.as_ref(), bedgraphs)
}

/// Writes the bigWig files if there is a genome, and reports all files.
fn finish(args: &Args, folder: &Path, genome: Option<&Genome>, bedgraphs: Vec<PathBuf>) -> Result<()> {
    let mut written = genome.map_or_else(|| Ok(Vec::new()), |genome| bigwigs(args, genome, folder, bedgraphs.len()))?;
    if args.format != Format::Bigwig {
        written.extend(bedgraphs);
    }
    println!("{} files in {}", written.len(), folder.display());
    Ok(())
}

/// Scans the genome or a shard of it, and returns the bedGraph files.
fn scan(args: &Args, inputs: &Inputs, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut writer = inputs.writer(args)?.open_with(folder, inputs.source(), args.existing_files())?;
    let scan = GenomeScan::new(&inputs.file.model, inputs.source(), &inputs.device)?
        .with_chromosomes(&inputs.chromosomes)
        .with_shard(inputs.shard)
        .skipping(writer.bins_written());
    let bar = bar(scan.bins(), "{elapsed_precise} {wide_bar} {percent}% {per_sec} bins eta {eta} {msg}");
    bar.set_position(writer.bins_written() as u64);
    bar.reset_eta();
    scan.run(|part| {
        writer.write(&part)?;
        bar.inc(part.bins.len() as u64);
        bar.set_message(inputs.dataset.genome().name(part.chromosome).to_owned());
        Ok(())
    })?;
    bar.finish_and_clear();
    writer.finish(scan.bins())
}

/// Refuses to finish a run without a bedGraph file: an earlier call for bigWig files alone has removed it.
fn check_exists(bedgraph: &Path) -> Result<()> {
    if bedgraph.exists() {
        return Ok(());
    }
    let (what, expected) = (bedgraph.display().to_string(), "the file of a run that is done".into());
    let found = "none, since an earlier call has left bigWig files alone: choose another folder, or remove \
                 tracks.json and scan again with --force";
    Err(Error::Mismatch { what, expected, found: found.into() })
}

/// Writes bigWig files beside the bedGraph files, and removes those if they are not wanted.
fn bigwigs(args: &Args, genome: &Genome, folder: &Path, files: usize) -> Result<Vec<PathBuf>> {
    let bar = bar(files, "{elapsed_precise} {wide_bar} {pos}/{len} bigWig files eta {eta}");
    let config = BigwigConfig { removes_bedgraphs: args.format == Format::Bigwig, existing: args.existing_files() };
    let written = config.write(folder, genome, |_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(written)
}

/// The folder of a shard.
fn shard_folder(out: &Path, shard: Shard) -> PathBuf {
    out.join(format!("shard-{}-of-{}", shard.index(), shard.count()))
}

/// The folders of all shards, by name.
fn shard_folders(out: &Path) -> Result<Vec<PathBuf>> {
    let refused = |source| Error::Io { path: out.to_owned(), source };
    let mut folders = Vec::new();
    for entry in fs::read_dir(out).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_name().to_string_lossy().starts_with("shard-") {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}
