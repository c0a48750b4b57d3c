//! Three bases as one index.

/// Bases of a triplet, which one lookup serves.
pub(super) const TRIPLET: usize = 3;
/// Codes of a base, that of N included.
pub(super) const CODES: usize = 5;
/// Triplets, those with N included.
pub(super) const COUNT: usize = CODES.pow(3);
/// The code of N.
const N: u8 = 4;

/// Returns the index of the triplet of three base codes: those without N lie below 64.
pub(super) const fn index([a, b, c]: [usize; TRIPLET]) -> u8 {
    INDEX[(a * CODES + b) * CODES + c]
}

/// Returns the base codes of each triplet, in turn.
pub(super) const fn codes(triplet: usize) -> [usize; TRIPLET] {
    [triplet / (CODES * CODES), triplet / CODES % CODES, triplet % CODES]
}

const INDEX: [u8; COUNT] = {
    let (mut index, mut triplet, mut with_n) = ([0; COUNT], 0, 64);
    while triplet < COUNT {
        let [a, b, c] = codes(triplet);
        if a < 4 && b < 4 && c < 4 {
            index[triplet] = (a * 16 + b * 4 + c) as u8;
        } else {
            index[triplet] = with_n;
            with_n += 1;
        }
        triplet += 1;
    }
    index
};

/// Appends the index of the triplet at each position, and of `beyond` more; past the end comes N.
pub(super) fn append(codes: &[u8], beyond: usize, out: &mut Vec<u8>) {
    let at = |position: usize| usize::from(codes.get(position).copied().unwrap_or(N));
    out.extend(codes.windows(TRIPLET).map(|c| index([0, 1, 2].map(|i| usize::from(c[i])))));
    let done = (codes.len() + 1).saturating_sub(TRIPLET);
    out.extend((done..codes.len() + beyond).map(|p| index([p, p + 1, p + 2].map(at))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_differ_and_those_without_n_come_first() {
        let mut sorted = INDEX;
        sorted.sort_unstable();
        assert_eq!(sorted.to_vec(), (0..125).collect::<Vec<u8>>());
        assert_eq!([index([0, 0, 0]), index([1, 2, 3]), index([3, 3, 3])], [0, 27, 63]);
        assert!(index([0, 0, 4]) >= 64);
    }

    #[test]
    fn past_the_end_comes_n() {
        for (codes, expected) in [
            (&[0, 1, 2, 3][..], vec![index([0, 1, 2]), index([1, 2, 3]), index([2, 3, 4]), index([3, 4, 4])]),
            (&[2][..], vec![index([2, 4, 4])]),
        ] {
            let mut found = Vec::new();
            append(codes, 2, &mut found);
            assert_eq!(found, [expected, vec![index([4, 4, 4]); 2]].concat());
        }
    }
}
