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

/// Lists the trainings, shared models first, and seeds one after the other.
pub fn plan(args: &Args, setting: &Setting) -> Vec<Run> {
    let mut runs = Vec::new();
    for seed in 0..args.common.seeds {
        for &model in &args.models {
            let mut add = |tf: &str, tasks: Vec<usize>| {
                let part = if tf == ALL { "all" } else { tf };
                let folder = setting.out.join("runs").join(model.name()).join(part).join(seed.to_string());
                runs.push(Run { model, tf: tf.to_owned(), tasks, seed, folder });
            };
            match model {
                ModelKind::Multi => add(ALL, setting.tasks.clone()),
                _ => setting.factors.iter().filter(|tf| can_learn(model, tf, setting)).for_each(|tf| {
                    let of_factor = |task: &&usize| setting.dataset.tasks()[**task].factor == *tf;
                    add(tf, setting.tasks.iter().filter(of_factor).copied().collect());
                }),
            }
        }
    }
    runs
}

/// Whether there is what a model of one factor needs.
fn can_learn(model: ModelKind, tf: &str, setting: &Setting) -> bool {
    let needs_motif = model.baseline().is_some_and(BaselineKind::needs_own_motif);
    !needs_motif || setting.dataset.motifs().is_some_and(|motifs| motifs.find(tf).is_some())
}
