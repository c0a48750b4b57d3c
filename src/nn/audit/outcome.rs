//! Loss and gradients, compared without a tolerance.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use super::labels::PlantedLabels;

/// Loss and gradients, in 32 bits. Two outcomes are equal if all numbers are; NaN equals nothing, and 0 equals -0.
#[derive(Debug, PartialEq)]
pub(super) struct Outcome {
    loss: f32,
    /// Gradients of the logits, `[batch, task, class]`.
    logits: Vec<f32>,
    /// Gradients of all parameters, in their order in the network.
    parameters: Vec<f32>,
}

impl Outcome {
    /// Computes the gradient of logits.
    pub(super) fn new(loss: Tensor<1>, logits: &Tensor<3>) -> Self {
        Self::from_gradients(loss, logits, |_| Vec::new())
    }

    /// Computes the gradients of logits, to which `offset` was added, and of the parameters.
    pub(super) fn with_parameters(loss: Tensor<1>, offset: &Tensor<3>, network: &impl Module) -> Self {
        Self::from_gradients(loss, offset, |gradients| {
            let mut collector = Collector { gradients, values: Vec::new() };
            network.visit(&mut collector);
            collector.values
        })
    }

    fn from_gradients(loss: Tensor<1>, logits: &Tensor<3>, parameters: impl FnOnce(&Gradients) -> Vec<f32>) -> Self {
        let value = loss.clone().detach().into_scalar::<f32>();
        let gradients = loss.backward();
        let logits = logits.grad(&gradients).map_or_else(Vec::new, |logits| logits.into_data().iter::<f32>().collect());
        Self { loss: value, logits, parameters: parameters(&gradients) }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.logits.iter().chain(&self.parameters).all(|value| value.is_finite())
    }

    /// The task of the first logit whose gradient is not finite, else the first task.
    pub(super) fn first_not_finite(&self, labels: &PlantedLabels) -> usize {
        let classes = self.logits.len() / labels.len();
        let index = self.logits.iter().position(|value| !value.is_finite());
        index.map_or(0, |index| index / classes % labels.tasks)
    }

    /// The gradient of a label's logits; nothing if the loss does not depend on logits.
    pub(super) fn gradient(&self, label: usize, labels: &PlantedLabels) -> &[f32] {
        let classes = self.logits.len() / labels.len();
        &self.logits[label * classes..][..classes]
    }

    /// Whether any logit of a label has a gradient.
    pub(super) fn has_gradient(&self, label: usize, labels: &PlantedLabels) -> bool {
        self.gradient(label, labels).iter().any(|gradient| *gradient != 0.0)
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
