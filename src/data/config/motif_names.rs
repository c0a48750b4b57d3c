//! `[motif_names]`: the motifs of factors whose own names do not match them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Reads identifiers or alternate names by factor: one, or a list.
pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let names = BTreeMap::<String, OneOrMany>::deserialize(from)?;
    Ok(names.into_iter().map(|(factor, names)| (factor, names.into_vec())).collect())
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the identifier or alternate name of a motif, or a list of them")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Many(names) => names,
        }
    }
}
