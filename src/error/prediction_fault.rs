//! Why predictions cannot be scored.

/// What keeps predictions from being scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PredictionFault {
    /// They are of other samples than the scored ones.
    #[error(
        "expected the {expected} samples of the {split} split in their order, found {found} that differ from sample \
         {first} on: predict the samples of the evaluation"
    )]
    Samples {
        /// The name of the split that is scored.
        split: &'static str,
        /// The number of its samples.
        expected: usize,
        /// The number of samples that were predicted.
        found: usize,
        /// The place of the first sample that differs, counted from 0.
        first: usize,
    },
    /// The data set has no such bin or cell type.
    #[error("bin {bin} in cell type {cell} is not of this data set: predict samples of the data set that is scored")]
    UnknownSample {
        /// The bin.
        bin: u32,
        /// The cell type.
        cell: u16,
    },
    /// There is not one list of log-odds for each task.
    #[error("expected a list of log-odds for each of {expected} tasks, found {found}")]
    Lists {
        /// The number of tasks.
        expected: usize,
        /// The number of lists.
        found: usize,
    },
    /// There is not one log-odds for each sample.
    #[error("expected {expected} log-odds of task {task}, one for each sample, found {found}")]
    Length {
        /// The task.
        task: usize,
        /// The number of samples.
        expected: usize,
        /// The number of log-odds.
        found: usize,
    },
    /// The data set has no such task.
    #[error("task {task} is not of this data set, which has {tasks}: number tasks as the data set does")]
    UnknownTask {
        /// The task.
        task: usize,
        /// How many tasks the data set has.
        tasks: usize,
    },
    /// A task was predicted twice.
    #[error("task {task} was predicted twice: name each task once")]
    RepeatedTask {
        /// The task.
        task: usize,
    },
}
