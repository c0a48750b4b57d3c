//! Simulated worlds in memory.

use std::{ops::Range, path::Path};

use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Occupancy, SimulationConfig, Site, assay, background,
    binding::Binder,
    config::{BIN_BP, STRIDE_BP},
    factor::Factor,
    files,
    landscape::Landscape,
    peak,
    plant::Planter,
    profile::Profile,
    truth::best_scores::{BinScores, best_scores},
};
use crate::{
    Result,
    genome::{BinGrid, Genome, Interval, Labels, PeakSet, base, write_bigwig},
    random::stream,
};

/// The resolution of the accessibility signal.
const SIGNAL_STEP_BP: usize = 20;
/// The most worlds that are drawn to find one in which every factor has bound sites in each split.
const ATTEMPTS: u64 = 50;

/// The random streams of a data set: one for each part of it, so that none changes another.
#[derive(Clone, Copy)]
enum StreamId {
    Landscape,
    Sequence,
    Binding,
    Peaks,
    Signal,
    Assays,
}

/// The random streams of one attempt to draw a world.
#[derive(Clone, Copy)]
struct Streams {
    seed: u64,
    attempt: u64,
}

impl Streams {
    fn get(self, id: StreamId, indices: [usize; 2]) -> Xoshiro256PlusPlus {
        stream(&[self.seed, self.attempt, id as u64, indices[0] as u64, indices[1] as u64])
    }
}

/// A simulated world in memory.
pub(super) struct Simulation<'a> {
    config: &'a SimulationConfig,
    streams: Streams,
    /// One for each factor.
    profiles: Vec<Profile>,
    landscape: Landscape,
    /// In ASCII, by chromosome.
    sequences: Vec<Vec<u8>>,
    pub(super) sites: Vec<Site>,
    /// The assayed cell types of each factor.
    assays: Vec<Vec<usize>>,
    genome: Genome,
    grid: BinGrid,
}

impl<'a> Simulation<'a> {
    /// Draws worlds until one is complete, and returns it or the last one.
    pub(super) fn draw_until_complete(config: &'a SimulationConfig) -> Result<Self> {
        let mut simulation = Self::new(config, 0)?;
        for attempt in 1..ATTEMPTS {
            if simulation.is_complete() {
                break;
            }
            simulation = Self::new(config, attempt)?;
        }
        Ok(simulation)
    }

    fn new(config: &'a SimulationConfig, attempt: u64) -> Result<Self> {
        let streams = Streams { seed: config.seed, attempt };
        let landscape = Landscape::draw(config, &mut streams.get(StreamId::Landscape, [0, 0]));
        let profiles = config.factors.list().iter().map(Factor::profile).collect::<Result<Vec<_>>>()?;
        let (sequences, sites) = sequences_and_sites(config, streams, &profiles, &landscape);
        let assays = assay::draw(config, &mut streams.get(StreamId::Assays, [0, 0]));
        let genome = Genome::from_sequences(config.chromosome_names().into_iter().zip(&sequences))?;
        let grid = BinGrid::new(&genome, BIN_BP, STRIDE_BP)?;
        Ok(Self { config, streams, profiles, landscape, sequences, sites, assays, genome, grid })
    }

    /// Whether every factor has a bound site in each split, in an assayed cell type.
    fn is_complete(&self) -> bool {
        let (valid, test) = (self.config.chromosomes - 2, self.config.chromosomes - 1);
        let bound = |index: usize, chromosomes: Range<usize>| {
            let is_bound = |site: &Site, cell: &usize| site.cells[*cell].occupancy == Occupancy::Bound;
            let mut sites = self.factor_sites(index).filter(|site| chromosomes.contains(&site.chromosome));
            sites.any(|site| self.assays[index].iter().any(|cell| is_bound(site, cell)))
        };
        (0..self.profiles.len())
            .all(|index| bound(index, 0..valid) && bound(index, valid..test) && bound(index, test..test + 1))
    }

    fn factor_sites(&self, factor: usize) -> impl Iterator<Item = &Site> {
        self.sites.iter().filter(move |site| site.factor == factor)
    }

    /// Returns the best possible scores, by factor and cell type.
    pub(super) fn best_scores(&self) -> Vec<Vec<BinScores>> {
        let lengths = self.config.lengths();
        let scores = |factor| best_scores(self.factor_sites(factor), self.config.cells, &self.grid, &lengths);
        (0..self.profiles.len()).map(scores).collect()
    }

    /// Writes the files of the data set into existing folders.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let names = self.config.cell_names();
        files::write_fasta(&folder.join("genome.fa.gz"), &self.config.chromosome_names(), &self.sequences)?;
        files::write_motifs(&folder.join("motifs.meme"), self.config.factors, &self.profiles)?;
        for (cell, name) in names.iter().enumerate() {
            self.write_signal(cell, &folder.join(format!("accessibility/{name}.bigWig")))?;
        }
        for (index, (factor, cells)) in self.config.factors.list().iter().zip(&self.assays).enumerate() {
            let path = folder.join(format!("labels/{}.train.labels.tsv.gz", factor.name));
            let columns: Vec<_> = cells.iter().map(|cell| (names[*cell].as_str(), self.labels(index, *cell))).collect();
            files::write_labels(&path, &self.genome, &self.grid, &columns)?;
        }
        Ok(())
    }

    fn write_signal(&self, cell: usize, path: &Path) -> Result<()> {
        let runs = (0..self.genome.len()).flat_map(|chromosome| {
            let mut random = self.streams.get(StreamId::Signal, [cell, chromosome]);
            let length = self.genome.length(chromosome);
            let values = self.landscape.signal(cell, chromosome, length, SIGNAL_STEP_BP, &mut random);
            values.into_iter().enumerate().map(move |(i, value)| {
                let (start, end) = (i * SIGNAL_STEP_BP, ((i + 1) * SIGNAL_STEP_BP).min(length));
                (Interval { chromosome, start, end }, value)
            })
        });
        write_bigwig(path, &self.genome, runs)
    }

    /// Draws peaks, and labels the bins from them, as for real data.
    fn labels(&self, factor: usize, cell: usize) -> Labels {
        let mut random = self.streams.get(StreamId::Peaks, [factor, cell]);
        let mut peaks = |occupancy| {
            let sites = self.factor_sites(factor).filter(|site| site.cells[cell].occupancy == occupancy);
            let intervals = sites.map(|site| peak::draw(site, self.genome.length(site.chromosome), &mut random));
            PeakSet::from_intervals(intervals.collect())
        };
        let (strong, weak) = (peaks(Occupancy::Bound), peaks(Occupancy::Weak));
        Labels::from_peaks(&self.grid, &strong, Some(&weak))
    }
}

fn sequences_and_sites(
    config: &SimulationConfig,
    streams: Streams,
    profiles: &[Profile],
    landscape: &Landscape,
) -> (Vec<Vec<u8>>, Vec<Site>) {
    let (mut sequences, mut sites) = (Vec::new(), Vec::new());
    for (chromosome, length) in config.lengths().into_iter().enumerate() {
        let mut random = streams.get(StreamId::Sequence, [chromosome, 0]);
        let background = background::chromosome(length, &mut random);
        let mut planter = Planter::new(config, landscape.regions(chromosome), profiles, background);
        planter.plant_all(&mut random);
        let Planter { sequence, starts, .. } = planter;
        let (cells, factors) = (config.cells, config.factors);
        let binder = Binder { chromosome, sequence: &sequence, landscape, cells, factors, planted: &starts, profiles };
        sites.extend(binder.bind_all(&mut streams.get(StreamId::Binding, [chromosome, 0])));
        sequences.push(sequence.into_iter().map(base::to_ascii).collect());
    }
    (sequences, sites)
}
