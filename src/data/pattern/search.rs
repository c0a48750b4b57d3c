//! The files that a pattern matches.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use super::{Names, Pattern, check_name};
use crate::{Error, Result, error::names, file::at};

/// The files that a pattern matches.
#[derive(Debug)]
pub(crate) struct Found {
    /// By the names in place of the placeholders.
    pub(crate) files: BTreeMap<Names, PathBuf>,
    /// Files that nearly match.
    pub(crate) near: Vec<PathBuf>,
}

impl Pattern {
    /// Finds the files below `folder` that match.
    ///
    /// Where a file's name matches in several ways, the one with a cell type among `cells` is right, or else the
    /// only one with a cell type that other files have.
    pub(crate) fn find(&self, folder: &Path, cells: &BTreeSet<&str>) -> Result<Found> {
        let mut search = Search { pattern: self, matches: BTreeMap::new(), near: Vec::new() };
        search.descend(0, folder, &Names::default())?;
        let Search { matches, mut near, .. } = search;
        near.sort_unstable();
        if matches.is_empty() {
            let near = if near.is_empty() { String::new() } else { format!(", but {}", listed(&near, folder)) };
            return Err(self.error("at least one file that fits", format!("none in {}{near}", folder.display())));
        }
        Ok(Found { files: self.read(matches, cells)?, near })
    }

    /// Returns a note of the files that nearly match.
    pub(crate) fn near_note(&self, near: &[PathBuf], folder: &Path) -> Option<String> {
        let note = || format!("{} {:?} leaves out {}", self.key, self.text, listed(near, folder));
        (!near.is_empty()).then(note)
    }

    /// Decides between the matches of each file's name.
    fn read(&self, matches: BTreeMap<PathBuf, Vec<Names>>, cells: &BTreeSet<&str>) -> Result<BTreeMap<Names, PathBuf>> {
        let unambiguous: Vec<Names> = matches.values().filter(|all| all.len() == 1).flatten().cloned().collect();
        let is_given = |names: &Names| names.cell.as_deref().is_some_and(|cell| cells.contains(cell));
        // A factor's name may be the start of another's, so cell types decide.
        let is_known = |names: &Names| unambiguous.iter().any(|other| other.cell == names.cell);
        let mut files = BTreeMap::new();
        for (path, all) in matches {
            let only = |is_right: &dyn Fn(&Names) -> bool| -> Option<Names> {
                let mut right = all.iter().filter(|names| is_right(names));
                right.next().cloned().filter(|_| right.next().is_none())
            };
            let names = only(&|_| true).or_else(|| only(&is_given)).or_else(|| only(&is_known)).ok_or_else(|| {
                let say = |names: &Names| {
                    let name = |name: &Option<String>| name.clone().unwrap_or_default();
                    format!("{} in {}", name(&names.tf), name(&names.cell))
                };
                let ways = all.iter().map(say).collect::<Vec<_>>().join(" or ");
                let expected = "file names that can be read in one way, say with a folder for each cell type, by";
                self.error(expected, format!("{}, which is {ways}", path.display()))
            })?;
            for name in names.tf.iter().chain(&names.cell) {
                check_name(self.key, name)?;
            }
            files.insert(names, path);
        }
        Ok(files)
    }
}

struct Search<'a> {
    pattern: &'a Pattern,
    /// All ways to match the path of each file.
    matches: BTreeMap<PathBuf, Vec<Names>>,
    near: Vec<PathBuf>,
}

impl Search<'_> {
    /// Searches below `path`, which matches the first components.
    fn descend(&mut self, depth: usize, path: &Path, names: &Names) -> Result<()> {
        let Some(component) = self.pattern.components.get(depth) else {
            if check_file(path)? {
                self.matches.entry(path.to_owned()).or_default().push(names.clone());
            }
            return Ok(());
        };
        if component.is_fixed() {
            let text = component.text(names);
            // An absolute path begins with nothing.
            let next = if depth == 0 && text.is_empty() { PathBuf::from("/") } else { path.join(text) };
            let is_known = *names == Names::default() || metadata(&next)?.is_some();
            return if is_known { self.descend(depth + 1, &next, names) } else { self.note_near(depth, path, names) };
        }
        // The name of a file may match where a folder is expected.
        if *names != Names::default() && !is_folder(path)? {
            return Ok(());
        }
        // An empty path cannot be listed.
        let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let name = entry.map_err(at(folder))?.file_name();
            self.enter(depth, path, &name.to_string_lossy(), names)?;
        }
        Ok(())
    }

    /// Notes the entries of a folder that nearly match, or else the folder.
    fn note_near(&mut self, depth: usize, folder: &Path, names: &Names) -> Result<()> {
        if !is_folder(folder)? {
            return Ok(());
        }
        let before = self.near.len();
        for entry in fs::read_dir(folder).map_err(at(folder))? {
            let name = entry.map_err(at(folder))?.file_name();
            if self.pattern.components[depth].nearly_matches(&name.to_string_lossy(), names) {
                self.near.push(folder.join(name));
            }
        }
        if self.near.len() == before {
            self.near.push(folder.to_owned());
        }
        Ok(())
    }

    fn enter(&mut self, depth: usize, folder: &Path, name: &str, names: &Names) -> Result<()> {
        let component = &self.pattern.components[depth];
        let (path, matches) = (folder.join(name), component.matches(name, names));
        let is_last = depth + 1 == self.pattern.components.len();
        let is_hidden = name.starts_with('.') && !component.is_hidden();
        // A name that is not UTF-8 cannot be opened by its text.
        let is_text = !name.contains(char::REPLACEMENT_CHARACTER);
        if matches.is_empty() && component.matches_without_name(name, names) {
            let found = format!("an empty name in {}", path.display());
            return Err(self.pattern.error("names of factors and cell types where it has placeholders:", found));
        }
        if !matches.is_empty() && !is_hidden && is_text {
            return matches.iter().try_for_each(|names| self.descend(depth + 1, &path, names));
        }
        if is_last && (!matches.is_empty() || component.nearly_matches(name, names)) {
            self.near.push(path);
        }
        Ok(())
    }
}

/// Returns whether there is a file; anything else of that name is an error.
fn check_file(path: &Path) -> Result<bool> {
    let refuse = |detail: &str| {
        let detail = format!("{detail}, though its name is one of a file that is looked for");
        Err(Error::format(path, "a file", detail))
    };
    match metadata(path)? {
        None => Ok(false),
        Some(found) if found.is_file() => Ok(true),
        Some(found) if found.is_dir() => refuse("it is a folder"),
        Some(_) => refuse("it is neither a file nor a folder"),
    }
}

fn is_folder(path: &Path) -> Result<bool> {
    Ok(metadata(path)?.is_some_and(|found| found.is_dir()))
}

/// Returns the metadata of a path, if it exists; a link that leads nowhere is an error.
fn metadata(path: &Path) -> Result<Option<fs::Metadata>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
            let source = io::Error::new(error.kind(), "a link to what is not there: mend or remove it");
            Err(Error::Io { path: path.to_owned(), source })
        }
        // A file may stand where a folder is expected.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(Error::Io { path: path.to_owned(), source }),
    }
}

/// Lists the first few paths, relative to a folder, and how many more there are.
fn listed(paths: &[PathBuf], folder: &Path) -> String {
    names::listed(paths.iter().map(|path| path.strip_prefix(folder).unwrap_or(path).display()), 10)
}
