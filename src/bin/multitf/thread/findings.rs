//! The results of the variants, as a table and as text.

use std::{fmt::Write as _, fs, path::Path};

use multitf::{
    Error, Result,
    eval::{ComparisonRow, ModelMean, Reason, Report, format_comparison, format_means, write_table},
    strategy::Setup,
};

use super::{runs::Outcome, variant::Variant};

/// A variant, as `thread.tsv` has it.
struct Finding {
    variant: Variant,
    average_precision: Option<f64>,
    /// The mean of its differences from one model per factor, over the tracks of both.
    against_single: ComparisonRow,
    /// The mean of the masked sigmoid's differences from it.
    masked_minus_variant: Option<ComparisonRow>,
}

/// Writes all files, and prints the tables and a paragraph.
pub fn write(setup: &Setup<'_>, out: &Path, notes: &[String], outcome: &Outcome) -> Result<()> {
    let means = ModelMean::all(&outcome.scores);
    let findings = findings(outcome, &means);
    write_table(out.join("comparison.tsv"), &outcome.comparisons)?;
    write_findings(&out.join("thread.tsv"), &findings)?;
    let paragraph = paragraph(&findings, &means);
    let notes: Vec<String> = std::iter::once(&paragraph).chain(notes).cloned().collect();
    let path = out.join("config.toml");
    let config = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    let plotted: Vec<ComparisonRow> = findings.iter().map(plotted).collect();
    let report = Report {
        title: &format!("{}: why the shared model was worse", setup.dataset().name()),
        config: &config,
        notes: &notes,
        scores: &outcome.scores,
        costs: &[],
        runs: &outcome.runs,
        comparisons: &plotted,
        transfers: &[],
        learning: &[],
        conflicts: None,
        borrowed: &[],
    };
    let path = out.join("report.html");
    report.write(&path)?;
    print!("{}", format_means(&means));
    print!("{}", format_comparison(&plotted));
    println!("{paragraph}\nreport: {}", path.display());
    Ok(())
}

fn findings(outcome: &Outcome, means: &[ModelMean]) -> Vec<Finding> {
    let mean = |a: Variant, b: Variant| {
        let is_of = |row: &&ComparisonRow| row.is_mean() && row.model_a == a.name() && row.model_b == b.name();
        outcome.comparisons.iter().find(is_of).cloned()
    };
    let finding = |&variant: &Variant| {
        Some(Finding {
            variant,
            average_precision: average_precision(means, variant),
            against_single: mean(variant, Variant::Single)?,
            masked_minus_variant: mean(Variant::MaskedSigmoid, variant),
        })
    };
    outcome.variants.iter().filter_map(finding).collect()
}

fn average_precision(means: &[ModelMean], variant: Variant) -> Option<f64> {
    means.iter().find(|mean| mean.model == variant.name())?.average_precision
}

/// The mean of a variant's differences, as a row of the plot.
fn plotted(finding: &Finding) -> ComparisonRow {
    let row = finding.against_single.clone();
    ComparisonRow { model_a: "variant".into(), tf: finding.variant.name(), cell: "*".into(), ..row }
}

impl Finding {
    /// The share of the variant's loss, against one model per factor, that the masked sigmoid wins back; `None` if the
    /// loss is not significant.
    fn won_back(&self) -> Option<f64> {
        let lost = -self.against_single.delta?;
        let is_certain = self.against_single.high? < 0.0;
        is_certain.then_some(self.masked_minus_variant.as_ref()?.delta? / lost)
    }
}

fn write_findings(path: &Path, findings: &[Finding]) -> Result<()> {
    let number = |value: Option<f64>| value.map_or_else(|| "NA".to_owned(), |value| format!("{value:.6}"));
    let mut text = "variant\taverage_precision\tminus_single\tlow\thigh\tp\twon_back\tmeaning\n".to_owned();
    for finding in findings {
        let row = &finding.against_single;
        let numbers = [finding.average_precision, row.delta, row.low, row.high, row.p, finding.won_back()].map(number);
        let (name, description) = (finding.variant.name(), finding.variant.description());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}\t{}\t{description}", numbers.join("\t"));
    }
    let partial = path.with_extension("tsv.partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| Error::Io { path: path.to_owned(), source })
}

/// The results in sentences. Writing to a string cannot fail.
fn paragraph(findings: &[Finding], means: &[ModelMean]) -> String {
    let mut text = String::new();
    if let Some(single) = average_precision(means, Variant::Single) {
        let _ = write!(text, "One model per factor has a mean average precision of {single:.3}.");
    }
    let mut worst: Vec<&Finding> = findings.iter().filter(|finding| finding.variant.is_mistake()).collect();
    worst.sort_by(|a, b| {
        a.against_single.delta.partial_cmp(&b.against_single.delta).unwrap_or(std::cmp::Ordering::Equal)
    });
    for finding in worst {
        let _ = write!(text, " {}", sentence(finding));
        let _ = match finding.won_back() {
            Some(share) if share > 0.0 => {
                write!(text, " The masked sigmoid wins back {:.0} % of that.", 100.0 * share)
            }
            Some(_) => write!(text, " The masked sigmoid wins back nothing of that."),
            None => Ok(()),
        };
    }
    for finding in findings.iter().filter(|finding| !finding.variant.is_mistake()) {
        let _ = write!(text, " {}", sentence(finding));
    }
    text.trim().to_owned()
}

fn sentence(finding: &Finding) -> String {
    let description = finding.variant.description();
    let row = &finding.against_single;
    let (Some(delta), Some(low), Some(high)) = (row.delta, row.low, row.high) else {
        return format!("{description}: no comparison.");
    };
    let finding = if high < 0.0 {
        "worse than one model per factor"
    } else if low > 0.0 {
        "better than one model per factor"
    } else {
        "not told apart from one model per factor"
    };
    let reason = row.reason.as_ref().filter(|reason| **reason != Reason::WideInterval);
    let caveat = reason.map(|reason| format!("; no verdict: {reason}")).unwrap_or_default();
    format!("{}: {finding} ({delta:+.3}, {low:+.3} to {high:+.3}{caveat}).", description.trim_end_matches('.'))
}
