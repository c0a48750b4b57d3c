//! Other programs read the files written here, and files of other programs are read here.
//!
//! `tests/oracles/written.py` reads the files `written.*` with Biopython 1.88. It made `foreign.jaspar`, `foreign.pcm`,
//! `foreign.pfm` and `foreign.transfac` with Biopython, and `foreign.meme` with memelite 0.5.0. lightmotif-io 0.10
//! reads the written files in these tests.

use std::{io::BufReader, path::PathBuf};

use lightmotif::{
    abc::{Dna, Nucleotide, Symbol},
    dense::DenseMatrix,
};

use crate::motif::{Motif, MotifSet, ProbabilityMatrix};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");
const TOLERANCE: f64 = 1e-6;

/// The motifs in all the files.
fn set() -> MotifSet {
    let motif = |id: &str, name: &str, sites, rows: &[[f64; 4]]| {
        let matrix = ProbabilityMatrix::new(rows.to_vec()).unwrap();
        Motif { id: id.into(), name: name.into(), matrix, sites }
    };
    let ninth = 1.0 / 9.0;
    MotifSet::from_motifs(vec![
        motif("TOY1.1", "Alpha", Some(100.0), &[[0.1, 0.2, 0.3, 0.4], [1.0, 0.0, 0.0, 0.0], [0.02, 0.9, 0.06, 0.02]]),
        motif("TOY2", "", None, &[[0.05, 0.85, 0.05, 0.05], [0.25; 4]]),
        motif(
            "TOY3",
            "Gamma",
            Some(9.0),
            &[[3.0 * ninth, 6.0 * ninth, 0.0, 0.0], [0.0, ninth, 4.0 * ninth, 4.0 * ninth]],
        ),
    ])
    .unwrap()
}

fn assert_close(found: &ProbabilityMatrix, expected: &ProbabilityMatrix, id: &str) {
    assert_eq!(found.width(), expected.width(), "{id}");
    for (found, expected) in found.rows().iter().flatten().zip(expected.rows().iter().flatten()) {
        assert!((found - expected).abs() <= TOLERANCE, "{id}: {found}, expected {expected}");
    }
}

#[test]
fn the_bytes_written_are_those_that_biopython_reads() {
    type Write = fn(&MotifSet, PathBuf) -> crate::Result<()>;
    for (file, write) in
        [("written.meme", MotifSet::write_meme as Write), ("written.transfac", MotifSet::write_transfac as Write)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        write(&set(), path.clone()).unwrap();
        let found = std::fs::read_to_string(&path).unwrap();
        assert_eq!(found, std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap(), "{file}");
    }
}

#[test]
fn our_own_files_hold_the_same_motifs() {
    for file in ["written.meme", "written.transfac"] {
        let found = MotifSet::open(format!("{FOLDER}/{file}")).unwrap();
        assert_eq!(found.len(), set().len());
        for (found, expected) in found.iter().zip(&set()) {
            assert_eq!((&found.id, &found.name, found.sites), (&expected.id, &expected.name, expected.sites));
            assert_close(&found.matrix, &expected.matrix, &found.id);
        }
    }
}

#[test]
fn files_of_other_programs_hold_the_same_motifs() {
    for (file, sites) in [
        ("foreign.meme", [1.0, 1.0, 1.0]),
        ("foreign.jaspar", [100.0, 20.0, 9.0]),
        ("foreign.pcm", [100.0, 20.0, 9.0]),
        ("foreign.pfm", [100.0, 20.0, 9.0]),
        ("foreign.transfac", [100.0, 20.0, 9.0]),
    ] {
        let found = MotifSet::open(format!("{FOLDER}/{file}")).unwrap();
        assert_eq!(found.len(), sites.len());
        for ((found, expected), sites) in found.iter().zip(&set()).zip(sites) {
            assert_eq!((&found.id, &found.name, found.sites), (&expected.id, &expected.name, Some(sites)), "{file}");
            assert_close(&found.matrix, &expected.matrix, &found.id);
        }
    }
}

fn open(file: &str) -> BufReader<std::fs::File> {
    BufReader::new(std::fs::File::open(format!("{FOLDER}/{file}")).unwrap())
}

/// Compares lightmotif's rows, which have other columns and 32 bits, with probabilities times `scale`.
fn assert_dense(found: &DenseMatrix<f32, <Dna as lightmotif::abc::Alphabet>::K>, expected: &Motif, scale: f64) {
    assert_eq!(found.rows(), expected.matrix.width());
    for (found, expected) in found.iter().zip(expected.matrix.rows()) {
        for (base, expected) in [Nucleotide::A, Nucleotide::C, Nucleotide::G, Nucleotide::T].into_iter().zip(expected) {
            let found = f64::from(found[base.as_index()]);
            assert!((found - expected * scale).abs() <= TOLERANCE * scale, "{found}, expected {}", expected * scale);
        }
    }
}

#[test]
fn lightmotif_reads_the_probabilities_of_our_meme_file() {
    let records: Vec<_> = lightmotif_io::meme::read::<_, Dna>(open("written.meme")).map(Result::unwrap).collect();
    assert_eq!(records.len(), set().len());
    for (record, expected) in records.iter().zip(&set()) {
        assert_eq!((record.id(), record.name().unwrap_or_default()), (expected.id.as_str(), expected.name.as_str()));
        assert_dense(record.matrix().matrix(), expected, 1.0);
    }
}

#[test]
fn lightmotif_reads_the_counts_of_our_transfac_file() {
    let records = lightmotif_io::transfac::read::<_, Dna>(open("written.transfac"));
    let records: Vec<_> = records.map(Result::unwrap).collect();
    assert_eq!(records.len(), set().len());
    for (record, expected) in records.iter().zip(&set()) {
        assert_eq!(record.accession(), Some(expected.id.as_str()));
        assert_eq!(record.name().unwrap_or_default(), expected.name);
        assert_dense(record.data().unwrap(), expected, expected.sites.unwrap_or(1.0));
        assert_eq!(record.to_counts().is_some(), expected.sites.is_some(), "whole counts stay whole");
    }
}
