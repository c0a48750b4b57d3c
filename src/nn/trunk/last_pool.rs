//! The last pool of a context, which positions may not fill.

use burn::tensor::{Tensor, s};
use serde::{Deserialize, Serialize};

use crate::nn::{MotifConv, motif_conv::bases::Bases, ops::Axes};

/// What becomes of the last positions of a context if pools do not divide it.
///
/// # Examples
///
/// ```
/// use multitf::nn::{Architecture, LastPool};
///
/// let architecture: Architecture = toml::from_str("pool = 100")?;
/// assert_eq!(architecture.last_pool, LastPool::Shorter);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastPool {
    /// They are a pool of their own, so that the trunk sees all of the context.
    #[default]
    Shorter,
    /// They are left out, as in models of older files.
    Dropped,
}

impl LastPool {
    /// The number of pools.
    pub(super) fn pools(self, positions: usize, pool: usize) -> usize {
        match self {
            Self::Shorter => positions.div_ceil(pool),
            Self::Dropped => positions / pool,
        }
    }

    /// Scans motifs and keeps the best of each pool.
    ///
    /// # Shapes
    ///
    /// - `bases`: `[batch, length]`, or columns `[batch, 4, length]`
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, motif, pool]`, the last two swapped in [`Axes::PositionsFirst`]
    pub(super) fn scan(
        self,
        conv: &MotifConv,
        bases: Bases,
        signal: Option<Tensor<3>>,
        pool: usize,
        axes: Axes,
    ) -> Tensor<3> {
        let positions = bases.dims()[1] - conv.width() + 1;
        let rest = positions % pool;
        if self == Self::Dropped || rest == 0 {
            return conv.pooled(bases, signal, pool, axes);
        }
        let first = positions - rest;
        let last_bases = bases.clone().slice(first..bases.dims()[1]);
        let last_signal = signal.clone().map(|signal| signal.slice(s![.., .., first..]));
        let whole = conv.pooled(bases, signal, pool, axes);
        let last = conv.pooled(last_bases, last_signal, rest, axes);
        Tensor::cat(vec![whole, last], if axes == Axes::MotifsFirst { 2 } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Int};

    use super::*;
    use crate::nn::MotifConvConfig;

    #[test]
    fn the_last_pool_holds_what_remains() {
        let device = Device::default();
        let conv = MotifConvConfig::new(3, 2).with_channels(1).init(&device);
        let codes = Tensor::<2, Int>::from_data([[0, 1, 2, 3, 3, 2, 1, 0, 0]], &device);
        let signal = || Some(Tensor::from_data([[[0., 1., 2., 3., 9., 2., 1., 0., 7.]]], &device));
        let values = |tensor: Tensor<3>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        // Eight positions: three, three and two.
        let each = conv.forward(codes.clone(), signal(), 1);
        let best = |from: usize, to: usize| each.clone().slice(s![.., .., from..to]).max_dim(2);
        let expected = Tensor::cat(vec![best(0, 3), best(3, 6), best(6, 8)], 2);
        let scan = |last: LastPool, axes| last.scan(&conv, codes.clone().into(), signal(), 3, axes);
        assert_eq!(values(scan(LastPool::Shorter, Axes::MotifsFirst)), values(expected.clone()));
        let turned = scan(LastPool::Shorter, Axes::PositionsFirst).swap_dims(1, 2);
        assert_eq!(values(turned), values(expected.clone()));
        let dropped = expected.slice(s![.., .., ..2]);
        assert_eq!(values(scan(LastPool::Dropped, Axes::MotifsFirst)), values(dropped));
    }
}
