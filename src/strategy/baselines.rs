//! Models that are no neural networks.

use std::{path::Path, time::Instant};

use super::{Event, Run, Setup, Strategy, trainer::Trainer};
use crate::{
    Result,
    baseline::{BaselineConfig, BaselineKind, BaselineTables, FactorBaseline},
    data::SampleSet,
    eval::run::RunRow,
    predict::Predictions,
};

/// What all baselines of a comparison share.
pub(super) struct Baselines<'a> {
    setup: &'a Setup<'a>,
    tables: BaselineTables<'a>,
    config: &'a BaselineConfig,
}

impl<'a> Baselines<'a> {
    /// Computes the features, or reads them from the comparison's folder.
    pub(super) fn prepare(
        trainer: &mut Trainer<'a>,
        config: &'a BaselineConfig,
        folder: Option<&Path>,
        scored: &SampleSet,
    ) -> Result<Self> {
        let (setup, start) = (trainer.setup, Instant::now());
        trainer.say(&Event::Note(
            "computing motif scores and accessibility of all samples, or reading them from an earlier call",
        ));
        let (context_bp, folder) = (setup.config().architecture.context_bp, folder.map(|path| path.join("features")));
        let (dataset, scored, features) = (setup.dataset(), scored.clone(), &config.features);
        let tables = match folder {
            Some(folder) => BaselineTables::cached(dataset, context_bp, scored, features, &folder)?,
            None => BaselineTables::new(dataset, context_bp, scored, features)?,
        };
        trainer.say(&Event::Note(&format!("features took {:.0} s", start.elapsed().as_secs_f64())));
        Ok(Self { setup, tables, config })
    }

    /// Fits one, unless an earlier call has; says what it cost, what it predicts, and whether it is new.
    pub(super) fn fit(
        &self,
        trainer: &mut Trainer<'_>,
        run: &Run,
        kind: BaselineKind,
    ) -> Result<(RunRow, Predictions, bool)> {
        let factor = FactorBaseline {
            dataset: self.setup.dataset(),
            tables: &self.tables,
            run: self.setup.config(),
            config: self.config,
            tasks: &run.tasks,
            seed: run.seed,
        };
        let (fitted, is_new) = match trainer.folder(run) {
            Some(folder) => factor.fit_in(kind, &folder)?,
            None => (factor.fit(kind)?, true),
        };
        let (draws, seconds) = (fitted.draws, fitted.seconds);
        trainer.say(&Event::Fitted { strategy: run.strategy, tf: &run.tf, seed: run.seed, draws, seconds });
        let row = RunRow {
            model: kind.name().to_owned(),
            seed: run.seed,
            tf: run.tf.clone(),
            draws: draws as u64,
            parameters: fitted.parameters as u64,
            seconds,
            device: "host".to_owned(),
        };
        Ok((row, fitted.predictions, is_new))
    }
}

/// Says which baselines a plan leaves out, for want of motifs or accessibility.
pub(super) fn left_out(strategies: &[Strategy], setup: &Setup<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let kinds = || strategies.iter().filter_map(|strategy| strategy.baseline());
    let models: Vec<&str> = kinds().filter(|kind| kind.needs_own_motif()).map(BaselineKind::name).collect();
    let has_none = |tf: &&String| setup.dataset().profiles(tf).is_empty();
    let factors: Vec<&str> = setup.factors().iter().filter(has_none).map(String::as_str).collect();
    if !models.is_empty() && !factors.is_empty() {
        let models = models.join(" and no ");
        notes.push(format!("no {models} without a motif of its own: {}", factors.join(", ")));
    }
    if !setup.has_features() {
        for kind in kinds().filter(|kind| kind.needs_features() && !kind.needs_own_motif()) {
            notes.push(format!("no {} without motifs and accessibility to learn from", kind.name()));
        }
    }
    notes
}
