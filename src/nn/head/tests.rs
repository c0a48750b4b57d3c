//! Heads and their losses against PyTorch.

use burn::{
    module::Param,
    optim::{AdamWConfig, GradientsParams},
    tensor::{Gradients, Int, TensorData},
};
use serde::Deserialize;

use super::*;
use crate::nn::{
    Ambiguous, LabelLoss, LabelLossConfig, Loss, Model, ModelConfig, MotifConvConfig, SignalInput, TaskMean,
    TrunkConfig,
};
use crate::testing::every_head;

#[derive(Deserialize)]
struct Oracle {
    sizes: Sizes,
    cases: Vec<Case>,
    extreme: Vec<Extreme>,
    training: Training,
}

#[derive(Deserialize)]
struct Sizes {
    batch: usize,
    features: usize,
    tasks: usize,
}

#[derive(Deserialize)]
struct Setting {
    head: String,
    classes: Option<Vec<Label>>,
    shared_gap: Option<bool>,
    ambiguous: String,
    soft: Option<f32>,
    reduction: Option<String>,
    smoothing: f32,
    bound_weights: Option<Vec<f32>>,
}

#[derive(Deserialize, Default)]
struct Parameters {
    linear_weight: Option<Vec<f32>>,
    linear_bias: Option<Vec<f32>>,
    gap: Option<Vec<f32>>,
    mixture: Option<Vec<f32>>,
    shift: Option<Vec<f32>>,
    features: Option<Vec<f32>>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    #[serde(flatten)]
    setting: Setting,
    parameters: Parameters,
    features: Vec<f32>,
    labels: Vec<i32>,
    weights: Vec<f32>,
    logits: Vec<f32>,
    bound_log_odds: Vec<f32>,
    loss: f32,
    gradients: Parameters,
}

#[derive(Deserialize)]
struct Extreme {
    #[serde(flatten)]
    setting: Setting,
    logits: Vec<f32>,
    labels: Vec<i32>,
    losses: Vec<f32>,
    gradients: Vec<f32>,
}

#[derive(Deserialize)]
struct Training {
    sizes: TrainingSizes,
    batches: Batches,
    adamw: AdamW,
    cases: Vec<TrainingCase>,
}

#[derive(Deserialize)]
struct TrainingSizes {
    batch: usize,
    length: usize,
    motifs: usize,
    width: usize,
    means: usize,
    hidden: usize,
    tasks: usize,
}

#[derive(Deserialize)]
struct AdamW {
    lr: f64,
    eps: f32,
    weight_decay: f32,
}

#[derive(Deserialize)]
struct Batches {
    codes: Vec<i32>,
    signal: Vec<f32>,
    labels: Vec<i32>,
    weights: Vec<f32>,
}

#[derive(Deserialize)]
struct TrainingCase {
    #[serde(flatten)]
    setting: Setting,
    parameters: TrainingParameters,
    losses: Vec<f32>,
}

#[derive(Deserialize)]
struct TrainingParameters {
    motifs: Vec<f32>,
    motif_bias: Vec<f32>,
    dense: Vec<f32>,
    dense_bias: Vec<f32>,
    #[serde(flatten)]
    head: Parameters,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/heads.json"));
    serde_json::from_str(text).unwrap()
}

impl Setting {
    fn kind(&self) -> HeadKind {
        match self.head.as_str() {
            "sigmoid" => HeadKind::Sigmoid,
            "softmax" => HeadKind::Softmax { classes: self.classes.clone().unwrap() },
            "ordinal" => HeadKind::Ordinal { shared_gap: self.shared_gap.unwrap() },
            "convex" => HeadKind::Convex,
            "exclusive" => HeadKind::ExclusiveSoftmax,
            other => panic!("{other}"),
        }
    }

    fn loss(&self, head: &Head) -> LabelLoss {
        let ambiguous = match self.ambiguous.as_str() {
            "masked" => Ambiguous::Masked,
            "unbound" => Ambiguous::Unbound,
            "class" => Ambiguous::Class,
            "soft" => Ambiguous::Soft(self.soft.unwrap()),
            other => panic!("{other}"),
        };
        let is_pooled = self.reduction.as_deref() == Some("pooled");
        LabelLossConfig::new()
            .with_ambiguous(ambiguous)
            .with_mean(if is_pooled { TaskMean::Pooled } else { TaskMean::PerTask })
            .with_bound_weights(self.bound_weights.clone())
            .with_smoothing(self.smoothing)
            .init(head)
    }
}

fn fill<const D: usize>(param: &mut Param<Tensor<D>>, values: Option<&Vec<f32>>) {
    let (shape, device) = (param.val().dims(), param.val().device());
    *param = Param::from_data(TensorData::new(values.unwrap().clone(), shape), &device);
}

fn fill_head(head: &mut Head, p: &Parameters) {
    match head {
        Head::Sigmoid(SigmoidHead { linear })
        | Head::Softmax(SoftmaxHead { linear, .. })
        | Head::Ordinal(OrdinalHead { linear, .. })
        | Head::ExclusiveSoftmax(ExclusiveSoftmaxHead { linear }) => {
            fill(&mut linear.weight, p.linear_weight.as_ref());
            fill(linear.bias.as_mut().unwrap(), p.linear_bias.as_ref());
        }
        Head::Convex(head) => {
            fill(&mut head.mixture, p.mixture.as_ref());
            fill(&mut head.shift, p.shift.as_ref());
            head.shift = head.shift.clone().set_require_grad(false);
        }
        Head::Gated(_) => unreachable!("no oracle has experts"),
    }
    if let Head::Ordinal(head) = head {
        fill(&mut head.gap, p.gap.as_ref());
    }
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

fn ints<const D: usize>(values: &[i32], shape: [usize; D], device: &Device) -> Tensor<D, Int> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

fn assert_close<const D: usize>(found: Tensor<D>, expected: &[f32], what: &str) {
    let found: Vec<f32> = found.into_data().iter::<f32>().collect();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        let tolerance = 1e-6 + 1e-5 * expected.abs();
        assert!((found - expected).abs() <= tolerance, "{what}: expected {expected}, found {found}");
    }
}

fn check_gradients(head: &Head, gradients: &Gradients, expected: &Parameters, name: &str) {
    fn check<const D: usize>(param: &Param<Tensor<D>>, gradients: &Gradients, expected: Option<&Vec<f32>>, what: &str) {
        assert_close(param.val().grad(gradients).unwrap(), expected.unwrap(), what);
    }
    match head {
        Head::Sigmoid(SigmoidHead { linear })
        | Head::Softmax(SoftmaxHead { linear, .. })
        | Head::Ordinal(OrdinalHead { linear, .. })
        | Head::ExclusiveSoftmax(ExclusiveSoftmaxHead { linear }) => {
            let what = format!("{name}: gradient of the linear layer");
            check(&linear.weight, gradients, expected.linear_weight.as_ref(), &what);
            check(linear.bias.as_ref().unwrap(), gradients, expected.linear_bias.as_ref(), &what);
        }
        Head::Convex(head) => {
            check(&head.mixture, gradients, expected.mixture.as_ref(), &format!("{name}: gradient of the mixture"));
            assert!(head.shift.val().grad(gradients).is_none(), "{name}: the shift is not trained");
        }
        Head::Gated(_) => unreachable!("no oracle has experts"),
    }
    if let Head::Ordinal(head) = head {
        check(&head.gap, gradients, expected.gap.as_ref(), &format!("{name}: gradient of the gap"));
    }
}

#[test]
fn logits_losses_and_gradients_equal_pytorch() {
    let Oracle { sizes, cases, .. } = oracle();
    let device = Device::default().autodiff();
    let labels = [sizes.batch, sizes.tasks];
    for case in cases {
        let name = &case.name;
        let mut head = HeadConfig::new(case.setting.kind(), sizes.features, sizes.tasks).init(&device);
        fill_head(&mut head, &case.parameters);
        let features = tensor(&case.features, [sizes.batch, sizes.features], &device).require_grad();
        let logits = head.forward(features.clone());
        assert_close(logits.clone(), &case.logits, &format!("{name}: logits"));
        assert_close(head.bound_log_odds(logits.clone()), &case.bound_log_odds, &format!("{name}: log-odds"));
        let weights = tensor(&case.weights, [sizes.batch], &device);
        let loss = case.setting.loss(&head).forward(logits, ints(&case.labels, labels, &device), Some(weights));
        assert_close(loss.clone(), &[case.loss], &format!("{name}: loss"));
        let gradients = loss.backward();
        let of_features = features.grad(&gradients).unwrap();
        assert_close(of_features, case.gradients.features.as_ref().unwrap(), &format!("{name}: gradient of features"));
        check_gradients(&head, &gradients, &case.gradients, name);
    }
}

#[test]
fn extreme_logits_have_the_losses_and_gradients_of_exact_arithmetic() {
    let device = Device::default().autodiff();
    for case in oracle().extreme {
        let head = HeadConfig::new(case.setting.kind(), 1, 1).init(&device);
        let loss = case.setting.loss(&head);
        let classes = case.logits.len() / case.labels.len();
        for (index, label) in case.labels.iter().enumerate() {
            let row = &case.logits[index * classes..(index + 1) * classes];
            let logits = tensor(row, [1, 1, classes], &device).require_grad();
            let found = loss.forward(logits.clone(), ints(&[*label], [1, 1], &device), None);
            let what = format!("{} {row:?} label {label}", case.setting.head);
            assert_close(found.clone(), &case.losses[index..=index], &what);
            let gradient = logits.grad(&found.backward()).unwrap();
            assert_close(
                gradient,
                &case.gradients[index * classes..(index + 1) * classes],
                &format!("{what}: gradient"),
            );
        }
    }
}

fn model(sizes: &TrainingSizes, case: &TrainingCase, device: &Device) -> Model {
    let trunk = TrunkConfig::new(sizes.length, MotifConvConfig::new(sizes.motifs, sizes.width))
        .with_hidden(sizes.hidden)
        .with_signal(SignalInput::Means(sizes.means));
    let mut model = ModelConfig::new(trunk, sizes.tasks).with_head(case.setting.kind()).init(device);
    fill(&mut model.trunk.conv.weight, Some(&case.parameters.motifs));
    fill(&mut model.trunk.conv.bias, Some(&case.parameters.motif_bias));
    let dense = model.trunk.dense.as_mut().unwrap();
    fill(&mut dense.weight, Some(&case.parameters.dense));
    fill(dense.bias.as_mut().unwrap(), Some(&case.parameters.dense_bias));
    fill_head(&mut model.head, &case.parameters.head);
    model
}

#[test]
fn twenty_steps_of_training_equal_pytorch() {
    let Training { sizes, batches, adamw, cases } = oracle().training;
    let device = Device::default();
    let autodiff = device.clone().autodiff();
    let (inputs, labels) = (sizes.batch * sizes.length, sizes.batch * sizes.tasks);
    for case in cases {
        let mut model = model(&sizes, &case, &device).train();
        let mut optimizer = AdamWConfig::new().with_epsilon(adamw.eps).with_weight_decay(adamw.weight_decay).init();
        let loss = case.setting.loss(&model.head);
        for (step, expected) in case.losses.iter().enumerate() {
            let codes = &batches.codes[step * inputs..(step + 1) * inputs];
            let signal = &batches.signal[step * inputs..(step + 1) * inputs];
            let codes = ints(codes, [sizes.batch, sizes.length], &autodiff);
            let signal = tensor(signal, [sizes.batch, 1, sizes.length], &autodiff);
            let labels =
                ints(&batches.labels[step * labels..(step + 1) * labels], [sizes.batch, sizes.tasks], &autodiff);
            let weights = &batches.weights[step * sizes.batch..(step + 1) * sizes.batch];
            let weights = tensor(weights, [sizes.batch], &autodiff);
            let value = loss.forward(model.forward(codes, Some(signal)), labels, Some(weights));
            let found = value.clone().detach().into_scalar::<f32>();
            let head = &case.setting.head;
            assert!((found - expected).abs() < 1e-4, "{head}, step {step}: expected {expected}, found {found}");
            let gradients = GradientsParams::from_grads(value.backward(), &model);
            model = optimizer.step(adamw.lr, model, gradients);
        }
    }
}

#[test]
fn a_head_starts_at_the_base_rate() {
    let device = Device::default();
    let shares = [[0.0, 1e6, 50.0, 10.0], [500.0, 300.0, 100.0, 100.0]].map(LabelShares::from_counts).to_vec();
    for kind in every_head() {
        let head = HeadConfig::new(kind.clone(), 4, 2).with_shares(Some(shares.clone())).init(&device);
        // A feature of ln 2 says one half, which the convex head starts from; the others start from 0.
        let features = Tensor::full([1, 4], if kind == HeadKind::Convex { 2f32.ln() } else { 0.0 }, &device);
        let bound: Vec<f32> = head.bound_probability(head.forward(features)).into_data().iter::<f32>().collect();
        let is_two = matches!(&kind, HeadKind::Softmax { classes } if classes.len() == 2);
        let expected = if is_two { [1e-5, 0.25] } else { [1e-5, 0.2] };
        for (bound, expected) in bound.iter().zip(expected) {
            let is_near = matches!(kind, HeadKind::ExclusiveSoftmax | HeadKind::Gated { .. });
            let slack = if is_near { 0.25 } else { 1e-3 };
            assert!((bound / expected - 1.0).abs() < slack, "{kind:?}: {bound} and {expected}");
        }
    }
}

#[test]
fn a_shift_moves_the_log_odds_of_being_bound_by_as_much() {
    let device = Device::default();
    for kind in every_head() {
        let head = HeadConfig::new(kind.clone(), 3, 2).with_seed(5).init(&device);
        let features = Tensor::<2>::from_data([[0.2, 0.0, 1.5], [0.0, 3.0, 0.1]], &device);
        let of = |head: &Head| head.bound_log_odds(head.forward(features.clone()));
        let before = of(&head);
        // One task alone moves: across tasks, the softmax would hand on what the other loses.
        let moved = (of(&head.shifted(&[-1.5, 0.0])) - before).into_data();
        let moved: Vec<f32> = moved.iter::<f32>().collect();
        for row in moved.chunks(2) {
            assert!((row[0] + 1.5).abs() < 1e-5, "{kind:?}: {moved:?}");
            assert!(row[1].abs() < 1e-6 || kind == HeadKind::ExclusiveSoftmax, "{kind:?}: {moved:?}");
        }
    }
}

#[test]
fn an_exclusive_softmax_that_is_sure_keeps_its_digits() {
    let head = HeadConfig::new(HeadKind::ExclusiveSoftmax, 1, 3).init(&Device::default());
    let logits = Tensor::<3>::from_data([[[40.0], [-30.0], [-1e4]]], &Device::default());
    let found: Vec<f32> = head.bound_log_odds(logits).into_data().iter::<f32>().collect();
    assert_eq!(found, [40.0, -70.0, -10_040.0]);
}

#[test]
fn classes_out_of_order_are_refused() {
    let kind = HeadKind::Softmax { classes: vec![Label::Bound, Label::Unbound] };
    let expected = "architecture.head.softmax.classes: expected at least two labels in rising order, bound the last, \
                    found [bound, unbound]";
    assert_eq!(kind.validate().unwrap_err().to_string(), expected);
}

#[test]
fn every_kind_survives_a_config_file() {
    #[derive(serde::Serialize, Deserialize)]
    struct Config {
        head: HeadKind,
    }
    for head in every_head() {
        let text = toml::to_string(&Config { head: head.clone() }).unwrap();
        assert_eq!(toml::from_str::<Config>(&text).unwrap().head, head, "{text}");
    }
    assert!(toml::from_str::<Config>("head = { ordinal = { gap = true } }").is_err());
}
