//! Positions where a motif may occur.

use super::{
    bounds::{Bounds, LIMIT, Table},
    dinucleotides::Dinucleotides,
};

/// Calls `found` with each position, in order, that the bounds do not rule out.
pub(super) fn for_each(pairs: &Dinucleotides, bounds: &Bounds, width: usize, mut found: impl FnMut(usize)) {
    let Some(tables) = &bounds.tables else { return };
    let starts = pairs.starts(width);
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(avx2::Search { simd, pairs: pairs.padded(), tables, starts, found });
    }
    for at in 0..starts {
        if may_occur(pairs.padded(), tables, at) {
            found(at);
        }
    }
}

fn may_occur(pairs: &[u8], tables: &[Table], at: usize) -> bool {
    let mut sum = 0_u8;
    for table in tables {
        sum = sum.saturating_add(table.deficits[usize::from(pairs[at + table.offset] & 15)]);
        if sum > LIMIT {
            return false;
        }
    }
    true
}

/// 32 positions in a register.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    // Functions that are not inlined into `vectorize` are compiled without its instructions.
    #![allow(clippy::inline_always)]

    use std::arch::x86_64::__m256i;

    use pulp::{NullaryFnOnce, x86::V3};

    use super::{LIMIT, Table};

    const LANES: usize = 32;
    /// Registers that share the loads of a table.
    const BLOCKS: usize = 4;
    /// The number of tables after which most positions are ruled out.
    const FIRST: usize = 3;

    pub(super) struct Search<'a, F> {
        pub(super) simd: V3,
        pub(super) pairs: &'a [u8],
        pub(super) tables: &'a [Table],
        pub(super) starts: usize,
        pub(super) found: F,
    }

    impl<F: FnMut(usize)> NullaryFnOnce for Search<'_, F> {
        type Output = ();

        #[inline(always)]
        fn call(mut self) {
            let (first, rest) = self.tables.split_at(FIRST.min(self.tables.len()));
            for start in (0..self.starts).step_by(LANES * BLOCKS) {
                let mut sums = [self.simd.avx._mm256_setzero_si256(); BLOCKS];
                self.add(first, start, &mut sums);
                if self.passing(&sums) == [0; BLOCKS] {
                    continue;
                }
                self.add(rest, start, &mut sums);
                for (block, mut mask) in self.passing(&sums).into_iter().enumerate() {
                    while mask != 0 {
                        let at = start + block * LANES + mask.trailing_zeros() as usize;
                        mask &= mask - 1;
                        if at < self.starts {
                            (self.found)(at);
                        }
                    }
                }
            }
        }
    }

    impl<F> Search<'_, F> {
        #[inline(always)]
        fn add(&self, tables: &[Table], start: usize, sums: &mut [__m256i; BLOCKS]) {
            for table in tables {
                let deficits = self.simd.avx2._mm256_broadcastsi128_si256(pulp::cast(table.deficits));
                let pairs = &self.pairs[start + table.offset..][..LANES * BLOCKS];
                for (sum, pairs) in sums.iter_mut().zip(pairs.as_chunks::<LANES>().0) {
                    let taken = self.simd.avx2._mm256_shuffle_epi8(deficits, pulp::cast(*pairs));
                    *sum = self.simd.avx2._mm256_adds_epu8(*sum, taken);
                }
            }
        }

        /// A bit for each position that is not ruled out.
        #[inline(always)]
        fn passing(&self, sums: &[__m256i; BLOCKS]) -> [u32; BLOCKS] {
            let limit = self.simd.avx._mm256_set1_epi8(LIMIT as i8);
            let mut masks = [0; BLOCKS];
            // A closure would be compiled without the instructions.
            for (mask, &sum) in masks.iter_mut().zip(sums) {
                let within = self.simd.avx2._mm256_cmpeq_epi8(self.simd.avx2._mm256_min_epu8(sum, limit), sum);
                *mask = self.simd.avx2._mm256_movemask_epi8(within) as u32;
            }
            masks
        }
    }
}
