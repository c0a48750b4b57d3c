//! Scores of ranked bins as metrics of burn's.

use std::{collections::BTreeMap, sync::Arc};

use burn::{
    tensor::{ExecutionError, Int, Tensor, TensorReadError},
    train::metric::{
        Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry, SerializedEntry,
    },
};

use crate::{genome::Label, metric::Curve};

/// Log-odds of samples with their labels: what [`TrackMean`] looks at.
///
/// # Shapes
///
/// - `log_odds`: `[batch, task]`
/// - `labels`: `[batch, task]`, a [`Label`] as a number
/// - `cells`: `[batch]`
#[derive(Debug, Clone)]
pub struct TrackScores {
    /// Log-odds of being bound.
    pub log_odds: Tensor<2>,
    /// Labels.
    pub labels: Tensor<2, Int>,
    /// The cell type of each sample.
    pub cells: Vec<u16>,
}

/// A score of each task in each cell type over a whole epoch, averaged over these tracks.
///
/// Bins labelled ambiguous or missing are skipped, and tracks whose score is not defined, say for want of a bound bin,
/// are left out of the mean (see [`Curve`]). Where no track has a score the mean is NaN, which is never the best. The
/// scores are those of validation; on a sampler's draws they say little, since most unbound bins are left out there.
#[derive(Debug, Clone)]
pub struct TrackMean {
    name: MetricName,
    score: fn(&Curve) -> Option<f64>,
    tracks: BTreeMap<(usize, u16), Track>,
    mean: f64,
}

#[derive(Debug, Clone, Default)]
struct Track {
    log_odds: Vec<f32>,
    labels: Vec<Label>,
}

impl TrackMean {
    /// Makes the mean of the average precisions, the score by which [`Fit`](crate::train::Fit) stops.
    pub fn average_precision() -> Self {
        Self::new("Average precision", Curve::average_precision)
    }

    /// Makes the mean of the areas under the ROC curve.
    pub fn auroc() -> Self {
        Self::new("auROC", Curve::auroc)
    }

    fn new(name: &str, score: fn(&Curve) -> Option<f64>) -> Self {
        Self { name: Arc::new(name.to_owned()), score, tracks: BTreeMap::new(), mean: f64::NAN }
    }
}

impl Metric for TrackMean {
    type Input = TrackScores;

    fn name(&self) -> MetricName {
        self.name.clone()
    }

    fn description(&self) -> Option<String> {
        Some("mean over tasks and cell types, without ambiguous and missing labels".into())
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes::default().into()
    }

    fn update(&mut self, item: &TrackScores, _: &MetricMetadata) -> Result<SerializedEntry, TensorReadError> {
        let [_, tasks] = item.log_odds.dims();
        let log_odds = item.log_odds.clone().try_into_vec_as::<f32>()?;
        let labels = item.labels.clone().try_into_vec_as::<i32>()?;
        for (index, (log_odds, label)) in log_odds.into_iter().zip(labels).enumerate() {
            let track = self.tracks.entry((index % tasks, item.cells[index / tasks])).or_default();
            track.log_odds.push(log_odds);
            track
                .labels
                .push(usize::try_from(label).ok().and_then(|label| Label::ALL.get(label).copied()).unwrap_or_default());
        }
        Ok(SerializedEntry::not_available(None))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        let mut scores = Vec::with_capacity(self.tracks.len());
        for track in self.tracks.values() {
            let curve = Curve::new(&track.log_odds, &track.labels)
                .map_err(|error| ExecutionError::with_context(error.to_string()))?;
            scores.extend((self.score)(&curve));
        }
        self.mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let shown = if scores.is_empty() { "NA".to_owned() } else { format!("{:.4}", self.mean) };
        Ok(SerializedEntry::new(shown, self.final_value().serialize()))
    }

    fn clear(&mut self) {
        self.tracks.clear();
    }
}

impl Numeric for TrackMean {
    fn value(&self) -> Option<NumericEntry> {
        None
    }

    fn running_value(&self) -> Option<NumericEntry> {
        None
    }

    fn final_value(&self) -> NumericEntry {
        NumericEntry::Final(self.mean)
    }
}
