//! Filters initialized from motifs.

use super::*;

#[test]
fn filters_are_initialized_from_motifs_of_the_training_split_and_a_quarter_at_random() {
    let folder = TestFolder::new("fit-discovered");
    let (dataset, tasks) = (world(&folder), [0, 3, 5]);
    let start = |motifs, discovered| {
        let mut config = config();
        let given = Architecture { motifs, discovered, profiles: false, ..config.architecture };
        config.architecture = given;
        let (context_bp, sampler) = (config.architecture.context_bp, &config.training.sampler);
        let sampler = Sampler::new(&dataset, &tasks, context_bp, sampler, 1).unwrap();
        let learner = fit(&dataset, &config, &tasks, 1).learner(&sampler).unwrap();
        learner.network().trunk.conv.weight.val().into_data().iter::<f32>().collect::<Vec<_>>()
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
