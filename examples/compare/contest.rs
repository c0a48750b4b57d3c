//! Training and scoring.

use burn::module::Module;
use multitf::{
    Result,
    data::{Sample, simulate::Truth},
    device,
    eval::{
        bootstrap::{Bootstrap, Resampled},
        comparison::{Compared, ComparisonRow},
        evaluation::{Evaluation, Ranked},
        run::RunRow,
        score::ScoreRow,
        table,
    },
    train::{Fit, Fitted, Predictions, predict},
};

use crate::{
    args::{Args, ModelKind},
    plan::{Run, plan},
    progress::Bars,
    setting::Setting,
};

/// What came of it.
pub struct Contest {
    pub runs: Vec<RunRow>,
    pub scores: Vec<ScoreRow>,
    pub comparisons: Vec<ComparisonRow>,
}

/// A model's tracks for one seed.
struct Entry {
    model: ModelKind,
    seed: u64,
    tracks: Vec<Ranked>,
}

impl Contest {
    /// Trains what is not trained yet, scores all, and compares each model with those after it.
    pub fn hold(args: &Args, setting: &Setting) -> Result<Self> {
        let context_bp = setting.config.architecture.context_bp;
        let evaluation = Evaluation::new(&setting.dataset, args.score.into(), context_bp)?;
        let plan = plan(args, setting)?;
        let bars = Bars::new(plan.len(), setting.config.training.budget);
        let mut contest = Self { runs: Vec::new(), scores: Vec::new(), comparisons: Vec::new() };
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(truth) = &setting.truth {
            contest.scores.extend(evaluation.score("truth", 0, &allowed(truth, setting, &evaluation))?);
        }
        for (index, run) in plan.iter().enumerate() {
            let (fitted, is_new) = train(setting, run, index, &bars)?;
            contest.runs.push(row(run, &fitted, setting));
            let (samples, device) = (evaluation.samples().clone(), &setting.device);
            let predictions = predict(&fitted.model, &setting.dataset, &run.tasks, samples, context_bp, device);
            contest.scores.extend(evaluation.score(run.model.name(), run.seed, &predictions)?);
            // Tables of an earlier call stay until there is more to say.
            if is_new || index + 1 == plan.len() {
                table::write(setting.out.join("runs.tsv"), &contest.runs)?;
                table::write(setting.out.join("scores.tsv"), &contest.scores)?;
            }
            let tracks = evaluation.rank(&predictions)?;
            match entries.iter_mut().find(|entry| (entry.model, entry.seed) == (run.model, run.seed)) {
                Some(entry) => entry.tracks.extend(tracks),
                None => entries.push(Entry { model: run.model, seed: run.seed, tracks }),
            }
        }
        bars.finish();
        for (index, &a) in args.models.iter().enumerate() {
            for &b in &args.models[index + 1..] {
                contest.comparisons.extend(compare(args, &evaluation, &entries, a, b)?);
            }
        }
        Ok(contest)
    }
}

/// What the planted truth allows: each bin's probability of being bound, from sites and accessibility as they were
/// planted. What is left to miss is the toss of coins.
fn allowed(truth: &Truth, setting: &Setting, evaluation: &Evaluation<'_>) -> Predictions {
    let (dataset, samples) = (&setting.dataset, evaluation.samples().clone());
    let of_task = |&task: &usize| {
        let factor = &dataset.tasks()[task].factor;
        let cells = dataset.cells().iter().map(|cell| truth.oracle(factor, &cell.name)).collect::<Vec<_>>();
        let score = |sample: Sample| {
            let bins = cells[usize::from(sample.cell)].as_ref();
            bins.and_then(|bins| bins.get(sample.bin as usize)).copied().unwrap_or_default()
        };
        samples.iter().map(score).collect()
    };
    let logits = setting.tasks.iter().map(of_task).collect();
    Predictions { samples, tasks: setting.tasks.clone(), logits }
}

/// Trains, and returns whether there was anything left to train.
fn train(setting: &Setting, run: &Run, index: usize, bars: &Bars) -> Result<(Fitted, bool)> {
    let mut is_new = false;
    let fitted = Fit::new(&setting.dataset, &run.tasks, &setting.config, run.seed, &setting.device)
        .with_folder(&run.folder)
        .with_observer(|progress| {
            is_new = true;
            bars.update(index, run, progress);
        })
        .run()?;
    bars.line(&format!(
        "{} {} seed {}: average precision {:.3} on the validation split, {} draws, {:.0} s",
        run.model.name(),
        run.tf,
        run.seed,
        fitted.average_precision,
        fitted.draws,
        fitted.seconds,
    ));
    Ok((fitted, is_new))
}

fn row(run: &Run, fitted: &Fitted, setting: &Setting) -> RunRow {
    RunRow {
        model: run.model.name().to_owned(),
        seed: run.seed,
        tf: run.tf.clone(),
        draws: fitted.draws as u64,
        parameters: fitted.model.num_params() as u64,
        seconds: fitted.seconds,
        device: device::name(&setting.device).to_owned(),
    }
}

/// Compares two models on the tracks that both were scored on.
fn compare(
    args: &Args,
    evaluation: &Evaluation<'_>,
    entries: &[Entry],
    a: ModelKind,
    b: ModelKind,
) -> Result<Vec<ComparisonRow>> {
    let of = |model| entries.iter().filter(move |entry| entry.model == model);
    let names = |entry: &Entry| -> Vec<(String, String)> {
        entry.tracks.iter().map(|track| (track.tf.clone(), track.cell.clone())).collect()
    };
    let (Some(first_a), Some(first_b)) = (of(a).next(), of(b).next()) else { return Ok(Vec::new()) };
    let in_b = names(first_b);
    let common: Vec<(String, String)> = names(first_a).into_iter().filter(|name| in_b.contains(name)).collect();
    let bootstrap = Bootstrap::default();
    let resample = |entry: &Entry| -> Vec<Option<Resampled>> {
        let chosen =
            common.iter().filter_map(|(tf, cell)| entry.tracks.iter().find(|t| t.tf == *tf && t.cell == *cell));
        let tracks: Vec<_> = chosen.map(|ranked| ranked.track.clone()).collect();
        bootstrap.resample(&tracks, evaluation.blocks())
    };
    let by_seed = |model| -> Vec<Vec<Option<Resampled>>> { of(model).map(resample).collect() };
    let differences = bootstrap.differences(&by_seed(a), &by_seed(b))?;
    let split = multitf::data::Split::from(args.score);
    let compared = Compared { model_a: a.name(), model_b: b.name(), split: split.name() };
    let names: Vec<(&str, &str)> = common.iter().map(|(tf, cell)| (tf.as_str(), cell.as_str())).collect();
    ComparisonRow::all(compared, &names, &differences)
}
