//! Names of factors and cell types that are likely mistakes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
};

use crate::error::names::listed;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Notes suspicious names of one kind, such as factors.
pub(crate) fn suspicious_names(kind: &str, names: &BTreeSet<&str>) -> Vec<String> {
    let mut similar = BTreeMap::<String, Vec<&str>>::new();
    for name in names {
        similar.entry(name.trim().to_lowercase()).or_default().push(name);
    }
    let similar = similar.into_values().filter(|similar| similar.len() > 1);
    let similar = similar.map(|similar| format!("{kind}s that differ in case or blanks alone: {}", similar.join(", ")));
    let odd = |what: &str, is_odd: fn(&str) -> bool| {
        let names: Vec<&str> = names.iter().copied().filter(|name| is_odd(name)).collect();
        note(&format!("{kind}s {what}"), &names)
    };
    let dates = odd("named like dates, as spreadsheets make them of gene names", is_date);
    let copies = odd("named like copies of files", is_copy);
    let blank: Vec<&str> = names.iter().copied().filter(|name| name.trim() != *name).collect();
    let blank = (!blank.is_empty()).then(|| format!("{kind}s with blanks around the name: {:?}", blank.join(", ")));
    similar.chain(dates).chain(copies).chain(blank).collect()
}

/// Lists names, if there are any.
pub(crate) fn note<T: Display>(what: &str, names: &[T]) -> Option<String> {
    (!names.is_empty()).then(|| format!("{what}: {}", listed(names, names.len())))
}

/// Returns whether a name is a date as a spreadsheet writes it: `2-Sep`, `Sep-02`, `02-Sep-2024` or `2024-09-02`.
fn is_date(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['-', '/', '.', ' ']).collect();
    let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let (numbers, words): (Vec<&str>, Vec<&str>) = parts.iter().partition(|part| is_number(part));
    match words.as_slice() {
        [month] => MONTHS.contains(month) && (1..=2).contains(&numbers.len()),
        [] => numbers.len() == 3 && numbers.iter().any(|number| number.len() == 4),
        _ => false,
    }
}

/// Returns whether a name is that of a copy, as file managers write it: `CTCF (1)`, `CTCF copy`, `CTCF - Copy`.
fn is_copy(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let numbered = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
    let is_numbered =
        |(_, number): (&str, &str)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    numbered.is_some_and(is_numbered) || name.ends_with(" copy") || name.ends_with('~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_copies_and_twins_are_told_and_factors_are_not() {
        for name in ["2-Sep", "1-Mar", "Sep-02", "02-Sep-2024", "1-DEC", "2024-09-02", "Oct-1"] {
            assert!(is_date(name), "{name}");
        }
        for name in ["SEPT2", "MARCH1", "NKX2-5", "Mar", "JUN-D", "H3-3", "2-Sept-x", "POU5F1", "1-2-3", "HLA-1-2"] {
            assert!(!is_date(name), "{name}");
        }
        for (name, copy) in [("CTCF (1)", true), ("CTCF copy", true), ("CTCF - Copy", true), ("Su(H)", false)] {
            assert_eq!(is_copy(name), copy, "{name}");
        }
        let names = BTreeSet::from(["CTCF", "Ctcf", "MAX", "2-Sep", "MAX "]);
        let expected = [
            "factors that differ in case or blanks alone: CTCF, Ctcf",
            "factors that differ in case or blanks alone: MAX, MAX ",
            "factors named like dates, as spreadsheets make them of gene names: 2-Sep",
            "factors with blanks around the name: \"MAX \"",
        ];
        assert_eq!(suspicious_names("factor", &names), expected);
        assert!(suspicious_names("factor", &BTreeSet::from(["CTCF", "MAX"])).is_empty());
    }
}
