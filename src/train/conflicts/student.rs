//! Student's t distribution for a whole number of degrees of freedom.

use std::{f64::consts::FRAC_2_PI, sync::LazyLock};

/// Above it, the distribution of this many degrees of freedom is used, which is a little wider.
const MOST_FREEDOM: u32 = 200;

/// The two-sided p-value of a t statistic.
///
/// Abramowitz and Stegun 1964, 26.7.3 and 26.7.4: finite sums of powers of a cosine.
pub(super) fn p_value(t: f64, freedom: u32) -> f64 {
    let freedom = freedom.min(MOST_FREEDOM);
    let angle = (t.abs() / f64::from(freedom).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let is_odd = freedom % 2 == 1;
    let (mut term, mut sum) = (if is_odd { cosine } else { 1.0 }, 0.0);
    // The powers of the cosine below `freedom - 1`.
    for power in (u32::from(is_odd)..freedom - 1).step_by(2) {
        sum += term;
        term *= cosine * cosine * f64::from(power + 1) / f64::from(power + 2);
    }
    let within = if is_odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum };
    (1.0 - within).clamp(0.0, 1.0)
}

/// The t that 95 % of the distribution are nearer to 0 than.
pub(super) fn quantile(freedom: u32) -> f64 {
    static QUANTILES: LazyLock<Vec<f64>> = LazyLock::new(|| (1..=MOST_FREEDOM).map(bisected).collect());
    QUANTILES[freedom.min(MOST_FREEDOM) as usize - 1]
}

fn bisected(freedom: u32) -> f64 {
    let (mut low, mut high) = (0.0, 16.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        *(if p_value(middle, freedom) > 0.05 { &mut low } else { &mut high }) = middle;
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_p_values_equal_scipys() {
        // scipy.stats.t.ppf(.975, freedom)
        let expected = [(1, 12.706_205), (2, 4.302_653), (4, 2.776_445), (5, 2.570_582), (30, 2.042_272)];
        for (freedom, expected) in expected {
            assert!((quantile(freedom) - expected).abs() < 1e-5, "{freedom}: {}", quantile(freedom));
        }
        // 2 * scipy.stats.t.sf(t, freedom)
        let expected =
            [(1.0, 1, 0.5), (-1.0, 2, 0.422_650), (2.5, 3, 0.087_706), (-3.0, 9, 0.014_956), (6.0, 10, 0.000_132)];
        for (t, freedom, expected) in expected {
            assert!((p_value(t, freedom) - expected).abs() < 1e-6, "{t} {freedom}: {}", p_value(t, freedom));
        }
        assert_eq!((p_value(0.0, 7), p_value(f64::INFINITY, 7)), (1.0, 0.0));
    }

    #[test]
    fn many_degrees_of_freedom_are_at_most_a_little_too_wide() {
        let (many, normal) = (quantile(1_000_000), 1.959_964);
        assert!(many > normal && many < normal + 0.02, "{many}");
    }
}
