//! The HTML page that shows the results of a comparison.

mod comparison;
mod conflicts;
mod cost;
mod findings;
mod forest;
mod harm;
pub(crate) mod html;
mod learning;
mod means;
pub(super) mod numbers;
mod pairs;
mod terminal;
mod transfer;

use std::path::Path;

pub use self::terminal::{format_comparison, format_costs, format_means};
use crate::{
    Result,
    eval::{
        BorrowedRow, ComparisonRow, ComparisonSummary, CostRow, LearningRow, ModelMean, RunRow, ScoreRow, TransferRow,
    },
    file,
    train::ConflictMap,
};
use html::{escape, page, paragraph, section};

/// The most pairs of models that are all shown in detail.
const MOST_IN_DETAIL: usize = 15;

/// The content of `report.html`: the tables, and the configuration that led to them.
///
/// The page holds its style and plots, needs no scripts, and reads well on light and dark screens and on paper.
///
/// ```
/// use multitf::eval::{Report, ScoreRow};
///
/// let score = ScoreRow { model: "multi".into(), average_precision: Some(0.25), ..ScoreRow::default() };
/// let report = Report {
///     title: "Yeast, 49 factors",
///     config: "context_bp = 500",
///     notes: &[],
///     scores: &[score],
///     runs: &[],
///     costs: &[],
///     comparisons: &[],
///     transfers: &[],
///     learning: &[],
///     conflicts: None,
///     borrowed: &[],
/// };
/// let page = report.to_html();
/// assert!(page.contains("<h1>Yeast, 49 factors</h1>") && page.contains("0.250"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was compared, on what data.
    pub title: &'a str,
    /// The configuration file that runs it again.
    pub config: &'a str,
    /// What a reader should know first, a paragraph each, such as test cell types that were trained on.
    pub notes: &'a [String],
    /// The rows of `scores.tsv`.
    pub scores: &'a [ScoreRow],
    /// The rows of `runs.tsv`.
    pub runs: &'a [RunRow],
    /// The rows of `cost.tsv`.
    pub costs: &'a [CostRow],
    /// The rows of `comparison.tsv`.
    pub comparisons: &'a [ComparisonRow],
    /// The rows of `transfer.tsv`.
    pub transfers: &'a [TransferRow],
    /// The rows of `learning.tsv`.
    pub learning: &'a [LearningRow],
    /// The cosines between the gradients of factors in the training of a shared model, if there was one.
    pub conflicts: Option<&'a ConflictMap>,
    /// The rows of `borrowed.tsv`, if models were explained.
    pub borrowed: &'a [BorrowedRow],
}

impl Report<'_> {
    /// Returns the page.
    pub fn to_html(&self) -> String {
        let title = escape(self.title);
        let notes: String = self.notes.iter().map(|note| paragraph("note", &escape(note))).collect();
        let means = means::html(&ModelMean::all(self.scores));
        let comparisons = self.comparisons();
        let transfers = transfer::html(self.transfers, self.runs, self.learning);
        let conflicts = self.conflicts.map(|map| conflicts::html(map, self.transfers)).unwrap_or_default();
        let borrowed = transfer::borrowed::html(self.borrowed, self.transfers);
        let runs = cost::html(self.runs);
        let costs = cost::curve::html(self.costs);
        let config = section("Configuration", &format!("<pre>{}</pre>\n", escape(self.config)));
        let body = format!("{notes}{means}{costs}{transfers}{comparisons}{conflicts}{borrowed}{runs}{config}");
        page(&title, &body)
    }

    /// All pairs of models, and each in detail: of many pairs those of a shared model and single ones alone.
    fn comparisons(&self) -> String {
        let summaries = ComparisonSummary::all(self.comparisons);
        let is_transfer = |summary: &ComparisonSummary<'_>| {
            self.transfers
                .iter()
                .any(|row| (row.shared.as_str(), row.own.as_str()) == (summary.model_a, summary.model_b))
        };
        let is_shown = |summary: &&ComparisonSummary<'_>| summaries.len() <= MOST_IN_DETAIL || is_transfer(summary);
        pairs::html(&summaries) + &summaries.iter().filter(is_shown).map(comparison::html).collect::<String>()
    }

    /// Writes the page.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        file::write_atomic(path.as_ref(), |output| output.write_all(self.to_html().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error,
        eval::{Reason, Verdict},
    };

    const SCORES: [Option<f64>; 2] = [Some(0.25), None];

    fn page() -> String {
        let tracks = ["REB1", "<GAL4>"].into_iter().zip(SCORES);
        let names = |tf: &str| (tf.to_owned(), "yeast".to_owned(), "valid".to_owned());
        let scores: Vec<ScoreRow> = tracks
            .clone()
            .map(|(tf, average_precision)| {
                let (tf, cell, split) = names(tf);
                ScoreRow { model: "multi".into(), tf, cell, split, average_precision, ..ScoreRow::default() }
            })
            .collect();
        let comparisons: Vec<ComparisonRow> = tracks
            .map(|(tf, delta)| {
                let (tf, cell, split) = names(tf);
                let verdict = delta.map(|_| Verdict::Better);
                let reason = delta.is_none().then_some(Reason::NoBoundBin);
                let numbers = ComparisonRow { delta, low: delta, high: delta, ..ComparisonRow::default() };
                ComparisonRow { tf, cell, split, verdict, reason, ..numbers }
            })
            .collect();
        let notes = ["K562 was trained on & tested".to_owned()];
        let config = "name = \"</pre><script>\"";
        Report {
            title: "a < b",
            config,
            notes: &notes,
            scores: &scores,
            runs: &[],
            costs: &[],
            comparisons: &comparisons,
            transfers: &[],
            learning: &[],
            conflicts: None,
            borrowed: &[],
        }
        .to_html()
    }

    #[test]
    fn the_page_needs_no_network_and_no_script() {
        let page = page().replace("http://www.w3.org/2000/svg", "").replace("url(#", "");
        for outside in ["http:", "https:", "url(", "src=", "href=", "@import", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn text_from_outside_is_escaped() {
        let page = page();
        assert!(page.contains("<h1>a &lt; b</h1>"));
        assert!(page.contains("K562 was trained on &amp; tested"));
        assert!(page.contains("<pre>name = &quot;&lt;/pre&gt;&lt;script&gt;&quot;</pre>"));
    }

    #[test]
    fn tracks_without_a_score_are_counted_and_named() {
        let page = page();
        assert!(
            page.contains(
                "1 track without a bound bin in valid, left out of the means of multi: &lt;GAL4&gt; (yeast)."
            )
        );
        assert!(
            page.contains("1 track without a bound bin in valid, on which nothing can be said: &lt;GAL4&gt; (yeast).")
        );
    }

    #[test]
    fn what_has_no_verdict_says_why_and_a_model_that_ranks_nothing_is_a_note() {
        let row = |tf: &str, reason: Reason| ComparisonRow {
            tf: tf.into(),
            cell: "yeast".into(),
            split: "valid".into(),
            model_a: "<multi>".into(),
            delta: (reason != Reason::NoUnboundBin).then_some(0.5),
            verdict: (reason != Reason::NoUnboundBin).then_some(Verdict::Undecided),
            reason: Some(reason),
            ..ComparisonRow::default()
        };
        let comparisons = [
            row("REB1", Reason::OneSeed),
            row("POL2", Reason::NoUnboundBin),
            row("ABF1", Reason::ExplodedScores { model: "<multi>".into() }),
        ];
        let notes = Vec::new();
        let html = Report {
            title: "",
            config: "",
            notes: &notes,
            scores: &[],
            runs: &[],
            costs: &[],
            comparisons: &comparisons,
            transfers: &[],
            learning: &[],
            conflicts: None,
            borrowed: &[],
        }
        .to_html();
        assert!(
            html.contains("<td class=\"undecided\">undecided</td><td>one seed</td><td class=\"number\">NA</td></tr>")
        );
        assert!(html.contains("<td>NA</td><td>no unbound bin</td><td class=\"number\">NA</td></tr>"));
        assert!(html.contains("1 track without an unbound bin in valid, on which nothing can be said: POL2 (yeast)."));
        let note = "<p class=\"note\">No verdict on ABF1 (yeast): exploded scores of &lt;multi&gt;.</p>";
        assert!(html.contains(note) && !html.contains("No verdict on REB1"));
    }

    #[test]
    fn elements_are_closed() {
        let page = page();
        for element in ["section", "table", "tr", "td", "th", "p", "div", "figure", "ul", "li", "svg", "main", "body"] {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
    }

    #[test]
    fn a_page_without_room_is_an_error() {
        let report = Report {
            title: "",
            config: "",
            notes: &[],
            scores: &[],
            runs: &[],
            costs: &[],
            comparisons: &[],
            transfers: &[],
            learning: &[],
            conflicts: None,
            borrowed: &[],
        };
        assert!(matches!(report.write("no/such/folder/report.html"), Err(Error::Io { .. })));
    }
}
