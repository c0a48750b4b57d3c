//! The hashes of Vowpal Wabbit.

/// Returns the hash of a feature's name, seeded with the hash of the namespace's name.
///
/// A name of digits only is a number, which is added to the namespace's hash: a feature with the index `i` needs no
/// text, since its hash is `feature_hash(namespace, "").wrapping_add(i)`. White space around a name is ignored. The
/// default namespace has the empty name. A model uses the lower [`bits`](super::OnlineConfig::bits) of the hash.
///
/// # Examples
///
/// ```
/// use multitf::baseline::online::feature_hash;
///
/// assert_eq!(feature_hash("motif", "CTCF"), 0x07fe_e281);
/// assert_eq!(feature_hash("motif", "7"), feature_hash("motif", "").wrapping_add(7));
/// assert_eq!(feature_hash("", "7"), 7);
/// ```
///
/// # References
///
/// Weinberger et al. 2009, "Feature hashing for large scale multitask learning",
/// [doi:10.1145/1553374.1553516](https://doi.org/10.1145/1553374.1553516).
pub fn feature_hash(namespace: &str, name: &str) -> u32 {
    hash(name.as_bytes(), hash(namespace.as_bytes(), 0))
}

/// The hash of a name. 32 bits suffice: only lower bits are used, and they depend on no higher ones.
pub(super) fn hash(name: &[u8], seed: u32) -> u32 {
    let name = trimmed(name);
    if !name.iter().all(u8::is_ascii_digit) {
        return murmur3(name, seed);
    }
    let digits = name.iter().map(|&digit| u32::from(digit - b'0'));
    digits.fold(0_u32, |number, digit| number.wrapping_mul(10).wrapping_add(digit)).wrapping_add(seed)
}

fn trimmed(mut name: &[u8]) -> &[u8] {
    while let [0..=b' ', rest @ ..] | [rest @ .., 0..=b' '] = name {
        name = rest;
    }
    name
}

/// `MurmurHash3_x86_32`, by Austin Appleby.
fn murmur3(key: &[u8], seed: u32) -> u32 {
    let (blocks, tail) = key.as_chunks::<4>();
    let mut hash = seed;
    for block in blocks {
        hash = (hash ^ mixed(u32::from_le_bytes(*block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let last = tail.iter().rev().fold(0, |last, &byte| last << 8 | u32::from(byte));
    hash ^= mixed(last) ^ key.len() as u32;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

fn mixed(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur3_equals_its_published_values() {
        for (key, seed, expected) in [
            ("", 0, 0),
            ("", 1, 0x514e_28b7),
            ("", u32::MAX, 0x81f1_6f39),
            ("\0\0\0\0", 0, 0x2362_f9de),
            ("hello", 0, 0x248b_fa47),
            ("test", 0, 0xba6b_d213),
            ("The quick brown fox jumps over the lazy dog", 0x9747_b28c, 0x2fa8_26cd),
        ] {
            assert_eq!(murmur3(key.as_bytes(), seed), expected, "{key:?}");
        }
    }

    #[test]
    fn white_space_around_a_name_does_not_count() {
        assert_eq!(feature_hash(" a", "b\t"), feature_hash("a", "b"));
        assert_eq!(feature_hash(" ", " 12 "), 12);
    }

    #[test]
    fn only_digits_make_a_number() {
        assert_eq!(feature_hash("", "4294967297"), 1);
        for name in ["-1", "1.0", "1e3", "0x1"] {
            assert_eq!(feature_hash("", name), murmur3(name.as_bytes(), 0));
        }
    }
}
