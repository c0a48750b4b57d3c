//! The trainings of the variants, and their scores.

use std::path::Path;

use burn::module::Module;
use multitf::{
    Result, device,
    eval::{ALL, ComparisonRow, Evaluation, RunRow, ScoreRow, ScoredModels, write_table},
    simulate::Truth,
    strategy::Setup,
    train::{Fit, Fitted},
};

use super::{args::Args, variant::Variant};
use crate::progress::Bars;

/// The results.
pub struct Outcome {
    /// The variants with one shared model.
    pub variants: Vec<Variant>,
    pub runs: Vec<RunRow>,
    pub scores: Vec<ScoreRow>,
    /// Each variant against one model per factor, and the masked sigmoid against each other variant.
    pub comparisons: Vec<ComparisonRow>,
}

/// One training.
struct Run {
    variant: Variant,
    tf: String,
    tasks: Vec<usize>,
    seed: u64,
}

impl Outcome {
    /// Trains, scores and compares all variants.
    pub fn new(args: &Args, setup: &Setup<'_>, truth: Option<&Truth>, out: &Path) -> Result<Self> {
        let context_bp = setup.config().architecture.context_bp;
        let mut models = ScoredModels::new(Evaluation::new(setup.dataset(), setup.split(), context_bp)?);
        let plan = plan(args, setup);
        let bars = Bars::new(plan.len(), setup.config().training.budget);
        let (mut runs, mut scores) = (Vec::new(), Vec::new());
        if let Some(truth) = truth {
            let ideal = setup.ideal_predictions(truth, models.evaluation().samples());
            scores.extend(models.add("truth", 0, &ideal)?);
        }
        for (index, run) in plan.iter().enumerate() {
            let fitted = train(setup, run, out, index, &bars)?;
            runs.push(RunRow {
                model: run.variant.name(),
                seed: run.seed,
                tf: run.tf.clone(),
                draws: fitted.draws as u64,
                parameters: fitted.model.num_params() as u64,
                seconds: fitted.seconds,
                device: device::name(setup.device()).to_owned(),
                network_draws: Some(fitted.network_draws as u64),
                cpu_seconds: fitted.cpu_seconds,
            });
            let predictions = models.evaluation().predict_tasks(&fitted.model, &run.tasks)?;
            scores.extend(models.add(&run.variant.name(), run.seed, &predictions)?);
            write_table(out.join("runs.tsv"), &runs)?;
            write_table(out.join("scores.tsv"), &scores)?;
        }
        bars.finish();
        let single = Variant::Single.name();
        let masked = Variant::MaskedSigmoid.name();
        let variants: Vec<Variant> =
            args.variants.iter().copied().filter(|variant| *variant != Variant::Single).collect();
        let names: Vec<String> = variants.iter().map(|variant| variant.name()).collect();
        let against_single = names.iter().map(|name| (name.as_str(), single.as_str()));
        let others = names.iter().filter(|name| **name != masked);
        let masked_minus_variant = others.map(|name| (masked.as_str(), name.as_str()));
        let pairs: Vec<(&str, &str)> = against_single.chain(masked_minus_variant).collect();
        let comparisons = models.compare_all(&pairs)?;
        Ok(Self { variants, runs, scores, comparisons })
    }
}

/// Lists the trainings, seed by seed.
fn plan(args: &Args, setup: &Setup<'_>) -> Vec<Run> {
    let mut runs = Vec::new();
    for seed in 0..args.common.seeds.unwrap_or(1) {
        for &variant in args.variants.iter().filter(|variant| **variant != Variant::Single) {
            runs.push(Run { variant, tf: ALL.to_owned(), tasks: setup.tasks().to_vec(), seed });
        }
        for tf in setup.singles() {
            let has_factor = |task: &&usize| setup.dataset().tasks()[**task].factor == *tf;
            let tasks = setup.tasks().iter().filter(has_factor).copied().collect();
            runs.push(Run { variant: Variant::Single, tf: tf.clone(), tasks, seed });
        }
    }
    runs
}

fn train(setup: &Setup<'_>, run: &Run, out: &Path, index: usize, bars: &Bars) -> Result<Fitted> {
    let (name, config) = (run.variant.name(), run.variant.config(setup.config()));
    let part = if run.tf == ALL { "all" } else { &run.tf };
    let folder = out.join("runs").join(&name).join(part).join(run.seed.to_string());
    let fit = Fit::new(setup.dataset(), &run.tasks, &config, run.seed, setup.device())
        .with_folder(folder)
        .with_observer(|progress| bars.update(index, &format!("{name} {}", run.tf), progress));
    let fitted = run.variant.apply_mistake(fit, &config.training).run()?;
    bars.line(&format!(
        "{name} {} seed {}: average precision {:.3} on the validation split, {} draws, {:.0} s",
        run.tf, run.seed, fitted.average_precision, fitted.draws, fitted.seconds,
    ));
    Ok(fitted)
}
