//! Adding tasks to a trained model.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Int, Tensor},
};

use super::{Model, mean};
use crate::nn::{Head, SigmoidHead, TaskAdapters};

impl Model {
    /// Appends the tasks of another model, on this model's trunk: a column of the head for each, and of linear adapters
    /// if either has any. None unless both have sigmoid heads, no hidden adapters, as many members, and members that
    /// all predict all tasks.
    pub(crate) fn with_further_tasks(&self, further: &Self) -> Option<Self> {
        let is_linear =
            |model: &Self| model.answers.is_none() && model.adapters.as_ref().is_none_or(TaskAdapters::is_linear);
        if !is_linear(self) || !is_linear(further) || self.others.len() != further.others.len() {
            return None;
        }
        let others = self.others.iter().zip(&further.others).map(|(own, further)| own.with_further_tasks(further));
        let adapters = [self, further].map(|model| model.adapters.as_ref());
        let (own, further) = (self.head.linear()?, further.head.linear()?);
        let bias = own.bias.as_ref().zip(further.bias.as_ref()).map(|(own, further)| concatenated(own, further, 0));
        let tasks = [own, further].map(|linear| linear.weight.dims()[1]);
        let adapters = TaskAdapters::concatenated(adapters, tasks);
        let linear = Linear { weight: concatenated(&own.weight, &further.weight, 1), bias };
        let head = Head::Sigmoid(SigmoidHead { linear });
        Some(Self { others: others.collect::<Option<_>>()?, head, adapters, ..self.clone() })
    }

    /// Replaces the trunk by that of a model with as many members.
    pub(crate) fn with_trunk_of(&self, other: &Self) -> Self {
        let others = self.others.iter().zip(&other.others).map(|(own, other)| own.with_trunk_of(other)).collect();
        Self { trunk: other.trunk.clone(), others, ..self.clone() }
    }

    /// Computes the logits as [`Model::forward`] does, but so that the trunk does not learn from them.
    pub(crate) fn forward_on_frozen_trunk(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        let logits = self.members().map(|member| {
            let pooled = member.trunk.pooled(codes.clone(), signal.clone());
            member.logits(member.trunk.shared(pooled.clone()).detach(), || pooled.detach())
        });
        mean(logits.collect())
    }
}

/// Concatenates two parameters along an axis.
fn concatenated<const D: usize>(own: &Param<Tensor<D>>, further: &Param<Tensor<D>>, axis: usize) -> Param<Tensor<D>> {
    own.clone().map(|own| Tensor::cat(vec![own, further.val()], axis))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::nn::{Adapter, ModelConfig, MotifConvConfig, TrunkConfig};

    fn config(tasks: usize) -> ModelConfig {
        ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(8, 11)).with_hidden(24), tasks)
    }

    fn bit_patterns(logits: Tensor<3>) -> Vec<Vec<u32>> {
        let [_, tasks, _] = logits.dims();
        let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
        values.chunks_exact(tasks).map(|row| row.iter().map(|value| value.to_bits()).collect()).collect()
    }

    #[test]
    fn further_tasks_stand_behind_the_models_own_whose_logits_do_not_change() {
        let device = Device::default();
        let codes: Vec<i32> = (0..7 * 60).map(|place: i32| place * place % 11 % 4).collect();
        let codes = Tensor::<1, Int>::from_data(codes.as_slice(), &device).reshape([7, 60]);
        let (none, linear) = (Adapter::None, Adapter::Linear);
        for (own, further, members, adapters) in [
            (2, 1, 1, [none, none]),
            (3, 5, 2, [none, linear]),
            (12, 1, 2, [linear, linear]),
            (49, 3, 1, [none, linear]),
            (4, 3, 1, [linear, none]),
        ] {
            let model = |tasks: usize, seed: u64, adapter| {
                let mut config = config(tasks).with_members(members).with_adapter(adapter);
                config.trunk.conv.seed = seed;
                let mut model = config.init(&device);
                let filled = |mut model: Model| {
                    if let Some(adapters) = &mut model.adapters {
                        let weight = adapters.weight.clone();
                        adapters.weight = weight.map(|weight| weight.ones_like() * (0.1 + seed as f32));
                    }
                    model
                };
                model.others = model.others.into_iter().map(filled).collect();
                filled(model)
            };
            let base = model(own, 1, adapters[0]);
            let new = model(further, 2, adapters[1]).with_trunk_of(&base);
            let all = base.with_further_tasks(&new).unwrap();
            let found = bit_patterns(all.forward(codes.clone(), None));
            let (before, behind) = (bit_patterns(base.forward(codes.clone(), None)), new.forward(codes.clone(), None));
            for (found, before) in found.iter().zip(&before) {
                assert_eq!(&found[..own], before, "{own} tasks and {further}");
            }
            let last = all.forward(codes.clone(), None).narrow(1, own, further);
            assert!((last - behind).abs().max().into_scalar::<f32>() < 1e-5);
        }
    }

    #[test]
    fn a_model_with_more_than_a_column_for_each_task_is_not_extended() {
        let device = Device::default();
        let linear = config(2).init(&device);
        let adapted = config(2).with_adapter(Adapter::Hidden(3)).init(&device);
        assert!(adapted.with_further_tasks(&linear).is_none() && linear.with_further_tasks(&adapted).is_none());
        let two = config(2).with_members(2).init(&device);
        assert!(two.with_further_tasks(&linear).is_none());
    }
}
