//! Paths with `{tf}` and `{cell}` in them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Result, file::at};

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

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(Placeholder),
}

/// A path below a folder, with placeholders.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The setting that it comes from, for errors.
    key: &'static str,
    text: String,
    components: Vec<Vec<Piece>>,
}

impl Pattern {
    pub(crate) fn new(key: &'static str, text: &str) -> Result<Self> {
        let error = || Error::Config {
            key: key.to_owned(),
            expected: "a path whose only placeholders are {tf} and {cell}".to_owned(),
            found: format!("{text:?}"),
        };
        let components = text.split('/').map(|part| pieces(part).ok_or_else(error)).collect::<Result<_>>()?;
        Ok(Self { key, text: text.to_owned(), components })
    }

    pub(crate) fn has(&self, placeholder: Placeholder) -> bool {
        self.components.iter().flatten().any(|piece| *piece == Piece::Name(placeholder))
    }

    /// The path in which the placeholders are replaced.
    pub(crate) fn path(&self, folder: &Path, names: &Names) -> PathBuf {
        let replaced = |component: &Vec<Piece>| component.iter().map(|piece| piece.text(names)).collect::<String>();
        folder.join(self.components.iter().map(replaced).collect::<Vec<_>>().join("/"))
    }

    /// All files below `folder` that fit, by what the placeholders stand for.
    pub(crate) fn find(&self, folder: &Path) -> Result<BTreeMap<Names, PathBuf>> {
        let mut found = vec![Names::default()];
        for depth in 0..self.components.len() {
            let mut longer = Vec::new();
            for names in found {
                self.extend(folder, depth, names, &mut longer)?;
            }
            found = longer;
        }
        let files = found.into_iter().map(|names| (self.path(folder, &names), names));
        let files: BTreeMap<_, _> =
            files.filter(|(path, _)| path.is_file()).map(|(path, names)| (names, path)).collect();
        if files.is_empty() {
            return Err(self.error("at least one file that fits", format!("none in {}", folder.display())));
        }
        Ok(files)
    }

    /// Adds what the names become when the component at `depth` is matched as well.
    fn extend(&self, folder: &Path, depth: usize, names: Names, longer: &mut Vec<Names>) -> Result<()> {
        let component = &self.components[depth];
        if component.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            longer.push(names);
            return Ok(());
        }
        let parent = Self { components: self.components[..depth].to_vec(), ..self.clone() }.path(folder, &names);
        // A name that fits may be a file's where a folder is meant.
        if names != Names::default() && !parent.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(&parent).map_err(at(&parent))? {
            let name = entry.map_err(at(&parent))?.file_name();
            let Some(name) = name.to_str() else { continue };
            let mut fits = Vec::new();
            fit(component, name, &names, &mut fits);
            if fits.len() > 1 {
                return Err(self.error("a pattern that reads every file name in one way only", format!("{name:?}")));
            }
            longer.append(&mut fits);
        }
        Ok(())
    }

    fn error(&self, expected: &str, found: String) -> Error {
        Error::Config { key: self.key.to_owned(), expected: format!("{expected} {:?}", self.text), found }
    }
}

impl Piece {
    fn text<'a>(&'a self, names: &'a Names) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Name(placeholder) => names.of(*placeholder).unwrap_or_default(),
        }
    }
}

/// Splits `a.{tf}.b` into its pieces; none if a brace is left over.
fn pieces(component: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for (i, part) in component.split('{').enumerate() {
        let text = match (i, part.split_once('}')) {
            (0, None) => part,
            (1.., Some((name, text))) => {
                pieces.push(Piece::Name(match name {
                    "tf" => Placeholder::Tf,
                    "cell" => Placeholder::Cell,
                    _ => return None,
                }));
                text
            }
            _ => return None,
        };
        if text.contains('}') {
            return None;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
    }
    Some(pieces)
}

/// Collects every way in which the pieces can spell `text`.
fn fit(pieces: &[Piece], text: &str, names: &Names, fits: &mut Vec<Names>) {
    match pieces {
        [] if text.is_empty() => fits.push(names.clone()),
        [] => {}
        [Piece::Text(start), rest @ ..] => {
            if let Some(text) = text.strip_prefix(start.as_str()) {
                fit(rest, text, names, fits);
            }
        }
        [Piece::Name(placeholder), rest @ ..] => {
            let longest = text.find(|c| !is_name_character(c)).unwrap_or(text.len());
            for end in 1..=longest {
                let (name, text) = text.split_at(end);
                if names.of(*placeholder).is_none_or(|known| known == name) {
                    fit(rest, text, &names.with(*placeholder, name), fits);
                }
            }
        }
    }
}

/// Whether names of factors and cell types may hold a character.
pub(crate) fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_folder::TestFolder;

    fn names(tf: &str, cell: &str) -> Names {
        Names::default().with(Placeholder::Tf, tf).with(Placeholder::Cell, cell)
    }

    #[test]
    fn names_are_found_in_folders_and_files() {
        let folder = TestFolder::new("pattern-folders");
        folder.write("peaks/K562/CTCF.bed.gz", "");
        folder.write("peaks/K562/JUN-D_2.bed.gz", "");
        folder.write("peaks/HepG2/CTCF.bed.gz", "");
        folder.write("peaks/HepG2/CTCF.txt", "");
        folder.write("peaks/HepG2/a.b.bed.gz", "");
        folder.write("peaks/readme", "");
        let pattern = Pattern::new("peaks.pattern", "peaks/{cell}/{tf}.bed.gz").unwrap();
        let found = pattern.find(folder.path()).unwrap();
        let expected = [names("CTCF", "HepG2"), names("CTCF", "K562"), names("JUN-D_2", "K562")];
        assert_eq!(found.keys().cloned().collect::<Vec<_>>(), expected);
        assert_eq!(found[&expected[0]], folder.path().join("peaks/HepG2/CTCF.bed.gz"));
        assert_eq!(pattern.path(Path::new("d"), &expected[2]), Path::new("d/peaks/K562/JUN-D_2.bed.gz"));
    }

    #[test]
    fn a_name_that_comes_twice_must_be_the_same() {
        let folder = TestFolder::new("pattern-twice");
        folder.write("A/A.bed", "");
        folder.write("A/B.bed", "");
        let found = Pattern::new("labels", "{tf}/{tf}.bed").unwrap().find(folder.path()).unwrap();
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_name_that_reads_in_two_ways_is_an_error() {
        let folder = TestFolder::new("pattern-ambiguous");
        folder.write("A_K562.bed", "");
        let pattern = Pattern::new("peaks.pattern", "{tf}_{cell}.bed").unwrap();
        assert_eq!(pattern.find(folder.path()).unwrap().keys().next(), Some(&names("A", "K562")));
        folder.write("A_b_K562.bed", "");
        let error = pattern.find(folder.path()).unwrap_err().to_string();
        assert_eq!(
            error,
            "peaks.pattern: expected a pattern that reads every file name in one way only \"{tf}_{cell}.bed\", \
             found \"A_b_K562.bed\""
        );
    }

    #[test]
    fn a_pattern_without_files_is_an_error_with_the_folder() {
        let folder = TestFolder::new("pattern-none");
        folder.write("labels/readme", "");
        let error = Pattern::new("labels", "labels/{tf}.tsv.gz").unwrap().find(folder.path()).unwrap_err();
        let expected = format!(
            "labels: expected at least one file that fits \"labels/{{tf}}.tsv.gz\", found none in {}",
            folder.path().display()
        );
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_missing_folder_is_an_error_with_its_path() {
        let error = Pattern::new("labels", "no/{tf}.tsv").unwrap().find(Path::new("/nowhere")).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere/no: "), "{error}");
    }

    #[test]
    fn other_braces_are_errors() {
        for text in ["{TF}.bed", "{tf.bed", "tf}.bed", "{tf}}.bed", "{}"] {
            let error = Pattern::new("labels", text).unwrap_err().to_string();
            assert!(
                error.starts_with("labels: expected a path whose only placeholders are {tf} and {cell}"),
                "{error}"
            );
        }
    }
}
