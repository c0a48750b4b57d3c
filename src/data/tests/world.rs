//! A small data set whose labels are known.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::{
    Result,
    data::Dataset,
    genome::{Genome, Interval, write_bigwig},
    testing::TestFolder,
};

pub const BIN_BP: usize = 200;
pub const STRIDE_BP: usize = 50;
pub const LENGTH: usize = 20_000;
pub const CELLS: [&str; 3] = ["A549", "HepG2", "K-562"];
/// Factors and the cell types in which they were measured, as in the data set: sorted by name.
pub const FACTORS: [(&str, &[usize]); 3] = [("CTCF", &[0, 1]), ("JUND", &[1, 2]), ("REST", &[0, 1, 2])];
pub const SPLIT: &str = "valid = ['chr3']\ntest = ['chr4']\n";

/// The folder of a data set.
pub struct Folder(TestFolder);

impl Folder {
    pub fn new(name: &str) -> Self {
        Self(TestFolder::new(&format!("data-{name}")))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        self.0.write(name, text);
    }

    pub fn open(&self) -> Result<Dataset> {
        Dataset::open(self.path("dataset.toml"))
    }

    /// The message of the error, without the folder's path.
    pub fn message(&self) -> String {
        self.open().unwrap_err().to_string().replace(&*self.0.path().to_string_lossy(), "FOLDER")
    }
}

/// Writes four chromosomes, three factors' tables and three cell types' accessibility.
pub fn world(name: &str, split: &str) -> Folder {
    world_with(name, "", split)
}

/// The same with further keys at the top of the file.
pub fn world_with(name: &str, top: &str, split: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("genome.fa", sequences());
    let genome = Genome::open(folder.path("genome.fa")).unwrap();
    let mut accessibility = String::new();
    for (i, cell) in CELLS.iter().enumerate() {
        write_signal(&folder.path(&format!("{cell}.bw")), &genome, i);
        writeln!(accessibility, "{cell} = '{cell}.bw'").unwrap();
    }
    for (factor, (name, cells)) in FACTORS.iter().enumerate() {
        folder.write(&format!("labels/{name}.tsv"), table(factor, cells));
    }
    folder.write(
        "dataset.toml",
        format!(
            "name = 'world'\ngenome = 'genome.fa'\nlabels = 'labels/{{tf}}.tsv'\n{top}\n\
             [windows]\nbin_bp = {BIN_BP}\nstride_bp = {STRIDE_BP}\n\n\
             [accessibility]\n{accessibility}\n[split]\n{split}"
        ),
    );
    folder
}

/// The label of a bin, counted along the genome; nothing stands for a bin without a row.
pub fn letter(factor: usize, cell: usize, bin: usize) -> Option<char> {
    if !FACTORS[factor].1.contains(&cell) || noise(factor, 99, bin).is_multiple_of(10) {
        return None;
    }
    Some(match noise(factor, cell, bin) % 1000 {
        0..30 => 'B',
        30..80 => 'A',
        _ => 'U',
    })
}

pub fn bins_per_chromosome() -> usize {
    (LENGTH - BIN_BP) / STRIDE_BP + 1
}

/// Accessibility in stretches of 10 bp.
pub fn signal(cell: usize, chromosome: usize, position: usize) -> f32 {
    (noise(cell, chromosome, position / 10) % 8) as f32
}

fn noise(a: usize, b: usize, c: usize) -> u64 {
    [a, b, c].iter().fold(7, |state: u64, &part| {
        let mixed = (state ^ part as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 5
    })
}

fn sequences() -> String {
    (0..4).fold(String::new(), |mut text, chromosome| {
        let bases: String =
            (0..LENGTH).map(|i| ['A', 'C', 'G', 'T'][(noise(50, chromosome, i) % 4) as usize]).collect();
        writeln!(text, ">chr{}\n{bases}", chromosome + 1).unwrap();
        text
    })
}

fn write_signal(path: &Path, genome: &Genome, cell: usize) {
    let runs = (0..4).flat_map(|chromosome| {
        (0..LENGTH)
            .step_by(10)
            .map(move |start| (Interval { chromosome, start, end: start + 10 }, signal(cell, chromosome, start)))
    });
    write_bigwig(path, genome, runs).unwrap();
}

fn table(factor: usize, cells: &[usize]) -> String {
    let mut text = "chr\tstart\tstop".to_owned();
    for &cell in cells {
        write!(text, "\t{}", CELLS[cell]).unwrap();
    }
    text.push('\n');
    for bin in 0..4 * bins_per_chromosome() {
        let (chromosome, start) = (bin / bins_per_chromosome(), bin % bins_per_chromosome() * STRIDE_BP);
        if letter(factor, cells[0], bin).is_some() {
            write!(text, "chr{}\t{start}\t{}", chromosome + 1, start + BIN_BP).unwrap();
            for &cell in cells {
                write!(text, "\t{}", letter(factor, cell, bin).unwrap()).unwrap();
            }
            text.push('\n');
        }
    }
    text
}
