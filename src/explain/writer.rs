//! The files of an explanation.

mod best;
mod filter_page;
mod hits_file;
mod html;
mod logo;
mod npz;
mod spool;
mod track;

use std::{
    fmt::Write as _,
    io::{BufWriter, Error as IoError, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use self::{
    best::Best,
    filter_page::{Usage, page_of},
    hits_file::HitsFile,
    npz::NpzWriter,
    spool::Spool,
    track::{Place, write_track},
};
use super::{BaseEffects, Filter, HitFinder, MotifHit, Origin};
use crate::{
    Error, Result,
    data::check_name,
    file::{PartialFile, at, make_dir, write_atomic},
    genome::{Genome, base},
    motif::MotifSet,
    nn::Network,
};

/// The sequences.
const ONE_HOT: &str = "one-hot.npz";
/// The table of all positions.
const POSITIONS: &str = "positions.tsv.gz";
/// The sites of motifs.
const HITS: &str = "hits.bed";
/// The table of all regions.
const REGIONS: &str = "regions.tsv";
/// The folder of the tasks' arrays.
const ARRAYS: &str = "contributions";
/// The profiles of filters.
const FILTERS: &str = "filters.meme";
/// The page of filters.
const FILTER_PAGE: &str = "filters.html";
/// The page.
const REPORT: &str = "report.html";

/// Writes what [`Mutagenesis`](super::Mutagenesis) finds, region by region; memory does not grow with their number.
///
/// - `one-hot.npz` and `contributions/TASK.npz`: arrays `arr_0` of `[region, 4, position]`, the sequence and the
///   hypothetical contributions ([`BaseEffects::hypothetical`]). `modisco motifs -s one-hot.npz -a
///   contributions/TASK.npz` reads such pairs. A sequence shorter than the context lies in its middle, with zeros on
///   both sides.
/// - `contributions/TASK.bigWig`, with [`with_tracks`](ExplanationWriter::with_tracks): the contributions of the bases
///   that are there, along the genome; where regions overlap, their mean.
/// - `positions.tsv.gz`: a line for each position with a known base and each task: the change of the log-odds for each
///   base, and the base's own contribution ([`BaseEffects::contributions`]). Coordinates count from 0.
/// - `regions.tsv`: the log-odds of each region, a column for each task.
/// - `hits.bed`: the sites of motifs that the tasks rest on ([`HitFinder`]), those of a region together. After the six
///   columns of a BED file come the task, the contribution to its log-odds, the fit, the filter, and the similarity of
///   the filter and the profile that it is named after. The score is 200 for each unit of log-odds, 1000 at most.
/// - `filters.meme` and `filters.html`, with [`with_profiles`](ExplanationWriter::with_profiles): what each filter
///   finds, and which tasks use it.
/// - `report.html`: for each task the contributions in the regions that it scores highest, as letters, and the sites.
///
/// Each file gets its name in [`ExplanationWriter::finish`], when it is whole.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::{ExplanationWriter, HitFinder, Mutagenesis},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
/// };
///
/// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
/// # let model = config.init(&Device::default());
/// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-writer-{}", std::process::id()));
/// let mutagenesis = Mutagenesis::new(&file)?;
/// let effects = mutagenesis.sequences(&["ACGTTGCAATCGCTA"], None)?;
/// let finder = HitFinder::new(&mutagenesis)?;
/// let mut writer = ExplanationWriter::create(&folder, &finder, effects.len())?;
/// for effects in &effects {
///     writer.write(effects, &finder.find(effects)?)?;
/// }
/// writer.finish("One sequence")?;
/// assert!(folder.join("contributions/CTCF.npz").exists() && folder.join("report.html").exists());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ExplanationWriter<'a> {
    folder: PathBuf,
    tasks: Vec<String>,
    num_regions: usize,
    written: usize,
    context_bp: usize,
    one_hot: NpzWriter,
    /// Of each region and task: the hypothetical contributions, and those of the bases that are there.
    contributions: Spool,
    genome: Option<&'a Genome>,
    places: Vec<Place>,
    positions: GzEncoder<BufWriter<PartialFile>>,
    regions: PartialFile,
    hits: HitsFile,
    filters: Vec<Filter>,
    usage: Usage,
    profiles: Option<MotifSet>,
    best: Best,
}

impl<'a> ExplanationWriter<'a> {
    /// Starts the files of so many regions in a folder, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be made, and [`Error::Config`] for a task whose name cannot be that of a file.
    pub fn create(folder: impl AsRef<Path>, finder: &HitFinder<'_>, regions: usize) -> Result<Self> {
        let tasks: Vec<String> = finder.tasks().into_iter().map(str::to_owned).collect();
        tasks.iter().try_for_each(|task| check_name("a task", task))?;
        let context_bp = finder.file().model.context_bp();
        let folder = folder.as_ref().to_owned();
        make_dir(&folder.join(ARRAYS))?;
        let positions = BufWriter::new(PartialFile::create(&folder.join(POSITIONS))?);
        let mut writer = Self {
            one_hot: NpzWriter::create(folder.join(ONE_HOT), [regions, 4, context_bp])?,
            contributions: Spool::create(&folder.join(ARRAYS).join("all"), 5 * context_bp)?,
            genome: None,
            places: Vec::new(),
            num_regions: regions,
            written: 0,
            positions: GzBuilder::new().mtime(0).write(positions, Compression::fast()),
            regions: PartialFile::create(&folder.join(REGIONS))?,
            hits: HitsFile::create(folder.join(HITS))?,
            filters: finder.filters().to_vec(),
            usage: Usage::new(finder.filters().len(), tasks.len()),
            profiles: None,
            best: Best::new(tasks.len()),
            context_bp,
            folder,
            tasks,
        };
        writer.line(&format!("region\t{}\n", writer.tasks.join("\t")))?;
        writer.text("region\tsequence\tposition\tbase\ttask\tA\tC\tG\tT\tcontribution\n")?;
        Ok(writer)
    }

    /// Adds the profiles of the filters, as [`filter_profiles`](super::filter_profiles) counts them.
    #[must_use]
    pub fn with_profiles(self, profiles: MotifSet) -> Self {
        Self { profiles: Some(profiles), ..self }
    }

    /// Adds a bigWig file of each task's contributions, for regions of this genome.
    #[must_use]
    pub fn with_tracks(self, genome: &'a Genome) -> Self {
        Self { genome: Some(genome), ..self }
    }

    /// Returns the files that would be replaced by those of some tasks.
    pub fn existing<S: AsRef<str>>(folder: impl AsRef<Path>, tasks: &[S]) -> Vec<PathBuf> {
        let of_task = |task: &S| [array_name(task.as_ref()), track_name(task.as_ref())];
        let arrays = tasks.iter().flat_map(of_task);
        let fixed = [ONE_HOT, POSITIONS, REGIONS, HITS, FILTERS, FILTER_PAGE, REPORT].map(str::to_owned);
        let paths = fixed.into_iter().chain(arrays).map(|name| folder.as_ref().join(name));
        paths.filter(|path| path.exists()).collect()
    }

    /// Writes the next region, with the sites that were found in it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be written.
    ///
    /// # Panics
    ///
    /// Panics for more regions than there were to be, for other tasks or more positions, for sites of other filters,
    /// and with tracks for a sequence that the genome does not have.
    pub fn write(&mut self, effects: &BaseEffects, hits: &[MotifHit]) -> Result<()> {
        assert_eq!(effects.log_odds().len(), self.tasks.len(), "the tasks of a region");
        let one_hot = (0..4).flat_map(|base| effects.codes().iter().map(move |code| f32::from(*code == base)));
        let one_hot: Vec<f32> = one_hot.collect();
        self.one_hot.write(&self.padded(&one_hot, effects.len()))?;
        for task in 0..self.tasks.len() {
            let both = [effects.hypothetical(task), effects.contributions(task)].concat();
            self.contributions.write(&self.padded(&both, effects.len()))?;
            self.positions_of(effects, task)?;
        }
        if let Some(genome) = self.genome {
            let Origin { sequence, start, .. } = effects.origin();
            let chromosome = genome.index_of(sequence).expect("the regions are those of the genome");
            self.places.push(Place { chromosome, start: *start });
        }
        let log_odds: Vec<String> = effects.log_odds().iter().map(|log_odds| format!("\t{log_odds:.4}")).collect();
        self.line(&format!("{}{}\n", effects.origin().region, log_odds.concat()))?;
        self.best.offer(effects, hits, &self.filters);
        for hit in hits {
            self.usage.add(hit.filter, hit.task, hit.contribution);
            self.hits.write(effects.origin(), hit, &self.tasks[hit.task], &self.filters[hit.filter])?;
        }
        self.written += 1;
        Ok(())
    }

    /// Puts the rows of an array into the middle of the context.
    fn padded(&self, values: &[f32], length: usize) -> Vec<f32> {
        let before = crate::predict::middle(length, self.context_bp).start;
        let mut padded = vec![0.0; values.len() / length * self.context_bp];
        for (row, values) in padded.chunks_exact_mut(self.context_bp).zip(values.chunks_exact(length)) {
            row[before..before + length].copy_from_slice(values);
        }
        padded
    }

    fn positions_of(&mut self, effects: &BaseEffects, task: usize) -> Result<()> {
        let (origin, contributions) = (effects.origin(), effects.contributions(task));
        let mut text = String::new();
        for (position, &code) in effects.codes().iter().enumerate().filter(|(_, code)| **code != base::N) {
            let [a, c, g, t] = std::array::from_fn(|base| effects.get(task, base, position));
            let (place, base) = (origin.start + position as i64, char::from(base::to_ascii(code)));
            let (region, sequence, task) = (&origin.region, &origin.sequence, &self.tasks[task]);
            let own = contributions[position];
            // A string can always be written to.
            let _ = writeln!(
                text,
                "{region}\t{sequence}\t{place}\t{base}\t{task}\t{a:.4}\t{c:.4}\t{g:.4}\t{t:.4}\t{own:.4}"
            );
        }
        self.text(&text)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.regions.write_all(line.as_bytes()).map_err(at(&self.folder.join(REGIONS)))
    }

    fn text(&mut self, text: &str) -> Result<()> {
        self.positions.write_all(text.as_bytes()).map_err(at(&self.folder.join(POSITIONS)))
    }

    /// Finishes the files, with a title for the page.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be written.
    ///
    /// # Panics
    ///
    /// Panics if a region is missing.
    pub fn finish(mut self, title: &str) -> Result<()> {
        assert_eq!(self.written, self.num_regions, "the regions that were written");
        let page = html::report(title, &self.tasks, &self.best);
        (0..self.tasks.len()).try_for_each(|task| self.finish_task(task))?;
        let written = |error: IoError| Error::Io { path: self.folder.join(POSITIONS), source: error };
        let positions = self.positions.finish().map_err(written)?;
        positions.into_inner().map_err(|error| written(error.into_error()))?.finish()?;
        self.one_hot.finish()?;
        self.regions.finish()?;
        self.hits.finish()?;
        if let Some(profiles) = &self.profiles {
            profiles.write_meme(self.folder.join(FILTERS))?;
            let page = page_of(&format!("{title}: filters"), &self.tasks, &self.filters, profiles, &self.usage);
            write_atomic(&self.folder.join(FILTER_PAGE), |out| out.write_all(page.as_bytes()))?;
        }
        write_atomic(&self.folder.join(REPORT), |out| out.write_all(page.as_bytes()))
    }

    /// Writes the files of a task.
    fn finish_task(&mut self, task: usize) -> Result<()> {
        let (name, tasks, context_bp) = (&self.tasks[task], self.tasks.len(), self.context_bp);
        let mut array = NpzWriter::create(self.folder.join(array_name(name)), [self.num_regions, 4, context_bp])?;
        for region in 0..self.num_regions {
            array.write(&self.contributions.read(region * tasks + task)?[..4 * context_bp])?;
        }
        array.finish()?;
        let Some(genome) = self.genome else { return Ok(()) };
        let spool = &mut self.contributions;
        write_track(&self.folder.join(track_name(name)), genome, &self.places, |region| {
            Ok(spool.read(region * tasks + task)?.split_off(4 * context_bp))
        })
    }
}

/// The path of a task's array in the folder.
fn array_name(task: &str) -> String {
    format!("{ARRAYS}/{task}.npz")
}

/// The path of a task's track in the folder.
fn track_name(task: &str) -> String {
    format!("{ARRAYS}/{task}.bigWig")
}
