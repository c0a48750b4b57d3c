//! Finding factors and tasks by name.

use std::collections::BTreeSet;

use super::{Dataset, task::Task};
use crate::{Error, Result, error::names::find_name};

/// Finds factors by name, each once, in the order of `names`, spelled as in `known`.
///
/// Case and blanks around a name do not matter, unless two factors differ in nothing else. [`Error::asked_by`] adds the
/// flag or setting that the names come from to the error.
///
/// # Errors
/// [`Error::UnknownFactors`] with the most similar names for one that is not known, and if no name is given.
///
/// # Examples
/// ```
/// use multitf::data::find_factors;
///
/// assert_eq!(find_factors(&["reb1", " ABF1"], &["Abf1", "Rap1", "Reb1"])?, ["Reb1", "Abf1"]);
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn find_factors<S: AsRef<str>, K: AsRef<str>>(names: &[S], known: &[K]) -> Result<Vec<String>> {
    let known: BTreeSet<&str> = known.iter().map(AsRef::as_ref).collect();
    let found = find(names, &known, &known)?;
    Ok(found.into_iter().map(str::to_owned).collect())
}

/// Finds names among `known` ones; the error lists factors.
fn find<'a>(names: &[impl AsRef<str>], known: &BTreeSet<&'a str>, factors: &BTreeSet<&str>) -> Result<Vec<&'a str>> {
    let meant = |name: &str| find_name(name, known.iter().copied());
    let names = || names.iter().map(AsRef::as_ref);
    let unknown: Vec<String> = names().filter(|name| meant(name).is_none()).map(str::to_owned).collect();
    if names().next().is_none() || !unknown.is_empty() {
        let known = factors.iter().map(|&factor| factor.to_owned()).collect();
        return Err(Error::UnknownFactors { what: None, found: unknown, known });
    }
    let mut seen = BTreeSet::new();
    Ok(names().filter_map(meant).filter(|name| seen.insert(*name)).collect())
}

impl Dataset {
    /// Finds tasks by name, each once, in the order of `names`.
    ///
    /// A name is that of a task, or of a factor whose tasks are tracks: `CTCF@K562` is one of them, and `CTCF` is all.
    /// Case and blanks around a name do not matter, unless two factors differ in nothing else.
    ///
    /// # Errors
    /// [`Error::UnknownFactors`] with the most similar names for one that is not known, and if no name is given.
    ///
    /// # Examples
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("multitf-doc-named-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let bases = "ACGT".repeat(250);
    /// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{bases}\n>chr2\n{bases}\n>chr3\n{bases}\n"))?;
    /// # for name in ["Abf1", "Reb1"] {
    /// #     std::fs::write(folder.join(format!("{name}.bed")), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
    /// # }
    /// # std::fs::write(folder.join("dataset.toml"), r#"
    /// #     name = "small"
    /// #     genome = "genome.fa"
    /// #     windows = { bin_bp = 200, stride_bp = 50 }
    /// #     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
    /// #     split = { valid = ["chr2"], test = ["chr3"] }
    /// # "#)?;
    /// # let path = folder.join("dataset.toml");
    /// use multitf::data::Dataset;
    ///
    /// let dataset = Dataset::open(path)?;
    /// assert_eq!(dataset.task_indices(&["REB1"])?, [1]);
    /// let error = dataset.task_indices(&["Rebl"]).unwrap_err().to_string();
    /// assert!(error.contains("no factor Rebl; most similar of the data set's 2: Reb1"), "{error}");
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn task_indices<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<usize>> {
        let factors: BTreeSet<&str> = self.tasks.iter().map(|task| &*task.factor).collect();
        let known: BTreeSet<&str> = self.tasks.iter().map(|task| &*task.name).chain(factors.iter().copied()).collect();
        let mut indices = Vec::new();
        for name in find(names, &known, &factors)? {
            let is_meant = |task: &Task| task.name == name || task.factor == name;
            indices.extend((0..self.tasks.len()).filter(|&index| is_meant(&self.tasks[index])));
        }
        let mut seen = BTreeSet::new();
        indices.retain(|index| seen.insert(*index));
        Ok(indices)
    }
}
