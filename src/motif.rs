//! Motifs as matrices: reading and writing them, scanning for them, comparing and discovering them.
//!
//! Matrices come in three types. Each conversion from one to the next takes the background and the pseudocount that it
//! assumes:
//!
//! ```text
//! CountMatrix --to_probabilities--> ProbabilityMatrix --to_log_odds--> LogOddsMatrix
//!                                  ProbabilityMatrix <--to_probabilities-- LogOddsMatrix
//! ```
//!
//! Rows are positions, columns A, C, G and T. Log-odds are natural logarithms. Files are read into a [`MotifSet`]; its
//! motifs hold probabilities, as MEME files do.
//!
//! # Examples
//!
//! ```
//! use multitf::motif::{Background, CountMatrix};
//!
//! let counts = CountMatrix::new(vec![[8.0, 0.0, 0.0, 0.0], [0.0, 4.0, 4.0, 0.0]])?;
//! let probabilities = counts.to_probabilities(&Background::UNIFORM, 0.0)?;
//! assert_eq!(probabilities.consensus(), "AC");
//! assert_eq!(probabilities.information_content(), 3.0);
//!
//! let log_odds = probabilities.to_log_odds(&Background::UNIFORM, 0.01)?;
//! assert!(log_odds.rows()[0][0] > 1.37 && log_odds.rows()[0][1] < -4.6);
//! # Ok::<(), multitf::Error>(())
//! ```
//!
//! # References
//!
//! Stormo 2000, [doi:10.1093/bioinformatics/16.1.16](https://doi.org/10.1093/bioinformatics/16.1.16).

mod alignment;
mod background;
mod discovery;
mod format;
mod markov_background;
mod matrix;
mod names;
mod record;
mod scanner;
mod score_distribution;
mod set;

pub use self::alignment::Alignment;
pub use self::alignment::column_score::ColumnScore;
pub use self::markov_background::MarkovBackground;
pub use self::matrix::count::CountMatrix;
pub use self::matrix::log_odds::LogOddsMatrix;
pub use self::matrix::probability::ProbabilityMatrix;
pub use self::scanner::position_scores::{PositionScores, SequenceKmers};
pub use background::Background;
pub use discovery::{DiscoveredMotif, RegionSet, discover};
pub use record::Motif;
pub use scanner::{Hit, Scanner};
pub use score_distribution::ScoreDistribution;
pub use set::MotifSet;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");
    const TOLERANCE: f64 = 1e-12;

    fn assert_rows(found: &[[f64; 4]], expected: &Value, what: &str) {
        let expected = expected.as_array().unwrap();
        assert_eq!(found.len(), expected.len(), "{what}");
        for (found, expected) in found.iter().zip(expected) {
            for (found, expected) in found.iter().zip(expected.as_array().unwrap()) {
                // JSON has no infinities; the oracle gives none, thanks to its pseudocounts.
                assert!(
                    (found - expected.as_f64().unwrap()).abs() <= TOLERANCE,
                    "{what}: {found}, expected {expected}"
                );
            }
        }
    }

    /// The counts behind a profile, which the oracle adds pseudocounts to.
    fn counts(motif: &Motif, sites: f64) -> CountMatrix {
        CountMatrix::new(motif.matrix.rows().iter().map(|row| row.map(|p| p * sites)).collect()).unwrap()
    }

    #[test]
    fn motifs_equal_biopython() {
        let oracle = std::fs::read_to_string(format!("{FOLDER}/motifs.json")).unwrap();
        let oracle: Value = serde_json::from_str(&oracle).unwrap();
        let background = Background::new(serde_json::from_value(oracle["background"].clone()).unwrap()).unwrap();
        let pseudocount = oracle["pseudocount"].as_f64().unwrap();
        let sets = ["toy.meme", "toy.jaspar"].map(|file| MotifSet::open(format!("{FOLDER}/{file}")).unwrap());
        let motifs: Vec<_> = sets.iter().flatten().collect();
        let expected = oracle["motifs"].as_array().unwrap();
        assert_eq!(motifs.len(), expected.len());
        for (motif, expected) in motifs.into_iter().zip(expected) {
            assert_eq!((motif.id.as_str(), motif.name.as_str()), (text(expected, "id"), text(expected, "name")));
            let sites = expected["sites"].as_f64().unwrap();
            assert!(motif.sites.is_none_or(|found| (found - sites).abs() <= TOLERANCE), "{}", motif.id);
            assert_rows(motif.matrix.rows(), &expected["probabilities"], &motif.id);
            assert_rows(motif.matrix.reverse_complement().rows(), &expected["reverse_complement"], &motif.id);
            assert_eq!(motif.matrix.consensus(), text(expected, "consensus"));
            let information = expected["information"].as_f64().unwrap();
            assert!((motif.matrix.information_content() - information).abs() <= TOLERANCE, "{}", motif.id);
            let smoothed = counts(motif, sites).to_probabilities(&background, pseudocount).unwrap();
            assert_rows(smoothed.rows(), &expected["smoothed"], &motif.id);
            for log_odds in
                [smoothed.to_log_odds(&background, 0.0), motif.matrix.to_log_odds(&background, pseudocount / sites)]
            {
                assert_rows(log_odds.unwrap().rows(), &expected["log_odds"], &motif.id);
            }
        }
    }

    fn text<'a>(value: &'a Value, key: &str) -> &'a str {
        value[key].as_str().unwrap()
    }

    #[test]
    fn reversing_twice_changes_nothing() {
        let motif = &MotifSet::open(format!("{FOLDER}/toy.meme")).unwrap();
        for motif in motif {
            let counts = counts(motif, 50.0);
            let log_odds = motif.matrix.to_log_odds(&Background::UNIFORM, 0.1).unwrap();
            assert_eq!(motif.matrix.reverse_complement().reverse_complement(), motif.matrix);
            assert_eq!(counts.reverse_complement().reverse_complement(), counts);
            assert_eq!(log_odds.reverse_complement().reverse_complement(), log_odds);
        }
    }
}
