//! A pretrained model.

use crate::{
    Error, Result,
    nn::{Model, weight_digest},
    train::identity::NetworkIdentity,
};

/// A pretrained model.
pub(super) struct Pretrained {
    pub(super) name: String,
    pub(super) model: Model,
    /// The names of its tasks; without them, they are the run's tasks in its order.
    pub(super) tasks: Option<Vec<String>>,
}

impl Pretrained {
    pub(super) fn identity(&self) -> NetworkIdentity {
        NetworkIdentity { name: self.name.clone(), weights: weight_digest(&self.model) }
    }

    /// The model of these tasks, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a task that it does not have, or if its tasks cannot be separated.
    pub(super) fn for_tasks(&self, wanted: &[String]) -> Result<Model> {
        let Some(tasks) = self.tasks.as_ref().filter(|tasks| *tasks != wanted) else { return Ok(self.model.clone()) };
        let mismatch = |expected: String| {
            Error::mismatch(format!("the model to start from, {}: its tasks", self.name), expected, tasks.join(", "))
        };
        let place = |name: &String| {
            let place = tasks.iter().position(|known| known == name);
            place.ok_or_else(|| mismatch(format!("{name} among them")))
        };
        let places: Vec<usize> = wanted.iter().map(place).collect::<Result<_>>()?;
        self.model
            .select_tasks(&places)
            .ok_or_else(|| mismatch(format!("{} in this order, where the head is not sigmoid", wanted.join(", "))))
    }
}
