//! What filters start from.

use super::*;

#[test]
fn filters_start_from_motifs_of_the_training_split_and_a_quarter_at_random() {
    let folder = TestFolder::new("fit-discovered");
    let (dataset, tasks) = (world(&folder), [0, 3, 5]);
    let start = |motifs, discovered| {
        let mut config = config();
        let given = Architecture { motifs, discovered, profiles: false, ..config.architecture };
        config.architecture = given;
        let (context_bp, sampler) = (config.architecture.context_bp, &config.training.sampler);
        let sampler = Sampler::new(&dataset, &tasks, context_bp, sampler, 1).unwrap();
        let learner = fit(&dataset, &config, &tasks, 1).learner(&sampler).unwrap();
        learner.model.trunk.conv.weight.val().into_data().iter::<f32>().collect::<Vec<_>>()
    };
    let started = |motifs, discovered| {
        let (random, found) = (start(motifs, 0), start(motifs, discovered));
        let filters = random.chunks(random.len() / motifs).zip(found.chunks(random.len() / motifs));
        filters.map(|(random, found)| random != found).collect::<Vec<_>>()
    };
    // One motif a factor, and more of them than there is room for.
    assert_eq!(started(16, 1), [vec![true; 3], vec![false; 13]].concat());
    assert_eq!(started(4, usize::MAX), [true, true, true, false]);
}

/// The identifiers of the profiles that filters start from, in a data set with other motifs.
fn profiles(folder: &TestFolder, motifs: &[(&str, &str)], overrides: &str) -> Vec<String> {
    let blocks = motifs.iter().map(|(id, name)| format!(">{id} {name}\n9\n0\n0\n0\n"));
    folder.write("motifs.meme", blocks.collect::<String>());
    let path = folder.path().join("dataset.toml");
    let before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{before}\n{overrides}")).unwrap();
    let (dataset, config) = (Dataset::open(&path).unwrap(), config());
    std::fs::write(&path, before).unwrap();
    let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
    let sampler = Sampler::new(&dataset, &tasks, 240, &config.training.sampler, 1).unwrap();
    let found = &dataset.motifs().unwrap().iter().next().unwrap().clone();
    let discovered = [crate::motif::Motif { id: "discovered".into(), ..found.clone() }];
    let fit = fit(&dataset, &config, &tasks, 1);
    fit.purpose(&sampler, &discovered).profiles.iter().map(|motif| motif.id.clone()).collect()
}

#[test]
fn filters_start_from_one_profile_of_each_factor_then_what_was_discovered_then_all_others() {
    let folder = TestFolder::new("fit-profiles");
    world(&folder);
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
