//! Batches: context, strands, labels and weights.

use crate::{
    data::{BatchBuilder, Dataset, Draw, HostBatch, Sample, Split, prefetch},
    genome::base,
};

use super::world::{CELLS, SPLIT, bins_per_chromosome, letter, signal, world};

fn draws(dataset: &Dataset) -> Vec<Draw> {
    let samples = dataset.samples(Split::Train, 200).unwrap();
    let weights = (0_u8..).map(f32::from);
    samples.iter().step_by(9).take(200).zip(weights).map(|(sample, weight)| Draw { sample, weight }).collect()
}

/// The reverse complement of a batch of one.
fn flipped(mut batch: HostBatch) -> HostBatch {
    batch.codes.reverse();
    for code in &mut batch.codes {
        *code = base::complement(*code);
    }
    batch.signal.reverse();
    batch
}

/// The part of a batch that belongs to one sample.
fn part(batch: &HostBatch, i: usize) -> HostBatch {
    let range = |length: usize| i * length / batch.size..(i + 1) * length / batch.size;
    HostBatch {
        size: 1,
        codes: batch.codes[range(batch.codes.len())].to_vec(),
        signal: batch.signal[range(batch.signal.len())].to_vec(),
        labels: batch.labels[range(batch.labels.len())].to_vec(),
        weights: batch.weights[i..=i].to_vec(),
    }
}

#[test]
fn a_batch_holds_the_context_of_each_bin() {
    let dataset = world("context", SPLIT).open().unwrap();
    let draws = draws(&dataset);
    let (tasks, context_bp) = ([2, 0], 1000);
    let batch = BatchBuilder::new(&dataset, &tasks, context_bp).build(&draws, 0);
    assert_eq!((batch.size, batch.codes.len(), batch.signal.len()), (200, 200_000, 200_000));
    for (i, draw) in draws.iter().enumerate() {
        let (bin, cell) = (draw.sample.bin as usize, draw.sample.cell as usize);
        let chromosome = bin / bins_per_chromosome();
        let start = (bin % bins_per_chromosome() * 50) as i64 - 400;
        let one = part(&batch, i);
        let mut codes = vec![0; context_bp];
        dataset.genome().decode(chromosome, start, &mut codes);
        assert_eq!(one.codes, codes);
        for (offset, value) in one.signal.iter().enumerate() {
            let position = usize::try_from(start + offset as i64).ok().filter(|&position| position < 20_000);
            let expected = position.map_or(0.0, |position| signal(cell, chromosome, position).ln_1p());
            assert_eq!(*value, expected, "{} {position:?}", CELLS[cell]);
        }
        let letters: Vec<_> = one.labels.iter().map(|label| label.letter()).collect();
        assert_eq!(letters, [letter(2, cell, bin), letter(0, cell, bin)]);
        assert_eq!(one.weights, [draw.weight]);
    }
}

#[test]
fn a_context_past_the_ends_is_padded() {
    let dataset = world("padded", SPLIT).open().unwrap();
    let ends =
        [0, bins_per_chromosome() - 1].map(|bin| Draw { sample: Sample { bin: bin as u32, cell: 1 }, weight: 1.0 });
    let batch = BatchBuilder::new(&dataset, &[0], 600).build(&ends, 0);
    assert!(batch.codes[..200].iter().all(|&code| code == base::N) && batch.signal[..200].iter().all(|&x| x == 0.0));
    assert!(batch.codes[200..1000].iter().all(|&code| code != base::N));
    assert!(batch.codes[1000..].iter().all(|&code| code == base::N) && batch.signal[1000..].iter().all(|&x| x == 0.0));
}

#[test]
fn about_half_of_the_samples_are_read_on_the_other_strand() {
    let dataset = world("strands", SPLIT).open().unwrap();
    let draws = draws(&dataset);
    let forward = BatchBuilder::new(&dataset, &[0, 1], 501);
    let both = forward.clone().with_reverse_complement(3);
    let (straight, mixed) = (forward.build(&draws, 5), both.build(&draws, 5));
    let mut reversed = 0;
    for i in 0..draws.len() {
        if part(&mixed, i) != part(&straight, i) {
            assert_eq!(part(&mixed, i), flipped(part(&straight, i)));
            reversed += 1;
        }
    }
    assert!((70..=130).contains(&reversed), "{reversed} of 200");
    assert_eq!(both.build(&draws, 5), mixed);
    assert_ne!(both.build(&draws, 6), mixed);
    assert_ne!(forward.with_reverse_complement(4).build(&draws, 5), mixed);
}

#[test]
fn without_accessibility_there_is_no_signal() {
    let dataset = super::world::world_with("no-signal", "tasks = { per = 'track' }", SPLIT).open().unwrap();
    let batch = BatchBuilder::new(&dataset, &[0], 300).build(&draws(&dataset), 0);
    assert_eq!((batch.codes.len(), batch.signal.len()), (batch.size * 300, 0));
    let empty = BatchBuilder::new(&dataset, &[0], 300).build(&[], 0);
    assert_eq!(empty, HostBatch::default());
}

#[test]
fn batches_built_ahead_are_those_built_at_once() {
    let dataset = world("ahead", SPLIT).open().unwrap();
    let draws = draws(&dataset);
    let builder = BatchBuilder::new(&dataset, &[0, 1, 2], 300).with_reverse_complement(1);
    let batches = || draws.chunks(16).enumerate().map(|(step, draws)| builder.build(draws, step as u64));
    let expected: Vec<_> = batches().collect();
    assert_eq!(prefetch(4, batches(), |ready| ready.collect::<Vec<_>>()), expected);
    assert_eq!(prefetch(4, batches(), |ready| ready.take(2).collect::<Vec<_>>()), expected[..2]);
}
