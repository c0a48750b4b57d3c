//! The order of profiles.

use super::*;
use crate::data::simulate::{SimulationConfig, simulate};
use crate::testing::TestFolder;

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
