//! Adding tasks to a model in a file.

use super::ModelFile;
use crate::{
    Error, Result,
    nn::{Adapter, ModelConfig, ModelInputs},
};

impl ModelFile {
    /// Adds the tasks of another model to this one's trunk: new tasks after its own, and common ones in place of its
    /// own.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] unless both have one trunk, sigmoid heads, at most linear adapters, and the same kind of
    /// inputs.
    pub(crate) fn with_further_tasks(&self, further: &Self) -> Result<Self> {
        let all: Vec<&String> = self.tasks.iter().chain(&further.tasks).collect();
        let new = further.tasks.iter().filter(|name| !self.tasks.contains(name));
        let tasks: Vec<String> = self.tasks.iter().chain(new).cloned().collect();
        // Of two tasks with one name, the last one is taken.
        let places: Vec<usize> = tasks.iter().filter_map(|name| all.iter().rposition(|known| *known == name)).collect();
        let model = self.model.with_further_tasks(&further.model).and_then(|model| model.select_tasks(&places));
        let model = model.ok_or_else(|| {
            let expected = "one network, or members that all predict all tasks, sigmoid heads, at most linear adapters";
            let found = format!("a head {:?}, adapters {:?}", self.config.head, self.config.adapter).to_lowercase();
            Error::mismatch("the model that gets further tasks", expected, found)
        })?;
        let at = |place: &usize| match place.checked_sub(self.tasks.len()) {
            Some(place) => (further, place),
            None => (self, *place),
        };
        let shares = places.iter().map(at).map(|(file, task)| file.config.shares.as_ref().map(|shares| shares[task]));
        let has_adapters = [self, further].iter().any(|file| file.config.adapter == Adapter::Linear);
        let adapter = if has_adapters { Adapter::Linear } else { self.config.adapter };
        let config = ModelConfig { tasks: tasks.len(), shares: shares.collect(), adapter, ..self.config.clone() };
        let inputs = match (&self.inputs, &further.inputs) {
            (Some(own), Some(others)) => {
                let priors = [own.priors.as_slice(), &others.priors].concat();
                let priors = places.iter().map(|place| priors[*place]).collect();
                ModelInputs::joined(&[own, others], priors, self.reads_signal())?
            }
            _ => None,
        };
        Ok(Self { config, tasks, inputs, model })
    }
}
