//! The loss of a head, from labels.

use burn::{
    config::Config,
    tensor::{Int, Tensor},
};

use super::{
    Ambiguous, ExclusiveCrossEntropy, ExclusiveCrossEntropyConfig, Loss, MaskedMultiTaskBce, MaskedMultiTaskBceConfig,
    MaskedMultiTaskCrossEntropy, MaskedMultiTaskCrossEntropyConfig, MaskedMultiTaskOrdinal,
    MaskedMultiTaskOrdinalConfig, TaskMean,
    mean::{divide_or_zero, label_weights, task_means, task_sums},
    targets,
};
use crate::{
    genome::Label,
    nn::{Head, head::LogitKind},
};

/// Configuration of [`LabelLoss`].
#[derive(Config, Debug)]
pub struct LabelLossConfig {
    /// The treatment of ambiguous labels (default [`Ambiguous::Masked`]).
    #[config(default = "Ambiguous::Masked")]
    pub ambiguous: Ambiguous,
    /// How the losses of labels become one number (default [`TaskMean::PerTask`]). An exclusive softmax, with one loss
    /// a sample, ignores it.
    #[config(default = "TaskMean::PerTask")]
    pub mean: TaskMean,
    /// The weight of a bound label of each task; any other label weighs 1. Default: 1 for all.
    pub bound_weights: Option<Vec<f32>>,
    /// The share of each target that is spread evenly over the classes (label smoothing; default 0).
    #[config(default = 0.0)]
    pub smoothing: f32,
}

impl LabelLossConfig {
    /// Makes the loss of a head.
    ///
    /// # Panics
    ///
    /// Panics if a weight is negative or not finite, or the smoothing does not lie in 0 to 1, 1 excluded.
    pub fn init(&self, head: &Head) -> LabelLoss {
        match head.logit_kind() {
            LogitKind::Binary => self.init_binary(),
            LogitKind::Classes(classes) => self.init_classes(classes),
            LogitKind::Ordinal => self.init_ordinal(),
            LogitKind::Exclusive => {
                let config = ExclusiveCrossEntropyConfig::new().with_smoothing(self.smoothing);
                self.build(HeadLoss::Exclusive(config.with_bound_weights(self.bound_weights.clone()).init()))
            }
        }
    }

    /// Makes the loss of logits `[batch, task, 1]` that are the log-odds of being bound, for a head of your own.
    ///
    /// # Panics
    ///
    /// Panics as [`init`](Self::init) does.
    pub fn init_binary(&self) -> LabelLoss {
        let config = MaskedMultiTaskBceConfig::new().with_mean(self.mean).with_smoothing(self.smoothing);
        self.build(HeadLoss::Binary(config.with_bound_weights(self.bound_weights.clone()).init()))
    }

    /// Makes the loss of logits `[batch, task, class]` of a softmax over labels, for a head of your own.
    ///
    /// # Panics
    ///
    /// Panics as [`init`](Self::init) does, or if the classes are not at least two labels, each once.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::{genome::Label, nn::{LabelLossConfig, Loss}};
    ///
    /// let device = Device::default();
    /// let loss = LabelLossConfig::new().init_classes(&[Label::Unbound, Label::Bound]);
    /// let labels = Tensor::<2, Int>::from_data([[0, 3]], &device); // missing, bound
    /// let value = loss.forward(Tensor::zeros([1, 2, 2], &device), labels, None).into_scalar::<f32>();
    /// assert!((value - 2f32.ln()).abs() < 1e-6);
    /// ```
    pub fn init_classes(&self, classes: &[Label]) -> LabelLoss {
        let distinct = classes.iter().enumerate().all(|(index, class)| !classes[..index].contains(class));
        assert!(classes.len() >= 2 && distinct, "classes are at least two labels, each once, found {classes:?}");
        let config = MaskedMultiTaskCrossEntropyConfig::new().with_mean(self.mean).with_smoothing(self.smoothing);
        self.build(HeadLoss::Classes(config.with_class_weights(self.class_weights(classes)).init(), classes.to_vec()))
    }

    /// Makes the loss of cumulative logits `[batch, task, 2]`, of being at least ambiguous and of being bound, for a
    /// head of your own.
    ///
    /// # Panics
    ///
    /// Panics as [`init`](Self::init) does.
    pub fn init_ordinal(&self) -> LabelLoss {
        let config = MaskedMultiTaskOrdinalConfig::new().with_mean(self.mean).with_smoothing(self.smoothing);
        self.build(HeadLoss::Ordinal(config.with_class_weights(self.class_weights(&ORDERED)).init()))
    }

    fn build(&self, loss: HeadLoss) -> LabelLoss {
        LabelLoss { ambiguous: self.ambiguous, mean: self.mean, loss }
    }

    fn class_weights(&self, classes: &[Label]) -> Option<Vec<Vec<f32>>> {
        let task_weights = |bound: &f32| -> Vec<f32> {
            classes.iter().map(|class| if *class == Label::Bound { *bound } else { 1.0 }).collect()
        };
        Some(self.bound_weights.as_ref()?.iter().map(task_weights).collect())
    }
}

/// The classes of an ordinal head.
const ORDERED: [Label; 3] = [Label::Unbound, Label::Ambiguous, Label::Bound];

/// The loss of a head, from labels: it makes targets and mask itself.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::{HeadConfig, HeadKind, LabelLossConfig, Loss};
///
/// let device = Device::default();
/// let head = HeadConfig::new(HeadKind::Ordinal { shared_gap: false }, 8, 2).init(&device);
/// let loss = LabelLossConfig::new().init(&head);
/// let logits = head.forward(Tensor::ones([1, 8], &device));
/// let labels = Tensor::<2, Int>::from_data([[0, 3]], &device); // missing, bound
/// assert!(loss.forward(logits, labels, None).into_scalar::<f32>() > 0.0);
/// ```
#[derive(Clone, Debug)]
pub struct LabelLoss {
    ambiguous: Ambiguous,
    mean: TaskMean,
    loss: HeadLoss,
}

#[derive(Clone, Debug)]
enum HeadLoss {
    Binary(MaskedMultiTaskBce),
    Classes(MaskedMultiTaskCrossEntropy, Vec<Label>),
    Ordinal(MaskedMultiTaskOrdinal),
    Exclusive(ExclusiveCrossEntropy),
}

impl LabelLoss {
    /// Returns the number of classes of the logits.
    pub(crate) fn classes(&self) -> usize {
        match &self.loss {
            HeadLoss::Binary(_) | HeadLoss::Exclusive(_) => 1,
            HeadLoss::Classes(_, classes) => classes.len(),
            HeadLoss::Ordinal(_) => ORDERED.len() - 1,
        }
    }

    /// Whether each task has a loss (see [`per_task`](Self::per_task)).
    pub(crate) fn is_per_task(&self) -> bool {
        match self.loss {
            HeadLoss::Binary(_) | HeadLoss::Classes(..) | HeadLoss::Ordinal(_) => true,
            HeadLoss::Exclusive(_) => false,
        }
    }

    /// Computes the mean loss of each task over its labels, and which labels count; `None` for an exclusive softmax,
    /// whose tasks have no losses of their own.
    ///
    /// # Shapes
    ///
    /// As [`Loss::forward`], but for the output.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use multitf::nn::{HeadConfig, HeadKind, LabelLossConfig};
    ///
    /// let device = Device::default();
    /// let head = HeadConfig::new(HeadKind::Sigmoid, 8, 2).init(&device);
    /// let labels = Tensor::<2, Int>::from_data([[3, 0], [1, 0]], &device); // the second task is missing
    /// let loss = LabelLossConfig::new().init(&head);
    /// let tasks = loss.per_task(Tensor::zeros([2, 2, 1], &device), labels, None).unwrap();
    /// let losses: Vec<f32> = tasks.means.into_data().iter::<f32>().collect();
    /// assert!((losses[0] - 2f32.ln()).abs() < 1e-6 && losses[1] == 0.0);
    /// assert_eq!(tasks.seen.into_data().iter::<f32>().collect::<Vec<_>>(), [1.0, 0.0]);
    /// ```
    pub fn per_task(
        &self,
        logits: Tensor<3>,
        labels: Tensor<2, Int>,
        sample_weights: Option<Tensor<1>>,
    ) -> Option<TaskLosses> {
        self.per_task_with(logits, &labels, sample_weights, false)
    }

    /// As [`per_task`](Self::per_task), with slopes where they are wanted and the loss has them.
    pub(crate) fn per_task_with(
        &self,
        logits: Tensor<3>,
        labels: &Tensor<2, Int>,
        sample_weights: Option<Tensor<1>>,
        with_slopes: bool,
    ) -> Option<TaskLosses> {
        let Sums { losses, weights, observed, slopes } = self.sums(logits, labels, sample_weights, with_slopes)?;
        let mean = self.mean.average_sums(losses.clone(), weights.clone());
        let slopes = slopes.map(|slopes| divide_or_zero(slopes, weights.clone().unsqueeze_dim(0)));
        let (means, seen) = task_means(losses, weights);
        Some(TaskLosses { means, mean, seen, observed, slopes })
    }

    /// Sums the losses of each task, if tasks have losses of their own.
    fn sums(
        &self,
        logits: Tensor<3>,
        labels: &Tensor<2, Int>,
        sample_weights: Option<Tensor<1>>,
        with_slopes: bool,
    ) -> Option<Sums> {
        Some(match &self.loss {
            HeadLoss::Binary(loss) => {
                let (targets, observed) = targets::bound(labels, self.ambiguous);
                let weights = label_weights(observed.clone(), sample_weights);
                let sums = loss.sums(logits.squeeze_dim(2), targets, weights, with_slopes);
                Sums { losses: sums.losses, weights: sums.weights, observed, slopes: sums.slopes }
            }
            HeadLoss::Classes(loss, classes) => self.class_sums(classes, labels, sample_weights, |targets, weights| {
                loss.forward_no_reduction(logits, targets, weights)
            }),
            HeadLoss::Ordinal(loss) => self.class_sums(&ORDERED, labels, sample_weights, |targets, weights| {
                loss.forward_no_reduction(logits, targets, weights)
            }),
            HeadLoss::Exclusive(_) => return None,
        })
    }

    /// Sums losses of labels, which follow from their targets and weights.
    fn class_sums(
        &self,
        classes: &[Label],
        labels: &Tensor<2, Int>,
        sample_weights: Option<Tensor<1>>,
        label_losses: impl FnOnce(Tensor<3>, Tensor<2>) -> Tensor<2>,
    ) -> Sums {
        let (targets, observed) = targets::classes(labels, self.ambiguous, classes);
        let weights = label_weights(observed.clone(), sample_weights);
        let (losses, weights) = task_sums(label_losses(targets, weights.clone()), weights);
        Sums { losses, weights, observed, slopes: None }
    }
}

/// The losses of a batch, summed for each task.
struct Sums {
    /// `[task]`
    losses: Tensor<1>,
    /// `[task]`
    weights: Tensor<1>,
    observed: Tensor<2>,
    /// The derivative of each task's sum in its logits, where the loss comes with it.
    slopes: Option<Tensor<2>>,
}

/// The losses of tasks in a batch.
#[derive(Clone, Debug)]
pub struct TaskLosses {
    /// The mean over each task's labels, 0 without any, `[task]`.
    pub means: Tensor<1>,
    /// The mean of them all, by the loss's [`TaskMean`], `[1]`.
    pub mean: Tensor<1>,
    /// 1 for a task with a label, 0 for one without, `[task]`.
    pub seen: Tensor<1>,
    /// 1 where a label counts, 0 elsewhere, `[batch, task]`.
    pub observed: Tensor<2>,
    /// The derivative of each task's mean in its logits, a constant, `[batch, task]`; for one logit a task.
    pub(crate) slopes: Option<Tensor<2>>,
}

impl Loss for LabelLoss {
    fn forward(&self, logits: Tensor<3>, labels: Tensor<2, Int>, sample_weights: Option<Tensor<1>>) -> Tensor<1> {
        match &self.loss {
            HeadLoss::Exclusive(loss) => {
                let (targets, observed) = targets::bound(&labels, self.ambiguous);
                loss.forward(logits.squeeze_dim(2), targets, observed, sample_weights)
            }
            HeadLoss::Binary(_) | HeadLoss::Classes(..) | HeadLoss::Ordinal(_) => {
                let sums = self.sums(logits, &labels, sample_weights, false).expect("tasks have losses of their own");
                self.mean.average_sums(sums.losses, sums.weights)
            }
        }
    }

    fn mixes_labels(&self) -> bool {
        !self.is_per_task()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::{
        nn::HeadConfig,
        testing::{every_head, floats},
    };

    const LABELS: [[i32; 2]; 3] = [[1, 3], [3, 0], [1, 1]];

    /// The loss and the gradient of logits, of which those of the last sample are replaced.
    fn run(loss: &LabelLoss, last: f32, weights: [f32; 3]) -> (f32, Vec<f32>) {
        let device = Device::default().autodiff();
        let count = 2 * loss.classes();
        let mut logits: Vec<f32> = (0..3 * count).map(|index| 1.0 - index as f32 / 4.0).collect();
        logits[2 * count..].fill(last);
        let logits = Tensor::<3>::from_data(TensorData::new(logits, [3, 2, loss.classes()]), &device).require_grad();
        let weights = Tensor::<1>::from_data(weights, &device);
        let value = loss.forward(logits.clone(), Tensor::from_data(LABELS, &device), Some(weights));
        let gradient = logits.grad(&value.clone().backward()).unwrap();
        (value.into_scalar::<f32>(), floats(&gradient.into_data()))
    }

    fn every_loss() -> impl Iterator<Item = LabelLoss> {
        every_head().into_iter().flat_map(|kind| {
            let head = HeadConfig::new(kind, 4, 2).init(&Device::default());
            [TaskMean::PerTask, TaskMean::Pooled].map(|mean| LabelLossConfig::new().with_mean(mean).init(&head))
        })
    }

    #[test]
    fn a_sample_of_weight_0_has_no_effect_whatever_its_logits() {
        for loss in every_loss() {
            let expected = run(&loss, 0.5, [2.0, 1.0, 0.0]);
            assert!(expected.0 > 0.0 && expected.1.iter().any(|gradient| *gradient != 0.0), "{loss:?}");
            for last in [-3.0, f32::NAN, f32::INFINITY] {
                assert_eq!(run(&loss, last, [2.0, 1.0, 0.0]), expected, "{loss:?}");
            }
        }
    }

    #[test]
    fn a_batch_of_samples_of_weight_0_has_no_loss_and_no_gradient() {
        for loss in every_loss() {
            let (value, gradient) = run(&loss, 0.5, [0.0; 3]);
            assert_eq!((value, gradient.iter().all(|gradient| *gradient == 0.0)), (0.0, true), "{loss:?}");
        }
    }

    #[test]
    fn a_sample_weighs_a_finite_number_that_is_not_negative() {
        // Elsewhere weights are not read back to be checked; those of a batch are, before they are copied.
        if !crate::device::is_host(&Device::default()) {
            return;
        }
        for loss in every_loss() {
            for weight in [-1.0, f32::NAN, f32::INFINITY] {
                let found = std::panic::catch_unwind(|| run(&loss, 0.5, [1.0, weight, 1.0]));
                let message = found.unwrap_err().downcast::<String>().unwrap();
                assert_eq!(*message, format!("a sample cannot weigh {weight}"), "{loss:?}");
            }
        }
    }
}
