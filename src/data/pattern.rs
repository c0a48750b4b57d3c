//! Paths with `{tf}` and `{cell}` in them.

mod component;
mod search;

use self::component::Component;
pub(crate) use self::search::Found;
use crate::{Error, Result};

/// What the placeholders of a path stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Names {
    pub(crate) tf: Option<String>,
    pub(crate) cell: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Tf,
    Cell,
}

impl Names {
    fn of(&self, placeholder: Placeholder) -> Option<&str> {
        match placeholder {
            Placeholder::Tf => self.tf.as_deref(),
            Placeholder::Cell => self.cell.as_deref(),
        }
    }

    fn with(&self, placeholder: Placeholder, name: &str) -> Self {
        let mut names = self.clone();
        match placeholder {
            Placeholder::Tf => names.tf = Some(name.to_owned()),
            Placeholder::Cell => names.cell = Some(name.to_owned()),
        }
        names
    }
}

/// A path below a folder, with placeholders.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The setting that it comes from, for errors.
    key: &'static str,
    text: String,
    components: Vec<Component>,
}

impl Pattern {
    pub(crate) fn new(key: &'static str, text: &str) -> Result<Self> {
        let error = || Error::Config {
            key: key.to_owned(),
            expected: "a path whose only placeholders are {tf} and {cell}".to_owned(),
            found: format!("{text:?}"),
        };
        let components = text.split('/').map(|part| Component::new(part).ok_or_else(error)).collect::<Result<_>>()?;
        Ok(Self { key, text: text.to_owned(), components })
    }

    pub(crate) fn has(&self, placeholder: Placeholder) -> bool {
        self.components.iter().any(|component| component.has(placeholder))
    }

    /// An error of the setting.
    fn error(&self, expected: &str, found: String) -> Error {
        Error::Config { key: self.key.to_owned(), expected: format!("{expected} {:?}", self.text), found }
    }
}

/// Refuses what cannot be the name of a factor or a cell type.
pub(crate) fn check_name(key: &str, name: &str) -> Result<()> {
    // Tables mean all of them by a star, and have a line for each.
    let works = !name.is_empty() && name != "*" && !name.contains(['/', '\\']) && !name.contains(char::is_control);
    Error::unless(works, key.to_owned(), "a name: not empty, not *, and without slashes", format!("{name:?}"))
}

#[cfg(test)]
mod tests;
