//! Which file imports which, and circles.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    code::{Code, absolute},
    sources::{Sources, join},
};

/// Which module imports which, with the names that it takes.
pub type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

pub fn arrows(sources: &Sources) -> Arrows {
    let codes: BTreeMap<&str, Code> =
        sources.iter().map(|(module, text)| (module.as_str(), Code::new(module, text))).collect();
    let mut arrows = Arrows::new();
    for (&module, code) in &codes {
        let declared = code.private.iter().map(|name| code.names[name].clone());
        let used = code.paths.iter().filter_map(|path| match path[0].as_str() {
            "crate" | "super" | "self" if path.len() > 1 => Some(absolute(module, path)),
            first => {
                let named = code.names.get(first).map(|start| [start.as_slice(), &path[1..]].concat());
                let child = path.len() > 1 && sources.contains_key(&join(module, first));
                named.or_else(|| child.then(|| absolute(module, path)))
            }
        });
        for path in declared.chain(used).chain(code.globs.iter().cloned()) {
            let (target, name) = definition(&codes, &path, 0);
            if target != module && codes.contains_key(target.as_str()) && !target.is_empty() {
                arrows.entry((module.to_owned(), target)).or_default().insert(name);
            }
        }
    }
    arrows
}

/// The module that defines what a path names, however many doors hand it on.
fn definition(codes: &BTreeMap<&str, Code>, path: &[String], depth: usize) -> (String, String) {
    let mut module = String::new();
    for (at, part) in path.iter().enumerate() {
        let child = join(&module, part);
        if codes.contains_key(child.as_str()) {
            module = child;
            continue;
        }
        let code = &codes[module.as_str()];
        if depth < 20 {
            if let Some(start) = code.names.get(part) {
                return definition(codes, &[start.as_slice(), &path[at + 1..]].concat(), depth + 1);
            }
            let behind =
                |door: &&Vec<String>| codes.get(&*door.join("::")).is_some_and(|code| code.names.contains_key(part));
            if let Some(door) = code.open_doors.iter().find(behind) {
                return definition(codes, &[door.as_slice(), &path[at..]].concat(), depth + 1);
            }
        }
        return (module, part.clone());
    }
    let name = path.last().cloned().unwrap_or_default();
    (module, name)
}

pub fn describe((from, to): &(String, String), names: &BTreeSet<String>) -> String {
    format!("{from} -> {to}: {}", names.iter().cloned().collect::<Vec<_>>().join(" "))
}

/// Files each of which reaches itself, with the arrows between those that reach each other.
pub fn circles(arrows: &Arrows) -> Vec<String> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        reached.entry(from).or_default().insert(to);
    }
    loop {
        let mut grown = false;
        for from in reached.keys().copied().collect::<Vec<_>>() {
            let further: BTreeSet<&str> =
                reached[from].iter().filter_map(|to| reached.get(to)).flatten().copied().collect();
            let known = reached.get_mut(from).expect("it is a key");
            let before = known.len();
            known.extend(further);
            grown |= known.len() > before;
        }
        if !grown {
            break;
        }
    }
    let together = |a: &str, b: &str| reached.get(a).is_some_and(|to| to.contains(b));
    let mut circles = BTreeSet::new();
    for module in reached.keys().filter(|module| together(module, module)) {
        let inside = arrows
            .iter()
            .filter(|((from, to), _)| [from, to].iter().all(|end| together(module, end) && together(end, module)));
        circles.insert(inside.map(|(arrow, names)| describe(arrow, names)).collect::<Vec<_>>().join(", "));
    }
    circles.into_iter().collect()
}
