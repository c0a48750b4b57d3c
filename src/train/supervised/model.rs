//! Steps of training and validation.

use burn::{
    module::Module,
    tensor::{ExecutionError, Tensor},
    train::{
        InferenceStep, ItemLazy, TrainOutput, TrainStep,
        metric::{Adaptor, LossInput},
    },
};

use super::{SampleBatch, TrackScores};
use crate::{
    nn::{LabelLoss, Loss, Model, TaskHead},
    random::{mix, with_seed},
};

/// A model with the loss that it minimises, for burn-train.
#[derive(Module, Debug)]
pub struct ModelWithLoss {
    /// The model.
    pub model: Model,
    #[module(skip)]
    loss: LabelLoss,
    #[module(skip)]
    seed: u64,
}

impl ModelWithLoss {
    /// Joins a model, with autodiff switched on, and its loss. Dropout depends on the seed and the index of a step's
    /// first draw.
    pub fn new(model: Model, loss: LabelLoss, seed: u64) -> Self {
        Self { model: model.train(), loss, seed }
    }

    fn score(&self, input: SampleBatch) -> Scored {
        let SampleBatch { batch, cells, index } = input;
        let seed = mix(&[self.seed, index]);
        let logits = with_seed(&batch.codes.device(), seed, || self.model.forward(batch.codes, batch.signal));
        let log_odds = self.model.head.bound_log_odds(logits.clone());
        let loss = self.loss.forward(logits, batch.labels.clone(), Some(batch.weights));
        Scored { loss, scores: TrackScores { log_odds, labels: batch.labels, cells } }
    }
}

impl TrainStep for ModelWithLoss {
    type Input = SampleBatch;
    type Output = Scored;

    fn step(&self, input: SampleBatch) -> TrainOutput<Scored> {
        let scored = self.score(input);
        TrainOutput::new(self, scored.loss.backward(), scored.detached())
    }
}

impl InferenceStep for ModelWithLoss {
    type Input = SampleBatch;
    type Output = Scored;

    fn step(&self, input: SampleBatch) -> Scored {
        self.score(input)
    }
}

/// The scores of a batch, for burn's `LossMetric` and [`TrackMean`](super::TrackMean).
#[derive(Clone, Debug)]
pub struct Scored {
    /// The loss, `[1]`.
    pub loss: Tensor<1>,
    /// The log-odds, with the labels.
    pub scores: TrackScores,
}

impl Scored {
    /// Drops the graph.
    fn detached(self) -> Self {
        let TrackScores { log_odds, labels, cells } = self.scores;
        let (log_odds, labels) = (log_odds.without_autodiff(), labels.without_autodiff());
        Self { loss: self.loss.without_autodiff(), scores: TrackScores { log_odds, labels, cells } }
    }
}

impl ItemLazy for Scored {
    fn sync(self) -> Result<Self, ExecutionError> {
        self.loss.device().flush()?;
        Ok(self.detached())
    }
}

impl Adaptor<LossInput> for Scored {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.loss.clone())
    }
}

impl Adaptor<TrackScores> for Scored {
    fn adapt(&self) -> TrackScores {
        self.scores.clone()
    }
}
