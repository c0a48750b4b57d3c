//! The placeholders of a path, and the names in their place.

/// The names in the place of the placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Names {
    pub(crate) tf: Option<String>,
    pub(crate) cell: Option<String>,
}

/// What a placeholder stands for: a factor or a cell type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Tf,
    Cell,
}

impl Names {
    pub(super) fn get(&self, placeholder: Placeholder) -> Option<&str> {
        match placeholder {
            Placeholder::Tf => self.tf.as_deref(),
            Placeholder::Cell => self.cell.as_deref(),
        }
    }

    pub(super) fn with(&self, placeholder: Placeholder, name: &str) -> Self {
        let mut names = self.clone();
        match placeholder {
            Placeholder::Tf => names.tf = Some(name.to_owned()),
            Placeholder::Cell => names.cell = Some(name.to_owned()),
        }
        names
    }
}
