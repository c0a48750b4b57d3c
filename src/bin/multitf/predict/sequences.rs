//! Scores of sequences and of regions in a genome.

use multitf::{Error, Result, device, genome::read_intervals, nn::ModelFile, predict::SequenceScorer};

use super::{
    args::{Args, given},
    setting::Inputs,
};
use crate::existing::refuse_existing;

/// The file that is written.
const SCORES: &str = "scores.tsv";

/// Scores each record of a FASTA file, or the context around the middle of each interval of a BED file, and writes a
/// line for each.
pub fn run(args: &Args) -> Result<()> {
    let path = args.out.join(SCORES);
    refuse_existing(std::slice::from_ref(&path), args.force)?;
    let scores = match (&args.fasta, &args.regions) {
        (Some(fasta), _) => {
            let device = device::named(args.device.as_deref())?;
            let file = ModelFile::open(given("--model", "a model", args.model.as_deref())?, &device)?;
            scorer(&file, args)?.score_fasta(fasta)?
        }
        (None, Some(regions)) => {
            let inputs = Inputs::open(args)?;
            let (regions, skipped) = read_intervals(regions, inputs.on.dataset.genome())?;
            if skipped.count > 0 {
                eprintln!("note: {skipped}");
            }
            scorer(&inputs.on.file, args)?.score_regions(inputs.on.source(), &regions)?
        }
        (None, None) => return Ok(()),
    };
    if scores.truncated > 0 {
        let (truncated, of) = (scores.truncated, scores.names.len());
        eprintln!("note: {truncated} of {of} are longer than the model's context; only their middle was scored");
    }
    std::fs::create_dir_all(&args.out).map_err(|source| Error::Io { path: args.out.clone(), source })?;
    scores.write(&path)?;
    println!("{} scored in {}", scores.names.len(), path.display());
    Ok(())
}

fn scorer<'a>(file: &'a ModelFile, args: &Args) -> Result<SequenceScorer<'a>> {
    let mut scorer = SequenceScorer::new(file).with_value(args.value.into())?;
    if args.both_strands {
        scorer = scorer.with_both_strands();
    }
    match &args.tasks {
        Some(tasks) => scorer.with_tasks(tasks).map_err(|error| error.asked_by("--tasks")),
        None => Ok(scorer),
    }
}
