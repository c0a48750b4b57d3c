//! Scores of ranked bins as burn metrics.

use std::{collections::BTreeMap, sync::Arc};

use burn::{
    tensor::{ExecutionError, Int, Tensor, TensorReadError},
    train::metric::{
        Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes, NumericEntry, SerializedEntry,
    },
};

use crate::{genome::Label, metric::Curve};

/// Log-odds of samples with their labels, for [`TrackMean`].
///
/// # Shapes
///
/// - `log_odds`: `[batch, task]`
/// - `labels`: `[batch, task]`, a [`Label`] as a number
/// - `cells`: `[batch]`
#[derive(Clone, Debug)]
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
/// Ambiguous and missing labels are skipped. Tracks without a score, for example without a bound bin, are left out of
/// the mean (see [`Curve`]). If no track has a score the mean is NaN, which is never the best. Use it for validation: a
/// sampler leaves out most unbound bins.
#[derive(Clone, Debug)]
pub struct TrackMean {
    name: MetricName,
    score: fn(&Curve) -> Option<f64>,
    tracks: BTreeMap<(usize, u16), Track>,
    mean: f64,
}

#[derive(Clone, Debug, Default)]
struct Track {
    log_odds: Vec<f32>,
    labels: Vec<Label>,
}

impl TrackMean {
    /// Creates the mean of the average precisions, the score by which [`Fit`](crate::train::Fit) stops.
    pub fn average_precision() -> Self {
        Self::new("Average precision", Curve::average_precision)
    }

    /// Creates the mean of the areas under the ROC curve.
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
            let label = usize::try_from(label).ok().and_then(|label| Label::ALL.get(label).copied());
            track.log_odds.push(log_odds);
            track.labels.push(label.unwrap_or_default());
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
