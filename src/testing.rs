//! What the tests of several modules share.

pub(crate) mod model_case;

use std::{
    fs,
    io::Write as _,
    ops::Deref,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData},
};
use flate2::{
    Compression, Crc,
    write::{DeflateEncoder, GzEncoder},
};
use proptest::prelude::ProptestConfig;
use rand::RngExt;
use tempfile::TempDir;

use crate::{
    Error, device,
    genome::{Genome, Label},
    nn::{HeadKind, Model, Network},
    random::stream,
};

/// A head of each kind.
pub(crate) fn every_head() -> [HeadKind; 8] {
    use Label::{Ambiguous, Bound, Unbound};
    [
        HeadKind::Sigmoid,
        HeadKind::Softmax { classes: vec![Unbound, Bound] },
        HeadKind::Softmax { classes: vec![Unbound, Ambiguous, Bound] },
        HeadKind::Ordinal { shared_gap: false },
        HeadKind::Ordinal { shared_gap: true },
        HeadKind::Convex,
        HeadKind::Gated { shared: 2, features: 3 },
        HeadKind::ExclusiveSoftmax,
    ]
}

/// A folder for a test, removed with all that it holds.
pub(crate) struct TestFolder(TempDir);

impl TestFolder {
    /// Makes a folder whose name starts with `name`, which messages show.
    pub(crate) fn new(name: &str) -> Self {
        Self(tempfile::Builder::new().prefix(name).tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// A file in a folder of its own, both removed with it.
pub(crate) struct TestFile {
    path: PathBuf,
    _folder: TestFolder,
}

impl TestFile {
    pub(crate) fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let folder = TestFolder::new(name);
        Self { path: folder.write(name, bytes), _folder: folder }
    }

    /// Puts `FILE` for the path in a message.
    pub(crate) fn message(&self, error: &Error) -> String {
        error.to_string().replace(&self.display().to_string(), "FILE")
    }
}

impl Deref for TestFile {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for TestFile {
    fn as_ref(&self) -> &Path {
        self
    }
}

/// A genome of poly-A chromosomes.
pub(crate) fn genome(lengths: &[(&str, usize)]) -> Genome {
    Genome::from_sequences(lengths.iter().map(|&(name, length)| (name, "A".repeat(length)))).unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compresses into bgzip blocks of so many bytes each; the last one is the empty one.
pub(crate) fn bgzip(bytes: &[u8], block: usize) -> Vec<Vec<u8>> {
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

/// Dyadic numbers between -1 and 1: sums of products are exact, and ties are ties, in any order.
pub(crate) fn dyadic(count: usize, path: &[u64]) -> Vec<f32> {
    let mut random = stream(path);
    (0..count).map(|_| random.random_range(-8i32..=8) as f32 / 8.0).collect()
}

/// Checks a tensor against the numbers of other software: 1e-6 plus 1e-5 of the number apart at most.
pub(crate) fn assert_close(found: &TensorData, expected: &[f32], what: &str) {
    let found = floats(found);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let tolerance = 1e-6 + 1e-5 * expected.abs();
        assert!((found - expected).abs() <= tolerance, "{what}: expected {expected}, found {found}");
    }
}

/// A tensor's values, among which 0 equals -0, unlike in its bytes.
pub(crate) fn floats(data: &TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

/// The number of cases to try: the cube root of `count` on devices that compile kernels for each new shape.
pub(crate) fn some_of(count: u32) -> u32 {
    if device::is_host(&Device::default()) { count } else { (f64::from(count).cbrt() as u32).max(1) }
}

/// A property's number of cases (see [`some_of`]).
pub(crate) fn cases(count: u32) -> ProptestConfig {
    ProptestConfig::with_cases(some_of(count))
}

/// A folder of real data, if this machine has them. It says so on standard error, which no test harness captures.
pub(crate) fn real_data(folder: &str) -> Option<PathBuf> {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // If standard error is closed, nobody reads it.
    let say = |what: &str| drop(writeln!(std::io::stderr(), "{test} {what}"));
    let Some(root) = std::env::var_os("MULTITF_DATA") else {
        say("DID NOTHING: MULTITF_DATA is not set");
        return None;
    };
    let path = PathBuf::from(root).join(folder);
    assert!(path.is_dir(), "MULTITF_DATA has no folder {folder}");
    say(&format!("USED {folder}"));
    Some(path)
}

/// A model behind another type, which hides all but its [`Network`] side.
#[derive(Module, Debug)]
pub(crate) struct Wrapped {
    pub(crate) model: Model,
}

impl Network for Wrapped {
    fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        self.model.forward(codes, signal)
    }

    fn context_bp(&self) -> usize {
        self.model.trunk.context_bp()
    }

    fn tasks(&self) -> usize {
        Network::tasks(&self.model)
    }

    fn bound_log_odds(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.model.bound_log_odds(codes, signal)
    }

    fn signal_tracks(&self) -> Option<usize> {
        self.model.trunk.signal_tracks()
    }

    fn shifted(self, shifts: &[f64]) -> Option<Self> {
        Some(Self { model: self.model.shifted(shifts) })
    }
}
