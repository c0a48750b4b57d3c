//! Checksums, and files that hold their own.

/// Returns the CRC-32 of bytes, as gzip has it.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// Stands for the digits of a checksum before it is known.
pub(crate) const PLACEHOLDER: &str = "00000000";

/// Writes the checksum of bytes over their [`PLACEHOLDER`] from `at` on.
pub(crate) fn add_checksum(bytes: &mut [u8], at: usize) {
    let digits = format!("{:08x}", checksum(bytes));
    bytes[at..at + PLACEHOLDER.len()].copy_from_slice(digits.as_bytes());
}

/// Returns whether the digits from `at` on are the checksum of the bytes before [`add_checksum`].
pub(crate) fn verify_checksum(bytes: &[u8], at: usize) -> bool {
    let Some((before, rest)) = bytes.split_at_checked(at) else { return false };
    let Some((digits, after)) = rest.split_at_checked(PLACEHOLDER.len()) else { return false };
    let mut hasher = crc32fast::Hasher::new();
    for part in [before, PLACEHOLDER.as_bytes(), after] {
        hasher.update(part);
    }
    digits == format!("{:08x}", hasher.finalize()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_breaks_the_checksum_wherever_it_is() {
        let mut bytes = format!("a {PLACEHOLDER} and more").into_bytes();
        add_checksum(&mut bytes, 2);
        assert_eq!(bytes, b"a 7af92823 and more");
        assert!(verify_checksum(&bytes, 2));
        for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
            let mut bytes = bytes.clone();
            bytes[place] ^= 1 << bit;
            assert!(!verify_checksum(&bytes, 2), "bit {bit} of byte {place}");
        }
        assert!(!verify_checksum(&bytes, 3) && !verify_checksum(&bytes[..9], 2) && !verify_checksum(&bytes, 99));
    }
}
