//! A scan predicts what the model does window by window.

use burn::tensor::{Device, Int, Tensor, TensorData};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    data::{Dataset, SignalTransform, Split, context_start},
    genome::{BinGrid, Genome, Interval, SignalTrack, base},
    nn::{
        Adapter, BodyConfig, LastPool, Model, ModelConfig, MotifConvConfig, Network, Pooling, SignalInput, TrunkConfig,
        ops::Strands,
    },
    random::stream,
    simulate::{SimulationConfig, simulate},
    testing::{TestFolder, Wrapped, cases},
};

/// A small model and a small genome.
#[derive(Debug, Clone)]
struct Case {
    trunk: TrunkConfig,
    bin_bp: usize,
    stride_bp: usize,
    lengths: Vec<usize>,
    sizes: (usize, usize),
    seed: u64,
}

/// A body whose receptive field fits into so many pooled positions, if there is one.
fn body(kind: usize, width: usize, pools: usize) -> BodyConfig {
    match kind {
        0 if pools >= 6 => BodyConfig::Plain { channels: 5, blocks: 1, kernel: 3 },
        1 if pools >= 13 => BodyConfig::Dilated { channels: 4, layers: 2, kernel: 3 },
        1 if pools >= 5 => BodyConfig::Dilated { channels: 4, layers: 1, kernel: 3 },
        2 if width > 3 => BodyConfig::Parallel { widths: vec![width - 2, width - 3] },
        _ => BodyConfig::Shallow,
    }
}

prop_compose! {
    fn any_case()(
        (motifs, width, positions) in (1_usize..7, 1_usize..7, 1_usize..60),
        (pools, kind, pooling) in (0_usize..18, 0_usize..4, 0_usize..4),
        (signal, [both, dropped], hidden) in (0_usize..3, any::<[bool; 2]>(), 0_usize..2),
        (bin_bp, stride_bp) in (1_usize..30, 1_usize..14),
        lengths in prop::collection::vec(1_usize..160, 1..4),
        sizes in (1_usize..9, 1_usize..4),
        seed in any::<u64>(),
    ) -> Case {
        let context_bp = positions + width - 1;
        // Pools that divide the stride, pools that do not, and one pool over all.
        let pool = if pools == 0 { 0 } else { positions.div_ceil(pools) };
        let pools = positions.checked_div(pool).unwrap_or(1);
        let signal = match signal {
            0 => SignalInput::Absent,
            1 => SignalInput::Channels,
            _ => SignalInput::Means((1..=6).rev().find(|count| context_bp % count == 0).unwrap()),
        };
        let conv = MotifConvConfig::new(motifs, width)
            .with_channels(usize::from(signal == SignalInput::Channels))
            .with_strands(if both { Strands::Both } else { Strands::Forward })
            .with_seed(seed);
        let pooling = [Pooling::Flatten, Pooling::Max, Pooling::Average, Pooling::Attention][pooling];
        let trunk = TrunkConfig::new(context_bp, conv)
            .with_pool(pool)
            .with_last_pool(if dropped { LastPool::Dropped } else { LastPool::Shorter })
            .with_body(body(kind, width, pools))
            .with_pooling(pooling)
            .with_signal(signal)
            .with_hidden(9 * hidden);
        trunk.validate().unwrap();
        Case { trunk, bin_bp, stride_bp, lengths, sizes, seed }
    }
}

impl Case {
    fn genome(&self) -> Genome {
        let mut random = stream(&[self.seed, 1]);
        let mut sequence = |length| -> String { (0..length).map(|_| random.random_range(0..5)).map(letter).collect() };
        let sequences: Vec<_> =
            self.lengths.iter().enumerate().map(|(i, &length)| (i.to_string(), sequence(length))).collect();
        Genome::from_sequences(sequences).unwrap()
    }

    fn signal(&self, genome: &Genome) -> SignalTrack {
        let mut random = stream(&[self.seed, 2]);
        let places = (0..genome.len()).flat_map(|c| (0..genome.length(c)).map(move |start| (c, start)));
        let runs = places.map(|(chromosome, start)| {
            (Interval { chromosome, start, end: start + 1 }, random.random_range(0.0..30.0_f32))
        });
        SignalTrack::from_runs(genome, runs).unwrap()
    }

    fn model(&self) -> Model {
        let adapter = [Adapter::None, Adapter::Linear, Adapter::Hidden(2)][(self.seed % 3) as usize];
        let config = ModelConfig::new(self.trunk.clone(), 3).with_adapter(adapter);
        let mut model = config.with_members(1 + (self.seed % 2) as usize).init(&Device::default());
        if let Some(adapters) = &mut model.adapters {
            adapters.weight = adapters.weight.clone().map(|weight| weight + 0.5);
        }
        if !self.seed.is_multiple_of(5) {
            return model;
        }
        let part = |tasks: Vec<usize>| (model.select_tasks(&tasks).unwrap(), tasks);
        Model::joined(&[part(vec![2, 0]), part(vec![1])]).unwrap()
    }
}

fn letter(code: u8) -> char {
    char::from(base::to_ascii(code))
}

/// All bins, each by its own window.
fn window_by_window(model: &Model, context_bp: usize, source: ScanSource<'_>) -> Vec<f32> {
    let device = Device::default();
    let windows = (0..source.grid.len()).map(|bin| {
        let interval = source.grid.interval(bin);
        let start = context_start(interval, context_bp);
        let (mut codes, mut signal) = (vec![0; context_bp], vec![0.0; context_bp]);
        source.genome.decode(interval.chromosome, start, &mut codes);
        source.fill_signal(interval.chromosome, start, &mut signal);
        (codes.into_iter().map(i32::from).collect::<Vec<_>>(), signal)
    });
    let (codes, signal): (Vec<_>, Vec<_>) = windows.unzip();
    let codes = TensorData::new(codes.concat(), [source.grid.len(), context_bp]);
    let signal = TensorData::new(signal.concat(), [source.grid.len(), 1, context_bp]);
    let signal = source.has_signal().then(|| Tensor::from_data(signal, &device));
    let scores = model.bound_log_odds(Tensor::<2, Int>::from_data(codes, &device), signal);
    scores.into_data().iter::<f32>().collect()
}

fn scanned<N: Network>(scan: &GenomeScan<'_, N>) -> Vec<f32> {
    let mut all = Vec::new();
    let mut next = None;
    scan.run(|part| {
        assert_eq!(part.bins.start, next.unwrap_or(part.bins.start));
        next = Some(part.bins.end);
        all.extend(part.log_odds);
        Ok(())
    })
    .unwrap();
    all
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= 1e-5 + 1e-5 * expected.abs(), "{index}: {expected}, found {found}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_scan_predicts_each_bin_like_its_window_alone(case in any_case()) {
        let (genome, model, context_bp) = (case.genome(), case.model(), case.trunk.context_bp);
        let grid = BinGrid::new(&genome, case.bin_bp, case.stride_bp).unwrap();
        prop_assume!(!grid.is_empty());
        let track = case.signal(&genome);
        let source = ScanSource::new(&genome, &grid);
        let reads_signal = case.trunk.signal != SignalInput::Absent;
        let source = if reads_signal { source.with_signal(&track, SignalTransform::Log1p) } else { source };
        let expected = window_by_window(&model, context_bp, source);
        let scan = GenomeScan::new(&model, source, &Device::default()).unwrap();
        let whole = scanned(&scan);
        assert_close(&whole, &expected);
        let (batch, batches) = case.sizes;
        let [small, large] = [batches, 100].map(|batches| scanned(&scan.clone().with_sizes(batch, batches)));
        prop_assert_eq!(&small, &large, "the size of a stretch");
        assert_close(&small, &expected);
        let shards = (1..=3).map(|index| Shard::new(index, 3).unwrap());
        let shards = shards.map(|shard| scan.clone().with_sizes(batch, batches).with_shard(shard));
        prop_assert_eq!(&small, &shards.flat_map(|scan| scanned(&scan)).collect::<Vec<_>>(), "shards");
        assert_close(&scanned(&scan.with_tensor_operations()), &expected);
        let own = Wrapped { model };
        let scan = GenomeScan::new(&own, source, &Device::default()).unwrap().with_sizes(batch, batches);
        assert_close(&scanned(&scan), &expected);
    }
}

#[test]
fn samples_close_together_and_far_apart_have_the_predictions_of_their_windows() {
    let folder = TestFolder::new("scan");
    simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
    let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
    let (device, tasks, context_bp) = (Device::default(), [0, 1, 2], 300);
    // As the default architecture: a pool that does not divide the stride.
    let trunk =
        TrunkConfig::new(context_bp, MotifConvConfig::new(20, 19)).with_pool(94).with_signal(SignalInput::Means(6));
    let model = ModelConfig::new(trunk, tasks.len()).init(&device);
    let samples = dataset.samples(Split::Test, context_bp).unwrap();
    assert!(samples.cell_ranges().count() > 1);
    let predictions = predict_samples(&model, &dataset, &tasks, samples).unwrap();
    // A network of another kind is never scanned.
    let own = Wrapped { model };
    let windows = predict_samples(&own, &dataset, &tasks, predictions.samples.clone()).unwrap();
    for cell in 0..dataset.cells().len() {
        let scan = GenomeScan::new(&own.model, ScanSource::from_dataset(&dataset, cell), &device).unwrap();
        let of_cell = |(_, sample): &(usize, crate::data::Sample)| usize::from(sample.cell) == cell;
        let bins: Vec<usize> =
            predictions.samples.iter().enumerate().filter(of_cell).map(|(_, sample)| sample.bin as usize).collect();
        assert!(scan.pays(&bins) && !scan.pays(&bins[..1]), "{} bins", bins.len());
        let all = scanned(&scan);
        assert_eq!(all.len(), scan.bins() * tasks.len());
        for (index, sample) in predictions.samples.iter().enumerate().filter(of_cell) {
            let row = |logits: &[Vec<f32>]| logits.iter().map(|logits| logits[index]).collect::<Vec<f32>>();
            let found = row(&predictions.logits);
            assert_close(&found, &row(&windows.logits));
            assert_close(&found, &all[sample.bin as usize * tasks.len()..][..tasks.len()]);
        }
    }
}

#[test]
fn a_scan_goes_on_after_the_bins_that_are_done_and_leaves_out_chromosomes() {
    let sequences = ["a", "b", "c"].map(|name| (name, "GATTACAT".repeat(20)));
    let genome = Genome::from_sequences(sequences).unwrap();
    let grid = BinGrid::new(&genome, 20, 5).unwrap();
    let (device, each) = (Device::default(), grid.len() / 3);
    let model = ModelConfig::new(TrunkConfig::new(30, MotifConvConfig::new(4, 6)), 2).init(&device);
    let scan = GenomeScan::new(&model, ScanSource::new(&genome, &grid), &device).unwrap().with_sizes(3, 2);
    let (scan, whole) = (scan.clone().with_chromosomes(&[2, 0]), scanned(&scan));
    let expected = [&whole[..2 * each], &whole[4 * each..]].concat();
    assert_eq!(scan.bins(), 2 * each);
    let log_odds = |scan: GenomeScan<'_>| {
        let mut found = Vec::new();
        scan.run(|part| {
            found.extend(part.log_odds);
            Ok(())
        })
        .unwrap();
        found
    };
    for done in [0, 1, 6, each, each + 4, 2 * each] {
        assert_eq!(log_odds(scan.clone().skipping(done)), expected[2 * done..], "after {done}");
    }
    let shard = Shard::new(2, 3).unwrap();
    let (scan, bins) = (scan.with_shard(shard), shard.range(2 * each));
    assert_eq!(scan.bins(), bins.len());
    assert_eq!(log_odds(scan.clone()), expected[2 * bins.start..2 * bins.end]);
    assert_eq!(log_odds(scan.skipping(3)), expected[2 * (bins.start + 3)..2 * bins.end]);
}

#[test]
fn a_model_that_reads_a_signal_refuses_a_source_without() {
    let genome = Genome::from_sequences([("a", "ACGT")]).unwrap();
    let grid = BinGrid::new(&genome, 2, 1).unwrap();
    let trunk = TrunkConfig::new(4, MotifConvConfig::new(1, 2)).with_signal(SignalInput::Means(2));
    let model = ModelConfig::new(trunk, 1).init(&Device::default());
    let error = GenomeScan::new(&model, ScanSource::new(&genome, &grid), &Device::default()).unwrap_err();
    assert_eq!(error.to_string(), "the tracks of accessibility that the model reads: expected 1, found none");
}

#[test]
fn a_model_of_two_signal_tracks_is_refused() {
    let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(20))]).unwrap();
    let grid = BinGrid::new(&genome, 20, 5).unwrap();
    let signal = SignalTrack::from_runs(&genome, [(Interval { chromosome: 0, start: 0, end: 140 }, 1.0)]).unwrap();
    let source = || ScanSource::new(&genome, &grid).with_signal(&signal, SignalTransform::None);
    let model = |channels: usize| {
        let conv = MotifConvConfig::new(4, 5).with_channels(channels);
        let trunk = TrunkConfig::new(30, conv).with_signal(SignalInput::Channels).with_tracks(channels);
        ModelConfig::new(trunk, 2).init(&Device::default())
    };
    let scan = |model: &Model| GenomeScan::new(model, source(), &Device::default());
    assert!(scan(&model(1)).is_ok());
    let error = scan(&model(2)).unwrap_err().to_string();
    assert_eq!(error, "the tracks of accessibility that the model reads: expected 2, found 1");
    let means = TrunkConfig::new(30, MotifConvConfig::new(4, 5)).with_signal(SignalInput::Means(3)).with_tracks(2);
    let error = scan(&ModelConfig::new(means, 2).init(&Device::default())).unwrap_err().to_string();
    assert_eq!(error, "the tracks of accessibility that the model reads: expected 2, found 1");
}

#[test]
fn bins_and_signals_of_another_genome_are_refused() {
    let genome =
        |length: usize| Genome::from_sequences([("chr1", "A".repeat(length)), ("chr2", "A".repeat(90))]).unwrap();
    let (one, other) = (genome(140), genome(145));
    let grid = |genome: &Genome| BinGrid::new(genome, 20, 5).unwrap();
    let model = ModelConfig::new(TrunkConfig::new(30, MotifConvConfig::new(4, 5)), 2).init(&Device::default());
    let refusal = |source: ScanSource<'_>| GenomeScan::new(&model, source, &Device::default()).unwrap_err().to_string();
    let found = refusal(ScanSource::new(&one, &grid(&other)));
    assert_eq!(found, "the bins: expected 40 on the genome, found 41: are they of another genome?");
    let (bins, signal) = (grid(&one), SignalTrack::from_runs(&other, []).unwrap());
    let found = refusal(ScanSource::new(&one, &bins).with_signal(&signal, SignalTransform::None));
    let expected = "the signal: expected 2 chromosomes of 230 bases, found 2 chromosomes of 235 bases";
    assert_eq!(found, format!("{expected}: are they of another genome?"));
    let signal = SignalTrack::from_runs(&one, []).unwrap();
    assert!(
        GenomeScan::new(
            &model,
            ScanSource::new(&one, &bins).with_signal(&signal, SignalTransform::None),
            &Device::default()
        )
        .is_ok()
    );
}

#[test]
fn a_scan_reads_accessibility_through_the_transform_of_training() {
    let folder = TestFolder::new("predict-transform");
    simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
    let path = folder.path().join("dataset.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let device = Device::default();
    for transform in ["log1p", "none", "quantile"] {
        let accessibility = format!("[accessibility]\ntransform = '{transform}'");
        std::fs::write(&path, text.replace("[accessibility]", &accessibility)).unwrap();
        let dataset = Dataset::open(&path).unwrap();
        let trunk = TrunkConfig::new(240, MotifConvConfig::new(4, 19)).with_signal(SignalInput::Means(6));
        let model = ModelConfig::new(trunk, 2).init(&device);
        let samples = dataset.samples(Split::Valid, 240).unwrap();
        let found = predict_samples(&model, &dataset, &[0, 1], samples.clone()).unwrap();
        // A network of another kind is never scanned.
        let windows = predict_samples(&Wrapped { model }, &dataset, &[0, 1], samples).unwrap();
        (0..2).for_each(|task| assert_close(&found.logits[task], &windows.logits[task]));
    }
    // A track of which nothing says how rare its values are.
    let dataset = Dataset::open(&path).unwrap();
    let signal = dataset.signal(0).unwrap();
    let source = ScanSource::new(dataset.genome(), dataset.grid()).with_signal(signal, SignalTransform::Quantile);
    let error = source.check().unwrap_err().to_string();
    assert_eq!(error, "the signal: expected its quantile map, for that transform, found none");
}
