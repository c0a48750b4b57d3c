//! The motifs of factors.

use std::collections::{BTreeMap, BTreeSet};

use super::{source::Source, task::Task};
use crate::{
    Error, Result,
    error::names::{listed, nearest},
    motif::{Motif, MotifSet},
};

/// Identifiers or alternate names of motifs, by factor, as `[motif_names]` lists them.
pub(super) type MotifNames = BTreeMap<String, Vec<String>>;

/// A set of motifs, and which of them are each factor's.
#[derive(Debug)]
pub(super) struct FactorMotifs {
    pub(super) set: MotifSet,
    /// Positions in the set, best match first.
    by_factor: BTreeMap<String, Vec<usize>>,
}

impl FactorMotifs {
    /// Finds the motifs of each factor: those that `[motif_names]` lists, or else those that fit its name.
    pub(super) fn new(set: Source<MotifSet>, names: &MotifNames, tasks: &[Task]) -> Result<Self> {
        let origin = match &set {
            Source::Memory(_) => "the motifs".to_owned(),
            Source::File(path) => path.display().to_string(),
        };
        let set = set.load(|path| MotifSet::open(path))?;
        let position = |motif: &Motif| set.iter().position(|other| other.id == motif.id);
        let mut by_factor = BTreeMap::new();
        for factor in tasks.iter().map(|task| &task.factor).collect::<BTreeSet<_>>() {
            let positions = match names.get(factor) {
                None => set.for_factor(factor).into_iter().filter_map(position).collect(),
                Some(names) => {
                    let found = names.iter().map(|name| find_motifs(&origin, &set, factor, name));
                    let mut seen = BTreeSet::new();
                    found
                        .collect::<Result<Vec<_>>>()?
                        .concat()
                        .into_iter()
                        .filter(|&motif| seen.insert(motif))
                        .collect()
                }
            };
            by_factor.insert(factor.clone(), positions);
        }
        Ok(Self { set, by_factor })
    }

    /// Returns the motifs of a factor, best match first.
    pub(super) fn for_factor(&self, factor: &str) -> Vec<&Motif> {
        let positions = self.by_factor.get(factor).into_iter().flatten();
        positions.filter_map(|&position| self.set.iter().nth(position)).collect()
    }

    /// Returns notes for the user.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut factors = vec![Vec::new(); self.set.len()];
        let (mut without, mut several) = (Vec::new(), Vec::new());
        for (factor, positions) in &self.by_factor {
            for &position in positions {
                factors[position].push(factor.as_str());
            }
            match positions.len() {
                0 => without.push(factor.clone()),
                1 => {}
                count => several.push(format!("{factor} ({count})")),
            }
        }
        let shared = self.set.iter().zip(&factors).filter(|(_, factors)| factors.len() > 1);
        let shared = shared.map(|(motif, factors)| format!("{} ({})", motif.id, factors.join(", ")));
        let is_dimer = |motif: &&Motif| motif.id.contains("::") || motif.name.contains("::");
        let dimers = self.by_factor.keys().filter_map(|factor| {
            let motif = self.for_factor(factor).first().copied().filter(is_dimer)?;
            Some(format!("{factor} ({})", if motif.name.contains("::") { &motif.name } else { &motif.id }))
        });
        let unused = factors.iter().filter(|factors| factors.is_empty()).count();
        let unused =
            (unused > 0).then(|| format!("{unused} of {} motifs are of none of these factors", self.set.len()));
        let notes = [
            note_first("factors without a motif", &without),
            note_first("factors with several motifs", &several),
            note_first("factors whose motif is that of a dimer", &dimers.collect::<Vec<_>>()),
            note_first("motifs that several factors share", &shared.collect::<Vec<_>>()),
            unused,
        ];
        notes.into_iter().flatten().collect()
    }
}

/// Finds the motifs with an identifier, or else with a name.
fn find_motifs(origin: &str, motifs: &MotifSet, factor: &str, name: &str) -> Result<Vec<usize>> {
    let positions = |is: &dyn Fn(&Motif) -> bool| {
        motifs.iter().enumerate().filter(|(_, motif)| is(motif)).map(|(position, _)| position).collect::<Vec<_>>()
    };
    let is_same = |text: &str| !name.is_empty() && text.eq_ignore_ascii_case(name);
    let mut found = positions(&|motif| motif.id == name);
    if found.is_empty() {
        found = positions(&|motif| is_same(&motif.id) || is_same(&motif.name));
    }
    let known = motifs.iter().flat_map(|motif| [&*motif.id, &*motif.name]);
    let expected = || format!("an identifier or alternate name in {origin}, such as {}", nearest(name, known));
    if found.is_empty() { Err(unknown(factor, expected(), name)) } else { Ok(found) }
}

/// Refuses `[motif_names]` of unknown factors.
pub(super) fn check_factors(names: &MotifNames, known: &BTreeSet<&str>) -> Result<()> {
    match names.keys().find(|factor| !known.contains(factor.as_str())) {
        None => Ok(()),
        Some(factor) => {
            let nearest = nearest(factor, known.iter().copied());
            let expected = format!("a factor of the data set before =, such as {nearest}");
            Err(unknown(factor, expected, factor))
        }
    }
}

fn unknown(factor: &str, expected: String, found: &str) -> Error {
    Error::config(format!("motif_names.{factor}"), expected, format!("{found:?}"))
}

/// Makes a note with the first few of some names, if there are any.
fn note_first(what: &str, names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", listed(names, 10)))
}
