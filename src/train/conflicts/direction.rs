//! Random directions in the space of a network's weights.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Tensor, TensorData},
};
use rand::{Rng, rngs::Xoshiro256PlusPlus};

use crate::random::stream;

/// Moves each weight up or down by one size, at random.
///
/// The mean over such directions of the product of two slopes is the inner product of the gradients (Hutchinson 1990,
/// [doi:10.1080/03610919008812866](https://doi.org/10.1080/03610919008812866)).
pub(super) struct Direction {
    random: Xoshiro256PlusPlus,
    size: f32,
}

impl Direction {
    pub(super) fn new(path: &[u64], size: f32) -> Self {
        Self { random: stream(path), size }
    }

    /// Returns a module whose weights are moved.
    pub(super) fn moved<M: Module>(mut self, module: &M) -> M {
        module.clone().map(&mut self)
    }

    /// Numbers of one size with random signs.
    fn signs(&mut self, count: usize) -> Vec<f32> {
        let mut signs = Vec::with_capacity(count.next_multiple_of(64));
        while signs.len() < count {
            let bits = self.random.next_u64();
            signs.extend((0..64).map(|bit| if bits >> bit & 1 == 1 { self.size } else { -self.size }));
        }
        signs.truncate(count);
        signs
    }
}

impl ModuleMapper for Direction {
    fn map_float<const D: usize>(&mut self, weights: Param<Tensor<D>>) -> Param<Tensor<D>> {
        weights.map(|weights| {
            let shape = weights.shape();
            let signs = TensorData::new(self.signs(shape.num_elements()), shape);
            let moves = Tensor::from_data(signs, &weights.device());
            weights + moves
        })
    }
}

/// The root of the mean square of a module's weights.
pub(super) fn typical_weight(module: &impl Module) -> f32 {
    let mut squares = Squares { sum: 0.0, count: 0 };
    module.visit(&mut squares);
    (squares.sum / squares.count.max(1) as f64).sqrt() as f32
}

struct Squares {
    sum: f64,
    count: usize,
}

impl ModuleVisitor for Squares {
    fn visit_float<const D: usize>(&mut self, weights: &Param<Tensor<D>>) {
        let weights = weights.val();
        self.count += weights.shape().num_elements();
        self.sum += weights.powi_scalar(2).sum().into_scalar::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use burn::{nn::LinearConfig, tensor::Device};

    use super::*;

    #[test]
    fn each_weight_moves_by_one_size_up_or_down_by_the_path_alone() {
        let layer = LinearConfig::new(30, 10).init(&Device::default());
        let change = |path: &[u64]| {
            let moved = Direction::new(path, 0.25).moved(&layer);
            let bias = moved.bias.unwrap().val() - layer.bias.as_ref().unwrap().val();
            let change = [(moved.weight.val() - layer.weight.val()).into_data(), bias.into_data()];
            change.iter().flat_map(|data| data.iter::<f32>().collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        let first = change(&[1, 2]);
        assert!(first.len() == 310 && first.iter().all(|change| (change.abs() - 0.25).abs() < 1e-6));
        let up = first.iter().filter(|change| **change > 0.0).count();
        assert!((120..190).contains(&up), "{up}");
        // A device that fuses additions may round them otherwise the second time.
        let is_up = |change: Vec<f32>| change.into_iter().map(|change| change > 0.0).collect::<Vec<_>>();
        let first = is_up(first);
        assert!(first == is_up(change(&[1, 2])) && first != is_up(change(&[2, 1])));
    }

    #[test]
    fn a_typical_weight_is_a_root_mean_square() {
        let device = Device::default();
        let mut layer = LinearConfig::new(1, 2).init(&device);
        layer.weight = Param::from_tensor(Tensor::from_data([[3.0, -4.0]], &device));
        layer.bias = Some(Param::from_tensor(Tensor::from_data([5.0, 0.0], &device)));
        assert!((typical_weight(&layer) - 12.5_f32.sqrt()).abs() < 1e-6);
    }
}
