//! Sequences and places in a genome, each scored on its own.

use multitf::{
    Error, Result, device,
    genome::read_intervals,
    nn::ModelFile,
    predict::{SequenceScorer, TrackValue},
};

use super::{
    args::{Args, Value, given},
    setting::Setting,
};

/// The file that is written.
const SCORES: &str = "scores.tsv";

/// Scores each record of a FASTA file, or the context around the middle of each interval of a BED file, with a line each.
pub fn run(args: &Args) -> Result<()> {
    let path = args.out.join(SCORES);
    if path.exists() && !args.force {
        let (what, expected) = (path.display().to_string(), "no file".into());
        let found = "one: choose another folder, or have it replaced with --force".into();
        return Err(Error::Mismatch { what, expected, found });
    }
    let scores = match (&args.fasta, &args.regions) {
        (Some(fasta), _) => {
            let device = device::named(args.device.as_deref())?;
            let file = ModelFile::open(given("--model", "a model", args.model.as_deref())?, &device)?;
            scorer(&file, args)?.score_fasta(fasta)?
        }
        (None, Some(regions)) => {
            let setting = Setting::prepare(args)?;
            let (regions, skipped) = read_intervals(regions, setting.dataset.genome())?;
            if skipped.count > 0 {
                eprintln!("note: {skipped}");
            }
            scorer(&setting.file, args)?.score_regions(setting.source(), &regions)?
        }
        (None, None) => return Ok(()),
    };
    if scores.cut > 0 {
        let of = scores.names.len();
        eprintln!("note: {} of {of} are longer than what the model sees, which is their middle", scores.cut);
    }
    std::fs::create_dir_all(&args.out).map_err(|source| Error::Io { path: args.out.clone(), source })?;
    scores.write(&path)?;
    println!("{} scored in {}", scores.names.len(), path.display());
    Ok(())
}

fn scorer<'a>(file: &'a ModelFile, args: &Args) -> Result<SequenceScorer<'a>> {
    let value = match args.value {
        Value::Probability => TrackValue::Probability,
        Value::LogOdds => TrackValue::LogOdds,
    };
    let mut scorer = SequenceScorer::new(file).with_value(value)?;
    if args.both_strands {
        scorer = scorer.with_both_strands();
    }
    match &args.tasks {
        Some(tasks) => scorer.with_tasks(tasks).map_err(|error| error.asked_by("--tasks")),
        None => Ok(scorer),
    }
}
