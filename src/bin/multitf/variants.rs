//! Says what variants do to each task.
//!
//! In: a model (`--model`), a genome (`--data`, with accessibility, or `--genome`), and a VCF file (`--vcf`). Out: the
//! VCF file `--out` with the effects as INFO fields, its tabix index with `--index`, and the table `--table`; each gets
//! its name when it is whole. Existing files are replaced with `--force` only.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use multitf::{
    Error, Result,
    data::QuantileMap,
    device,
    explain::{VariantAnnotator, VariantScorer, VariantValue},
    genome::{BinGrid, Genome, SignalTrack},
    nn::{ModelFile, Network},
    predict::{ScanSource, TrackValue},
};

use crate::{existing::refuse_existing, model_data::ModelData, progress::bar};

/// Says what each variant of a VCF file does to the log-odds of every task.
///
/// The model sees the genome's bases and the variant's, each in a window around the variant, on both strands. Every
/// record comes back, in its order, with its effect or the reason why it has none.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLE)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Args {
    /// A model: model.safetensors, as a training writes it to its folder.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// A data set: dataset.toml. Its genome and its accessibility are used.
    #[arg(long, value_name = "FILE", required_unless_present = "genome")]
    data: Option<PathBuf>,
    /// A genome, FASTA or 2bit, in place of a data set.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "cell"])]
    genome: Option<PathBuf>,
    /// The variants, a VCF file: plain, gzip or bgzip.
    #[arg(long, value_name = "FILE")]
    vcf: PathBuf,
    /// The VCF file to write, compressed as bgzip if its name ends in .gz.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write a table, a row for each alternative and a column for each task; bgzip if its name ends in .gz.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// What the table has for each task, separated by commas.
    #[arg(
        long,
        value_enum,
        value_name = "VALUE,VALUE",
        value_delimiter = ',',
        default_value = "difference",
        requires = "table"
    )]
    columns: Vec<Column>,
    /// Log-odds, or probabilities and their differences.
    #[arg(long, value_enum, default_value_t = Unit::LogOdds)]
    value: Unit,
    /// Also write a tabix index of the VCF file, whose records have to be sorted.
    #[arg(long)]
    index: bool,
    /// The cell type whose accessibility the model sees [default: the only one].
    #[arg(long, value_name = "NAME")]
    cell: Option<String>,
    /// Let a model that reads accessibility see none anywhere.
    #[arg(long, value_enum, value_name = "none")]
    signal: Option<Signal>,
    /// The tasks to score, separated by commas [default: all].
    #[arg(long, value_name = "TASK,TASK", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    /// Give no score to records whose reference is not the genome's, in place of an error.
    #[arg(long)]
    skip_mismatches: bool,
    /// Score the forward strand alone.
    #[arg(long)]
    forward_only: bool,
    /// Take the mean over windows that are shifted by so many bases, separated by commas: -20,0,20.
    #[arg(long, value_name = "BP,BP", value_delimiter = ',', allow_hyphen_values = true, conflicts_with = "best_bin")]
    shifts: Option<Vec<i64>>,
    /// For each task, take the bin with the largest change of all that see the variant, in place of a window around it.
    #[arg(long)]
    best_bin: bool,
    /// The beginning of the names of INFO fields.
    #[arg(long, value_name = "WORD", default_value = "TFBS")]
    prefix: String,
    /// The device of layers of 16 bits; others run on the host [default: `$BURN_DEVICE`, or the first that was compiled
    /// in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
}

const EXAMPLE: &str = "\
What variants do in a cell type, as VCF with an index and as a table:

  multitf variants --model out/runs/recipe/all/0/model.safetensors --data dataset.toml --cell K562 \\
    --vcf variants.vcf.gz --out scored.vcf.gz --index --table scored.tsv.gz
  bcftools query -i 'abs(TFBS_CTCF)>1' -f '%CHROM %POS %REF %ALT %TFBS\\n' scored.vcf.gz";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Column {
    /// That of the variant minus that of the genome.
    Difference,
    /// That of the genome.
    Reference,
    /// That of the variant.
    Alternative,
}

impl From<Column> for VariantValue {
    fn from(column: Column) -> Self {
        match column {
            Column::Difference => Self::Difference,
            Column::Reference => Self::Reference,
            Column::Alternative => Self::Alternative,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    /// Log-odds of being bound.
    LogOdds,
    /// Probabilities of being bound.
    Probability,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Signal {
    /// No accessibility anywhere.
    None,
}

/// Annotates a VCF file.
pub fn run(args: &Args) -> Result<()> {
    check_free(args)?;
    match (&args.genome, &args.data) {
        (Some(genome), _) => on_genome(args, genome),
        (None, Some(data)) => on_data(args, data),
        // The parser asks for one of them.
        _ => Ok(()),
    }
}

fn on_data(args: &Args, data: &Path) -> Result<()> {
    let on = ModelData::open(&args.model, data, args.cell.as_deref(), args.device.as_deref())?;
    match args.signal {
        None => annotate(args, &on.file, on.source()),
        Some(Signal::None) => without_signal(args, &on.file, on.dataset.genome(), on.dataset.grid()),
    }
}

fn on_genome(args: &Args, genome: &Path) -> Result<()> {
    let file = ModelFile::open(&args.model, &device::named(args.device.as_deref())?)?;
    let genome = Genome::open(genome)?;
    let bins = file.inputs.as_ref().map(|inputs| (inputs.bin_bp, inputs.stride_bp));
    let context_bp = Network::context_bp(&file.model);
    let (bin_bp, stride_bp) = bins.unwrap_or((context_bp, context_bp));
    let grid = BinGrid::new(&genome, bin_bp, stride_bp)?;
    match args.signal {
        None if file.model.signal_tracks().is_some() => Err(Error::Config {
            key: "--genome".into(),
            expected:
                "a data set with accessibility (--data), as the model reads it, or --signal none for none anywhere"
                    .into(),
            found: "a genome alone".into(),
        }),
        None => annotate(args, &file, ScanSource::new(&genome, &grid)),
        Some(Signal::None) => without_signal(args, &file, &genome, &grid),
    }
}

fn without_signal(args: &Args, file: &ModelFile, genome: &Genome, grid: &BinGrid) -> Result<()> {
    let source = ScanSource::new(genome, grid);
    if file.model.signal_tracks().is_none() {
        return annotate(args, file, source);
    }
    let silent = SignalTrack::from_runs(genome, [])?;
    let inputs = file.inputs.as_ref();
    if let Some(reference) = inputs.and_then(|inputs| inputs.reference.as_ref()) {
        let map = QuantileMap::new(&silent, genome, reference);
        return annotate(args, file, source.with_quantile_map(&silent, &map));
    }
    let transform = inputs.and_then(|inputs| inputs.transform).unwrap_or_default();
    annotate(args, file, source.with_signal(&silent, transform))
}

fn annotate(args: &Args, file: &ModelFile, source: ScanSource<'_>) -> Result<()> {
    let mut scorer = VariantScorer::new(file)?;
    if let Some(tasks) = &args.tasks {
        scorer = scorer.with_tasks(tasks).map_err(|error| error.asked_by("--tasks"))?;
    }
    if args.forward_only {
        scorer = scorer.with_forward_strand();
    }
    if let Some(shifts) = &args.shifts {
        scorer = scorer.with_shifts(shifts)?;
    }
    if args.best_bin {
        scorer = scorer.with_best_bin();
    }
    let unit = match args.value {
        Unit::LogOdds => TrackValue::LogOdds,
        Unit::Probability => TrackValue::Probability,
    };
    let mut annotator = VariantAnnotator::new(&scorer, source).with_unit(unit)?.with_prefix(&args.prefix)?;
    if args.skip_mismatches {
        annotator = annotator.with_mismatches_skipped();
    }
    if args.index {
        annotator = annotator.with_index();
    }
    if let Some(table) = &args.table {
        let values: Vec<VariantValue> = args.columns.iter().map(|column| (*column).into()).collect();
        annotator = annotator.with_table(table, &values);
    }
    let bar = bar(0, "{elapsed_precise} {wide_bar} {pos}/{len} records {per_sec} eta {eta}");
    let summary = annotator.annotate(&args.vcf, &args.out, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    println!("{summary}");
    Ok(())
}

fn check_free(args: &Args) -> Result<()> {
    let mut paths: Vec<PathBuf> = args.table.iter().chain([&args.out]).cloned().collect();
    if args.index {
        let mut index = args.out.clone().into_os_string();
        index.push(".tbi");
        paths.push(index.into());
    }
    refuse_existing(&paths, args.force)
}
