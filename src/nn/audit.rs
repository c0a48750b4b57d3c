//! The mask audit: a perturbation test that missing labels have no influence.

mod labels;
mod outcome;
#[cfg(test)]
mod tests;

use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData, s};

use self::{
    labels::{PlantedLabels, with_last_sequence_changed},
    outcome::Outcome,
};
use super::{Loss, Network};
pub use crate::error::MaskFault;
use crate::{Error, Result, data::Batch, genome::Label, random::with_seed};

/// What a mask audit has tested: missing labels have no influence, and all others have.
///
/// # Examples
///
/// The audit finds a loss that forgets the mask:
///
/// ```
/// use burn::tensor::{Device, Int, Tensor, activation::log_sigmoid};
/// use multitf::{
///     data::{Batch, HostBatch},
///     genome::Label,
///     nn::{LabelLossConfig, MaskAudit, ModelConfig, MotifConvConfig, TrunkConfig},
/// };
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(12, MotifConvConfig::new(4, 5)), 2).init(&device);
/// let host = HostBatch {
///     size: 2,
///     codes: (0..24).map(|i| i % 4).collect(),
///     signal: Vec::new(),
///     labels: vec![Label::Bound, Label::Missing, Label::Unbound, Label::Unbound],
///     weights: vec![1.0, 1.0],
/// };
/// let batch = Batch::new(&host, &device)?;
/// let loss = LabelLossConfig::new().init(&model.head);
/// assert!(MaskAudit::run(&model, &loss, &batch)?.observed > 0);
///
/// let forgetful = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
///     let logits: Tensor<2> = logits.squeeze_dim(2);
///     let bound = labels.equal_elem(Label::Bound as i32).float();
///     (log_sigmoid(logits.clone()) - (bound.neg() + 1.0) * logits).neg().mean()
/// };
/// let error = MaskAudit::run(&model, &forgetful, &batch).unwrap_err();
/// assert!(error.to_string().contains("a missing label has an influence"), "{error}");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskAudit {
    /// Number of missing labels, which have no influence.
    pub missing: usize,
    /// Number of unbound and bound labels, which all have an influence.
    pub observed: usize,
}

/// Greatest logit before the loss: larger ones are scaled down, since the influence of a sure one may round to 0.
const MAX_LOGIT: f32 = 3.0;

impl MaskAudit {
    /// Audits a loss, with a network and a batch as in training.
    ///
    /// The audit takes some of the batch's samples and plants labels: every task gets missing, unbound and bound ones,
    /// neighbouring tasks in different samples, and one sample has no label at all. Then, with fixed dropout, it checks
    /// that neither the loss nor the gradient of any logit or parameter, in 32 bits, changes at all (on other devices
    /// than the host: by more than the hundred thousandth part, since their sums do not repeat to the last digit)
    ///
    /// - if other numbers stand for a missing label,
    /// - if the logits of missing labels change, to NaN as well,
    /// - if the sequence of the sample without labels changes.
    ///
    /// The gradient of each observed label's logits must depend on this label and on no other. In a loss that
    /// [mixes labels](Loss::mixes_labels) it may depend on others too; there all labels of each task are tried
    /// together, and some of them, or all of up to 256, one by one. Ambiguous labels of the batch may stay as they are:
    /// how they count is a policy ([`Ambiguous`](super::Ambiguous)). A sample of weight 0 weighs 1 here.
    ///
    /// The network runs twice, whatever the number of tasks; all else is done on its logits. The audit seeds burn's
    /// random state, which is one for the whole process, before each forward pass.
    ///
    /// # Errors
    ///
    /// [`Error::MaskAudit`] with the task and the fault.
    ///
    /// # Panics
    ///
    /// Panics if the batch is empty or does not fit the network.
    pub fn run(network: &impl Network, loss: &dyn Loss, batch: &Batch) -> Result<Self> {
        let labels = PlantedLabels::new(batch);
        let audited = AuditedNetwork::new(network, loss, batch);
        let logits = audited.logits(&audited.batch.codes);
        let (constants, weights) = (logits.clone().detach(), audited.batch.weights.clone());
        let on_logits = AuditedLoss { loss, labels: &labels, logits: constants, weights };
        let expected = audited.outcome(logits, &labels);
        if !expected.is_finite() {
            return Err(Error::MaskAudit { task: expected.first_not_finite(&labels), fault: MaskFault::NotFinite });
        }
        let loss_alone = on_logits.outcome(&labels.codes());
        on_logits.check_missing(&loss_alone)?;
        if audited.outcome(audited.logits(&audited.changed_codes), &labels) != expected {
            return Err(Error::MaskAudit { task: 0, fault: MaskFault::SequenceHasInfluence });
        }
        on_logits.check_observed(&loss_alone)?;
        Ok(Self { missing: labels.count(Label::Missing), observed: labels.observed().count() })
    }
}

/// The audited network and loss, and the samples.
struct AuditedNetwork<'a, N> {
    network: N,
    loss: &'a dyn Loss,
    batch: Batch,
    /// The same samples, with another sequence in the one without labels.
    changed_codes: Tensor<2, Int>,
    device: Device,
}

impl<'a, N: Network> AuditedNetwork<'a, N> {
    fn new(network: &N, loss: &'a dyn Loss, batch: &Batch) -> Self {
        let device = batch.codes.device().autodiff();
        let rows = PlantedLabels::rows(batch);
        let rows = Tensor::<1, Int>::from_data(TensorData::from(rows.as_slice()), &batch.codes.device());
        let codes = batch.codes.clone().select(0, rows.clone());
        let signal = batch.signal.clone().map(|signal| signal.select(0, rows.clone()).to_device(&device));
        let weights = batch.weights.clone().select(0, rows.clone()).to_device(&device);
        let batch = Batch {
            codes: codes.clone(),
            signal,
            labels: batch.labels.clone().select(0, rows),
            weights: weights.clone().mask_fill(weights.equal_elem(0.0), 1.0),
        };
        Self { network: network.valid().train(), loss, batch, changed_codes: with_last_sequence_changed(codes), device }
    }

    /// The logits of the samples, scaled down if there are large ones.
    fn logits(&self, codes: &Tensor<2, Int>) -> Tensor<3> {
        const SEED: u64 = 1;
        let logits = with_seed(&self.device, SEED, || self.network.forward(codes.clone(), self.batch.signal.clone()));
        let [batch, ..] = logits.dims();
        let greatest = logits.clone().slice(s![..batch - 1]).abs().max().detach().into_scalar::<f32>();
        logits * (MAX_LOGIT / greatest.max(MAX_LOGIT))
    }

    /// Loss, and gradients of logits and parameters.
    fn outcome(&self, logits: Tensor<3>, labels: &PlantedLabels) -> Outcome {
        let offset = Tensor::<3>::zeros(logits.dims(), &self.device).require_grad();
        let weights = Some(self.batch.weights.clone());
        let loss = self.loss.forward(logits + offset.clone(), labels.tensor(&labels.codes(), &self.device), weights);
        Outcome::with_parameters(loss, &offset, &self.network)
    }
}

/// The audited loss alone, on the logits of a network. The gradients of the parameters follow from those of the logits:
/// where these do not change, neither do those.
struct AuditedLoss<'a> {
    loss: &'a dyn Loss,
    labels: &'a PlantedLabels,
    /// Constants, `[batch, task, class]`.
    logits: Tensor<3>,
    weights: Tensor<1>,
}

impl AuditedLoss<'_> {
    /// Loss and gradient for labels, `[batch, task]`.
    fn outcome(&self, labels: &[i32]) -> Outcome {
        self.outcome_at(self.logits.clone(), labels)
    }

    fn outcome_at(&self, logits: Tensor<3>, labels: &[i32]) -> Outcome {
        let logits = logits.require_grad();
        let labels = self.labels.tensor(labels, &logits.device());
        Outcome::new(self.loss.forward(logits.clone(), labels, Some(self.weights.clone())), &logits)
    }

    fn check_missing(&self, expected: &Outcome) -> Result<()> {
        let labels = self.labels;
        if let Some(task) = labels.find(Label::Missing, |label| expected.has_gradient(label, labels)) {
            return Err(Error::MaskAudit { task, fault: MaskFault::MissingHasInfluence });
        }
        for code in [4, 7] {
            let differs = |tasks: &Range<usize>| self.outcome(&labels.with_missing(code, tasks)) != *expected;
            labels.find_task(differs, MaskFault::MissingHasInfluence)?;
        }
        for noise in [2.5, -2.5, f32::NAN, f32::INFINITY] {
            let differs = |tasks: &Range<usize>| {
                let noise = Tensor::<1>::from_data(&*labels.at_missing(noise, tasks), &self.logits.device());
                let noise = noise.reshape([-1, labels.tasks as i32, 1]);
                self.outcome_at(self.logits.clone() + noise, &labels.codes()) != *expected
            };
            let fault = if noise.is_finite() { MaskFault::MissingHasInfluence } else { MaskFault::NanLeaks };
            labels.find_task(differs, fault)?;
        }
        Ok(())
    }

    fn check_observed(&self, expected: &Outcome) -> Result<()> {
        let labels = self.labels;
        let error = |task, fault| Err(Error::MaskAudit { task, fault });
        let has_no_gradient = |label| labels.find(label, |index| !expected.has_gradient(index, labels));
        if let Some(task) = [Label::Unbound, Label::Bound].into_iter().find_map(has_no_gradient) {
            return error(task, MaskFault::ObservedIgnored);
        }
        let undecided = self.undecided(expected);
        match (self.find_ignored(&undecided, expected), undecided.first()) {
            (Some(task), _) => error(task, MaskFault::ObservedIgnored),
            (None, Some(label)) if !self.loss.mixes_labels() => error(label % labels.tasks, MaskFault::LabelsMixed),
            (None, _) => Ok(()),
        }
    }

    /// A task with an observed label that has no influence on the gradient of its own logits.
    ///
    /// Undecided labels are flipped one by one, an even part of them if there are many, then those of each task.
    fn find_ignored(&self, undecided: &[usize], expected: &Outcome) -> Option<usize> {
        const MOST: usize = 256;
        let tasks = self.labels.tasks;
        let some = undecided.iter().step_by(undecided.len().div_ceil(MOST.max(tasks)).max(1)).map(|label| vec![*label]);
        let of_task = |task: usize| undecided.iter().copied().filter(|label| label % tasks == task).collect::<Vec<_>>();
        let each_task = (0..tasks).map(of_task).filter(|labels| !labels.is_empty());
        let is_ignored = |flipped: &Vec<usize>| {
            let outcome = self.outcome(&self.labels.flipped(flipped));
            flipped.iter().all(|label| outcome.agrees_at(*label, expected, self.labels))
        };
        some.chain(each_task).find(is_ignored).map(|flipped| flipped[0] % tasks)
    }

    /// The observed labels of which the gradients of their own logits do not show that they follow this label alone.
    ///
    /// In each of a few passes many labels are flipped, each label in other passes than any other one. A gradient that
    /// has one value where its label is flipped, and another where it is not, follows no other label.
    fn undecided(&self, expected: &Outcome) -> Vec<usize> {
        let labels = self.labels;
        let observed: Vec<usize> = labels.observed().collect();
        let digits = usize::BITS - observed.len().leading_zeros();
        let is_flipped = |number: usize, digit: u32| (number + 1) >> digit & 1 == 1;
        let all = self.outcome(&labels.flipped(&observed));
        let flip = |digit: u32| {
            let flipped = observed.iter().enumerate().filter(|(number, _)| is_flipped(*number, digit));
            let flipped: Vec<usize> = flipped.map(|(_, label)| *label).collect();
            self.outcome(&labels.flipped(&flipped))
        };
        let outcomes: Vec<Outcome> = (0..digits).map(flip).collect();
        let is_followed = |number: usize, label: usize| {
            let fits = |(digit, outcome): (u32, &Outcome)| {
                outcome.agrees_at(label, if is_flipped(number, digit) { &all } else { expected }, labels)
            };
            !all.agrees_at(label, expected, labels) && (0..).zip(&outcomes).all(fits)
        };
        let numbered = observed.iter().enumerate();
        numbered.filter(|(number, label)| !is_followed(*number, **label)).map(|(_, label)| *label).collect()
    }
}
