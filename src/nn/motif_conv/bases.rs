//! The bases of sequences, in either of the forms that motifs read.

use std::ops::Range;

use burn::tensor::{Int, Tensor, s};

/// The bases of sequences: as codes, or as columns of floats that gradients reach.
#[derive(Clone, Debug)]
pub(in crate::nn) enum Bases {
    /// `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N.
    Codes(Tensor<2, Int>),
    /// `[batch, 4, length]`, a column with a one for each base, and zeros for N.
    OneHot(Tensor<3>),
}

impl From<Tensor<2, Int>> for Bases {
    fn from(codes: Tensor<2, Int>) -> Self {
        Self::Codes(codes)
    }
}

impl From<Tensor<3>> for Bases {
    fn from(columns: Tensor<3>) -> Self {
        Self::OneHot(columns)
    }
}

impl Bases {
    /// Returns the number of sequences and their length.
    ///
    /// # Panics
    ///
    /// Panics if columns have another number of rows than four.
    pub(in crate::nn) fn dims(&self) -> [usize; 2] {
        match self {
            Self::Codes(codes) => codes.dims(),
            Self::OneHot(columns) => {
                let [batch, rows, length] = columns.dims();
                assert_eq!(rows, 4, "the rows of one-hot bases [batch, 4, length]");
                [batch, length]
            }
        }
    }

    /// Returns some of the positions.
    pub(in crate::nn) fn slice(self, positions: Range<usize>) -> Self {
        match self {
            Self::Codes(codes) => Self::Codes(codes.slice(s![.., positions])),
            Self::OneHot(columns) => Self::OneHot(columns.slice(s![.., .., positions])),
        }
    }
}
