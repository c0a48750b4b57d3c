use serde::{Deserialize, Serialize};

use super::{
    AlignedMtl, CaGrad, DynamicAverage, Equal, Famo, PcGrad, SmoothTchebycheff, TaskBalancer, UncertaintyWeighting,
};

/// The choice of a balancer, as in a `config.toml`.
///
/// # Examples
///
/// ```
/// use multitf::train::balance::Balance;
///
/// #[derive(serde::Deserialize)]
/// struct Choice {
///     balance: Balance,
/// }
/// let choice: Choice = toml::from_str(r#"balance = "famo""#)?;
/// assert_eq!(choice.balance, Balance::Famo);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// All tasks alike.
    #[default]
    Equal,
    /// See [`UncertaintyWeighting`].
    Uncertainty,
    /// See [`DynamicAverage`].
    DynamicAverage,
    /// See [`Famo`].
    Famo,
    /// See [`SmoothTchebycheff`].
    Tchebycheff,
    /// See [`PcGrad`].
    Pcgrad,
    /// See [`CaGrad`].
    Cagrad,
    /// See [`AlignedMtl`].
    Aligned,
}

impl Balance {
    /// Makes the balancer, with its authors' settings.
    pub fn init(self, tasks: usize, seed: u64) -> Box<dyn TaskBalancer> {
        match self {
            Self::Equal => Box::new(Equal),
            Self::Uncertainty => Box::new(UncertaintyWeighting::new(tasks, 1e-3)),
            Self::DynamicAverage => Box::new(DynamicAverage::new(tasks, 2.0, 100)),
            Self::Famo => Box::new(Famo::new(tasks, 0.025, 0.01)),
            Self::Tchebycheff => Box::new(SmoothTchebycheff::new(tasks, 0.1, 100)),
            Self::Pcgrad => Box::new(PcGrad::new(seed)),
            Self::Cagrad => Box::new(CaGrad::new(0.5)),
            Self::Aligned => Box::new(AlignedMtl),
        }
    }
}
