//! Files are recognized by their contents.

use super::*;
use crate::file::{read_with_checksum, write_with_checksum};

/// Replaces text in the state of a folder, as if it had been written so.
pub(crate) fn edit(folder: &Path, from: &str, to: &str) {
    let path = folder.join("tracks.json");
    let state: serde_json::Value = read_with_checksum(&path, "").unwrap().unwrap();
    let text = serde_json::to_string_pretty(&state).unwrap();
    assert!(text.contains(from), "{text}");
    let state: serde_json::Value = serde_json::from_str(&text.replacen(from, to, 1)).unwrap();
    write_with_checksum(&path, &state).unwrap();
}

fn flip(path: &Path, place: usize, bit: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 1 << bit;
    fs::write(path, bytes).unwrap();
}

struct Folder {
    world: World,
    place: TestFolder,
    config: TrackWriterConfig,
}

impl Folder {
    fn new(name: &str) -> Self {
        Self { world: World::new(), place: TestFolder::new(name), config: config(TrackValue::Probability) }
    }

    /// One in which a run was done, and what it wrote.
    fn done(name: &str) -> (Self, Vec<PathBuf>, Vec<String>) {
        let folder = Self::new(name);
        let paths = folder.world.run(folder.place.path(), &folder.config, usize::MAX).unwrap();
        let texts = texts(&paths);
        (folder, paths, texts)
    }

    fn open(&self, existing: ExistingFiles) -> Result<TrackWriter<'_>> {
        self.config.open_with(self.place.path(), self.world.source(), existing)
    }

    fn refusal(&self) -> String {
        self.short(&self.open(ExistingFiles::Refuse).unwrap_err())
    }

    fn short(&self, error: &Error) -> String {
        error.to_string().replace(&self.place.path().display().to_string(), "IN")
    }

    /// Scans anew over what is there.
    fn replace(&self) -> Vec<String> {
        let mut writer = self.open(ExistingFiles::Replace).unwrap();
        let scan = self.world.scan().skipping(writer.bins_written());
        scan.run(|part| writer.write(&part)).unwrap();
        texts(&writer.finish(self.world.grid.len()).unwrap())
    }
}

#[test]
fn a_file_that_was_changed_cut_or_lost_is_told_and_replaced_if_that_is_asked_for() {
    let advice = "put the file back, or scan again with `--force`";
    let (folder, paths, expected) = Folder::done("written-changed");
    let [bytes, after] = [fs::read(&paths[1]).unwrap(), fs::read(&paths[0]).unwrap()];
    for place in (0..bytes.len()).step_by(97) {
        flip(&paths[1], place, place % 8);
        assert_eq!(
            folder.refusal(),
            format!("IN/A.bedGraph: damaged file: it was changed after it was written: {advice}")
        );
        fs::write(&paths[1], &bytes).unwrap();
    }
    assert!(folder.open(ExistingFiles::Refuse).is_ok());
    let changes: [(&dyn Fn(), String); 3] = [
        (
            &|| fs::write(&paths[1], &bytes[..9]).unwrap(),
            format!("damaged file: 9 bytes, where {} were written: {advice}", bytes.len()),
        ),
        (
            &|| fs::write(&paths[1], b"chr1\t0\t5\t1\n").unwrap(),
            format!("damaged file: 11 bytes, where {} were written: {advice}", bytes.len()),
        ),
        (
            &|| fs::remove_file(&paths[1]).unwrap(),
            "expected the file of a finished run, found none: put it back, or scan again with `--force`".into(),
        ),
    ];
    for (change, message) in changes {
        change();
        assert_eq!(folder.refusal(), format!("IN/A.bedGraph: {message}"));
        assert_eq!(fs::read(&paths[0]).unwrap(), after, "the other file stays");
        assert_eq!(folder.replace(), expected);
        assert!(folder.open(ExistingFiles::Refuse).is_ok());
    }
}

#[test]
fn a_flipped_bit_in_the_state_is_found() {
    let (folder, _, _) = Folder::done("written-state");
    let path = folder.place.path().join("tracks.json");
    let bytes = fs::read(&path).unwrap();
    for (place, bit) in (0..bytes.len()).flat_map(|place| [place % 8, 5].map(|bit| (place, bit))) {
        flip(&path, place, bit);
        let error = folder.open(ExistingFiles::Refuse).unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "bit {bit} of byte {place}: {error}");
        fs::write(&path, &bytes).unwrap();
    }
    fs::write(&path, "{\n  \"config\": {}\n}").unwrap();
    let expected = "IN/tracks.json: damaged file: it has no checksum, or is of an earlier version of the crate; choose \
                    another folder, or scan again with `--force`";
    assert_eq!(folder.refusal(), expected);
}

#[test]
fn files_of_others_are_not_replaced_unless_that_is_asked_for() {
    let (_, _, expected) = Folder::done("written-known");
    for name in ["A.bedGraph", "C.bigWig"] {
        let folder = Folder::new("written-foreign");
        let path = folder.place.write(name, "mine");
        let message =
            format!("IN/{name}: expected no file, or one that this run has written, found another one: move it away");
        assert!(folder.refusal().starts_with(&message), "{}", folder.refusal());
        // Nor when a run is resumed.
        fs::remove_file(&path).unwrap();
        assert!(folder.world.run(folder.place.path(), &folder.config, 9).is_none());
        fs::write(&path, "mine").unwrap();
        assert!(folder.refusal().starts_with(&message), "{}", folder.refusal());
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert!(folder.open(ExistingFiles::Replace).unwrap().bins_written() > 0, "what was done stays so");
        assert_eq!(folder.replace(), expected);
        assert_eq!(
            path.exists(),
            name == "A.bedGraph",
            "a bigWig file beside another bedGraph file would be taken for its own"
        );
        assert!(fs::read(&path).ok().is_none_or(|bytes| bytes != b"mine"));
    }
    // The tracks of another run.
    let (folder, paths, _) = Folder::done("written-other");
    let other = Folder { config: config(TrackValue::LogOdds), ..folder };
    let before = texts(&paths);
    assert!(other.refusal().contains("found others: choose another folder"), "{}", other.refusal());
    assert_eq!(texts(&paths), before);
    assert_ne!(other.replace(), before);
}

#[test]
fn a_file_that_comes_in_the_way_at_the_end_stays() {
    let folder = Folder::new("written-end");
    let mut writer = folder.open(ExistingFiles::Refuse).unwrap();
    folder.world.scan().run(|part| writer.write(&part)).unwrap();
    let path = folder.place.write("C.bedGraph", "mine");
    let error = writer.finish(folder.world.grid.len()).unwrap_err();
    assert!(folder.short(&error).starts_with("IN/C.bedGraph: expected no file"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    assert!(folder.refusal().starts_with("IN/C.bedGraph: "));
    fs::remove_file(&path).unwrap();
    assert!(folder.open(ExistingFiles::Refuse).unwrap().finish(folder.world.grid.len()).is_ok());
}

#[test]
fn what_an_interrupted_run_wrote_is_checked_before_it_goes_on() {
    let folder = Folder::new("written-partial");
    assert!(folder.world.run(folder.place.path(), &folder.config, 9).is_none());
    let path = ValuesFile::path(folder.place.path());
    let bytes = fs::read(&path).unwrap();
    flip(&path, 5, 0);
    assert!(folder.refusal().starts_with("IN/tracks.values: damaged file: it was changed"), "{}", folder.refusal());
    assert_eq!(fs::read(&path).unwrap().len(), bytes.len(), "nothing is cut off");
    fs::write(&path, &bytes).unwrap();
    assert!(folder.open(ExistingFiles::Refuse).unwrap().bins_written() > 0);
    // A state of more bins than there are.
    let done = folder.open(ExistingFiles::Refuse).unwrap().bins_written();
    let more = folder.world.grid.len() + 1;
    edit(folder.place.path(), &format!("\"end\": {done}"), &format!("\"end\": {more}"));
    assert!(folder.refusal().contains("expected some of "), "{}", folder.refusal());
}
