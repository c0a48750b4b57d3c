//! The parts of a path between its slashes.

use super::placeholder::{Names, Placeholder};

/// Extensions of files that hold peaks.
const PEAK_EXTENSIONS: [&str; 6] = ["bb", "bed", "bigbed", "broadpeak", "gappedpeak", "narrowpeak"];

/// Extensions of other tables, of compressed files, and of copies.
const EXTENSIONS: [&str; 18] = [
    "bak", "bgz", "bz2", "csv", "gz", "old", "orig", "part", "partial", "tab", "tmp", "tsv", "txt", "xls", "xlsx",
    "xz", "zip", "zst",
];

/// Names of files beside the data that hold none.
const NON_DATA: [&str; 7] = ["readme", "license", "manifest", "md5sum", "md5sums", "metadata", "index"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(Placeholder),
}

/// One part of a path with placeholders, between two slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Component(Vec<Piece>);

impl Component {
    /// Splits `a.{tf}.b` into its pieces; none if a brace is left over.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        for (i, part) in text.split('{').enumerate() {
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
        Some(Self(pieces))
    }

    pub(super) fn has(&self, placeholder: Placeholder) -> bool {
        self.0.contains(&Piece::Name(placeholder))
    }

    /// Returns whether it matches hidden files, as editors and file managers write them.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.0.first(), Some(Piece::Text(text)) if text.starts_with('.'))
    }

    /// Returns whether it has no placeholder.
    pub(super) fn is_fixed(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Returns the text with names in place of the placeholders.
    pub(super) fn text(&self, names: &Names) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Name(placeholder) => names.get(*placeholder).unwrap_or_default().to_owned(),
        };
        self.0.iter().map(text).collect()
    }

    /// Returns every way to match a text; a placeholder stands for at least one character.
    pub(super) fn matches(&self, text: &str, names: &Names) -> Vec<Names> {
        match_pieces(&self.0, text, names, 1)
    }

    /// Returns whether a text matches if a placeholder may stand for nothing.
    pub(super) fn matches_without_name(&self, text: &str, names: &Names) -> bool {
        !match_pieces(&self.0, text, names, 0).is_empty()
    }

    /// Returns whether a text would match with another extension, or in other case.
    pub(super) fn nearly_matches(&self, text: &str, names: &Names) -> bool {
        let Some((Piece::Text(last), before)) = self.0.split_last() else { return false };
        let (stem, text) = (stem(&last.to_ascii_lowercase()).to_owned(), text.to_ascii_lowercase());
        let bare = self::stem(&text);
        if bare == text || NON_DATA.contains(&bare) {
            return false;
        }
        let lower = |piece: &Piece| match piece {
            Piece::Text(text) => Piece::Text(text.to_ascii_lowercase()),
            Piece::Name(placeholder) => Piece::Name(*placeholder),
        };
        let pieces: Vec<Piece> = before.iter().map(lower).chain([Piece::Text(stem)]).collect();
        let lower = |name: &Option<String>| name.as_ref().map(|name| name.to_ascii_lowercase());
        let names = Names { tf: lower(&names.tf), cell: lower(&names.cell) };
        !match_pieces(&pieces, bare, &names, 1).is_empty()
    }
}

/// Cuts known extensions off a text in lower case.
fn stem(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((rest, end)) if PEAK_EXTENSIONS.contains(&end) || EXTENSIONS.contains(&end) => stem(rest),
        _ => text,
    }
}

/// Returns every way to match `text`; a name has at least `shortest` characters.
fn match_pieces(pieces: &[Piece], text: &str, names: &Names, shortest: usize) -> Vec<Names> {
    match pieces {
        [] if text.is_empty() => vec![names.clone()],
        [] => Vec::new(),
        [Piece::Text(start), rest @ ..] => {
            let text = text.strip_prefix(start.as_str());
            text.map_or_else(Vec::new, |text| match_pieces(rest, text, names, shortest))
        }
        [Piece::Name(placeholder), rest @ ..] => {
            let ends = text.char_indices().map(|(end, _)| end).chain([text.len()]);
            let cuts = ends.skip(shortest).map(|end| text.split_at(end));
            let is_known = |name: &str| names.get(*placeholder).is_none_or(|known| known == name);
            let cuts = cuts.filter(|(name, _)| is_known(name));
            cuts.flat_map(|(name, text)| match_pieces(rest, text, &names.with(*placeholder, name), shortest)).collect()
        }
    }
}
