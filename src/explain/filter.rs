//! A filter of a model, and the known profile that it is most like.

use std::ops::Range;

use crate::{
    genome::Strand,
    motif::{Motif, MotifSet},
};

/// The least information, in bits, of a position at either end of a filter's core.
const MIN_CORE_BITS: f64 = 0.25;
/// The correlation from which on a filter is like a profile.
const ALIKE: f64 = 0.75;

/// A filter of a model, and the known profile that it is most like.
///
/// See [`HitFinder`](super::HitFinder) for an example.
#[derive(Clone, Debug)]
pub struct Filter {
    name: String,
    motif: Option<Motif>,
    width: usize,
    /// The positions of its core.
    core: Range<usize>,
    /// The log-odds of the core, with a mean of 0 at each position, and of its other strand.
    weights: [Vec<[f32; 4]>; 2],
    /// The root of the sum of their squares.
    norm: f32,
    nearest: Option<(String, f64)>,
}

impl Filter {
    /// Reads a filter as a profile.
    pub(in crate::explain) fn new(motif: &Motif) -> Self {
        let core = motif.matrix.core(MIN_CORE_BITS).unwrap_or(0..0);
        let centred = |row: &[f64; 4]| {
            let logarithms = row.map(|p| p.max(f64::MIN_POSITIVE).ln());
            let mean = logarithms.iter().sum::<f64>() / 4.0;
            logarithms.map(|logarithm| (logarithm - mean) as f32)
        };
        let forward: Vec<[f32; 4]> = motif.matrix.rows()[core.clone()].iter().map(centred).collect();
        let reverse = forward.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect();
        let norm = forward.as_flattened().iter().map(|weight| weight * weight).sum::<f32>().sqrt();
        Self {
            name: motif.id.clone(),
            motif: motif.trimmed(MIN_CORE_BITS),
            width: motif.matrix.width(),
            core,
            weights: [forward, reverse],
            norm,
            nearest: None,
        }
    }

    /// Finds the profile that it is most like.
    pub(in crate::explain) fn compare(&mut self, profiles: &MotifSet) {
        let Some(motif) = &self.motif else { return };
        let similarity = profiles.iter().map(|profile| (profile, motif.matrix.correlation(&profile.matrix)));
        let nearest = similarity.max_by(|(_, a), (_, b)| a.total_cmp(b));
        self.nearest = nearest.map(|(profile, similarity)| {
            let name = if profile.name.is_empty() { &profile.id } else { &profile.name };
            (name.clone(), similarity)
        });
    }

    /// Returns the name, as in [`ModelFile::motifs`](crate::nn::ModelFile::motifs).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its profile without the flanks that hold less than .25 bits; none if nothing is left.
    pub fn motif(&self) -> Option<&Motif> {
        self.motif.as_ref()
    }

    /// Returns the name of the known profile that it is most like, and the
    /// [correlation](crate::motif::ProbabilityMatrix::correlation) with it; none without known profiles.
    pub fn nearest(&self) -> Option<(&str, f64)> {
        self.nearest.as_ref().map(|(name, similarity)| (name.as_str(), *similarity))
    }

    /// Returns the name of a known profile that it is like, or else its own.
    pub fn label(&self) -> &str {
        match &self.nearest {
            Some((name, similarity)) if *similarity >= ALIKE => name,
            _ => &self.name,
        }
    }

    /// The place of the core, where the whole filter starts at a place.
    pub(in crate::explain) fn site(&self, start: usize, strand: Strand) -> Range<usize> {
        let skipped = match strand {
            Strand::Forward => self.core.start,
            Strand::Reverse => self.width - self.core.end,
        };
        start + skipped..start + skipped + self.core.len()
    }

    /// The part of some hypothetical contributions, `[base, position]`, that has the direction of the core at a place,
    /// and their own length there.
    pub(in crate::explain) fn projection(
        &self,
        hypothetical: &[f32],
        site: &Range<usize>,
        strand: Strand,
    ) -> (f32, f32) {
        let length = hypothetical.len() / 4;
        let weights = &self.weights[usize::from(strand == Strand::Reverse)];
        let (mut product, mut square) = (0.0, 0.0);
        for (position, row) in site.clone().zip(weights) {
            for (base, weight) in row.iter().enumerate() {
                let value = hypothetical[base * length + position];
                product += weight * value;
                square += value * value;
            }
        }
        (product / self.norm.max(f32::MIN_POSITIVE), square.sqrt())
    }
}
