//! Source files, and the modules that they are.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Sources by module path, such as `genome::bed::columns`; the crate's root has an empty one.
pub type Sources = BTreeMap<String, String>;

/// The Rust files below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the sources are beside the tests") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The sources below a folder whose crate starts in the file `root`; without tests.
pub fn read(folder: &Path, root: &str) -> Sources {
    let modules = rust_files(folder).into_iter().map(|path| {
        let place = path.strip_prefix(folder).expect("it is below the folder").with_extension("");
        let parts: Vec<_> = place.iter().map(|part| part.to_str().unwrap()).collect();
        let module = if parts == [root] { String::new() } else { parts.join("::") };
        (module, path)
    });
    let sources = modules.filter(|(module, _)| module.split("::").all(|part| part != "tests"));
    sources.map(|(module, path)| (module, fs::read_to_string(path).unwrap())).collect()
}

/// The first part of a module's path.
pub fn top_level(module: &str) -> Option<&str> {
    module.split("::").next().filter(|first| !first.is_empty())
}

/// The module around a module.
pub fn parent(module: &str) -> String {
    module.rsplit_once("::").map(|(parent, _)| parent.to_owned()).unwrap_or_default()
}

/// The path of what a module holds.
pub fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}
