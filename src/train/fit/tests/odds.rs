//! The effect of settings on probabilities, and its correction.

use super::*;
use crate::nn::LabelLossConfig;

fn biases(fitted: &Fitted) -> Vec<f32> {
    linear(fitted).bias.as_ref().unwrap().val().into_data().iter::<f32>().collect()
}

#[test]
fn what_a_weight_of_bound_labels_adds_to_the_odds_is_taken_off_at_the_end() {
    let folder = TestFolder::new("fit-weight");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 1, 2]);
    config.training.budget = 64;
    config.training.learning_rate = 1e-12;
    let of = |weight, correction| {
        let mut config = config.clone();
        config.training.bound_weight = weight;
        config.training.sampler.correction = correction;
        fit(&dataset, &config, &tasks, 1).run().unwrap()
    };
    for correction in [PriorCorrection::Weight, PriorCorrection::None] {
        let (plain, weighted) = (of(1.0, correction), of(5.0, correction));
        for (plain, weighted) in biases(&plain).into_iter().zip(biases(&weighted)) {
            assert!((plain - weighted - 5_f32.ln()).abs() < 1e-5, "{plain} {weighted}");
        }
        // A shift changes no rank.
        assert!((plain.average_precision - weighted.average_precision).abs() < 1e-12);
    }
    // A model to start from was undone, and is once again.
    config.training.bound_weight = 5.0;
    let first = fit(&dataset, &config, &tasks, 1).run().unwrap();
    let second = fit(&dataset, &config, &tasks, 1).with_pretrained("first", first.model.clone()).run().unwrap();
    for (first, second) in biases(&first).into_iter().zip(biases(&second)) {
        assert!((first - second).abs() < 1e-5, "{first} {second}");
    }
}

#[test]
fn a_weighted_loss_is_least_at_the_log_odds_and_the_logarithm_of_the_weight() {
    // One bound label and three unbound ones of each of two tasks: log-odds of -ln 3 without a weight.
    let device = Device::default();
    let labels = Tensor::<2, Int>::from_data([[3, 3], [1, 1], [1, 1], [1, 1]], &device);
    let weight = 5_f32;
    let optimum = (weight / 3.0).ln();
    for (head, logits) in [
        (HeadKind::Sigmoid, vec![optimum]),
        (HeadKind::Softmax { classes: vec![Label::Unbound, Label::Bound] }, vec![0.0, optimum]),
    ] {
        let classes = logits.len();
        let head = crate::nn::HeadConfig::new(head, 4, 2).init(&device);
        let loss = LabelLossConfig::new().with_bound_weights(Some(vec![weight; 2])).init(&head);
        let data = burn::tensor::TensorData::new(logits.repeat(8), [4, 2, classes]);
        let logits = Tensor::<3>::from_data(data, &device.clone().autodiff()).require_grad();
        let gradients = crate::nn::Loss::forward(&loss, logits.clone(), labels.clone(), None).backward();
        let class_sums = logits.grad(&gradients).unwrap().sum_dim(0);
        assert!(class_sums.abs().max().into_scalar::<f32>() < 1e-6);
    }
}

#[test]
fn a_weight_that_overflows_is_refused_by_its_name() {
    for weight in [0.0, -1.0, 1e-7, 1e38, f32::NAN, f32::INFINITY] {
        let mut config = config();
        config.training.bound_weight = weight;
        let error = config.validate().unwrap_err().to_string();
        assert!(error.starts_with("training.bound_weight: expected 1e-6 to 1e6, found "), "{error}");
    }
    let folder = TestFolder::new("fit-overflow");
    let (dataset, mut config) = (world(&folder), config());
    config.training.budget = 64;
    let great = |logits: Tensor<3>, labels: Tensor<2, Int>, weights: Option<Tensor<1>>| {
        let head = crate::nn::HeadConfig::new(HeadKind::Sigmoid, 4, 2).init(&Device::default());
        let loss = LabelLossConfig::new().with_bound_weights(Some(vec![1e38; 2])).init(&head);
        crate::nn::Loss::forward(&loss, logits, labels, weights) * 10.0
    };
    let error = fit(&dataset, &config, &[0, 1], 1).with_loss("great", great).run().unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::NotFinite, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("overflow") && !text.contains("not known"), "{text}");
    // The greatest that is allowed trains.
    config.training.bound_weight = 1e6;
    assert!(fit(&dataset, &config, &[0, 1], 1).run().unwrap().average_precision > 0.0);
}
