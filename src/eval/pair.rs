//! The rows of one comparison, in the order in which people read them.

use super::{
    comparison::ComparisonRow,
    reason::{Reason, counted},
    verdict::Verdict,
};

/// All rows of one comparison: two models in one split.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
    /// The metric.
    pub metric: &'a str,
    /// The tracks with a difference, the highest first.
    pub tracks: Vec<&'a ComparisonRow>,
    /// The tracks without one.
    pub undefined: Vec<&'a ComparisonRow>,
    /// The mean over tracks, if it has a row.
    pub mean: Option<&'a ComparisonRow>,
}

impl<'a> Pair<'a> {
    /// Parts rows by comparison, in the order in which they first appear.
    ///
    /// ```
    /// use multitf::eval::{comparison::ComparisonRow, pair::Pair};
    ///
    /// let row = |tf: &str, delta| ComparisonRow { tf: tf.into(), delta, ..ComparisonRow::default() };
    /// let rows = [row("REB1", Some(-0.1)), row("GAL4", None), row("ABF1", Some(0.2)), row("*", Some(0.05))];
    /// let pairs = Pair::all(&rows);
    /// assert_eq!(pairs[0].tracks, [&rows[2], &rows[0]]);
    /// assert_eq!((pairs[0].undefined[0], pairs[0].mean), (&rows[1], Some(&rows[3])));
    /// ```
    pub fn all(rows: &'a [ComparisonRow]) -> Vec<Self> {
        let mut pairs: Vec<Self> = Vec::new();
        for row in rows {
            let index = pairs.iter().position(|pair| pair.holds(row)).unwrap_or_else(|| {
                pairs.push(Self::of(row));
                pairs.len() - 1
            });
            pairs[index].push(row);
        }
        for pair in &mut pairs {
            pair.tracks.sort_by(|a, b| b.delta.unwrap_or_default().total_cmp(&a.delta.unwrap_or_default()));
        }
        pairs
    }

    /// Returns how many tracks have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.tracks.iter().filter(|row| row.verdict == Some(verdict)).count()
    }

    /// Returns why tracks are undecided, and how many for each reason.
    pub fn reasons(&self) -> Vec<(String, usize)> {
        counted(self.tracks.iter().filter_map(|row| row.reason.as_ref()))
    }

    /// Returns the tracks for which a reason holds, as `TF (CELL)`.
    pub fn named(&self, holds: impl Fn(&Reason) -> bool) -> Vec<String> {
        let tracks = self.tracks.iter().chain(&self.undefined);
        let those = tracks.filter(|row| row.reason.as_ref().is_some_and(&holds));
        those.map(|row| format!("{} ({})", row.tf, row.cell)).collect()
    }

    /// Returns what is wrong with a model's scores, and the tracks on which it is.
    pub fn faults(&self) -> Vec<(&'a Reason, Vec<String>)> {
        let mut faults: Vec<(&Reason, Vec<String>)> = Vec::new();
        for reason in self.tracks.iter().filter_map(|row| row.reason.as_ref()).filter(|reason| reason.is_fault()) {
            if !faults.iter().any(|(known, _)| *known == reason) {
                faults.push((reason, self.named(|other| other == reason)));
            }
        }
        faults
    }

    /// Returns on how many tracks the data exclude that model a is worse by more than
    /// [`EQUAL_WITHIN`](super::verdict::EQUAL_WITHIN).
    pub fn without_loss(&self) -> usize {
        self.tracks.iter().filter(|row| row.excludes_loss() == Some(true)).count()
    }

    /// Returns the fewest training seeds behind any of the rows.
    pub fn seeds(&self) -> u64 {
        self.rows().map(|row| row.seeds).min().unwrap_or_default()
    }

    /// Returns all rows: tracks with a difference, the highest first, tracks without one, the mean.
    pub fn rows(&self) -> impl Iterator<Item = &'a ComparisonRow> {
        self.tracks.iter().chain(&self.undefined).copied().chain(self.mean)
    }

    const fn of(row: &'a ComparisonRow) -> Self {
        Self {
            model_a: row.model_a.as_str(),
            model_b: row.model_b.as_str(),
            split: row.split.as_str(),
            metric: row.metric.as_str(),
            tracks: Vec::new(),
            undefined: Vec::new(),
            mean: None,
        }
    }

    fn holds(&self, row: &ComparisonRow) -> bool {
        (self.model_a, self.model_b, self.split, self.metric)
            == (row.model_a.as_str(), row.model_b.as_str(), row.split.as_str(), row.metric.as_str())
    }

    fn push(&mut self, row: &'a ComparisonRow) {
        match row.delta {
            _ if row.is_mean() => self.mean = Some(row),
            Some(_) => self.tracks.push(row),
            None => self.undefined.push(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_do_not_mix_and_keep_their_order() {
        let row = |model_b: &str, tf: &str, verdict| ComparisonRow {
            model_a: "multi".into(),
            model_b: model_b.into(),
            tf: tf.into(),
            delta: Some(0.1),
            seeds: 2,
            verdict: Some(verdict),
            ..ComparisonRow::default()
        };
        let rows = [
            row("single", "CTCF", Verdict::Better),
            row("motif", "CTCF", Verdict::Equal),
            row("single", "MAX", Verdict::Better),
            row("single", "*", Verdict::Better),
        ];
        let pairs = Pair::all(&rows);
        assert_eq!(pairs.iter().map(|pair| pair.model_b).collect::<Vec<_>>(), ["single", "motif"]);
        assert_eq!((pairs[0].count(Verdict::Better), pairs[0].count(Verdict::Equal)), (2, 0));
        assert_eq!(pairs[0].rows().count(), 3);
        assert_eq!(pairs[1].seeds(), 2);
    }
}
