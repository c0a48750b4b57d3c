//! Custom networks, losses, penalties, balancers, schedules and optimizers.

use burn::{optim::ModuleOptimizer, tensor::Tensor};

use super::{Fit, network_source::NetworkSource};
use crate::{
    nn::{Loss, Network},
    train::{Schedule, balance::TaskBalancer},
};

impl<'a> Fit<'a> {
    /// Trains a custom [`Network`] from its present weights. The configuration's architecture is not used: the context
    /// is the network's, and its tasks are those of the run, in this order. Its name and weights identify checkpoints:
    /// a run resumes if its network has the same initial weights again, which `Device::seed` before its creation
    /// ensures.
    ///
    /// The result is never worse than it on the validation split. There is no
    /// [`ConflictMap`](crate::train::ConflictMap) and no balancer of gradients. [`Network::shifted`] undoes the effect
    /// of sampling and `bound_weight` on the odds; a network without it needs `correction = "weight"` and a
    /// `bound_weight` of 1. The mask audit refuses layers that mix the samples of a batch, such as batch normalisation,
    /// since samples without labels have an influence there ([`without_audit`](Self::without_audit) trains them).
    ///
    /// # Panics
    ///
    /// Panics if called after [`with_pretrained`](Self::with_pretrained) or [`with_penalty`](Self::with_penalty), which
    /// are for another model.
    ///
    /// # Examples
    ///
    /// A custom body between [`MotifConv`](crate::nn::MotifConv) and a head:
    ///
    /// ```
    /// use burn::{
    ///     module::Module,
    ///     nn::conv::{Conv1d, Conv1dConfig},
    ///     tensor::{Device, Int, Tensor, activation::relu},
    /// };
    /// use multitf::{
    ///     data::Dataset, simulate::{SimulationConfig, simulate},
    ///     nn::{MotifConv, MotifConvConfig, Network, NetworkFile, SigmoidHead, SigmoidHeadConfig, TaskHead},
    ///     train::{Fit, RunConfig},
    /// };
    ///
    /// #[derive(Module, Debug)]
    /// struct Widening {
    ///     motifs: MotifConv,
    ///     body: Conv1d,
    ///     head: SigmoidHead,
    /// }
    ///
    /// impl Widening {
    ///     fn new(tasks: usize, device: &Device) -> Self {
    ///         Self {
    ///             motifs: MotifConvConfig::new(8, 11).init(device),
    ///             body: Conv1dConfig::new(8, 12, 3).init(device),
    ///             head: SigmoidHeadConfig::new(12, tasks).init(device),
    ///         }
    ///     }
    /// }
    ///
    /// impl Network for Widening {
    ///     fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
    ///         let motifs = self.motifs.forward(codes, None, 10);
    ///         let features = relu(self.body.forward(motifs)).max_dim(2).squeeze_dim(2);
    ///         self.head.forward(features)
    ///     }
    ///
    ///     fn context_bp(&self) -> usize {
    ///         240
    ///     }
    ///
    ///     fn tasks(&self) -> usize {
    ///         self.head.linear.weight.dims()[1]
    ///     }
    /// }
    ///
    /// let folder = std::env::temp_dir().join(format!("multitf-doc-network-{}", std::process::id()));
    /// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
    /// let dataset = Dataset::open(folder.join("dataset.toml"))?;
    /// let (tasks, device, config) = ([0, 3], Device::default(), RunConfig::default().with_budget(256));
    /// let fitted = Fit::new(&dataset, &tasks, &config, 0, &device)
    ///     .with_network("widening", Widening::new(tasks.len(), &device))
    ///     .with_penalty("small motifs", |network| network.motifs.weight.val().abs().mean() * 1e-3)
    ///     .run()?;
    /// fitted.to_file().save(folder.join("widening.safetensors"))?;
    /// let new = |tasks: &[String]| Widening::new(tasks.len(), &device);
    /// let opened = NetworkFile::open(folder.join("widening.safetensors"), "widening", new, &device)?;
    /// assert_eq!(opened.tasks, fitted.tasks);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_network<N: Network>(self, name: impl Into<String>, network: N) -> Fit<'a, N, String> {
        let is_new = !self.source.has_weights() && self.penalty.is_none();
        assert!(is_new, "with_network comes before with_pretrained and with_penalty");
        Fit {
            dataset: self.dataset,
            tasks: self.tasks,
            config: self.config,
            seed: self.seed,
            device: self.device,
            folder: self.folder,
            observer: self.observer,
            source: NetworkSource::from_network(name.into(), network),
            loss: self.loss,
            penalty: None,
            balancer: self.balancer,
            schedule: self.schedule,
            optimizer: self.optimizer,
            needs_audit: self.needs_audit,
        }
    }
}

impl<'a, N: Network, C: Clone> Fit<'a, N, C> {
    /// Minimises a custom loss in place of the head's. Weights of bound labels and smoothing are then up to it, and
    /// their effect on probabilities stays. Its name identifies checkpoints. The mask audit refuses a loss that mixes
    /// labels and does not [say so](Loss::mixes_labels).
    pub fn with_loss(mut self, name: impl Into<String>, loss: impl Loss + 'a) -> Self {
        self.loss = Some((name.into(), Box::new(loss)));
        self
    }

    /// Weighs tasks by a custom balancer in place of the configuration's. Its name identifies checkpoints.
    pub fn with_balancer(mut self, name: impl Into<String>, balancer: impl TaskBalancer + 'a) -> Self {
        self.balancer = Some((name.into(), Box::new(balancer)));
        self
    }

    /// Adds a penalty on the network, one number `[1]`, to the minimised and the reported losses. Its name identifies
    /// checkpoints.
    ///
    /// # Examples
    ///
    /// Sparse motifs (an L1 norm):
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, train::{Fit, RunConfig}};
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let fitted = Fit::new(&dataset, &[3], &RunConfig::default(), 0, &Device::default())
    ///     .with_penalty("motifs L1 1e-4", |model| model.trunk.conv.weight.val().abs().sum() * 1e-4)
    ///     .run()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_penalty(mut self, name: impl Into<String>, penalty: impl Fn(&N) -> Tensor<1> + 'a) -> Self {
        self.penalty = Some((name.into(), Box::new(penalty)));
        self
    }

    /// Follows a custom learning rate in place of the configuration's cycle; its `learning_rate` and `warmup` are not
    /// used. The name identifies checkpoints.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, train::{Fit, RunConfig}};
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let fitted = Fit::new(&dataset, &[3], &RunConfig::default(), 0, &Device::default())
    ///     .with_schedule("linear to 0", |done: f64| 1e-3 * (1.0 - done))
    ///     .run()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_schedule(mut self, name: impl Into<String>, schedule: impl Schedule + 'a) -> Self {
        self.schedule = Some((name.into(), Box::new(schedule)));
        self
    }

    /// Steps with a custom optimizer in place of [`AdamW`](crate::train::AdamW); the configuration's `weight_decay` is
    /// not used. Its name identifies checkpoints, which keep its state.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::{optim::{SgdConfig, momentum::MomentumConfig}, tensor::Device};
    /// use multitf::{data::Dataset, train::{Fit, RunConfig}};
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let sgd = SgdConfig::new().with_momentum(Some(MomentumConfig::new()));
    /// let fitted = Fit::new(&dataset, &[3], &RunConfig::default(), 0, &Device::default())
    ///     .with_optimizer("SGD with momentum", sgd.init())
    ///     .with_schedule("constant", |_: f64| 0.01)
    ///     .run()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_optimizer(mut self, name: impl Into<String>, optimizer: impl Into<ModuleOptimizer>) -> Self {
        self.optimizer = Some((name.into(), optimizer.into()));
        self
    }
}
