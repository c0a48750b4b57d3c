//! The settings in a `dataset.toml`.

mod accessibility;
mod motif_names;
mod peaks;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

pub use self::{accessibility::AccessibilityConfig, peaks::PeaksConfig};
use super::pattern::{Pattern, Placeholder, check_name};
use crate::{Error, Result, file::toml::read_toml};

/// The settings in a `dataset.toml`; an unknown key is an error.
///
/// Paths are relative to the file's folder ([`DatasetConfig::path`]).
///
/// ```
/// use multitf::data::DatasetConfig;
///
/// let path = std::env::temp_dir().join(format!("multitf-doc-config-{}.toml", std::process::id()));
/// std::fs::write(&path, r#"
///     name = "small"
///     genome = "genome.fa"
///     labels = "labels/{tf}.tsv.gz"
///
///     [windows]
///     bin_bp = 200
///     stride_bp = 50
///
///     [split]
///     valid = ["chr2"]
///     test = ["chr3:0-50000"]
/// "#)?;
/// let config = DatasetConfig::open(&path)?;
/// assert_eq!(config.windows.as_ref().map(|windows| windows.bin_bp), Some(200));
/// assert_eq!(config.path("genome.fa"), path.with_file_name("genome.fa"));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Sequences without a genome, each of them one sample, as from SELEX and MPRA:
///
/// ```
/// use multitf::data::{Dataset, Split};
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-oligos-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// std::fs::write(folder.join("oligos.fa"), ">o1\nACGTA\n>o2\nGGG\n>o3\nTTTT\n>o4\nGAC\n")?;
/// std::fs::write(folder.join("labels.tsv"), "name\tJUN\tFOS\no1\t1\t\no2\t0\t1\no3\t1\t0\no4\tNA\t1\n")?;
/// std::fs::write(folder.join("dataset.toml"), r#"
///     name = "selex"
///     sequences = "oligos.fa"
///     labels = "labels.tsv"
///     split = { valid = ["o3"], test = ["o4"] }
/// "#)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// assert_eq!(dataset.samples(Split::Train, 5)?.len(), 2);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// The data set's name.
    pub name: String,
    /// FASTA (plain, gzip, bgzip) or 2bit; empty where there are `sequences` instead.
    #[serde(default)]
    pub genome: PathBuf,
    /// FASTA (plain, gzip, bgzip) or 2bit, each record of which is one sample, instead of a genome and its bins; goes
    /// with `name`, `labels`, `cell`, `motifs`, `[motif_names]` and `[split]` alone.
    pub sequences: Option<PathBuf>,
    /// The cell type that sequences were measured in; `sequences` if left out.
    pub cell: Option<String>,
    /// BED; a bin that touches it is dropped.
    pub blacklist: Option<PathBuf>,
    /// Motifs of the factors, in a format that [`MotifSet::open`](crate::motif::MotifSet::open) reads.
    pub motifs: Option<PathBuf>,
    /// Identifiers or alternate names of a factor's motifs, where its own name does not match them
    /// ([`Dataset::factor_motifs`](crate::data::Dataset::factor_motifs)); an empty list means that it has none.
    #[serde(default, deserialize_with = "motif_names::read")]
    pub motif_names: BTreeMap<String, Vec<String>>,
    /// The bins; for predictions, those of the model if left out.
    pub windows: Option<WindowsConfig>,
    /// A bigWig for each cell type.
    pub accessibility: Option<AccessibilityConfig>,
    /// DREAM label tables, with `{tf}` in the path. For `sequences` one tab-separated table with a row for each: a
    /// column `name`, and one for each factor with 0 or U, 1 or B, A, and nothing or NA where it was not measured; a
    /// column `split` with `train`, `valid` and `test` may replace `[split]`.
    pub labels: Option<String>,
    /// Peaks, from which labels are derived.
    pub peaks: Option<PeaksConfig>,
    /// The unit of tasks.
    #[serde(default)]
    pub tasks: TasksConfig,
    /// The regions and cell types of train, valid and test.
    #[serde(default)]
    pub split: SplitConfig,
    /// The folder of the file.
    #[serde(skip)]
    folder: PathBuf,
}

/// `[windows]`: the labelled bins, from 0 on every chromosome.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowsConfig {
    /// The length of a bin.
    pub bin_bp: usize,
    /// The step between the starts of bins.
    pub stride_bp: usize,
}

/// `[tasks]`: what a task is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TasksConfig {
    /// One output per factor, or per factor and cell type. The default is per factor if there is accessibility, which
    /// must then cover every cell type with labels; otherwise it is per factor and cell type.
    pub per: Option<TaskUnit>,
}

/// The unit of tasks: what has an output of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskUnit {
    /// A factor, fed with each cell type's accessibility.
    Tf,
    /// A factor in one cell type, for data without accessibility.
    Track,
}

/// `[split]`: regions, `chr` or `chr:start-end`, and cell types; the names of records where there are `sequences`.
/// Regions of two splits may overlap only if the splits have no cell type in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitConfig {
    /// Regions to train on; all but those of the other two if left out.
    pub train: Option<Vec<String>>,
    /// Regions for validation: early stopping and model selection.
    #[serde(default)]
    pub valid: Vec<String>,
    /// Regions to test on.
    #[serde(default)]
    pub test: Vec<String>,
    /// Cell types to train on; all if left out.
    pub train_cells: Option<Vec<String>>,
    /// Cell types for validation; those to train on if left out.
    pub valid_cells: Option<Vec<String>>,
    /// Cell types to test on; all if left out.
    pub test_cells: Option<Vec<String>>,
}

impl DatasetConfig {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`Error::ConfigFile`] with line and column for syntax errors and unknown keys; [`Error::Config`] with the key
    /// for an invalid value.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut config: Self = read_toml(path)?;
        // An empty folder cannot be listed.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        config.folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
        if config.genome.as_os_str().is_empty() && config.sequences.is_none() {
            let detail = "without `sequences`, missing field `genome`".to_owned();
            return Err(Error::ConfigFile { path: path.to_owned(), line: 1, column: 1, detail });
        }
        config.check()?;
        Ok(config)
    }

    /// Returns the folder of the file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Resolves a path relative to the file's folder.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.folder.join(path)
    }

    fn check(&self) -> Result<()> {
        if self.sequences.is_some() {
            return self.check_sequences();
        }
        Error::unless(self.cell.is_none(), "cell", "nothing, since there are no sequences", "a cell type")?;
        if let Some(WindowsConfig { bin_bp, stride_bp }) = self.windows {
            Error::unless(bin_bp > 0, "windows.bin_bp", "at least 1", bin_bp)?;
            Error::unless(stride_bp > 0, "windows.stride_bp", "at least 1", stride_bp)?;
        }
        self.check_motifs()?;
        match (&self.labels, &self.peaks) {
            (Some(labels), None) => check_labels(labels),
            (None, Some(peaks)) => peaks.check(),
            // Predictions need no labels.
            (None, None) => Ok(()),
            (Some(_), Some(_)) => Err(Self::labels_error("both")),
        }
    }

    /// Refuses keys that need a genome.
    fn check_sequences(&self) -> Result<()> {
        let split = &self.split;
        let others = [
            ("genome", !self.genome.as_os_str().is_empty()),
            ("blacklist", self.blacklist.is_some()),
            ("windows", self.windows.is_some()),
            ("accessibility", self.accessibility.is_some()),
            ("peaks", self.peaks.is_some()),
            ("tasks", self.tasks != TasksConfig::default()),
            ("split.train_cells", split.train_cells.is_some()),
            ("split.valid_cells", split.valid_cells.is_some()),
            ("split.test_cells", split.test_cells.is_some()),
        ];
        for (key, is_given) in others {
            let expected = "nothing, since sequences stand for a genome and its bins";
            Error::unless(!is_given, key.to_owned(), expected, "a value")?;
        }
        self.cell.as_ref().map_or(Ok(()), |cell| check_name("cell", cell))?;
        self.check_motifs()
    }

    fn check_motifs(&self) -> Result<()> {
        let has_motifs = self.motifs.is_some() || self.motif_names.is_empty();
        Error::unless(has_motifs, "motifs", "the file that [motif_names] is about", "none")
    }

    /// Makes the error of labels from none or two sources.
    pub(super) fn labels_error(found: &str) -> Error {
        Error::config("labels", "either labels or [peaks]", found)
    }
}

fn check_labels(labels: &str) -> Result<()> {
    let pattern = Pattern::new("labels", labels)?;
    let fits = pattern.has(Placeholder::Tf) && !pattern.has(Placeholder::Cell);
    let expected = "a pattern with {tf} and without {cell}: a table has a column for each cell type";
    Error::unless(fits, "labels", expected, format!("{labels:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{genome::MissingChromosomes, testing::TestFolder};

    const MINIMAL: &str = "name = 'a'\ngenome = 'g.fa'\nlabels = '{tf}.tsv'\n[windows]\nbin_bp = 200\nstride_bp = 50\n";

    fn read(name: &str, text: &str) -> Result<DatasetConfig> {
        let folder = TestFolder::new(&format!("config-{name}"));
        DatasetConfig::open(folder.write("dataset.toml", text))
    }

    fn message(name: &str, text: &str) -> String {
        let message = read(name, text).unwrap_err().to_string();
        message.rsplit_once("dataset.toml").map_or(message.clone(), |(_, rest)| rest.to_owned())
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
            name = "all"
            genome = "g.2bit"
            blacklist = "b.bed"
            motifs = "m.meme"
            [windows]
            bin_bp = 100
            stride_bp = 100
            [accessibility]
            H1-hESC = "h1.bigwig"
            K562 = "/abs/k562.bigwig"
            transform = "none"
            missing_chromosomes = "zero"
            [peaks]
            pattern = "{tf}.bed"
            relaxed_pattern = "relaxed/{tf}.bed"
            cell = "K562"
            half_width_bp = 50
            [motif_names]
            CTCF = "MA0139.1"
            "SPAC11D3.17" = ["M1", "M2"]
            [tasks]
            per = "track"
            [split]
            train = ["chr1"]
            valid = ["chr2:0-10"]
            test = ["chr3"]
            train_cells = ["K562"]
            valid_cells = ["K562"]
            test_cells = ["H1-hESC"]
        "#;
        let config = read("all", text).unwrap();
        let accessibility = config.accessibility.as_ref().unwrap();
        assert_eq!(accessibility.files.keys().collect::<Vec<_>>(), ["H1-hESC", "K562"]);
        assert_eq!(accessibility.transform, Some(crate::data::SignalTransform::None));
        assert_eq!(accessibility.missing_chromosomes, MissingChromosomes::Zero);
        assert_eq!(config.peaks.as_ref().unwrap().half_width_bp, Some(50));
        assert_eq!(config.motif_names["CTCF"], ["MA0139.1"]);
        assert_eq!(config.motif_names["SPAC11D3.17"], ["M1", "M2"]);
        assert_eq!(config.tasks.per, Some(TaskUnit::Track));
        assert_eq!(config.split.test_cells.as_deref(), Some(&["H1-hESC".to_owned()][..]));
        assert!(config.path("b.bed").ends_with("b.bed") && config.path("b.bed").is_absolute());
        assert_eq!(config.path("/abs/k562.bigwig"), Path::new("/abs/k562.bigwig"));
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let config = read("defaults", &format!("{MINIMAL}[accessibility]\nA = 'a.bw'\n")).unwrap();
        let accessibility = config.accessibility.unwrap();
        assert_eq!(accessibility.transform, None);
        assert_eq!(accessibility.missing_chromosomes, MissingChromosomes::Error);
        assert_eq!((config.tasks.per, config.split.train), (None, None));
    }

    #[test]
    fn unknown_keys_are_errors_with_line_and_column() {
        let top = message("unknown-top", &format!("blaklist = 'b.bed'\n{MINIMAL}"));
        assert!(top.starts_with(":1:1: unknown field `blaklist`, expected one of `name`, `genome`"), "{top}");
        let nested = message("unknown-nested", &format!("{MINIMAL}[split]\nvalid = []\n  tets = []\n"));
        assert!(nested.starts_with(":9:3: unknown field `tets`"), "{nested}");
    }

    #[test]
    fn what_does_not_parse_is_an_error_with_line_and_column() {
        let syntax = message("syntax", "name = 'a'\ngenome = \n");
        assert!(syntax.starts_with(":2:"), "{syntax}");
        let wrong = message("type", &MINIMAL.replace("200", "-200"));
        assert!(wrong.starts_with(":5:10: invalid value: integer `-200`"), "{wrong}");
        let per = message("per", &format!("{MINIMAL}[tasks]\nper = 'cell'\n"));
        assert_eq!(per, ":8:7: unknown variant `cell`, expected `tf` or `track`");
        let lacking = message("lacking", &MINIMAL.replace("genome = 'g.fa'\n", ""));
        assert!(lacking.ends_with("missing field `genome`"), "{lacking}");
    }

    #[test]
    fn accessibility_settings_have_few_values() {
        let transform = message("transform", &format!("{MINIMAL}[accessibility]\ntransform = 'sqrt'\n"));
        assert_eq!(transform, ":7:1: transform: expected \"log1p\", \"none\" or \"quantile\", found \"sqrt\"");
        let missing = message("missing", &format!("{MINIMAL}[accessibility]\nmissing_chromosomes = 'skip'\n"));
        assert_eq!(missing, ":7:1: missing_chromosomes: expected \"error\" or \"zero\", found \"skip\"");
    }

    #[test]
    fn values_that_cannot_work_are_errors_with_the_key() {
        let zero = message("zero", &MINIMAL.replace("50", "0"));
        assert_eq!(zero, "windows.stride_bp: expected at least 1, found 0");
        let both = message("both", &format!("{MINIMAL}[peaks]\npattern = '{{tf}}.bed'\ncell = 'A'\n"));
        assert_eq!(both, "labels: expected either labels or [peaks], found both");
        let cell = message("cell", &MINIMAL.replace("{tf}", "{cell}/{tf}"));
        assert!(cell.starts_with("labels: expected a pattern with {tf} and without {cell}"), "{cell}");
        assert!(read("neither", &MINIMAL.replace("labels = '{tf}.tsv'\n", "")).is_ok(), "predictions take none");
        let motifs = message("motifs", &format!("{MINIMAL}[motif_names]\nCTCF = 'M1'\n"));
        assert_eq!(motifs, "motifs: expected the file that [motif_names] is about, found none");
        let names = message("motif-names", &format!("motifs = 'm'\n{MINIMAL}[motif_names]\nCTCF = 7\n"));
        assert_eq!(names, ":9:8: expected the identifier or alternate name of a motif, or a list of them");
    }
}
