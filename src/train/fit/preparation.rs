//! What a run prepares before its first step.

use super::{Fit, network_source::NetworkSource, pretrained::Pretrained};
use crate::{
    Error, Result,
    data::Sampler,
    nn::{DataSummary, LabelLoss, Model, Network, as_model},
    train::{
        balance::Balance,
        learner::{Learner, Objective},
    },
};

impl<'a, N: Network, C: Clone> Fit<'a, N, C> {
    pub(super) fn learner(&mut self, sampler: &Sampler) -> Result<Learner<'a, N>> {
        let training = &self.config.training;
        let network = self.initial_network(sampler)?;
        let label_loss = network.label_loss(&training.loss(self.tasks.len()));
        self.check_outputs(&network, self.loss.is_none().then_some(&label_loss))?;
        self.check_parts(&network)?;
        let objective = self.objective(&network, label_loss, sampler)?;
        let mut learner = Learner::new(network, objective, training, self.seed, &self.device);
        learner.penalty = self.penalty.take().map(|(_, penalty)| penalty);
        if let Some((_, optimizer)) = self.optimizer.take() {
            learner.optimizer = optimizer;
        }
        Ok(learner)
    }

    fn initial_network(&self, sampler: &Sampler) -> Result<N> {
        let trained = match &self.source {
            NetworkSource::Custom { network, .. } => network.valid().fork(&self.device),
            NetworkSource::Architecture { pretrained: Some(pretrained), into_network, .. } => {
                into_network(self.pretrained_model(pretrained, sampler)?)
            }
            NetworkSource::Architecture { pretrained: None, into_network, .. } => {
                let architecture = &self.config.architecture;
                let summary = self.summary(sampler).with_profiles(self.dataset, sampler, architecture);
                return architecture.build(&summary, self.seed, &self.device).map(into_network);
            }
        };
        // The odds become those of the sampled data, which the end of the run undoes.
        let shifts: Vec<f64> = self.shifts(sampler).iter().map(|shift| -shift).collect();
        Self::shifted(trained, &shifts)
    }

    /// The architecture's model with pretrained weights.
    fn pretrained_model(&self, pretrained: &Pretrained, sampler: &Sampler) -> Result<Model> {
        let architecture = &self.config.architecture;
        let config = architecture.configure(&self.summary(sampler), self.seed);
        config.validate()?;
        architecture.precision.check(&self.device)?;
        config.init(&self.device).with_weights_of(&pretrained.name, pretrained.for_tasks(&self.names())?)
    }

    /// What undoes the effect of sampling and of weights on the log-odds of each task. The effect of a custom loss is
    /// unknown.
    pub(super) fn shifts(&self, sampler: &Sampler) -> Vec<f64> {
        let weight = if self.loss.is_some() { 0.0 } else { self.config.training.weight_shift() };
        self.tasks.iter().map(|&task| sampler.logit_shift(task) - weight).collect()
    }

    /// Adds constants to the log-odds, to undo or redo what training does to the odds.
    pub(super) fn shifted(network: N, shifts: &[f64]) -> Result<N> {
        if shifts.iter().all(|shift| *shift == 0.0) {
            return Ok(network);
        }
        network.shifted(shifts).ok_or_else(|| Error::Mismatch {
            what: "the odds that training.sampler.correction = \"none\" or training.bound_weight change".into(),
            expected: "a network that undoes it (Network::shifted), or correction = \"weight\" and bound_weight = 1"
                .into(),
            found: "a network that cannot".into(),
        })
    }

    /// What the run minimises: the loss is split by task if there are several and it is a sum of theirs.
    fn objective(&mut self, network: &N, label_loss: LabelLoss, sampler: &Sampler) -> Result<Objective<'a>> {
        let (tasks, balance) = (self.tasks.len(), self.config.training.balance);
        let balancer = match self.balancer.take() {
            Some((_, balancer)) => Some(balancer),
            None => (balance != Balance::Equal && tasks > 1).then(|| {
                let priors: Vec<f64> = self.tasks.iter().map(|&task| sampler.prior(task)).collect();
                balance.init(&priors) as Box<_>
            }),
        };
        let is_single = self.loss.is_some() || !label_loss.is_per_task();
        let wants_gradients = balancer.as_ref().is_some_and(|balancer| balancer.wants_gradients());
        let check = |works, expected: &str| Error::unless(works, "training.balance", expected, "another balancer");
        check(balancer.is_none() || !is_single, "equal, where the loss is not a sum of the tasks' losses")?;
        let model = as_model(network);
        check(!wants_gradients || model.is_some(), "one of losses, where the network is your own")?;
        let has_members = model.is_some_and(|model| !model.others.is_empty());
        check(!wants_gradients || !has_members, "one of losses, where the model has several members")?;
        let is_linear = model.is_some_and(|model| model.head.linear().is_some());
        check(!wants_gradients || is_linear, "one of losses, where the head is not sigmoid")?;
        Ok(match (self.loss.take(), balancer) {
            (Some((_, loss)), _) => Objective::Single(loss),
            (None, _) if is_single || tasks < 2 => Objective::Single(Box::new(label_loss)),
            (None, Some(balancer)) => Objective::Balanced(label_loss, balancer),
            (None, None) => Objective::Mean(label_loss),
        })
    }

    /// The data that the model is made for, without profiles.
    pub(super) fn summary(&self, sampler: &Sampler) -> DataSummary {
        DataSummary::new(self.dataset, sampler, self.config.training.ambiguous)
    }
}
