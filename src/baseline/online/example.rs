//! Examples: features in namespaces.

use super::MAX_MAGNITUDE;

/// The features of one example, in namespaces: a buffer to be reused.
///
/// Refilling it with about as many features allocates nothing.
///
/// # Examples
///
/// ```
/// use multitf::baseline::online::{Example, feature_hash};
///
/// let motif = feature_hash("motif", "");
/// let mut example = Example::new();
/// for scores in [[3.5, 0.0, 11.25], [0.5, 2.0, 0.0]] {
///     example.clear();
///     let mut features = example.namespace('m');
///     for (index, score) in scores.into_iter().enumerate() {
///         features.push(motif.wrapping_add(index as u32), score);
///     }
///     example.namespace('d').push(feature_hash("dnase", "log"), 0.75);
///     // Features of value 0 are left out.
///     assert_eq!(example.len(), 3);
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Example {
    spaces: Vec<Namespace>,
    /// The number of namespaces in use; those after them are kept for reuse.
    used: usize,
}

/// A namespace of an [`Example`], to be filled.
#[derive(Debug)]
pub struct NamespaceMut<'a> {
    features: &'a mut Vec<Feature>,
}

#[derive(Clone, Debug, Default)]
struct Namespace {
    name: u8,
    features: Vec<Feature>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Feature {
    pub(super) hash: u32,
    pub(super) value: f32,
}

impl Example {
    /// Returns an example without features.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes all features.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Returns the number of features, without the constant one and without products.
    pub fn len(&self) -> usize {
        self.spaces().map(<[_]>::len).sum()
    }

    /// Returns whether there is no feature.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a namespace, to add features to it.
    ///
    /// Its name matters only to [`quadratic`](super::OnlineConfig::quadratic): in Vowpal Wabbit, it is the first
    /// character of the hashed name.
    ///
    /// # Panics
    ///
    /// Panics if the name is not an ASCII character.
    pub fn namespace(&mut self, name: char) -> NamespaceMut<'_> {
        assert!(name.is_ascii(), "namespace {name:?} is not an ASCII character");
        self.open(name as u8)
    }

    pub(super) fn open(&mut self, name: u8) -> NamespaceMut<'_> {
        let index = match self.spaces[..self.used].iter().position(|space| space.name == name) {
            // The order is that of the first features.
            Some(index) if self.spaces[index].features.is_empty() => {
                self.spaces[index..self.used].rotate_left(1);
                self.used - 1
            }
            Some(index) => index,
            None => self.add(name),
        };
        NamespaceMut { features: &mut self.spaces[index].features }
    }

    fn add(&mut self, name: u8) -> usize {
        if self.used == self.spaces.len() {
            self.spaces.push(Namespace::default());
        }
        let space = &mut self.spaces[self.used];
        space.name = name;
        space.features.clear();
        self.used += 1;
        self.used - 1
    }

    /// The features of each namespace, in the order in which they were added.
    pub(super) fn spaces(&self) -> impl Iterator<Item = &[Feature]> {
        self.spaces[..self.used].iter().map(|space| space.features.as_slice())
    }

    /// The features of one namespace.
    pub(super) fn features(&self, name: u8) -> &[Feature] {
        let space = self.spaces[..self.used].iter().find(|space| space.name == name);
        space.map_or(&[], |space| &space.features)
    }
}

impl NamespaceMut<'_> {
    /// Adds a feature by its hash (see [`feature_hash`](super::feature_hash)), unless its value is 0.
    ///
    /// # Panics
    ///
    /// Panics if the value is not a number, or beyond 1e18 in magnitude.
    pub fn push(&mut self, hash: u32, value: f32) -> &mut Self {
        assert!(value.abs() <= MAX_MAGNITUDE, "feature {hash} is {value}, expected at most 1e18 in magnitude");
        if value != 0.0 {
            self.features.push(Feature { hash, value });
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_opened_again_goes_on() {
        let mut example = Example::new();
        example.namespace('a').push(1, 1.0);
        example.namespace('b').push(2, 2.0);
        example.namespace('a').push(3, 3.0).push(4, 0.0).push(5, -0.0);
        assert_eq!(example.features(b'a'), [Feature { hash: 1, value: 1.0 }, Feature { hash: 3, value: 3.0 }]);
        assert_eq!((example.len(), example.features(b'c').len()), (3, 0));
    }

    #[test]
    fn namespaces_are_in_the_order_of_their_first_features() {
        let mut example = Example::new();
        for (name, value) in [('a', 0.0), ('b', 0.0), ('c', 1.0), ('b', 2.0), ('a', 3.0), ('c', 4.0)] {
            example.namespace(name).push(0, value);
        }
        let values: Vec<_> = example.spaces().flatten().map(|feature| feature.value).collect();
        assert_eq!(values, [1.0, 4.0, 2.0, 3.0]);
    }

    #[test]
    fn a_cleared_example_is_empty_and_keeps_its_buffers() {
        let mut example = Example::new();
        example.namespace('a').push(1, 1.0);
        let buffer = example.features(b'a').as_ptr();
        example.clear();
        assert!(example.is_empty());
        example.namespace('b').push(2, 2.0);
        assert!(example.features(b'a').is_empty());
        assert_eq!(example.features(b'b').as_ptr(), buffer);
    }

    #[test]
    #[should_panic(expected = "feature 7 is NaN, expected at most 1e18 in magnitude")]
    fn a_nan_value_panics() {
        Example::new().namespace('a').push(7, f32::NAN);
    }

    #[test]
    #[should_panic(expected = "feature 7 is inf")]
    fn an_infinite_value_panics() {
        Example::new().namespace('a').push(7, f32::INFINITY);
    }

    #[test]
    #[should_panic(expected = "namespace 'é' is not an ASCII character")]
    fn a_name_beyond_ascii_panics() {
        Example::new().namespace('é');
    }
}
