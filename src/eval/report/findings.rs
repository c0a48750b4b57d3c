//! The findings of a comparison, in words.

use super::numbers::{sentence, signed, tracks};
use crate::eval::{ComparisonSummary, EQUAL_WITHIN, Verdict};

/// Fewer training seeds than this show little of how much a model varies between trainings.
const FEW_SEEDS: u64 = 5;

/// Returns what a comparison found, and what it cannot tell, a sentence each.
pub(super) fn findings(summary: &ComparisonSummary<'_>) -> Vec<String> {
    let mut sentences = vec![verdicts(summary)];
    sentences.extend(losses(summary));
    sentences.extend(undecided(summary));
    sentences.extend(mean(summary));
    sentences.extend(false_discoveries(summary));
    sentences.extend(seeds(summary));
    sentences
}

fn verdicts(summary: &ComparisonSummary<'_>) -> String {
    let ComparisonSummary { model_a, model_b, split, .. } = summary;
    if summary.tracks.is_empty() {
        return format!("No track has a score in {split}, so {model_a} and {model_b} cannot be compared.");
    }
    let tally = summary.tally();
    let [better, worse, equal, undecided] = Verdict::ALL.map(|verdict| tally.on(verdict));
    let all = if tally.has_one_track_each() {
        format!("On {} of the {split} split", tracks(summary.tracks.len()))
    } else {
        format!("In the {split} split")
    };
    format!(
        "{all}, {model_a} is better than {model_b} on {better}, worse on {worse}, equal (within ±{EQUAL_WITHIN}) on \
         {equal}, and undecided on {undecided}{}.",
        summary.reasons()
    )
}

/// Which losses are excluded, and which could have been found. Without these sentences, "worse on 0" would sound like
/// "as good on all".
fn losses(summary: &ComparisonSummary<'_>) -> Vec<String> {
    if summary.tracks.is_empty() {
        return Vec::new();
    }
    let tally = summary.tally();
    let detectable = tally.detectable_loss().map(|detectable| sentence(&detectable));
    std::iter::once(sentence(&tally.excluded_loss())).chain(detectable).collect()
}

fn undecided(summary: &ComparisonSummary<'_>) -> Option<String> {
    let undecided = summary.count(Verdict::Undecided);
    let more = if 2 * undecided > summary.tracks.len() { " Most tracks are undecided." } else { "" };
    (undecided > 0).then(|| {
        format!("Undecided does not mean equal: the difference may be larger than ±{EQUAL_WITHIN}, either way.{more}")
    })
}

fn mean(summary: &ComparisonSummary<'_>) -> Option<String> {
    let row = summary.mean?;
    let numbers = format!("{} ({} to {})", signed(row.delta), signed(row.low), signed(row.high));
    let says = match row.verdict? {
        Verdict::Better => format!("{} scores higher on average", summary.model_a),
        Verdict::Worse => format!("{} scores lower on average", summary.model_a),
        Verdict::Equal => format!("on average the two are equal within ±{EQUAL_WITHIN}"),
        Verdict::Undecided => "which one is higher on average is undecided".to_owned(),
    };
    let why = row.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Some(format!("The mean difference over these tracks is {numbers}: {says}{why}."))
}

fn false_discoveries(summary: &ComparisonSummary<'_>) -> Option<String> {
    let called = summary.count(Verdict::Better) + summary.count(Verdict::Worse);
    (called > 1).then(|| {
        "Of all tracks that are called better or worse, over all pairs of models of this report, up to 5 % are \
         expected to be false discoveries."
            .to_owned()
    })
}

fn seeds(summary: &ComparisonSummary<'_>) -> Option<String> {
    match summary.seeds() {
        1 => Some(
            "Each model was trained once, from one seed. The intervals leave out how much it varies between trainings, \
             so there is no verdict."
                .to_owned(),
        ),
        few if few < FEW_SEEDS => Some(format!(
            "With {few} seeds on each side, the variation between trainings is only roughly known, and intervals tend \
             to be too narrow."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{ComparisonRow, Reason};

    fn reason(seeds: u64) -> Reason {
        if seeds == 1 { Reason::OneSeed } else { Reason::WideInterval }
    }

    fn row(tf: &str, delta: Option<f64>, verdict: Verdict, seeds: u64) -> ComparisonRow {
        ComparisonRow {
            model_a: "multi".into(),
            model_b: "single".into(),
            tf: tf.into(),
            split: "valid".into(),
            delta,
            low: delta.map(|delta| delta - 0.1),
            high: delta.map(|delta| delta + 0.1),
            seeds,
            verdict: delta.map(|_| verdict),
            reason: (verdict == Verdict::Undecided).then_some(reason(seeds)),
            detectable: delta.filter(|_| seeds > 1).map(|_| 0.125),
            ..ComparisonRow::default()
        }
    }

    #[test]
    fn undecided_tracks_are_not_called_equal() {
        let rows = [
            row("REB1", Some(0.2), Verdict::Better, 3),
            row("ABF1", Some(0.01), Verdict::Undecided, 3),
            row("GCN4", Some(0.0), Verdict::Undecided, 3),
            row("*", Some(0.07), Verdict::Undecided, 3),
        ];
        let text = findings(&ComparisonSummary::all(&rows)[0]).join(" ");
        assert!(
            text.starts_with(
                "On 3 tracks of the valid split, multi is better than single on 1, worse on 0, equal (within ±0.02) on \
                 0, and undecided on 2 (not significant, wide interval: 2). For 1 of 3 factors a loss above 0.02 is \
                 excluded. The median detectable loss is 0.125, and on 0 of 3 tracks it is below 0.02. Undecided does \
                 not mean equal"
            ),
            "{text}"
        );
        assert!(text.contains("Most tracks are undecided"));
        let mean =
            "+0.070 (-0.030 to +0.170): which one is higher on average is undecided (not significant, wide interval).";
        assert!(text.contains(mean), "{text}");
        assert!(!text.contains("false discoveries"));
    }

    #[test]
    fn with_one_seed_it_says_that_nothing_is_judged() {
        let rows = [row("REB1", Some(0.2), Verdict::Undecided, 1), row("*", Some(0.2), Verdict::Undecided, 1)];
        let text = findings(&ComparisonSummary::all(&rows)[0]).join(" ");
        assert!(
            text.contains("undecided on 1 (one seed: 1). For 0 of 1 factor a loss above 0.02 is excluded. Undecided"),
            "{text}"
        );
        assert!(text.contains("on average is undecided (one seed)."));
        assert!(text.ends_with(
            "trained once, from one seed. The intervals leave out how much it varies between trainings, so there is no \
             verdict."
        ));
    }

    #[test]
    fn tracks_and_factors_are_counted_apart() {
        let cells = [("K562", Verdict::Better), ("GM12878", Verdict::Worse), ("A549", Verdict::Better)];
        let mut rows: Vec<ComparisonRow> = cells
            .iter()
            .map(|(cell, verdict)| ComparisonRow { cell: (*cell).into(), ..row("MAX", Some(0.2), *verdict, 5) })
            .collect();
        rows.push(row("REST", Some(0.0), Verdict::Undecided, 5));
        let text = findings(&ComparisonSummary::all(&rows)[0]).join(" ");
        let expected = "In the valid split, multi is better than single on 2 of 4 tracks (0 of 2 factors), worse \
                        on 1 of 4 tracks (1 of 2 factors), equal (within ±0.02) on 0, and undecided on 1 (not \
                        significant, wide interval: 1). For 1 of 2 factors (on 3 of 4 tracks) a loss above 0.02 is \
                        excluded.";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn many_seeds_and_decided_tracks_need_no_caveat() {
        let rows = [row("REB1", Some(0.2), Verdict::Better, 5), row("ABF1", Some(-0.2), Verdict::Worse, 5)];
        let sentences = findings(&ComparisonSummary::all(&rows)[0]);
        assert_eq!(sentences.len(), 4);
        assert!(sentences[3].ends_with("up to 5 % are expected to be false discoveries."));
    }

    #[test]
    fn a_comparison_without_scores_says_so() {
        let rows = [row("REB1", None, Verdict::Equal, 3), row("*", None, Verdict::Equal, 3)];
        let text = findings(&ComparisonSummary::all(&rows)[0]).join(" ");
        assert!(text.starts_with("No track has a score in valid, so multi and single cannot be compared."), "{text}");
    }
}
