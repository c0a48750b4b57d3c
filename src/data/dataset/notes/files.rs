//! Notes about files, many of which may be alike.

use std::path::{Path, PathBuf};

use crate::{
    error::names,
    genome::{BinGrid, Centers, Genome, Label, Labels, PeakSet, Skipped},
};

/// Notes about the files of labels.
#[derive(Debug, Default)]
pub(crate) struct FileNotes {
    /// The records left out of each file.
    skipped: Vec<(PathBuf, Skipped)>,
    /// The centres of the peaks of each file.
    centers: Vec<(PathBuf, Centers)>,
    /// Texts, each with the files that it is about.
    texts: Vec<(String, Vec<PathBuf>)>,
}

impl FileNotes {
    pub(crate) fn skipped(&mut self, path: &Path, skipped: &Skipped) {
        if skipped.count > 0 {
            self.skipped.push((path.to_owned(), skipped.clone()));
        }
    }

    /// Notes how a file of peaks was read.
    pub(crate) fn peaks(&mut self, path: &Path, peaks: &PeakSet) {
        self.centers.push((path.to_owned(), peaks.centers()));
        self.skipped(path, peaks.skipped());
        if peaks.skipped().total == 0 {
            self.text(path, "no peak in it".to_owned());
        }
    }

    /// Notes the bins without a row in a table, except those in `dropped`.
    pub(crate) fn bins(&mut self, path: &Path, labels: &Labels, dropped: &[usize], grid: &BinGrid, genome: &Genome) {
        let mut lacking = labels.clone();
        for &bin in dropped {
            lacking.set(bin, Label::Unbound);
        }
        if lacking.positions(Label::Missing).next().is_some() {
            self.text(path, lacking_rows(&lacking, grid, genome));
        }
    }

    pub(crate) fn text(&mut self, path: &Path, text: String) {
        match self.texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, paths)) => paths.push(path.to_owned()),
            None => self.texts.push((text, vec![path.to_owned()])),
        }
    }

    /// Adds the notes about other files.
    pub(crate) fn append(&mut self, other: Self) {
        self.skipped.extend(other.skipped);
        self.centers.extend(other.centers);
        for (text, paths) in other.texts {
            for path in paths {
                self.text(&path, text.clone());
            }
        }
    }

    /// Returns the notes as texts.
    pub(crate) fn into_texts(self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut all = Skipped::default();
        self.skipped.iter().for_each(|(_, skipped)| all.add(skipped));
        // Of several files with most records left out, the first.
        if let Some((path, most)) = self.skipped.iter().rev().max_by_key(|(_, skipped)| skipped.count) {
            let most = format!("most of them, {}, in {}", most.count, path.display());
            texts.push(format!("records left out: {all}; {most}"));
        }
        texts.extend(centred(&self.centers));
        texts.extend(self.texts.into_iter().map(|(text, paths)| format!("{}: {text}", listed(&paths))));
        texts
    }
}

/// Notes peaks that were not all centred alike.
fn centred(files: &[(PathBuf, Centers)]) -> Option<String> {
    let sum = |count: fn(&Centers) -> usize| files.iter().map(|(_, centers)| count(centers)).sum::<usize>();
    let (summits, midpoints, starts) = (sum(|all| all.summits), sum(|all| all.midpoints), sum(|all| all.starts));
    // Names the files that differ from most.
    let is_bed = |centers: &Centers| centers.starts > 0;
    let bed_files = files.iter().filter(|(_, centers)| is_bed(centers)).count();
    let is_odd = |centers: &Centers| {
        let is_mixed = centers.midpoints > 0 || centers.summits > 0 && centers.starts > 0;
        is_mixed || is_bed(centers) == (2 * bed_files <= files.len())
    };
    let paths: Vec<PathBuf> =
        files.iter().filter(|(_, centers)| is_odd(centers)).map(|(path, _)| path.clone()).collect();
    let note = || {
        let on = [
            (summits, "their summit"),
            (midpoints, "their midpoint, without a summit"),
            (starts, "their start, as lines of plain BED"),
        ];
        let on: Vec<String> =
            on.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} on {what}")).collect();
        format!("peaks are not all centred alike: {}; see {}", on.join("; "), listed(&paths))
    };
    (midpoints > 0 || summits > 0 && starts > 0).then(note)
}

/// Says how many bins of which chromosomes have no label.
fn lacking_rows(labels: &Labels, grid: &BinGrid, genome: &Genome) -> String {
    let mut counts = vec![0; genome.len()];
    labels.positions(Label::Missing).for_each(|bin| counts[grid.interval(bin).chromosome] += 1);
    let lacking = (0..genome.len()).filter(|&chromosome| counts[chromosome] > 0).map(|chromosome| {
        let (count, of) = (counts[chromosome], grid.on_chromosome(chromosome).len());
        format!("{} {count} of {of}", genome.name(chromosome))
    });
    let sum: usize = counts.iter().sum();
    format!("no row for {sum} of {} bins: {}", labels.len(), names::listed(lacking, 5))
}

/// Lists the first few files, and how many more there are.
fn listed(paths: &[PathBuf]) -> String {
    names::listed(paths.iter().map(|path| path.display()), 3)
}
