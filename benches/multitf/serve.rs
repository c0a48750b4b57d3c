//! Timings on request, so that another program can be timed in alternation.

use std::{
    io::{Write, stdin, stdout},
    time::Instant,
};

use burn::{module::Module, tensor::Device};
use multitf::{
    data::{Batch, SignalTransform},
    device,
    explain::{Mutagenesis, VariantScorer},
    genome::base,
    nn::{LabelLossConfig, MaskAudit, ModelFile},
    predict::Predictor,
};

use crate::{
    fed::{FedModel, FedTraining},
    scan::World,
    step::{C1000, SHAPES, Shape, Training},
};

/// Base pairs of a random genome that is scanned.
const SCANNED_BP: usize = 1_000_000;

/// Sequences in which each base is changed.
const MUTATED: usize = 8;

/// Variants that are scored.
const VARIANTS: usize = 1_000;

/// Work that is done a number of times and gives the seconds of each.
type Job = Box<dyn FnMut(usize) -> Vec<f64>>;

/// Answers lines `MODEL WHAT COUNT` (`A step 10`) with the seconds of each run, as JSON.
///
/// - `forward` and `step` find their batch on the device.
/// - `predict` and `train` copy it there first, as base codes, and read back predictions or a loss.
/// - `fit` is COUNT of the latter, without waiting for the device in between: one time for all.
/// - `scan` goes over a genome.
/// - `audit` tests the mask.
/// - `one` predicts one sequence of letters, on one thread.
/// - `mutate` changes each base of some sequences to every other, and `brute` does so by scoring each anew.
/// - `variants` scores changes of one base of a genome, on both strands.
///
/// A fourth word is the size of the batch, the length of the genome, or the number of variants. `MODEL parameters 0`
/// gives the number of parameters, `MODEL bins 0` the bins of a scan, and `MODEL device 0` the name of the device.
pub fn answer() {
    let mut jobs: Vec<(String, Job)> = Vec::new();
    for line in stdin().lines() {
        let line = line.expect("standard input can be read");
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("a request is MODEL WHAT COUNT, found `{line}`"));
        let (name, what, count) = (word(), word(), number(word()));
        let size = words.next().map(number);
        let mut shapes = SHAPES.iter().chain([&C1000]);
        let shape = shapes.find(|shape| shape.name == name).unwrap_or_else(|| panic!("no model {name}"));
        match what {
            "device" => println!("{:?}", device::name(&Device::default())),
            "parameters" => println!("{}", shape.model().num_params()),
            "bins" => println!("{}", World::new(size.unwrap_or(SCANNED_BP)).bins()),
            _ => {
                let key = format!("{name} {what} {size:?}");
                if !jobs.iter().any(|(known, _)| *known == key) {
                    jobs.push((key.clone(), job(shape, what, size)));
                }
                let (_, run) = jobs.iter_mut().find(|(known, _)| *known == key).expect("just put there");
                println!("{:?}", run(count));
            }
        }
        stdout().flush().expect("standard output can be written");
    }
}

fn number(word: &str) -> usize {
    word.parse().unwrap_or_else(|error| panic!("{word}: {error}"))
}

fn job(shape: &Shape, what: &str, size: Option<usize>) -> Job {
    let mut sized = shape.clone();
    sized.batch = size.unwrap_or(shape.batch);
    match what {
        "forward" => {
            let (model, input) = (sized.model(), sized.input(&Device::default()));
            each(move || {
                model.bound_log_odds(input.codes.clone(), Some(input.signal.clone())).into_data();
            })
        }
        "step" => {
            let mut training = Training::new(&sized);
            each(move || {
                training.step();
            })
        }
        "predict" => {
            let model = FedModel::new(&sized);
            each(move || model.predict())
        }
        "train" => {
            let mut training = FedTraining::new(&sized);
            each(move || {
                training.steps(1);
            })
        }
        "fit" => {
            let mut training = FedTraining::new(&sized);
            Box::new(move |count| {
                vec![seconds(|| {
                    training.steps(count);
                })]
            })
        }
        "scan" => {
            let (world, shape) = (World::new(size.unwrap_or(SCANNED_BP)), shape.clone());
            each(move || {
                world.scan(&shape);
            })
        }
        "audit" => {
            let (model, batch) = (sized.model(), Batch::new(&sized.host(), &Device::default()));
            let (loss, batch) = (LabelLossConfig::new().init(&model.head), batch.expect("the parts are of one shape"));
            each(move || {
                MaskAudit::run(&model, &loss, &batch).expect("the mask is right");
            })
        }
        "one" => {
            sized.batch = 1;
            let host = sized.host();
            let letters: Vec<u8> = host.codes.iter().map(|code| base::to_ascii(*code)).collect();
            let mut predictor = Predictor::new(&sized.model(), SignalTransform::None).expect("it reads one track");
            each(move || {
                predictor.predict(&letters, Some(&host.signal)).expect("the sequence fits the model");
            })
        }
        "mutate" => mutagenesis(sized, |file| Mutagenesis::new(file)),
        "brute" => mutagenesis(sized, |file| Mutagenesis::by_brute_force(file)),
        "variants" => variants(shape, size.unwrap_or(VARIANTS)),
        _ => panic!(
            "no work named {what}: forward, step, predict, train, fit, scan, audit, one, mutate, brute or variants"
        ),
    }
}

/// Saturation mutagenesis of some sequences.
fn mutagenesis(mut shape: Shape, make: fn(&ModelFile) -> multitf::Result<Mutagenesis<'_>>) -> Job {
    shape.batch = MUTATED;
    let (host, context_bp) = (shape.host(), shape.context_bp);
    let letters: Vec<u8> = host.codes.iter().map(|code| base::to_ascii(*code)).collect();
    let signal: Vec<Vec<f32>> = host.signal.chunks_exact(context_bp).map(<[f32]>::to_vec).collect();
    let file = file(&shape);
    each(move || {
        let sequences: Vec<&[u8]> = letters.chunks_exact(context_bp).collect();
        let mutagenesis = make(&file).expect("the model reads one track");
        mutagenesis.sequences(&sequences, Some(&signal)).expect("the sequences fit the model");
    })
}

/// Changes of one base of a random genome, on both strands.
fn variants(shape: &Shape, count: usize) -> Job {
    let (world, file) = (World::new(SCANNED_BP), file(shape));
    let variants = world.variants(count);
    each(move || {
        let scorer = VariantScorer::new(&file).expect("the model reads one track");
        let effects = scorer.score(world.source(), &variants).expect("the world fits the model");
        assert!(effects.iter().all(Result::is_ok), "the variants are of the genome");
    })
}

/// A model of random weights, with names for its tasks.
fn file(shape: &Shape) -> ModelFile {
    let tasks = (0..shape.tasks).map(|task| task.to_string()).collect();
    ModelFile { config: shape.config(), tasks, inputs: None, model: shape.model() }
}

/// Repeats a run, and times each.
fn each(mut run: impl FnMut() + 'static) -> Job {
    Box::new(move |count| (0..count).map(|_| seconds(&mut run)).collect())
}

/// The seconds of a run, until the device has done all of it: a reading can come back before the work that was put in
/// the queue after it.
fn seconds(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    Device::default().sync().expect("the device did its work");
    start.elapsed().as_secs_f64()
}
