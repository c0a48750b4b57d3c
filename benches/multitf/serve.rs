//! Timings on request, so that another program can be timed in alternation.

use std::{
    io::{Write, stdin, stdout},
    time::Instant,
};

use burn::{module::Module, tensor::Device};

use crate::{
    scan::World,
    step::{SHAPES, Shape, Training},
};

/// Base pairs of a random genome that is scanned.
const SCANNED_BP: usize = 1_000_000;

/// Answers lines `MODEL WHAT COUNT` (`A step 10`) with the seconds of each run, as JSON, and `MODEL parameters 0` with
/// the number of parameters, and `MODEL bins 0` with the bins of a scan.
pub fn answer() {
    let mut jobs: Vec<(String, Box<dyn FnMut()>)> = Vec::new();
    for line in stdin().lines() {
        let line = line.expect("standard input can be read");
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_else(|| panic!("a request is MODEL WHAT COUNT, found `{line}`"));
        let (name, what, count) = (word(), word(), word());
        let shape = SHAPES.iter().find(|shape| shape.name == name).unwrap_or_else(|| panic!("no model {name}"));
        if what == "parameters" {
            println!("{}", shape.model().num_params());
        } else if what == "bins" {
            println!("{}", World::new(SCANNED_BP).bins());
        } else {
            let key = format!("{name} {what}");
            if !jobs.iter().any(|(known, _)| *known == key) {
                jobs.push((key.clone(), job(shape, what)));
            }
            let (_, run) = jobs.iter_mut().find(|(known, _)| *known == key).expect("just put there");
            let count = count.parse().unwrap_or_else(|error| panic!("{count}: {error}"));
            println!("{:?}", seconds(run, count));
        }
        stdout().flush().expect("standard output can be written");
    }
}

fn job(shape: &'static Shape, what: &str) -> Box<dyn FnMut()> {
    match what {
        "forward" => {
            let (model, input) = (shape.model(), shape.input(&Device::default()));
            Box::new(move || {
                model.bound_log_odds(input.codes.clone(), Some(input.signal.clone())).into_data();
            })
        }
        "step" => {
            let mut training = Training::new(shape);
            Box::new(move || {
                training.step();
            })
        }
        "scan" => {
            let world = World::new(SCANNED_BP);
            Box::new(move || {
                world.scan(shape);
            })
        }
        _ => panic!("no work named {what}: forward, step or scan"),
    }
}

fn seconds(run: &mut dyn FnMut(), count: usize) -> Vec<f64> {
    let timed = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..count).map(timed).collect()
}
