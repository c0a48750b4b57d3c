//! Training samples, divided into strata.

use super::{SamplerConfig, UnboundPool, stratum::Stratum};
use crate::data::{Dataset, SampleSet, Split, bit_set::BitSet};

/// The training samples of a data set, for some of its tasks.
pub(super) struct TrainingSamples<'a> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    bins: BitSet,
}

impl<'a> TrainingSamples<'a> {
    pub(super) fn new(dataset: &'a Dataset, tasks: &'a [usize], context_bp: usize) -> Self {
        Self { dataset, tasks, bins: dataset.split_bins(Split::Train, context_bp) }
    }

    /// Divides the samples into strata, without those that are empty.
    pub(super) fn strata(&self, config: &SamplerConfig) -> Vec<Stratum> {
        let bound = self.by_cell(|cell| self.dataset.bound(self.tasks, cell));
        let with_draws = if let Some(ratio) = config.unbound_per_bound {
            let draws = ((ratio * bound.len() as f64).round() as usize).max(1);
            let unbound = match config.pool {
                UnboundPool::Own => vec![(self.by_cell(|cell| self.unbound(cell)), draws)],
                UnboundPool::Shared => self.shared_pool(ratio, draws).into(),
            };
            [self.by_rarity(bound, config), unbound].concat()
        } else {
            let all = [bound, self.by_cell(|cell| self.unbound(cell))];
            all.map(|samples| (samples.clone(), samples.len())).into()
        };
        let strata = with_draws.into_iter().filter(|(samples, draws)| !samples.is_empty() && *draws > 0);
        strata.map(|(samples, draws)| Stratum::new(self.dataset, self.tasks, samples, draws)).collect()
    }

    /// Divides bound samples by the rarest task that each is bound in, and draws those of rare tasks more often.
    fn by_rarity(&self, bound: SampleSet, config: &SamplerConfig) -> Vec<(SampleSet, usize)> {
        let SamplerConfig { rarity, max_repeats, .. } = *config;
        let draws = bound.len();
        if rarity == 0.0 || self.tasks.len() == 1 {
            return vec![(bound, draws)];
        }
        let count = |task: usize| self.by_cell(|cell| self.dataset.bound(&[task], cell)).len();
        let mut tasks: Vec<(usize, usize)> = self.tasks.iter().map(|&task| (count(task), task)).collect();
        tasks.sort_unstable();
        let (counts, tasks): (Vec<usize>, Vec<usize>) = tasks.into_iter().unzip();
        let parts: Vec<(SampleSet, f64)> = (0..tasks.len())
            .map(|rank| {
                let (rarer, task) = (&tasks[..rank], &tasks[rank..=rank]);
                let samples =
                    self.by_cell(|cell| self.dataset.bound(task, cell).and_not(&self.dataset.bound(rarer, cell)));
                let share = samples.len() as f64 * (counts[rank].max(1) as f64).powf(-rarity);
                (samples, share)
            })
            .collect();
        let scale = draws as f64 / parts.iter().map(|(_, share)| share).sum::<f64>();
        // At least one draw from each, so that every sample can be drawn.
        let with_draws = |(samples, share): (SampleSet, f64)| {
            let most = max_repeats * samples.len() as f64;
            let draws = ((scale * share).min(most).round() as usize).max(1);
            (samples, draws)
        };
        parts.into_iter().map(with_draws).collect()
    }

    fn by_cell(&self, bins_in: impl Fn(usize) -> BitSet + Send + Sync) -> SampleSet {
        self.dataset.samples_by_cell(Split::Train, |cell| bins_in(cell).and(&self.bins))
    }

    /// Returns the bins where at least one of these tasks is unbound, and none is bound.
    fn unbound(&self, cell: usize) -> BitSet {
        self.dataset.observed(self.tasks, cell).and_not(&self.dataset.bound(self.tasks, cell))
    }

    /// Divides draws between samples bound by other factors and by none, as a model of all tasks draws them.
    fn shared_pool(&self, ratio: f64, draws: usize) -> [(SampleSet, usize); 2] {
        let all: Vec<_> = (0..self.dataset.tasks().len()).collect();
        let others: Vec<_> = all.iter().copied().filter(|task| !self.tasks.contains(task)).collect();
        let bound_by_others = self.by_cell(|cell| self.unbound(cell).and(&self.dataset.bound(&others, cell)));
        let bound_by_none = self.by_cell(|cell| self.unbound(cell).and_not(&self.dataset.bound(&others, cell)));
        let bound_draws = bound_by_others.len() as f64;
        let num_bound_in_any = self.by_cell(|cell| self.dataset.bound(&all, cell)).len() as f64;
        let unbound_in_all =
            self.by_cell(|cell| self.dataset.observed(&all, cell).and_not(&self.dataset.bound(&all, cell)));
        // Of the unbound samples that a model of all tasks draws, the share where these tasks were measured.
        let measured_share = bound_by_none.len() as f64 / unbound_in_all.len().max(1) as f64;
        let unbound_draws = ratio * num_bound_in_any * measured_share;
        let others_draws = match (bound_by_others.is_empty(), bound_by_none.is_empty()) {
            (true, _) => 0,
            (false, true) => draws,
            // At least one draw from each, so that every sample can be drawn.
            _ => ((bound_draws / (bound_draws + unbound_draws) * draws as f64).round() as usize)
                .clamp(1, draws.saturating_sub(1).max(1)),
        };
        let none_draws = if bound_by_none.is_empty() { 0 } else { (draws - others_draws).max(1) };
        [(bound_by_others, others_draws), (bound_by_none, none_draws)]
    }
}
