//! Writes what a model says of every bin of a genome as tracks for a genome browser.
//!
//! In: a model (`--model model.safetensors`, as a training leaves it) and a data set (`--data DIR/dataset.toml`), whose
//! genome, bins and accessibility are used, and must be what the model was made for. Out, in the folder `--out`: `TASK.bedGraph` or `TASK.CELL.bedGraph`, or
//! bigWig files of the same names, and `tracks.json`, from which an interrupted run goes on. Files that this run has not
//! written are replaced with `--force` only. `--shard K/N` writes one of
//! several parts to `OUT/shard-K-of-N`, and `--merge` puts these together. With `--fasta` or `--regions` sequences or places in
//! the genome are scored in place of all bins, to `scores.tsv`.

mod args;
mod bars;
mod sequences;
mod setting;
mod shards;

use std::path::{Path, PathBuf};

use multitf::{
    Error, Result,
    data::DatasetConfig,
    genome::Genome,
    predict::{BigwigConfig, GenomeScan, merge_tracks_with},
};

pub use self::args::Args;
use self::{
    args::{Format, given},
    setting::Setting,
};

/// Predicts, or puts shards together.
pub fn run(args: &Args) -> Result<()> {
    if args.fasta.is_some() || args.regions.is_some() {
        return sequences::run(args);
    }
    if args.merge { merge(args) } else { predict(args) }
}

fn predict(args: &Args) -> Result<()> {
    let setting = Setting::prepare(args)?;
    let folder = args.shard.map_or_else(|| args.out.clone(), |shard| shards::folder(&args.out, shard));
    let bedgraphs = scan(args, &setting, &folder)?;
    if args.format != Format::Bigwig {
        bedgraphs.iter().try_for_each(|path| check_there(path))?;
    }
    let genome = (args.format != Format::Bedgraph).then(|| setting.dataset.genome());
    finish(args, &folder, genome, bedgraphs)
}

/// Puts the shards together.
fn merge(args: &Args) -> Result<()> {
    let genome = (args.format != Format::Bedgraph).then(|| {
        let expected = "a data set, whose genome says how long chromosomes are in bigWig files";
        let config = DatasetConfig::open(given("--data", expected, args.data.as_deref())?)?;
        Genome::open(config.path(&config.genome))
    });
    let genome = genome.transpose()?;
    let bedgraphs = merge_tracks_with(&shards::folders(&args.out)?, &args.out, args.foreign())?;
    finish(args, &args.out, genome.as_ref(), bedgraphs)
}

/// Writes bigWig files too if they are asked for, which takes a genome.
fn finish(args: &Args, folder: &Path, genome: Option<&Genome>, bedgraphs: Vec<PathBuf>) -> Result<()> {
    let mut written = genome.map_or_else(|| Ok(Vec::new()), |genome| bigwigs(args, genome, folder, bedgraphs.len()))?;
    if args.format != Format::Bigwig {
        written.extend(bedgraphs);
    }
    println!("{} files in {}", written.len(), folder.display());
    Ok(())
}

/// Scans the genome or a shard of it, and returns the bedGraph files.
fn scan(args: &Args, setting: &Setting, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut writer = setting.writer(args)?.open_with(folder, setting.source(), args.foreign())?;
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
fn check_there(bedgraph: &Path) -> Result<()> {
    if bedgraph.exists() {
        return Ok(());
    }
    let (what, expected) = (bedgraph.display().to_string(), "the file of a run that is done".into());
    let found = "none, since an earlier call has left bigWig files alone: choose another folder, or remove tracks.json and \
                 scan again with --force";
    Err(Error::Mismatch { what, expected, found: found.into() })
}

/// Writes bigWig files beside the bedGraph files, and removes those if they are not asked for.
fn bigwigs(args: &Args, genome: &Genome, folder: &Path, files: usize) -> Result<Vec<PathBuf>> {
    let bar = bars::files(files);
    let config = BigwigConfig { removes_bedgraphs: args.format == Format::Bigwig, foreign: args.foreign() };
    let written = config.write(folder, genome, |_| bar.inc(1))?;
    bar.finish_and_clear();
    Ok(written)
}
