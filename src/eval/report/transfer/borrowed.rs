//! The section on the motifs that predictions are borrowed from.

use super::super::{
    html::{Cell, escape, number, paragraph, section, table, text},
    numbers::{grouped, signed},
};
use crate::{
    eval::{BorrowedRow, TransferRow},
    metric::RankCorrelation,
};

const NAMES: [&str; 10] = [
    "factor",
    "#bins",
    "#own motifs, shared model",
    "#motifs of others, shared model",
    "#low",
    "#high",
    "#if another owned them",
    "#motifs of others, own model",
    "#borrowed",
    "#score, shared - own",
];

const WHAT: &str = "For each factor, the share of all contributions to its log-odds (saturation mutagenesis, without \
                    signs, in bins that it binds) on sites of its own motifs, and on sites of other factors' motifs \
                    alone. Borrowed is what the shared model has on motifs of others more than the factor's own \
                    model, in the same bins.";

/// A section for each pair of a shared model and single ones that were both explained.
pub(in crate::eval::report) fn html(rows: &[BorrowedRow], transfers: &[TransferRow]) -> String {
    let mut pairs: Vec<(&str, &str)> = transfers.iter().map(|row| (row.shared.as_str(), row.own.as_str())).collect();
    pairs.dedup();
    pairs.into_iter().map(|pair| of_pair(pair, rows, transfers)).collect()
}

/// A factor in a shared model and in its own.
struct Borrower<'a> {
    shared: &'a BorrowedRow,
    own: &'a BorrowedRow,
    /// The mean difference of their scores over cell types.
    delta: Option<f64>,
}

impl Borrower<'_> {
    fn borrowed(&self) -> f64 {
        self.shared.other - self.own.other
    }

    fn cells(&self) -> Vec<Cell> {
        let share = |value: f64| number(format!("{value:.3}"));
        let BorrowedRow { tf, bins, own, other, low, high, permuted, .. } = self.shared;
        let mut cells = vec![text(tf), number(grouped(*bins))];
        cells.extend([own, other, low, high, permuted].map(|value| share(*value)));
        cells.push(share(self.own.other));
        cells.extend([Some(self.borrowed()), self.delta].map(|value| number(signed(value))));
        cells
    }
}

fn of_pair(pair: (&str, &str), rows: &[BorrowedRow], transfers: &[TransferRow]) -> String {
    let (shared, own) = pair;
    let borrowers = rows.iter().filter(|row| row.model == shared).filter_map(|row| {
        let own = rows.iter().find(|other| other.model == own && other.tf == row.tf)?;
        Some(Borrower { shared: row, own, delta: mean_delta(pair, &row.tf, transfers) })
    });
    let mut borrowers: Vec<Borrower<'_>> = borrowers.collect();
    if borrowers.is_empty() {
        return String::new();
    }
    borrowers.sort_by(|a, b| b.borrowed().total_cmp(&a.borrowed()));
    let heading = format!("Whose motifs does {shared} read?");
    let says = paragraph("", &escape(&correlation(pair, &borrowers)));
    section(&escape(&heading), &(paragraph("", WHAT) + &says + &table(&NAMES, borrowers.iter().map(Borrower::cells))))
}

/// The mean difference of a task's scores.
fn mean_delta((shared, own): (&str, &str), task: &str, transfers: &[TransferRow]) -> Option<f64> {
    let is_own = |row: &&TransferRow| row.tf == task || format!("{}@{}", row.tf, row.cell) == task;
    let of_pair = transfers.iter().filter(|row| row.shared == shared && row.own == own);
    let deltas: Vec<f64> = of_pair.filter(is_own).filter_map(|row| row.delta).collect();
    (!deltas.is_empty()).then(|| deltas.iter().sum::<f64>() / deltas.len() as f64)
}

/// Whether what is borrowed predicts the difference of scores.
fn correlation((shared, own): (&str, &str), borrowers: &[Borrower<'_>]) -> String {
    let pairs = borrowers.iter().filter_map(|borrower| Some((borrower.borrowed(), borrower.delta?)));
    let (borrowed, deltas): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let Some(RankCorrelation { rho, low, high }) = RankCorrelation::new(&borrowed, &deltas, 0) else {
        return "There are too few factors to say whether borrowed motifs predict who is harmed.".into();
    };
    let verdict = if high < 0.0 {
        "factors that borrow more gain less by sharing"
    } else if low > 0.0 {
        "factors that borrow more gain more by sharing"
    } else {
        "what is borrowed does not tell who gains"
    };
    format!(
        "Over {} factors, the rank correlation between what is borrowed and the difference {shared} - {own} is \
         {rho:+.2} ({low:+.2} to {high:+.2}): {verdict}.",
        borrowed.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(borrowed: impl Fn(u32) -> f64) -> Vec<BorrowedRow> {
        let row = |model: &str, task: u32, other: f64| BorrowedRow {
            model: model.into(),
            tf: format!("<TF{task}>"),
            bins: 1_000,
            other,
            ..BorrowedRow::default()
        };
        (0..8).flat_map(|task| [row("multi", task, 0.2 + borrowed(task)), row("single", task, 0.2)]).collect()
    }

    fn transfers() -> Vec<TransferRow> {
        let row = |task: u32, cell: &str, delta: f64| TransferRow {
            shared: "multi".into(),
            own: "single".into(),
            tf: format!("<TF{task}>"),
            cell: cell.into(),
            delta: Some(delta),
            ..TransferRow::default()
        };
        (0..8).flat_map(|task| [row(task, "x", f64::from(task)), row(task, "y", f64::from(task) + 0.5)]).collect()
    }

    #[test]
    fn what_is_borrowed_stands_beside_the_scores_and_is_correlated_with_them() {
        let less = html(&rows(|task| 0.08 - 0.01 * f64::from(task)), &transfers());
        assert!(less.contains("Over 8 factors") && less.contains("is -1.00 (-1.00 to -1.00): factors that borrow"));
        assert!(less.contains("gain less by sharing"), "{less}");
        // The one that borrows most stands first: .280 of others, .080 borrowed, and a mean difference of .25.
        let first = less.split("<tr>").nth(2).unwrap();
        assert!(first.contains("&lt;TF0&gt;") && first.contains(">1,000<"), "{first}");
        assert!(first.contains(">0.280<") && first.contains(">+0.080<") && first.contains(">+0.250<"), "{first}");
        assert!(html(&rows(|task| 0.01 * f64::from(task)), &transfers()).contains("gain more by sharing"));
        assert!(html(&rows(|task| 0.01 * f64::from(task * 3 % 8)), &transfers()).contains("does not tell who gains"));
    }

    #[test]
    fn there_is_no_section_without_both_models() {
        assert!(html(&[], &transfers()).is_empty() && html(&rows(|_| 0.0), &[]).is_empty());
        let shared: Vec<_> = rows(|_| 0.0).into_iter().filter(|row| row.model == "multi").collect();
        assert!(html(&shared, &transfers()).is_empty());
    }
}
