//! The effects of all changes of one base in a sequence.

use crate::genome::base;

/// What each change of one base of a sequence does to the log-odds of each task.
///
/// # Examples
///
/// ```
/// use multitf::explain::BaseEffects;
///
/// // One task, the sequence "AC": C for A costs 2, and T for C gains 1.
/// let values = vec![0.0, 0.0, -2.0, 0.0, 0.0, 0.0, 0.0, 1.0];
/// let effects = BaseEffects::new(vec![0, 1], vec![-3.0], values);
/// assert_eq!(effects.get(0, 1, 0), -2.0);
/// // The base that is there, against the mean of all four.
/// assert_eq!(effects.contributions(0), [0.5, -0.25]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BaseEffects {
    origin: Origin,
    codes: Vec<u8>,
    signal: Vec<f32>,
    log_odds: Vec<f32>,
    values: Vec<f32>,
}

/// Where an explained sequence comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The name of the region: `chr1:100-300` for an interval of a genome, the name of a record, or its index.
    pub region: String,
    /// The name of the chromosome, or that of the record.
    pub sequence: String,
    /// The coordinate of the first position; below 0 where a context hangs over the start of a chromosome.
    pub start: i64,
}

impl BaseEffects {
    /// Joins the codes of a sequence (0 to 3 for A, C, G, T, 4 for N), its log-odds by task, and the changes of them,
    /// `[task, base, position]`.
    ///
    /// # Panics
    ///
    /// Panics if the number of changes is not that of tasks times 4 times positions.
    pub fn new(codes: Vec<u8>, log_odds: Vec<f32>, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), log_odds.len() * 4 * codes.len(), "the changes [task, base, position]");
        Self { origin: Origin::default(), codes, signal: Vec::new(), log_odds, values }
    }

    /// Says where the sequence comes from.
    #[must_use]
    pub fn with_origin(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// Adds the accessibility of each position, as the model reads it.
    #[must_use]
    pub fn with_signal(self, signal: Vec<f32>) -> Self {
        Self { signal, ..self }
    }

    /// Returns where the sequence comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the accessibility of each position, as the model reads it; empty if it reads none.
    pub fn signal(&self) -> &[f32] {
        &self.signal
    }

    /// Returns the number of positions.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Returns whether there is no position.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Returns the codes of the sequence: 0 to 3 for A, C, G, T, and 4 for N.
    pub fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// Returns the log-odds that the unchanged sequence is bound, by task.
    pub fn log_odds(&self) -> &[f32] {
        &self.log_odds
    }

    /// Returns the changes of a task's log-odds, `[base, position]`: 0 for the base that is there.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn of_task(&self, task: usize) -> &[f32] {
        let size = 4 * self.codes.len();
        &self.values[task * size..(task + 1) * size]
    }

    /// Returns the change of a task's log-odds if a base (0 to 3 for A, C, G, T) stood at a position.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task, base or position.
    pub fn get(&self, task: usize, base: usize, position: usize) -> f32 {
        assert!(base < 4 && position < self.codes.len(), "base {base} at {position} of {}", self.codes.len());
        self.of_task(task)[base * self.codes.len() + position]
    }

    /// Returns the hypothetical contributions to a task's log-odds, `[base, position]`: the change for each base minus
    /// the mean over the four.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn hypothetical(&self, task: usize) -> Vec<f32> {
        let (changes, length) = (self.of_task(task), self.codes.len());
        let mean = |position: usize| (0..4).map(|base| changes[base * length + position]).sum::<f32>() / 4.0;
        (0..4 * length).map(|index| changes[index] - mean(index % length)).collect()
    }

    /// Returns the contribution of each position's own base to a task's log-odds: minus the mean change over the four
    /// bases; 0 for N.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn contributions(&self, task: usize) -> Vec<f32> {
        let hypothetical = self.hypothetical(task);
        let own = |(position, &code): (usize, &u8)| match code {
            base::N => 0.0,
            code => hypothetical[usize::from(code) * self.codes.len() + position],
        };
        self.codes.iter().enumerate().map(own).collect()
    }
}
