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
    train::{Fit, Fitted},
};

use crate::{args::Args, progress::Bars, setting::Setting, variant::Variant};

/// What came of it.
pub struct Outcome {
    pub runs: Vec<RunRow>,
    pub scores: Vec<ScoreRow>,
    /// Each variant against one model per factor.
    pub against_single: Vec<(Variant, Vec<ComparisonRow>)>,
    /// The masked sigmoid against each other variant.
    pub repaired: Vec<(Variant, Vec<ComparisonRow>)>,
}

/// One training.
struct Run {
    variant: Variant,
    tf: String,
    tasks: Vec<usize>,
    seed: u64,
}

impl Outcome {
    /// Trains what is not trained yet, scores and compares all.
    pub fn of(args: &Args, setting: &Setting) -> Result<Self> {
        let context_bp = setting.config.architecture.context_bp;
        let mut contest = Contest::new(Evaluation::new(&setting.dataset, args.common.score.into(), context_bp)?);
        let plan = plan(args, setting);
        let bars = Bars::new(plan.len(), setting.config.training.budget);
        let (mut runs, mut scores) = (Vec::new(), Vec::new());
        if let Some(allowed) = setting.allowed(contest.evaluation().samples()) {
            scores.extend(contest.enter("truth", 0, &allowed)?);
        }
        for (index, run) in plan.iter().enumerate() {
            let fitted = train(setting, run, index, &bars)?;
            runs.push(setting.row(run.variant.name(), &run.tf, run.seed, &fitted));
            let predictions = contest.evaluation().predict_tasks(&fitted.model, &run.tasks)?;
            scores.extend(contest.enter(&run.variant.name(), run.seed, &predictions)?);
            table::write(setting.out.join("runs.tsv"), &runs)?;
            table::write(setting.out.join("scores.tsv"), &scores)?;
        }
        bars.finish();
        let single = Variant::Single.name();
        let masked = Variant::MaskedSigmoid.name();
        let (mut against_single, mut repaired) = (Vec::new(), Vec::new());
        for variant in args.variants.iter().copied().filter(|variant| *variant != Variant::Single) {
            against_single.push((variant, contest.compare(&variant.name(), &single)?));
            if variant != Variant::MaskedSigmoid {
                repaired.push((variant, contest.compare(&masked, &variant.name())?));
            }
        }
        Ok(Self { runs, scores, against_single, repaired })
    }
}

/// Lists the trainings, seeds one after the other.
fn plan(args: &Args, setting: &Setting) -> Vec<Run> {
    let mut runs = Vec::new();
    for seed in 0..args.common.seeds {
        for &variant in args.variants.iter().filter(|variant| **variant != Variant::Single) {
            runs.push(Run { variant, tf: ALL.to_owned(), tasks: setting.tasks.clone(), seed });
        }
        for tf in setting.singles() {
            let of_factor = |task: &&usize| setting.dataset.tasks()[**task].factor == *tf;
            let tasks = setting.tasks.iter().filter(of_factor).copied().collect();
            runs.push(Run { variant: Variant::Single, tf: tf.clone(), tasks, seed });
        }
    }
    runs
}

fn train(setting: &Setting, run: &Run, index: usize, bars: &Bars) -> Result<Fitted> {
    let (name, config) = (run.variant.name(), run.variant.config(&setting.config));
    let part = if run.tf == ALL { "all" } else { &run.tf };
    let folder = setting.out.join("runs").join(&name).join(part).join(run.seed.to_string());
    let fit = Fit::new(&setting.dataset, &run.tasks, &config, run.seed, &setting.device)
        .with_folder(folder)
        .with_observer(|progress| bars.update(index, &format!("{name} {}", run.tf), progress));
    let fitted = run.variant.spoil(fit, &config.training).run()?;
    bars.line(&format!(
        "{name} {} seed {}: average precision {:.3} on the validation split, {} draws, {:.0} s",
        run.tf, run.seed, fitted.average_precision, fitted.draws, fitted.seconds,
    ));
    Ok(fitted)
}
