//! Initializing a model with the weights of another of the same architecture.

use std::collections::BTreeMap;

use burn::module::Module;

use super::Model;
use crate::{
    Error, Result,
    file::differences,
    nn::model_file::weights::{first_not_finite, tensors},
};

impl Model {
    /// Takes over the weights of a model of the same architecture; settings of training, such as dropout, stay.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for the first difference, and for a weight that is not finite.
    pub(crate) fn with_weights_of(self, name: &str, other: Self) -> Result<Self> {
        let what = |part: &str| format!("the model to start from, {name}: {part}");
        if let Some(first) = differences(&self.description(), &other.description()).into_iter().next() {
            let [expected, found] = first.values.unwrap_or_default();
            return Err(Error::mismatch(what(&first.key), expected, found));
        }
        if let Some((name, value)) = first_not_finite(&other) {
            return Err(Error::mismatch(what(&name), "finite weights", value));
        }
        self.try_load_record(other.valid().into_record())
            .map_err(|error| Error::mismatch(what("its weights"), "those of this architecture", error))
    }

    /// The settings that change what the same weights compute, and the shapes of the weights.
    fn description(&self) -> BTreeMap<String, String> {
        let shapes = tensors(self).into_iter();
        let shapes = shapes.map(|(name, tensor)| (format!("shape of {name}"), format!("{:?}", tensor.shape.to_vec())));
        let settings = self.trunk.settings().into_iter().map(|(key, value)| (key.to_owned(), value));
        let answers = self.answers.as_ref().map_or("all members", |_| "some members for each task").to_owned();
        let own = [("head".to_owned(), self.head.description()), ("answers".to_owned(), answers)];
        shapes.chain(settings).chain(own).collect()
    }
}
