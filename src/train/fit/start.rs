//! A model to start from.

use super::super::identity::StartIdentity;
use crate::{
    Error, Result,
    nn::{Model, ModelFile, contents},
};

/// A model to start from.
pub(super) struct Start {
    pub(super) name: String,
    model: Model,
    /// The names of its tasks, where they are known; or else they are those of the run, in its order.
    tasks: Option<Vec<String>>,
}

impl Start {
    pub(super) fn of_model(name: String, model: Model) -> Self {
        Self { name, model, tasks: None }
    }

    pub(super) fn of_file(name: String, file: ModelFile) -> Self {
        Self { name, model: file.model, tasks: Some(file.tasks) }
    }

    pub(super) fn identity(&self) -> StartIdentity {
        StartIdentity { name: self.name.clone(), weights: contents(&self.model) }
    }

    /// The model of these tasks, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a task that it does not have, or if its tasks cannot be parted.
    pub(super) fn of_tasks(&self, wanted: &[String]) -> Result<Model> {
        let Some(tasks) = &self.tasks else { return Ok(self.model.clone()) };
        if tasks == wanted {
            return Ok(self.model.clone());
        }
        let mismatch = |part: &str, expected: String, found: &str| Error::Mismatch {
            what: format!("the model to start from, {}: {part}", self.name),
            expected,
            found: found.to_owned(),
        };
        let place = |name: &String| {
            let place = tasks.iter().position(|known| known == name);
            place.ok_or_else(|| mismatch("its tasks", format!("{name} among them"), &tasks.join(", ")))
        };
        let places: Vec<usize> = wanted.iter().map(place).collect::<Result<_>>()?;
        let parted = self.model.of_tasks(&places);
        parted.ok_or_else(|| {
            let expected = format!("{} in this order, where the head is not sigmoid", wanted.join(", "));
            mismatch("its tasks", expected, &tasks.join(", "))
        })
    }
}
