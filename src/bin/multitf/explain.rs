//! Writes what a model reads in some regions.
//!
//! In: a model (`--model`), and intervals of a data set's genome (`--data`, `--regions`) or the records of a FASTA file
//! (`--fasta`). Out, in the folder `--out`: `report.html`, `hits.bed`, `regions.tsv`, `positions.tsv.gz`, `one-hot.npz`
//! and `contributions/TASK.npz`, and with `--data` `contributions/TASK.bigWig`, `filters.html` and `filters.meme`; each
//! gets its name when it is whole, after the last region. Existing files are replaced with `--force` only.

use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use multitf::{
    Error, Result,
    data::Split,
    device,
    explain::{BaseEffects, ExplanationWriter, HitFinder, Mutagenesis, bound_bins, filter_profiles, tiles},
    genome::{Genome, Interval, read_intervals},
    motif::MotifSet,
    nn::{ModelFile, Network},
};

use crate::{existing::refuse_existing, model_data::ModelData, progress::bar};

/// Bound training bins that profiles of filters are counted from.
const FILTER_BINS: usize = 2_000;

/// Says what a model reads: the effect of every change of one base on the log-odds of every task.
///
/// Each letter of report.html is the contribution of a base. The arrays are those that `modisco motifs -s one-hot.npz
/// -a contributions/TASK.npz` reads.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLE)]
pub struct Args {
    /// A model: model.safetensors, as a training writes it to its folder.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// A data set: dataset.toml. Its genome, accessibility and motifs are used, and of its labels those to train
    /// on, which say where filters find what they are named after.
    #[arg(long, value_name = "FILE", required_unless_present = "fasta")]
    data: Option<PathBuf>,
    /// The intervals to explain, a BED file: the model's context around the middle of each.
    #[arg(long, value_name = "BED", required_unless_present = "fasta")]
    regions: Option<PathBuf>,
    /// Cut intervals into pieces as long as the context, and explain each.
    #[arg(long, requires = "regions")]
    tile: bool,
    /// Explain the records of a FASTA file; for models that read no accessibility.
    #[arg(long, value_name = "FASTA", conflicts_with_all = ["data", "regions", "cell"])]
    fasta: Option<PathBuf>,
    /// The cell type whose accessibility the model sees [default: the only one].
    #[arg(long, value_name = "NAME")]
    cell: Option<String>,
    /// The model's tasks to explain, separated by commas [default: all].
    #[arg(long, value_name = "TASK,TASK", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    /// Leave out sites of motifs that contribute less to the log-odds.
    #[arg(long, value_name = "X", default_value_t = 0.5)]
    least_contribution: f32,
    /// Estimate the effects by gradients on the device, in place of exact ones.
    #[arg(long)]
    by_gradient: bool,
    /// The device of gradients and of layers of 16 bits; others are explained on the host [default: `$BURN_DEVICE`, or
    /// the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
    /// The folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLE: &str = "\
What the peaks of a shared model's factors consist of, in a browser and for TF-MoDISco:

  multitf explain --model out/yeast/runs/recipe/all/0/model.safetensors --data yeast/dataset.toml \\
    --regions peaks.bed --tasks Reb1,Abf1 --out out/explained
  modisco motifs -s out/explained/one-hot.npz -a out/explained/contributions/Reb1.npz -n 2000 -w 300 -o reb1.h5";

/// Explains regions of a genome, or sequences.
pub fn run(args: &Args) -> Result<()> {
    match (&args.fasta, &args.regions, &args.data) {
        (Some(fasta), ..) => explain_fasta(args, fasta),
        (None, Some(regions), Some(data)) => explain_regions(args, data, regions),
        // The parser asks for them.
        _ => Ok(()),
    }
}

fn explain_regions(args: &Args, data: &Path, regions: &Path) -> Result<()> {
    let on = ModelData::open_labelled(&args.model, data, args.cell.as_deref(), args.device.as_deref())?;
    let (mut intervals, skipped) = read_intervals(regions, on.dataset.genome())?;
    if skipped.count > 0 {
        eprintln!("note: {skipped}");
    }
    if args.tile {
        intervals = tiles(&intervals, on.file.model.context_bp());
    }
    let title = format!("{} in {}", on.dataset.name(), on.cell_name());
    let known = Known { genome: Some(on.dataset.genome()), motifs: on.dataset.motifs(), filters: filters(&on)? };
    explain(args, &on.file, known, intervals.len(), &title, |mutagenesis, each| {
        mutagenesis.regions(on.source(), &intervals, each)
    })
}

fn explain_fasta(args: &Args, fasta: &Path) -> Result<()> {
    let file = ModelFile::open(&args.model, &device::named(args.device.as_deref())?)?;
    let count = Genome::open(fasta)?.len();
    let title = fasta.display().to_string();
    explain(args, &file, Known::default(), count, &title, |mutagenesis, each| mutagenesis.fasta(fasta, each))
}

/// What a data set knows.
#[derive(Default)]
struct Known<'a> {
    genome: Option<&'a Genome>,
    motifs: Option<&'a MotifSet>,
    filters: Option<MotifSet>,
}

/// The profiles of the model's filters, from training bins that its tasks bind in the cell type; none without such
/// bins.
fn filters(on: &ModelData) -> Result<Option<MotifSet>> {
    let known = on.dataset.tasks().iter().enumerate();
    let tasks: Vec<usize> =
        known.filter(|(_, task)| on.file.tasks.contains(&task.name)).map(|(task, _)| task).collect();
    if tasks.is_empty() {
        return Ok(None);
    }
    let bins = bound_bins(&on.dataset, &tasks, Split::Train, on.file.model.context_bp(), FILTER_BINS)?;
    let bins: Vec<Interval> = bins.into_iter().filter(|(cell, _)| *cell == on.cell).map(|(_, bin)| bin).collect();
    if bins.is_empty() { Ok(None) } else { filter_profiles(&on.file, on.source(), &bins).map(Some) }
}

type Each<'a> = &'a mut dyn FnMut(BaseEffects) -> Result<()>;

/// Writes the files of all regions, with a progress bar.
fn explain(
    args: &Args,
    file: &ModelFile,
    known: Known<'_>,
    count: usize,
    title: &str,
    run: impl FnOnce(&Mutagenesis<'_>, Each<'_>) -> Result<()>,
) -> Result<()> {
    if !args.least_contribution.is_finite() {
        let (key, found) = ("--least-contribution".into(), args.least_contribution.to_string());
        return Err(Error::Config { key, expected: "a finite number".into(), found });
    }
    let make = if args.by_gradient { Mutagenesis::by_gradient } else { Mutagenesis::new };
    let mut mutagenesis = make(file)?;
    if let Some(tasks) = &args.tasks {
        mutagenesis = mutagenesis.with_tasks(tasks).map_err(|error| error.asked_by("--tasks"))?;
    }
    let tasks = mutagenesis.tasks();
    refuse_existing(&ExplanationWriter::existing(&args.out, &tasks), args.force)?;
    let mut finder = HitFinder::new(&mutagenesis)?.with_least_contribution(args.least_contribution);
    if let Some(motifs) = known.motifs {
        finder = finder.with_profiles(motifs);
    }
    let mut writer = ExplanationWriter::create(&args.out, &finder, count)?;
    if let Some(genome) = known.genome {
        writer = writer.with_tracks(genome);
    }
    if let Some(filters) = known.filters {
        writer = writer.with_profiles(filters);
    }
    let bar: ProgressBar = bar(count, "{elapsed_precise} {wide_bar} {pos}/{len} regions {per_sec} eta {eta}");
    run(&mutagenesis, &mut |effects| {
        bar.inc(1);
        writer.write(&effects, &finder.find(&effects)?)
    })?;
    bar.finish_and_clear();
    writer.finish(title)?;
    println!("{count} regions explained for {} tasks in {}", tasks.len(), args.out.display());
    Ok(())
}
