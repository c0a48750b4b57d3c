//! The mask of a ReLU, 32 values in a word.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

/// Values in a word.
pub(super) const BITS: usize = 32;

const BIT: [i32; BITS] = {
    let (mut bits, mut i) = ([0; BITS], 0);
    while i < BITS {
        bits[i] = 1 << i;
        i += 1;
    }
    bits
};

/// Applies the ReLU, and records in the mask which values pass. NaN stays.
#[inline(always)]
pub(super) fn rectify(sums: &mut [f32], mask: &mut [i32]) {
    let (whole, rest) = sums.as_chunks_mut::<BITS>();
    let (words, last) = mask.split_at_mut(whole.len());
    for (sums, word) in whole.iter_mut().zip(words) {
        *word = passed(sums);
        for sum in sums {
            *sum = if *sum <= 0.0 { 0.0 } else { *sum };
        }
    }
    if let [word] = last {
        let mut padded = [0.0; BITS];
        padded[..rest.len()].copy_from_slice(rest);
        *word = passed(&padded);
        for sum in rest {
            *sum = if *sum <= 0.0 { 0.0 } else { *sum };
        }
    }
}

#[inline(always)]
fn passed(sums: &[f32; BITS]) -> i32 {
    const LANES: usize = 8;
    let mut words = [0; LANES];
    for part in 0..BITS / LANES {
        for lane in 0..LANES {
            let i = part * LANES + lane;
            words[lane] |= if sums[i] > 0.0 { BIT[i] } else { 0 };
        }
    }
    words.iter().fold(0, |word, bits| word | bits)
}

/// Copies the values that passed the ReLU, and writes 0 for the others.
#[inline(always)]
pub(super) fn pass(values: &[f32], mask: &[i32], out: &mut [f32]) {
    let ((whole, rest), (out, last)) = (values.as_chunks::<BITS>(), out.as_chunks_mut::<BITS>());
    for ((values, word), out) in whole.iter().zip(mask).zip(out) {
        for i in 0..BITS {
            out[i] = if word & BIT[i] == 0 { 0.0 } else { values[i] };
        }
    }
    if let Some(word) = mask.get(whole.len()) {
        for ((value, bit), out) in rest.iter().zip(BIT).zip(last) {
            *out = if word & bit == 0 { 0.0 } else { *value };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_forwards_passes_backwards() {
        for count in [1_usize, 31, 32, 33, 100] {
            let mut sums: Vec<f32> = (0..count).map(|i| (i * 7 % 5) as f32 - 2.0).collect();
            let before = sums.clone();
            let mut mask = vec![0; count.div_ceil(BITS)];
            rectify(&mut sums, &mut mask);
            assert_eq!(sums, before.iter().map(|sum| sum.max(0.0)).collect::<Vec<_>>());
            let mut gradient = vec![9.0; count];
            pass(&vec![1.0; count], &mask, &mut gradient);
            assert_eq!(gradient, before.iter().map(|sum| f32::from(*sum > 0.0)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_not_a_number_stays() {
        let mut sums = [f32::NAN, -1.0];
        rectify(&mut sums, &mut [0]);
        assert!(sums[0].is_nan() && sums[1] == 0.0);
    }
}
