//! The numbers that tell lines apart without their colours: each stands at the right of the panel beside the end of its line, apart
//! from the others, with a dotted line that leads there.

use super::drawing::{Align, Drawing, Type};
use super::palette::{RGBColor, ink_on};

/// Radius of a number's disc, pixels.
pub(super) const BADGE: f64 = 6.5;

/// From the middle of one disc to the next.
const APART: f64 = 2.0 * BADGE + 0.5;

/// The last known point of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// Where it is.
    pub at: (f64, f64),
    /// The number of the line.
    pub number: usize,
    /// Its colour.
    pub colour: RGBColor,
}

/// A number on a disc.
pub(super) fn badge(sheet: &mut Drawing, at: (f64, f64), number: usize, colour: RGBColor) {
    sheet.dot(at, BADGE, colour);
    let size = if number < 10 { 10.0 } else { 8.5 };
    sheet.text(at, number.to_string(), Type::new(size, ink_on(colour)).bold().align(Align::Middle));
}

/// Columns that so many numbers need beside a panel of this height.
pub(super) fn columns(count: usize, height: f64) -> usize {
    let fit = ((height / APART).floor() + 1.0).max(1.0) as usize;
    count.div_ceil(fit).max(1)
}

/// Draws the numbers of lines beside a panel that goes from `top` to `bottom` and ends at `right`.
pub(super) fn draw(sheet: &mut Drawing, ends: &[End], (right, top, bottom): (f64, f64, f64)) {
    let mut order: Vec<&End> = ends.iter().collect();
    order.sort_by(|a, b| a.at.1.total_cmp(&b.at.1).then(a.number.cmp(&b.number)));
    let columns = columns(ends.len(), bottom - top);
    let mut badges = Vec::new();
    for column in 0..columns {
        let of: Vec<&End> = order.iter().skip(column).step_by(columns).copied().collect();
        let wanted: Vec<f64> = of.iter().map(|end| end.at.1).collect();
        let x = right + BADGE + 4.5 + column as f64 * (2.0 * BADGE + 2.0);
        badges.extend(of.into_iter().zip(spread(&wanted, APART, (top, bottom))).map(|(end, y)| (end, (x, y))));
    }
    for (end, at) in &badges {
        // Level as far as the panel goes: a slope would be read as data.
        sheet.leader(&[end.at, (right.max(end.at.0), end.at.1), *at], end.colour);
    }
    for (end, at) in badges {
        badge(sheet, at, end.number, end.colour);
    }
}

/// Positions at least `apart` from each other, within `low` to `high` if they fit, as near to the wanted ones as can be (least
/// squares). `wanted` goes upwards.
fn spread(wanted: &[f64], apart: f64, (low, high): (f64, f64)) -> Vec<f64> {
    // Less the room of those before, positions only have to rise: neighbours that would fall share their mean.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for (i, position) in wanted.iter().enumerate() {
        let mut block = (position - apart * i as f64, 1);
        while let Some(&(mean, count)) = blocks.last().filter(|before| before.0 > block.0) {
            block = ((mean * count as f64 + block.0 * block.1 as f64) / (count + block.1) as f64, count + block.1);
            blocks.pop();
        }
        blocks.push(block);
    }
    let last = high - apart * wanted.len().saturating_sub(1) as f64;
    let means = blocks.into_iter().flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    means.enumerate().map(|(i, mean)| mean.min(last).max(low) + apart * i as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::drawing::Shape;
    use crate::report::palette::INK;

    #[test]
    fn what_leads_to_a_number_is_level_within_the_panel() {
        crate::report::fonts::register_fonts();
        let mut sheet = Drawing::new(300.0, 200.0);
        let end = |y: f64, number: usize| End { at: (50.0, y), number, colour: INK };
        draw(&mut sheet, &[end(100.0, 1), end(101.0, 2)], (200.0, 20.0, 180.0));
        for shape in &sheet.shapes {
            if let Shape::Line(points, _, _) = shape {
                let level = points.iter().filter(|p| p.0 <= 200.0);
                assert!(level.clone().all(|p| p.1 == 100.0 || p.1 == 101.0), "{points:?}");
            }
        }
    }

    #[test]
    fn numbers_stand_where_their_lines_end_or_as_near_as_can_be() {
        assert_eq!(spread(&[10.0, 50.0, 90.0], 14.0, (0.0, 100.0)), [10.0, 50.0, 90.0]);
        assert_eq!(spread(&[50.0, 50.0], 14.0, (0.0, 100.0)), [43.0, 57.0]);
        assert_eq!(spread(&[1.0, 2.0, 3.0], 10.0, (0.0, 100.0)), [0.0, 10.0, 20.0]);
        assert_eq!(spread(&[98.0, 99.0], 10.0, (0.0, 100.0)), [90.0, 100.0]);
        assert_eq!(spread(&[], 10.0, (0.0, 100.0)), Vec::<f64>::new());
    }

    #[test]
    fn numbers_never_touch() {
        for count in 1..30_usize {
            let wanted: Vec<f64> = (0..count).map(|i| 100.0 + (i * i % 7) as f64).collect::<Vec<_>>();
            let mut sorted = wanted.clone();
            sorted.sort_by(f64::total_cmp);
            let columns = columns(count, 160.0);
            let one: Vec<f64> = sorted.into_iter().step_by(columns).collect();
            let placed = spread(&one, APART, (20.0, 180.0));
            assert!(placed.windows(2).all(|w| w[1] - w[0] >= 2.0 * BADGE), "{placed:?}");
            assert!(placed.iter().all(|y| (20.0 - 1e-9..=180.0 + 1e-9).contains(y)), "{count}: {placed:?}");
        }
    }
}
