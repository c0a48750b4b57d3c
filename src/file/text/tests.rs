//! What text files, compressed, damaged and other files are read as.

use std::io::Write;

use super::*;
use crate::testing::{TestFile, bgzip, gzip};

fn read(name: &str, bytes: impl AsRef<[u8]>) -> Result<String, String> {
    let file = TestFile::new(&format!("text-{name}"), bytes);
    let mut text = String::new();
    let outcome = open(&file).and_then(|mut reader| reader.read_to_string(&mut text).map_err(read_error(&file)));
    outcome.map(|_| text).map_err(|error| file.message(&error))
}

#[test]
fn a_mark_of_utf_8_is_skipped_and_utf_16_is_named() {
    assert_eq!(read("bom", "\u{feff}chr1\t1\n").unwrap(), "chr1\t1\n");
    assert_eq!(read("bom.gz", gzip("\u{feff}chr1\n".as_bytes())).unwrap(), "chr1\n");
    let wide = |mark: bool, big: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain("chr1\t100\t200\n".encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for (mark, big) in [(true, true), (true, false), (false, true), (false, false)] {
        let message = read("utf16", wide(mark, big)).unwrap_err();
        assert_eq!(message, "FILE: not a text file: it is text in UTF-16: save it as UTF-8", "{mark} {big}");
    }
}

#[test]
fn zeros_here_and_there_are_no_utf_16() {
    let mut bytes: Vec<u8> = "chr1\t100\t200\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    bytes[5] = 0;
    assert!(read("zeros", bytes).unwrap_err().starts_with("FILE: damaged file: byte 0 is 0"));
}

#[test]
fn files_that_are_no_text_are_named_plain_and_compressed() {
    let mut tar = vec![b' '; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let kinds: [(&str, &[u8]); 9] = [
        ("zip archive", b"PK\x03\x04\x14\0"),
        ("bzip2", b"BZh91AY&SY"),
        ("xz", b"\xfd7zXZ\0\0\x04"),
        ("bigBed", &0x8789_f2eb_u32.to_le_bytes()),
        ("bigWig", &0x888f_fc26_u32.to_le_bytes()),
        ("2bit", &0x1a41_2743_u32.to_le_bytes()),
        ("web page", b"\n <!DOCTYPE HTML><html>"),
        ("Git LFS", b"version https://git-lfs.github.com/spec/v1\n"),
        ("tar archive", &tar),
    ];
    for (word, bytes) in kinds {
        for (name, bytes) in [("kind", bytes.to_vec()), ("kind.gz", gzip(bytes))] {
            let message = read(name, bytes).unwrap_err();
            assert!(message.starts_with("FILE: not a text file: it is ") && message.contains(word), "{message}");
        }
    }
    assert!(read("twice", gzip(&gzip(b"chr1\n"))).unwrap_err().contains("compressed twice"));
}

#[test]
fn nul_bytes_are_told_wherever_they_stand() {
    let text = b"chr1\t1\t2\n".repeat(60_000);
    for place in [30, text.len() / 2, text.len()] {
        let padded = [&text[..place], &[0; 40], &text[place..]].concat();
        let message = read("nul", &padded).unwrap_err();
        assert!(message.starts_with(&format!("FILE: damaged file: byte {place} is 0")), "{message}");
        let file = TestFile::new("text-nul-lines", &padded);
        let error = for_each_line(&file, |_| Ok(())).unwrap_err();
        assert!(file.message(&error).starts_with(&format!("FILE: damaged file: byte {place} is 0")), "{error}");
    }
}

#[test]
fn carriage_returns_end_lines_with_line_feeds_only() {
    assert_eq!(read("crlf", "a\r\nb\r\n").unwrap(), "a\r\nb\r\n");
    assert_eq!(read("last", "a\r\nb\r").unwrap(), "a\r\nb\r");
    for text in ["a\rb\r", "a\nb\rc\n", "a\r\r\nb"] {
        let message = read("cr", text).unwrap_err();
        assert!(message.contains("carriage returns stand alone"), "{text:?}: {message}");
    }
    // One buffer ends in a carriage return, the next starts with another byte, or with the line feed.
    for (after, works) in [("\n", true), ("x", false)] {
        let text = format!("{}\r{after}", "a".repeat(BUFFER_BYTES - 1));
        let file = TestFile::new("text-edge", &text);
        let mut lines = Vec::new();
        assert_eq!(open(&file).unwrap().read_until(b'\n', &mut lines).is_ok(), works);
    }
}

#[test]
fn lines_know_their_number_and_whether_the_file_ends_in_them() {
    let file = TestFile::new("text-lines", "a\r\n\nb");
    let mut lines = Vec::new();
    for_each_line(&file, |line| {
        lines.push((line.number, line.text.to_vec(), line.is_cut));
        Ok(())
    })
    .unwrap();
    assert_eq!(lines, [(1, b"a".to_vec(), false), (2, Vec::new(), false), (3, b"b".to_vec(), true)]);
}

#[test]
fn gzip_members_and_bgzip_blocks_may_follow_each_other() {
    let (a, b) = (b"chr1\t1\n".as_slice(), b"chr2\t2\n".as_slice());
    let whole = [a, b].concat();
    let blocks = bgzip(a, 3);
    let open_ended = blocks[..blocks.len() - 1].concat();
    for (name, bytes) in [
        ("gg", [gzip(a), gzip(b)].concat()),
        ("bg", [blocks.concat(), gzip(b)].concat()),
        ("block-g", [open_ended.clone(), gzip(b)].concat()),
        ("gb", [gzip(a), bgzip(b, 3).concat()].concat()),
        ("bb", [blocks.concat(), bgzip(b, 3).concat()].concat()),
    ] {
        assert_eq!(read(name, bytes).unwrap().into_bytes(), whole, "{name}");
    }
    assert!(read("cut", open_ended).unwrap_err().contains("lacks the block that ends"));
}

#[test]
fn bytes_after_gzip_data_are_told() {
    let mut padded = gzip(b"chr1\t1\n");
    padded.write_all(&[0; 100]).unwrap();
    let expected = "FILE: damaged file: after its gzip data come other bytes, as padding with zeros does: gunzip it \
                    and compress it anew";
    assert_eq!(read("padded", padded).unwrap_err(), expected);
}
