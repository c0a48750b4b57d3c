//! Further tasks for a model in a file.

use super::ModelFile;
use crate::{
    Error, Result,
    nn::{Adapter, ModelConfig, ModelInputs},
};

impl ModelFile {
    /// Returns the model with the tasks of another on its own trunk: new ones behind its own, and those that both have from the
    /// other. The other tasks' weights stay as they are.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] unless both are of one trunk, with sigmoid heads and at most linear adapters, and see alike inputs.
    pub(crate) fn with_further_tasks(&self, further: &Self) -> Result<Self> {
        let all: Vec<&String> = self.tasks.iter().chain(&further.tasks).collect();
        // Of two tasks of one name the last is taken, in the place of the first.
        let mut tasks: Vec<String> = Vec::new();
        for name in &all {
            if !tasks.contains(name) {
                tasks.push((*name).clone());
            }
        }
        let places: Vec<usize> = tasks.iter().filter_map(|name| all.iter().rposition(|known| *known == name)).collect();
        let model = self.model.with_further_tasks(&further.model).and_then(|model| model.of_tasks(&places));
        let model = model.ok_or_else(|| Error::Mismatch {
            what: "the model that gets further tasks".into(),
            expected: "one network, or members that all answer for all tasks, with a sigmoid head and no adapters"
                .into(),
            found: format!("a head {:?}, adapters {:?}", self.config.head, self.config.adapter).to_lowercase(),
        })?;
        let at = |place: &usize| {
            if *place < self.tasks.len() { (self, *place) } else { (further, *place - self.tasks.len()) }
        };
        let shares = places.iter().map(at).map(|(file, task)| file.config.shares.as_ref().map(|shares| shares[task]));
        let has_adapters = [self, further].iter().any(|file| file.config.adapter == Adapter::Linear);
        let adapter = if has_adapters { Adapter::Linear } else { self.config.adapter };
        let config = ModelConfig { tasks: tasks.len(), shares: shares.collect(), adapter, ..self.config.clone() };
        let inputs = match (&self.inputs, &further.inputs) {
            (Some(own), Some(others)) => {
                let prior =
                    |(file, task): (&Self, usize)| file.inputs.as_ref().map_or(0.0, |inputs| inputs.priors[task]);
                let priors = places.iter().map(at).map(prior).collect();
                ModelInputs::joined(&[own, others], priors, self.reads_signal())?
            }
            _ => None,
        };
        Ok(Self { config, tasks, inputs, model })
    }
}
