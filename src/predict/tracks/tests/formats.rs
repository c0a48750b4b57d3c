//! Files in either format, of any number of tracks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::SystemTime,
};

use super::*;
use crate::file::{read_with_checksum, write_with_checksum};

/// A world on which many neighbours have one value, over the ends of parts.
fn world() -> World {
    let alike = [sequence(3, 150), "A".repeat(400), sequence(4, 61)].concat();
    World::with_chromosomes(&[("alike", &alike), ("short", &sequence(5, 12)), ("last", &sequence(6, 303))])
}

/// A configuration of so many tracks.
fn many(tracks: usize) -> TrackWriterConfig {
    let files = (0..tracks).map(|track| TrackFile { task: track % 3, name: format!("T{track}") }).collect();
    TrackWriterConfig { files, ..config(TrackValue::Probability) }
}

impl World {
    fn write(&self, folder: &Path, config: &TrackWriterConfig, format: TrackFormat) -> Result<Vec<PathBuf>> {
        self.write_with(folder, config, format, ExistingFiles::Refuse, |_| ())
    }

    fn write_with(
        &self,
        folder: &Path,
        config: &TrackWriterConfig,
        format: TrackFormat,
        existing: ExistingFiles,
        each: impl FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        let mut writer = config.open_with(folder, self.source(), existing)?;
        writer.save_every = Duration::ZERO;
        let scan = self.scan().skipping(writer.bins_written());
        scan.run(|part| writer.write(&part))?;
        writer.finish_with(scan.bins(), format, each)
    }
}

fn bytes(paths: &[PathBuf]) -> Vec<Vec<u8>> {
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The names in a folder, but for the lock.
fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != ".lock").collect();
    names.sort();
    names
}

#[test]
fn a_bigwig_file_of_a_scan_is_that_of_its_bedgraph_file() {
    let (world, folder) = (world(), TestFolder::new("formats-same"));
    for (value, name) in [(TrackValue::Probability, "p"), (TrackValue::LogOdds, "l")] {
        let [one, other, both] = ["one", "other", "both"].map(|other| folder.path().join(name).join(other));
        let bedgraphs = world.write(&one, &config(value), TrackFormat::Bedgraph).unwrap();
        let bigwigs = world.write(&other, &config(value), TrackFormat::Bigwig).unwrap();
        assert_eq!(bigwigs, [other.join("C.bigWig"), other.join("A.bigWig")]);
        assert_eq!(names(&other), ["A.bigWig", "C.bigWig", "tracks.json"]);
        let paths = world.write(&both, &config(value), TrackFormat::Both).unwrap();
        assert_eq!(paths, ["C.bedGraph", "C.bigWig", "A.bedGraph", "A.bigWig"].map(|name| both.join(name)));
        for (index, (from, to)) in bedgraphs.iter().zip(&bigwigs).enumerate() {
            let converted = folder.path().join("converted.bigWig");
            bedgraph_to_bigwig(from, &converted, &world.genome).unwrap();
            let [expected, found] = [&converted, to].map(|path| fs::read(path).unwrap());
            assert!(expected == found, "{name} {index}");
            assert!(bytes(&paths[2 * index..2 * index + 2]) == [fs::read(from).unwrap(), found]);
        }
        // Some neighbours are one interval.
        assert!(texts(&bedgraphs)[0].lines().count() + 20 < world.grid.len());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn open_files_do_not_grow_with_the_number_of_tracks() {
    use std::sync::atomic::{AtomicBool, Ordering};

    const TRACKS: usize = 300;
    let (world, folder) = (world(), TestFolder::new("formats-open"));
    let count = || {
        let is_ours = |path: PathBuf| fs::read_link(path).is_ok_and(|to| to.starts_with(folder.path()));
        fs::read_dir("/proc/self/fd").unwrap().filter(|entry| is_ours(entry.as_ref().unwrap().path())).count()
    };
    let is_done = AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let counted = scope.spawn(|| {
            let mut most = 0;
            while !is_done.load(Ordering::Relaxed) {
                most = most.max(count());
            }
            most
        });
        let out = folder.path().join("out");
        let written = world.write(&out, &many(TRACKS), TrackFormat::Both);
        let shard = TrackWriterConfig { shard: "1/1".parse().unwrap(), ..many(TRACKS) };
        let one = folder.path().join("one");
        let shards = world.write(&one, &shard, TrackFormat::Bedgraph);
        let merged = folder.path().join("merged");
        let joined = merge_tracks(&[one], &merged);
        let converted = BigwigConfig::default().write(&merged, &world.genome, |_| ());
        is_done.store(true, Ordering::Relaxed);
        assert_eq!([written, shards, joined, converted].map(|paths| paths.unwrap().len()), [600, 300, 300, 300]);
        counted.join().unwrap()
    });
    assert!((2..=64).contains(&most), "{most} open files");
}

#[test]
fn the_making_of_files_goes_on_where_it_was_interrupted() {
    let (world, folder) = (world(), TestFolder::new("formats-resumed"));
    let (config, again) = (many(40), folder.path().join("again"));
    let expected = world.write(&folder.path().join("whole"), &config, TrackFormat::Both).unwrap();
    let mut made = 0;
    let interrupted = catch_unwind(AssertUnwindSafe(|| {
        world.write_with(&again, &config, TrackFormat::Both, ExistingFiles::Refuse, |_| {
            made += 1;
            assert!(made < 2 * 32, "stop");
        })
    }));
    assert!(interrupted.is_err());
    assert!(again.join("tracks.values").exists() && !again.join("T0.bedGraph").exists());
    let time = |name: &str| -> SystemTime { fs::metadata(again.join(name)).unwrap().modified().unwrap() };
    let before = ["T16.bedGraph.partial", "T31.bigWig.partial"].map(time);
    // A file that was damaged is made again.
    fs::write(again.join("T3.bigWig.partial"), "cut").unwrap();
    let writer = config.open(&again, world.source()).unwrap();
    assert_eq!(writer.bins_written(), world.grid.len());
    let resumed = writer.finish_with(world.grid.len(), TrackFormat::Both, |_| ()).unwrap();
    assert!(bytes(&resumed) == bytes(&expected));
    assert_eq!(["T16.bedGraph", "T31.bigWig"].map(time), before);
    assert_eq!(names(&again), names(&folder.path().join("whole")));
}

#[test]
fn the_files_of_an_interrupted_scan_may_have_another_format() {
    let (world, folder) = (world(), TestFolder::new("formats-changed"));
    let config = config(TrackValue::Probability);
    let place = |name: &str| folder.path().join(name);
    let expected = world.write(&place("whole"), &config, TrackFormat::Bigwig).unwrap();
    // Interrupted in the scan, and after bedGraph files were made.
    assert!(world.run(&place("scan"), &config, 9).is_none());
    assert!(bytes(&world.write(&place("scan"), &config, TrackFormat::Bigwig).unwrap()) == bytes(&expected));
    let interrupted = catch_unwind(AssertUnwindSafe(|| {
        world.write_with(&place("files"), &config, TrackFormat::Bedgraph, ExistingFiles::Refuse, |_| panic!("stop"))
    }));
    assert!(interrupted.is_err() && place("files").join("A.bedGraph.partial").exists());
    assert!(bytes(&world.write(&place("files"), &config, TrackFormat::Bigwig).unwrap()) == bytes(&expected));
    assert_eq!(names(&place("files")), ["A.bigWig", "C.bigWig", "tracks.json"]);
}

#[test]
fn a_finished_run_has_the_formats_that_can_be_made_from_its_files() {
    let (world, folder) = (world(), TestFolder::new("formats-finished"));
    let config = config(TrackValue::Probability);
    let bedgraphs = world.write(folder.path(), &config, TrackFormat::Bedgraph).unwrap();
    let both = world.write(folder.path(), &config, TrackFormat::Both).unwrap();
    assert_eq!((both.len(), &both[..2]), (4, &bedgraphs[..]));
    let before = bytes(&both[2..]);
    let bigwigs = world.write(folder.path(), &config, TrackFormat::Bigwig).unwrap();
    assert!(bytes(&bigwigs) == before && !bedgraphs[0].exists());
    let error = world.write(folder.path(), &config, TrackFormat::Both).unwrap_err().to_string();
    assert!(error.contains("C.bedGraph: expected the file of a finished run, found none, since an earlier"), "{error}");
    // What was removed is not lost: nothing is scanned again.
    let writer = config.open_with(folder.path(), world.source(), ExistingFiles::Replace).unwrap();
    assert_eq!(writer.bins_written(), world.grid.len());
    drop(writer);
    // The same where there never was one.
    let direct = folder.path().join("direct");
    world.write(&direct, &config, TrackFormat::Bigwig).unwrap();
    assert_eq!(world.write(&direct, &config, TrackFormat::Bigwig).unwrap().len(), 2);
    let error = world.write(&direct, &config, TrackFormat::Bedgraph).unwrap_err().to_string();
    assert!(error.contains("found none, since an earlier call has left bigWig files alone"), "{error}");
    let bytes = fs::read(direct.join("A.bigWig")).unwrap();
    fs::write(direct.join("A.bigWig"), &bytes[1..]).unwrap();
    assert!(matches!(world.write(&direct, &config, TrackFormat::Bigwig), Err(Error::Corrupt { .. })));
}

#[test]
fn a_file_of_others_in_the_other_format_does_not_stay_beside_a_new_one() {
    let (world, folder) = (world(), TestFolder::new("formats-foreign"));
    let config = config(TrackValue::Probability);
    let foreign = folder.write("A.bedGraph", "mine");
    let error = world.write(folder.path(), &config, TrackFormat::Bigwig).unwrap_err().to_string();
    assert!(error.contains("A.bedGraph: expected no file"), "{error}");
    assert_eq!(fs::read(&foreign).unwrap(), b"mine");
    world.write_with(folder.path(), &config, TrackFormat::Bigwig, ExistingFiles::Replace, |_| ()).unwrap();
    assert_eq!(names(folder.path()), ["A.bigWig", "C.bigWig", "tracks.json"]);
}

#[test]
fn a_bedgraph_of_others_beside_the_bigwig_of_a_finished_run_stays() {
    let (world, folder) = (world(), TestFolder::new("formats-beside"));
    let config = config(TrackValue::Probability);
    world.write(folder.path(), &config, TrackFormat::Bigwig).unwrap();
    let foreign = folder.write("A.bedGraph", "mine");
    let error = world.write(folder.path(), &config, TrackFormat::Bigwig).unwrap_err().to_string();
    assert!(error.contains("A.bedGraph: expected no file"), "{error}");
    assert_eq!(fs::read(&foreign).unwrap(), b"mine");
    world.write_with(folder.path(), &config, TrackFormat::Bigwig, ExistingFiles::Replace, |_| ()).unwrap();
    assert_eq!(names(folder.path()), ["A.bigWig", "C.bigWig", "tracks.json"]);
}

#[test]
fn a_file_of_others_in_the_other_format_goes_before_the_new_one_has_its_name() {
    let (world, folder) = (world(), TestFolder::new("formats-order"));
    let config = config(TrackValue::Probability);
    let foreign = folder.write("A.bedGraph", "mine");
    let in_the_way = folder.write("A.bigWig/file", "").with_file_name("");
    let replace = || world.write_with(folder.path(), &config, TrackFormat::Bigwig, ExistingFiles::Replace, |_| ());
    assert!(matches!(replace(), Err(Error::Io { .. })));
    assert!(!foreign.exists());
    fs::remove_dir_all(in_the_way).unwrap();
    replace().unwrap();
    assert_eq!(names(folder.path()), ["A.bigWig", "C.bigWig", "tracks.json"]);
}

#[test]
fn a_lost_bedgraph_of_a_run_with_both_formats_is_written_again_on_request() {
    let (world, folder) = (world(), TestFolder::new("formats-lost"));
    let config = config(TrackValue::Probability);
    let expected = bytes(&world.write(folder.path(), &config, TrackFormat::Both).unwrap());
    fs::remove_file(folder.path().join("A.bedGraph")).unwrap();
    let write = |existing| world.write_with(folder.path(), &config, TrackFormat::Both, existing, |_| ());
    let error = write(ExistingFiles::Refuse).unwrap_err().to_string();
    assert!(error.contains("A.bedGraph: expected the file of a finished run, found none: put it back"), "{error}");
    assert!(bytes(&write(ExistingFiles::Replace).unwrap()) == expected);
}

#[test]
fn what_a_killed_merge_left_does_not_hide_the_files_of_a_finished_run() {
    let (world, folder) = (world(), TestFolder::new("formats-stale"));
    let config = config(TrackValue::Probability);
    for (name, format) in [("text", TrackFormat::Bedgraph), ("both", TrackFormat::Both)] {
        let out = folder.path().join(name);
        let written = world.write(&out, &config, format).unwrap();
        let expected = bytes(&written);
        folder.write(&format!("{name}/A.bedGraph.partial"), "half");
        assert_eq!(world.write(&out, &config, format).unwrap().len(), written.len());
        assert!(bytes(&written) == expected);
        assert!(!out.join("A.bedGraph.partial").exists());
        // Nor where a bigWig file has taken the place of the bedGraph file.
        world.write(&out, &config, TrackFormat::Bigwig).unwrap();
        folder.write(&format!("{name}/A.bedGraph.partial"), "half");
        assert_eq!(world.write(&out, &config, TrackFormat::Bigwig).unwrap().len(), 2);
        assert_eq!(names(&out), ["A.bigWig", "C.bigWig", "tracks.json"]);
    }
}

#[test]
fn each_file_is_reported_once_whenever_it_was_made() {
    let (world, folder) = (world(), TestFolder::new("formats-each"));
    let config = config(TrackValue::Probability);
    for (name, first) in [("text", TrackFormat::Bedgraph), ("both", TrackFormat::Both)] {
        for format in [first, TrackFormat::Both, TrackFormat::Bedgraph, TrackFormat::Bigwig, TrackFormat::Bigwig] {
            let mut seen = Vec::new();
            let each = |path: &Path| seen.push(path.to_owned());
            let refuse = ExistingFiles::Refuse;
            let paths = world.write_with(&folder.path().join(name), &config, format, refuse, each).unwrap();
            assert_eq!(seen, paths, "{format:?} after {name}");
        }
    }
}

#[test]
fn states_of_earlier_versions_are_read_if_the_run_was_finished() {
    let (world, folder) = (world(), TestFolder::new("formats-earlier"));
    let config = config(TrackValue::Probability);
    let change = |change: &dyn Fn(&mut serde_json::Value)| {
        let path = folder.path().join("tracks.json");
        let mut state: serde_json::Value = read_with_checksum(&path, "").unwrap().unwrap();
        change(&mut state);
        write_with_checksum(&path, &state).unwrap();
    };
    assert!(world.run(folder.path(), &config, 9).is_none());
    change(&|state| drop(state.as_object_mut().unwrap().remove("values")));
    let error = config.open(folder.path(), world.source()).unwrap_err().to_string();
    assert!(error.contains("expected their values in one file, found bins of an earlier version"), "{error}");
    world.write_with(folder.path(), &config, TrackFormat::Bedgraph, ExistingFiles::Replace, |_| ()).unwrap();
    change(&|state| state["tracks"][0]["line"] = serde_json::Value::Null);
    assert!(config.open(folder.path(), world.source()).is_ok());
}
