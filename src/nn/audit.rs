//! The mask audit: a perturbation test that missing labels have no influence.

mod labels;
mod outcome;
#[cfg(test)]
mod tests;

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
    /// that neither the loss nor the gradient of any parameter changes by a single bit
    ///
    /// - if other numbers stand for a missing label,
    /// - if the logits of missing labels change, to NaN as well,
    /// - if the sequence of the sample without labels changes.
    ///
    /// Both must change if the observed labels of a task do, and the logit of each observed label must have a gradient.
    /// Ambiguous labels stay as they are: how they count is a policy ([`Ambiguous`](super::Ambiguous)).
    ///
    /// The audit seeds burn's random state, which is one for the whole process, before each forward pass.
    ///
    /// # Errors
    ///
    /// [`Error::MaskAudit`] with the task and the fault.
    ///
    /// # Panics
    ///
    /// Panics if the batch is empty or does not fit the network.
    pub fn run(network: &impl Network, loss: &dyn Loss, batch: &Batch) -> Result<Self> {
        let audited = AuditedLoss::new(network, loss, batch);
        let labels = PlantedLabels::new(batch);
        let expected = audited.outcome(&labels.codes(), None, false);
        if !expected.is_finite() {
            return Err(Error::MaskAudit { task: expected.first_not_finite(&labels), fault: MaskFault::NotFinite });
        }
        audited.check_missing(&labels, &expected)?;
        audited.check_observed(&labels, &expected)?;
        Ok(Self { missing: labels.count(Label::Missing), observed: labels.observed() })
    }
}

/// The audited network and loss, and the samples.
struct AuditedLoss<'a, N> {
    network: N,
    loss: &'a dyn Loss,
    batch: Batch,
    /// The same samples, with another sequence in the one without labels.
    changed_codes: Tensor<2, Int>,
    device: Device,
}

impl<'a, N: Network> AuditedLoss<'a, N> {
    fn new(network: &N, loss: &'a dyn Loss, batch: &Batch) -> Self {
        let device = batch.codes.device().autodiff();
        let rows = PlantedLabels::rows(batch);
        let rows = Tensor::<1, Int>::from_data(TensorData::from(rows.as_slice()), &batch.codes.device());
        let codes = batch.codes.clone().select(0, rows.clone());
        let signal = batch.signal.clone().map(|signal| signal.select(0, rows.clone()).to_device(&device));
        let batch = Batch {
            codes: codes.clone(),
            signal,
            labels: batch.labels.clone().select(0, rows.clone()),
            weights: batch.weights.clone().select(0, rows).to_device(&device),
        };
        Self { network: network.valid().train(), loss, batch, changed_codes: with_last_sequence_changed(codes), device }
    }

    /// Loss and gradients for labels, `[batch, task]`, with noise added to the logits of each label.
    fn outcome(&self, labels: &[i32], noise: Option<&[f32]>, changes_sequence: bool) -> Outcome {
        const SEED: u64 = 1;
        let codes = if changes_sequence { &self.changed_codes } else { &self.batch.codes };
        let device = &self.device;
        let logits = with_seed(device, SEED, || self.network.forward(codes.clone(), self.batch.signal.clone()));
        let [batch, tasks, classes] = logits.dims();
        let greatest = logits.clone().slice(s![..batch - 1]).abs().max().detach().into_scalar::<f32>();
        let offset = Tensor::<3>::zeros([batch, tasks, classes], device).require_grad();
        let mut moved = logits * (MAX_LOGIT / greatest.max(MAX_LOGIT)) + offset.clone();
        if let Some(noise) = noise {
            let noise = Tensor::<2>::from_data(TensorData::new(noise.to_vec(), [batch, tasks]), device);
            moved = moved + noise.unsqueeze_dim(2);
        }
        let labels = Tensor::<2, Int>::from_data(TensorData::new(labels.to_vec(), [batch, tasks]), device);
        let loss = self.loss.forward(moved, labels, Some(self.batch.weights.clone()));
        Outcome::new(loss, &offset, &self.network)
    }

    fn check_missing(&self, labels: &PlantedLabels, expected: &Outcome) -> Result<()> {
        let is_influenced = |found: &Outcome| found != expected;
        if let Some(task) = labels.find(Label::Missing, |index| expected.has_gradient(index, labels)) {
            return Err(Error::MaskAudit { task, fault: MaskFault::MissingHasInfluence });
        }
        for code in [4, 7] {
            let find = |task| is_influenced(&self.outcome(&labels.with_missing(code, task), None, false));
            labels.find_task(find, MaskFault::MissingHasInfluence)?;
        }
        for noise in [2.5, -2.5, f32::NAN, f32::INFINITY] {
            let find = |task| {
                let noise = labels.at_missing(noise, task);
                is_influenced(&self.outcome(&labels.codes(), Some(&noise), false))
            };
            let fault = if noise.is_finite() { MaskFault::MissingHasInfluence } else { MaskFault::NanLeaks };
            labels.find_task(find, fault)?;
        }
        if is_influenced(&self.outcome(&labels.codes(), None, true)) {
            return Err(Error::MaskAudit { task: 0, fault: MaskFault::SequenceHasInfluence });
        }
        Ok(())
    }

    fn check_observed(&self, labels: &PlantedLabels, expected: &Outcome) -> Result<()> {
        let has_no_gradient = |label| labels.find(label, |index| !expected.has_gradient(index, labels));
        let has_no_influence = |task: &usize| self.outcome(&labels.flipped(*task), None, false) == *expected;
        let ignored = [Label::Unbound, Label::Bound].into_iter().find_map(has_no_gradient);
        let ignored = ignored.or_else(|| (0..labels.tasks).find(has_no_influence));
        ignored.map_or(Ok(()), |task| Err(Error::MaskAudit { task, fault: MaskFault::ObservedIgnored }))
    }
}
