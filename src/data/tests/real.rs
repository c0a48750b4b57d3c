//! Real data sets, where they are available.

use crate::{
    data::{Dataset, Sample, Sampler, SamplerConfig, Split},
    genome::Label,
    testing::real_data,
};

fn open(name: &str) -> Option<Dataset> {
    real_data(name).map(|folder| Dataset::open(folder.join("dataset.toml")).unwrap())
}

fn bound(dataset: &Dataset, split: Split) -> usize {
    let tasks = 0..dataset.tasks().len();
    let samples = dataset.samples(split, 200).unwrap();
    samples.iter().filter(|&sample| tasks.clone().any(|task| dataset.label(task, sample) == Label::Bound)).count()
}

#[test]
fn yeast_has_the_bins_that_its_description_says() {
    let Some(dataset) = open("yeast") else { return };
    assert_eq!(
        (dataset.name(), dataset.tasks().len(), dataset.cells()[0].name.as_str()),
        ("yeast-chipexo", 49, "BY4741")
    );
    assert!(dataset.has_signal());
    assert!(dataset.tasks().iter().all(|task| dataset.motifs().unwrap().find(&task.factor).is_some()));
    let bins = (0..dataset.grid().len() as u32).map(|bin| Sample { bin, cell: 0 });
    assert_eq!(bins.filter(|&sample| dataset.label(0, sample) != Label::Missing).count(), 228_284);
    assert_eq!(dataset.samples(Split::Test, 1000).unwrap().len(), YEAST[2]);
    let lengths = Split::ALL.map(|split| dataset.samples(split, 200).unwrap().len());
    assert_eq!(lengths, YEAST);
    assert_eq!(bound(&dataset, Split::Test), 2_780);
    assert!(Split::ALL.iter().all(|&split| dataset.tasks_without_positives(split, 1000).is_empty()));
}

#[test]
fn the_numbers_of_real_data_sets_stay() {
    for (name, number) in [("yeast", 0x5f93_7fb7_c360_69ab), ("chr20", 0x6853_6f93_b928_e771)] {
        let Some(dataset) = open(name) else { return };
        assert_eq!(dataset.fingerprint_number(), number, "{name}");
    }
}

/// Training, validation and test bins.
const YEAST: [usize; 3] = [171_131, 17_506, 39_647];

#[test]
fn yeast_priors_are_restored_for_every_task() {
    let Some(dataset) = open("yeast") else { return };
    let all = dataset.samples(Split::Train, 1000).unwrap();
    for tasks in [(0..49).collect::<Vec<_>>(), vec![7]] {
        let sampler = Sampler::new(&dataset, &tasks, 1000, &SamplerConfig::default(), 1).unwrap();
        for &task in &tasks {
            let count = |label| all.iter().filter(|&sample| dataset.label(task, sample) == label).count() as f64;
            let (bound, unbound) = (count(Label::Bound), count(Label::Unbound));
            assert!((sampler.prior(task) - bound / (bound + unbound)).abs() < 1e-12);
        }
    }
}

#[test]
fn chr20_has_a_task_for_each_of_its_77_columns() {
    let Some(dataset) = open("chr20") else { return };
    assert_eq!((dataset.tasks().len(), dataset.cells().len(), dataset.has_signal()), (77, 1, false));
    assert_eq!(dataset.tracks().count(), 77);
    let lengths = Split::ALL.map(|split| dataset.samples(split, 200).unwrap().len());
    assert_eq!(lengths, CHR20);
}

/// Training, validation and test bins.
const CHR20: [usize; 3] = [108_775, 29_997, 59_997];

#[test]
fn encode5_has_the_labels_that_an_independent_script_counted() {
    let Some(folder) = real_data("encode5") else { return };
    let dataset = Dataset::open(folder.join("dataset.toml")).unwrap();
    let table = std::fs::read_to_string(folder.join("expected_counts.tsv")).unwrap();
    let mut rows = 0;
    for row in table.lines().skip(1) {
        let fields: Vec<&str> = row.split('\t').collect();
        let task = dataset.tasks().iter().position(|task| task.name == fields[0]).unwrap();
        let cell = dataset.cells().iter().position(|cell| cell.name == fields[1]).unwrap();
        let split = Split::ALL.into_iter().find(|split| split.name() == fields[2]).unwrap();
        let counts = dataset.counts(task, cell, &dataset.split_bins(split, 200));
        let found = [counts.bound, counts.ambiguous, counts.observed - counts.bound];
        let expected: Vec<usize> = fields[3..].iter().map(|count| count.parse().unwrap()).collect();
        assert_eq!(found[..], expected, "{row}");
        rows += 1;
    }
    assert_eq!(rows, 3 * 80);
    let cells = |split| dataset.split_cells(split).iter().map(|&cell| &*dataset.cells()[cell].name).collect::<Vec<_>>();
    assert_eq!(cells(Split::Valid), ["HUVEC", "HepG2", "K562"]);
    assert_eq!(cells(Split::Test), ["GM12878"]);
}
