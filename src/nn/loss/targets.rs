//! Targets and masks from labels.

use burn::tensor::{Int, Tensor};

use super::Ambiguous;
use crate::genome::Label;

/// Returns the probability of being bound, and the mask of labels that count, both `[batch, task]`.
pub(super) fn bound(labels: &Tensor<2, Int>, ambiguous: Ambiguous) -> (Tensor<2>, Tensor<2>) {
    let mass = |label| mass(labels, label, ambiguous, false);
    let targets = mass(Label::Bound);
    let observed = targets.clone() + mass(Label::Unbound);
    (targets, observed)
}

/// Returns a distribution over classes, `[batch, task, class]`, and the mask of labels that count, `[batch, task]`.
/// Labels that are none of the classes do not count.
pub(super) fn classes(labels: &Tensor<2, Int>, ambiguous: Ambiguous, classes: &[Label]) -> (Tensor<3>, Tensor<2>) {
    let has_class = classes.contains(&Label::Ambiguous);
    let masses = classes.iter().map(|&label| mass(labels, label, ambiguous, has_class)).collect();
    let targets: Tensor<3> = Tensor::stack(masses, 2);
    let observed = targets.clone().sum_dim(2).squeeze_dim(2);
    (targets, observed)
}

/// Returns how much each label counts as `class`, `[batch, task]`.
fn mass(labels: &Tensor<2, Int>, class: Label, ambiguous: Ambiguous, has_class: bool) -> Tensor<2> {
    let is = |label: Label| labels.clone().equal_elem(label as i32).float();
    let [unbound, own, bound] = ambiguous.parts(has_class);
    let part = match class {
        Label::Missing => return is(Label::Missing),
        Label::Ambiguous => return is(Label::Ambiguous) * own,
        Label::Unbound => unbound,
        Label::Bound => bound,
    };
    is(class) + is(Label::Ambiguous) * part
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn labels() -> Tensor<2, Int> {
        Tensor::from_data([[0, 1, 2, 3, 7]], &Device::default())
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn every_policy_has_its_meaning_in_a_head_with_one_output() {
        let bound_targets = |policy| {
            let (targets, observed) = bound(&labels(), policy);
            (values(targets), values(observed))
        };
        let only_bound = vec![0.0, 0.0, 0.0, 1.0, 0.0];
        assert_eq!(bound_targets(Ambiguous::Masked), (only_bound.clone(), vec![0.0, 1.0, 0.0, 1.0, 0.0]));
        for policy in [Ambiguous::Unbound, Ambiguous::Class] {
            assert_eq!(bound_targets(policy), (only_bound.clone(), vec![0.0, 1.0, 1.0, 1.0, 0.0]));
        }
        let soft = (vec![0.0, 0.0, 0.25, 1.0, 0.0], vec![0.0, 1.0, 1.0, 1.0, 0.0]);
        assert_eq!(bound_targets(Ambiguous::Soft(0.25)), soft);
    }

    #[test]
    fn every_policy_has_its_meaning_in_a_head_with_classes() {
        const ALL: [Label; 3] = [Label::Unbound, Label::Ambiguous, Label::Bound];
        let ambiguous = |policy, classes: &[Label]| {
            let (targets, observed) = super::classes(&labels(), policy, classes);
            let row = targets.slice(burn::tensor::s![.., 2..3]);
            (values(row), values(observed)[2])
        };
        assert_eq!(ambiguous(Ambiguous::Masked, &ALL), (vec![0.0, 0.0, 0.0], 0.0));
        assert_eq!(ambiguous(Ambiguous::Unbound, &ALL), (vec![1.0, 0.0, 0.0], 1.0));
        assert_eq!(ambiguous(Ambiguous::Class, &ALL), (vec![0.0, 1.0, 0.0], 1.0));
        assert_eq!(ambiguous(Ambiguous::Soft(0.25), &ALL), (vec![0.75, 0.0, 0.25], 1.0));
        assert_eq!(ambiguous(Ambiguous::Class, &[Label::Unbound, Label::Bound]), (vec![1.0, 0.0], 1.0));
    }

    #[test]
    fn what_is_no_label_is_missing() {
        let (_, observed) = classes(&labels(), Ambiguous::Class, &Label::ALL[1..]);
        assert_eq!(values(observed), [0.0, 1.0, 1.0, 1.0, 0.0]);
    }
}
