//! Early stopping.

use serde::{Deserialize, Serialize};

/// The best validation score, and the number of validations since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct EarlyStopping {
    best: Option<f64>,
    since: usize,
}

impl EarlyStopping {
    /// Takes the next score, and returns whether it is the best so far. The first of equal scores stays the best.
    pub(super) fn offer(&mut self, score: f64) -> bool {
        let better = self.best.is_none_or(|best| score > best);
        if better {
            *self = Self { best: Some(score), since: 0 };
        } else {
            self.since += 1;
        }
        better
    }

    /// The best score so far.
    pub(super) fn best(&self) -> Option<f64> {
        self.best
    }

    /// Whether the last `patience` scores were no better; a patience of 0 never ends.
    pub(super) fn is_over(&self, patience: usize) -> bool {
        patience > 0 && self.since >= patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_after_as_many_scores_without_a_better_one() {
        let mut stopping = EarlyStopping::default();
        let better: Vec<bool> = [0.1, 0.3, 0.3, 0.2].into_iter().map(|score| stopping.offer(score)).collect();
        assert_eq!(better, [true, true, false, false]);
        assert_eq!(stopping.best(), Some(0.3));
        assert!(stopping.is_over(2) && !stopping.is_over(3) && !stopping.is_over(0));
    }
}
