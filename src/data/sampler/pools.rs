//! Where samples come from.

use super::{Pool, SamplerConfig};
use crate::data::{Dataset, SampleSet, Split, bits::Bits};

/// The training samples of a data set, as some of its tasks see them.
pub(super) struct Pools<'a> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    bins: Bits,
}

impl<'a> Pools<'a> {
    pub(super) fn new(dataset: &'a Dataset, tasks: &'a [usize], context_bp: usize) -> Self {
        Self { dataset, tasks, bins: dataset.split_bins(Split::Train, context_bp) }
    }

    /// Disjoint sets of samples, each with the number of draws an epoch.
    pub(super) fn by_draws(&self, config: &SamplerConfig) -> Vec<(SampleSet, usize)> {
        let bound = self.by_cell(|cell| self.dataset.bound(self.tasks, cell));
        let Some(ratio) = config.unbound_per_bound else {
            return [bound, self.by_cell(|cell| self.unbound(cell))]
                .map(|samples| (samples.clone(), samples.len()))
                .into();
        };
        let draws = ((ratio * bound.len() as f64).round() as usize).max(1);
        let mut by_draws = self.by_rarity(&bound, config);
        match config.pool {
            Pool::Own => by_draws.push((self.by_cell(|cell| self.unbound(cell)), draws)),
            Pool::Shared => by_draws.extend(self.shared(ratio, draws)),
        }
        by_draws
    }

    /// Divides bound samples by the rarest task that each is bound in, and draws those of rare tasks more often.
    fn by_rarity(&self, bound: &SampleSet, config: &SamplerConfig) -> Vec<(SampleSet, usize)> {
        let SamplerConfig { rarity, max_repeats, .. } = *config;
        if rarity == 0.0 || self.tasks.len() == 1 {
            return vec![(bound.clone(), bound.len())];
        }
        let of_task = |task: usize| self.by_cell(|cell| self.dataset.bound(&[task], cell)).len();
        let mut tasks: Vec<(usize, usize)> = self.tasks.iter().map(|&task| (of_task(task), task)).collect();
        tasks.sort_unstable();
        let rarer = |rank: usize| tasks[..rank].iter().map(|(_, task)| *task).collect::<Vec<_>>();
        let parts: Vec<(SampleSet, f64)> = tasks
            .iter()
            .enumerate()
            .map(|(rank, &(count, task))| {
                let own = |cell| self.dataset.bound(&[task], cell).and_not(&self.dataset.bound(&rarer(rank), cell));
                let samples = self.by_cell(own);
                let share = samples.len() as f64 * (count.max(1) as f64).powf(-rarity);
                (samples, share)
            })
            .collect();
        let scale = bound.len() as f64 / parts.iter().map(|(_, share)| share).sum::<f64>();
        // At least one draw from each, so that no sample is out of reach.
        let with_draws = |(samples, share): (SampleSet, f64)| {
            let most = max_repeats * samples.len() as f64;
            let draws = ((scale * share).min(most).round() as usize).max(1);
            (samples, draws)
        };
        parts.into_iter().map(with_draws).collect()
    }

    fn by_cell(&self, bins_of: impl Fn(usize) -> Bits + Send + Sync) -> SampleSet {
        self.dataset.by_cell(Split::Train, |cell| bins_of(cell).and(&self.bins))
    }

    /// Where one of these tasks is known to be unbound, and none to be bound.
    fn unbound(&self, cell: usize) -> Bits {
        self.dataset.observed(self.tasks, cell).and_not(&self.dataset.bound(self.tasks, cell))
    }

    /// Divides draws between samples bound elsewhere and nowhere, as a model of all tasks meets them.
    fn shared(&self, ratio: f64, draws: usize) -> [(SampleSet, usize); 2] {
        let all: Vec<_> = (0..self.dataset.tasks().len()).collect();
        let others: Vec<_> = all.iter().copied().filter(|task| !self.tasks.contains(task)).collect();
        let elsewhere = self.by_cell(|cell| self.unbound(cell).and(&self.dataset.bound(&others, cell)));
        let nowhere = self.by_cell(|cell| self.unbound(cell).and_not(&self.dataset.bound(&others, cell)));
        let bound_draws = elsewhere.len() as f64;
        let anywhere = self.by_cell(|cell| self.dataset.bound(&all, cell)).len() as f64;
        let everywhere =
            self.by_cell(|cell| self.dataset.observed(&all, cell).and_not(&self.dataset.bound(&all, cell)));
        // Of the unbound samples that a model of all tasks draws, those where these tasks were measured.
        let seen = nowhere.len() as f64 / everywhere.len().max(1) as f64;
        let unbound_draws = ratio * anywhere * seen;
        let first = match (elsewhere.is_empty(), nowhere.is_empty()) {
            (true, _) => 0,
            (false, true) => draws,
            // At least one draw from each, so that no sample is out of reach.
            _ => ((bound_draws / (bound_draws + unbound_draws) * draws as f64).round() as usize)
                .clamp(1, draws.saturating_sub(1).max(1)),
        };
        let second = if nowhere.is_empty() { 0 } else { (draws - first).max(1) };
        [(elsewhere, first), (nowhere, second)]
    }
}
