//! One training of a neural network.

use multitf::{
    Error, Result,
    train::{Fit, Fitted},
};

use super::{
    args::ModelKind,
    joined::{grouped, rescue},
    plan::Run,
};
use crate::{progress::Bars, setting::Setting};

/// The number of a run among all, and where its progress is shown.
pub type Place<'a> = (usize, &'a Bars);

/// Trains, and returns whether there was anything left to train.
pub fn train(setting: &Setting, run: &Run, place: Place<'_>) -> Result<(Fitted, bool)> {
    let plain = &setting.config;
    match run.model {
        ModelKind::Finetuned => fine_tune(setting, run, place),
        ModelKind::Grouped => grouped(setting, run, place),
        ModelKind::Rescue => rescue(setting, run, place),
        ModelKind::Recipe => {
            let config = plain.recipe.of(plain);
            fit(run, Fit::new(&setting.dataset, &run.tasks, &config, run.seed, &setting.device), place)
        }
        _ => fit_plain(setting, run, place),
    }
}

/// Refuses what is known beforehand not to be trained or gone on with, before anything is.
pub fn check(setting: &Setting, plan: &[Run]) -> Result<()> {
    let cured = setting.config.recipe.of(&setting.config);
    let fit = |run: &Run| {
        let config = if run.model == ModelKind::Recipe { &cured } else { &setting.config };
        Fit::new(&setting.dataset, &run.tasks, config, run.seed, &setting.device).with_folder(&run.folder).check()
    };
    let shared = |model, seed| Run::shared(model, setting, seed);
    for run in plan {
        match run.model {
            ModelKind::Multi | ModelKind::Single | ModelKind::Recipe => fit(run)?,
            ModelKind::Finetuned | ModelKind::Grouped => fit(&shared(ModelKind::Multi, run.seed))?,
            ModelKind::Rescue => {
                let parts = [ModelKind::Multi, ModelKind::Recipe].map(|model| shared(model, run.seed));
                let singles = Run::of_factors(ModelKind::Single, setting, run.seed);
                parts.iter().chain(&singles).try_for_each(fit)?;
            }
            // Baselines are made anew for other inputs.
            _ => {}
        }
    }
    Ok(())
}

/// Trains as the configuration says.
pub fn fit_plain(setting: &Setting, run: &Run, place: Place<'_>) -> Result<(Fitted, bool)> {
    fit(run, Fit::new(&setting.dataset, &run.tasks, &setting.config, run.seed, &setting.device), place)
}

/// Trains a copy of the shared model of the same seed, which is trained first if it is not there.
fn fine_tune(setting: &Setting, run: &Run, place: Place<'_>) -> Result<(Fitted, bool)> {
    let shared = Run::shared(ModelKind::Multi, setting, run.seed);
    let (of_all, _) = train(setting, &shared, place)?;
    let places: Vec<usize> =
        run.tasks.iter().filter_map(|task| shared.tasks.iter().position(|of| of == task)).collect();
    let start = of_all.model.of_tasks(&places).ok_or_else(|| Error::Config {
        key: "architecture.head".into(),
        expected: "sigmoid, to train copies of the shared model on".into(),
        found: format!("{:?}", setting.config.architecture.head),
    })?;
    let config = setting.config.fine_tuning.of(&setting.config);
    let tuned = Fit::new(&setting.dataset, &run.tasks, &config, run.seed, &setting.device);
    fit(run, tuned.with_start(format!("multi seed {}", run.seed), start), place)
}

fn fit<'a>(run: &'a Run, fit: Fit<'a>, (index, bars): Place<'a>) -> Result<(Fitted, bool)> {
    let mut is_new = false;
    let fitted = fit
        .with_folder(&run.folder)
        .with_observer(|progress| {
            is_new = true;
            bars.update(index, &format!("{} {}", run.model.name(), run.tf), progress);
        })
        .run()?;
    if is_new {
        bars.line(&format!(
            "{} {} seed {}: average precision {:.3} on the validation split, {} draws, {:.0} s",
            run.model.name(),
            run.tf,
            run.seed,
            fitted.average_precision,
            fitted.draws,
            fitted.seconds,
        ));
    }
    Ok((fitted, is_new))
}
