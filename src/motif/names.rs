//! Matching of motifs to factors by the names that collections write.

use super::Motif;

/// How the names of a motif match a factor, the best match first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameMatch {
    /// The alternate name is the factor's name.
    Name,
    /// The identifier is the factor's name.
    Identifier,
    /// One of the two is the factor's name with additions of a collection, such as `CTCF_HUMAN.H11MO.0.A`.
    Decorated,
    /// The same, of a collection's second profile of the factor, such as `JUN(var.2)`.
    Variant,
    /// One of the two names several factors that bind together, such as `FOS::JUN`, and the factor is one of them.
    DimerMember,
}

/// Returns how the names of a motif match a factor, whatever the case of ASCII letters, or nothing if they do not.
pub(super) fn name_match(motif: &Motif, factor: &str) -> Option<NameMatch> {
    let is = |text: &str| text.eq_ignore_ascii_case(factor);
    if factor.is_empty() {
        None
    } else if is(&motif.name) {
        Some(NameMatch::Name)
    } else if is(&motif.id) {
        Some(NameMatch::Identifier)
    } else {
        [&motif.name, &motif.id].into_iter().filter_map(|text| decorated(text, &is)).min()
    }
}

fn decorated(text: &str, is: &impl Fn(&str) -> bool) -> Option<NameMatch> {
    let named = without_identifier(text);
    let (text, is_variant) = without_variant(named);
    let (symbol, between) = symbol(text)?;
    if is(named) || (is(text) || is(symbol)) && !is_variant {
        Some(NameMatch::Decorated)
    } else if is(text) || is(symbol) {
        Some(NameMatch::Variant)
    } else if symbol.contains(between) && symbol.split(between).any(is) {
        Some(NameMatch::DimerMember)
    } else {
        None
    }
}

/// Separators of an identifier and a name.
const SEPARATORS: [char; 4] = ['.', '_', '-', ' '];

/// Removes an identifier: `MA0139.1.CTCF`, `CTCF_MA0139.1` and `M08126_2.00_CTCF` become `CTCF`.
fn without_identifier(text: &str) -> &str {
    if let Some(name) = identifier_length(text).and_then(|length| text[length..].strip_prefix(SEPARATORS)) {
        return name.trim_start();
    }
    let is_identifier = |end: &str| identifier_length(end) == Some(end.len());
    let mut separators = text.match_indices(SEPARATORS);
    separators.find(|(at, _)| is_identifier(&text[at + 1..])).map_or(text, |(at, _)| text[..at].trim_end())
}

/// Returns the length of an identifier of JASPAR (`MA0139.1`) or CIS-BP (`M08126_2.00`) at the start of a text.
fn identifier_length(text: &str) -> Option<usize> {
    const JASPAR: [&str; 5] = ["MA", "UN", "PB", "PH", "PL"];
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let is_jaspar = JASPAR.iter().any(|letters| text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(letters)));
    let (start, separator) = if is_jaspar { (2, '.') } else { (1, '_') };
    if !is_jaspar && !text.starts_with(['M', 'm']) {
        return None;
    }
    let number = digits(&text[start..]);
    let version = text[start + number..].strip_prefix(separator)?;
    let version = match separator {
        '.' => digits(version),
        // A version of CIS-BP has a dot: 2.00.
        _ => digits(version) + 1 + digits(version.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix('.')?),
    };
    (number >= 4 && version > 0).then_some(start + number + 1 + version)
}

/// Removes the mark of a second profile, and says whether there was one: JASPAR writes `JUN(var.2)` for `JUN`, UniPROBE
/// `JUN_secondary`.
fn without_variant(text: &str) -> (&str, bool) {
    let number = |text: &str| text.parse::<u32>().is_ok();
    let jaspar = text.strip_suffix(')').and_then(|text| text.rsplit_once("(var."));
    let jaspar = jaspar.filter(|(_, version)| number(version)).map(|(name, _)| name.trim_end());
    jaspar.or_else(|| without_end(text, "_secondary")).map_or((text, false), |name| (name, true))
}

/// Returns the name of a factor, or of several that bind together, and the separator of those.
fn symbol(text: &str) -> Option<(&str, &str)> {
    const PARTNERS: &str = "::";
    // (Ctcf)_(Mus_musculus)_(DBD_1.00): CIS-BP infers the profile from a similar factor.
    if let Some((name, rest)) = text.strip_prefix('(').and_then(|text| text.split_once(')')) {
        return (rest.is_empty() || rest.starts_with("_(")).then_some((name, PARTNERS));
    }
    // CTCF(Zf)/CD4+-CTCF-ChIP-Seq(GSE12889)/Homer. HOMER's guesses have a comma before it.
    if let Some((name, _)) = text.split_once('(').filter(|(_, family)| family.contains('/')) {
        return (!name.contains([',', '/'])).then_some((name, ":"));
    }
    Some((without_collection(text), PARTNERS))
}

/// Removes additions of HOCOMOCO (`CTCF_HUMAN.H11MO.0.A`, `CTCF.H12CORE.0.P.B`), UniPROBE (`CTCF_primary`),
/// SwissRegulon (`CTCF.p2`) and Jolma et al. (`CTCF_full_2`).
fn without_collection(text: &str) -> &str {
    let text = text.rfind(".H").filter(|&at| is_hocomoco(&text[at + 2..])).map_or(text, |at| &text[..at]);
    let text = match text.rsplit_once(".p") {
        Some((name, version)) if is_number(version) => name,
        _ => text,
    };
    let end = |text, ends: &[&str]| ends.iter().find_map(|end| without_end(text, end));
    if let Some(name) = end(text, &["_HUMAN", "_MOUSE", "_primary"]) {
        return name;
    }
    let unnumbered = text.rsplit_once('_').filter(|(_, number)| is_number(number)).map_or(text, |(name, _)| name);
    end(unnumbered, &["_full", "_DBD"]).unwrap_or(text)
}

/// Whether a text, which follows `.H`, is like `11MO.0.A` or `12CORE.0.P.B`.
fn is_hocomoco(text: &str) -> bool {
    let fields: Vec<&str> = text.split('.').collect();
    let is_word = |field: &&str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_collection =
        |field: &str| field.starts_with(|c: char| c.is_ascii_digit()) && field.ends_with(char::is_alphabetic);
    (2..=4).contains(&fields.len()) && is_collection(fields[0]) && fields.iter().all(is_word)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Removes a suffix from a text, whatever its case.
fn without_end<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(end.len()).filter(|at| *at > 0)?;
    let (name, found) = text.split_at_checked(at)?;
    found.eq_ignore_ascii_case(end).then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NameMatch::*, *};
    use crate::motif::ProbabilityMatrix;

    fn motif(id: &str, name: &str) -> Motif {
        let matrix = ProbabilityMatrix::new(vec![[0.25; 4]]).unwrap();
        Motif { id: id.into(), name: name.into(), matrix, sites: None }
    }

    fn matched(name: &str, factor: &str) -> Option<NameMatch> {
        name_match(&motif("x1", name), factor)
    }

    #[test]
    fn names_are_those_that_collections_write() {
        for (name, factor, expected) in [
            ("CTCF", "ctcf", Name),
            // JASPAR
            ("MA0139.1.CTCF", "CTCF", Decorated),
            ("MA0139.1_CTCF", "CTCF", Decorated),
            ("MA0139.1 CTCF", "CTCF", Decorated),
            ("MA0139.2-CTCF", "Ctcf", Decorated),
            ("CTCF_MA0139.1", "CTCF", Decorated),
            ("CTCF.MA0139.1", "CTCF", Decorated),
            ("UN0116.1_ZNF81", "ZNF81", Decorated),
            ("ma0139.1.ctcf", "CTCF", Decorated),
            ("JUN(var.2)", "JUN", Variant),
            ("MA0489.1_JUN(var.2)", "JUN", Variant),
            ("JUN (var.2)", "JUN", Variant),
            ("FOS::JUN", "FOS", DimerMember),
            ("FOS::JUN", "jun", DimerMember),
            ("MAX::MYC", "MAX", DimerMember),
            ("FOSL1::JUN(var.2)", "JUN", DimerMember),
            ("MA0099.3.FOS::JUN", "FOS", DimerMember),
            ("MA0099.3.FOS::JUN", "FOS::JUN", Decorated),
            ("FOS::JUN", "FOS::JUN", Name),
            ("MA0063.2_NKX2-5", "NKX2-5", Decorated),
            // HOCOMOCO
            ("CTCF_HUMAN.H11MO.0.A", "CTCF", Decorated),
            ("CTCF_HUMAN.H10MO.A", "CTCF", Decorated),
            ("Ctcf_MOUSE.H11MO.0.A", "CTCF", Decorated),
            ("CTCF_MOUSE", "CTCF", Decorated),
            ("CTCF.H12CORE.0.P.B", "CTCF", Decorated),
            ("CTCF.H12INVIVO.1.PSM.A", "CTCF", Decorated),
            ("ZBTB7A.H13CORE.0.PSGIB.A", "ZBTB7A", Decorated),
            // CIS-BP
            ("(Ctcf)_(Mus_musculus)_(DBD_1.00)", "CTCF", Decorated),
            ("M08126_2.00_Gata4", "GATA4", Decorated),
            ("M0001_1.02.Hic1", "HIC1", Decorated),
            // HOMER
            ("CTCF(Zf)/CD4+-CTCF-ChIP-Seq(GSE12889)/Homer", "CTCF", Decorated),
            ("GATA3(Zf),DR4/iTreg-Gata3-ChIP-Seq(GSE20898)/Homer", "GATA3", Decorated),
            ("PU.1(ETS)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer", "PU.1", Decorated),
            ("PU.1:IRF8(ETS:IRF)/pDC-Irf8-ChIP-Seq(GSE66899)/Homer", "IRF8", DimerMember),
            ("Unknown1(NR/Ini-like)/Drosophila-Promoters/Homer", "Unknown1", Decorated),
            // Others
            ("E2F2_primary", "E2F2", Decorated),
            ("E2F2_secondary", "E2F2", Variant),
            ("CTCF.p2", "CTCF", Decorated),
            ("ALX3_DBD", "ALX3", Decorated),
            ("ALX3_full_2", "ALX3", Decorated),
        ] {
            assert_eq!(matched(name, factor), Some(expected), "{name} for {factor}");
            assert_eq!(
                name_match(&motif(name, ""), factor),
                Some(if expected == Name { Identifier } else { expected })
            );
        }
    }

    #[test]
    fn no_factor_gets_what_only_looks_like_its_name() {
        for (name, factors) in [
            ("MA0139.1", &["MA", "MA0139", "1", "M"][..]),
            ("MA0139.1.CTCF", &["MA", "MA0139.1.", "CTC", "CTCFL", "1.CTCF", "TCF"]),
            ("CTCFL_HUMAN.H11MO.0.A", &["CTCF", "CTCFL_HUMAN.H11MO", "H", "HUMAN", "A", "0", "H11MO"]),
            ("CTCF.H12CORE.0.P.B", &["H", "B", "P", "H12CORE", "CTCF.H12CORE"]),
            ("MA139.1.CTCF", &["CTCF"]),
            ("MA0139._CTCF", &["CTCF", "_CTCF"]),
            ("M1_2.00_CTCF", &["CTCF"]),
            ("CTCF.p", &["CTCF"]),
            ("ALX3_full_", &["ALX3", "ALX3_full"]),
            ("NKX2-5", &["NKX2", "5", "NKX"]),
            ("EWSR1-FLI1", &["EWSR1", "FLI1"]),
            ("FOS::JUN", &["FOSL1", "JUNB", "FOS:", "", "OS", "FOS::"]),
            ("JUN(var.x)", &["JUN", "var", "x"]),
            ("(Ctcf)_(Mus_musculus)_(DBD_1.00)", &["Mus_musculus", "DBD_1.00", "(Ctcf)", "Mus"]),
            ("(Ctcf)x", &["Ctcf"]),
            ("CTCF(Zf)/CD4+-CTCF-ChIP-Seq(GSE12889)/Homer", &["Zf", "CD4+", "CTCF-ChIP-Seq", "Homer"]),
            ("1-ATGACTCATC,BestGuess:AP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer(0.98)", &["AP-1", "bZIP"]),
            ("SPAC11D3.17", &["SPAC11D3", "17", "SPAC11D3.1"]),
            ("mating_type_2", &["mating_type", "mating", "2"]),
            ("Zfp_1", &["Zfp"]),
            ("ZNF143.1_SP1", &["SP1", "ZNF143", "ZNF143.1"]),
            ("ADNP_IRX_SIX_ZHX.p2", &["ADNP", "ZHX", "p2"]),
            ("_HUMAN", &["", "HUMAN"]),
            ("MEME-1", &["MEME", "1", "ME"]),
            ("é_HUMANé", &["é"]),
        ] {
            for factor in factors {
                assert_eq!(matched(name, factor), None, "{name} for {factor:?}");
                assert_eq!(name_match(&motif(name, ""), factor), None, "{name} for {factor:?}");
            }
        }
    }

    #[test]
    fn names_of_factors_with_signs_in_them_match_whole() {
        for factor in
            ["SPAC11D3.17", "FOS::JUN", "Rpb1_S5", "CTCF.p2", "CTCF_HUMAN.H11MO.0.A", "X_full_1", "(x)", "a/b"]
        {
            assert_eq!(matched(factor, factor), Some(Name));
            assert_eq!(name_match(&motif(factor, ""), factor), Some(Identifier));
            assert_eq!(matched(&format!("MA0001.1_{factor}"), factor), Some(Decorated));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            name in any::<String>(),
            near in "(MA|M|é|\\(|_|\\.|:|[0-9]|H1|_HUMAN|var|\\)| ){0,12}",
            factor in any::<String>(),
        ) {
            for name in [&name, &near] {
                let _ = matched(name, &factor);
            }
        }
    }
}
