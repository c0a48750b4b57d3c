//! Fingerprints, which tell data sets apart.

use serde::{Deserialize, Serialize};

use super::{Dataset, task::Task};
use crate::{
    data::{SignalReference, Split},
    file::{Digest, text_words},
    genome::Labels,
    motif::Motif,
    random::mix,
};

/// Raised by hand with each change of the crate that alters a result for equal inputs and settings.
const RESULTS_VERSION: u32 = 1;

/// A hash of each part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    /// The version of what is computed from a data set.
    numbers_of_this_crate: u32,
    genome: Digest,
    windows: Digest,
    names_of_tasks_and_cells: Digest,
    labels: Digest,
    accessibility: Digest,
    motifs: Digest,
    split: Digest,
}

impl Fingerprint {
    /// Returns the same without the motifs, for results that do not depend on them.
    pub(crate) fn without_motifs(self) -> Self {
        Self { motifs: Digest::new([]), ..self }
    }

    /// Returns a hash of all parts together.
    pub(crate) fn hash(&self) -> u64 {
        let Self { numbers_of_this_crate, genome, windows, labels, accessibility, motifs, split, .. } = *self;
        let names = self.names_of_tasks_and_cells;
        let parts = [genome, windows, names, labels, accessibility, motifs, split].map(Digest::hash);
        mix(&[&[u64::from(numbers_of_this_crate)], &parts[..]].concat())
    }
}

impl Dataset {
    /// Returns a hash of all parts of the data set.
    pub(crate) fn fingerprint_number(&self) -> u64 {
        self.fingerprint().hash()
    }

    /// Returns a hash of each part: sequence, bins, names, labels, signal with its transform, motifs, splits.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let names = self.tasks.iter().map(|task| &task.name).chain(self.cells.iter().map(|cell| &cell.name));
        let [bin_bp, stride_bp] = [self.grid.bin_bp(), self.grid.stride_bp()].map(|size| size as u64);
        Fingerprint {
            numbers_of_this_crate: RESULTS_VERSION,
            genome: self.genome_contents(),
            windows: Digest::new([bin_bp, stride_bp, self.grid.len() as u64]),
            names_of_tasks_and_cells: Digest::from_texts(names.map(String::as_str)),
            labels: self.label_contents(),
            accessibility: self.signal_contents(),
            motifs: self.motif_contents(),
            split: self.split_contents(),
        }
    }

    fn genome_contents(&self) -> Digest {
        let chromosome = |index| text_words(self.genome.name(index)).chain(self.genome.words(index));
        Digest::new((0..self.genome.len()).flat_map(chromosome))
    }

    fn label_contents(&self) -> Digest {
        let track_words = |labels: &Option<Labels>| {
            let words = labels.as_ref().map_or(&[][..], Labels::words).to_vec();
            [u64::from(labels.is_some())].into_iter().chain(words)
        };
        Digest::new(self.labels.iter().flat_map(track_words))
    }

    fn signal_contents(&self) -> Digest {
        let tracks = self.signals.iter().flat_map(|signal| (0..self.genome.len()).map(move |c| (signal, c)));
        let words = tracks.flat_map(|(signal, chromosome)| [u64::MAX].into_iter().chain(signal.words(chromosome)));
        let reference = self.signal_reference().into_iter().flat_map(SignalReference::words);
        Digest::new([self.transform as u64].into_iter().chain(words).chain(reference))
    }

    /// Covers all motifs, and which of them are each factor's.
    fn motif_contents(&self) -> Digest {
        let Some(motifs) = self.motifs() else { return Digest::new([]) };
        let own = |task: &Task| self.factor_motifs(&task.factor).into_iter().map(|motif| &*motif.id).chain(["."]);
        Digest::new(motifs.iter().flat_map(Motif::words).chain(self.tasks.iter().flat_map(own).flat_map(text_words)))
    }

    /// Leaves the test split out where its cell types are neither trained nor validated on: then nothing that is
    /// trained depends on it.
    fn split_contents(&self) -> Digest {
        let is_used = |split: Split| split != Split::Test || self.plan.is_test_used();
        let split_words = |split| {
            let regions = self.plan.regions(split).iter();
            let places = regions.flat_map(|region| [region.chromosome, region.start, region.end]);
            let cells = self.split_cells(split);
            let numbers = [places.clone().count(), cells.len()].into_iter().chain(places).chain(cells.iter().copied());
            numbers.map(|number| number as u64).collect::<Vec<_>>()
        };
        Digest::new(Split::ALL.into_iter().filter(|split| is_used(*split)).flat_map(split_words))
    }
}
