//! Targets and masks from labels.

use burn::tensor::{Int, Tensor, TensorData};
use rayon::prelude::*;

use super::Ambiguous;
use crate::{device, genome::Label, nn::ops::host::memory::integers};

/// Returns the probability of being bound, and the mask of labels that count, both `[batch, task]`.
pub(super) fn bound(labels: &Tensor<2, Int>, ambiguous: Ambiguous) -> (Tensor<2>, Tensor<2>) {
    let [unbound, bound] = [Label::Unbound, Label::Bound].map(|label| masses(label, ambiguous, false));
    (look_up(labels, bound), look_up(labels, sum(&[unbound, bound])))
}

/// Returns a distribution over classes, `[batch, task, class]`, and the mask of labels that count, `[batch, task]`.
/// Labels that are none of the classes do not count.
pub(super) fn classes(labels: &Tensor<2, Int>, ambiguous: Ambiguous, classes: &[Label]) -> (Tensor<3>, Tensor<2>) {
    let has_class = classes.contains(&Label::Ambiguous);
    let masses: Vec<Masses> = classes.iter().map(|&class| masses(class, ambiguous, has_class)).collect();
    let targets = masses.iter().map(|masses| look_up(labels, *masses)).collect();
    (Tensor::stack(targets, 2), look_up(labels, sum(&masses)))
}

/// How much each label, by its number, counts as a class.
type Masses = [f32; Label::ALL.len()];

fn masses(class: Label, ambiguous: Ambiguous, has_class: bool) -> Masses {
    let [unbound, own, bound] = ambiguous.parts(has_class);
    let mut masses = [0.0; Label::ALL.len()];
    masses[class as usize] = 1.0;
    masses[Label::Ambiguous as usize] = match class {
        Label::Missing => 0.0,
        Label::Unbound => unbound,
        Label::Ambiguous => own,
        Label::Bound => bound,
    };
    masses
}

fn sum(masses: &[Masses]) -> Masses {
    std::array::from_fn(|label| masses.iter().map(|masses| masses[label]).sum())
}

/// Returns the mass of each label, 0 for what is no label, `[batch, task]`.
fn look_up(labels: &Tensor<2, Int>, masses: Masses) -> Tensor<2> {
    /// Labels for which a thread is worth its start.
    const LEAST_WORK: usize = 1 << 14;
    let device = labels.device();
    if !device::is_host(&device) {
        let of = |label: Label| labels.clone().equal_elem(label as i32).float() * masses[label as usize];
        let counted = Label::ALL.into_iter().filter(|label| masses[*label as usize] != 0.0);
        return counted.map(of).reduce(|sum, next| sum + next).unwrap_or_else(|| labels.zeros_like().float());
    }
    let data = labels.clone().into_data();
    let mass = |label: &i32| usize::try_from(*label).ok().and_then(|label| masses.get(label)).copied();
    let mass = |label| mass(label).unwrap_or_default();
    let values: Vec<f32> = integers(&data).par_iter().with_min_len(LEAST_WORK).map(mass).collect();
    Tensor::from_data(TensorData::new(values, labels.dims()), &device)
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
