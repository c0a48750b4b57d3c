//! Tracks have the values of a scan; runs are resumed, checked and locked.

mod formats;
pub(super) mod written;

use std::{cell::Cell, fs, io::Write, path::Path};

use burn::tensor::Device;
use rand::RngExt;

use super::{values::ValuesFile, *};
use crate::{
    genome::{MissingChromosomes, SignalTrack, bedgraph_to_bigwig},
    nn::{Model, ModelConfig, MotifConvConfig, TrunkConfig},
    predict::{GenomeScan, ScanSource, Shard},
    random::stream,
    testing::TestFolder,
};

const CONTEXT: usize = 40;

pub(super) struct World {
    genome: Genome,
    pub(super) grid: BinGrid,
    model: Model,
}

/// Random bases.
pub(super) fn sequence(seed: u64, length: usize) -> String {
    let mut random = stream(&[seed]);
    (0..length).map(|_| ['A', 'C', 'G', 'T'][random.random_range(0..4)]).collect()
}

impl World {
    fn new() -> Self {
        Self::with_chromosomes(&[("chr1", &sequence(3, 600)), ("tiny", &sequence(4, 12)), ("chr2", &sequence(5, 431))])
    }

    pub(super) fn with_chromosomes(chromosomes: &[(&str, &str)]) -> Self {
        let genome = Genome::from_sequences(chromosomes.iter().copied()).unwrap();
        let grid = BinGrid::new(&genome, 20, 5).unwrap();
        let model = ModelConfig::new(TrunkConfig::new(CONTEXT, MotifConvConfig::new(8, 6)), 3).init(&Device::default());
        Self { genome, grid, model }
    }

    pub(super) fn source(&self) -> ScanSource<'_> {
        ScanSource::new(&self.genome, &self.grid)
    }

    pub(super) fn scan(&self) -> GenomeScan<'_> {
        GenomeScan::new(&self.model, self.source(), &Device::default()).unwrap().with_sizes(4, 2)
    }

    /// Writes some parts, and is then interrupted.
    pub(super) fn run(&self, folder: &Path, config: &TrackWriterConfig, parts: usize) -> Option<Vec<PathBuf>> {
        let mut writer = config.open(folder, self.source()).unwrap();
        writer.save_every = Duration::ZERO;
        let left = Cell::new(parts);
        let scan = self.scan().with_shard(config.shard);
        let outcome = scan.clone().skipping(writer.bins_written()).run(|part| {
            left.set(left.get().checked_sub(1).ok_or(Error::ScoreNan { index: 0 })?);
            writer.write(&part)
        });
        outcome.ok().map(|()| writer.finish(scan.bins()).unwrap())
    }
}

pub(super) fn config(value: TrackValue) -> TrackWriterConfig {
    let file = |task: usize, name: &str| TrackFile { task, name: name.into() };
    let files = vec![file(2, "C"), file(0, "A")];
    TrackWriterConfig { files, value, identity: RunIdentity::new("a test", &[]), shard: Shard::WHOLE }
}

pub(super) fn texts(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn a_line_has_the_value_of_each_bin_whose_middle_it_covers() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-values"));
    let (mut log_odds, mut tasks) = (Vec::new(), 0);
    world
        .scan()
        .run(|part| {
            tasks = part.log_odds.len() / part.bins.len();
            log_odds.extend(part.log_odds);
            Ok(())
        })
        .unwrap();
    for (value, name) in [(TrackValue::Probability, "p"), (TrackValue::LogOdds, "l")] {
        let folder = folder.path().join(name);
        let paths = world.run(&folder, &config(value), usize::MAX).unwrap();
        for (path, task) in paths.iter().zip([2, 0]) {
            let wig = path.with_extension("bigWig");
            bedgraph_to_bigwig(path, &wig, &world.genome).unwrap();
            let track = SignalTrack::open(&wig, &world.genome, MissingChromosomes::Zero).unwrap();
            for bin in 0..world.grid.len() {
                let middle = middle(&world.grid, bin);
                assert_eq!(middle.start - world.grid.interval(bin).start, 7);
                let mut found = [f32::NAN; 5];
                track.fill(middle.chromosome, middle.start as i64, &mut found);
                let odds = log_odds[bin * tasks + task];
                let expected = if name == "l" { odds } else { 1.0 / (1.0 + (-odds).exp()) };
                let tolerance = if name == "l" { 1e-4 } else { 1e-6 };
                assert!(found.iter().all(|found| (found - expected).abs() <= tolerance), "{found:?} {expected}");
            }
        }
    }
}

#[test]
fn a_run_that_was_interrupted_and_resumed_writes_the_same_bytes() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-resumed"));
    let config = config(TrackValue::Probability);
    let whole = world.run(&folder.path().join("whole"), &config, usize::MAX).unwrap();
    let again = folder.path().join("again");
    let mut stops = 0;
    let resumed = loop {
        let before = RunState::load(&again, &config).unwrap().map_or(0, |saved| saved.done);
        if let Some(paths) = world.run(&again, &config, 9) {
            break paths;
        }
        // Bytes after the last save are cut off.
        let mut file = fs::OpenOptions::new().append(true).open(ValuesFile::path(&again)).unwrap();
        file.write_all(b"chr1\t0\t5").unwrap();
        let after = RunState::load(&again, &config).unwrap().map_or(0, |saved| saved.done);
        assert!(after > before, "the state is saved on the way");
        stops += 1;
    };
    assert!(stops >= 2);
    assert_eq!(texts(&resumed), texts(&whole));
    assert!(fs::read_dir(&again).unwrap().all(|file| !file.unwrap().path().to_string_lossy().ends_with(".partial")));
    // Done is done.
    assert_eq!(config.open(&again, world.source()).unwrap().bins_written(), world.grid.len());
    assert_eq!(world.run(&again, &config, 0).unwrap(), resumed);
}

#[test]
fn a_run_that_was_interrupted_while_files_were_renamed_ends_well() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-renamed"));
    let config = config(TrackValue::Probability);
    let paths = world.run(folder.path(), &config, usize::MAX).unwrap();
    let expected = texts(&paths);
    fs::rename(&paths[1], config.files[1].partial(folder.path())).unwrap();
    assert_eq!(texts(&world.run(folder.path(), &config, 0).unwrap()), expected);
}

#[test]
fn the_state_of_another_run_is_a_mismatch() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-other"));
    let config = config(TrackValue::Probability);
    assert!(world.run(folder.path(), &config, 9).is_none());
    let other = TrackWriterConfig { identity: RunIdentity::new("another", &[]), ..config.clone() };
    let fewer = TrackWriterConfig { files: config.files[..1].to_vec(), ..config.clone() };
    let odds = TrackWriterConfig { value: TrackValue::LogOdds, ..config.clone() };
    let shard = TrackWriterConfig { shard: "1/2".parse().unwrap(), ..config.clone() };
    for other in [other, fewer, odds, shard] {
        assert!(matches!(other.open(folder.path(), world.source()), Err(Error::Mismatch { .. })));
    }
    fs::write(ValuesFile::path(folder.path()), "short").unwrap();
    assert!(matches!(config.open(folder.path(), world.source()), Err(Error::Corrupt { .. })));
}

#[test]
fn names_that_are_no_file_or_not_their_own_are_refused() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-names"));
    for name in ["a/b", "..", "", "c"] {
        let mut config = config(TrackValue::Probability);
        config.files[1].name = name.into();
        let error = config.open(folder.path(), world.source()).unwrap_err().to_string();
        assert_eq!(error, format!("the track's name: expected a file name that no other track has, found {name}"));
    }
}

#[test]
fn bins_that_were_written_before_are_refused_and_nothing_is_lost() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-again"));
    let config = config(TrackValue::Probability);
    let paths = world.run(folder.path(), &config, usize::MAX).unwrap();
    let expected = texts(&paths);
    let mut writer = config.open(folder.path(), world.source()).unwrap();
    let again = world.scan().run(|part| writer.write(&part)).unwrap_err().to_string();
    assert!(again.contains("expected none: all is done, found 0..8"), "{again}");
    drop(writer);
    assert_eq!(texts(&config.open(folder.path(), world.source()).unwrap().finish(world.grid.len()).unwrap()), expected);

    let other = folder.path().join("other");
    let mut writer = config.open(&other, world.source()).unwrap();
    let part = ScannedBins { chromosome: 0, bins: 3..5, log_odds: vec![0.0; 6] };
    writer.write(&part).unwrap();
    writer.write(&ScannedBins { bins: 5..5, log_odds: Vec::new(), ..part.clone() }).unwrap();
    let again = writer.write(&part).unwrap_err().to_string();
    assert!(again.contains("expected from 5 on, found 3..5"), "{again}");
    // Nothing is left out, but for chromosomes.
    let chr2 = world.grid.on_chromosome(2);
    let part =
        |chromosome: usize, bins: Range<usize>| ScannedBins { chromosome, log_odds: vec![0.0; 3 * bins.len()], bins };
    for (part, expected) in [
        (part(0, 6..7), "expected from 5 on, found 6..7".to_owned()),
        (part(2, chr2.start..chr2.end), format!("expected from 5 on, found {chr2:?}")),
        (part(2, 5..7), format!("expected some of {chr2:?}, those of chromosome 2, found 5..7")),
        (part(1, 5..6), "those of chromosome 1, found 5..6".into()),
        (part(0, 5..chr2.start + 1), format!("those of chromosome 0, found 5..{}", chr2.start + 1)),
        (part(9, 5..6), "those of chromosome 9, found 5..6".into()),
    ] {
        let error = writer.write(&part).unwrap_err().to_string();
        assert!(error.contains(&expected), "{error}");
    }
    let unfinished = writer.finish(world.grid.len()).unwrap_err().to_string();
    assert!(unfinished.contains(&format!("expected {}, found 2", world.grid.len())), "{unfinished}");
}

#[test]
fn values_that_are_not_those_of_bins_and_tasks_are_refused() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-values-of"));
    let mut writer = config(TrackValue::Probability).open(folder.path(), world.source()).unwrap();
    let mut message = |values: usize| {
        let part = ScannedBins { chromosome: 0, bins: 0..4, log_odds: vec![0.0; values] };
        writer.write(&part).unwrap_err().to_string()
    };
    assert_eq!(message(11), "the log-odds of bins: expected as many for each bin, found 11 for 4");
    assert_eq!(message(8), "the task of track C: expected one of the model's 2, counted from 0, found 2");
    assert_eq!(message(0), "the task of track C: expected one of the model's 0, counted from 0, found 2");
    assert_eq!(writer.bins_written(), 0);
    writer.write(&ScannedBins { chromosome: 0, bins: 0..4, log_odds: vec![0.0; 12] }).unwrap();
    // A chromosome whose bins are all written is followed by the first of another.
    let (chr1, chr2) = (world.grid.on_chromosome(0), world.grid.on_chromosome(2));
    let part =
        |chromosome: usize, bins: Range<usize>| ScannedBins { chromosome, log_odds: vec![0.0; 3 * bins.len()], bins };
    writer.write(&part(0, 4..chr1.end)).unwrap();
    let error = writer.write(&part(2, chr2.start + 1..chr2.end)).unwrap_err().to_string();
    assert!(error.contains(&format!("expected from {} on, the first of the chromosome", chr2.start)), "{error}");
    writer.write(&part(2, chr2)).unwrap();
}

#[test]
fn infinite_log_odds_are_a_probability_and_no_log_odds() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-infinite"));
    let part = ScannedBins { chromosome: 0, bins: 0..1, log_odds: vec![f32::INFINITY; 3] };
    let write = |value: TrackValue, name: &str| {
        config(value).open(folder.path().join(name), world.source()).unwrap().write(&part)
    };
    write(TrackValue::Probability, "probability").unwrap();
    assert!(matches!(write(TrackValue::LogOdds, "odds"), Err(Error::ScoreNan { index: 0 })));
}

#[test]
fn a_folder_that_is_written_to_is_refused_to_others() {
    let (world, folder) = (World::new(), TestFolder::new("tracks-lock"));
    let config = config(TrackValue::Probability);
    let first = config.open(folder.path(), world.source()).unwrap();
    let error = config.open(folder.path(), world.source()).unwrap_err();
    assert!(matches!(&error, Error::InUse { path, .. } if path == folder.path()), "{error}");
    drop(first);
    assert!(config.open(folder.path(), world.source()).is_ok());
}
