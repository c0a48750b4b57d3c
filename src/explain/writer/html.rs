//! The page that shows what a model reads.

use super::{best::Best, logo};
use crate::eval::html::{escape, page, paragraph, section};

const STYLE: &str = "\
.scroll { overflow-x: auto; }
svg.logo text { font-size: 10px; fill: currentColor; }
svg.logo .axis { stroke: currentColor; fill: none; opacity: .5; }
svg.logo .site { stroke: currentColor; stroke-width: 3; }
svg.logo .signal { fill: currentColor; opacity: .35; }
";

/// Draws for each task the regions with the highest log-odds.
pub(super) fn report(title: &str, tasks: &[String], best: &Best) -> String {
    let explained = "Each letter's height is its contribution to the log-odds that the region is bound: the log-odds \
                     with the base that is there, minus the mean over the four bases at its position. Letters below \
                     the line speak against binding. Each task shows the regions that it scores highest. Bars below \
                     the letters are sites of motifs that the prediction rests on, named after a known profile that \
                     is like the filter, or else after the filter; the grey area is the accessibility as the model \
                     reads it.";
    let sections = tasks.iter().zip(best.tasks()).map(|(task, shown)| {
        let regions = shown.iter().map(|shown| {
            let caption = format!("{}: log-odds {:.2}", escape(&shown.region), shown.log_odds);
            paragraph("region", &caption) + &format!("<div class=\"scroll\">{}</div>\n", logo::svg(shown))
        });
        section(&escape(task), &regions.collect::<String>())
    });
    let body = format!("<style>\n{STYLE}</style>\n{}{}", paragraph("note", explained), sections.collect::<String>());
    page(&escape(title), &body)
}
