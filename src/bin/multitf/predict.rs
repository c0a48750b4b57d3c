//! Writes the predictions of a model for every bin of a genome as tracks for a genome browser.
//!
//! In: a model (`--model model.safetensors`, as written by a training) and a data set (`--data DIR/dataset.toml`),
//! whose genome, bins and accessibility are used, and must be those that the model was made for. Out, in the folder
//! `--out`: `TASK.bedGraph` or `TASK.CELL.bedGraph`, or bigWig files of the same names, and `tracks.json`; with it and
//! `tracks.values` an interrupted run is resumed. Files that this run has not written are replaced with `--force` only.
//! `--shard K/N` writes one of several parts to `OUT/shard-K-of-N`, and `--merge` joins these. With `--fasta` or
//! `--regions`, sequences or regions of the genome are scored in place of all bins, to `scores.tsv`.

mod args;
mod sequences;
mod setting;

use std::{
    fs,
    path::{Path, PathBuf},
};

use indicatif::ProgressBar;
use multitf::{
    Error, Result,
    data::DatasetConfig,
    genome::Genome,
    predict::{BigwigConfig, GenomeScan, Shard, TrackFormat, merge_tracks_with},
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
    let files = scan(args, &inputs, &folder)?;
    report(&folder, files.len());
    Ok(())
}

/// Merges the shards.
fn merge(args: &Args) -> Result<()> {
    let genome = (args.format != Format::Bedgraph).then(|| {
        let expected = "a data set, whose genome says how long chromosomes are in bigWig files";
        let config = DatasetConfig::open(given("--data", expected, args.data.as_deref())?)?;
        Genome::open(config.path(&config.genome))
    });
    let genome = genome.transpose()?;
    let bedgraphs = merge_tracks_with(&shard_folders(&args.out)?, &args.out, args.existing_files())?.len();
    let written = genome.map_or(Ok(0), |genome| bigwigs(args, &genome, bedgraphs))?;
    report(&args.out, if args.format == Format::Bigwig { written } else { written + bedgraphs });
    Ok(())
}

fn report(folder: &Path, files: usize) {
    println!("{files} files in {}", folder.display());
}

/// Scans the genome or a shard of it, and returns the files.
fn scan(args: &Args, inputs: &Inputs, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut writer = inputs.writer(args)?.open_with(folder, inputs.on.source(), args.existing_files())?;
    let scan = GenomeScan::new(&inputs.on.file.model, inputs.on.source(), &inputs.on.device)?
        .with_chromosomes(&inputs.chromosomes)
        .with_shard(inputs.shard)
        .skipping(writer.bins_written());
    let bar = bar(scan.bins(), "{elapsed_precise} {wide_bar} {percent}% {per_sec} bins eta {eta} {msg}");
    bar.set_position(writer.bins_written() as u64);
    bar.reset_eta();
    scan.run(|part| {
        writer.write(&part)?;
        bar.inc(part.bins.len() as u64);
        bar.set_message(inputs.on.dataset.genome().name(part.chromosome).to_owned());
        Ok(())
    })?;
    bar.finish_and_clear();
    let format = TrackFormat::from(args.format);
    let formats = usize::from(format.has_bedgraph()) + usize::from(format.has_bigwig());
    let bar = files_bar(formats * inputs.tasks());
    let files = writer.finish_with(scan.bins(), format, |_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(files)
}

fn files_bar(files: usize) -> ProgressBar {
    bar(files, "{elapsed_precise} {wide_bar} {pos}/{len} files eta {eta}")
}

/// Writes bigWig files beside the merged bedGraph files, removes those if they are not wanted, and returns the number
/// of files.
fn bigwigs(args: &Args, genome: &Genome, files: usize) -> Result<usize> {
    let bar = files_bar(files);
    let config = BigwigConfig { removes_bedgraphs: args.format == Format::Bigwig, existing: args.existing_files() };
    let written = config.write(&args.out, genome, |_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(written.len())
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
