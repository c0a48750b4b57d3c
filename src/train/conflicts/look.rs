//! One look at the gradients of the tasks.

use burn::tensor::Tensor;

use super::direction::{Direction, typical_weight};
use crate::{
    data::Batch,
    nn::{LabelLoss, Model, Precision},
};

/// The inner products of each two tasks' gradients on the shared weights, estimated from a batch; scaled by the mean
/// squared slope of all tasks, so that looks early and late in a training count alike.
///
/// A gradient is that of a task's expected loss: the product of a sample with itself is left out, since it would only
/// say that the tasks share the sample. Gradients are not computed: random directions of all shared weights give the
/// slopes of each task's loss, with a forward pass each, and the mean product of the slopes of two tasks estimates the
/// inner product of their gradients.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct Look {
    tasks: usize,
    /// `[task, task]`; none where two tasks have no labels of different samples.
    products: Vec<Option<f64>>,
    /// The samples with a label of both, `[task, task]`.
    samples: Vec<u64>,
}

/// The directions of a look.
const DIRECTIONS: u64 = 3;
/// The least share of pairs of labels, by weight, that belong to different samples.
const LEAST_DISTINCT: f64 = 0.25;

impl Look {
    /// Looks at a model without autodiff; none if its losses are not finite.
    pub(in crate::train) fn new(model: &Model, loss: &LabelLoss, batch: &Batch, seed: u64) -> Option<Self> {
        Self::with_directions(model, loss, batch, seed, DIRECTIONS)
    }

    fn with_directions(model: &Model, loss: &LabelLoss, batch: &Batch, seed: u64, directions: u64) -> Option<Self> {
        let mut slopes = Vec::new();
        let mut labels = None;
        for (member, number) in model.members().zip(0..) {
            let logits = logits(member, batch);
            let (gradient, observed) = logit_gradient(loss, logits.clone(), batch);
            labels.get_or_insert(observed);
            let size = step_size(member);
            for direction in 0..directions {
                let trunk = Direction::new(&[seed, number, direction], size).moved(&member.trunk);
                let moved = Model { trunk, others: Vec::new(), ..member.clone() };
                let change = (self::logits(&moved, batch) - logits.clone()) * gradient.clone() / size;
                slopes.push(change.sum_dim(2).squeeze_dim::<2>(2));
            }
        }
        Self::from_slopes(slopes, &labels?, &batch.weights)
    }

    /// Multiplies the slopes of tasks, which are each sample's parts of them, `[batch, task]` for each direction.
    fn from_slopes(slopes: Vec<Tensor<2>>, observed: &Tensor<2>, weights: &Tensor<1>) -> Option<Self> {
        let [_, tasks] = observed.dims();
        let sums = Tensor::cat(slopes.iter().map(|slopes| slopes.clone().sum_dim(0)).collect(), 0);
        let parts = Tensor::cat(slopes, 0);
        let scale = sums.clone().powi_scalar(2).mean();
        let products = numbers(&((gram(&sums) - gram(&parts)) / (scale * sums.dims()[0] as f32).unsqueeze()));
        if !products.iter().all(|product| product.is_finite()) {
            return None;
        }
        let samples = numbers(&gram(observed));
        let weighted = observed.clone() * weights.clone().unsqueeze_dim(1);
        let shares = weighted.clone() / weighted.sum_dim(0).clamp_min(f32::MIN_POSITIVE);
        let same = numbers(&gram(&shares));
        let product = |index: usize| {
            let (a, b) = (index / tasks, index % tasks);
            let is_seen = same[a * tasks + a] > 0.0 && same[b * tasks + b] > 0.0;
            let distinct = 1.0 - same[index];
            (is_seen && distinct > LEAST_DISTINCT).then(|| products[index] / distinct)
        };
        let products = (0..tasks * tasks).map(product).collect();
        Some(Self { tasks, products, samples: samples.into_iter().map(|count| count.round() as u64).collect() })
    }

    #[cfg(test)]
    pub(super) fn from_parts(tasks: usize, products: Vec<Option<f64>>, samples: Vec<u64>) -> Self {
        Self { tasks, products, samples }
    }

    pub(super) fn tasks(&self) -> usize {
        self.tasks
    }

    /// The estimated product of two tasks' gradients; none where they have no labels of different samples.
    pub(super) fn product(&self, a: usize, b: usize) -> Option<f64> {
        self.products[a * self.tasks + b]
    }

    /// The samples with a label of both tasks.
    pub(super) fn common_samples(&self, a: usize, b: usize) -> u64 {
        self.samples[a * self.tasks + b]
    }
}

/// How far a direction goes: far enough that the change of a logit is not lost in rounding, and near enough that it
/// is a slope.
fn step_size(member: &Model) -> f32 {
    let share = if member.trunk.precision() == Precision::F32 { 1.0 / 1024.0 } else { 1.0 / 16.0 };
    (typical_weight(&member.trunk) * share).max(1e-6)
}

/// The logits of this member alone.
fn logits(member: &Model, batch: &Batch) -> Tensor<3> {
    member.forward_pooled(member.trunk.pooled(batch.codes.clone(), batch.signal.clone()))
}

/// The derivative of each task's mean loss in its logits, and which labels count, `[batch, task]`.
fn logit_gradient(loss: &LabelLoss, logits: Tensor<3>, batch: &Batch) -> (Tensor<3>, Tensor<2>) {
    let logits = logits.autodiff().require_grad();
    let on_tape = |weights: &Tensor<1>| Tensor::from_inner(weights.clone());
    let labels = Tensor::from_inner(batch.labels.clone());
    let losses = loss.per_task(logits.clone(), labels, Some(on_tape(&batch.weights)));
    let losses = losses.expect("a loss that is split by task");
    let gradient = logits.grad(&losses.means.sum().backward()).expect("a loss of logits");
    (gradient, losses.observed.inner())
}

/// The inner products of columns.
fn gram(rows: &Tensor<2>) -> Tensor<2> {
    rows.clone().transpose().matmul(rows.clone())
}

fn numbers(tensor: &Tensor<2>) -> Vec<f64> {
    tensor.clone().into_data().iter::<f64>().collect()
}

#[cfg(test)]
mod tests {
    use burn::{module::Module, tensor::Device};

    use super::*;
    use crate::{
        data::HostBatch,
        genome::Label,
        nn::{HeadKind, LabelLossConfig, ModelConfig, MotifConvConfig, Network, TrunkConfig},
        testing::every_head,
    };

    const TASKS: usize = 3;
    const SAMPLES: usize = 6;

    fn model(head: HeadKind, members: usize) -> Model {
        let trunk = |seed| TrunkConfig::new(30, MotifConvConfig::new(4, 7).with_seed(seed)).with_hidden(8);
        let member = |seed| ModelConfig::new(trunk(seed), TASKS).with_head(head.clone()).init(&Device::default());
        let mut first = member(1).valid();
        first.others = (2..).take(members - 1).map(|seed| member(seed).valid()).collect();
        first
    }

    /// The second task has no label in the last two samples, the third in the first.
    fn host() -> HostBatch {
        use Label::{Bound, Missing, Unbound};
        let labels = [
            [Bound, Unbound, Missing],
            [Unbound, Bound, Bound],
            [Unbound, Unbound, Unbound],
            [Bound, Bound, Unbound],
            [Unbound, Missing, Bound],
            [Bound, Missing, Unbound],
        ];
        let codes = (0..SAMPLES * 30).map(|place| (place * place % 7 * place % 5 % 4) as u8).collect();
        let weights = (0..SAMPLES).map(|sample| 1.0 + sample as f32 / 4.0).collect();
        HostBatch { size: SAMPLES, codes, signal: Vec::new(), labels: labels.concat(), weights }
    }

    fn batch(host: &HostBatch) -> Batch {
        Batch::new(host, &Device::default()).unwrap()
    }

    fn sigmoid() -> (Model, LabelLoss) {
        let model = model(HeadKind::Sigmoid, 1);
        let loss = LabelLossConfig::new().init(&model.head);
        (model, loss)
    }

    /// Each sample's part of each task's gradient on the weights of the trunk, `[task][sample]`.
    fn exact_parts(model: &Model, loss: &LabelLoss, batch: &Batch) -> Vec<Vec<Vec<f32>>> {
        let (gradient, _) = logit_gradient(loss, logits(model, batch), batch);
        let learning = model.clone().train();
        let tape = Device::default().autodiff();
        let moved = Batch::new(&host(), &tape).unwrap();
        let part = |task: usize, sample: usize| {
            let logits = logits(&learning, &moved) * Tensor::from_inner(gradient.clone());
            let part = logits.narrow(0, sample, 1).narrow(1, task, 1).sum();
            let mut weights = Gradient { gradients: part.backward(), values: Vec::new() };
            learning.trunk.visit(&mut weights);
            weights.values
        };
        (0..TASKS).map(|task| (0..SAMPLES).map(|sample| part(task, sample)).collect()).collect()
    }

    struct Gradient {
        gradients: burn::tensor::Gradients,
        values: Vec<f32>,
    }

    impl burn::module::ModuleVisitor for Gradient {
        fn visit_float<const D: usize>(&mut self, weights: &burn::module::Param<Tensor<D>>) {
            let gradient = weights.val().grad(&self.gradients).unwrap();
            self.values.extend(gradient.into_data().iter::<f32>());
        }
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    #[test]
    fn products_are_sums_worked_out_by_hand_without_those_of_a_sample_and_itself() {
        let device = Device::default();
        let slopes = [[[1.0, 2.0], [3.0, -1.0]], [[0.0, 1.0], [1.0, 0.0]]].map(|s| Tensor::<2>::from_data(s, &device));
        let observed = Tensor::<2>::ones([2, 2], &device);
        let look = Look::from_slopes(slopes.to_vec(), &observed, &Tensor::ones([2], &device)).unwrap();
        // Sums over samples (4, 1) and (1, 1), of mean square 4.75; of all pairs of samples half are distinct.
        // (16 + 1) - (1 + 9 + 1), (4 + 1) - (2 - 3), and (1 + 1) - (4 + 1 + 1).
        let expected = [6.0, 6.0, -4.0].map(|product| product / (2.0 * 4.75) / 0.5);
        for (pair, expected) in [(0, 0), (0, 1), (1, 1)].into_iter().zip(expected) {
            let found = look.product(pair.0, pair.1).unwrap();
            assert!((found - expected).abs() < 1e-6, "{pair:?}: {found} {expected}");
        }
        assert_eq!((look.product(1, 0), look.common_samples(0, 1)), (look.product(0, 1), 2));
    }

    #[test]
    fn tasks_without_labels_of_different_samples_have_no_product() {
        let device = Device::default();
        let slopes = Tensor::<2>::from_data([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0], [1.0, 0.0, 0.0]], &device);
        let observed = Tensor::from_data([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]], &device);
        let look = Look::from_slopes(vec![slopes], &observed, &Tensor::ones([3], &device)).unwrap();
        let has_product: Vec<bool> = (0..9).map(|pair| look.product(pair / 3, pair % 3).is_some()).collect();
        // One label is no estimate of a length.
        assert_eq!(has_product, [true, true, true, true, false, true, true, true, false]);
        assert_eq!(look.samples, [3, 1, 1, 1, 1, 0, 1, 0, 1]);
        let nothing = Tensor::<2>::zeros([3, 3], &device);
        assert_eq!(Look::from_slopes(vec![nothing], &observed, &Tensor::ones([3], &device)), None);
    }

    #[test]
    fn a_slope_is_the_product_of_a_gradient_and_a_direction_whatever_the_head() {
        for head in every_head().into_iter().filter(|head| *head != HeadKind::ExclusiveSoftmax) {
            let model = model(head.clone(), 1);
            let (loss, batch) = (LabelLossConfig::new().init(&model.head), batch(&host()));
            let parts = exact_parts(&model, &loss, &batch);
            let logits = logits(&model, &batch);
            let (gradient, _) = logit_gradient(&loss, logits.clone(), &batch);
            let size = step_size(&model);
            for direction in 0..3 {
                let moved = Model { trunk: Direction::new(&[direction], size).moved(&model.trunk), ..model.clone() };
                let slopes = (self::logits(&moved, &batch) - logits.clone()) * gradient.clone() / size;
                let slopes: Vec<f32> = slopes.sum().into_data().iter().collect();
                let mut signs = Weights(Vec::new());
                moved.trunk.visit(&mut signs);
                let moved = signs.0;
                let mut signs = Weights(Vec::new());
                model.trunk.visit(&mut signs);
                let signs: Vec<f32> =
                    moved.iter().zip(&signs.0).map(|(after, before)| (after - before).signum()).collect();
                let expected: f64 = parts.iter().flatten().map(|part| dot(part, &signs)).sum();
                let scale: f64 = parts.iter().flatten().map(|part| dot(part, part)).sum::<f64>().sqrt();
                assert!((f64::from(slopes[0]) - expected).abs() < 1e-2 * scale, "{head:?}: {slopes:?} {expected}");
            }
        }
    }

    /// All weights.
    struct Weights(Vec<f32>);

    impl burn::module::ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, weights: &burn::module::Param<Tensor<D>>) {
            self.0.extend(weights.val().into_data().iter::<f32>());
        }
    }

    #[test]
    fn many_directions_give_the_cosines_of_exact_gradients() {
        // All labels of a task are alike, so that its samples pull together.
        let mut host = host();
        for labels in host.labels.chunks_exact_mut(TASKS) {
            for (label, own) in labels.iter_mut().zip([Label::Bound, Label::Unbound, Label::Bound]) {
                *label = if *label == Label::Missing { Label::Missing } else { own };
            }
        }
        let ((model, loss), batch) = (sigmoid(), batch(&host));
        let parts = exact_parts(&model, &loss, &batch);
        let look = Look::with_directions(&model, &loss, &batch, 1, 3_000).unwrap();
        let shares = |task: usize| -> Vec<f64> {
            let rows = host.labels.chunks_exact(TASKS).zip(&host.weights);
            let weight = |(labels, weight): (&[Label], &f32)| {
                if labels[task] == Label::Missing { 0.0 } else { f64::from(*weight) }
            };
            let weights: Vec<f64> = rows.map(weight).collect();
            weights.iter().map(|weight| weight / weights.iter().sum::<f64>()).collect()
        };
        let exact = |a: usize, b: usize| -> f64 {
            let pairs = (0..SAMPLES).flat_map(|i| (0..SAMPLES).map(move |j| (i, j))).filter(|(i, j)| i != j);
            let (of_a, of_b) = (shares(a), shares(b));
            let distinct: f64 = pairs.clone().map(|(i, j)| of_a[i] * of_b[j]).sum();
            pairs.map(|(i, j)| dot(&parts[a][i], &parts[b][j])).sum::<f64>() / distinct
        };
        let mut strongest = 0.0_f64;
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let expected = exact(a, b) / (exact(a, a) * exact(b, b)).sqrt();
            let product = |a, b| look.product(a, b).unwrap();
            let found = product(a, b) / (product(a, a) * product(b, b)).sqrt();
            assert!((found - expected).abs() < 0.06, "{a} {b}: {found} {expected}");
            strongest = strongest.max(expected.abs());
        }
        assert!(strongest > 0.2, "nothing to be seen: {strongest}");
    }

    #[test]
    fn a_sample_has_no_influence_on_tasks_without_its_label() {
        let (model, loss) = sigmoid();
        let mut other = host();
        // The first sample, which the third task lacks, and the last two, which the second lacks.
        other.codes[..30].reverse();
        let [before, after] = [host(), other].map(|host| Look::new(&model, &loss, &batch(&host), 1).unwrap());
        // Looks are scaled by all tasks.
        let ratio = |look: &Look, a, b| look.product(a, b).unwrap() / look.product(2, 2).unwrap();
        assert!((ratio(&before, 0, 0) - ratio(&after, 0, 0)).abs() > 1e-3);
        let mut without = host();
        without.labels.chunks_exact_mut(TASKS).for_each(|labels| labels[1] = Label::Missing);
        let without = Look::new(&model, &loss, &batch(&without), 1).unwrap();
        assert_eq!((without.product(0, 1), without.common_samples(1, 1)), (None, 0));
        assert!((ratio(&without, 0, 0) - ratio(&before, 0, 0)).abs() < 1e-4 * ratio(&before, 0, 0).abs());
    }

    #[test]
    fn all_members_are_watched() {
        let (two, batch) = (model(HeadKind::Sigmoid, 2), batch(&host()));
        let loss = LabelLossConfig::new().init(&two.head);
        let look = |model: &Model| Look::new(model, &loss, &batch, 1).unwrap();
        let first = Model { others: Vec::new(), ..two.clone() };
        let last = two.others[0].clone();
        assert!(look(&two) != look(&first) && look(&two) != look(&last));
        let silent = Model { others: vec![last.shifted(&[30.0; TASKS])], ..two.clone() };
        assert!(look(&silent) != look(&two));
    }

    #[test]
    fn losses_that_are_not_finite_are_not_looked_at() {
        let (model, loss) = sigmoid();
        let spoiled = Network::shifted(model, &[f64::NAN; TASKS]).unwrap();
        assert_eq!(Look::new(&spoiled, &loss, &batch(&host()), 1), None);
    }
}
