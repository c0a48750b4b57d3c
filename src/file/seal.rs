//! Checksums, and files that hold their own.

/// Returns the CRC-32 of bytes, as gzip has it.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// The digits of a checksum before it is known.
pub(crate) const BLANK: &str = "00000000";

/// Writes the checksum of bytes over their [`BLANK`] digits from `at` on.
pub(crate) fn seal(bytes: &mut [u8], at: usize) {
    let digits = format!("{:08x}", checksum(bytes));
    bytes[at..at + BLANK.len()].copy_from_slice(digits.as_bytes());
}

/// Returns whether the digits from `at` on are the checksum of the bytes before [`seal`].
pub(crate) fn is_sealed(bytes: &[u8], at: usize) -> bool {
    let Some((before, rest)) = bytes.split_at_checked(at) else { return false };
    let Some((digits, after)) = rest.split_at_checked(BLANK.len()) else { return false };
    let mut hasher = crc32fast::Hasher::new();
    for part in [before, BLANK.as_bytes(), after] {
        hasher.update(part);
    }
    digits == format!("{:08x}", hasher.finalize()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_breaks_the_seal_wherever_it_is() {
        let mut bytes = format!("a {BLANK} and more").into_bytes();
        seal(&mut bytes, 2);
        assert_eq!(bytes, b"a 7af92823 and more");
        assert!(is_sealed(&bytes, 2));
        for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
            let mut bytes = bytes.clone();
            bytes[place] ^= 1 << bit;
            assert!(!is_sealed(&bytes, 2), "bit {bit} of byte {place}");
        }
        assert!(!is_sealed(&bytes, 3) && !is_sealed(&bytes[..9], 2) && !is_sealed(&bytes, 99));
    }
}
