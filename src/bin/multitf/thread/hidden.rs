//! Labels hidden by factor and by region, as in real data.

use std::collections::{BTreeMap, HashSet};

use multitf::{
    Error, Result,
    data::{Dataset, Sample, Split},
    genome::Label,
};
use rand::{SeedableRng, rngs::Xoshiro256PlusPlus, seq::SliceRandom};

/// The labels of a track on a training chromosome, which are hidden or kept as a whole.
struct ChromosomeLabels {
    task: usize,
    cell: usize,
    chromosome: usize,
    bins: usize,
    bound: usize,
}

/// Hides labels of whole training chromosomes, other ones for each factor, until a share of the training labels is
/// missing, and returns a note. Each factor keeps at least one chromosome on which it is bound. Validation and test
/// labels stay.
pub fn hide(dataset: &mut Dataset, tasks: &[usize], context_bp: usize, share: f64) -> Result<String> {
    let mut parts = parts(dataset, tasks, context_bp)?;
    let samples = dataset.samples(Split::Train, context_bp)?.len();
    let mut missing = samples * tasks.len() - parts.iter().map(|part| part.bins).sum::<usize>();
    let wanted = (share * (samples * tasks.len()) as f64) as usize;
    // The same labels are hidden from every model and seed.
    parts.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(0));
    let mut hidden = HashSet::new();
    let mut kept: BTreeMap<usize, usize> = BTreeMap::new();
    for part in &parts {
        *kept.entry(part.task).or_default() += usize::from(part.bound > 0);
    }
    for part in &parts {
        let left = kept.entry(part.task).or_default();
        let is_last = part.bound > 0 && *left == 1;
        if missing < wanted && !is_last {
            *left -= usize::from(part.bound > 0);
            missing += part.bins;
            hidden.insert((part.task, part.cell, part.chromosome));
        }
    }
    let found = missing as f64 / (samples * tasks.len()) as f64;
    let note = format!("{:.0} % of the training labels are missing, by whole chromosomes of a factor.", 100.0 * found);
    eprintln!("note: {note}");
    dataset.hide_labels(|track, bin| hidden.contains(&(track.task, track.cell, bin.chromosome)));
    Ok(note)
}

/// The parts that can be hidden: those on chromosomes without validation and test bins.
fn parts(dataset: &Dataset, tasks: &[usize], context_bp: usize) -> Result<Vec<ChromosomeLabels>> {
    let chromosome = |sample: Sample| dataset.grid().interval(sample.bin as usize).chromosome;
    let mut scored = HashSet::new();
    for split in [Split::Valid, Split::Test] {
        scored.extend(dataset.samples(split, context_bp)?.iter().map(chromosome));
    }
    let mut parts: BTreeMap<(usize, usize, usize), ChromosomeLabels> = BTreeMap::new();
    for sample in dataset.samples(Split::Train, context_bp)?.iter() {
        let (cell, chromosome) = (usize::from(sample.cell), chromosome(sample));
        for &task in tasks {
            let label = dataset.label(task, sample);
            if label == Label::Missing || scored.contains(&chromosome) {
                continue;
            }
            let empty = ChromosomeLabels { task, cell, chromosome, bins: 0, bound: 0 };
            let part = parts.entry((task, cell, chromosome)).or_insert(empty);
            part.bins += 1;
            part.bound += usize::from(label == Label::Bound);
        }
    }
    if parts.is_empty() {
        return Err(Error::Config {
            key: "--missing".into(),
            expected: "a data set with chromosomes that are for training alone, whose labels can be hidden".into(),
            found: dataset.name().to_owned(),
        });
    }
    Ok(parts.into_values().collect())
}
