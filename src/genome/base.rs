//! Codes of bases: A, C, G, T (or U) are 0 to 3, everything else is N.

/// Adenine.
pub const A: u8 = 0;
/// Cytosine.
pub const C: u8 = 1;
/// Guanine.
pub const G: u8 = 2;
/// Thymine.
pub const T: u8 = 3;
/// Unknown, ambiguous, or outside the chromosome.
pub const N: u8 = 4;

/// Stands in [`CODES`] for bytes that are no letter of a sequence.
const NO_BASE: u8 = u8::MAX;

const CODES: [u8; 256] = codes();

/// Returns the code of the base on the other strand; N stays N.
///
/// ```
/// use multitf::genome::base;
///
/// assert_eq!(base::complement(base::A), base::T);
/// assert_eq!(base::complement(base::N), base::N);
/// ```
#[inline]
pub const fn complement(code: u8) -> u8 {
    if code < N { T - code } else { N }
}

/// Returns the code of a letter: lower case is the same base, U is T, and all others are N.
///
/// ```
/// use multitf::genome::base;
///
/// assert_eq!(base::from_ascii(b'g'), base::G);
/// assert_eq!(base::from_ascii(b'R'), base::N);
/// ```
#[inline]
pub const fn from_ascii(letter: u8) -> u8 {
    let code = CODES[letter as usize];
    if code == NO_BASE { N } else { code }
}

/// Returns the upper-case letter of a code; codes above T give `N`.
///
/// ```
/// use multitf::genome::base;
///
/// assert_eq!(base::to_ascii(base::C), b'C');
/// ```
#[inline]
pub const fn to_ascii(code: u8) -> u8 {
    match code {
        A => b'A',
        C => b'C',
        G => b'G',
        T => b'T',
        _ => b'N',
    }
}

/// Returns the code of an IUPAC letter; other bytes have none.
#[inline]
pub(crate) const fn from_iupac(letter: u8) -> Option<u8> {
    let code = CODES[letter as usize];
    if code == NO_BASE { None } else { Some(code) }
}

const fn codes() -> [u8; 256] {
    const OTHERS: &[u8] = b"NWSMKRYBDHVnwsmkrybdhv";
    let mut codes = [NO_BASE; 256];
    let mut i = 0;
    while i < OTHERS.len() {
        codes[OTHERS[i] as usize] = N;
        i += 1;
    }
    let mut code = A;
    while code <= T {
        let letter = to_ascii(code);
        codes[letter as usize] = code;
        codes[letter.to_ascii_lowercase() as usize] = code;
        code += 1;
    }
    (codes[b'U' as usize], codes[b'u' as usize]) = (T, T);
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_complement_of_the_complement_is_the_base() {
        for code in A..=N {
            assert_eq!(complement(complement(code)), code);
            assert_eq!(from_ascii(to_ascii(code)), code);
        }
        assert_eq!(complement(C), G);
    }

    #[test]
    fn lower_case_is_the_same_base_and_other_iupac_codes_are_n() {
        assert_eq!(b"acgtuUNry".map(from_ascii), [A, C, G, T, T, T, N, N, N]);
        assert_eq!(from_iupac(b'Y'), Some(N));
        for letter in b"@1-*.Xx" {
            assert_eq!(from_iupac(*letter), None);
        }
    }
}
