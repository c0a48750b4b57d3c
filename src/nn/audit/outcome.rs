//! Loss and gradients, compared as exactly as a device repeats them.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Gradients, Tensor},
};

use super::labels::PlantedLabels;
use crate::device::is_host;

/// Loss and gradients, in 32 bits. NaN equals nothing, and 0 equals -0.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The difference that does not count, as a share of the greater number: 0 on the host.
    tolerance: f32,
    loss: f32,
    /// Gradients of the logits, `[batch, task, class]`.
    logits: Vec<f32>,
    /// Gradients of each parameter, in their order in the network.
    parameters: Vec<Vec<f32>>,
}

/// The cubes of a GPU add to a sum of all elements in any order, and so its last digits vary.
const VARIATION: f32 = 1e-5;

/// Equal are outcomes of the same device with the same numbers, and elsewhere than on the host with nearly the same.
impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        self.are_equal(&[self.loss], &[other.loss])
            && self.are_equal(&self.logits, &other.logits)
            && self.parameters.len() == other.parameters.len()
            && self.parameters.iter().zip(&other.parameters).all(|(own, other)| self.are_equal(own, other))
    }
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

    fn from_gradients(
        loss: Tensor<1>,
        logits: &Tensor<3>,
        parameters: impl FnOnce(&Gradients) -> Vec<Vec<f32>>,
    ) -> Self {
        let tolerance = if is_host(&loss.device()) { 0.0 } else { VARIATION };
        let value = loss.clone().detach().into_scalar::<f32>();
        let gradients = loss.backward();
        let logits = logits.grad(&gradients).map_or_else(Vec::new, |logits| logits.into_data().iter::<f32>().collect());
        Self { tolerance, loss: value, logits, parameters: parameters(&gradients) }
    }

    pub(super) fn is_finite(&self) -> bool {
        self.loss.is_finite()
            && self.logits.iter().chain(self.parameters.iter().flatten()).all(|value| value.is_finite())
    }

    /// The task of the first logit whose gradient is not finite, else the first task.
    pub(super) fn first_not_finite(&self, labels: &PlantedLabels) -> usize {
        let classes = self.logits.len() / labels.len();
        let index = self.logits.iter().position(|value| !value.is_finite());
        index.map_or(0, |index| index / classes % labels.tasks)
    }

    /// Whether a label's logits have the same gradient in another outcome.
    pub(super) fn agrees_at(&self, label: usize, other: &Self, labels: &PlantedLabels) -> bool {
        self.are_equal(self.gradient(label, labels), other.gradient(label, labels))
    }

    fn are_equal(&self, numbers: &[f32], others: &[f32]) -> bool {
        let greatest = numbers.iter().chain(others).fold(0.0_f32, |greatest, number| greatest.max(number.abs()));
        let is_near = |(number, other): (&f32, &f32)| (number - other).abs() <= self.tolerance * greatest;
        numbers.len() == others.len() && numbers.iter().zip(others).all(is_near)
    }

    /// The gradient of a label's logits; nothing if the loss does not depend on logits.
    fn gradient(&self, label: usize, labels: &PlantedLabels) -> &[f32] {
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
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.values.push(gradient.into_data().iter::<f32>().collect());
        }
    }
}
