//! The context of a bin: the bases that a model sees around it.

use crate::genome::Interval;

/// Returns the start of a bin's context, which is centred on the bin and may start before the chromosome.
pub(crate) fn context_start(bin: Interval, context_bp: usize) -> i64 {
    bin.start as i64 + ((bin.end - bin.start) / 2) as i64 - (context_bp / 2) as i64
}

/// Returns how far a context reaches before its bin.
pub(super) fn reach_before(bin_bp: usize, context_bp: usize) -> usize {
    (context_bp / 2).saturating_sub(bin_bp / 2)
}

/// Returns how far a context reaches after its bin.
pub(super) fn reach_after(bin_bp: usize, context_bp: usize) -> usize {
    (context_bp - context_bp / 2).saturating_sub(bin_bp - bin_bp / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_centred_on_its_bin() {
        let bin = Interval { chromosome: 0, start: 1000, end: 1200 };
        assert_eq!(context_start(bin, 200), 1000);
        assert_eq!(context_start(bin, 1000), 600);
        assert_eq!(context_start(bin, 301), 950);
        assert_eq!(context_start(bin, 3000), -400);
    }

    #[test]
    fn reaches_and_bin_make_up_the_context() {
        for (bin_bp, context_bp) in [(200, 1000), (200, 301), (201, 300), (201, 1001), (1, 1)] {
            let bin = Interval { chromosome: 0, start: 5000, end: 5000 + bin_bp };
            let before = reach_before(bin_bp, context_bp);
            assert_eq!(context_start(bin, context_bp), (bin.start - before) as i64);
            assert_eq!(before + bin_bp + reach_after(bin_bp, context_bp), context_bp);
        }
    }

    #[test]
    fn a_context_within_its_bin_reaches_nowhere() {
        assert_eq!((reach_before(200, 100), reach_after(200, 100)), (0, 0));
    }
}
