//! Numbers drawn without replacement.

use rand::{Rng, RngExt};

use crate::data::bits::Bits;

/// Draws `count` different numbers below `len`, ascending.
///
/// It takes a bit for each number, and no more than 1.4 `count` trials on average: where more than half are wanted, the
/// others are drawn.
pub(super) fn distinct(random: &mut impl Rng, len: usize, count: usize) -> impl Iterator<Item = usize> {
    let wanted = count <= len / 2;
    let mut drawn = Bits::new(len);
    let mut missing = if wanted { count } else { len - count };
    while missing > 0 {
        missing -= usize::from(drawn.insert(random.random_range(0..len)));
    }
    (0..len).filter(move |&number| drawn.contains(number) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn as_many_as_wanted_are_drawn_and_none_twice() {
        for (len, count) in [(0, 0), (1, 0), (1, 1), (10, 3), (10, 5), (10, 6), (10, 10), (1000, 999)] {
            let drawn: Vec<_> = distinct(&mut stream(&[1]), len, count).collect();
            assert_eq!(drawn.len(), count);
            assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|&number| number < len));
        }
    }

    #[test]
    fn each_number_is_drawn_as_often() {
        let mut seen = [0_u32; 8];
        for round in 0..8000 {
            distinct(&mut stream(&[2, round]), 8, 3).for_each(|number| seen[number] += 1);
        }
        // 3000 expected, standard deviation 43.
        assert!(seen.iter().all(|count| count.abs_diff(3000) < 200), "{seen:?}");
    }
}
