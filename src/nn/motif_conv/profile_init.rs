//! The initial motif of a profile.

use burn::config::Config;

use super::MotifForm;
use crate::motif::LogOddsMatrix;

/// How a profile becomes an initial motif.
///
/// The profile's log-odds (natural logarithm, with the background and pseudocount of its matrix) are multiplied by
/// `scale` and written into the middle of the motif. The motif's other positions and its signal channels keep `rest` of
/// their random values. A profile wider than the motif is cut to the window with the highest maximum score. The bias
/// lets scores above a share `threshold` of the best possible one pass the ReLU.
#[derive(Config, Debug)]
pub struct ProfileInitConfig {
    /// Factor on the log-odds (default 0.5).
    #[config(default = 0.5)]
    pub scale: f32,
    /// The share of the best possible score above which a site passes the ReLU (default 0.0).
    #[config(default = 0.0)]
    pub threshold: f32,
    /// Factor on the random values of the motif's positions beyond the profile (default 0.1).
    #[config(default = 0.1)]
    pub rest: f32,
}

impl ProfileInitConfig {
    /// Writes a profile into a motif, `[4 + channel, width]`, and returns its bias.
    pub(super) fn write(&self, profile: &LogOddsMatrix, width: usize, form: &MotifForm, motif: &mut [f32]) -> f32 {
        for value in motif.iter_mut() {
            *value *= self.rest;
        }
        let rows = best_scoring_window(profile.rows(), width);
        let first = (width - rows.len()) / 2;
        let mut best = 0.0;
        for (position, row) in rows.iter().enumerate() {
            let row = form.normalised(row.map(|value| self.scale * value as f32));
            best += row.into_iter().fold(f32::NEG_INFINITY, f32::max);
            for (base, value) in row.into_iter().enumerate() {
                motif[base * width + first + position] = value;
            }
        }
        -self.threshold * best
    }
}

/// The window of at most `width` rows with the highest maximum score.
fn best_scoring_window(rows: &[[f64; 4]], width: usize) -> &[[f64; 4]] {
    let parts = rows.windows(width.min(rows.len()).max(1));
    parts.max_by(|a, b| best_score(a).total_cmp(&best_score(b))).unwrap_or(rows)
}

fn best_score(rows: &[[f64; 4]]) -> f64 {
    rows.iter().map(|row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max)).sum()
}
