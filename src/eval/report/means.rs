//! The section with mean scores.

use super::{
    html::{escape, number, paragraph, section, table, text},
    numbers::{decimal, tracks},
};
use crate::eval::{ModelMean, group::group};

const NAMES: [&str; 11] = [
    "model",
    "split",
    "#seeds",
    "#tracks",
    "#average precision",
    "#auPRC",
    "#auROC",
    "#recall at 10 % FDR",
    "#recall at 50 % FDR",
    "#AP, bound bins",
    "#AP, differing bins",
];

/// The columns before the scores.
const BEFORE_SCORES: usize = 4;

/// The mean scores of models, and the tracks without a score.
pub(super) fn html(means: &[ModelMean]) -> String {
    let shown = ModelMean::shown(means);
    let rows = means.iter().map(|mean| {
        let mut row = vec![text(&mean.model), text(&mean.split)];
        row.extend([mean.seeds, mean.tracks].map(|count| number(count.to_string())));
        row.extend(mean.scores().into_iter().take(shown).map(|(_, score)| number(decimal(score, 3))));
        row
    });
    let note = "Averaged over seeds, then over the tracks that have a score. AP, bound bins: average precision among \
                the bins that any factor binds, which asks <em>which</em> factor it is. AP, differing bins: among \
                those that are bound in some of the cell types where a factor was measured, not in all.";
    let table = table(&NAMES[..BEFORE_SCORES + shown], rows);
    section("Mean scores", &[table, paragraph("small", note), left_out(means), uneven(means)].concat())
}

/// What tracks lack, the split, and their names.
type LeftOut<'a> = (&'a str, &'a str, &'a [String]);

/// Names the tracks without a score and what they lack, once for all models that agree on them.
fn left_out(means: &[ModelMean]) -> String {
    let keyed = means.iter().flat_map(|mean| {
        mean.left_out().map(|(what, names)| ((what, mean.split.as_str(), names), mean.model.as_str()))
    });
    let sentence = |((what, split, names), models): (LeftOut<'_>, Vec<&str>)| {
        let (count, models, names) = (tracks(names.len()), models.join(", "), names.join(", "));
        paragraph(
            "",
            &escape(&format!("{count} without {what} in {split}, left out of the means of {models}: {names}.")),
        )
    };
    group(keyed).into_iter().map(sentence).collect()
}

/// Warns if the means of a split are over different numbers of tracks.
fn uneven(means: &[ModelMean]) -> String {
    let differs = |mean: &ModelMean| means.iter().any(|other| mean.split == other.split && mean.tracks != other.tracks);
    if !means.iter().any(differs) {
        return String::new();
    }
    let text = "Not all models were scored on the same tracks, so these means do not compare. The differences of two \
                models do: each is taken on the same tracks.";
    paragraph("note", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_scored_on_other_tracks_are_pointed_out() {
        let mean = |model: &str, tracks| ModelMean {
            model: model.into(),
            split: "valid".into(),
            seeds: 1,
            tracks,
            without_bound: vec!["GAL4 (yeast)".into()],
            without_unbound: vec!["POL2 (yeast)".into()],
            average_precision: None,
            auprc: None,
            auroc: None,
            recall10: None,
            recall50: None,
            bound_ap: None,
            differing_ap: None,
        };
        let same = html(&[mean("multi", 3), mean("single", 3)]);
        assert!(same.contains("<p>1 track without a bound bin in valid, left out of the means of multi, single: GAL4"));
        assert!(
            same.contains("<p>1 track without an unbound bin in valid, left out of the means of multi, single: POL2")
        );
        assert!(!same.contains("do not compare"));
        assert!(html(&[mean("multi", 3), mean("single", 2)]).contains("do not compare"));
    }
}
