//! Three bases as one index.

/// Bases a lookup.
pub(super) const STEP: usize = 3;
/// Base codes and N.
pub(super) const LETTERS: usize = 5;
/// The code of N.
const N: u8 = 4;

/// Returns the index of three letters: those without N lie below 64.
pub(super) const fn index_of(a: usize, b: usize, c: usize) -> u8 {
    INDEX[(a * LETTERS + b) * LETTERS + c]
}

const INDEX: [u8; LETTERS * LETTERS * LETTERS] = indices();

const fn indices() -> [u8; LETTERS * LETTERS * LETTERS] {
    let (mut index, mut letters, mut with_n) = ([0; LETTERS * LETTERS * LETTERS], 0, 64);
    while letters < index.len() {
        let (a, b, c) = (letters / (LETTERS * LETTERS), letters / LETTERS % LETTERS, letters % LETTERS);
        if a < 4 && b < 4 && c < 4 {
            index[letters] = (a * 16 + b * 4 + c) as u8;
        } else {
            index[letters] = with_n;
            with_n += 1;
        }
        letters += 1;
    }
    index
}

/// Appends the index of the three letters from each position on, and `beyond` more; past the end comes N.
pub(super) fn append(codes: &[u8], beyond: usize, out: &mut Vec<u8>) {
    let at = |position: usize| usize::from(codes.get(position).copied().unwrap_or(N));
    let whole = codes.windows(STEP).map(|c| index_of(usize::from(c[0]), usize::from(c[1]), usize::from(c[2])));
    out.extend(whole);
    let done = (codes.len() + 1).saturating_sub(STEP);
    out.extend((done..codes.len() + beyond).map(|p| index_of(at(p), at(p + 1), at(p + 2))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_differ_and_those_without_n_come_first() {
        let mut sorted = INDEX;
        sorted.sort_unstable();
        assert_eq!(sorted.to_vec(), (0..125).collect::<Vec<u8>>());
        assert_eq!([index_of(0, 0, 0), index_of(1, 2, 3), index_of(3, 3, 3)], [0, 27, 63]);
        assert!(index_of(0, 0, 4) >= 64);
    }

    #[test]
    fn past_the_end_comes_n() {
        for (codes, expected) in [
            (&[0, 1, 2, 3][..], vec![index_of(0, 1, 2), index_of(1, 2, 3), index_of(2, 3, 4), index_of(3, 4, 4)]),
            (&[2][..], vec![index_of(2, 4, 4)]),
        ] {
            let mut found = Vec::new();
            append(codes, 2, &mut found);
            assert_eq!(found, [expected, vec![index_of(4, 4, 4); 2]].concat());
        }
    }
}
