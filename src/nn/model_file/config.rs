//! The configuration in the header of a model file.

use serde_json::{Map, Value, json};

use super::Header;
use crate::{
    Result,
    nn::{LastPool, ModelConfig},
};

/// A key of the trunk that older files lack: their models drop a shorter last pool.
const LAST_POOL: &str = "last_pool";
/// A key that older files lack.
const MOTIF_SCALE: &str = "motif_scale";

/// The JSON of a configuration, without the keys that older files lack if they have the value of a missing key: equal
/// models make equal files. An older version of this crate reads a file without these keys; it refuses unknown keys,
/// such as the scale of motifs that an [`Architecture`](crate::nn::Architecture) writes.
pub(super) fn text(config: &ModelConfig, json: &str) -> String {
    // Neither key is the first of its object.
    let entry = |key: &str, value: Value| format!(",\"{key}\":{value}");
    let trunk = &config.trunk;
    let json = json.replace(&entry(MOTIF_SCALE, Value::Null), "");
    let is_needed = trunk.last_pool == LastPool::Shorter && !trunk.is_divided();
    if is_needed { json } else { json.replace(&entry(LAST_POOL, json!(trunk.last_pool)), "") }
}

/// Reads the configuration of a header, and refuses unknown keys.
pub(super) fn read(header: &Header) -> Result<ModelConfig> {
    let corrupt = |error: &dyn std::fmt::Display| header.corrupt("config", error);
    let mut given = header.json("config")?;
    if let Value::Object(config) = &mut given {
        config.entry(MOTIF_SCALE).or_insert(Value::Null);
        if let Some(Value::Object(trunk)) = config.get_mut("trunk") {
            trunk.entry(LAST_POOL).or_insert_with(|| json!(LastPool::Dropped));
        }
    }
    let mut config: ModelConfig = serde_json::from_value(given.clone()).map_err(|error| corrupt(&error))?;
    let known = serde_json::to_value(&config).map_err(|error| corrupt(&error))?;
    if let Some(key) = other_key(&given, &known) {
        return Err(corrupt(&format!("unknown or missing key `{key}`")));
    }
    config.validate().map_err(|error| corrupt(&error))?;
    config.trunk = config.trunk.normalised();
    Ok(config)
}

/// Finds a key that only one of two values has, at any depth.
fn other_key<'a>(a: &'a Value, b: &'a Value) -> Option<&'a str> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return None };
    let only = |a: &'a Map<String, Value>, b: &Map<String, Value>| a.keys().find(|key| !b.contains_key(*key));
    let below = || a.iter().find_map(|(key, a)| other_key(a, b.get(key)?));
    only(a, b).or_else(|| only(b, a)).map(String::as_str).or_else(below)
}
