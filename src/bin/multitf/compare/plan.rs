//! Which trainings there are.

use std::path::PathBuf;

use multitf::{Error, Result, baseline::BaselineKind, eval::run::ALL, nn::HeadKind};

use super::args::{Args, ModelKind};
use crate::setting::Setting;

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

/// Refuses what could not be trained or scored, before anything is.
pub fn check(args: &Args, setting: &Setting) -> Result<()> {
    let (context_bp, head) = (setting.config.architecture.context_bp, &setting.config.architecture.head);
    setting.dataset.samples(args.common.score.into(), context_bp)?;
    let refused = |model: ModelKind, key: &str, expected: &str, found: String| {
        let expected = format!("{expected}, for --models {}", model.name());
        Err(Error::Config { key: key.into(), expected, found })
    };
    for &model in &args.models {
        let takes_parts = matches!(model, ModelKind::Finetuned | ModelKind::Grouped | ModelKind::Rescue);
        if takes_parts && *head != HeadKind::Sigmoid {
            return refused(model, "architecture.head", "sigmoid", format!("{head:?}").to_lowercase());
        }
        if matches!(model, ModelKind::Grouped | ModelKind::Rescue) && setting.tasks.len() < 2 {
            return refused(model, "--tasks", "at least 2", setting.tasks.len().to_string());
        }
    }
    Ok(())
}

/// Whether there is what a model of one factor needs.
fn can_learn(model: ModelKind, tf: &str, setting: &Setting) -> bool {
    let needs_motif = model.baseline().is_some_and(BaselineKind::needs_own_motif);
    let needs_features = model.baseline().is_some_and(BaselineKind::needs_features);
    let has_motif = || !setting.dataset.profiles(tf).is_empty();
    (!needs_motif || has_motif()) && (!needs_features || has_features(setting))
}

/// Whether there are motifs or accessibility to learn from.
pub fn has_features(setting: &Setting) -> bool {
    setting.dataset.has_signal() || setting.dataset.motifs().is_some_and(|motifs| !motifs.is_empty())
}
