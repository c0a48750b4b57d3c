//! Parts of error messages.

use super::{
    difference::Difference,
    names::{listed, nearest},
};

/// How many names a message shows.
pub(super) const SHOWN: usize = 5;

/// Who uses a folder.
pub(super) fn user(process: Option<u32>) -> String {
    match process {
        Some(id) if id == std::process::id() => format!("another call of this process (pid {id})"),
        Some(id) => format!("another process (pid {id})"),
        None => "another process".into(),
    }
}

pub(super) fn and_losses(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", and that of {} is not finite", listed(names, SHOWN)) }
}

pub(super) fn kept(best_draws: Option<usize>) -> String {
    match best_draws {
        Some(draws) => format!("the best weights so far, after {draws} samples, stay in the run's folder"),
        None => "no folder keeps weights from before it".into(),
    }
}

pub(super) fn described(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn unknown_factors(what: Option<&str>, found: &[String], known: &[String]) -> String {
    let what = what.map_or_else(String::new, |what| format!("{what}: "));
    let (of, known) = (format!("of the data set's {}", known.len()), || known.iter().map(String::as_str));
    match found {
        [] => format!("{what}no factor was asked for; some {of}: {}", listed(known(), SHOWN)),
        [first, ..] => {
            format!("{what}no factor {}; most similar {of}: {}", listed(found, SHOWN), nearest(first, known()))
        }
    }
}
