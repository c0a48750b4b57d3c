//! Which format a file of motifs is in.

use std::path::Path;

use super::{
    cis_bp, jaspar,
    lines::{Found, Lines},
    meme, transfac,
};
use crate::{Error, Result};

const KNOWN: &str = "MEME (\"MEME version\"), JASPAR, HOCOMOCO's .pcm or HOMER (\">\"), TRANSFAC (\"AC\" or another key) or \
                     CIS-BP (\"Pos A C G T\"): convert others to MEME, as the programs ...2meme of the MEME Suite do";

/// Reads the motifs of a file's lines in the format that its content tells.
pub(super) fn read<'a>(path: &'a Path, content: &'a str) -> Result<Vec<Found<'a>>> {
    let mut lines = Lines::new(path, content);
    let Some(first) = lines.peek() else { return Err(not_motifs(path, "it is empty")) };
    if let Some(detail) = markup(first.text) {
        return Err(not_motifs(path, detail));
    }
    let has = |is: fn(&str) -> bool| content.lines().any(|line| is(line.trim()));
    if jaspar::begins(first.text) {
        jaspar::read(&mut lines)
    } else if meme::begins(first.text) || first.text.starts_with('*') && has(meme::begins) {
        meme::read(&mut lines)
    } else if has(cis_bp::is_header) {
        cis_bp::read(&mut lines)
    } else if transfac::begins(first.text) {
        transfac::read(&mut lines)
    } else {
        Err(first.wrong(1, KNOWN, first.text))
    }
}

/// What a file is that begins as markup does, and what to take instead.
fn markup(first: &str) -> Option<&'static str> {
    let first = first.to_ascii_lowercase();
    if first.starts_with("<!doctype html") || first.starts_with("<html") {
        Some("it is a web page; of a MEME run take the file .txt, and else download the motifs themselves")
    } else if first.starts_with('<') {
        Some("it is XML; of a MEME run take the file .txt")
    } else if first.starts_with('{') || first.starts_with("[{") || first == "[" {
        Some("it is JSON; take the motifs in MEME or JASPAR format")
    } else {
        None
    }
}

pub(super) fn not_motifs(path: &Path, detail: &str) -> Error {
    let expected = "a motif file (MEME, JASPAR, TRANSFAC, HOCOMOCO, HOMER or CIS-BP)";
    Error::Format { path: path.to_owned(), expected, detail: detail.into() }
}
