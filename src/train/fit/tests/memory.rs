//! Data sets from memory.

use super::*;
use crate::{
    data::{SequenceSplit, SplitConfig, WindowsConfig},
    predict::predict_samples,
};

/// The same data set, put together from what another holds.
fn in_memory(dataset: &Dataset, split: SplitConfig) -> Dataset {
    let grid = dataset.grid();
    let windows = WindowsConfig { bin_bp: grid.bin_bp(), stride_bp: grid.stride_bp() };
    let mut builder = Dataset::builder("memory", dataset.genome().clone(), windows)
        .with_motifs(dataset.motifs().unwrap().clone())
        .with_split(split);
    for (cell, name) in dataset.cells().iter().enumerate() {
        builder = builder.with_accessibility(&name.name, dataset.signal(cell).unwrap().clone());
    }
    for track in dataset.tracks() {
        let sample = |bin| crate::data::Sample { bin: bin as u32, cell: track.cell as u16 };
        let labels: Vec<Label> = (0..grid.len()).map(|bin| dataset.label(track.task, sample(bin))).collect();
        builder = builder.with_labels(track.factor_name, track.cell_name, labels);
    }
    builder.build().unwrap()
}

#[test]
fn a_training_from_memory_is_the_one_from_files_to_the_last_bit() {
    let folder = TestFolder::new("fit-memory");
    let (files, mut config) = (world(&folder), config());
    config.training.budget = 256;
    let split = crate::data::DatasetConfig::open(folder.path().join("dataset.toml")).unwrap().split;
    let memory = in_memory(&files, split);
    let [a, b] = [&files, &memory].map(|dataset| fit(dataset, &config, &[0, 1], 1).run().unwrap());
    assert_eq!(weights(&a), weights(&b));
    assert_eq!(a.average_precision, b.average_precision);
    // A folder takes them for one data set, and other labels for another.
    let run = folder.path().join("run");
    fit(&files, &config, &[0, 1], 1).with_folder(&run).run().unwrap();
    fit(&memory, &config, &[0, 1], 1).with_folder(&run).run().unwrap();
    let mut other = memory;
    other.hide_labels(|track, bin| track.task == 0 && bin.start == 0);
    let error = fit(&other, &config, &[0, 1], 1).with_folder(&run).run().unwrap_err().to_string();
    assert!(error.contains("labels: another file or other contents"), "{error}");
}

#[test]
fn sequences_train_as_a_genome_of_chromosomes_with_one_bin_each_does() {
    const LENGTH: usize = 30;
    let mut state = 1_u32;
    let mut letters = || -> String {
        let mut letter = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ['A', 'C', 'G', 'T'][(state >> 30) as usize]
        };
        (0..LENGTH).map(|_| letter()).collect()
    };
    let sequences: Vec<(String, String)> = (0..90).map(|index| (format!("s{index:02}"), letters())).collect();
    let label = |task: usize, index: usize| (index % 7 != task).then_some(index.is_multiple_of(task + 2));
    let parts: Vec<Split> = (0..90).map(|index| Split::ALL[index / 30]).collect();
    let records =
        sequences.iter().enumerate().map(|(i, (name, letters))| (name.clone(), letters, [label(0, i), label(1, i)]));
    let split = SequenceSplit::Given(parts);
    let dataset = Dataset::from_sequences("sequences", &["A", "B"], records, &split).unwrap();

    let names = |part: usize| (part * 30..(part + 1) * 30).map(|index| format!("s{index:02}")).collect::<Vec<_>>();
    let genome = crate::genome::Genome::from_sequences(sequences.clone()).unwrap();
    let mut genome = Dataset::builder("genome", genome, WindowsConfig { bin_bp: LENGTH, stride_bp: LENGTH })
        .with_task_unit(crate::data::TaskUnit::Tf)
        .with_split(SplitConfig { valid: names(1), test: names(2), ..SplitConfig::default() });
    for (task, factor) in ["A", "B"].into_iter().enumerate() {
        let labels: Vec<Label> = (0..90).map(|index| label(task, index).into()).collect();
        genome = genome.with_labels(factor, "sequences", labels);
    }
    let genome = genome.build().unwrap();
    assert_eq!(dataset.fingerprint_number(), genome.fingerprint_number());

    let mut config = config();
    config.architecture =
        Architecture { context_bp: 42, motifs: 8, width: 7, hidden: 8, pool: 0, ..Architecture::default() };
    config.training.budget = 256;
    let [a, b] = [&dataset, &genome].map(|dataset| fit(dataset, &config, &[0, 1], 1).run().unwrap());
    assert_eq!(weights(&a), weights(&b));
    let test_logits = |fitted: &Fitted, dataset: &Dataset| {
        let samples = dataset.samples(Split::Test, 42).unwrap();
        predict_samples(&fitted.model, dataset, &[0, 1], samples).unwrap().logits
    };
    assert_eq!(test_logits(&a, &dataset), test_logits(&b, &genome));

    config.architecture.context_bp = 24;
    let error = fit(&dataset, &config, &[0, 1], 1).run().unwrap_err().to_string();
    let expected =
        "architecture.context_bp: expected at least 30, the length of the longest sequence: 90 of 90 are longer";
    assert!(error.starts_with(expected), "{error}");
}
