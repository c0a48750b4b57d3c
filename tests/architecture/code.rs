//! What a file declares and names.

use std::collections::{BTreeMap, BTreeSet};

/// A file's code, cut into its `use` declarations and the rest.
#[derive(Default)]
pub struct Code {
    /// What a name stands for: a path from the crate's root, or from outside.
    pub names: BTreeMap<String, Vec<String>>,
    /// The names of declarations without `pub`: imports whether or not they are used.
    pub private: BTreeSet<String>,
    /// Modules whose names are all imported, and those whose names are all handed on.
    pub globs: Vec<Vec<String>>,
    pub open_doors: Vec<Vec<String>>,
    /// Paths in the code: each a name or several with `::` between them.
    pub paths: BTreeSet<Vec<String>>,
}

impl Code {
    pub fn new(module: &str, text: &str) -> Self {
        let tokens = flatten(&tokens(text));
        let mut code = Self::default();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at] == "use" {
                let end = at + tokens[at..].iter().position(|token| token == ";").expect("a use ends");
                let public = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
                code.declare(module, &tokens[at + 1..end], &mut Vec::new(), public);
                at = end;
            } else if is_name(&tokens[at]) {
                let is_visibility = at > 1 && tokens[at - 1] == "in" && tokens[at - 2] == "(";
                let mut path = vec![tokens[at].clone()];
                while at + 2 < tokens.len() && tokens[at + 1] == "::" && is_name(&tokens[at + 2]) {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                // A visibility, such as `pub(in crate::nn)`, is no import.
                if !is_visibility {
                    code.paths.insert(path);
                }
            }
            at += 1;
        }
        code
    }

    /// Reads `a::{b, c as d, e::*}` below a path.
    fn declare(&mut self, module: &str, tokens: &[String], before: &mut Vec<String>, public: bool) {
        let depth = before.len();
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" => {
                    let end = closing(tokens, at);
                    for branch in split(&tokens[at + 1..end]) {
                        self.declare(module, branch, before, public);
                    }
                    before.truncate(depth);
                    return;
                }
                "*" if public => self.open_doors.push(absolute(module, before)),
                "*" => self.globs.push(absolute(module, before)),
                "::" => {}
                "as" => {
                    self.name(module, before, &tokens[at + 1], public);
                    before.truncate(depth);
                    return;
                }
                "self" if !before.is_empty() => {}
                name => before.push(name.to_owned()),
            }
            at += 1;
        }
        if tokens.last().is_some_and(|last| last != "*") {
            let name = before.last().expect("a path has a name").clone();
            self.name(module, before, &name, public);
        }
        before.truncate(depth);
    }

    fn name(&mut self, module: &str, path: &[String], name: &str, public: bool) {
        self.names.insert(name.to_owned(), absolute(module, path));
        if !public {
            self.private.insert(name.to_owned());
        }
    }
}

/// A path with `crate`, `self` and `super` worked out; what starts otherwise is a child, or from outside.
pub fn absolute(module: &str, path: &[String]) -> Vec<String> {
    let mut from: Vec<String> = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut rest = path;
    match path.first().map(String::as_str) {
        Some("crate") => {
            from.clear();
            rest = &rest[1..];
        }
        Some("self") => rest = &rest[1..],
        _ => {
            while rest.first().is_some_and(|part| part == "super") {
                from.pop();
                rest = &rest[1..];
            }
        }
    }
    from.extend_from_slice(rest);
    from
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn closing(tokens: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("a brace is not closed");
}

/// The tokens as if modules inside a file were the file itself.
fn flatten(tokens: &[String]) -> Vec<String> {
    let mut flat = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "mod" && tokens.get(at + 2).is_some_and(|token| token == "{") {
            let end = closing(tokens, at + 2);
            let mut inner = flatten(&tokens[at + 3..end]).into_iter().peekable();
            while let Some(token) = inner.next() {
                match token.as_str() {
                    "super" if inner.peek().is_some_and(|next| next == "::") => flat.push("self".to_owned()),
                    _ => flat.push(token),
                }
            }
            at = end;
        } else {
            flat.push(tokens[at].clone());
        }
        at += 1;
    }
    flat
}

fn split(tokens: &[String]) -> Vec<&[String]> {
    let mut depth = 0;
    let branches = tokens.split(|token| {
        depth += i32::from(token == "{") - i32::from(token == "}");
        depth == 0 && token == ","
    });
    branches.filter(|branch| !branch.is_empty()).collect()
}

/// Names, `::`, and single other characters; without comments, texts and the tests at a file's end.
fn tokens(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    let skip =
        |from: usize, end: char| (from..characters.len()).find(|&i| characters[i] == end).unwrap_or(characters.len());
    while at < characters.len() {
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        match characters[at] {
            '/' if next == '/' => at = skip(at, '\n'),
            '"' => {
                at += 1;
                while at < characters.len() && characters[at] != '"' {
                    at += 1 + usize::from(characters[at] == '\\');
                }
                at += 1;
            }
            // A character, not a lifetime.
            '\'' if next == '\\' => at = skip(at + 3, '\'') + 1,
            '\'' if characters.get(at + 2) == Some(&'\'') => at += 3,
            ':' if next == ':' => {
                tokens.push("::".to_owned());
                at += 2;
            }
            first if first.is_alphanumeric() || first == '_' => {
                let end = (at..characters.len()).find(|&i| !(characters[i].is_alphanumeric() || characters[i] == '_'));
                let end = end.unwrap_or(characters.len());
                tokens.push(characters[at..end].iter().collect());
                at = end;
            }
            first => {
                if !first.is_whitespace() {
                    tokens.push(first.to_string());
                }
                at += 1;
            }
        }
    }
    tokens
}
