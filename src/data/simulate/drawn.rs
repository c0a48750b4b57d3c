//! A world in memory.

use std::{ops::Range, path::Path};

use rand::rngs::Xoshiro256PlusPlus;

use super::{
    Occupancy, SimulationConfig, Site, background,
    binding::Binder,
    config::{BIN_BP, STRIDE_BP},
    factor::Factor,
    files,
    landscape::Landscape,
    measured,
    oracle::{self, BinScores},
    peak,
    plant::Planter,
    profile::Profile,
};
use crate::{
    Result,
    genome::{BinGrid, Genome, Interval, Labels, PeakSet, base, write_bigwig},
    random::stream,
};

/// The resolution of the accessibility signal.
const SIGNAL_STEP_BP: usize = 20;
/// How many worlds are drawn to find one in which every factor has bound sites in each split.
const ATTEMPTS: u64 = 50;

/// What is random about a world, each with a random stream of its own, so that one does not change another.
#[derive(Clone, Copy)]
enum Draw {
    Landscape,
    Sequence,
    Binding,
    Peaks,
    Signal,
    Measured,
}

/// The random streams of one try to draw a world.
#[derive(Clone, Copy)]
struct Streams {
    seed: u64,
    attempt: u64,
}

impl Streams {
    fn of(self, draw: Draw, path: [usize; 2]) -> Xoshiro256PlusPlus {
        stream(&[self.seed, self.attempt, draw as u64, path[0] as u64, path[1] as u64])
    }
}

/// A world in memory.
pub(super) struct Drawn<'a> {
    config: &'a SimulationConfig,
    streams: Streams,
    /// Of each factor.
    profiles: Vec<Profile>,
    landscape: Landscape,
    /// In ASCII, by chromosome.
    sequences: Vec<Vec<u8>>,
    pub(super) sites: Vec<Site>,
    /// The measured cell types of each factor.
    measured: Vec<Vec<usize>>,
    genome: Genome,
    grid: BinGrid,
}

impl<'a> Drawn<'a> {
    /// Draws worlds until one is complete; the last one has to do.
    pub(super) fn complete(config: &'a SimulationConfig) -> Result<Self> {
        let mut drawn = Self::new(config, 0)?;
        for attempt in 1..ATTEMPTS {
            if drawn.is_complete() {
                break;
            }
            drawn = Self::new(config, attempt)?;
        }
        Ok(drawn)
    }

    fn new(config: &'a SimulationConfig, attempt: u64) -> Result<Self> {
        let streams = Streams { seed: config.seed, attempt };
        let landscape = Landscape::draw(config, &mut streams.of(Draw::Landscape, [0, 0]));
        let profiles = config.factors.list().iter().map(Factor::profile).collect::<Result<Vec<_>>>()?;
        let (sequences, sites) = sequences_and_sites(config, streams, &profiles, &landscape);
        let measured = measured::draw(config, &mut streams.of(Draw::Measured, [0, 0]));
        let genome = Genome::from_sequences(config.chromosome_names().into_iter().zip(&sequences))?;
        let grid = BinGrid::new(&genome, BIN_BP, STRIDE_BP)?;
        Ok(Self { config, streams, profiles, landscape, sequences, sites, measured, genome, grid })
    }

    /// Whether every factor has a bound site in each split, in a cell type where it was measured.
    fn is_complete(&self) -> bool {
        let (valid, test) = (self.config.chromosomes - 2, self.config.chromosomes - 1);
        let bound = |index: usize, chromosomes: Range<usize>| {
            let sites = self.sites.iter().filter(|site| site.factor == index && chromosomes.contains(&site.chromosome));
            sites
                .flat_map(|site| self.measured[index].iter().map(|cell| site.cells[*cell].occupancy))
                .any(|occupancy| occupancy == Occupancy::Bound)
        };
        (0..self.profiles.len())
            .all(|index| bound(index, 0..valid) && bound(index, valid..test) && bound(index, test..test + 1))
    }

    /// Returns the best possible scores, by factor and cell type.
    pub(super) fn oracle(&self) -> Vec<Vec<BinScores>> {
        let lengths = self.config.lengths();
        (0..self.profiles.len())
            .map(|index| {
                let sites = self.sites.iter().filter(|site| site.factor == index);
                oracle::scores(sites, self.config.cells, &self.grid, &lengths)
            })
            .collect()
    }

    /// Writes the files of the data set into existing folders.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        files::fasta(&folder.join("genome.fa.gz"), &self.config.chromosome_names(), &self.sequences)?;
        files::motifs(&folder.join("motifs.meme"), self.config.factors, &self.profiles)?;
        for (cell, name) in self.config.cell_names().iter().enumerate() {
            self.write_signal(cell, &folder.join(format!("accessibility/{name}.bigWig")))?;
        }
        for (index, (factor, cells)) in self.config.factors.list().iter().zip(&self.measured).enumerate() {
            let path = folder.join(format!("labels/{}.train.labels.tsv.gz", factor.name));
            let names = self.config.cell_names();
            let columns: Vec<_> = cells.iter().map(|cell| (names[*cell].as_str(), self.labels(index, *cell))).collect();
            files::labels(&path, &self.genome, &self.grid, &columns)?;
        }
        Ok(())
    }

    fn write_signal(&self, cell: usize, path: &Path) -> Result<()> {
        let runs = (0..self.genome.len()).flat_map(|chromosome| {
            let mut random = self.streams.of(Draw::Signal, [cell, chromosome]);
            let length = self.genome.length(chromosome);
            let values = self.landscape.signal(cell, chromosome, length, SIGNAL_STEP_BP, &mut random);
            values.into_iter().enumerate().map(move |(i, value)| {
                let (start, end) = (i * SIGNAL_STEP_BP, ((i + 1) * SIGNAL_STEP_BP).min(length));
                (Interval { chromosome, start, end }, value)
            })
        });
        write_bigwig(path, &self.genome, runs)
    }

    /// Draws peaks, and labels the bins by them as those of real data are.
    fn labels(&self, factor: usize, cell: usize) -> Labels {
        let mut random = self.streams.of(Draw::Peaks, [factor, cell]);
        let mut peaks = |occupancy| {
            let sites = self.sites.iter().filter(|site| site.factor == factor);
            let bound = sites.filter(|site| site.cells[cell].occupancy == occupancy);
            let intervals = bound.map(|site| peak::draw(site, self.genome.length(site.chromosome), &mut random));
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
        let mut random = streams.of(Draw::Sequence, [chromosome, 0]);
        let background = background::chromosome(length, &mut random);
        let mut planter = Planter::new(config, landscape.regions(chromosome), profiles, background);
        planter.plant_all(&mut random);
        let Planter { sequence, starts, .. } = planter;
        let (cells, factors) = (config.cells, config.factors);
        let binder = Binder { chromosome, sequence: &sequence, landscape, cells, factors, planted: &starts, profiles };
        sites.extend(binder.bind_all(&mut streams.of(Draw::Binding, [chromosome, 0])));
        sequences.push(sequence.into_iter().map(base::to_ascii).collect());
    }
    (sequences, sites)
}
