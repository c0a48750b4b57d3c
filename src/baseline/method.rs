//! The methods.

/// A method for a baseline of one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaselineMethod {
    /// The best score of the factor's motif in the bin; nothing is learned.
    Motif,
    /// [`TwoFeatureNet`](super::TwoFeatureNet): logistic regression on the motif's best score and accessibility.
    TwoFeature,
    /// [`OnlineModel`](super::online::OnlineModel): hashed k-mers, motif scores and accessibility, in one pass.
    Online,
    /// Boosted trees on all features.
    #[cfg(feature = "boost")]
    Boost,
}

impl BaselineMethod {
    /// All methods that were compiled in.
    pub const ALL: &'static [Self] = &[
        Self::Motif,
        Self::TwoFeature,
        Self::Online,
        #[cfg(feature = "boost")]
        Self::Boost,
    ];

    /// Returns the name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Motif => "motif",
            Self::TwoFeature => "two-feature",
            Self::Online => "online",
            #[cfg(feature = "boost")]
            Self::Boost => "boost",
        }
    }

    /// Returns a description, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Motif => "The best score of the factor's motif in the bin.",
            Self::TwoFeature => "The motif's best score and accessibility, through one layer.",
            Self::Online => {
                "A hashed linear model of k-mers, motifs and accessibility, learned in one pass as by Vowpal Wabbit."
            }
            #[cfg(feature = "boost")]
            Self::Boost => "Boosted trees on motif scores and accessibility.",
        }
    }

    /// Returns whether the factor needs a motif of its own.
    pub fn needs_own_motif(self) -> bool {
        matches!(self, Self::Motif | Self::TwoFeature)
    }

    /// Returns whether it needs motifs or accessibility.
    pub fn needs_features(self) -> bool {
        // The online model reads the sequence itself.
        !matches!(self, Self::Online)
    }
}
