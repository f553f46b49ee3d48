//! One palette for all charts. Categorical colours are those of Okabe and Ito (2008), which people with any of the
//! common colour-vision deficiencies tell apart; ordered ones go from light to dark.

pub(super) use plotters::style::{RGBColor, WHITE};

/// Titles and figures.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x2b, 0x36);
/// Subtitles, axis labels.
pub(super) const GREY: RGBColor = RGBColor(0x5f, 0x6b, 0x7a);
/// Grid.
pub(super) const GRID: RGBColor = RGBColor(0xe3, 0xe7, 0xec);
/// Axis line.
pub(super) const AXIS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
/// Better: gains, what holds.
pub(super) const GAIN: RGBColor = RGBColor(0x01, 0x66, 0x5e);
/// Worse: losses, limits and what breaks them.
pub(super) const LOSS: RGBColor = RGBColor(0xa5, 0x0f, 0x15);

/// Worlds and other categories, in order.
pub(super) const SERIES: [RGBColor; 8] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x5d, 0x3a, 0x9b),
    RGBColor(0x6b, 0x6b, 0x6b),
];

/// Funders, the own book first: no colours of worlds, since both stand on one page; from dark to light, so that areas above each
/// other are told apart in grey too.
const FUNDERS: [RGBColor; 4] =
    [RGBColor(0x2b, 0x3a, 0x55), RGBColor(0x5b, 0x6e, 0xa8), RGBColor(0x94, 0x7f, 0xb0), RGBColor(0xbf, 0xa3, 0xb0)];

/// The colour of a world or category.
pub(super) const fn series(index: usize) -> RGBColor {
    SERIES[index % SERIES.len()]
}

/// The colour of a funder.
pub(super) const fn funder(index: usize) -> RGBColor {
    FUNDERS[index % FUNDERS.len()]
}

/// What can be read on a colour: white on a dark one.
pub(super) const fn ink_on(colour: RGBColor) -> RGBColor {
    // Weights of the eye (ITU-R BT.601).
    let light = 299 * colour.0 as u32 + 587 * colour.1 as u32 + 114 * colour.2 as u32;
    if light < 140_000 { WHITE } else { INK }
}

/// The colour at `share` (0 to 1) between a light and a dark end.
pub(super) fn ramp(share: f64) -> RGBColor {
    const ENDS: [(f64, f64, f64); 4] = [
        (0xf6 as f64, 0xf1 as f64, 0xe4 as f64),
        (0xf5 as f64, 0xb9 as f64, 0x5f as f64),
        (0xd5 as f64, 0x5e as f64, 0.0),
        (0x6b as f64, 0x1f as f64, 0.0),
    ];
    let position = share.clamp(0.0, 1.0) * (ENDS.len() - 1) as f64;
    let i = (position as usize).min(ENDS.len() - 2);
    let (a, b, t) = (ENDS[i], ENDS[i + 1], position - i as f64);
    let mix = |x: f64, y: f64| (x + (y - x) * t).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// The colour at −1 (better) to 1 (worse), white at 0.
pub(super) fn diverging(share: f64) -> RGBColor {
    let end = if share < 0.0 { GAIN } else { LOSS };
    let depth = share.abs().min(1.0);
    // What is not zero can be told from what is.
    let depth = if depth == 0.0 { 0.0 } else { 0.12 + 0.68 * depth };
    let mix = |to: u8| (255.0 + (f64::from(to) - 255.0) * depth).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}
