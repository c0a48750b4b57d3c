//! What the headers of all files say.

use serde::{Serialize, de::DeserializeOwned};

use super::Header;
use crate::{Error, Result, nn::ModelInputs};

impl Header {
    /// Returns the names of the tasks.
    pub(in crate::nn) fn tasks(&self) -> Result<Vec<String>> {
        serde_json::from_value(self.json("tasks")?).map_err(|error| self.corrupt("tasks", &error))
    }

    /// Returns what the network was made to see, for a number of tasks, if the header says it.
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

/// JSON that gives the value again: a number that is not finite has none.
pub(in crate::nn) fn json_of<T: Serialize + DeserializeOwned>(what: &str, value: &T) -> Result<String> {
    let text = serde_json::to_string(value).and_then(|text| serde_json::from_str::<T>(&text).map(|_| text));
    text.map_err(|error| Error::Mismatch {
        what: what.into(),
        expected: "what JSON can hold, as finite numbers".into(),
        found: error.to_string(),
    })
}

/// Refuses two things that differ.
pub(in crate::nn) fn same<T: PartialEq + ToString>(what: String, expected: T, found: T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what, expected: expected.to_string(), found: found.to_string() })
}
