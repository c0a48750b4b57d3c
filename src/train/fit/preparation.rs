//! What a run starts with.

use std::collections::{BTreeMap, BTreeSet};

use super::Fit;
use crate::{
    Error, Result,
    data::{Sampler, Split},
    motif::{Motif, MotifSet, RegionSet, discover},
    nn::{Architecture, Head, LabelLoss, Model, Purpose},
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
            return architecture.build(&self.purpose(sampler, &self.discovered()), self.seed, &self.device);
        };
        let config = architecture.configure(&self.purpose(sampler, &[]), self.seed);
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

    pub(super) fn purpose<'b>(&self, sampler: &Sampler, discovered: &'b [Motif]) -> Purpose<'b>
    where
        'a: 'b,
    {
        let ambiguous = self.config.training.ambiguous;
        Purpose {
            shares: self.tasks.iter().map(|&task| ambiguous.apply(sampler.shares(task))).collect(),
            tracks: usize::from(self.dataset.has_signal()),
            profiles: self.profiles(discovered),
            base_frequencies: self.dataset.genome().base_frequencies(),
        }
    }

    /// Motifs of the training split for those factors that the data set has no profile of, the best of each first.
    fn discovered(&self) -> Vec<Motif> {
        let Architecture { context_bp, discovered, .. } = self.config.architecture;
        let mut by_factor = BTreeMap::<&str, Vec<usize>>::new();
        for &task in self.tasks {
            let factor = &self.dataset.tasks()[task].factor;
            if self.own_profiles(factor).is_empty() {
                by_factor.entry(factor).or_default().push(task);
            }
        }
        if discovered == 0 || by_factor.is_empty() {
            return Vec::new();
        }
        let bound = |(name, tasks): (&str, Vec<usize>)| RegionSet {
            name: name.to_owned(),
            regions: self.dataset.bound_regions(&tasks, Split::Train, context_bp),
        };
        let sets: Vec<RegionSet> = by_factor.into_iter().map(bound).collect();
        let background = self.dataset.regions(Split::Train, context_bp);
        discover(self.dataset.genome(), &background, &sets, discovered)
    }

    /// The data set's profiles, if filters are to start from them.
    fn given(&self) -> Option<&'a MotifSet> {
        self.dataset.motifs().filter(|_| self.config.architecture.profiles)
    }

    /// Those of a factor, the surest first.
    fn own_profiles(&self, factor: &str) -> Vec<&'a Motif> {
        self.given().map_or_else(Vec::new, |_| self.dataset.profiles(factor))
    }

    /// The surest profile of each of the data set's factors, what was discovered, further profiles of the factors, and all
    /// other profiles of the data set.
    fn profiles<'b>(&self, discovered: &'b [Motif]) -> Vec<&'b Motif>
    where
        'a: 'b,
    {
        let (mut first, mut further) = (BTreeSet::new(), BTreeSet::new());
        for task in self.dataset.tasks() {
            let mut ids = self.own_profiles(&task.factor).into_iter().map(|motif| motif.id.as_str());
            first.extend(ids.next());
            further.extend(ids);
        }
        let given = || self.given().into_iter().flatten();
        let mut profiles: Vec<&Motif> = given().filter(|motif| first.contains(&*motif.id)).collect();
        // A quarter of the filters starts at random, for what no word stands for.
        let room = (3 * self.config.architecture.motifs / 4).saturating_sub(profiles.len());
        profiles.extend(discovered.iter().take(room));
        let (further, others): (Vec<_>, Vec<_>) =
            given().filter(|motif| !first.contains(&*motif.id)).partition(|motif| further.contains(&*motif.id));
        profiles.extend(further.into_iter().chain(others));
        profiles
    }
}
