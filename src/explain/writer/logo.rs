//! Contributions of bases as letters.

use std::{fmt::Write as _, ops::Range};

use super::best::Shown;
use crate::{eval::html::escape, motif::ProbabilityMatrix};

/// Width of a letter.
const WIDTH: f32 = 9.0;
/// Height of the highest letter.
const HEIGHT: f32 = 60.0;
/// Height of a side of the axis without letters.
const LEAST_ROOM: f32 = 14.0;
/// Height of the signal.
const SIGNAL: f32 = 24.0;
/// Height of a profile's position of 2 bits.
const PROFILE: f32 = 36.0;
/// Height of a row of sites.
const ROW: f32 = 16.0;
/// Width of a letter of a label.
const LABEL: f32 = 6.5;
/// Room for the numbers of the axes.
const MARGIN: f32 = 44.0;
/// Positions between two ticks.
const TICK: i64 = 20;
/// Letters below this share of the highest would not be seen.
const LEAST: f32 = 0.01;

/// The outlines of A, C, G and T in a box of 100 by 100, and their colours.
const LETTERS: [(&str, &str); 4] = [
    ("M0 100L38 0H62L100 100H78L70 78H30L22 100ZM36 60H64L50 20Z", "#1a8f3c"),
    ("M100 30A50 50 0 1 0 100 70L79 63A30 31 0 1 1 79 37Z", "#2266b0"),
    ("M100 30A50 50 0 1 0 100 72V46H54V63H79A30 31 0 1 1 79 37Z", "#d98e00"),
    ("M0 0H100V20H61V100H39V20H0Z", "#c62828"),
];

/// Draws the contributions of a region: a letter for each base, upward where it favours binding; below it the sites of
/// motifs, and the accessibility, if there is any. The axis has the coordinates.
pub(super) fn svg(shown: &Shown) -> String {
    let length = shown.codes.len() as f32;
    let highest = shown.contributions.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let scale = if highest > 0.0 { HEIGHT / highest } else { 0.0 };
    let has_signal = !shown.signal.is_empty();
    // As much room on each side of the axis as its letters need.
    let room = |sign: f32| shown.contributions.iter().fold(LEAST_ROOM, |most, value| most.max(sign * value * scale));
    let middle = room(1.0) + 4.0;
    let bottom = middle + room(-1.0) + 4.0;
    let rows = rows(&shown.sites);
    let floor = bottom + 18.0 + ROW * rows.iter().max().map_or(0.0, |row| *row as f32 + 1.0);
    let height = floor + if has_signal { SIGNAL + 4.0 } else { 0.0 };
    let labels = shown.sites.iter().map(|(site, label)| site.start as f32 * WIDTH + label_width(label));
    let width = MARGIN + labels.fold(length * WIDTH, f32::max) + 4.0;
    let mut svg = format!(
        "<svg class=\"logo\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-label=\"contributions of the bases\">"
    );
    let text = |svg: &mut String, x: f32, y: f32, anchor: &str, text: &str| {
        let _ = write!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>");
    };
    if scale > 0.0 {
        for (y, value) in [(middle - room(1.0), room(1.0) / scale), (middle, 0.0), (bottom - 4.0, -room(-1.0) / scale)]
        {
            text(&mut svg, MARGIN - 4.0, y + 4.0, "end", &format!("{value:.2}"));
        }
    }
    let _ = write!(svg, "<path class=\"axis\" d=\"M{MARGIN} {middle}h{}\"/>", length * WIDTH);
    for (position, (&code, &value)) in shown.codes.iter().zip(&shown.contributions).enumerate() {
        if value.abs() > LEAST * highest {
            // A letter that speaks against binding hangs upside down below the axis.
            svg += &letter(usize::from(code), MARGIN + position as f32 * WIDTH, middle - value * scale, value * scale);
        }
    }
    for position in (0..shown.codes.len()).filter(|position| (shown.start + *position as i64) % TICK == 0) {
        let x = MARGIN + (position as f32 + 0.5) * WIDTH;
        let _ = write!(svg, "<path class=\"axis\" d=\"M{x} {bottom}v4\"/>");
        text(&mut svg, x, bottom + 15.0, "middle", &(shown.start + position as i64).to_string());
    }
    for ((site, label), row) in shown.sites.iter().zip(rows) {
        let (x, y) = (MARGIN + site.start as f32 * WIDTH, bottom + 22.0 + ROW * row as f32);
        let _ = write!(svg, "<path class=\"site\" d=\"M{x} {y}h{}\"/>", site.len() as f32 * WIDTH);
        text(&mut svg, x, y + 10.0, "start", &escape(label));
    }
    if has_signal {
        svg.push_str(&signal_path(&shown.signal, height - 2.0));
    }
    svg + "</svg>"
}

/// A letter from a height down to the axis, or upside down if that is below it; none for an unknown base.
fn letter(code: usize, x: f32, y: f32, tall: f32) -> String {
    let Some((outline, colour)) = LETTERS.get(code) else { return String::new() };
    let (across, up) = (WIDTH / 100.0, tall / 100.0);
    format!(
        "<path fill=\"{colour}\" fill-rule=\"evenodd\" d=\"{outline}\" \
         transform=\"translate({x:.1} {y:.2}) scale({across} {up:.4})\"/>"
    )
}

/// Draws a profile: at each position the bases one upon the other, the likeliest on top, as high together as the
/// position's information of at most 2 bits.
pub(super) fn profile_svg(profile: &ProbabilityMatrix) -> String {
    let width = profile.width() as f32 * WIDTH;
    let mut svg = format!(
        "<svg class=\"logo\" width=\"{width}\" height=\"{PROFILE}\" viewBox=\"0 0 {width} {PROFILE}\" role=\"img\" \
         aria-label=\"{}\">",
        profile.consensus()
    );
    for (position, (row, bits)) in profile.rows().iter().zip(profile.information()).enumerate() {
        let mut bases = [0, 1, 2, 3];
        bases.sort_by(|a: &usize, b| row[*a].total_cmp(&row[*b]));
        let mut y = PROFILE;
        for base in bases {
            let tall = PROFILE * (row[base] * bits / 2.0) as f32;
            y -= tall;
            if tall > 0.2 {
                svg += &letter(base, position as f32 * WIDTH, y, tall);
            }
        }
    }
    svg + "</svg>"
}

/// The room that a site's label needs.
fn label_width(label: &str) -> f32 {
    label.chars().count() as f32 * LABEL
}

/// The rows of sites in the order of their places, so that no two lie on each other.
fn rows(sites: &[(Range<usize>, String)]) -> Vec<usize> {
    let mut ends: Vec<f32> = Vec::new();
    let row = |(site, label): &(Range<usize>, String)| {
        let start = site.start as f32 * WIDTH;
        let end = start + label_width(label).max(site.len() as f32 * WIDTH) + LABEL;
        let row = ends.iter().position(|last| *last <= start).unwrap_or(ends.len());
        match ends.get_mut(row) {
            Some(last) => *last = end,
            None => ends.push(end),
        }
        row
    };
    sites.iter().map(row).collect()
}

/// The area under the signal, from a height up.
fn signal_path(signal: &[f32], floor: f32) -> String {
    let highest = signal.iter().fold(0.0_f32, |most, value| most.max(*value));
    let scale = if highest > 0.0 { SIGNAL / highest } else { 0.0 };
    let mut path = format!("<path class=\"signal\" d=\"M{MARGIN} {floor}");
    for value in signal {
        let _ = write!(path, "V{:.1}h{WIDTH}", floor - value.max(0.0) * scale);
    }
    let _ = write!(path, "V{floor}Z\"/>");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(contributions: Vec<f32>, signal: Vec<f32>) -> Shown {
        let codes = vec![0, 1, 4, 3];
        Shown { region: "chr1:18-22".into(), start: 18, codes, signal, log_odds: 1.0, contributions, sites: Vec::new() }
    }

    #[test]
    fn each_base_that_counts_is_a_letter_of_its_height() {
        let svg = svg(&shown(vec![2.0, -1.0, 0.0, 0.001], vec![0.0, 1.0, 2.0, 0.0]));
        // A and C; N has no letter, and T would not be seen.
        assert_eq!(svg.matches("fill-rule").count(), 2);
        let across = WIDTH / 100.0;
        assert!(svg.contains(&format!("scale({across} {:.4})", HEIGHT / 100.0)), "{svg}");
        assert!(svg.contains(&format!("scale({across} {:.4})", -HEIGHT / 200.0)), "{svg}");
        assert!(svg.contains(">20</text>") && svg.contains("class=\"signal\""));
    }

    #[test]
    fn a_profile_is_as_high_as_its_information() {
        let rows = vec![[0.0, 0.0, 1.0, 0.0], [0.25; 4], [0.5, 0.5, 0.0, 0.0]];
        let svg = profile_svg(&ProbabilityMatrix::new(rows).unwrap());
        // One letter of 2 bits, none where nothing is known, and two that share one bit.
        let heights: Vec<&str> = svg.split("scale(").skip(1).filter_map(|part| part.split([' ', ')']).nth(1)).collect();
        let expected = [PROFILE, PROFILE / 4.0, PROFILE / 4.0].map(|tall| format!("{:.4}", tall / 100.0));
        assert_eq!(heights, expected);
    }

    #[test]
    fn sites_have_labels_that_do_not_lie_on_each_other() {
        let sites = vec![(0..2, "A&B +".to_owned()), (1..3, "C -".to_owned()), (3..4, "D +".to_owned())];
        assert_eq!(rows(&sites), [0, 1, 2]);
        let apart = [(0..8, "A +".to_owned()), (9..12, "B -".to_owned())];
        assert_eq!(rows(&apart), [0, 0]);
        let svg = svg(&Shown { sites, ..shown(vec![1.0; 4], Vec::new()) });
        assert_eq!(svg.matches("class=\"site\"").count(), 3);
        assert!(svg.contains("A&amp;B +"), "{svg}");
    }

    #[test]
    fn a_region_in_which_nothing_counts_is_drawn_without_letters() {
        let svg = svg(&shown(vec![0.0; 4], Vec::new()));
        assert!(!svg.contains("fill-rule") && !svg.contains("signal") && !svg.contains("NaN"), "{svg}");
    }
}
