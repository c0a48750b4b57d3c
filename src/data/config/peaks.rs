//! `[peaks]`: peaks to derive labels from.

use serde::Deserialize;

use crate::{
    Error, Result,
    data::pattern::{Pattern, Placeholder, check_name},
};

/// `[peaks]`: peaks to derive labels from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeaksConfig {
    /// BED, narrowPeak or broadPeak files, with `{tf}` and, unless `cell` is given, `{cell}` in the path: any text
    /// between the literal parts.
    pub pattern: String,
    /// Files of relaxed peaks, whose bins are ambiguous; the same placeholders.
    pub relaxed_pattern: Option<String>,
    /// The only cell type.
    pub cell: Option<String>,
    /// Makes each peak a point, widened by this much to both sides: its summit; the midpoint of a narrowPeak or
    /// broadPeak without one; the start of a line of plain BED.
    pub half_width_bp: Option<usize>,
}

impl PeaksConfig {
    pub(super) fn check(&self) -> Result<()> {
        Error::unless(self.half_width_bp != Some(0), "peaks.half_width_bp", "at least 1", 0)?;
        self.cell.as_ref().map_or(Ok(()), |cell| check_name("peaks.cell", cell))?;
        self.check_placeholders("peaks.pattern", &self.pattern)?;
        self.relaxed_pattern.as_ref().map_or(Ok(()), |text| self.check_placeholders("peaks.relaxed_pattern", text))
    }

    fn check_placeholders(&self, key: &'static str, text: &str) -> Result<()> {
        let pattern = Pattern::new(key, text)?;
        let expected = match &self.cell {
            Some(_) => "a pattern with {tf} and, as peaks.cell is given, without {cell}",
            None => "a pattern with {tf} and {cell}, or peaks.cell",
        };
        let fits = pattern.has(Placeholder::Tf) && pattern.has(Placeholder::Cell) == self.cell.is_none();
        Error::unless(fits, key.to_owned(), expected, format!("{text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(change: impl FnOnce(&mut PeaksConfig)) -> String {
        let mut config = PeaksConfig {
            pattern: "{tf}.bed".to_owned(),
            relaxed_pattern: None,
            cell: Some("K562".to_owned()),
            half_width_bp: None,
        };
        config.check().unwrap();
        change(&mut config);
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn a_peak_without_width_is_an_error() {
        let found = message(|config| config.half_width_bp = Some(0));
        assert_eq!(found, "peaks.half_width_bp: expected at least 1, found 0");
    }

    #[test]
    fn placeholders_must_fit_the_cell() {
        let found = message(|config| config.cell = None);
        assert_eq!(found, "peaks.pattern: expected a pattern with {tf} and {cell}, or peaks.cell, found \"{tf}.bed\"");
        let found = message(|config| config.relaxed_pattern = Some("relaxed.bed".to_owned()));
        assert!(found.starts_with("peaks.relaxed_pattern: expected a pattern with {tf} and, as peaks.cell"), "{found}");
    }

    #[test]
    fn a_cell_has_a_name() {
        for cell in ["", "a/b", "*", "a\tb"] {
            let found = message(|config| config.cell = Some(cell.to_owned()));
            assert!(found.starts_with("peaks.cell: expected a name"), "{found}");
        }
    }
}
