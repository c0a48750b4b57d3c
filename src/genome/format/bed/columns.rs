//! The kinds of BED files, told by their columns.

/// The kind of a line, as far as summits are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BedKind {
    /// BED: not known to be a peak.
    Bed,
    /// narrowPeak: numbers in columns 7 to 9, the summit in column 10, perhaps further columns, as IDR writes them.
    NarrowPeak,
    /// broadPeak: numbers in columns 7 to 9, and no summit.
    BroadPeak,
}

impl BedKind {
    /// Tells the kind of a line by its columns.
    pub(super) fn new(fields: &[&[u8]], start: usize, end: usize) -> Self {
        let has_numbers = fields.len() >= 9 && fields[6..9].iter().all(|field| is_number(field));
        if !has_numbers || has_blocks(fields) {
            Self::Bed
        } else if fields.len() >= 10 {
            // A wrong summit counts too: the reader refuses it.
            let is_narrow = fields.len() == 10 || is_number(fields[9]) || matches!(fields[9], b"NA" | b".");
            if is_narrow { Self::NarrowPeak } else { Self::Bed }
        } else if is_thick(fields, start, end) {
            Self::Bed
        } else {
            Self::BroadPeak
        }
    }
}

/// Whether columns 10 to 12 are the blocks of BED12 or gappedPeak: their number, lengths and starts.
fn has_blocks(fields: &[&[u8]]) -> bool {
    let Some([count, lengths, starts]) = fields.get(9..12) else { return false };
    let is_list = |field: &[u8]| {
        let list = field.strip_suffix(b",").unwrap_or(field);
        let items: Vec<&[u8]> = list.split(|&byte| byte == b',').collect();
        items.iter().all(|item| integer(item).is_some()) && integer(count) == i64::try_from(items.len()).ok()
    };
    is_list(lengths) && is_list(starts)
}

/// Whether columns 7 and 8 are the part of the interval that BED9 draws thick, and column 9 is a colour.
fn is_thick(fields: &[&[u8]], start: usize, end: usize) -> bool {
    let place = |field: &[u8]| integer(field).and_then(|place| usize::try_from(place).ok());
    let is_inside = |place: usize| (start..=end).contains(&place);
    place(fields[6]).is_some_and(is_inside) && place(fields[7]).is_some_and(is_inside)
}

fn is_number(field: &[u8]) -> bool {
    text(field).is_some_and(|text| text.parse::<f64>().is_ok())
}

fn integer(field: &[u8]) -> Option<i64> {
    text(field)?.parse().ok()
}

fn text(field: &[u8]) -> Option<&str> {
    std::str::from_utf8(field).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(columns: &str) -> BedKind {
        let line = format!("chr1\t100\t300\t.\t0\t.\t{}", columns.replace(' ', "\t"));
        BedKind::new(&line.split('\t').map(str::as_bytes).collect::<Vec<_>>(), 100, 300)
    }

    #[test]
    fn ten_columns_of_numbers_are_a_narrow_peak_and_further_ones_may_follow() {
        for columns in ["5.5 -1 -1 70", "5 3 2 -1", "1e3 3.2 2.1 0", "5.5 3.2 2.1 x", "5.5 3.2 2.1 -2"] {
            assert_eq!(kind(columns), BedKind::NarrowPeak, "{columns}");
        }
        // As IDR writes: its own two scores, then the peak in each replicate.
        assert_eq!(kind("5.5 -1 -1 70 2.1 0.5 100 300 4 70 101 299 3 80"), BedKind::NarrowPeak);
        for summit in ["70.5", "NA", ".", "-2"] {
            assert_eq!(kind(&format!("5.5 -1 -1 {summit} 2.1 0.5 100 300")), BedKind::NarrowPeak, "{summit}");
        }
        assert_eq!(kind("5.5 -1 -1 1 2 0 100 300 4 70 101 299 3 80"), BedKind::Bed, "it could be one block");
        for columns in ["a 3 2 70", "5 3 red 70", "5.5 3.2 2.1 x y"] {
            assert_eq!(kind(columns), BedKind::Bed, "{columns}");
        }
    }

    #[test]
    fn blocks_are_no_summit() {
        for columns in [
            "100 300 0 1 200 0",
            "100 300 0 2 50,60, 0,140,",
            "100 300 0 2 50,60 0,140",
            "100 300 0 2 50,60, 0,140, 9.5 4 3",
            "100 300 255,0,0 2 50,60, 0,140,",
        ] {
            assert_eq!(kind(columns), BedKind::Bed, "{columns}");
        }
    }

    #[test]
    fn nine_columns_are_a_broad_peak_unless_they_say_what_to_draw() {
        assert_eq!(kind("5.5 3.2 2.1"), BedKind::BroadPeak);
        assert_eq!(kind("5 -1 -1"), BedKind::BroadPeak);
        assert_eq!(kind("100 300 0"), BedKind::Bed);
        assert_eq!(kind("120 180 255,0,0"), BedKind::Bed);
    }
}
