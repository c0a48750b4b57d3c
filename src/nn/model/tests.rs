//! Logits and gradients against PyTorch, ensembles, and joined models.

use burn::{
    module::Param,
    tensor::{Device, TensorData, s},
};
use serde::Deserialize;

use super::*;
use crate::{
    nn::{
        Adapter, HeadKind, LastPool, MaskedMultiTaskBceConfig, MotifConvConfig, SigmoidHead, SignalInput, TaskMean,
        TrunkConfig, ops::Strands,
    },
    testing::assert_close,
};

#[derive(Deserialize)]
struct Oracle {
    sizes: Sizes,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Sizes {
    batch: usize,
    length: usize,
    motifs: usize,
    width: usize,
    hidden: usize,
    tasks: usize,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    channels: usize,
    means: usize,
    both_strands: bool,
    pool: usize,
    pooled_loss: bool,
    codes: Vec<i32>,
    signal: Vec<f32>,
    targets: Vec<f32>,
    observed: Vec<f32>,
    weights: Vec<f32>,
    bound_weights: Vec<f32>,
    logits: Vec<f32>,
    loss: f32,
    parameters: Parameters,
    gradients: Parameters,
}

#[derive(Deserialize)]
struct Parameters {
    motifs: Vec<f32>,
    motif_bias: Vec<f32>,
    dense: Vec<f32>,
    dense_bias: Vec<f32>,
    head: Vec<f32>,
    head_bias: Vec<f32>,
}

impl Case {
    fn model(&self, sizes: &Sizes, device: &Device) -> Model {
        let conv = MotifConvConfig::new(sizes.motifs, sizes.width)
            .with_channels(self.channels)
            .with_strands(if self.both_strands { Strands::Both } else { Strands::Forward });
        let signal = match (self.channels, self.means) {
            (0, 0) => SignalInput::Absent,
            (0, means) => SignalInput::Means(means),
            _ => SignalInput::Channels,
        };
        let trunk = TrunkConfig::new(sizes.length, conv).with_hidden(sizes.hidden);
        // PyTorch's pools drop what is less than one.
        let trunk = trunk.with_pool(self.pool).with_last_pool(LastPool::Dropped).with_signal(signal);
        let mut model = ModelConfig::new(trunk, sizes.tasks).init(device);
        let p = &self.parameters;
        fill(&mut model.trunk.conv.weight, &p.motifs);
        fill(&mut model.trunk.conv.bias, &p.motif_bias);
        let dense = model.trunk.dense.as_mut().unwrap();
        fill(&mut dense.weight, &p.dense);
        fill(dense.bias.as_mut().unwrap(), &p.dense_bias);
        let Head::Sigmoid(head) = &mut model.head else { unreachable!() };
        fill(&mut head.linear.weight, &p.head);
        fill(head.linear.bias.as_mut().unwrap(), &p.head_bias);
        model
    }
}

fn fill<const D: usize>(param: &mut Param<Tensor<D>>, values: &[f32]) {
    let (shape, device) = (param.val().dims(), param.val().device());
    *param = Param::from_data(TensorData::new(values.to_vec(), shape), &device);
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

#[test]
fn a_model_predicts_the_mean_of_its_members() {
    let device = Device::default();
    let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7).with_seed(5)).with_hidden(8);
    let config = ModelConfig::new(trunk, 3);
    let (alone, model) = (config.init(&device), config.clone().with_members(3).init(&device));
    let codes = Tensor::zeros([2, 30], &device);
    let each: Vec<Vec<f32>> = model.forward_each(codes.clone(), None).into_iter().map(values).collect();
    assert_eq!(each.len(), 3);
    let alone_says = values(alone.forward(codes.clone(), None));
    assert!(each[0].iter().zip(alone_says).all(|(a, b)| (a - b).abs() < 1e-6));
    assert!(each[1] != each[0] && each[2] != each[1]);
    for (index, mean) in values(model.forward(codes, None)).into_iter().enumerate() {
        let expected = (each[0][index] + each[1][index] + each[2][index]) / 3.0;
        assert!((mean - expected).abs() < 1e-6, "{mean} {expected}");
    }
    assert_eq!(model.num_params(), 3 * alone.num_params());
    let error = config.with_members(0).validate().unwrap_err().to_string();
    assert_eq!(error, "architecture.members: expected at least 1, found 0");
}

fn values(logits: Tensor<3>) -> Vec<f32> {
    logits.into_data().iter::<f32>().collect()
}

#[test]
fn a_joined_model_says_of_each_task_what_its_part_does() {
    let device = Device::default();
    let trunk = |seed| TrunkConfig::new(30, MotifConvConfig::new(4, 7).with_seed(seed)).with_hidden(8);
    let codes = Tensor::<1, Int>::arange(0..60, &device).remainder_scalar(5).reshape([2, 30]);
    for adapter in [Adapter::None, Adapter::Linear, Adapter::Hidden(3)] {
        let made = |seed, tasks, members| {
            let config = ModelConfig::new(trunk(seed), tasks).with_adapter(adapter);
            let mut model = config.with_members(members).init(&device);
            if let Some(adapters) = &mut model.adapters {
                adapters.weight = adapters.weight.clone().map(|weight| weight + 0.25);
            }
            model
        };
        let parts = [(made(1, 2, 2), vec![3, 0]), (made(2, 1, 1), vec![1]), (made(3, 1, 1), vec![2])];
        let joined = Model::joined(&parts).unwrap();
        assert_eq!((joined.members().count(), joined.answers.as_ref().unwrap().for_task(0)), (4, [0, 1].as_slice()));
        let found = values(joined.forward(codes.clone(), None));
        // Joined again with a model of another task.
        let again = Model::joined(&[(joined, vec![0, 1, 2, 4]), (made(4, 1, 1), vec![3])]).unwrap();
        let of_again = values(again.forward(codes.clone(), None));
        for (part, of) in parts {
            let said = values(part.forward(codes.clone(), None));
            for (place, task) in of.iter().enumerate() {
                for row in 0..2 {
                    let expected = said[row * of.len() + place];
                    let (once, twice) = (found[row * 4 + task], of_again[row * 5 + if *task == 3 { 4 } else { *task }]);
                    assert!((once - expected).abs() < 1e-5, "{adapter:?} {task}: {once} {expected}");
                    assert!((twice - expected).abs() < 1e-5, "{adapter:?} {task}: {twice} {expected}");
                }
            }
        }
        let last = again.select_tasks(&[3]).unwrap();
        let difference = last.forward(codes.clone(), None) - again.forward(codes.clone(), None).slice(s![.., 3..4]);
        assert!(difference.abs().max().into_scalar::<f32>() < 1e-5);
    }
    let convex = ModelConfig::new(trunk(1), 1).with_head(HeadKind::Convex).init(&device);
    assert!(Model::joined(&[(convex, vec![0])]).is_none());
}

#[test]
#[should_panic(expected = "a task from 0 to 1 is in no part")]
fn parts_that_leave_a_task_out_are_not_joined() {
    let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7));
    let model = ModelConfig::new(trunk, 2).init(&Device::default());
    let _ = Model::joined(&[(model, vec![0, 2])]);
}

#[test]
fn logits_loss_and_gradients_equal_pytorch() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/model.json"));
    let Oracle { sizes, cases } = serde_json::from_str(text).unwrap();
    let plain = Device::default();
    let device = plain.clone().autodiff();
    for case in cases {
        let model = case.model(&sizes, &device);
        let codes =
            Tensor::<2, Int>::from_data(TensorData::new(case.codes.clone(), [sizes.batch, sizes.length]), &device);
        let signal = tensor(&case.signal, [sizes.batch, 1, sizes.length], &device);
        let logits = model.bound_log_odds(codes, Some(signal));
        assert_close(&logits.clone().into_data(), &case.logits, &format!("{}: logits", case.name));
        let loss = MaskedMultiTaskBceConfig::new()
            .with_mean(if case.pooled_loss { TaskMean::Pooled } else { TaskMean::PerTask })
            .with_bound_weights(Some(case.bound_weights.clone()))
            .init();
        let labels = [sizes.batch, sizes.tasks];
        let loss = loss.forward(
            logits,
            tensor(&case.targets, labels, &device),
            tensor(&case.observed, labels, &device),
            Some(tensor(&case.weights, [sizes.batch], &device)),
        );
        assert_close(&loss.clone().into_data(), &[case.loss], &format!("{}: loss", case.name));
        let grads = loss.backward();
        let check = |gradient: TensorData, expected: &[f32], what| {
            assert_close(&gradient, expected, &format!("{}: gradient of {what}", case.name));
        };
        let Head::Sigmoid(SigmoidHead { linear: head }) = &model.head else { unreachable!() };
        let (conv, dense) = (&model.trunk.conv, model.trunk.dense.as_ref().unwrap());
        let expected = &case.gradients;
        check(conv.weight.grad(&grads).unwrap().into_data(), &expected.motifs, "the motifs");
        check(conv.bias.grad(&grads).unwrap().into_data(), &expected.motif_bias, "the motifs' bias");
        check(dense.weight.grad(&grads).unwrap().into_data(), &expected.dense, "the dense layer");
        check(dense.bias.as_ref().unwrap().grad(&grads).unwrap().into_data(), &expected.dense_bias, "its bias");
        check(head.weight.grad(&grads).unwrap().into_data(), &expected.head, "the head");
        check(head.bias.as_ref().unwrap().grad(&grads).unwrap().into_data(), &expected.head_bias, "its bias");
    }
}
