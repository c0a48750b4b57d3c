//! What a run starts with.

use super::Fit;
use crate::{
    Error, Result,
    data::Sampler,
    nn::{DataSummary, Head, LabelLoss, Model},
    train::{
        balance::Balance,
        step::{Learner, TaskWatch},
    },
};

impl<'a> Fit<'a> {
    pub(super) fn learner(&mut self, sampler: &Sampler) -> Result<Learner<'a>> {
        let training = &self.config.training;
        let model = self.starting_model(sampler)?;
        let of_labels = training.loss(self.tasks.len()).init(&model.head);
        let watch = self.watch(&model, of_labels.clone(), sampler)?;
        let loss = match self.loss.take() {
            Some((_, loss)) => loss,
            None => Box::new(of_labels),
        };
        Ok(Learner::new(model, loss, watch, training, self.seed, &self.device))
    }

    fn starting_model(&mut self, sampler: &Sampler) -> Result<Model> {
        let architecture = &self.config.architecture;
        let Some(start) = self.start.take() else {
            let summary = self.summary(sampler).with_profiles(self.dataset, sampler, architecture);
            return architecture.build(&summary, self.seed, &self.device);
        };
        let config = architecture.configure(&self.summary(sampler), self.seed);
        config.validate()?;
        architecture.precision.check(&self.device)?;
        let name = start.name.clone();
        let model = config.init(&self.device).with_weights_of(&name, start.of_tasks(&self.names())?)?;
        // What its training did to the odds is undone in it, and will be again at the end.
        let shifts: Vec<f64> = self.shifts(sampler).iter().map(|shift| -shift).collect();
        Ok(model.shifted(&shifts))
    }

    /// What to add to the log-odds of each task, to undo what drawing and weighing did to them. What a loss of one's own does is
    /// not known.
    pub(super) fn shifts(&self, sampler: &Sampler) -> Vec<f64> {
        let weight = if self.loss.is_some() { 0.0 } else { self.config.training.weight_shift() };
        self.tasks.iter().map(|&task| sampler.shift(task) - weight).collect()
    }

    /// What looks at the tasks one by one, if there are several and the loss is one of tasks.
    fn watch(&mut self, model: &Model, loss: LabelLoss, sampler: &Sampler) -> Result<Option<TaskWatch<'a>>> {
        let (tasks, balance) = (self.tasks.len(), self.config.training.balance);
        let balancer = match self.balancer.take() {
            Some((_, balancer)) => Some(balancer),
            None => (balance != Balance::Equal && tasks > 1).then(|| {
                let priors: Vec<f64> = self.tasks.iter().map(|&task| sampler.prior(task)).collect();
                balance.init(&priors, self.seed) as Box<_>
            }),
        };
        let has_own_loss = self.loss.is_some() || matches!(model.head, Head::ExclusiveSoftmax(_));
        let wants_gradients = balancer.as_ref().is_some_and(|balancer| balancer.wants_gradients());
        let check =
            |works, expected: &str| Error::unless(works, "training.balance".into(), expected, "another balancer");
        check(balancer.is_none() || !has_own_loss, "equal, where the loss is not a sum of the tasks' losses")?;
        let has_members = !model.others.is_empty();
        check(!wants_gradients || !has_members, "one of losses, where the model has several members")?;
        check(!wants_gradients || model.head.linear().is_some(), "one of losses, where the head is not sigmoid")?;
        Ok((tasks > 1 && !has_own_loss).then_some(TaskWatch { loss, balancer, conflicts: None }))
    }

    /// What the model is made for, but for profiles.
    pub(super) fn summary(&self, sampler: &Sampler) -> DataSummary {
        DataSummary::new(self.dataset, sampler, self.config.training.ambiguous)
    }
}
