//! The terms of the model's sum: features, the constant, and products of features.

use super::example::{Example, Feature};

/// The hash of the constant feature, which is always 1.
pub(super) const CONSTANT: u32 = 11_650_396;

/// The prime of the Fowler-Noll-Vo hash.
const PRIME: u32 = 16_777_619;

/// A value and the index of its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) index: u32,
    pub(super) value: f32,
}

/// Makes the terms of examples.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) pairs: Vec<[u8; 2]>,
    pub(super) constant: bool,
    /// The number of weights, a power of 2, minus 1.
    pub(super) mask: u32,
}

impl Terms {
    /// Calls `each` with every term of an example, in the order of Vowpal Wabbit, so that sums round in the same way.
    #[inline]
    pub(super) fn visit(&self, example: &Example, mut each: impl FnMut(Term)) {
        let mut visit = |hash: u32, value| each(Term { index: hash & self.mask, value });
        for feature in example.spaces().flatten() {
            visit(feature.hash, feature.value);
        }
        if self.constant {
            visit(CONSTANT, 1.0);
        }
        for &[first, second] in &self.pairs {
            cross(example.features(first), example.features(second), first == second, &mut visit);
        }
    }
}

/// Visits the products of the features of two namespaces; each pair once, if they are the same.
#[inline]
fn cross(first: &[Feature], second: &[Feature], same: bool, visit: &mut impl FnMut(u32, f32)) {
    for (index, a) in first.iter().enumerate() {
        let half = a.hash.wrapping_mul(PRIME);
        for b in &second[if same { index } else { 0 }..] {
            visit(half ^ b.hash, a.value * b.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(pairs: &[[u8; 2]], constant: bool) -> Vec<(u32, f32)> {
        let mut example = Example::new();
        example.namespace('b').push(7, 5.0);
        example.namespace('a').push(1, 2.0).push(2, 3.0);
        let mut found = Vec::new();
        Terms { pairs: pairs.to_vec(), constant, mask: 0xff }
            .visit(&example, |term| found.push((term.index, term.value)));
        found
    }

    #[test]
    fn features_come_first_then_the_constant_then_products() {
        let linear = [(7, 5.0), (1, 2.0), (2, 3.0)];
        assert_eq!(terms(&[], false), linear);
        assert_eq!(terms(&[], true), [linear.as_slice(), &[(CONSTANT & 0xff, 1.0)]].concat());
        // The lowest byte of the prime is 0x93.
        let half = |hash: u32| (hash * 0x93) & 0xff;
        assert_eq!(terms(&[*b"ab"], false)[3..], [(half(1) ^ 7, 10.0), (half(2) ^ 7, 15.0)]);
        assert_eq!(terms(&[*b"ba"], false)[3..], [(half(7) ^ 1, 10.0), (half(7) ^ 2, 15.0)]);
    }

    #[test]
    fn a_namespace_times_itself_has_each_pair_once() {
        let values: Vec<_> = terms(&[*b"aa"], false)[3..].iter().map(|&(_, value)| value).collect();
        assert_eq!(values, [4.0, 6.0, 9.0]);
    }

    #[test]
    fn a_missing_namespace_has_no_products() {
        assert_eq!(terms(&[*b"ac", *b"ca"], false).len(), 3);
    }
}
