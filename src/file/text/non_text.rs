//! Files that are no text, by their first bytes.

/// What other files start with, and what a message says of them.
const KINDS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it is a zip archive, as a spreadsheet is too: unpack it, or save it as text"),
    (b"BZh", "it is compressed with bzip2: bunzip2 it"),
    (b"\xfd7zXZ\0", "it is compressed with xz: unxz it"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd: unzstd it"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it"),
    (b"Rar!\x1a\x07", "it is a rar archive: unpack it"),
    (b"\x1f\x9d", "it is compressed with compress: uncompress it"),
    (b"\x1f\x8b", "it is compressed twice: gunzip it once"),
    (b"\x26\xfc\x8f\x88", "it is a bigWig file"),
    (b"\x88\x8f\xfc\x26", "it is a bigWig file"),
    (b"\xeb\xf2\x89\x87", "it is a bigBed file: convert it with bigBedToBed"),
    (b"\x87\x89\xf2\xeb", "it is a bigBed file: convert it with bigBedToBed"),
    (b"\x43\x27\x41\x1a", "it is a 2bit file, which must not be compressed where it stands for a genome"),
    (b"\x1a\x41\x27\x43", "it is a 2bit file, which must not be compressed where it stands for a genome"),
    (b"BAM\x01", "it is a BAM file"),
    (b"CRAM", "it is a CRAM file"),
    (b"BCF\x02", "it is a BCF file"),
    (b"TBI\x01", "it is a tabix index"),
    (b"CSI\x01", "it is a CSI index"),
    (b"\x89HDF", "it is an HDF5 file"),
    (b"\x93NUMPY", "it is a NumPy file"),
    (b"PAR1", "it is a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "it is a spreadsheet or document of an office program: save it as text"),
    (b"%PDF", "it is a PDF document"),
    (b"{\\rtf", "it is a document in rich text: save it as text"),
    (b"\xff\xfe", "it is text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "it is text in UTF-16: save it as UTF-8"),
    (b"version https://git-lfs", "it is a pointer of Git LFS, not the file itself: fetch it with git lfs pull"),
];

/// What web pages start with, after white space and in any case; servers send them in place of a file.
const PAGES: &[(&[u8], &str)] = &[
    (b"<!doctype html", "it is a web page, as a failed download leaves: fetch the file anew"),
    (b"<html", "it is a web page, as a failed download leaves: fetch the file anew"),
    (b"<?xml", "it is XML, as a failed download leaves: fetch the file anew, or convert it"),
];

/// Where a tar archive has its magic number.
const TAR: std::ops::Range<usize> = 257..262;

/// Says what a file is if it is no text.
pub(super) fn non_text_kind(first: &[u8]) -> Option<&'static str> {
    if let Some((_, kind)) = KINDS.iter().find(|(magic, _)| first.starts_with(magic)) {
        return Some(kind);
    }
    let text = first.trim_ascii_start();
    let starts = |page: &[u8]| text.get(..page.len()).is_some_and(|start| start.eq_ignore_ascii_case(page));
    if let Some((_, kind)) = PAGES.iter().find(|(page, _)| starts(page)) {
        return Some(kind);
    }
    if first.get(TAR) == Some(b"ustar") {
        return Some("it is a tar archive: unpack it");
    }
    is_utf_16(first).then_some("it is text in UTF-16: save it as UTF-8")
}

/// Whether exactly every other byte of the first ones is 0, as in UTF-16 without a byte order mark.
fn is_utf_16(first: &[u8]) -> bool {
    const LETTERS: usize = 8;
    let is_zero = |place: usize| first.iter().skip(place).step_by(2).take(LETTERS).all(|&byte| byte == 0);
    let has_zero = |place: usize| first.iter().skip(place).step_by(2).take(LETTERS).any(|&byte| byte == 0);
    first.len() >= 2 * LETTERS && (is_zero(0) && !has_zero(1) || is_zero(1) && !has_zero(0))
}
