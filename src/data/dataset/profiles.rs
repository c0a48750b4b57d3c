//! Which motifs are a factor's.

use std::collections::{BTreeMap, BTreeSet};

use super::Dataset;
use crate::{
    Error, Result,
    error::names::{listed, nearest},
    motif::{Motif, MotifSet},
};

/// What `[motif_names]` says: identifiers or alternate names of motifs, by factor.
pub(super) type MotifNames = BTreeMap<String, Vec<String>>;

/// The motifs of each factor, as the set counts them, the surest first.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    by_factor: BTreeMap<String, Vec<usize>>,
}

impl Profiles {
    /// Takes what `[motif_names]` says of a factor, or else what the motifs' names say.
    pub(super) fn new(place: &str, motifs: &MotifSet, names: &MotifNames, factors: BTreeSet<&str>) -> Result<Self> {
        let position = |motif: &Motif| motifs.iter().position(|other| other.id == motif.id);
        let of_factor = |factor: &str| match names.get(factor) {
            None => Ok(motifs.for_factor(factor).into_iter().filter_map(position).collect()),
            Some(names) => {
                let places = names.iter().map(|name| named(place, motifs, factor, name));
                let places = places.collect::<Result<Vec<_>>>()?.concat();
                let mut seen = BTreeSet::new();
                Ok(places.into_iter().filter(|place| seen.insert(*place)).collect())
            }
        };
        let of_factor = |factor: &str| Ok((factor.to_owned(), of_factor(factor)?));
        Ok(Self { by_factor: factors.into_iter().map(of_factor).collect::<Result<_>>()? })
    }
}

/// The motifs with an identifier, or else with a name.
fn named(place: &str, motifs: &MotifSet, factor: &str, name: &str) -> Result<Vec<usize>> {
    let places = |is: &dyn Fn(&Motif) -> bool| {
        motifs.iter().enumerate().filter(|(_, motif)| is(motif)).map(|(place, _)| place).collect::<Vec<_>>()
    };
    let is_same = |text: &str| !name.is_empty() && text.eq_ignore_ascii_case(name);
    let mut found = places(&|motif| motif.id == name);
    if found.is_empty() {
        found = places(&|motif| is_same(&motif.id) || is_same(&motif.name));
    }
    let known = motifs.iter().flat_map(|motif| [&*motif.id, &*motif.name]);
    let expected = || format!("an identifier or alternate name in {place}, such as {}", nearest(name, known));
    if found.is_empty() { Err(unknown(factor, expected(), name)) } else { Ok(found) }
}

/// Refuses `[motif_names]` of what is none of some factors.
pub(super) fn check_factors(names: &MotifNames, known: &[&str]) -> Result<()> {
    match names.keys().find(|factor| !known.contains(&factor.as_str())) {
        None => Ok(()),
        Some(factor) => {
            let known = known.iter().copied();
            let expected = format!("a factor of the data set before =, such as {}", nearest(factor, known));
            Err(unknown(factor, expected, factor))
        }
    }
}

fn unknown(factor: &str, expected: String, found: &str) -> Error {
    Error::Config { key: format!("motif_names.{factor}"), expected, found: format!("{found:?}") }
}

impl Dataset {
    /// Returns the motifs of a factor, the surest first: those that `[motif_names]` lists, or else those of
    /// [`MotifSet::for_factor`]; none if the data set has no such factor.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("multitf-doc-profiles-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)))?;
    /// # std::fs::write(folder.join("TP53.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
    /// use multitf::data::Dataset;
    ///
    /// std::fs::write(folder.join("motifs.jaspar"), ">P53_HUMAN.H11MO.0.A\nA [ 9 ]\nC [ 0 ]\nG [ 0 ]\nT [ 0 ]\n")?;
    /// std::fs::write(folder.join("dataset.toml"), r#"
    ///     name = "small"
    ///     genome = "genome.fa"
    ///     motifs = "motifs.jaspar"
    ///     motif_names = { TP53 = "P53_HUMAN.H11MO.0.A" }
    ///     windows = { bin_bp = 200, stride_bp = 50 }
    ///     peaks = { pattern = "{tf}.bed", cell = "MCF-7" }
    ///     split = { valid = ["chr2"], test = ["chr3"] }
    /// "#)?;
    /// let dataset = Dataset::open(folder.join("dataset.toml"))?;
    /// assert_eq!(dataset.profiles("TP53")[0].id, "P53_HUMAN.H11MO.0.A");
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn profiles(&self, factor: &str) -> Vec<&Motif> {
        let places = self.profiles.by_factor.get(factor).into_iter().flatten();
        places.filter_map(|&place| self.motifs()?.iter().nth(place)).collect()
    }

    /// What is worth saying about the motifs of the file.
    pub(super) fn profile_notes(&self) -> Vec<String> {
        let Some(motifs) = &self.motifs else { return Vec::new() };
        let mut factors = vec![Vec::new(); motifs.len()];
        let (mut without, mut several) = (Vec::new(), Vec::new());
        for (factor, places) in &self.profiles.by_factor {
            for &place in places {
                factors[place].push(factor.as_str());
            }
            match places.len() {
                0 => without.push(factor.clone()),
                1 => {}
                count => several.push(format!("{factor} ({count})")),
            }
        }
        let shared = motifs.iter().zip(&factors).filter(|(_, factors)| factors.len() > 1);
        let shared = shared.map(|(motif, factors)| format!("{} ({})", motif.id, factors.join(", ")));
        let is_dimer = |motif: &&Motif| motif.id.contains("::") || motif.name.contains("::");
        let dimers = self.profiles.by_factor.keys().filter_map(|factor| {
            let motif = self.profiles(factor).first().copied().filter(is_dimer)?;
            Some(format!("{factor} ({})", if motif.name.contains("::") { &motif.name } else { &motif.id }))
        });
        let unused = factors.iter().filter(|factors| factors.is_empty()).count();
        let unused = (unused > 0).then(|| format!("{unused} of {} motifs are of none of these factors", motifs.len()));
        let notes = [
            noted("factors without a motif", &without),
            noted("factors with several motifs", &several),
            noted("factors whose motif is that of a dimer", &dimers.collect::<Vec<_>>()),
            noted("motifs that several factors share", &shared.collect::<Vec<_>>()),
            unused,
        ];
        notes.into_iter().flatten().collect()
    }
}

/// A note with the first few of some names, if there are any.
fn noted(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", listed(names, 10)))
}
