//! Header entries that model files and network files share.

use serde::{Serialize, de::DeserializeOwned};

use super::Header;
use crate::{Error, Result, nn::ModelInputs};

impl Header {
    /// Returns the names of the tasks.
    pub(in crate::nn) fn tasks(&self) -> Result<Vec<String>> {
        serde_json::from_value(self.json("tasks")?).map_err(|error| self.corrupt("tasks", &error))
    }

    /// Returns the inputs of a network with so many tasks, if the header has them.
    pub(in crate::nn) fn inputs(&self, tasks: usize) -> Result<Option<ModelInputs>> {
        if self.get("inputs").is_none() {
            return Ok(None);
        }
        let corrupt = |error: &dyn std::fmt::Display| self.corrupt("inputs", error);
        let inputs: ModelInputs = serde_json::from_value(self.json("inputs")?).map_err(|error| corrupt(&error))?;
        inputs.validate(tasks).map_err(|error| corrupt(&error))?;
        Ok(Some(inputs))
    }
}

/// Writes JSON that reads back; a number that is not finite does not.
pub(in crate::nn) fn to_json<T: Serialize + DeserializeOwned>(what: &str, value: &T) -> Result<String> {
    let text = serde_json::to_string(value).and_then(|text| serde_json::from_str::<T>(&text).map(|_| text));
    text.map_err(|error| Error::mismatch(what, "what JSON can hold, as finite numbers", error))
}
