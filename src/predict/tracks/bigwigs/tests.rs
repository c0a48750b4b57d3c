//! Tracks become bigWig files once; existing and changed files are refused.

use super::*;
use crate::{
    genome::{MissingChromosomes, SignalTrack, bedgraph_to_bigwig},
    predict::{
        TrackValue,
        tracks::tests::{World, config, sequence},
    },
    testing::TestFolder,
};

fn world() -> World {
    World::with_chromosomes(&[("chr2", &sequence(3, 300)), ("chr1", &sequence(5, 200))])
}

struct Case {
    world: World,
    folder: TestFolder,
}

impl Case {
    /// A folder in which a run is done.
    fn new(name: &str) -> Self {
        let case = Self { world: world(), folder: TestFolder::new(name) };
        case.world.run(case.folder.path(), &config(TrackValue::Probability), usize::MAX).unwrap();
        case
    }

    fn write(&self, removes_bedgraphs: bool, existing: ExistingFiles) -> Result<Vec<PathBuf>> {
        let config = BigwigConfig { removes_bedgraphs, existing };
        config.write(self.folder.path(), self.world.source().genome, |_| ())
    }

    fn refusal(&self) -> String {
        let error = self.write(false, ExistingFiles::Refuse).unwrap_err().to_string();
        error.replace(&self.folder.path().display().to_string(), "IN")
    }

    fn track(&self, path: &Path) -> SignalTrack {
        SignalTrack::open(path, self.world.source().genome, MissingChromosomes::Error).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Opens the folder as the scan does that is done.
    fn reopen(&self) -> Result<()> {
        config(TrackValue::Probability).open(self.folder.path(), self.world.source()).map(|_| ())
    }
}

#[test]
fn each_track_becomes_one_file_and_only_once() {
    let case = Case::new("bigwigs-once");
    let mut seen = Vec::new();
    let written = BigwigConfig::default()
        .write(case.folder.path(), case.world.source().genome, |path| seen.push(path.to_owned()));
    assert_eq!(written.unwrap(), [case.path("C.bigWig"), case.path("A.bigWig")]);
    assert_eq!(seen, [case.path("C.bigWig"), case.path("A.bigWig")]);
    let other = case.path("other.bw");
    bedgraph_to_bigwig(case.path("A.bedGraph"), &other, case.world.source().genome).unwrap();
    assert_eq!(case.track(&case.path("A.bigWig")), case.track(&other));
    let before = fs::metadata(case.path("A.bigWig")).unwrap().modified().unwrap();
    assert_eq!(case.write(true, ExistingFiles::Refuse).unwrap().len(), 2);
    assert_eq!(fs::metadata(case.path("A.bigWig")).unwrap().modified().unwrap(), before);
    assert!(!case.path("A.bedGraph").exists());
    // Neither the scan nor the files are made again where the bedGraph files are gone.
    case.reopen().unwrap();
    assert_eq!(case.write(true, ExistingFiles::Replace).unwrap().len(), 2);
}

#[test]
fn files_of_others_and_changed_ones_are_replaced_only_if_that_is_asked_for() {
    let case = Case::new("bigwigs-foreign");
    fs::write(case.path("A.bigWig"), "mine").unwrap();
    assert!(
        case.refusal().starts_with("IN/A.bigWig: expected no file, or one that this run has written, found another")
    );
    assert_eq!(fs::read(case.path("A.bigWig")).unwrap(), b"mine");
    case.write(false, ExistingFiles::Replace).unwrap();
    let whole = fs::read(case.path("A.bigWig")).unwrap();
    for place in [0, 100, whole.len() / 2, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[place] ^= 4;
        fs::write(case.path("A.bigWig"), bytes).unwrap();
        assert!(case.refusal().starts_with("IN/A.bigWig: damaged file: it was changed after it was written"));
    }
    case.write(true, ExistingFiles::Replace).unwrap();
    assert_eq!(fs::read(case.path("A.bigWig")).unwrap(), whole);
    // Nothing is left to make it from.
    fs::write(case.path("A.bigWig"), "cut").unwrap();
    assert!(matches!(case.write(true, ExistingFiles::Replace), Err(Error::Corrupt { .. })));
    assert!(matches!(case.reopen(), Err(Error::Corrupt { .. })));
    fs::remove_file(case.path("A.bigWig")).unwrap();
    assert!(case.refusal().starts_with("IN/A.bedGraph: expected the file of a finished run, found none"));
    assert!(matches!(case.reopen(), Err(Error::Mismatch { .. })));
}

#[test]
fn a_changed_bedgraph_is_not_converted() {
    let case = Case::new("bigwigs-changed");
    let text = fs::read_to_string(case.path("A.bedGraph")).unwrap();
    fs::write(case.path("A.bedGraph"), text.replacen("0.", "1.", 1)).unwrap();
    assert!(case.refusal().starts_with("IN/A.bedGraph: damaged file: it was changed after it was written"));
}

#[test]
fn a_bedgraph_that_was_changed_after_its_conversion_is_removed_only_on_request() {
    let case = Case::new("bigwigs-edited");
    case.write(false, ExistingFiles::Refuse).unwrap();
    fs::write(case.path("A.bedGraph"), "edited").unwrap();
    let error = case.write(true, ExistingFiles::Refuse).unwrap_err().to_string();
    assert!(error.contains("A.bedGraph: expected no file, or one that this run has written"), "{error}");
    assert_eq!(fs::read(case.path("A.bedGraph")).unwrap(), b"edited");
    assert_eq!(case.write(true, ExistingFiles::Replace).unwrap().len(), 2);
    assert!(!case.path("A.bedGraph").exists());
}

#[test]
fn a_run_that_is_not_done_has_no_files() {
    let case = Case { world: world(), folder: TestFolder::new("bigwigs-unfinished") };
    assert!(case.world.run(case.folder.path(), &config(TrackValue::Probability), 3).is_none());
    let expected = "the tracks in IN: expected those of a finished run, found an unfinished run of ";
    assert!(case.refusal().starts_with(expected), "{}", case.refusal());
}
