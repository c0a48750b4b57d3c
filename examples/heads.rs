//! A sigmoid, a softmax and an ordinal head on labels some of which are missing.
//!
//! In: nothing; the labels unbound, ambiguous and bound are three ranges of one feature, and every other label is
//! missing. Out: the predictions of each head for five values of the feature, and the loss before and after a change of
//! the samples whose labels are missing.
//!
//! `cargo run --release --example heads`

use burn::{
    optim::GradientsParams,
    tensor::{Device, Int, Tensor, TensorData},
};
use multitf::{
    genome::Label,
    nn::{Ambiguous, HeadConfig, HeadKind, LabelLossConfig, Loss, TaskHead},
    train::AdamWConfig,
};

fn main() {
    let device = Device::default().autodiff();
    let features: Vec<f32> = (0..200_u8).map(|i| f32::from(i) / 100.0 - 1.0).collect();
    let label = |(index, &feature): (usize, &f32)| match feature {
        _ if index % 2 == 1 => Label::Missing,
        ..-0.3 => Label::Unbound,
        -0.3..0.3 => Label::Ambiguous,
        _ => Label::Bound,
    };
    let labels: Vec<i32> = features.iter().enumerate().map(|sample| label(sample) as i32).collect();
    let features = Tensor::<2>::from_data(TensorData::new(features, [200, 1]), &device);
    let labels = Tensor::<2, Int>::from_data(TensorData::new(labels, [200, 1]), &device);
    let is_missing = labels.clone().equal_elem(Label::Missing as i32);

    let softmax = HeadKind::Softmax { classes: vec![Label::Unbound, Label::Ambiguous, Label::Bound] };
    println!("head: P(bound) at -0.8, -0.4, 0, 0.4, 0.8; loss, and with other values where labels are missing");
    for (name, kind) in
        [("sigmoid", HeadKind::Sigmoid), ("softmax", softmax), ("ordinal", HeadKind::Ordinal { shared_gap: false })]
    {
        let mut head = HeadConfig::new(kind, 1, 1).init(&device);
        // A sigmoid has no class for ambiguous labels, and masks them.
        let loss = LabelLossConfig::new().with_ambiguous(Ambiguous::Class).init(&head);
        let mut optimizer = AdamWConfig::new().init();
        for _ in 0..300 {
            let loss = loss.forward(head.forward(features.clone()), labels.clone(), None);
            let gradients = GradientsParams::from_grads(loss.backward(), &head);
            head = optimizer.step(0.1, head, gradients);
        }
        let shown = Tensor::<2>::from_data([[-0.8], [-0.4], [0.0], [0.4], [0.8]], &device);
        let bound = head.bound_probability(head.forward(shown)).into_data();
        let bound: Vec<String> = bound.iter::<f32>().map(|value| format!("{value:.2}")).collect();
        let loss_on =
            |features: Tensor<2>| loss.forward(head.forward(features), labels.clone(), None).into_scalar::<f32>();
        let others = features.clone().mask_fill(is_missing.clone(), 1e6);
        println!("{name}: {}; {:.4}, {:.4}", bound.join(", "), loss_on(features.clone()), loss_on(others));
    }
}
