//! A linear model of hashed features that learns online, with the updates of Vowpal Wabbit.
//!
//! An [`Example`] has features in namespaces. The lower bits of a feature's hash ([`feature_hash`]) choose its weight.
//! [`OnlineModel::learn`] predicts, then updates the weights by the gradient of the logistic loss. Updates are
//!
//! - *adaptive*: a weight's steps shrink with its squared gradients (Duchi et al. 2011);
//! - *normalized*: steps are in units of the largest value of the feature so far, so that the units of a feature do not
//!   matter (Ross et al. 2013);
//! - *invariant*: an example of weight 2 moves weights as two examples do, by the limit of many small steps
//!   (Karampatziakis and Langford 2011);
//! - *lazily regularised*: l1 as truncated gradients (Langford et al. 2009) and l2, both applied when a weight is read.
//!
//! This is `vw --loss_function logistic` with its defaults; [`OnlineConfig`] has the settings. Weights, collisions,
//! predictions and progressive loss equal those of Vowpal Wabbit 9.11, up to rounding. Builds of it that approximate
//! square roots (before 2024, or with a flag) differ by up to 4e-4 of a step.
//!
//! # Examples
//!
//! ```
//! use multitf::baseline::online::{Example, OnlineConfig, OnlineModel, feature_hash};
//!
//! // Bound where the motif is strong and the chromatin open: a product, which no sum of the two can express.
//! let config = OnlineConfig { quadratic: vec!["md".into()], ..OnlineConfig::default() };
//! let mut model = OnlineModel::new(&config)?;
//! let [motif, dnase] = [feature_hash("motif", "CTCF"), feature_hash("dnase", "log")];
//! let mut example = Example::new();
//! for round in 0..200 {
//!     for (score, signal) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
//!         example.clear();
//!         example.namespace('m').push(motif, score);
//!         example.namespace('d').push(dnase, signal);
//!         let logit = model.learn(&example, score == signal, 1.0);
//!         assert!(round < 10 || (logit > 0.0) == (score == signal));
//!     }
//! }
//! # Ok::<(), multitf::Error>(())
//! ```
//!
//! # References
//!
//! - Karampatziakis and Langford 2011, "Online importance weight aware updates",
//!   [doi:10.48550/arXiv.1011.1576](https://doi.org/10.48550/arXiv.1011.1576).
//! - Ross, Mineiro and Langford 2013, "Normalized online learning",
//!   [doi:10.48550/arXiv.1305.6646](https://doi.org/10.48550/arXiv.1305.6646).
//! - Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic optimization",
//!   [doi:10.5555/1953048.2021068](https://dl.acm.org/doi/10.5555/1953048.2021068).
//! - Langford, Li and Zhang 2009, "Sparse online learning via truncated gradient",
//!   [doi:10.48550/arXiv.0806.4686](https://doi.org/10.48550/arXiv.0806.4686).
//! - Weinberger et al. 2009, "Feature hashing for large scale multitask learning",
//!   [doi:10.1145/1553374.1553516](https://doi.org/10.1145/1553374.1553516).
//! - Fritsch, Shafer and Crowley 1973, "Solution of the transcendental equation we^w = x",
//!   [doi:10.1145/361952.361970](https://doi.org/10.1145/361952.361970).

mod config;
mod example;
mod hash;
mod logistic;
mod model;
mod model_file;
mod rates;
mod shrinkage;
mod slot;
mod terms;
#[cfg(test)]
mod tests;
mod text;

pub use config::OnlineConfig;
pub use example::{Example, NamespaceMut};
pub use hash::feature_hash;
pub use model::OnlineModel;
pub use text::{Target, TextReader};

/// The largest values and weights, whose squares and products are finite in single precision.
const MAX_MAGNITUDE: f32 = 1e18;
