//! The profiles that a model's motifs are initialized from.

use std::collections::{BTreeMap, BTreeSet};

use super::DataSummary;
use crate::{
    data::{Dataset, Sampler, Split},
    motif::{DiscoveredMotif, Motif, MotifSet, RegionSet, discover},
    nn::Architecture,
};

impl DataSummary {
    /// Adds the profiles that an architecture's motifs are initialized from: the best of each factor of the data set,
    /// then motifs [discovered](Architecture::discovered) for the tasks' factors without one, then all other profiles.
    pub fn with_profiles(self, dataset: &Dataset, sampler: &Sampler, architecture: &Architecture) -> Self {
        let given = Profiles { dataset, architecture };
        let discovered = given.discovered(sampler.tasks());
        Self { profiles: given.ordered(discovered), ..self }
    }
}

/// The profiles of a data set, as an architecture uses them.
struct Profiles<'a> {
    dataset: &'a Dataset,
    architecture: &'a Architecture,
}

impl<'a> Profiles<'a> {
    /// The data set's profiles, if the architecture uses them.
    fn given(&self) -> Option<&'a MotifSet> {
        self.dataset.motifs().filter(|_| self.architecture.profiles)
    }

    /// The profiles of a factor, the best first.
    fn for_factor(&self, factor: &str) -> Vec<&'a Motif> {
        self.given().map_or_else(Vec::new, |_| self.dataset.factor_motifs(factor))
    }

    /// Motifs discovered in the training split for the factors without a profile, the best of each first.
    fn discovered(&self, tasks: &[usize]) -> Vec<Motif> {
        let Architecture { context_bp, discovered, .. } = *self.architecture;
        let mut by_factor = BTreeMap::<&str, Vec<usize>>::new();
        for &task in tasks {
            let factor = &self.dataset.tasks()[task].factor;
            if self.for_factor(factor).is_empty() {
                by_factor.entry(factor).or_default().push(task);
            }
        }
        if discovered == 0 || by_factor.is_empty() {
            return Vec::new();
        }
        let bound = |(name, tasks): (&str, Vec<usize>)| RegionSet {
            name: name.to_owned(),
            regions: self.dataset.bound_regions(&tasks, Split::Train, context_bp),
        };
        let sets: Vec<RegionSet> = by_factor.into_iter().map(bound).collect();
        let background = self.dataset.regions(Split::Train, context_bp);
        unlike(discover(self.dataset.genome(), &background, &sets, discovered))
    }

    /// The best profile of each of the data set's factors, the discovered motifs, further profiles of the factors, and
    /// the data set's other profiles.
    fn ordered(&self, discovered: Vec<Motif>) -> Vec<Motif> {
        let (mut first, mut further) = (BTreeSet::new(), BTreeSet::new());
        for task in self.dataset.tasks() {
            let mut ids = self.for_factor(&task.factor).into_iter().map(|motif| motif.id.as_str());
            first.extend(ids.next());
            further.extend(ids);
        }
        let rank = |motif: &Motif| match &*motif.id {
            id if first.contains(id) => 0,
            id if further.contains(id) => 1,
            _ => 2,
        };
        let ranked = |wanted| self.given().into_iter().flatten().filter(move |motif| rank(motif) == wanted).cloned();
        let mut profiles: Vec<Motif> = ranked(0).collect();
        // A quarter of the filters stays random, for features that no discovered motif describes.
        let room = (3 * self.architecture.motifs / 4).saturating_sub(profiles.len());
        profiles.extend(discovered.into_iter().take(room));
        profiles.extend(ranked(1).chain(ranked(2)));
        profiles
    }
}

/// The first of equal motifs: factors that bind together have one filter. Relatives with motifs of their own, such as
/// bZIP factors, keep theirs.
fn unlike(discovered: Vec<DiscoveredMotif>) -> Vec<Motif> {
    const EQUAL: f64 = 0.9;
    let mut motifs: Vec<Motif> = Vec::new();
    for next in discovered {
        if !motifs.iter().any(|before| next.motif.matrix.correlation(&before.matrix) > EQUAL) {
            motifs.push(next.motif);
        }
    }
    motifs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    /// The identifiers of the profiles that filters start from, in a data set with other motifs.
    fn profiles(folder: &TestFolder, motifs: &[(&str, &str)], overrides: &str) -> Vec<String> {
        let blocks = motifs.iter().map(|(id, name)| format!(">{id} {name}\n9\n0\n0\n0\n"));
        folder.write("motifs.meme", blocks.collect::<String>());
        let path = folder.path().join("dataset.toml");
        let before = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{before}\n{overrides}")).unwrap();
        let dataset = Dataset::open(&path).unwrap();
        std::fs::write(&path, before).unwrap();
        let found = &dataset.motifs().unwrap().iter().next().unwrap().clone();
        let discovered = vec![Motif { id: "discovered".into(), ..found.clone() }];
        let architecture = Architecture { motifs: 16, ..Architecture::default() };
        let ordered = Profiles { dataset: &dataset, architecture: &architecture }.ordered(discovered);
        ordered.iter().map(|motif| motif.id.clone()).collect()
    }

    #[test]
    fn filters_start_from_one_profile_of_each_factor_then_what_was_discovered_then_all_others() {
        let folder = TestFolder::new("fit-profiles");
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let motifs = [
            ("M1", "nobody"),
            ("M2", "MAX::CTCF"),
            ("M3", "MAX"),
            ("M4", "CTCF"),
            ("M5", "MAX(var.2)"),
            ("M6", "nobody's"),
        ];
        assert_eq!(profiles(&folder, &motifs, ""), ["M3", "M4", "discovered", "M2", "M5", "M1", "M6"]);
        let overrides = "[motif_names]\nMAX = ['M6', 'M1']\n";
        assert_eq!(profiles(&folder, &motifs, overrides), ["M4", "M6", "discovered", "M1", "M2", "M3", "M5"]);
    }
}
