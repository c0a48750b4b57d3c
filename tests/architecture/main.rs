//! The rules of ARCHITECTURE.md, read from the `use` lines and paths of the sources: a top-level module imports only
//! those before it, no files import each other in a circle, and no folder is crowded.

mod arrows;
mod code;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use arrows::{Arrows, arrows, circles, describe};
use sources::{Sources, parent, read, rust_files, top_level};

/// The top-level modules of the library, each after all that it may import.
const MODULES: [&str; 17] = [
    "random", "error", "file", "device", "genome", "motif", "metric", "data", "simulate", "nn", "predict", "train",
    "eval", "explain", "baseline", "strategy", "testing",
];

/// The most source files that a folder holds.
const WIDEST: usize = 13;

#[test]
fn modules_import_only_modules_before_them() {
    let upward = upward(&arrows(&library()));
    assert!(upward.is_empty(), "imports from modules that come later:\n{}", upward.join("\n"));
}

#[test]
fn files_do_not_import_each_other() {
    for sources in [library(), read(Path::new("src/bin/multitf"), "main")] {
        let circles = circles(&arrows(&sources));
        assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
    }
}

#[test]
fn every_module_is_in_the_list() {
    let found: BTreeSet<_> = library().keys().filter_map(|module| top_level(module).map(str::to_owned)).collect();
    assert_eq!(found, MODULES.iter().map(|&module| module.to_owned()).collect());
}

#[test]
fn no_folder_is_crowded() {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for module in library().keys() {
        *folders.entry(parent(module)).or_default() += 1;
    }
    folders.retain(|_, files| *files > WIDEST);
    folders.remove("");
    assert!(folders.is_empty(), "folders with more than {WIDEST} files: {folders:?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> =
        all_files().filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#![doc")).collect();
    assert!(
        silent.is_empty(),
        "files that do not start with a `//!`: {:?}",
        silent.iter().map(|(path, _)| path).collect::<Vec<_>>()
    );
}

#[test]
fn no_line_is_wider_than_the_formatter_allows() {
    let settings = fs::read_to_string("rustfmt.toml").unwrap();
    let width = settings.lines().find_map(|line| line.strip_prefix("max_width = ")).unwrap().parse().unwrap();
    let wide = all_files().flat_map(|(path, text)| {
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > width);
        lines.map(|(at, _)| format!("{}:{}", path.display(), at + 1)).collect::<Vec<_>>()
    });
    assert_eq!(wide.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn paths_in_the_documentation_exist() {
    let named = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/reliability.md"].into_iter().flat_map(|page| {
        let text = fs::read_to_string(page).unwrap();
        let quoted: Vec<String> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        quoted.into_iter().map(move |path| (page, path))
    });
    let is_path = |text: &str| {
        let parts: Vec<_> = text.split('/').collect();
        let is_part =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || "_.".contains(c));
        parts.len() > 1 && !text.starts_with('.') && parts.iter().all(is_part)
    };
    let exists = |path: &str| {
        let module = Path::new("src").join(path);
        Path::new(path).exists() || module.exists() || module.with_extension("rs").exists()
    };
    let missing: Vec<_> = named.filter(|(_, path)| is_path(path) && !exists(path)).collect();
    assert!(missing.is_empty(), "paths that do not exist: {missing:#?}");
}

#[test]
fn an_arrow_upwards_and_a_circle_are_found() {
    let sources = [
        ("", "mod genome;\nmod nn;"),
        ("genome", "mod bed;\nmod door;\nmod peak;\npub use door::*;\n"),
        ("genome::door", "pub use super::bed::{Bed, read};\n"),
        ("genome::bed", "use super::peak::Peak;\nuse crate::nn::Model;\npub struct Bed(Peak, Model);\n"),
        ("genome::peak", "pub struct Peak;\nfn more() { let _ = super::read; }\n"),
        (
            "nn",
            "// use crate::eval::Score;\npub struct Model(&'static str);\n#[cfg(test)]\nmod tests { use crate::eval; }",
        ),
    ];
    let sources = sources.map(|(module, text)| (module.to_owned(), text.to_owned())).into();
    let arrows = arrows(&sources);
    assert_eq!(upward(&arrows), ["genome::bed -> nn: Model"]);
    assert_eq!(circles(&arrows), ["genome::bed -> genome::peak: Peak, genome::peak -> genome::bed: read"]);
}

fn library() -> Sources {
    let mut sources = read(Path::new("src"), "lib");
    sources.retain(|module, _| top_level(module) != Some("bin"));
    sources
}

/// The Rust files of the repository, with their text.
fn all_files() -> impl Iterator<Item = (PathBuf, String)> {
    let folders = ["src", "tests", "examples", "benches"];
    folders.into_iter().flat_map(|folder| rust_files(Path::new(folder))).map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    })
}

fn upward(arrows: &Arrows) -> Vec<String> {
    let floor = |module: &str| MODULES.iter().position(|&known| Some(known) == top_level(module));
    let upward = arrows.iter().filter(|((from, to), _)| floor(to) > floor(from));
    upward.map(|(arrow, names)| describe(arrow, names)).collect()
}
