//! Where labels of marks go: beside their marks, over neither a mark nor another label, inside the panel.
//!
//! Each label has candidate places on rings around its mark. A first pass takes the cheapest place for each in turn, further
//! passes move each against all the others; the cost is what it covers and how far it is from its mark.

use super::plot::Panel;

/// A rectangle by its corners.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    /// Left.
    pub left: f64,
    /// Top.
    pub top: f64,
    /// Right.
    pub right: f64,
    /// Bottom.
    pub bottom: f64,
}

/// A mark that wants a label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marked {
    /// Middle of the mark.
    pub at: (f64, f64),
    /// Its radius.
    pub radius: f64,
    /// Width and height of the text.
    pub size: (f64, f64),
}

/// Where a label went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// What it covers.
    pub area: Area,
    /// It is so far from its mark that a line should lead there.
    pub led: bool,
}

/// Distances from the edge of a mark, pixels; beyond the first two a line leads to the label.
const RINGS: [f64; 8] = [5.0, 9.0, 18.0, 30.0, 46.0, 66.0, 90.0, 120.0];

/// Directions of a ring.
const DIRECTIONS: u32 = 16;

/// Passes that move each label against the others.
const PASSES: usize = 6;

impl Area {
    fn around(middle: (f64, f64), half: (f64, f64)) -> Area {
        Area { left: middle.0 - half.0, top: middle.1 - half.1, right: middle.0 + half.0, bottom: middle.1 + half.1 }
    }

    /// How much of it another covers.
    pub(super) fn overlap(&self, other: &Area) -> f64 {
        let wide = self.right.min(other.right) - self.left.max(other.left);
        let high = self.bottom.min(other.bottom) - self.top.max(other.top);
        if wide > 0.0 && high > 0.0 { wide * high } else { 0.0 }
    }

    /// Middle of the edge or corner nearest to a point.
    pub(super) fn nearest(&self, point: (f64, f64)) -> (f64, f64) {
        (point.0.clamp(self.left, self.right), point.1.clamp(self.top, self.bottom))
    }
}

/// Places for the labels of `marks` inside `panel`, in their order. `lines` are areas that a label should rather not cover.
pub(super) fn place(marks: &[Marked], lines: &[Area], panel: Panel) -> Vec<Placed> {
    let discs: Vec<Area> = marks.iter().map(|m| Area::around(m.at, (m.radius, m.radius))).collect();
    let mut placed: Vec<Option<Placed>> = vec![None; marks.len()];
    for _ in 0..PASSES {
        for (own, mark) in marks.iter().enumerate() {
            let others: Vec<Area> =
                placed.iter().enumerate().filter(|(i, _)| *i != own).filter_map(|(_, p)| p.map(|p| p.area)).collect();
            let cost = |candidate: &(Placed, f64)| {
                let (at, distance) = candidate;
                let over = |areas: &[Area]| areas.iter().map(|area| at.area.overlap(area)).sum::<f64>();
                let size = (at.area.right - at.area.left) * (at.area.bottom - at.area.top);
                let inside = Area { left: panel.left, top: panel.top, right: panel.right, bottom: panel.bottom };
                let outside = size - at.area.overlap(&inside);
                20.0 * outside + 6.0 * over(&others) + 4.0 * over(&discs) + over(lines) + distance
            };
            let best = candidates(mark).into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
            placed[own] = best.map(|(placed, _)| placed);
        }
    }
    placed.into_iter().flatten().collect()
}

/// All places of a label with the distance from its mark.
fn candidates(mark: &Marked) -> Vec<(Placed, f64)> {
    let half = (mark.size.0 / 2.0, mark.size.1 / 2.0);
    let mut all = Vec::new();
    for (ring, distance) in RINGS.into_iter().enumerate() {
        for step in 0..DIRECTIONS {
            let angle = f64::from(step) / f64::from(DIRECTIONS) * std::f64::consts::TAU;
            let (dx, dy) = (angle.cos(), angle.sin());
            let reach = mark.radius + distance;
            // The label's own half lies beyond the ring in the direction of the ring.
            let middle = (mark.at.0 + dx * reach + sign(dx) * half.0, mark.at.1 + dy * reach + sign(dy) * half.1);
            // To the right reads best, so equal places go there.
            let preference = 1.5 * (1.0 - dx);
            all.push((Placed { area: Area::around(middle, half), led: ring > 1 }, distance + preference));
        }
    }
    all
}

/// −1, 0 or 1; directions that are all but vertical or horizontal count as such.
fn sign(x: f64) -> f64 {
    if x.abs() < 0.1 { 0.0 } else { x.signum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANEL: Panel = Panel { left: 0.0, top: 0.0, right: 900.0, bottom: 400.0 };

    fn marks(points: &[(f64, f64)]) -> Vec<Marked> {
        points.iter().map(|&at| Marked { at, radius: 8.0, size: (110.0, 13.0) }).collect()
    }

    /// Nothing covers anything.
    #[track_caller]
    fn check(marks: &[Marked]) -> Vec<Placed> {
        let placed = place(marks, &[], PANEL);
        assert_eq!(placed.len(), marks.len());
        for (i, p) in placed.iter().enumerate() {
            let inside = p.area.left >= -1e-9 && p.area.right <= 900.0 && p.area.top >= -1e-9 && p.area.bottom <= 400.0;
            assert!(inside, "{i}: {p:?}");
            assert!(placed[..i].iter().all(|q| p.area.overlap(&q.area) == 0.0), "{i}: {placed:?}");
            let covers = |m: &Marked| p.area.overlap(&Area::around(m.at, (m.radius * 0.7, m.radius * 0.7)));
            assert!(marks.iter().all(|m| covers(m) == 0.0), "{i}: {placed:?}");
        }
        placed
    }

    #[test]
    fn a_label_alone_stands_at_the_right() {
        let placed = check(&marks(&[(100.0, 100.0)]));
        assert!(placed[0].area.left > 108.0 && !placed[0].led && (placed[0].area.top - 93.5).abs() < 1e-9);
        // At the right edge of the panel there is room below, above and at the left only.
        let placed = check(&marks(&[(880.0, 100.0)]));
        assert!(placed[0].area.left < 770.0, "{placed:?}");
    }

    #[test]
    fn labels_of_marks_that_touch_do_not() {
        check(&marks(&[
            (300.0, 200.0),
            (304.0, 203.0),
            (298.0, 207.0),
            (310.0, 196.0),
            (302.0, 190.0),
            (306.0, 210.0),
        ]));
        let grid: Vec<(f64, f64)> =
            (0..24).map(|i| (380.0 + 26.0 * f64::from(i % 6), 150.0 + 24.0 * f64::from(i / 6))).collect();
        let placed = check(&marks(&grid));
        assert!(placed.iter().any(|p| p.led), "some have to go far");
    }
}
