//! What the numbers say, in words.

use crate::eval::{
    pair::Pair,
    plain::{signed, tracks},
    reason::in_brackets,
    verdict::{EQUAL_WITHIN, Verdict},
};

/// Fewer training seeds than this say little about how much a model varies from run to run.
const FEW_SEEDS: u64 = 5;

/// Says what a comparison found, and what it cannot tell, a sentence each.
pub(super) fn findings(pair: &Pair<'_>) -> Vec<String> {
    let mut sentences = vec![verdicts(pair)];
    sentences.extend(loss(pair));
    sentences.extend(undecided(pair));
    sentences.extend(mean(pair));
    sentences.extend(false_discoveries(pair));
    sentences.extend(seeds(pair));
    sentences
}

fn verdicts(pair: &Pair<'_>) -> String {
    let Pair { model_a, model_b, split, .. } = pair;
    if pair.tracks.is_empty() {
        return format!("No track has a score in {split}, so {model_a} and {model_b} cannot be compared.");
    }
    let [better, worse, equal, undecided] = Verdict::ALL.map(|verdict| pair.count(verdict));
    format!(
        "On {} of the {split} split, {model_a} is better than {model_b} on {better}, worse on {worse}, equal (within \
         ±{EQUAL_WITHIN}) on {equal}, and undecided on {undecided}{}.",
        tracks(pair.tracks.len()),
        in_brackets(&pair.reasons())
    )
}

/// Without it, "worse on 0" would sound like "as good on all".
fn loss(pair: &Pair<'_>) -> Option<String> {
    (!pair.tracks.is_empty()).then(|| {
        let (excluded, all) = (pair.without_loss(), tracks(pair.tracks.len()));
        format!("For {excluded} of {all} a loss of more than {EQUAL_WITHIN} is excluded.")
    })
}

fn undecided(pair: &Pair<'_>) -> Option<String> {
    let undecided = pair.count(Verdict::Undecided);
    let more = if 2 * undecided > pair.tracks.len() { " Most tracks are undecided." } else { "" };
    (undecided > 0).then(|| {
        format!(
            "Undecided does not mean equal: such a difference may be larger than ±{EQUAL_WITHIN}, either way.{more}"
        )
    })
}

fn mean(pair: &Pair<'_>) -> Option<String> {
    let row = pair.mean?;
    let numbers = format!("{} ({} to {})", signed(row.delta), signed(row.low), signed(row.high));
    let says = match row.verdict? {
        Verdict::Better => format!("{} scores higher on average", pair.model_a),
        Verdict::Worse => format!("{} scores lower on average", pair.model_a),
        Verdict::Equal => format!("on average the two are equal within ±{EQUAL_WITHIN}"),
        Verdict::Undecided => "which is the higher on average is undecided".to_owned(),
    };
    let why = row.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Some(format!("The mean difference over these tracks is {numbers}: {says}{why}."))
}

fn false_discoveries(pair: &Pair<'_>) -> Option<String> {
    let called = pair.count(Verdict::Better) + pair.count(Verdict::Worse);
    (called > 1)
        .then(|| format!("Of the {called} called better or worse, up to 5 % are expected to be so by chance alone."))
}

fn seeds(pair: &Pair<'_>) -> Option<String> {
    match pair.seeds() {
        1 => Some(
            "Each model was trained once, from one seed: the intervals leave out how much it varies from one training \
             run to the next, so that there is no verdict."
                .to_owned(),
        ),
        few if few < FEW_SEEDS => Some(format!(
            "With {few} seeds on each side, the variation from one training run to the next is only roughly known, and \
             intervals tend to be too narrow."
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{comparison::ComparisonRow, reason::Reason};

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
        let text = findings(&Pair::all(&rows)[0]).join(" ");
        assert!(
            text.starts_with(
                "On 3 tracks of the valid split, multi is better than single on 1, worse on 0, equal (within ±0.02) on 0, \
                 and undecided on 2 (not significant, wide interval: 2). For 1 of 3 tracks a loss of more than 0.02 is \
                 excluded. Undecided does not mean equal"
            ),
            "{text}"
        );
        assert!(text.contains("Most tracks are undecided"));
        let mean =
            "+0.070 (-0.030 to +0.170): which is the higher on average is undecided (not significant, wide interval).";
        assert!(text.contains(mean), "{text}");
        assert!(!text.contains("by chance"));
    }

    #[test]
    fn with_one_seed_it_says_that_nothing_is_judged() {
        let rows = [row("REB1", Some(0.2), Verdict::Undecided, 1), row("*", Some(0.2), Verdict::Undecided, 1)];
        let text = findings(&Pair::all(&rows)[0]).join(" ");
        assert!(text.contains("undecided on 1 (one seed: 1). For 0 of 1 track a loss"), "{text}");
        assert!(text.contains("on average is undecided (one seed)."));
        assert!(text.ends_with(
            "trained once, from one seed: the intervals leave out how much it varies from one training run \
                                to the next, so that there is no verdict."
        ));
    }

    #[test]
    fn many_seeds_and_decided_tracks_need_no_caveat() {
        let rows = [row("REB1", Some(0.2), Verdict::Better, 5), row("ABF1", Some(-0.2), Verdict::Worse, 5)];
        let sentences = findings(&Pair::all(&rows)[0]);
        assert_eq!(sentences.len(), 3);
        assert!(sentences[2].starts_with("Of the 2 called better or worse"));
    }

    #[test]
    fn a_comparison_without_scores_says_so() {
        let rows = [row("REB1", None, Verdict::Equal, 3), row("*", None, Verdict::Equal, 3)];
        let text = findings(&Pair::all(&rows)[0]).join(" ");
        assert!(text.starts_with("No track has a score in valid, so multi and single cannot be compared."), "{text}");
    }
}
