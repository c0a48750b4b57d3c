//! The training loop.

use std::{collections::BTreeSet, path::PathBuf, time::Instant};

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use super::{
    OneCycle, RunConfig, Validation,
    checkpoint::{Checkpoint, Identity, State},
    step::Learner,
    stream::BatchStream,
};
use crate::{
    Error, Result,
    data::{BatchBuilder, Dataset, SampleSet, Sampler, Split, prefetch},
    device,
    motif::Motif,
    nn::{Loss, Model, ModelFile, Purpose},
    predict::{TrackPrecision, predict},
};

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Samples drawn so far.
    pub draws: usize,
    /// Samples that may be drawn.
    pub budget: usize,
    /// The last look at the validation split.
    pub validation: Option<&'a Validation>,
}

/// A trained model.
#[derive(Debug)]
pub struct Fitted {
    /// The model with the best validation score, without autodiff.
    pub model: Model,
    /// The looks at the validation split.
    pub history: Vec<Validation>,
    /// The best of their scores: the mean average precision over the tracks with bound bins.
    pub average_precision: f64,
    /// Samples drawn.
    pub draws: usize,
    /// Seconds of training and validation.
    pub seconds: f64,
}

/// Trains a model for some tasks of a data set.
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{data::Dataset, train::{Fit, RunConfig}};
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
/// let fitted = Fit::new(&dataset, &tasks, &RunConfig::default(), 0, &Device::default())
///     .with_folder("out/multi")
///     .run()?;
/// println!("{:.3} after {} samples", fitted.average_precision, fitted.draws);
/// # Ok::<(), multitf::Error>(())
/// ```
pub struct Fit<'a> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    config: &'a RunConfig,
    seed: u64,
    device: Device,
    folder: Option<PathBuf>,
    observer: Box<dyn FnMut(&Progress<'_>) + 'a>,
    loss: Option<(String, Box<dyn Loss + 'a>)>,
    is_audited: bool,
}

impl<'a> Fit<'a> {
    /// Prepares to train one model for `tasks`, as the data set counts them.
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig, seed: u64, device: &Device) -> Self {
        let device = device.clone().inner();
        let observer = Box::new(|_: &Progress<'_>| ());
        Self { dataset, tasks, config, seed, device, folder: None, observer, loss: None, is_audited: true }
    }

    /// Saves checkpoints, `log.tsv` and `config.toml` in a folder, and goes on from there if a run was interrupted. A
    /// run that is finished leaves its best model there as `model.safetensors` (see [`ModelFile`]).
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Calls a function after each step.
    pub fn with_observer(mut self, observer: impl FnMut(&Progress<'_>) + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Minimises a loss of your own, in place of the one that belongs to the head. Its name tells checkpoints apart.
    pub fn with_loss(mut self, name: impl Into<String>, loss: impl Loss + 'a) -> Self {
        self.loss = Some((name.into(), Box::new(loss)));
        self
    }

    /// Leaves out the mask audit, for those who want to see what a wrong mask does.
    pub fn without_audit(mut self) -> Self {
        self.is_audited = false;
        self
    }

    /// Trains until the budget is spent or the validation score has stopped rising.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::NoPositives`] for tasks without a bound bin to
    /// learn from, [`Error::MaskAudit`] if missing labels would have an influence (see
    /// [`MaskAudit`](crate::nn::MaskAudit)), [`Error::EmptySplit`], [`Error::Mismatch`] if the folder holds another run,
    /// [`Error::ScoreNan`] if the training diverged, and what reading and writing can meet.
    pub fn run(mut self) -> Result<Fitted> {
        self.config.validate()?;
        let training = &self.config.training;
        let context_bp = self.config.architecture.context_bp;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, &training.sampler, self.seed)?;
        let valid = self.dataset.samples_of(self.tasks, Split::Valid, context_bp)?;
        let identity = self.identity();
        let mut learner = self.learner(&sampler)?;
        let checkpoint = self.folder.as_deref().map(|folder| Checkpoint::new(folder, identity)).transpose()?;
        let resumed = checkpoint.as_ref().map(|saved| saved.load(&mut learner)).transpose()?.flatten();
        let (state, best) = resumed.unwrap_or_else(|| (State::default(), learner.model.clone()));
        let mut run = Run { learner, best, state, valid, checkpoint };
        if !run.state.finished {
            let builder = BatchBuilder::new(self.dataset, self.tasks, context_bp);
            let builder =
                if training.reverse_complement { builder.with_reverse_complement(self.seed) } else { builder };
            let (size, budget) = (training.batch_size, training.budget);
            let batches = BatchStream::new(&sampler, &builder, size, budget, run.state.draws);
            prefetch(4, batches, |ready| self.train(&mut run, ready))?;
        }
        let shifts: Vec<f64> = self.tasks.iter().map(|&task| sampler.shift(task)).collect();
        let model = shifted(run.best.valid(), &shifts);
        if let Some(folder) = &self.folder {
            self.model_file(&model, &sampler).save(folder.join("model.safetensors"))?;
        }
        Ok(Fitted {
            model,
            average_precision: run.state.stopping.best().unwrap_or_default(),
            draws: run.state.draws,
            seconds: run.state.seconds,
            history: run.state.history,
        })
    }

    fn learner(&mut self, sampler: &Sampler) -> Result<Learner<'a>> {
        let training = &self.config.training;
        let model = self.config.architecture.build(&self.purpose(sampler), self.seed, &self.device)?;
        let loss = match self.loss.take() {
            Some((_, loss)) => loss,
            None => Box::new(training.loss(self.tasks.len()).init(&model.head)),
        };
        Ok(Learner::new(model, loss, training, self.seed, &self.device))
    }

    fn model_file(&self, model: &Model, sampler: &Sampler) -> ModelFile {
        let config = self.config.architecture.configure(&self.purpose(sampler), self.seed);
        ModelFile { config, tasks: self.identity().tasks, model: model.clone() }
    }

    fn purpose(&self, sampler: &Sampler) -> Purpose<'a> {
        let ambiguous = self.config.training.ambiguous;
        Purpose {
            shares: self.tasks.iter().map(|&task| ambiguous.apply(sampler.shares(task))).collect(),
            tracks: usize::from(self.dataset.has_signal()),
            profiles: self.profiles(),
            base_frequencies: self.dataset.genome().base_frequencies(),
        }
    }

    /// All profiles of the data set, those of its own factors first.
    fn profiles(&self) -> Vec<&'a Motif> {
        let Some(motifs) = self.dataset.motifs() else { return Vec::new() };
        let own = self.dataset.tasks().iter().filter_map(|task| motifs.find(&task.factor));
        let own: BTreeSet<&str> = own.map(|motif| motif.id.as_str()).collect();
        let (mut profiles, others): (Vec<&Motif>, Vec<&Motif>) =
            motifs.iter().partition(|motif| own.contains(motif.id.as_str()));
        profiles.extend(others);
        profiles
    }

    fn identity(&self) -> Identity {
        let tasks = self.tasks.iter().map(|&task| self.dataset.tasks()[task].name.clone()).collect();
        let device = device::name(&self.device).to_owned();
        let loss = self.loss.as_ref().map(|(name, _)| name.clone());
        Identity { config: self.config.clone(), seed: self.seed, tasks, device, data: self.dataset.fingerprint(), loss }
    }

    fn train(&mut self, run: &mut Run<'_>, batches: &mut dyn Iterator<Item = crate::data::HostBatch>) -> Result<()> {
        let training = &self.config.training;
        let schedule = OneCycle { peak: training.learning_rate, warmup: training.warmup };
        let (start, before) = (Instant::now(), run.state.seconds);
        let mut losses = Vec::new();
        for host in batches {
            if self.is_audited {
                run.learner.audit(&host)?;
                self.is_audited = false;
            }
            let done = run.state.draws as f64 / training.budget as f64;
            let rate = schedule.rate(done);
            losses.push(run.learner.step(&host, run.state.draws, rate));
            let looks = run.state.draws / training.validate_every;
            run.state.draws += host.size;
            let ends = run.state.draws == training.budget;
            if run.state.draws / training.validate_every > looks || ends {
                let tracks = self.validate(run)?;
                run.state.seconds = before + start.elapsed().as_secs_f64();
                run.look(rate, mean(std::mem::take(&mut losses)), tracks);
                run.state.finished = ends || run.state.stopping.is_over(training.patience);
                run.save()?;
            }
            let (draws, validation) = (run.state.draws, run.state.history.last());
            (self.observer)(&Progress { draws, budget: training.budget, validation });
            if run.state.finished {
                break;
            }
        }
        Ok(())
    }

    /// The average precision of each track; at least one has bound bins.
    fn validate(&self, run: &Run<'_>) -> Result<Vec<TrackPrecision>> {
        let context_bp = self.config.architecture.context_bp;
        let valid = run.valid.clone();
        let predictions = predict(&run.learner.model, self.dataset, self.tasks, valid, context_bp, &self.device);
        let tracks = predictions.average_precisions(self.dataset)?;
        if tracks.iter().all(|track| track.average_precision.is_none()) {
            return Err(Error::EmptySplit {
                split: "validation",
                detail: "no task has a bound bin there, so that nothing says when to stop".into(),
            });
        }
        Ok(tracks)
    }
}

/// A run as it goes.
struct Run<'a> {
    learner: Learner<'a>,
    best: Model,
    state: State,
    valid: SampleSet,
    checkpoint: Option<Checkpoint>,
}

impl Run<'_> {
    fn look(&mut self, learning_rate: f64, training_loss: f64, tracks: Vec<TrackPrecision>) {
        let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
        let average_precision = scored.iter().sum::<f64>() / scored.len() as f64;
        if self.state.stopping.offer(average_precision) {
            self.best = self.learner.model.clone();
        }
        let (draws, seconds) = (self.state.draws, self.state.seconds);
        self.state.history.push(Validation { draws, seconds, learning_rate, training_loss, average_precision, tracks });
    }

    fn save(&self) -> Result<()> {
        self.checkpoint.as_ref().map_or(Ok(()), |saved| saved.save(&self.state, &self.learner, &self.best))
    }
}

/// Undoes what drawing fewer unbound samples did to each task's odds.
fn shifted(mut model: Model, shifts: &[f64]) -> Model {
    if shifts.iter().any(|shift| *shift != 0.0) {
        model.head = model.head.shifted(shifts);
    }
    model
}

/// Losses stay on the device until here, so that no step waits for the host.
fn mean(losses: Vec<Tensor<1>>) -> f64 {
    let count = losses.len() as f64;
    Tensor::cat(losses, 0).into_data().iter::<f64>().sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        path::Path,
    };

    use burn::tensor::Int;

    use super::*;
    use crate::{
        data::{
            Correction,
            simulate::{SimulationConfig, simulate},
            test_folder::TestFolder,
        },
        genome::Label,
        nn::{Architecture, Head, HeadKind, MaskFault, Precision, SigmoidHead},
        train::TrainingConfig,
    };

    fn world(folder: &TestFolder) -> Dataset {
        let config = SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() };
        simulate(&config, folder.path()).unwrap();
        Dataset::open(folder.path().join("dataset.toml")).unwrap()
    }

    fn config() -> RunConfig {
        RunConfig {
            architecture: Architecture { context_bp: 240, motifs: 16, hidden: 16, pool: 74, ..Architecture::default() },
            training: TrainingConfig {
                budget: 4_100,
                batch_size: 64,
                validate_every: 1_000,
                ..TrainingConfig::default()
            },
        }
    }

    fn linear(fitted: &Fitted) -> &burn::nn::Linear {
        let Head::Sigmoid(SigmoidHead { linear }) = &fitted.model.head else { unreachable!() };
        linear
    }

    fn weights(fitted: &Fitted) -> Vec<u8> {
        let mut bytes = Vec::new();
        for tensor in [fitted.model.trunk.conv.weight.val().into_data(), linear(fitted).weight.val().into_data()] {
            bytes.extend_from_slice(tensor.as_bytes());
        }
        bytes
    }

    fn scores(fitted: &Fitted) -> Vec<(usize, f64, f64)> {
        fitted.history.iter().map(|v| (v.draws, v.training_loss, v.average_precision)).collect()
    }

    fn fit<'a>(dataset: &'a Dataset, config: &'a RunConfig, tasks: &'a [usize], seed: u64) -> Fit<'a> {
        Fit::new(dataset, tasks, config, seed, &Device::default())
    }

    #[test]
    fn equal_seeds_give_equal_weights_and_others_do_not() {
        let folder = TestFolder::new("fit-seeds");
        let (dataset, config, tasks) = (world(&folder), config(), [0, 3, 5]);
        let [a, b, c] = [1, 1, 2].map(|seed| fit(&dataset, &config, &tasks, seed).run().unwrap());
        assert_eq!(scores(&a), scores(&b));
        assert!(weights(&a) == weights(&b));
        assert!(weights(&a) != weights(&c));
        assert_eq!((a.draws, a.history.len()), (4_100, 5));
    }

    /// Runs until a number of draws, and is stopped there the hard way.
    fn interrupt(dataset: &Dataset, config: &RunConfig, tasks: &[usize], folder: &Path, at: usize) {
        let stopped = catch_unwind(AssertUnwindSafe(|| {
            fit(dataset, config, tasks, 1)
                .with_folder(folder)
                .with_observer(|progress| assert!(progress.draws < at, "interrupted"))
                .run()
        }));
        assert!(stopped.is_err());
    }

    #[test]
    fn a_resumed_run_equals_an_uninterrupted_one() {
        let folder = TestFolder::new("fit-resume");
        let (dataset, config, tasks) = (world(&folder), config(), [0, 3, 5]);
        let whole = fit(&dataset, &config, &tasks, 1).run().unwrap();
        let run = folder.path().join("run");
        interrupt(&dataset, &config, &tasks, &run, 1_500);
        interrupt(&dataset, &config, &tasks, &run, 3_900);
        let resumed = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
        assert_eq!(scores(&whole), scores(&resumed));
        assert!(weights(&whole) == weights(&resumed));
        let again = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
        assert_eq!(again.history, resumed.history);
        assert!(weights(&again) == weights(&resumed));
        let log = std::fs::read_to_string(run.join("log.tsv")).unwrap();
        assert_eq!(log.lines().count(), 1 + whole.history.len());
        assert_eq!(RunConfig::open(run.join("config.toml")).unwrap(), config);
    }

    #[test]
    fn half_the_bits_cost_less_of_the_score_than_another_seed() {
        let folder = TestFolder::new("fit-precision");
        let (dataset, tasks) = (world(&folder), [0, 3, 5]);
        let score = |precision, seed| {
            let mut config = config();
            config.architecture.precision = precision;
            fit(&dataset, &config, &tasks, seed).run().unwrap().average_precision
        };
        let full = [1, 2, 3].map(|seed| score(Precision::F32, seed));
        let noise = full.iter().copied().fold(0.0, f64::max) - full.iter().copied().fold(1.0, f64::min);
        let half = [Precision::Bf16, Precision::F16].into_iter();
        for precision in half.filter(|half| half.check(&Device::default()).is_ok()) {
            let found = score(precision, 1);
            assert!((found - full[0]).abs() < noise, "{precision:?}: {found}, and in 32 bits {full:?}");
        }
    }

    #[test]
    fn a_folder_of_another_run_is_refused_and_left_alone() {
        let folder = TestFolder::new("fit-other");
        let (dataset, mut config) = (world(&folder), config());
        config.training.budget = 500;
        let run = folder.path().join("run");
        fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap();
        let saved = std::fs::read_to_string(run.join("config.toml")).unwrap();
        let other = RunConfig { training: TrainingConfig { budget: 600, ..config.training.clone() }, ..config.clone() };
        let refused = [fit(&dataset, &other, &[0], 1), fit(&dataset, &config, &[0], 2)];
        let [_, error] = refused.map(|fit| fit.with_folder(&run).run().unwrap_err().to_string());
        assert_eq!(std::fs::read_to_string(run.join("config.toml")).unwrap(), saved);
        assert!(error.ends_with("found another one: choose another folder, or remove this one"), "{error}");
        assert!(fit(&dataset, &config, &[0], 1).with_folder(&run).run().is_ok());
    }

    #[test]
    fn a_loss_without_a_mask_is_not_trained_with_unless_asked_for() {
        let folder = TestFolder::new("fit-audit");
        let (dataset, mut config) = (world(&folder), config());
        config.training.budget = 128;
        config.architecture.head = HeadKind::Softmax { classes: Label::ALL.to_vec() };
        let error = fit(&dataset, &config, &[0, 1], 1).run().unwrap_err();
        assert!(matches!(error, Error::MaskAudit { fault: MaskFault::MissingCounts, .. }), "{error}");
        assert_eq!(fit(&dataset, &config, &[0, 1], 1).without_audit().run().unwrap().draws, 128);
    }

    #[test]
    fn a_loss_of_ones_own_is_minimised_and_tells_runs_apart() {
        let folder = TestFolder::new("fit-loss");
        let (dataset, mut config) = (world(&folder), config());
        config.training.budget = 128;
        let run = folder.path().join("run");
        let all_bound = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| logits.neg().mean();
        let own = || fit(&dataset, &config, &[0], 1).with_loss("all bound", all_bound).without_audit();
        let fitted = own().with_folder(&run).run().unwrap();
        let plain = fit(&dataset, &config, &[0], 1).run().unwrap();
        let bias = |fitted: &Fitted| linear(fitted).bias.as_ref().unwrap().val().into_scalar::<f32>();
        assert!(bias(&fitted) > bias(&plain));
        let error = fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    }

    #[test]
    fn an_output_folder_below_a_file_is_an_error_with_its_path() {
        let folder = TestFolder::new("fit-folder");
        let (dataset, config) = (world(&folder), config());
        let below = folder.write("file", "").join("run");
        let error = fit(&dataset, &config, &[0], 1).with_folder(&below).run().unwrap_err();
        assert!(matches!(&error, Error::Io { path, .. } if *path == below), "{error}");
    }

    #[test]
    fn early_stopping_ends_before_the_budget_and_keeps_the_best() {
        let folder = TestFolder::new("fit-stop");
        let (dataset, mut config) = (world(&folder), config());
        config.training = TrainingConfig { budget: 100_000, patience: 1, learning_rate: 0.3, ..config.training };
        let fitted = fit(&dataset, &config, &[0, 1], 1).run().unwrap();
        assert!(fitted.draws < 100_000);
        let best = fitted.history.iter().map(|v| v.average_precision).fold(0.0, f64::max);
        assert_eq!(fitted.average_precision, best);
    }

    #[test]
    fn without_weights_the_shift_restores_the_odds() {
        let folder = TestFolder::new("fit-shift");
        let (dataset, mut config) = (world(&folder), config());
        config.training.budget = 64;
        config.training.learning_rate = 1e-12;
        let bias = |correction| {
            let mut config = config.clone();
            config.training.sampler.correction = correction;
            let fitted = fit(&dataset, &config, &[0, 1, 2], 1).run().unwrap();
            let bias = linear(&fitted).bias.as_ref().unwrap().val().into_data();
            bias.iter::<f32>().collect::<Vec<_>>()
        };
        for (weighted, shifted) in bias(Correction::Weight).iter().zip(bias(Correction::None)) {
            assert!((weighted - shifted).abs() < 1e-4, "{weighted} {shifted}");
        }
    }

    #[test]
    fn the_saved_model_predicts_what_the_returned_one_does() {
        let folder = TestFolder::new("fit-model");
        let (dataset, mut config, tasks) = (world(&folder), config(), [4, 1]);
        config.training.budget = 500;
        config.training.sampler.correction = Correction::None;
        let run = folder.path().join("run");
        let fitted = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap();
        let saved = ModelFile::open(run.join("model.safetensors"), &Device::default()).unwrap();
        assert_eq!(saved.tasks, tasks.map(|task| dataset.tasks()[task].name.clone()));
        let logits = |model| {
            let samples = dataset.samples(Split::Test, 240).unwrap();
            predict(model, &dataset, &tasks, samples, 240, &Device::default()).logits
        };
        assert_eq!(logits(&saved.model), logits(&fitted.model));
    }
}
