//! Worlds as a whole: what is written, and what it is like.

use std::{collections::BTreeMap, fs};

use super::*;
use crate::{
    Error,
    genome::{BinGrid, Genome, Interval, Label, LabelTable, MissingChromosomes, SignalTrack},
    metric::Curve,
    motif::MotifSet,
    testing::{TestFile, TestFolder},
};

fn small(seed: u64) -> SimulationConfig {
    SimulationConfig { seed, total_bases: 300_000, ..SimulationConfig::default() }
}

/// The bytes of every file below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for path in fs::read_dir(&inner).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                contents.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    contents
}

/// A world as its readers see it.
struct Read {
    truth: Truth,
    genome: Genome,
    grid: BinGrid,
    tables: Vec<LabelTable>,
    signals: Vec<SignalTrack>,
}

impl Read {
    fn new(folder: &Path, truth: Truth) -> Self {
        let genome = Genome::open(folder.join("genome.fa.gz")).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        let table = |factor| {
            let path = folder.join(format!("labels/{factor}.train.labels.tsv.gz"));
            LabelTable::open(path, &genome, &grid).unwrap()
        };
        let signal = |cell: &String| {
            let path = folder.join(format!("accessibility/{cell}.bigWig"));
            SignalTrack::open(path, &genome, MissingChromosomes::Error).unwrap()
        };
        let tables = truth.factors().map(table).collect();
        let signals = truth.cells().iter().map(signal).collect();
        Self { truth, genome, grid, tables, signals }
    }

    /// Factor, cell type and labels of every track.
    fn tracks(&self) -> impl Iterator<Item = (usize, &str, Vec<Label>)> {
        self.tables.iter().enumerate().flat_map(|(factor, table)| {
            table.cells.iter().zip(&table.labels).map(move |(cell, labels)| {
                (factor, cell.as_str(), (0..labels.len()).map(|bin| labels.get(bin)).collect())
            })
        })
    }

    /// The score of the best site in each bin under a factor's own profile.
    fn best_profile_scores(&self, factor: usize) -> Vec<f32> {
        let profile = FactorSet::Mixed.list()[factor].profile().unwrap();
        let mut scores = vec![f32::MIN; self.grid.len()];
        for chromosome in 0..self.genome.len() {
            let mut codes = vec![0; self.genome.length(chromosome)];
            self.genome.decode(chromosome, 0, &mut codes);
            for hit in profile.scan(&codes, profile.mean_score() - 8.0) {
                let (start, end) = (hit.start, hit.start + profile.width());
                for bin in self.grid.overlapping(Interval { chromosome, start, end }) {
                    scores[bin] = scores[bin].max(hit.score as f32);
                }
            }
        }
        scores
    }
}

#[test]
fn equal_configurations_write_equal_bytes_and_other_seeds_others() {
    let (first, second, third) = (TestFolder::new("first"), TestFolder::new("second"), TestFolder::new("third"));
    simulate(&small(1), first.path()).unwrap();
    simulate(&small(1), second.path()).unwrap();
    simulate(&small(2), third.path()).unwrap();
    let first = contents(first.path());
    // genome, motifs and dataset.toml, accessibility, labels, truth
    assert_eq!(first.len(), 3 + 3 + 12 + 3);
    assert!(first == contents(second.path()));
    assert!(first != contents(third.path()));
}

#[test]
fn every_factor_has_bound_bins_in_every_split_of_small_worlds() {
    for seed in 0..4 {
        let folder = TestFolder::new(&format!("splits-{seed}"));
        let world = simulate(&small(seed), folder.path()).unwrap();
        let read = Read::new(folder.path(), world.truth);
        let (valid, test) = (read.grid.on_chromosome(4), read.grid.on_chromosome(5));
        for (factor, table) in FactorSet::Mixed.list().iter().zip(&read.tables) {
            assert!(!table.cells.is_empty());
            for split in [0..valid.start, valid.clone(), test.clone()] {
                let any_bound =
                    table.labels.iter().any(|labels| labels.positions(Label::Bound).any(|bin| split.contains(&bin)));
                assert!(any_bound, "seed {seed}, {}: {split:?}", factor.name);
            }
        }
    }
}

#[test]
fn a_world_of_the_default_size_is_as_described() {
    let folder = TestFolder::new("default");
    let config = SimulationConfig::default();
    let world = simulate(&config, folder.path()).unwrap();
    assert_eq!(Truth::open(folder.path()).unwrap(), world.truth);
    let read = Read::new(folder.path(), world.truth);
    assert_eq!(read.grid.len(), read.truth.bins());
    assert_eq!(read.genome.total_bases(), config.total_bases);
    assert_eq!(read.tracks().count(), 23);
    planted_sites_score_at_least_the_mean(&read);
    factors_differ_in_their_number_of_bound_sites(&read);
    bound_sites_are_more_accessible(&read);
    the_best_scores_are_calibrated_and_rank_best(&read);
}

fn planted_sites_score_at_least_the_mean(read: &Read) {
    for (index, factor) in FactorSet::Mixed.list().iter().enumerate() {
        // Scores in the truth have four decimals.
        let mean = factor.profile().unwrap().mean_score() - 1e-4;
        let planted = read.truth.sites().iter().filter(|site| site.factor == index && site.planted);
        assert!(planted.clone().all(|site| site.score >= mean), "{}", factor.name);
        assert!(planted.count() as f64 >= 3.0 * 1.4 * factor.sites_per_mb, "{}", factor.name);
    }
}

fn factors_differ_in_their_number_of_bound_sites(read: &Read) {
    let bound = |factor: usize| {
        let sites = read.truth.sites().iter().filter(|site| site.factor == factor);
        sites.flat_map(|site| &site.cells).filter(|cell| cell.occupancy == Occupancy::Bound).count()
    };
    assert!(bound(0) > 1_000 && (50..200).contains(&bound(1)), "{} {}", bound(0), bound(1));
}

fn bound_sites_are_more_accessible(read: &Read) {
    let mean_signal = |occupancy| {
        let mut signals = Vec::new();
        for site in read.truth.sites().iter().filter(|site| site.planted) {
            let interval = Interval { chromosome: site.chromosome, start: site.start, end: site.end };
            let with = site.cells.iter().zip(&read.signals).filter(|(cell, _)| cell.occupancy == occupancy);
            signals.extend(with.map(|(_, signal)| signal.mean(interval)));
        }
        signals.iter().sum::<f32>() / signals.len() as f32
    };
    let (bound, free) = (mean_signal(Occupancy::Bound), mean_signal(Occupancy::Free));
    assert!(bound > 3.0 * free, "{bound} {free}");
}

fn the_best_scores_are_calibrated_and_rank_best(read: &Read) {
    let (mut best_mean, mut profile_mean, mut prior_mean) = (0.0, 0.0, 0.0);
    let (mut expected, mut found) = (0.0, 0.0);
    let tracks: Vec<_> = read.tracks().collect();
    for (factor, cell, labels) in &tracks {
        let scores = read.truth.best_scores(FactorSet::Mixed.list()[*factor].name, cell).unwrap();
        let average_precision = |scores: &[f32]| Curve::new(scores, labels).unwrap().average_precision().unwrap();
        let observed = || scores.iter().zip(labels).filter(|(_, label)| **label != Label::Ambiguous);
        let positives = observed().filter(|(_, label)| **label == Label::Bound).count() as f64;
        expected += observed().map(|(score, _)| f64::from(*score)).sum::<f64>();
        found += positives;
        best_mean += average_precision(&scores) / tracks.len() as f64;
        profile_mean += average_precision(&read.best_profile_scores(*factor)) / tracks.len() as f64;
        prior_mean += positives / observed().count() as f64 / tracks.len() as f64;
    }
    println!("average precision: best {best_mean:.3}, profile {profile_mean:.3}, prior {prior_mean:.4}");
    assert!((expected / found - 1.0).abs() < 0.05, "{expected} {found}");
    assert!((0.6..0.9).contains(&best_mean), "{best_mean}");
    assert!(best_mean > profile_mean + 0.3 && profile_mean > 5.0 * prior_mean, "{profile_mean} {prior_mean}");
}

#[test]
fn motifs_are_found_by_the_factors_names() {
    let folder = TestFolder::new("motifs");
    simulate(&small(1), folder.path()).unwrap();
    let motifs = MotifSet::open(folder.path().join("motifs.meme")).unwrap();
    assert_eq!(motifs.len(), 12);
    for factor in FactorSet::Mixed.list() {
        let found = motifs.find(factor.name).unwrap().matrix.rows().concat();
        let expected = factor.profile().unwrap().probabilities.rows().concat();
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(found, value)| (found - value).abs() < 1e-12), "{}", factor.name);
    }
    assert!(motifs.find("MAX").unwrap().matrix.consensus().contains("CACGTG"));
}

#[test]
fn a_changed_truth_is_told_with_line_and_column() {
    let folder = TestFolder::new("changed");
    simulate(&small(1), folder.path()).unwrap();
    let path = folder.path().join("truth/sites.tsv");
    let text = fs::read_to_string(&path).unwrap().replacen("\tCTCF\t", "\tCTFC\t", 1);
    fs::write(&path, text).unwrap();
    let message = Truth::open(folder.path()).unwrap_err().to_string();
    assert!(message.ends_with(r#"sites.tsv:2:4: expected a factor of the world, found "CTFC""#), "{message}");
}

#[test]
fn a_folder_below_a_file_is_an_error() {
    let file = TestFile::new("file", "");
    let error = simulate(&small(1), file.join("world")).unwrap_err();
    assert!(matches!(&error, Error::Io { path, .. } if path.ends_with("world")), "{error}");
}

#[test]
fn a_bad_configuration_writes_nothing() {
    let folder = TestFolder::new("nothing");
    let world = folder.path().join("world");
    let config = SimulationConfig { cells: 0, ..small(1) };
    assert!(matches!(simulate(&config, &world), Err(Error::Config { .. })));
    assert!(!world.exists());
}
