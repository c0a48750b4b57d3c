//! Which trainings there are.

use std::path::PathBuf;

use multitf::{Error, Result, eval::run::ALL};

use crate::{
    args::{Args, ModelKind},
    setting::Setting,
};

/// One training.
pub struct Run {
    pub model: ModelKind,
    /// The factor, or `*` for all.
    pub tf: String,
    pub tasks: Vec<usize>,
    pub seed: u64,
    pub folder: PathBuf,
}

/// Lists the trainings, shared models first, and seeds one after the other.
pub fn plan(args: &Args, setting: &Setting) -> Result<Vec<Run>> {
    let singles = single_factors(args, setting)?;
    let mut runs = Vec::new();
    for seed in 0..args.seeds {
        for &model in &args.models {
            let mut add = |tf: &str, tasks: Vec<usize>| {
                let part = if tf == ALL { "all" } else { tf };
                let folder = setting.out.join("runs").join(model.name()).join(part).join(seed.to_string());
                runs.push(Run { model, tf: tf.to_owned(), tasks, seed, folder });
            };
            match model {
                ModelKind::Multi => add(ALL, setting.tasks.clone()),
                ModelKind::Single => singles.iter().for_each(|tf| {
                    let of_factor = |task: &&usize| setting.dataset.tasks()[**task].factor == *tf;
                    add(tf, setting.tasks.iter().filter(of_factor).copied().collect());
                }),
            }
        }
    }
    Ok(runs)
}

fn single_factors(args: &Args, setting: &Setting) -> Result<Vec<String>> {
    let factors = &setting.factors;
    let Some(wanted) = &args.singles else { return Ok(factors.clone()) };
    match wanted.iter().find(|factor| !factors.contains(factor)) {
        Some(unknown) => Err(Error::Config {
            key: "--singles".into(),
            expected: format!("some of {}", factors.join(", ")),
            found: unknown.clone(),
        }),
        None => Ok(wanted.clone()),
    }
}
