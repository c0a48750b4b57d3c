//! Contributions of bases as letters.

use std::fmt::Write as _;

use super::best::Shown;

/// Width of a letter.
const WIDTH: f32 = 9.0;
/// Height of the highest letter.
const HEIGHT: f32 = 60.0;
/// Height of a side of the axis without letters.
const LEAST_ROOM: f32 = 14.0;
/// Height of the signal.
const SIGNAL: f32 = 24.0;
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

/// Draws the contributions of a region: a letter for each base, upward where it favours binding; below it the
/// accessibility, if there is any. The axis has the coordinates.
pub(super) fn svg(shown: &Shown) -> String {
    let length = shown.codes.len() as f32;
    let highest = shown.contributions.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let scale = if highest > 0.0 { HEIGHT / highest } else { 0.0 };
    let has_signal = !shown.signal.is_empty();
    // As much room on each side of the axis as its letters need.
    let room = |sign: f32| shown.contributions.iter().fold(LEAST_ROOM, |most, value| most.max(sign * value * scale));
    let middle = room(1.0) + 4.0;
    let bottom = middle + room(-1.0) + 4.0;
    let height = bottom + 18.0 + if has_signal { SIGNAL + 4.0 } else { 0.0 };
    let width = MARGIN + length * WIDTH + 4.0;
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
        let Some((outline, colour)) = LETTERS.get(usize::from(code)) else { continue };
        if value.abs() <= LEAST * highest {
            continue;
        }
        let tall = value.abs() * scale;
        let x = MARGIN + position as f32 * WIDTH;
        // A letter that speaks against binding hangs upside down below the axis.
        let (y, up) = if value > 0.0 { (middle - tall, tall) } else { (middle + tall, -tall) };
        let (across, up) = (WIDTH / 100.0, up / 100.0);
        let _ = write!(
            svg,
            "<path fill=\"{colour}\" fill-rule=\"evenodd\" d=\"{outline}\" \
             transform=\"translate({x:.1} {y:.2}) scale({across} {up:.4})\"/>"
        );
    }
    for position in (0..shown.codes.len()).filter(|position| (shown.start + *position as i64) % TICK == 0) {
        let x = MARGIN + (position as f32 + 0.5) * WIDTH;
        let _ = write!(svg, "<path class=\"axis\" d=\"M{x} {bottom}v4\"/>");
        text(&mut svg, x, bottom + 15.0, "middle", &(shown.start + position as i64).to_string());
    }
    if has_signal {
        svg.push_str(&signal_path(&shown.signal, height - 2.0));
    }
    svg + "</svg>"
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
        Shown { region: "chr1:18-22".into(), start: 18, codes, signal, log_odds: 1.0, contributions }
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
    fn a_region_in_which_nothing_counts_is_drawn_without_letters() {
        let svg = svg(&shown(vec![0.0; 4], Vec::new()));
        assert!(!svg.contains("fill-rule") && !svg.contains("signal") && !svg.contains("NaN"), "{svg}");
    }
}
