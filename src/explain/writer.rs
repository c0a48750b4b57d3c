//! The files of an explanation.

use std::{
    fmt::Write as _,
    io::{BufWriter, Error as IoError, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, GzBuilder, write::GzEncoder};

use super::{BaseEffects, best::Best, html, npz::NpzWriter};
use crate::{
    Error, Result,
    data::check_name,
    file::{PartialFile, at, make_dir, write_atomic},
    genome::base,
};

/// The sequences.
const ONE_HOT: &str = "one-hot.npz";
/// The table of all positions.
const POSITIONS: &str = "positions.tsv.gz";
/// The table of all regions.
const REGIONS: &str = "regions.tsv";
/// The folder of the tasks' arrays.
const ARRAYS: &str = "contributions";
/// The page.
const REPORT: &str = "report.html";

/// Writes what [`Mutagenesis`](super::Mutagenesis) finds, region by region; memory does not grow with their number.
///
/// - `one-hot.npz` and `contributions/TASK.npz`: arrays `arr_0` of `[region, 4, position]`, the sequence and the
///   hypothetical contributions ([`BaseEffects::hypothetical`]). `modisco motifs -s one-hot.npz -a
///   contributions/TASK.npz` reads such pairs. A sequence shorter than the context lies in its middle, with zeros on
///   both sides.
/// - `positions.tsv.gz`: a line for each position with a known base and each task: the change of the log-odds for each
///   base, and the base's own contribution ([`BaseEffects::contributions`]). Coordinates count from 0.
/// - `regions.tsv`: the log-odds of each region, a column for each task.
/// - `report.html`: for each task the contributions in the regions that it scores highest, as letters.
///
/// Each file gets its name in [`ExplanationWriter::finish`], when it is whole.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::{ExplanationWriter, Mutagenesis},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
/// };
///
/// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
/// # let model = config.init(&Device::default());
/// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-writer-{}", std::process::id()));
/// let mutagenesis = Mutagenesis::new(&file)?;
/// let effects = mutagenesis.sequences(&["ACGTTGCAATCGCTA"], None)?;
/// let mut writer = ExplanationWriter::create(&folder, &mutagenesis.tasks(), effects.len(), 60)?;
/// for effects in &effects {
///     writer.write(effects)?;
/// }
/// writer.finish("One sequence")?;
/// assert!(folder.join("contributions/CTCF.npz").exists() && folder.join("report.html").exists());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ExplanationWriter {
    folder: PathBuf,
    tasks: Vec<String>,
    context_bp: usize,
    one_hot: NpzWriter,
    arrays: Vec<NpzWriter>,
    positions: GzEncoder<BufWriter<PartialFile>>,
    regions: PartialFile,
    best: Best,
}

impl ExplanationWriter {
    /// Starts the files of so many regions in a folder, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be made, and [`Error::Config`] for a task whose name cannot be that of a file.
    pub fn create<S: AsRef<str>>(
        folder: impl AsRef<Path>,
        tasks: &[S],
        regions: usize,
        context_bp: usize,
    ) -> Result<Self> {
        tasks.iter().try_for_each(|task| check_name("a task", task.as_ref()))?;
        let folder = folder.as_ref().to_owned();
        make_dir(&folder.join(ARRAYS))?;
        let tasks: Vec<String> = tasks.iter().map(|task| task.as_ref().to_owned()).collect();
        let array = |name: &str| NpzWriter::create(folder.join(name), [regions, 4, context_bp]);
        let positions = BufWriter::new(PartialFile::create(&folder.join(POSITIONS))?);
        let mut writer = Self {
            one_hot: array(ONE_HOT)?,
            arrays: tasks.iter().map(|task| array(&array_name(task))).collect::<Result<_>>()?,
            positions: GzBuilder::new().mtime(0).write(positions, Compression::fast()),
            regions: PartialFile::create(&folder.join(REGIONS))?,
            best: Best::new(tasks.len()),
            context_bp,
            folder,
            tasks,
        };
        writer.line(&format!("region\t{}\n", writer.tasks.join("\t")))?;
        writer.text("region\tsequence\tposition\tbase\ttask\tA\tC\tG\tT\tcontribution\n")?;
        Ok(writer)
    }

    /// Returns the files that would be replaced by those of some tasks.
    pub fn existing<S: AsRef<str>>(folder: impl AsRef<Path>, tasks: &[S]) -> Vec<PathBuf> {
        let arrays = tasks.iter().map(|task| array_name(task.as_ref()));
        let fixed = [ONE_HOT, POSITIONS, REGIONS, REPORT].map(str::to_owned);
        let paths = fixed.into_iter().chain(arrays).map(|name| folder.as_ref().join(name));
        paths.filter(|path| path.exists()).collect()
    }

    /// Writes the next region.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if a file cannot be written.
    ///
    /// # Panics
    ///
    /// Panics for more regions than there were to be, and for other tasks or more positions.
    pub fn write(&mut self, effects: &BaseEffects) -> Result<()> {
        assert_eq!(effects.log_odds().len(), self.tasks.len(), "the tasks of a region");
        let one_hot = (0..4).flat_map(|base| effects.codes().iter().map(move |code| f32::from(*code == base)));
        let one_hot: Vec<f32> = one_hot.collect();
        self.one_hot.write(&self.padded(&one_hot, effects.len()))?;
        for task in 0..self.tasks.len() {
            let array = self.padded(&effects.hypothetical(task), effects.len());
            self.arrays[task].write(&array)?;
            self.positions_of(effects, task)?;
        }
        let log_odds: Vec<String> = effects.log_odds().iter().map(|log_odds| format!("\t{log_odds:.4}")).collect();
        self.line(&format!("{}{}\n", effects.origin().region, log_odds.concat()))?;
        self.best.offer(effects);
        Ok(())
    }

    /// Puts the rows of an array into the middle of the context.
    fn padded(&self, values: &[f32], length: usize) -> Vec<f32> {
        let before = crate::predict::middle(length, self.context_bp).start;
        let mut padded = vec![0.0; 4 * self.context_bp];
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
    pub fn finish(self, title: &str) -> Result<()> {
        let page = html::report(title, &self.tasks, &self.best);
        let written = |error: IoError| Error::Io { path: self.folder.join(POSITIONS), source: error };
        let positions = self.positions.finish().map_err(written)?;
        positions.into_inner().map_err(|error| written(error.into_error()))?.finish()?;
        self.one_hot.finish()?;
        self.arrays.into_iter().try_for_each(NpzWriter::finish)?;
        self.regions.finish()?;
        write_atomic(&self.folder.join(REPORT), |out| out.write_all(page.as_bytes()))
    }
}

/// The path of a task's array in the folder.
fn array_name(task: &str) -> String {
    format!("{ARRAYS}/{task}.npz")
}
