//! The lines of an annotated VCF file.

use std::{fmt::Write as _, path::Path};

use super::{
    Unscored, VariantEffect, VariantValue,
    names::{FieldNames, encoded},
};
use crate::{
    Error, Result,
    genome::{VcfReader, VcfRecord},
    predict::TrackValue,
};

/// Tasks that are named for each alternative.
const STRONGEST: usize = 5;

/// Makes the lines of an annotated VCF file.
pub(super) struct VcfLines {
    fields: FieldNames,
    tasks: Vec<String>,
    unit: TrackValue,
}

impl VcfLines {
    pub(super) fn new(prefix: &str, tasks: &[&str], unit: TrackValue) -> Self {
        let fields = FieldNames::new(prefix, tasks);
        Self { fields, tasks: tasks.iter().map(|task| encoded(task)).collect(), unit }
    }

    /// Refuses a file that has such fields.
    pub(super) fn check(&self, path: &Path, reader: &VcfReader) -> Result<()> {
        for (index, line) in reader.header().enumerate() {
            let name = line.strip_prefix(b"##INFO=<ID=").and_then(|rest| rest.split(|&byte| byte == b',').next());
            if let Some(name) = name.filter(|name| self.fields.all().any(|field| field.as_bytes() == *name)) {
                let expected = "no INFO field of this name yet, as those of another model: choose another prefix";
                let found = String::from_utf8_lossy(name);
                return Err(Error::parse(path, (index as u64 + 1, 1), expected, found));
            }
        }
        Ok(())
    }

    /// The lines of the header, with those of the fields before the last.
    pub(super) fn header(&self, reader: &VcfReader) -> Vec<u8> {
        let what = match self.unit {
            TrackValue::LogOdds => "log-odds of being bound",
            TrackValue::Probability => "probability of being bound",
        };
        let field = |name: &str, kind: &str, text: &str| {
            format!("##INFO=<ID={name},Number=A,Type={kind},Description=\"{text}\">\n")
        };
        let FieldNames { strongest, skipped, tasks } = &self.fields;
        let text = format!("The {STRONGEST} tasks whose {what} changes most, as TASK:change with | between them");
        let mut own = format!("##multitfVersion={}\n", env!("CARGO_PKG_VERSION"));
        own += &field(strongest, "String", &text);
        own += &field(skipped, "String", "Why there is no score");
        for (name, task) in tasks.iter().zip(&self.tasks) {
            own += &field(name, "Float", &format!("{task}: {what} with the alternative minus that with the reference"));
        }
        let mut lines = Vec::new();
        let last = reader.header().len() - 1;
        for (index, line) in reader.header().enumerate() {
            if index == last {
                lines.extend_from_slice(own.as_bytes());
            }
            lines.extend_from_slice(line);
            lines.push(b'\n');
        }
        lines
    }

    /// The line of a record, with an entry for each alternative.
    pub(super) fn record(&self, record: &VcfRecord, effects: &[Result<VariantEffect, Unscored>]) -> Vec<u8> {
        let mut info = String::new();
        let mut add = |name: &str, value: &dyn Fn(&Result<VariantEffect, Unscored>, &mut String)| {
            if !info.is_empty() {
                info.push(';');
            }
            info.push_str(name);
            for (index, effect) in effects.iter().enumerate() {
                info.push(if index == 0 { '=' } else { ',' });
                value(effect, &mut info);
            }
        };
        if effects.iter().any(Result::is_ok) {
            add(&self.fields.strongest, &|effect, text| match effect {
                Ok(effect) => self.strongest(effect, text),
                Err(_) => text.push('.'),
            });
            for (task, name) in self.fields.tasks.iter().enumerate() {
                add(name, &|effect, text| match effect {
                    Ok(effect) => number(self.change(effect, task), text),
                    Err(_) => text.push('.'),
                });
            }
        }
        if effects.iter().any(Result::is_err) {
            add(&self.fields.skipped, &|effect, text| {
                text.push_str(effect.as_ref().err().map_or(".", |skip| skip.word()));
            });
        }
        let mut line = record.with_info(&info);
        line.push(b'\n');
        line
    }

    fn strongest(&self, effect: &VariantEffect, text: &mut String) {
        for (rank, task) in effect.strongest(STRONGEST).into_iter().enumerate() {
            if rank > 0 {
                text.push('|');
            }
            text.push_str(&self.tasks[task]);
            text.push(':');
            number(self.change(effect, task), text);
        }
    }

    fn change(&self, effect: &VariantEffect, task: usize) -> f32 {
        effect.value(task, VariantValue::Difference, self.unit)
    }
}

/// Writes a number to five decimals, without zeros at the end.
fn number(value: f32, text: &mut String) {
    let start = text.len();
    // Writing to a text cannot fail.
    let _ = write!(text, "{value:.5}");
    text.truncate(start + text[start..].trim_end_matches('0').trim_end_matches('.').len());
    if text[start..] == *"-0" {
        text.replace_range(start.., "0");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_five_decimals_at_most() {
        for (value, expected) in [(0.0, "0"), (-0.000_001, "0"), (1.5, "1.5"), (-2.123_456, "-2.12346"), (100.0, "100")]
        {
            let mut text = "x=".to_owned();
            number(value, &mut text);
            assert_eq!(text, format!("x={expected}"));
        }
    }
}
