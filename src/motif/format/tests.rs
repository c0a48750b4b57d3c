//! Files of every format, told by their content, written and read back, and files that are none.

mod interchange;

use proptest::prelude::*;

use super::*;
use crate::{
    motif::ProbabilityMatrix,
    testing::{TestFile, gzip},
};

fn set(text: &str) -> Result<MotifSet> {
    parse(Path::new("motifs"), text)
}

fn message(text: &str) -> String {
    set(text).unwrap_err().to_string()
}

fn motif(id: &str, name: &str) -> Motif {
    let matrix = ProbabilityMatrix::new(vec![[0.25; 4]]).unwrap();
    Motif { id: id.into(), name: name.into(), matrix, sites: None }
}

#[test]
fn what_is_no_motif_file_is_an_error() {
    const KIND: &str = "motifs: not a motif file (MEME, JASPAR, TRANSFAC, HOCOMOCO, HOMER or CIS-BP): it is ";
    for (text, detail) in [
        (" \n\n", "empty"),
        ("# nothing\n", "empty"),
        ("<!DOCTYPE HTML>\n<html>MEME version 5", "a web page; of a MEME run take the file .txt, and else"),
        ("\n<html>", "a web page"),
        ("<?xml version='1.0'?>\n<!DOCTYPE MEME[", "XML; of a MEME run take the file .txt"),
        ("{\n\"count\": 1", "JSON; take the motifs in MEME or JASPAR format"),
        ("[{\"pfm\": 1}]", "JSON"),
    ] {
        assert!(message(text).starts_with(&format!("{KIND}{detail}")), "{}", message(text));
    }
    for first in ["MOTIF M1", "ALPHABET= ACGT", "A [ 1 2 ]", "0.25 0.25 0.25 0.25", "01 1 0 0 0", "****", "Cha4"] {
        let message = message(&format!("\n{first}\n"));
        let known = "motifs:2:1: expected MEME (\"MEME version\"), JASPAR, HOCOMOCO's .pcm or HOMER (\">\"), TRANSFAC";
        assert!(message.starts_with(known) && message.ends_with(&format!("found {first:?}")), "{message}");
    }
}

#[test]
fn the_content_tells_the_format() {
    for text in [
        "\r\n\r\n# a comment\r\nmeme version 4\r\n\r\nMOTIF\tM1\tx\r\nletter-probability matrix:\r\n 1\t0 0 0\r\n",
        "****\nMEME - Motif discovery tool\n****\nMEME version 5\n\nMOTIF M1 x\nletter-probability matrix:\n1 0 0 0\n",
        "# DREME 5.5.6\n#   when: today\n\nMEME version 5\nMOTIF M1 x\n# BEST A\nletter-probability matrix:\n1 0 0 0\n",
        "\n>M1\tx\r\nA [1]\r\nC [0]\r\nG [0]\r\nT [0]\r\n",
        ">M1 x\na 1\nc 0\ng 0\nt 0\n",
        ">M1 x\nA | 1\nC | 0\nG | 0\nT | 0\n",
        ">M1 x\n1\n0\n0\n0\n",
        ">M1 x\n1 0 0 0\n",
        "AC M1\nID x\nP0 A C G T\n01 1 0 0 0\n//\n",
        "TF\tT1\nTF Name\tx\nMotif\tM1\nPos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n",
    ] {
        let set = set(text).unwrap();
        let matrix = ProbabilityMatrix::new(vec![[1.0, 0.0, 0.0, 0.0]]).unwrap();
        assert!(set.iter().eq([&Motif { matrix, ..motif("M1", "x") }]), "{text}: {set:?}");
    }
}

#[test]
fn an_identifier_that_was_used_before_is_an_error_of_its_line() {
    let meme = "MOTIF M1\nletter-probability matrix: w= 1\n1 0 0 0\n";
    let jaspar = ">M1\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n";
    let transfac = "AC  M1\nP0  A C G T\n01  1 1 1 1\n//\n";
    for (start, motif, line) in [("MEME version 4\n", meme, 5), ("", jaspar, 6), ("", transfac, 5)] {
        let expected = format!("motifs:{line}:2: expected an identifier that was not used before, found \"M1\"");
        assert_eq!(message(&format!("{start}{motif}{motif}")), expected);
    }
}

#[test]
fn sites_that_would_not_be_read_back_cannot_be_written() {
    for sites in [-1.0, f64::NAN, f64::INFINITY] {
        let set = MotifSet::from_motifs(vec![Motif { sites: Some(sites), ..motif("M1", "") }]).unwrap();
        for error in [set.write_meme("unwritten.meme"), set.write_transfac("unwritten.transfac")] {
            let expected = format!("sites of M1: expected a finite number of at least 0, found {sites:?}");
            assert_eq!(error.unwrap_err().to_string(), expected);
        }
    }
}

#[test]
fn names_that_would_not_be_read_back_cannot_be_written() {
    for (id, name, fits_meme, fits_transfac) in [
        ("M1", "", true, true),
        ("M1", "FOS JUN", false, true),
        ("M1", "FOS\nJUN", false, false),
        ("M1", " FOS", false, false),
        ("M1", "FOS\t", false, false),
        ("", "", false, false),
    ] {
        let set = MotifSet::from_motifs(vec![motif(id, name)]).unwrap();
        for (fits, found) in [
            (fits_meme, set.check_writable(meme::NAMES, meme::holds_names)),
            (fits_transfac, set.check_writable(transfac::NAMES, transfac::holds_names)),
        ] {
            let error = found.err().map(|error| error.to_string());
            assert_eq!(error.is_none(), fits, "{id:?} {name:?}");
            assert!(error.is_none_or(|error| error.ends_with(&format!("found {id:?} {name:?}"))), "{id:?} {name:?}");
        }
    }
}

#[test]
fn a_gzip_file_is_read_and_a_truncated_one_is_damaged() {
    let bytes = gzip(b">M1 MAX\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n");
    let path = TestFile::new("motifs.meme.gz", &bytes);
    assert_eq!(MotifSet::open(&path).unwrap().find("MAX").unwrap().sites, Some(4.0));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(MotifSet::open(&path), Err(Error::Corrupt { .. })));
    std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(matches!(MotifSet::open(&path), Err(Error::Format { .. })));
}

#[test]
fn the_yeast_profiles_are_read() {
    let Some(folder) = crate::testing::real_data("yeast") else { return };
    let set = MotifSet::open(folder.join("motifs.meme")).unwrap();
    assert_eq!(set.len(), 49);
    let cup9 = set.find("Cup9").unwrap();
    assert_eq!((cup9.id.as_str(), cup9.matrix.width(), cup9.sites), ("MA0288.1", 9, Some(99.0)));
    assert_eq!(cup9.matrix.consensus(), "TGACACATT");
    assert_eq!(set.iter().last().unwrap().matrix.rows()[0].iter().sum::<f64>().round(), 1.0);
}

/// Text of the pieces that the formats are made of, so that it gets past the first line.
fn near_misses() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "MEME version 4\n",
        "ALPHABET= ACGT\n",
        "MOTIF M1 a\n",
        "MOTIF\n",
        "MOTIF M2\n",
        "letter-probability matrix:",
        " alength= 4",
        " w= 2",
        " w=",
        " nsites= 7",
        " nsites= -1",
        "\n",
        "0.25 0.25 0.25 0.25\n",
        "1 0 0 0\n",
        "1 0 0\n",
        ">",
        ">M1 a\n",
        ">M2\n",
        "A [ 1 2 ]\n",
        "C [ 1 2 ]\n",
        "G [ 1 2 ]\n",
        "T [ 1 2 ]\n",
        "T [ 1 ]\n",
        "VV  1\n",
        "AC  M1\n",
        "AC",
        "ID  M2\n",
        "NA  a\n",
        "BA  7 sites\n",
        "P0  A C G T\n",
        "PO  t g c a\n",
        "P0",
        "01  1 2 3 4 N\n",
        "02  1 2 3 4\n",
        "03  1 2 3\n",
        "99999999999999999999 ",
        "XX\n",
        "//\n",
        "é ",
        "[",
        "]",
        "********\n",
        "MOTIF  1 width = 7\n",
        ">ATGACTCATC\tx\t6.0\n",
        "Pos\tA\tC\tG\tT\n",
        "1\t1\t0\t0\t0\n",
        "8 0 0\n",
        "=",
        "1e999 ",
        "NaN ",
        "-",
        "\r\n",
        "\t",
    ]);
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), near_miss in near_misses()) {
        for start in ["", "MEME version 4\n", ">", "AC  M1\nP0  A C G T\n", "Pos A C G T\n"] {
            let _ = set(&format!("{start}{text}"));
            let _ = set(&format!("{start}{near_miss}"));
        }
    }

    #[test]
    fn a_written_set_is_read_back(
        rows in proptest::collection::vec(proptest::array::uniform4(0.001_f64..1.0), 1..9),
        is_sure in any::<bool>(),
        name in "[A-Z0-9]{0,5}",
        sites in proptest::option::of(prop_oneof![(0_u32..9999).prop_map(f64::from), 0.0..1e3, 0.0..1e300]),
    ) {
        let mut rows: Vec<_> = rows.iter().map(|row| row.map(|x| x / row.iter().sum::<f64>())).collect();
        if is_sure {
            rows.push([0.0, 0.0, 1.0, 0.0]);
        }
        let matrix = ProbabilityMatrix::new(rows).unwrap();
        let first = Motif { matrix, sites, ..motif("M1", &name) };
        let written = MotifSet::from_motifs(vec![first, motif("M2", "")]).unwrap();
        for write in [meme::write, transfac::write] {
            let mut text = Vec::new();
            write(&written, &mut text).unwrap();
            let read = set(&String::from_utf8(text).unwrap()).unwrap();
            prop_assert_eq!(read.len(), 2);
            for (a, b) in written.iter().zip(&read) {
                prop_assert_eq!((&a.id, &a.name, a.sites), (&b.id, &b.name, b.sites));
                let mut pairs = a.matrix.rows().iter().flatten().zip(b.matrix.rows().iter().flatten());
                prop_assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-12));
            }
        }
    }
}
