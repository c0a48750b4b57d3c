//! The loss of a head, from labels.

use burn::{
    config::Config,
    tensor::{Int, Tensor},
};

use super::{
    Ambiguous, ExclusiveCrossEntropy, ExclusiveCrossEntropyConfig, Loss, MaskedMultiTaskBce, MaskedMultiTaskBceConfig,
    MaskedMultiTaskCrossEntropy, MaskedMultiTaskCrossEntropyConfig, MaskedMultiTaskOrdinal,
    MaskedMultiTaskOrdinalConfig, TaskMean,
    mean::{label_weights, task_means},
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
        let (losses, observed) = self.per_label(logits, &labels)?;
        let (means, seen) = task_means(losses, label_weights(observed.clone(), sample_weights));
        Some(TaskLosses { means: means.squeeze_dim(0), seen: seen.squeeze_dim(0), observed })
    }

    /// Computes the loss of each label, and which labels count, both `[batch, task]`.
    fn per_label(&self, logits: Tensor<3>, labels: &Tensor<2, Int>) -> Option<(Tensor<2>, Tensor<2>)> {
        Some(match &self.loss {
            HeadLoss::Binary(loss) => {
                let (targets, observed) = targets::bound(labels, self.ambiguous);
                (loss.forward_no_reduction(logits.squeeze_dim(2), targets, observed.clone()), observed)
            }
            HeadLoss::Classes(loss, classes) => {
                let (targets, observed) = targets::classes(labels, self.ambiguous, classes);
                (loss.forward_no_reduction(logits, targets, observed.clone()), observed)
            }
            HeadLoss::Ordinal(loss) => {
                let (targets, observed) = targets::classes(labels, self.ambiguous, &ORDERED);
                (loss.forward_no_reduction(logits, targets, observed.clone()), observed)
            }
            HeadLoss::Exclusive(_) => return None,
        })
    }
}

/// The losses of tasks in a batch.
#[derive(Clone, Debug)]
pub struct TaskLosses {
    /// The mean over each task's labels, 0 without any, `[task]`.
    pub means: Tensor<1>,
    /// 1 for a task with a label, 0 for one without, `[task]`.
    pub seen: Tensor<1>,
    /// 1 where a label counts, 0 elsewhere, `[batch, task]`.
    pub observed: Tensor<2>,
}

impl Loss for LabelLoss {
    fn forward(&self, logits: Tensor<3>, labels: Tensor<2, Int>, sample_weights: Option<Tensor<1>>) -> Tensor<1> {
        match &self.loss {
            HeadLoss::Exclusive(loss) => {
                let (targets, observed) = targets::bound(&labels, self.ambiguous);
                loss.forward(logits.squeeze_dim(2), targets, observed, sample_weights)
            }
            HeadLoss::Binary(_) | HeadLoss::Classes(..) | HeadLoss::Ordinal(_) => {
                let (losses, observed) = self.per_label(logits, &labels).expect("these losses have labels");
                self.mean.average(losses, observed, sample_weights)
            }
        }
    }
}
