//! Patterns of paths, with `{tf}` and `{cell}`.

mod component;
mod placeholder;
mod search;
#[cfg(test)]
mod tests;

use self::component::Component;
pub(crate) use self::{
    placeholder::{Names, Placeholder},
    search::Found,
};
use crate::{Error, Result};

/// A path below a folder, with `{tf}` and `{cell}` as placeholders.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The key of the setting, for errors.
    key: &'static str,
    text: String,
    components: Vec<Component>,
}

impl Pattern {
    pub(crate) fn new(key: &'static str, text: &str) -> Result<Self> {
        let expected = "a path whose only placeholders are {tf} and {cell}";
        let error = || Error::config(key, expected, format!("{text:?}"));
        let components = text.split('/').map(|part| Component::new(part).ok_or_else(error)).collect::<Result<_>>()?;
        Ok(Self { key, text: text.to_owned(), components })
    }

    pub(crate) fn has(&self, placeholder: Placeholder) -> bool {
        self.components.iter().any(|component| component.has(placeholder))
    }

    /// Makes an error of the setting.
    fn error(&self, expected: &str, found: String) -> Error {
        Error::config(self.key, format!("{expected} {:?}", self.text), found)
    }
}

/// Refuses what cannot be the name of a factor or a cell type.
pub(crate) fn check_name(key: &str, name: &str) -> Result<()> {
    // In tables a star stands for all factors or cell types.
    let works = !name.is_empty() && name != "*" && !name.contains(['/', '\\']) && !name.contains(char::is_control);
    Error::unless(works, key.to_owned(), "a name: not empty, not *, and without slashes", format!("{name:?}"))
}
