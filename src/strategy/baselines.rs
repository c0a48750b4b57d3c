//! Models that are not neural networks.

use std::{path::Path, time::Instant};

use super::{
    Event, Setup, Strategy,
    run::{FinishedRun, PlannedRun},
    trainer::Trainer,
};
use crate::{
    Error, Result,
    baseline::{BaselineConfig, BaselineMethod, BaselineTables, FactorBaseline, Lookup},
    data::SampleSet,
    device::Stopwatch,
    eval::RunRow,
};

/// The features and settings that all baselines of a comparison share.
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
        let note = "computing motif scores and accessibility of all samples, or reading them from an earlier call";
        trainer.notify(&Event::Note(note));
        let context_bp = setup.config().architecture.context_bp;
        let (dataset, scored, features) = (setup.dataset(), scored.clone(), &config.features);
        let tables = match folder {
            Some(folder) => BaselineTables::cached(dataset, context_bp, scored, features, &folder.join("features"))?,
            None => BaselineTables::new(dataset, context_bp, scored, features)?,
        };
        trainer.notify(&Event::Note(&format!("features took {:.0} s", start.elapsed().as_secs_f64())));
        Ok(Self { setup, tables, config })
    }

    /// Fits a baseline unless an earlier call has.
    pub(super) fn fit(&self, trainer: &mut Trainer<'_>, run: &PlannedRun, kind: BaselineMethod) -> Result<FinishedRun> {
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
        trainer.notify(&Event::Fitted { strategy: run.strategy, tf: &run.tf, seed: run.seed, draws, seconds });
        let row = RunRow {
            model: kind.name().to_owned(),
            seed: run.seed,
            tf: run.tf.clone(),
            draws: draws as u64,
            parameters: fitted.parameters as u64,
            seconds,
            device: "host".to_owned(),
            network_draws: None,
            cpu_seconds: fitted.cpu_seconds,
        };
        Ok(FinishedRun { row, predictions: fitted.predictions, model: None, is_new })
    }
}

/// Looks up the scores of a factor.
pub(super) fn look_up(setup: &Setup<'_>, run: &PlannedRun, lookup: Lookup, scored: &SampleSet) -> Result<FinishedRun> {
    let watch = Stopwatch::new();
    let predictions = lookup.predict(setup.dataset(), &run.tasks, scored)?;
    let expected = || format!("accessibility and labels of {} in another cell type to train on", run.tf);
    let predictions = predictions.ok_or_else(|| Error::config(lookup.name(), expected(), "none"))?;
    let row = RunRow {
        model: lookup.name().to_owned(),
        seed: run.seed,
        tf: run.tf.clone(),
        seconds: watch.seconds(),
        device: "host".to_owned(),
        cpu_seconds: watch.cpu_seconds(),
        ..RunRow::default()
    };
    Ok(FinishedRun { row, predictions, model: None, is_new: false })
}

/// Notes on baselines that are left out because motifs or accessibility are missing.
pub(super) fn left_out(strategies: &[Strategy], setup: &Setup<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let kinds = || strategies.iter().filter_map(|strategy| strategy.baseline());
    let models: Vec<&str> = kinds().filter(|kind| kind.needs_own_motif()).map(BaselineMethod::name).collect();
    let has_none = |tf: &&String| setup.dataset().factor_motifs(tf).is_empty();
    let factors: Vec<&str> = setup.factors().iter().filter(has_none).map(String::as_str).collect();
    if !models.is_empty() && !factors.is_empty() {
        let (models, factors) = (models.join(" and "), factors.join(", "));
        notes.push(format!("left out for factors without a motif of their own: {models} for {factors}"));
    }
    if !setup.has_features() {
        for kind in kinds().filter(|kind| kind.needs_features() && !kind.needs_own_motif()) {
            notes.push(format!("no {} without motifs and accessibility to learn from", kind.name()));
        }
    }
    for lookup in strategies.iter().filter_map(|strategy| strategy.lookup()) {
        let is_unknown = |tf: &&String| !lookup.is_known(setup.dataset(), tf, setup.split());
        let unknown: Vec<&str> = setup.factors().iter().filter(is_unknown).map(String::as_str).collect();
        if !unknown.is_empty() {
            let (name, factors) = (lookup.name(), unknown.join(", "));
            notes.push(format!("no {name} without accessibility or another cell type to train on: {factors}"));
        }
    }
    notes
}
