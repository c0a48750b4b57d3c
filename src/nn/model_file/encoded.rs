//! The weights of a network, encoded for a file.

use burn::{module::Module, store::bridge};
use serde_json::{Map, Value, json};

use super::{
    Header,
    weights::{not_finite, tensors},
};
use crate::{Error, Result, file::numbers};

/// The weights of a network as 32-bit floats, and the place of each tensor.
pub(in crate::nn) struct EncodedWeights {
    places: Map<String, Value>,
    values: Vec<u8>,
}

impl EncodedWeights {
    /// Encodes all weights, in the order of their names.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for one that is not a finite float.
    pub(in crate::nn) fn new(network: &impl Module) -> Result<Self> {
        let (mut places, mut values) = (Map::new(), Vec::new());
        for (name, tensor) in tensors(network) {
            let shape = tensor.shape.to_vec();
            let mismatch = |found| Error::mismatch(&name, "finite weights", found);
            if !tensor.dtype.is_float() {
                return Err(mismatch(format!("{:?}", tensor.dtype)));
            }
            let data = bridge::into_data(tensor).map_err(|error| mismatch(error.to_string()))?;
            if let Some(value) = not_finite(&data) {
                return Err(mismatch(value.to_string()));
            }
            let start = values.len();
            let numbers: Vec<f32> = data.iter().collect();
            values.extend_from_slice(&numbers::to_bytes(&numbers));
            let place = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, values.len()] });
            places.insert(name, place);
        }
        Ok(Self { places, values })
    }

    /// Returns the number of weights.
    pub(in crate::nn) fn len(&self) -> usize {
        self.values.len() / size_of::<f32>()
    }

    /// Returns the bytes of the file: a header with a checksum of the file and these entries, and the weights.
    pub(in crate::nn) fn into_bytes(self, entries: impl IntoIterator<Item = (&'static str, String)>) -> Vec<u8> {
        let entries = entries.into_iter().map(|(key, text)| (key.to_owned(), Value::String(text)));
        let metadata = std::iter::once(Header::placeholder()).chain(entries).collect();
        let mut header = self.places;
        header.insert("__metadata__".into(), Value::Object(metadata));
        Header::with_checksum(&Value::Object(header), &self.values)
    }
}
