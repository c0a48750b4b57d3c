//! What a run starts with.

use super::{Fit, check::shifted, origin::Origin, start::Start};
use crate::{
    Error, Result,
    data::Sampler,
    nn::{DataSummary, LabelLoss, Model, Network, as_model},
    train::{
        balance::Balance,
        step::{Learner, TaskWatch},
    },
};

impl<'a, N: Network, C: Clone> Fit<'a, N, C> {
    pub(super) fn learner(&mut self, sampler: &Sampler) -> Result<Learner<'a, N>> {
        let training = &self.config.training;
        let network = self.starting_network(sampler)?;
        let of_labels = network.label_loss(&training.loss(self.tasks.len()));
        self.check_outputs(&network, self.loss.is_none().then_some(&of_labels))?;
        self.check_parts(&network)?;
        let watch = self.watch(&network, of_labels.clone(), sampler)?;
        let loss = match self.loss.take() {
            Some((_, loss)) => loss,
            None => Box::new(of_labels),
        };
        let learner = Learner::new(network, loss, watch, training, self.seed, &self.device);
        let learner = match self.penalty.take() {
            Some((_, penalty)) => learner.with_penalty(penalty),
            None => learner,
        };
        Ok(match self.optimizer.take() {
            Some((_, optimizer)) => learner.with_optimizer(optimizer),
            None => learner,
        })
    }

    fn starting_network(&self, sampler: &Sampler) -> Result<N> {
        let started = match &self.origin {
            Origin::Own { network, .. } => network.valid().fork(&self.device),
            Origin::Architecture { start: Some(start), network, .. } => network(self.started(start, sampler)?),
            Origin::Architecture { start: None, network, .. } => {
                let architecture = &self.config.architecture;
                let summary = self.summary(sampler).with_profiles(self.dataset, sampler, architecture);
                return architecture.build(&summary, self.seed, &self.device).map(network);
            }
        };
        // What its training did to the odds is undone in it, and will be again at the end.
        let shifts: Vec<f64> = self.shifts(sampler).iter().map(|shift| -shift).collect();
        shifted(started, &shifts)
    }

    /// The architecture's model with the weights of another.
    fn started(&self, start: &Start, sampler: &Sampler) -> Result<Model> {
        let architecture = &self.config.architecture;
        let config = architecture.configure(&self.summary(sampler), self.seed);
        config.validate()?;
        architecture.precision.check(&self.device)?;
        config.init(&self.device).with_weights_of(&start.name, start.of_tasks(&self.names())?)
    }

    /// What to add to the log-odds of each task, to undo what drawing and weighing did to them. What a loss of one's own does is
    /// not known.
    pub(super) fn shifts(&self, sampler: &Sampler) -> Vec<f64> {
        let weight = if self.loss.is_some() { 0.0 } else { self.config.training.weight_shift() };
        self.tasks.iter().map(|&task| sampler.shift(task) - weight).collect()
    }

    /// What looks at the tasks one by one, if there are several and the loss is one of tasks.
    fn watch(&mut self, network: &N, loss: LabelLoss, sampler: &Sampler) -> Result<Option<TaskWatch<'a>>> {
        let (tasks, balance) = (self.tasks.len(), self.config.training.balance);
        let balancer = match self.balancer.take() {
            Some((_, balancer)) => Some(balancer),
            None => (balance != Balance::Equal && tasks > 1).then(|| {
                let priors: Vec<f64> = self.tasks.iter().map(|&task| sampler.prior(task)).collect();
                balance.init(&priors, self.seed) as Box<_>
            }),
        };
        let has_own_loss = self.loss.is_some() || !loss.is_of_tasks();
        let wants_gradients = balancer.as_ref().is_some_and(|balancer| balancer.wants_gradients());
        let check =
            |works, expected: &str| Error::unless(works, "training.balance".into(), expected, "another balancer");
        check(balancer.is_none() || !has_own_loss, "equal, where the loss is not a sum of the tasks' losses")?;
        let model = as_model(network);
        check(!wants_gradients || model.is_some(), "one of losses, where the network is your own")?;
        let has_members = model.is_some_and(|model| !model.others.is_empty());
        check(!wants_gradients || !has_members, "one of losses, where the model has several members")?;
        let is_linear = model.is_some_and(|model| model.head.linear().is_some());
        check(!wants_gradients || is_linear, "one of losses, where the head is not sigmoid")?;
        Ok((tasks > 1 && !has_own_loss).then_some(TaskWatch { loss, balancer, conflicts: None }))
    }

    /// What the model is made for, but for profiles.
    pub(super) fn summary(&self, sampler: &Sampler) -> DataSummary {
        DataSummary::new(self.dataset, sampler, self.config.training.ambiguous)
    }
}
