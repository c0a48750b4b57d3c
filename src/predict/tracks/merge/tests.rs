//! Merged shards equal a whole scan; incomplete and wrong shards are refused.

use std::{fs, thread};

use super::*;
use crate::{
    predict::{
        BigwigConfig, RunIdentity, Shard, TrackFormat, TrackValue, TrackWriterConfig,
        tracks::tests::{World, config, sequence, texts, written::edit},
    },
    testing::TestFolder,
};

/// Several chromosomes: two shorter than a bin, one of few bins, and one on which many neighbours have one value.
fn world() -> World {
    let alike = [sequence(3, 150), "A".repeat(400), sequence(4, 61)].concat();
    let (short, last) = (sequence(5, 12), sequence(6, 303));
    World::with_chromosomes(&[
        ("short", &short),
        ("alike", &alike),
        ("few", &sequence(7, 32)),
        ("tiny", "A"),
        ("last", &last),
    ])
}

fn shard_config(value: TrackValue, index: usize, of: usize) -> TrackWriterConfig {
    TrackWriterConfig { shard: Shard::new(index, of).unwrap(), ..config(value) }
}

/// Writes all shards, each interrupted once it has written some parts, and gone on with.
fn write_shards(world: &World, folder: &Path, value: TrackValue, of: usize) -> Vec<PathBuf> {
    let write = |index| {
        let (folder, config) = (folder.join(format!("{index}")), shard_config(value, index, of));
        while world.run(&folder, &config, 5).is_none() {}
        folder
    };
    (1..=of).map(write).collect()
}

fn state(folder: &Path) -> String {
    fs::read_to_string(folder.join("tracks.json")).unwrap()
}

fn lines(texts: &[String]) -> usize {
    texts.iter().map(|text| text.lines().count()).sum()
}

/// Lets `change` damage one of two shards, and returns the error of the merge.
fn refusal(name: &str, change: impl FnOnce(&World, &mut Vec<PathBuf>)) -> String {
    let (world, folder) = (world(), TestFolder::new(name));
    let mut folders = write_shards(&world, folder.path(), TrackValue::Probability, 2);
    change(&world, &mut folders);
    let out = folder.path().join("out");
    let error = merge_tracks(&folders, &out).unwrap_err().to_string();
    assert!(!out.join("A.bedGraph").exists() && !out.join("tracks.json").exists());
    error.replace(&folder.path().display().to_string(), "IN")
}

/// The number of files in a folder, without its lock.
fn count(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().file_name() != ".lock").count()
}

#[test]
fn merged_shards_are_the_files_of_a_scan_without_shards() {
    let world = world();
    for (value, name) in [(TrackValue::Probability, "merge-p"), (TrackValue::LogOdds, "merge-l")] {
        let folder = TestFolder::new(name);
        let whole = world.run(&folder.path().join("whole"), &config(value), usize::MAX).unwrap();
        for of in [1, 2, 3, 7] {
            let mut folders = write_shards(&world, &folder.path().join(of.to_string()), value, of);
            let out = folder.path().join(format!("out{of}"));
            folders.reverse();
            let merged = merge_tracks(&folders, &out).unwrap();
            assert_eq!(texts(&merged), texts(&whole), "{of} shards");
            assert_eq!(state(&out), state(&folder.path().join("whole")), "{of} shards");
            // Once more over what is there, and as if a scan had done it.
            assert_eq!(merge_tracks(&folders, &out).unwrap(), merged);
            assert_eq!(world.run(&out, &config(value), 0).unwrap(), merged);
            assert_eq!(count(&out), 3);
        }
    }
}

#[test]
fn shards_have_the_lines_of_their_bins_and_a_line_that_was_cut_is_one_again() {
    let (world, folder) = (world(), TestFolder::new("merge-lines"));
    let whole = world.run(&folder.path().join("whole"), &config(TrackValue::Probability), usize::MAX).unwrap();
    let folders = write_shards(&world, folder.path(), TrackValue::Probability, 7);
    let of_shards: Vec<_> =
        folders.iter().map(|folder| texts(&[folder.join("C.bedGraph"), folder.join("A.bedGraph")])).collect();
    let cut: usize = of_shards.iter().map(|texts| lines(texts)).sum();
    // The equal bases make up more than one shard.
    assert!(of_shards.iter().any(|texts| lines(texts) == 2));
    assert!(cut >= lines(&texts(&whole)) + 4, "{cut} of {}", lines(&texts(&whole)));
    let known = texts(&whole).concat();
    let same = of_shards.concat().concat().lines().filter(|line| known.lines().any(|known| known == *line)).count();
    assert!(same + 2 * 12 >= cut, "all but the lines at the ends: {same} of {cut}");
    merge_tracks(&folders, folder.path()).unwrap();
}

#[test]
fn shards_without_a_bin_are_merged_too() {
    let folder = TestFolder::new("merge-empty");
    for (name, world) in [
        ("few", World::with_chromosomes(&[("few", &sequence(7, 32))])),
        ("none", World::with_chromosomes(&[("tiny", "ACGT")])),
    ] {
        let whole = world.run(&folder.path().join(name), &config(TrackValue::Probability), usize::MAX).unwrap();
        for of in [1, 2, 5, 9] {
            let at = folder.path().join(format!("{name}{of}"));
            let folders = write_shards(&world, &at, TrackValue::Probability, of);
            assert_eq!(texts(&merge_tracks(&folders, &at).unwrap()), texts(&whole), "{of} shards of {name}");
            assert_eq!(state(&at), state(&folder.path().join(name)), "{of} shards of {name}");
        }
    }
}

#[test]
fn shards_written_at_the_same_time_are_merged() {
    let folder = TestFolder::new("merge-threads");
    let whole = world().run(&folder.path().join("whole"), &config(TrackValue::Probability), usize::MAX).unwrap();
    let folders = [1, 2].map(|index| folder.path().join(index.to_string()));
    thread::scope(|scope| {
        for (index, folder) in [1, 2].into_iter().zip(&folders) {
            scope.spawn(move || {
                world().run(folder, &shard_config(TrackValue::Probability, index, 2), usize::MAX).unwrap()
            });
        }
    });
    assert_eq!(texts(&merge_tracks(&folders, folder.path()).unwrap()), texts(&whole));
}

#[test]
fn shards_that_are_missing_or_there_twice_are_refused() {
    let missing = refusal("merge-missing", |_, folders| drop(folders.remove(0)));
    assert_eq!(missing, "the shards to merge: expected 2 of them, found 1, without 1/2");
    let none = refusal("merge-none", |_, folders| folders.clear());
    assert_eq!(none, "the shards to merge: expected at least one, found none");
    let twice = refusal("merge-twice", |world, folders| {
        let again = folders[0].with_file_name("again");
        world.run(&again, &shard_config(TrackValue::Probability, 1, 2), usize::MAX).unwrap();
        folders.push(again);
    });
    assert_eq!(twice, "the shards to merge: expected 1/2 once, found it in IN/1 and IN/again");
    let never_begun = refusal("merge-never-begun", |_, folders| folders[1] = folders[1].with_file_name("3"));
    assert!(never_begun.starts_with("IN/3/tracks.json: "), "{never_begun}");
}

#[test]
fn a_shard_that_is_not_done_is_refused() {
    let error = refusal("merge-unfinished", |world, folders| {
        fs::remove_dir_all(&folders[1]).unwrap();
        assert!(world.run(&folders[1], &shard_config(TrackValue::Probability, 2, 2), 2).is_none());
    });
    let expected = "IN/2: shard 2/2: expected a finished one, found one of 14 bins so far: run it again";
    assert_eq!(error, expected);
}

#[test]
fn shards_of_another_run_are_refused_with_what_differs() {
    let one = config(TrackValue::Probability);
    let identity = |source: &str, chromosomes: &[&str]| RunIdentity::new(source, chromosomes);
    let model = TrackWriterConfig { identity: identity("another", &[]), ..one.clone() };
    let chromosomes = TrackWriterConfig { identity: identity("a test", &["last"]), ..one.clone() };
    let value = TrackWriterConfig { value: TrackValue::LogOdds, ..one.clone() };
    let files = TrackWriterConfig { files: one.files[..1].to_vec(), ..one.clone() };
    for (name, other, expected) in [
        ("merge-model", model, "IN/2: run: expected \"a test\", as in IN/1, found \"another\""),
        ("merge-chromosomes", chromosomes, "IN/2: chromosomes: expected [], as in IN/1, found [\"last\"]"),
        ("merge-value", value, "IN/2: value: expected Probability, as in IN/1, found LogOdds"),
        ("merge-files", files, "IN/2: files: expected [TrackFile { task: 2, name: \"C\" }, "),
    ] {
        let error = refusal(name, |world, folders| {
            fs::remove_dir_all(&folders[1]).unwrap();
            let shard = shard_config(TrackValue::Probability, 2, 2).shard;
            world.run(&folders[1], &TrackWriterConfig { shard, ..other }, usize::MAX).unwrap();
        });
        assert!(error.starts_with(expected), "{error}");
    }
    let number = refusal("merge-number", |world, folders| {
        folders.push(folders[0].with_file_name("3"));
        world.run(&folders[2], &shard_config(TrackValue::Probability, 3, 3), usize::MAX).unwrap();
    });
    assert_eq!(number, "IN/3: number of shards: expected 2, as in IN/1, found 3");
}

#[test]
fn shards_whose_bins_do_not_fit_are_refused() {
    let bins = world().grid.len();
    let less = refusal("merge-bins", |_, folders| {
        edit(&folders[1], &format!("\"done\": {}", bins / 2), &format!("\"done\": {}", bins / 2 - 5));
    });
    let (of, expected) = (bins - 5, (bins - 5) / 2);
    assert!(less.starts_with(&format!("IN/1: bins: expected {expected} of {of}, found ")), "{less}");
    let first = bins.div_ceil(2);
    let gap = refusal("merge-gap", |_, folders| {
        edit(&folders[1], &format!("\"start\": {first}"), &format!("\"start\": {}", first - 1));
    });
    assert_eq!(gap, format!("IN/2: first bin: expected {first}, since IN/1 ends before it, found {}", first - 1));
}

#[test]
fn files_that_are_not_what_a_shard_wrote_are_refused() {
    let short = refusal("merge-short", |_, folders| {
        let path = folders[0].join("A.bedGraph");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 3]).unwrap();
    });
    assert!(short.starts_with("IN/1/A.bedGraph: damaged file: ") && short.contains(" were written: "), "{short}");
    let digit = refusal("merge-digit", |_, folders| {
        let path = folders[0].join("A.bedGraph");
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
    });
    assert!(digit.starts_with("IN/1/A.bedGraph: damaged file: it was changed after it was written"), "{digit}");
    let changed = |name, from: &str, to: &str| {
        refusal(name, |_, folders| {
            let path = folders[0].join("A.bedGraph");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
        })
    };
    let start = changed("merge-start", "alike\t7\t", "alike\t8\t");
    assert_eq!(start, "IN/1/A.bedGraph: damaged file: it starts at alike:8, where alike:7 was written");
    let text = changed("merge-text", "alike\t7\t", "alike 7 ");
    assert!(text.contains("is no line of a bedGraph file"), "{text}");
    let end = refusal("merge-end", |_, folders| edit(&folders[1], "\"position\": 292", "\"position\": 297"));
    assert_eq!(end, "IN/2/C.bedGraph: damaged file: it ends at last:292, where last:297 was written");
    let gone = refusal("merge-gone", |_, folders| fs::remove_file(folders[1].join("A.bedGraph")).unwrap());
    assert!(gone.starts_with("IN/2/A.bedGraph: "), "{gone}");
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    let error =
        refusal("merge-names", |_, folders| folders.iter().for_each(|folder| edit(folder, "\"C\"", "\"../C\"")));
    assert_eq!(error, "the track's name: expected a file name that no other track has, found ../C");
}

#[test]
fn a_folder_of_another_run_or_of_one_that_may_go_on_is_not_written_to() {
    let (world, folder) = (world(), TestFolder::new("merge-out"));
    let folders = write_shards(&world, folder.path(), TrackValue::Probability, 2);
    let out = folder.path().join("out");
    assert!(world.run(&out, &config(TrackValue::Probability), 2).is_none());
    let before = state(&out);
    let error = merge_tracks(&folders, &out).unwrap_err().to_string();
    assert!(error.contains("found an unfinished run without shards"), "{error}");
    assert_eq!(state(&out), before);
    fs::remove_dir_all(&out).unwrap();
    world.run(&out, &config(TrackValue::LogOdds), usize::MAX).unwrap();
    assert!(matches!(merge_tracks(&folders, &out), Err(Error::Mismatch { .. })));
    // A shard's own folder is one of another run too.
    assert!(matches!(merge_tracks(&folders, &folders[0]), Err(Error::Mismatch { .. })));
}

#[test]
fn what_was_not_merged_is_in_the_way_unless_it_may_be_replaced() {
    let (world, folder) = (world(), TestFolder::new("merge-foreign"));
    let whole = world.run(&folder.path().join("whole"), &config(TrackValue::Probability), usize::MAX).unwrap();
    let folders = write_shards(&world, folder.path(), TrackValue::Probability, 2);
    let out = folder.path().join("out");
    let path = folder.write("out/A.bedGraph", "mine");
    let message = || merge_tracks(&folders, &out).unwrap_err().to_string();
    assert!(message().contains("out/A.bedGraph: expected no file, or one that this run has written"), "{}", message());
    assert_eq!((fs::read(&path).unwrap(), count(&out)), (b"mine".to_vec(), 1));
    assert_eq!(texts(&merge_tracks_with(&folders, &out, ExistingFiles::Replace).unwrap()), texts(&whole));
    fs::write(&path, "mine").unwrap();
    assert!(message().contains("out/A.bedGraph: damaged file: 4 bytes, where "), "{}", message());
    assert_eq!(texts(&merge_tracks_with(&folders, &out, ExistingFiles::Replace).unwrap()), texts(&whole));
    // The bigWig files of what was merged before are those of what is merged now.
    BigwigConfig { removes_bedgraphs: true, ..BigwigConfig::default() }
        .write(&out, world.source().genome, |_| ())
        .unwrap();
    assert_eq!(texts(&merge_tracks(&folders, &out).unwrap()), texts(&whole));
    BigwigConfig::default().write(&out, world.source().genome, |_| ()).unwrap();
    let error = merge_tracks_with(&folders, &folders[0], ExistingFiles::Replace).unwrap_err().to_string();
    assert!(error.ends_with("expected another one, found that of a shard"), "{error}");
    assert!(folders[0].join("A.bedGraph").exists());
}

#[test]
fn bigwig_files_of_a_scan_are_known_after_a_merge_over_them() {
    let (world, folder) = (world(), TestFolder::new("merge-bigwigs"));
    let config = config(TrackValue::Probability);
    let folders = write_shards(&world, folder.path(), TrackValue::Probability, 2);
    let out = folder.path().join("out");
    let mut writer = config.open(&out, world.source()).unwrap();
    world.scan().run(|part| writer.write(&part)).unwrap();
    writer.finish_with(world.grid.len(), TrackFormat::Bigwig, |_| ()).unwrap();
    // A bedGraph file of others is in the way.
    let foreign = folder.write("out/A.bedGraph", "mine");
    let error = merge_tracks(&folders, &out).unwrap_err().to_string();
    assert!(error.contains("out/A.bedGraph: expected no file, or one that this run has written"), "{error}");
    fs::remove_file(foreign).unwrap();
    merge_tracks(&folders, &out).unwrap();
    let convert = || BigwigConfig::default().write(&out, world.source().genome, |_| ());
    let time = || fs::metadata(out.join("A.bigWig")).unwrap().modified().unwrap();
    let before = time();
    convert().unwrap();
    assert_eq!(time(), before);
    // A file that was changed is no longer known, and goes on request.
    fs::write(out.join("A.bigWig"), "changed").unwrap();
    merge_tracks_with(&folders, &out, ExistingFiles::Replace).unwrap();
    assert!(!out.join("A.bigWig").exists() && out.join("C.bigWig").exists());
    assert_eq!(convert().unwrap().len(), 2);
}
