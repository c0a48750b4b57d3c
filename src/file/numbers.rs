//! Numbers as bytes of files: little-endian on every machine.

use std::borrow::Cow;

/// Returns the bytes of numbers.
pub(crate) fn to_bytes(values: &[f32]) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return bytemuck::cast_slice(values).into();
    }
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Returns the numbers of whole bytes.
///
/// # Panics
///
/// Panics if the bytes end within a number.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    // Bytes of a file need not be aligned as numbers are, so they are copied.
    let values: Vec<u32> = bytemuck::pod_collect_to_vec(bytes);
    assert_eq!(values.len() * size_of::<u32>(), bytes.len(), "bytes of whole numbers");
    values.into_iter().map(|value| f32::from_bits(u32::from_le(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_little_endian() {
        let values = [1.0_f32, -2.5, f32::INFINITY];
        let bytes = [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0x80, 0x7f];
        assert_eq!(*to_bytes(&values), bytes);
        assert_eq!(from_bytes(&bytes), values);
        // From any place in memory.
        for start in 0..4 {
            let mut shifted = vec![7; start];
            shifted.extend(bytes);
            assert_eq!(from_bytes(&shifted[start..]), values);
        }
        assert!(from_bytes(&[]).is_empty());
    }

    #[test]
    #[should_panic(expected = "bytes of whole numbers")]
    fn a_part_of_a_number_panics() {
        from_bytes(&[0; 7]);
    }
}
