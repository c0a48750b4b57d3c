//! Writes what a model says of every bin of a genome as tracks for a genome browser.
//!
//! In: a model (`--model model.safetensors`, as a training leaves it) and a data set (`--data DIR/dataset.toml`), whose
//! genome, bins and accessibility are used. Out, in the folder `--out`: `TASK.bedGraph` or `TASK.CELL.bedGraph`, or
//! bigWig files of the same names, and `tracks.json`, from which an interrupted run goes on.

mod args;
mod bars;
mod setting;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use multitf::{Error, Result, genome::bedgraph_to_bigwig, predict::GenomeScan};

use crate::{
    args::{Args, Format},
    setting::Setting,
};

fn main() -> ExitCode {
    match predict(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn predict(args: &Args) -> Result<()> {
    let setting = Setting::prepare(args)?;
    let bedgraphs = scan(args, &setting)?;
    bedgraphs.iter().try_for_each(|path| check_there(args, path))?;
    let mut written = Vec::new();
    if args.format != Format::Bigwig {
        written.extend(bedgraphs.clone());
    }
    if args.format != Format::Bedgraph {
        written.extend(bigwigs(args, &setting, &bedgraphs)?);
    }
    println!("{} files in {}", written.len(), args.out.display());
    Ok(())
}

/// Scans the genome, and returns the bedGraph files.
fn scan(args: &Args, setting: &Setting) -> Result<Vec<PathBuf>> {
    let mut writer = setting.writer(args)?.open(&args.out, setting.source())?;
    let scan = GenomeScan::new(&setting.file.model, setting.source(), &setting.device)?
        .with_chromosomes(&setting.chromosomes)
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
fn bigwigs(args: &Args, setting: &Setting, bedgraphs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let bar = bars::files(bedgraphs.len());
    let mut written = Vec::new();
    for bedgraph in bedgraphs {
        let path = bedgraph.with_extension("bigWig");
        // Those of an earlier call whose bedGraph is gone are whole.
        if bedgraph.exists() {
            bedgraph_to_bigwig(bedgraph, &path, setting.dataset.genome())?;
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
