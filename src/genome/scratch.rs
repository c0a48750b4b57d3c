//! Files that tests make.

use std::{
    io::Write,
    ops::Deref,
    path::{Path, PathBuf},
};

use flate2::{Compression, Crc, write::DeflateEncoder, write::GzEncoder};

use super::Genome;

/// A file of this process and test that is removed at the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Names no file of another test, as long as no two tests use the same name.
    pub(super) fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("multitf-genome-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }

    /// Cuts the path off a message.
    pub(super) fn message(&self, error: &crate::Error) -> String {
        error.to_string().replace(&self.display().to_string(), "FILE")
    }
}

impl Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Scratch {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A genome of poly-A chromosomes.
pub(super) fn genome(lengths: &[(&str, usize)]) -> Genome {
    Genome::from_sequences(lengths.iter().map(|&(name, length)| (name, "A".repeat(length)))).unwrap()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compresses into bgzip blocks of so many bytes; the last one is the empty one.
pub(super) fn bgzip(bytes: &[u8], block: usize) -> Vec<Vec<u8>> {
    bytes.chunks(block).chain([&[][..]]).map(bgzip_block).collect()
}

fn bgzip_block(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    let deflated = encoder.finish().unwrap();
    let mut crc = Crc::new();
    crc.update(bytes);
    let mut block = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0];
    block.extend((deflated.len() as u16 + 25).to_le_bytes());
    block.extend(deflated);
    block.extend(crc.sum().to_le_bytes());
    block.extend(crc.amount().to_le_bytes());
    block
}
