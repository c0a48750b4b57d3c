//! False discovery rates.

/// Returns the q-values of p-values, after Benjamini and Hochberg.
///
/// The q-value of a test is the smallest false discovery rate at which it would be called significant:
/// `q(i) = min over j >= i of p(j) m / j`, with the `m` p-values in ascending order, and at most 1. P-values must not
/// be NaN.
///
/// ```
/// use multitf::metric::q_values;
///
/// assert_eq!(q_values(&[0.01, 0.5, 0.03]), [0.03, 0.5, 0.045]);
/// ```
///
/// # References
/// Benjamini and Hochberg 1995, <https://doi.org/10.1111/j.2517-6161.1995.tb02031.x>
pub fn q_values(p_values: &[f64]) -> Vec<f64> {
    let mut descending: Vec<usize> = (0..p_values.len()).collect();
    descending.sort_by(|a, b| p_values[*b].total_cmp(&p_values[*a]));
    let mut q_values = vec![1.0; p_values.len()];
    let tests = p_values.len() as f64;
    let mut lowest = 1.0_f64;
    for (greater, index) in descending.into_iter().enumerate() {
        let rank = tests - greater as f64;
        lowest = lowest.min(p_values[index] * (tests / rank));
        q_values[index] = lowest;
    }
    q_values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tests_have_no_q_values() {
        assert!(q_values(&[]).is_empty());
    }

    #[test]
    fn one_test_keeps_its_p_value() {
        assert_eq!(q_values(&[0.03]), [0.03]);
    }

    #[test]
    fn equal_p_values_have_equal_q_values() {
        assert_eq!(q_values(&[0.2, 0.04, 0.04, 0.2]), [0.2, 0.08, 0.08, 0.2]);
    }
}
