//! Real data: what the readers of `genome` give equals what independent programs gave, and models learn from it.
//!
//! The data lie in the folder that the environment variable `MULTITF_DATA` names; without it these tests do nothing.

use std::{io::Write as _, path::PathBuf};

use multitf::{
    Result,
    data::{Dataset, Split},
    device,
    eval::Evaluation,
    genome::{
        BinGrid, Genome, Interval, Label, LabelTable, Labels, MissingChromosomes, PeakSet, SignalTrack, read_intervals,
    },
    train::{Fit, RunConfig},
};

/// A folder of real data, if there are any on this machine. No test harness holds back the word that says so.
fn data(folder: &str) -> Option<PathBuf> {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    // Where standard error is closed nobody is there to read it.
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

#[test]
fn labels_from_yeast_peaks_are_those_of_the_independent_table() -> Result<()> {
    let Some(yeast) = data("yeast") else { return Ok(()) };
    let genome = Genome::open(yeast.join("genome.fa.gz"))?;
    assert_eq!((genome.len(), genome.total_bases()), (16, 12_071_326));
    let grid = BinGrid::new(&genome, 200, 50)?;
    let table = LabelTable::open(yeast.join("expected_labels_w200_s50.tsv.gz"), &genome, &grid)?;
    assert_eq!((table.cells.len(), table.skipped.count), (49, 0));
    let (blacklist, skipped) = read_intervals(yeast.join("blacklist.bed"), &genome)?;
    assert_eq!(skipped.count, 0);

    let mut totals = [0; 4];
    for (factor, expected) in table.cells.iter().zip(&table.labels) {
        let peaks = PeakSet::open(yeast.join(format!("peaks/{factor}.bed")), &genome, Some(50))?;
        let mut labels = Labels::from_peaks(&grid, &peaks, None);
        for bin in blacklist.iter().flat_map(|&interval| grid.overlapping(interval)) {
            labels.set(bin, Label::Missing);
        }
        assert!(labels == *expected, "{factor}: {labels:?} are not {expected:?}");
        for (total, count) in totals.iter_mut().zip(labels.counts()) {
            *total += count;
        }
        assert_eq!(labels.counts()[1..].iter().sum::<u64>(), 228_284);
    }
    assert_eq!(totals[Label::Bound as usize], 31_564);
    assert_eq!(totals[Label::Ambiguous as usize], 56_872);
    Ok(())
}

#[test]
fn three_yeast_factors_from_files_to_average_precision() -> Result<()> {
    let Some(yeast) = data("yeast") else { return Ok(()) };
    let dataset = Dataset::open(yeast.join("dataset.toml"))?;
    let (tasks, config) = (dataset.task_indices(&["reb1", "Rap1", "ABF1"])?, RunConfig::default().with_budget(6000));
    let fitted = Fit::new(&dataset, &tasks, &config, 0, &device::named(None)?).run()?;
    let valid = Evaluation::new(&dataset, Split::Valid, config.architecture.context_bp)?;
    let rows = valid.score("multi", 0, &valid.predict_tasks(&fitted.model, &tasks)?)?;
    assert_eq!(rows.iter().map(|row| row.tf.as_str()).collect::<Vec<_>>(), ["Reb1", "Rap1", "Abf1"]);
    for row in rows {
        let chance = row.positives as f64 / (row.positives + row.negatives) as f64;
        assert!(row.average_precision > Some(5.0 * chance), "{}: {:?} {chance}", row.tf, row.average_precision);
    }
    Ok(())
}

#[test]
fn the_yeast_signal_is_what_pybigwig_reads() -> Result<()> {
    let Some(yeast) = data("yeast") else { return Ok(()) };
    let genome = Genome::open(yeast.join("genome.fa.gz"))?;
    let path = yeast.join("ATAC.BY4741.fc.signal.bigwig");
    let track = SignalTrack::open(path, &genome, MissingChromosomes::Error)?;

    let rows: Vec<(String, usize, usize, f64, f32, Vec<f32>)> =
        serde_json::from_str(include_str!("oracles/bigwig.json")).expect("written by bigwig.py");
    assert_eq!(rows.len(), 200);
    for (name, start, end, mean, max, first) in rows {
        let chromosome = genome.index_of(&name).expect("a chromosome of yeast");
        let interval = Interval { chromosome, start, end };
        let place = format!("{name}:{start}-{end}");
        // Both sums are of 64 bits; ours is rounded to 32.
        assert!((f64::from(track.mean(interval)) - mean).abs() <= 1e-7 * mean.abs(), "{place}: not {mean}");
        assert_eq!(track.max(interval), max, "{place}");
        let mut values = vec![0.0; first.len()];
        track.fill(chromosome, start as i64, &mut values);
        assert_eq!(values, first, "{place}");
    }
    Ok(())
}

#[test]
fn dream_tables_of_chr20_cover_one_grid() -> Result<()> {
    let Some(chr20) = data("chr20") else { return Ok(()) };
    let genome = Genome::open(chr20.join("genome.fa.gz"))?;
    let grid = BinGrid::new(&genome, 200, 50)?;
    let path = chr20.join("labels/ATF3.train.labels.tsv.gz");
    let table = LabelTable::open(&path, &genome, &grid)?;
    assert_eq!(table.cells, ["HCT116", "HepG2", "K562"]);
    assert_eq!(table.cells, LabelTable::read_cells(&path)?);
    let missing = table.labels[0].counts()[0];
    for labels in &table.labels {
        assert!(labels.counts()[Label::Bound as usize] > 0);
        assert_eq!(labels.counts()[0], missing);
    }
    // The first row of the file is at 60,000: the chromosome starts with N.
    assert_eq!(table.labels[0].positions(Label::Missing).take_while(|&bin| bin < 1200).count(), 1200);
    assert_eq!(table.labels[0].get(1200), Label::Unbound);
    let mut codes = vec![0; 60_000];
    genome.decode(0, 0, &mut codes);
    assert!(codes.iter().all(|&code| code == multitf::genome::base::N));
    Ok(())
}
