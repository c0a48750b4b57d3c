//! Training and scoring.

use multitf::{
    Result,
    eval::{
        comparison::ComparisonRow,
        contest::Contest,
        evaluation::Evaluation,
        run::{ALL, RunRow},
        score::ScoreRow,
        table,
    },
    predict::predict,
    train::{ConflictMap, Progress},
};

use crate::{args::Args, baselines::Baselines, plan::plan, progress::Bars, setting::Setting, training::train};

/// What came of it.
pub struct Outcome {
    pub runs: Vec<RunRow>,
    pub scores: Vec<ScoreRow>,
    pub comparisons: Vec<ComparisonRow>,
    /// Those of the first run of a shared model.
    pub conflicts: Option<ConflictMap>,
}

impl Outcome {
    /// Trains what is not trained yet, scores all, and compares each model with those after it.
    pub fn of(args: &Args, setting: &Setting) -> Result<Self> {
        let context_bp = setting.config.architecture.context_bp;
        let evaluation = Evaluation::new(&setting.dataset, args.common.score.into(), context_bp)?;
        let mut contest = Contest::new(evaluation);
        let plan = plan(args, setting);
        let baselines = Baselines::prepare(args, setting, contest.evaluation().samples())?;
        let bars = Bars::new(plan.len(), setting.config.training.budget);
        let mut outcome = Self { runs: Vec::new(), scores: Vec::new(), comparisons: Vec::new(), conflicts: None };
        if let Some(allowed) = setting.allowed(contest.evaluation().samples()) {
            outcome.scores.extend(contest.enter("truth", 0, &allowed)?);
        }
        for (index, run) in plan.iter().enumerate() {
            let (row, predictions, is_new) = if let (Some(kind), Some(baselines)) = (run.model.baseline(), &baselines) {
                baselines.fit(setting, run, kind, &bars)?
            } else {
                let (fitted, is_new) = train(setting, run, index, &bars)?;
                if run.tf == ALL {
                    outcome.conflicts = outcome.conflicts.take().or(fitted.conflicts.clone());
                }
                let row = setting.row(run.model.name().to_owned(), &run.tf, run.seed, &fitted);
                let (samples, device) = (contest.evaluation().samples().clone(), &setting.device);
                let predicted = predict(&fitted.model, &setting.dataset, &run.tasks, samples, context_bp, device);
                (row, predicted, is_new)
            };
            outcome.runs.push(row);
            outcome.scores.extend(contest.enter(run.model.name(), run.seed, &predictions)?);
            let budget = setting.config.training.budget;
            bars.update(index, run.model.name(), &Progress { draws: budget, budget, validation: None });
            // Tables of an earlier call stay until there is more to say.
            if is_new || index + 1 == plan.len() {
                table::write(setting.out.join("runs.tsv"), &outcome.runs)?;
                table::write(setting.out.join("scores.tsv"), &outcome.scores)?;
            }
        }
        bars.finish();
        for (index, a) in args.models.iter().enumerate() {
            for b in &args.models[index + 1..] {
                outcome.comparisons.extend(contest.compare(a.name(), b.name())?);
            }
        }
        Ok(outcome)
    }
}
