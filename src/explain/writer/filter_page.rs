//! The page of a model's filters.

use std::fmt::Write as _;

use super::logo;
use crate::{
    eval::html::{escape, page, paragraph, section},
    explain::Filter,
    motif::MotifSet,
};

const CELL: usize = 13;
/// Room for the names of filters and of tasks.
const MARGIN: [usize; 2] = [190, 90];
/// The most filters that are shown.
const MOST: usize = 100;
/// The most tasks that are named beside a filter.
const TASKS: usize = 5;

/// What each filter's sites contribute to each task's log-odds, summed over the explained regions, `[filter, task]`.
#[derive(Debug)]
pub(super) struct Usage {
    tasks: usize,
    sums: Vec<f32>,
}

impl Usage {
    pub(super) fn new(filters: usize, tasks: usize) -> Self {
        Self { tasks, sums: vec![0.0; filters * tasks] }
    }

    pub(super) fn add(&mut self, filter: usize, task: usize, contribution: f32) {
        self.sums[filter * self.tasks + task] += contribution;
    }

    fn of(&self, filter: usize) -> &[f32] {
        &self.sums[filter * self.tasks..(filter + 1) * self.tasks]
    }

    /// The filters with sites, those that contribute most first.
    fn order(&self) -> Vec<usize> {
        let total = |filter: usize| self.of(filter).iter().map(|sum| sum.abs()).sum::<f32>();
        let mut order: Vec<usize> =
            (0..self.sums.len() / self.tasks.max(1)).filter(|filter| total(*filter) > 0.0).collect();
        order.sort_by(|a, b| total(*b).total_cmp(&total(*a)));
        order.truncate(MOST);
        order
    }
}

/// Draws which tasks use which filters, and what each filter finds.
pub(super) fn page_of(title: &str, tasks: &[String], filters: &[Filter], profiles: &MotifSet, usage: &Usage) -> String {
    let order = usage.order();
    let map = "A cell shows what the sites of a filter contribute to the log-odds of a task, summed over the regions \
               that were explained. Filters are named after the known profile that they are like, if there is one; \
               the filters that contribute most come first.";
    let table = "The logo is counted from the sites that the filter finds in bound training bins, on the scale of \
                 information (2 bits are the full height). Similarity is the correlation with the nearest known \
                 profile.";
    let heat = format!("<div class=\"wide\">{}</div>\n", svg(tasks, filters, usage, &order));
    let rows: String = order.iter().map(|&filter| row(filter, tasks, filters, profiles, usage)).collect();
    let names = ["filter", "logo", "sites", "nearest profile", "similarity", "contributes most to"];
    let names = names.map(|name| format!("<th scope=\"col\">{name}</th>")).concat();
    let rows = format!(
        "<div class=\"wide\"><table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    );
    let body = section("Who uses which filter", &(paragraph("", map) + &heat))
        + &section("What the filters find", &(paragraph("", table) + &rows));
    page(&escape(title), &body)
}

/// The map of filters and tasks.
fn svg(tasks: &[String], filters: &[Filter], usage: &Usage, order: &[usize]) -> String {
    let [left, top] = MARGIN;
    let (width, height) = (left + CELL * tasks.len(), top + CELL * order.len());
    let strongest = order.iter().flat_map(|filter| usage.of(*filter)).fold(0.0_f32, |most, sum| most.max(sum.abs()));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-size=\"10\" fill=\"var(--text)\" font-family=\"system-ui, sans-serif\">\n"
    );
    for (column, task) in tasks.iter().enumerate() {
        let (x, y) = (left + CELL * (column + 1) - 3, top - 4);
        let _ = writeln!(svg, "<text transform=\"translate({x} {y}) rotate(-90)\">{}</text>", escape(task));
    }
    for (row, &filter) in order.iter().enumerate() {
        let y = top + CELL * row;
        let name = escape(&named(&filters[filter]));
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>", left - 4, y + CELL - 3);
        for (column, (task, sum)) in tasks.iter().zip(usage.of(filter)).enumerate().filter(|(_, (_, sum))| **sum != 0.0)
        {
            let class = if *sum < 0.0 { "worse" } else { "better" };
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{y}\" width=\"{CELL}\" height=\"{CELL}\" fill=\"var(--{class})\" \
                 fill-opacity=\"{:.2}\"><title>{name}, {}: {sum:+.2}</title></rect>",
                left + CELL * column,
                (sum.abs() / strongest).sqrt(),
                escape(task)
            );
        }
    }
    svg + "</svg>"
}

/// A filter's own name, with that of the profile that it is like.
fn named(filter: &Filter) -> String {
    if filter.label() == filter.name() {
        filter.name().to_owned()
    } else {
        format!("{} ({})", filter.label(), filter.name())
    }
}

fn row(filter: usize, tasks: &[String], filters: &[Filter], profiles: &MotifSet, usage: &Usage) -> String {
    let (of_filter, sums) = (&filters[filter], usage.of(filter));
    let counted = profiles.iter().find(|profile| profile.id == of_filter.name());
    let counted = counted.and_then(|profile| profile.trimmed(0.1));
    let logo = counted.as_ref().map_or_else(|| "few sites".into(), |profile| logo::profile_svg(&profile.matrix));
    let sites = counted.and_then(|profile| profile.sites).map_or_else(|| "NA".to_owned(), |sites| sites.to_string());
    let (nearest, similarity) = of_filter.nearest().map_or_else(
        || ("none".into(), "NA".to_owned()),
        |(name, similarity)| (escape(name), format!("{similarity:.2}")),
    );
    let mut most: Vec<(&String, f32)> = tasks.iter().zip(sums.iter().copied()).filter(|(_, sum)| *sum != 0.0).collect();
    most.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let most: Vec<String> = most.iter().take(TASKS).map(|(task, sum)| format!("{} {sum:+.2}", escape(task))).collect();
    format!(
        "<tr><td>{}</td><td>{logo}</td><td class=\"number\">{sites}</td><td>{nearest}</td>\
         <td class=\"number\">{similarity}</td><td>{}</td></tr>\n",
        escape(of_filter.name()),
        most.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motif::{Motif, ProbabilityMatrix};

    fn motif(id: &str, word: &str) -> Motif {
        let row = |letter| ['A', 'C', 'G', 'T'].map(|base| if base == letter { 0.97 } else { 0.01 });
        let matrix = ProbabilityMatrix::new(word.chars().map(row).collect()).unwrap();
        Motif { id: id.into(), name: id.into(), matrix, sites: Some(25.0) }
    }

    #[test]
    fn filters_with_sites_are_shown_with_the_tasks_that_use_them() {
        let motifs = [motif("motif1", "GATAAG"), motif("motif2", "CACGTG"), motif("motif3", "TGACTCA")];
        let mut filters: Vec<Filter> = motifs.iter().map(Filter::new).collect();
        let known = MotifSet::from_motifs(vec![motif("<MAX>", "CACGTG")]).unwrap();
        for filter in &mut filters {
            filter.compare(&known);
        }
        let mut usage = Usage::new(3, 2);
        usage.add(0, 0, 1.5);
        usage.add(1, 0, -2.0);
        usage.add(1, 1, 8.0);
        usage.add(1, 1, 1.0);
        assert_eq!(usage.order(), [1, 0]);
        let profiles = MotifSet::from_motifs(vec![motif("motif2", "CACGTG")]).unwrap();
        let page = page_of("Filters", &["A&B".into(), "MAX".into()], &filters, &profiles, &usage);
        assert!(page.contains("&lt;MAX&gt; (motif2), MAX: +9.00") && page.contains("(motif2), A&amp;B: -2.00"));
        assert!(page.contains("MAX +9.00, A&amp;B -2.00") && page.contains("<td class=\"number\">25</td>"));
        // The first has no counted profile, and the third no site.
        assert!(page.contains("<td>motif1</td><td>few sites</td>") && !page.contains("motif3"));
        assert!(!page.contains("NaN"));
    }

    #[test]
    fn a_model_without_sites_has_an_empty_page() {
        let filters = [Filter::new(&motif("motif1", "GATAAG"))];
        let page = page_of("Filters", &["A".into()], &filters, &MotifSet::default(), &Usage::new(1, 1));
        assert!(!page.contains("<rect") && !page.contains("NaN"));
    }
}
