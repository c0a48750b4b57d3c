//! Boosted trees of yeast factors for `benches/peers/boost.py`, which times XGBoost on the same numbers in alternation.
//!
//! `cargo bench --features boost -- boost-serve DIR` writes features into DIR and waits for factors' names.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use multitf::{
    baseline::{
        BaselineConfig, TrainingSet,
        boost::{BoostConfig, BoostModel},
        features::{FeatureTable, Features},
    },
    data::{Dataset, Sample, Sampler, Split},
    genome::Label,
    metric::Curve,
    train::RunConfig,
};

/// The data to fit and to score on.
struct Work {
    dataset: Dataset,
    folder: PathBuf,
    run: RunConfig,
    valid: Vec<Sample>,
    table: FeatureTable,
}

/// Answers until the input ends: for each factor, a line of JSON.
pub fn answer(folder: &str) {
    let work = Work::new(folder);
    for line in io::stdin().lock().lines() {
        let line = line.expect("the input is text");
        println!("{}", work.fit(line.trim()));
        io::stdout().flush().expect("the output is open");
    }
}

impl Work {
    fn new(folder: &str) -> Self {
        let data = std::env::var_os("MULTITF_DATA").expect("MULTITF_DATA names the folder of real data");
        let dataset = Dataset::open(Path::new(&data).join("yeast/dataset.toml")).expect("the data set can be read");
        let mut run = RunConfig::default();
        run.training.budget = 200_000;
        fs::create_dir_all(folder).expect("the folder can be made");
        let valid = dataset.samples(Split::Valid, run.architecture.context_bp).expect("there are bins");
        let valid: Vec<Sample> = valid.iter().collect();
        let features = Features::new(&dataset, &BaselineConfig::default().features).expect("there are motifs");
        let table = features.table(&valid).expect("motifs have names of their own");
        Self { dataset, folder: folder.into(), run, valid, table }
    }

    fn fit(&self, factor: &str) -> serde_json::Value {
        let task = self.dataset.tasks().iter().position(|task| task.factor == factor);
        let task = task.expect("the data set has the factor");
        let (context_bp, training) = (self.run.architecture.context_bp, &self.run.training);
        let sampler = Sampler::new(&self.dataset, &[task], context_bp, &training.sampler, 0).expect("there are peaks");
        let set = TrainingSet::draw(&sampler, training.budget);
        let labels = set.labels(&self.dataset, task, training.ambiguous);
        let labeled: Vec<Sample> = labels.indices.iter().map(|&index| set.samples()[index]).collect();
        let features = Features::new(&self.dataset, &BaselineConfig::default().features).expect("there are motifs");
        let table = features.table(&labeled).expect("motifs have names of their own");
        let [table, valid] = [&table, &self.table].map(|table| features.columns_for(factor, table));
        let known: Vec<Label> = self.valid.iter().map(|&sample| self.dataset.label(task, sample)).collect();
        write(&self.folder.join("train.x"), rows(&table));
        write(&self.folder.join("valid.x"), rows(&valid));
        write(&self.folder.join("train.y"), labels.bound.iter().map(|&bound| f32::from(u8::from(bound))));
        write(&self.folder.join("train.w"), labels.weights.iter().copied());
        write(&self.folder.join("valid.y"), known.iter().map(|&label| f32::from(label as u8)));
        let config = BoostConfig { rounds: 200, learning_rate: 0.1, ..BoostConfig::default() };
        let start = Instant::now();
        let model = BoostModel::fit(&table, &labels.bound, &labels.weights, None, &config).expect("numbers are finite");
        let seconds = start.elapsed().as_secs_f64();
        let curve = Curve::new(&model.logits(&valid), &known).expect("scores are numbers");
        serde_json::json!({
            "seconds": seconds,
            "average_precision": curve.average_precision(),
            "rows": table.rows(),
            "columns": table.columns().len(),
            "rounds": config.rounds,
            "depth": config.depth,
            "learning_rate": config.learning_rate,
            "lambda": config.lambda,
            "min_child_weight": config.min_child_weight,
        })
    }
}

/// Values row by row.
fn rows(table: &FeatureTable) -> impl Iterator<Item = f32> {
    (0..table.rows()).flat_map(|row| table.columns().iter().map(move |column| column[row]))
}

fn write(path: &Path, values: impl Iterator<Item = f32>) {
    let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    fs::write(path, bytes).expect("the folder can be written");
}
