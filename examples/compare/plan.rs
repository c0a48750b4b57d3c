//! Which trainings there are.

use std::path::PathBuf;

use multitf::{baseline::BaselineKind, eval::run::ALL};

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

impl Run {
    /// A model of all tasks.
    pub fn shared(model: ModelKind, setting: &Setting, seed: u64) -> Self {
        let folder = setting.out.join("runs").join(model.name()).join("all").join(seed.to_string());
        Self { model, tf: ALL.to_owned(), tasks: setting.tasks.clone(), seed, folder }
    }

    /// Models of one factor each.
    pub fn of_factors(model: ModelKind, setting: &Setting, seed: u64) -> Vec<Self> {
        let factors: Vec<&String> =
            if model.baseline().is_some() { setting.factors.iter().collect() } else { setting.singles().collect() };
        let run = |tf: &String| {
            let of_factor = |task: &&usize| setting.dataset.tasks()[**task].factor == *tf;
            let tasks = setting.tasks.iter().filter(of_factor).copied().collect();
            let folder = setting.out.join("runs").join(model.name()).join(tf).join(seed.to_string());
            Self { model, tf: tf.clone(), tasks, seed, folder }
        };
        factors.into_iter().filter(|tf| can_learn(model, tf, setting)).map(run).collect()
    }
}

/// Lists the trainings, shared models first, and seeds one after the other.
pub fn plan(args: &Args, setting: &Setting) -> Vec<Run> {
    let mut runs = Vec::new();
    for seed in 0..args.common.seeds {
        for &model in &args.models {
            if model.is_shared() {
                runs.push(Run::shared(model, setting, seed));
            } else {
                runs.extend(Run::of_factors(model, setting, seed));
            }
        }
    }
    runs
}

/// Whether there is what a model of one factor needs.
fn can_learn(model: ModelKind, tf: &str, setting: &Setting) -> bool {
    let needs_motif = model.baseline().is_some_and(BaselineKind::needs_own_motif);
    !needs_motif || !setting.dataset.profiles(tf).is_empty()
}
