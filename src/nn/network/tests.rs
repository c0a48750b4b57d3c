//! The tasks and classes of networks.

use super::*;
use crate::nn::{ModelConfig, MotifConvConfig, TrunkConfig};

#[test]
fn a_model_knows_its_tasks_whatever_its_head() {
    for head in crate::testing::every_head() {
        let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 5)).with_hidden(7);
        let model = ModelConfig::new(trunk, 3).with_head(head.clone()).init(&Device::default());
        let codes = Tensor::<2, Int>::zeros([2, 30], &Device::default());
        let [_, tasks, classes] = Network::forward(&model, codes, None).dims();
        assert_eq!((Network::tasks(&model), tasks), (3, 3), "{head:?}");
        assert_eq!(model.label_loss(&LabelLossConfig::new()).classes(), classes, "{head:?}");
    }
}

/// A given number of classes, all 0, from one weight.
#[derive(Module, Debug)]
struct Zeros {
    weight: burn::module::Param<Tensor<1>>,
    #[module(skip)]
    classes: usize,
}

impl Network for Zeros {
    fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
        let [batch, _] = codes.dims();
        self.weight.val().reshape([1, 1, 1]).expand([batch, 2, self.classes])
    }

    fn context_bp(&self) -> usize {
        30
    }

    fn tasks(&self) -> usize {
        2
    }
}

fn zeros(classes: usize) -> Zeros {
    Zeros { weight: burn::module::Param::from_data([0.0], &Device::default()), classes }
}

#[test]
fn one_class_is_the_log_odds() {
    let codes = Tensor::<2, Int>::zeros([5, 30], &Device::default());
    assert_eq!(zeros(1).bound_log_odds(codes, None).dims(), [5, 2]);
    assert!(as_model(&zeros(1)).is_none());
}

#[test]
#[should_panic(expected = "a network of 3 classes implements Network::bound_log_odds itself")]
fn several_classes_are_not_guessed_at() {
    zeros(3).bound_log_odds(Tensor::<2, Int>::zeros([5, 30], &Device::default()), None);
}
