//! Loss and gradients, to compare.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use super::labels::PlantedLabels;

/// Loss and gradients. Two are equal where all numbers are; one that is not a number equals none.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    loss: f32,
    /// Of the logits, `[batch, task, class]`.
    pulls: Vec<f32>,
    /// Of all parameters, in their order in the network.
    parameters: Vec<f32>,
}

impl Outcome {
    pub(super) fn new(loss: Tensor<1>, pull: &Tensor<3>, network: &impl Module) -> Self {
        let value = loss.clone().detach().into_scalar::<f32>();
        let gradients = loss.backward();
        let pulls = pull.grad(&gradients).map_or_else(Vec::new, |pulls| pulls.into_data().iter::<f32>().collect());
        let mut collector = Collector { gradients: &gradients, values: Vec::new() };
        network.visit(&mut collector);
        Self { loss: value, pulls, parameters: collector.values }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.pulls.iter().chain(&self.parameters).all(|value| value.is_finite())
    }

    /// The task of the first logit whose gradient is not finite, else the first task.
    pub(super) fn first_not_finite(&self, labels: &PlantedLabels) -> usize {
        let classes = self.pulls.len() / labels.len();
        let index = self.pulls.iter().position(|value| !value.is_finite());
        index.map_or(0, |index| index / classes % labels.tasks)
    }

    /// Whether the loss pulls at any logit of a label.
    pub(super) fn pulls_at(&self, label: usize, labels: &PlantedLabels) -> bool {
        let classes = self.pulls.len() / labels.len();
        self.pulls.iter().skip(label * classes).take(classes).any(|pull| *pull != 0.0)
    }
}

struct Collector<'a> {
    gradients: &'a Gradients,
    values: Vec<f32>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.values.extend(gradient.into_data().iter::<f32>());
        }
    }
}
