//! The regions that a task scores highest.

use std::ops::Range;

use crate::explain::{BaseEffects, Filter, MotifHit};

/// Regions that are shown for each task.
const SHOWN: usize = 3;

/// A region as it is shown for one task.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) region: String,
    pub(super) start: i64,
    pub(super) codes: Vec<u8>,
    pub(super) signal: Vec<f32>,
    pub(super) log_odds: f32,
    pub(super) contributions: Vec<f32>,
    /// Sites of motifs, each with a label.
    pub(super) sites: Vec<(Range<usize>, String)>,
}

/// Of each task the regions with the highest log-odds, the highest first.
#[derive(Debug)]
pub(super) struct Best {
    tasks: Vec<Vec<Shown>>,
}

impl Best {
    pub(super) fn new(tasks: usize) -> Self {
        Self { tasks: vec![Vec::new(); tasks] }
    }

    /// Keeps a region for each task that scores it high enough. Of equal ones the first stays.
    pub(super) fn offer(&mut self, effects: &BaseEffects, hits: &[MotifHit], filters: &[Filter]) {
        for (task, (shown, &log_odds)) in self.tasks.iter_mut().zip(effects.log_odds()).enumerate() {
            let place = shown.partition_point(|other| other.log_odds >= log_odds);
            if place < SHOWN {
                shown.insert(place, Shown::new(effects, task, hits, filters));
                shown.truncate(SHOWN);
            }
        }
    }

    /// Returns the regions of each task.
    pub(super) fn tasks(&self) -> &[Vec<Shown>] {
        &self.tasks
    }
}

impl Shown {
    fn new(effects: &BaseEffects, task: usize, hits: &[MotifHit], filters: &[Filter]) -> Self {
        let label = |hit: &MotifHit| format!("{} {}", filters[hit.filter].label(), hit.strand.letter());
        let own = hits.iter().filter(|hit| hit.task == task);
        Self {
            sites: own.map(|hit| (hit.site.clone(), label(hit))).collect(),
            region: effects.origin().region.clone(),
            start: effects.origin().start,
            codes: effects.codes().to_vec(),
            signal: effects.signal().to_vec(),
            log_odds: effects.log_odds()[task],
            contributions: effects.contributions(task),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_regions_of_each_task_are_kept_in_order() {
        let mut best = Best::new(2);
        for (index, score) in [1.0, 4.0, 2.0, 4.0, 3.0].into_iter().enumerate() {
            let origin = crate::explain::Origin { region: index.to_string(), ..Default::default() };
            best.offer(&BaseEffects::new(vec![0], vec![score, -score], vec![0.0; 8]).with_origin(origin), &[], &[]);
        }
        let names = |task: usize| best.tasks()[task].iter().map(|shown| shown.region.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(0), names(1)),
            (vec!["1".into(), "3".into(), "4".into()], vec!["0".into(), "2".into(), "4".into()])
        );
    }
}
