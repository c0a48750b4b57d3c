//! Training and scoring.

use multitf::{
    Result,
    baseline::BaselineConfig,
    data::Split,
    eval::{
        comparison::ComparisonRow,
        contest::Contest,
        evaluation::Evaluation,
        learning::LearningRow,
        run::{ALL, RunRow},
        score::ScoreRow,
        table,
        transfer::TransferRow,
    },
    train::{ConflictMap, Progress},
};

use crate::{
    args::{Args, ModelKind},
    baselines::Baselines,
    plan::plan,
    progress::Bars,
    setting::Setting,
    training::train,
};

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    pub runs: Vec<RunRow>,
    pub scores: Vec<ScoreRow>,
    pub comparisons: Vec<ComparisonRow>,
    /// What each shared model does to each factor, compared with the factor's own.
    pub transfers: Vec<TransferRow>,
    pub learning: Vec<LearningRow>,
    /// Those of the first run of a shared model.
    pub conflicts: Option<ConflictMap>,
}

impl Outcome {
    /// Trains what is not trained yet, scores all, and compares each model with those after it.
    pub fn of(args: &Args, setting: &Setting, baselines: Option<BaselineConfig>) -> Result<Self> {
        let context_bp = setting.config.architecture.context_bp;
        let evaluation = Evaluation::new(&setting.dataset, args.common.score.into(), context_bp)?;
        let mut contest = Contest::new(evaluation);
        let plan = plan(args, setting);
        let samples = contest.evaluation().samples();
        let baselines = baselines.map(|config| Baselines::prepare(args, setting, config, samples)).transpose()?;
        let bars = Bars::new(plan.len(), setting.config.training.budget);
        let mut outcome = Self::default();
        if let Some(allowed) = setting.allowed(contest.evaluation().samples()) {
            outcome.scores.extend(contest.enter("truth", 0, &allowed)?);
        }
        for (index, run) in plan.iter().enumerate() {
            let (row, predictions, is_new) = if let (Some(kind), Some(baselines)) = (run.model.baseline(), &baselines) {
                baselines.fit(setting, run, kind, &bars)?
            } else {
                let (fitted, is_new) = train(setting, run, (index, &bars))?;
                if run.tf == ALL {
                    outcome.conflicts = outcome.conflicts.take().or(fitted.conflicts.clone());
                }
                let (name, history) = (run.model.name(), &fitted.history);
                outcome.learning.extend(LearningRow::of_run(name, run.seed, &setting.dataset, history));
                let row = setting.row(run.model.name().to_owned(), &run.tf, run.seed, &fitted);
                let predicted = contest.evaluation().predict_tasks(&fitted.model, &run.tasks)?;
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
        outcome.transfers = outcome.transfers(args, setting);
        Ok(outcome)
    }

    /// What each shared model does to each factor that has a network of its own.
    fn transfers(&self, args: &Args, setting: &Setting) -> Vec<TransferRow> {
        let context_bp = setting.config.architecture.context_bp;
        let training = setting.dataset.bound_bins(Split::Train, context_bp);
        let own = ModelKind::Single.name();
        let of = |shared: &ModelKind| {
            let Self { comparisons, scores, runs, .. } = self;
            TransferRow::all(shared.name(), own, comparisons, scores, runs, &training)
        };
        args.models.iter().filter(|model| model.is_shared()).flat_map(of).collect()
    }
}
