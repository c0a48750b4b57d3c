//! Models that are no neural networks.

use std::time::Instant;

use multitf::{
    Result,
    baseline::{BaselineConfig, BaselineKind, BaselineTables, FactorBaseline},
    data::SampleSet,
    eval::run::RunRow,
    predict::Predictions,
};

use super::{
    args::{Args, ModelKind},
    plan::{Run, has_features},
};
use crate::{progress::Bars, setting::Setting};

const CONFIG: &str = "baselines.toml";

/// What all baselines of a comparison share.
pub struct Baselines<'a> {
    tables: BaselineTables<'a>,
    config: BaselineConfig,
}

/// How baselines are made, if one is asked for. A file of other settings in the output folder is refused.
pub fn configuration(args: &Args, setting: &Setting) -> Result<Option<BaselineConfig>> {
    if args.models.iter().all(|model| model.baseline().is_none()) {
        return Ok(None);
    }
    let config: BaselineConfig =
        args.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
    config.validate()?;
    config.check_file(setting.out.join(CONFIG))?;
    Ok(Some(config))
}

impl<'a> Baselines<'a> {
    /// Computes the features.
    pub fn prepare(args: &Args, setting: &'a Setting, config: BaselineConfig, scored: &SampleSet) -> Result<Self> {
        config.keep(setting.out.join(CONFIG), "how the baselines are made")?;
        say_what_has_no_motif(args, setting);
        let start = Instant::now();
        eprintln!("computing motif scores and accessibility of all samples, or reading them from an earlier call");
        let (context_bp, folder) = (setting.config.architecture.context_bp, setting.out.join("features"));
        let tables = BaselineTables::cached(&setting.dataset, context_bp, scored.clone(), &config.features, &folder)?;
        eprintln!("features took {:.0} s", start.elapsed().as_secs_f64());
        Ok(Self { tables, config })
    }

    /// Fits one, unless an earlier call has; says what it cost, what it predicts, and whether it is new.
    pub fn fit(
        &self,
        setting: &Setting,
        run: &Run,
        kind: BaselineKind,
        bars: &Bars,
    ) -> Result<(RunRow, Predictions, bool)> {
        let factor = FactorBaseline {
            dataset: &setting.dataset,
            tables: &self.tables,
            run: &setting.config,
            config: &self.config,
            tasks: &run.tasks,
            seed: run.seed,
        };
        let (fitted, is_new) = factor.fit_in(kind, &run.folder)?;
        bars.line(&format!(
            "{} {} seed {}: {} draws, {:.1} s",
            kind.name(),
            run.tf,
            run.seed,
            fitted.draws,
            fitted.seconds
        ));
        let row = RunRow {
            model: kind.name().to_owned(),
            seed: run.seed,
            tf: run.tf.clone(),
            draws: fitted.draws as u64,
            parameters: fitted.parameters as u64,
            seconds: fitted.seconds,
            device: "host".to_owned(),
        };
        Ok((row, fitted.predictions, is_new))
    }
}

/// The plan leaves these out.
fn say_what_has_no_motif(args: &Args, setting: &Setting) {
    let is_needed = |model: &ModelKind| model.baseline().is_some_and(BaselineKind::needs_own_motif);
    let models: Vec<&str> = args.models.iter().filter(|model| is_needed(model)).map(|model| model.name()).collect();
    let has_none = |tf: &&String| setting.dataset.profiles(tf).is_empty();
    let factors: Vec<&str> = setting.factors.iter().filter(has_none).map(String::as_str).collect();
    if !models.is_empty() && !factors.is_empty() {
        eprintln!("note: no {} without a motif of its own: {}", models.join(" and no "), factors.join(", "));
    }
    let has_features = has_features(setting);
    let is_needed = |model: &ModelKind| model.baseline().is_some_and(BaselineKind::needs_features) && !is_needed(model);
    for model in args.models.iter().filter(|model| !has_features && is_needed(model)) {
        eprintln!("note: no {} without motifs and accessibility to learn from", model.name());
    }
}
