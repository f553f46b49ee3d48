//! What holds of every drawing, read off its shapes: labels of an axis stand where they say, texts cover neither each other nor a mark,
//! everything is inside the sheet.

use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing, Shape, Type};
use crate::report::labels::Area;
use crate::report::palette::{AXIS, GRID, INK, RGBColor};

/// The value that a label of an axis states; `None` of what is no number, such as a month.
pub(in crate::report) fn stated(label: &str) -> Option<f64> {
    let text = label.replace(',', "").replace('−', "-");
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
    let factor = match &text[end..] {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "bn" => 1e9,
        " %" | " pp" => 1e-2,
        " ‰" => 1e-3,
        _ => return None,
    };
    text[..end].parse::<f64>().ok().map(|number| number * factor)
}

/// A text with what it covers, and its place among the shapes.
struct Words<'a> {
    index: usize,
    at: (f64, f64),
    text: &'a str,
    style: Type,
    area: Area,
}

fn words(drawing: &Drawing) -> Vec<Words<'_>> {
    let of = |(index, shape): (usize, &'_ Shape)| match shape {
        Shape::Text(at, text, style) => {
            let (long, half) = (style.width(text), 0.4 * style.size);
            let before = match style.align {
                Align::Start => 0.0,
                Align::Middle => long / 2.0,
                Align::End => long,
            };
            let area = if style.upright {
                Area { left: at.0 - half, right: at.0 + half, top: at.1 + before - long, bottom: at.1 + before }
            } else {
                Area { left: at.0 - before, right: at.0 - before + long, top: at.1 - half, bottom: at.1 + half }
            };
            Some((index, *at, *style, area))
        }
        _ => None,
    };
    let found = drawing.shapes.iter().enumerate().filter_map(of);
    found
        .map(|(index, at, style, area)| {
            let Shape::Text(_, text, _) = &drawing.shapes[index] else { unreachable!("a text") };
            Words { index, at, text, style, area }
        })
        .collect()
}

/// The labels of one axis with their positions along it.
type Labels<'a> = Vec<(f64, &'a str)>;

/// Labels by axis: those left of a line of the grid, and those below a tick.
fn axes<'a>(drawing: &Drawing, words: &'a [Words<'a>]) -> Vec<Labels<'a>> {
    let line_from = |at: (f64, f64), to: Option<(f64, f64)>| {
        drawing.shapes.iter().any(|shape| match shape {
            Shape::Line(points, colour, _) if *colour == GRID || *colour == AXIS => {
                let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-6 && (a.1 - b.1).abs() < 1e-6;
                near(points[0], at) && to.is_none_or(|to| near(points[1], to))
            }
            _ => false,
        })
    };
    let mut axes: Vec<((bool, i64), Labels<'a>)> = Vec::new();
    // A text that is no label lies between the labels of two axes.
    let mut open = false;
    for w in words {
        let (x, y) = w.at;
        let left = w.style.align == Align::End && line_from((x + 7.0, y), None);
        let below = w.style.align == Align::Middle && line_from((x, y - 14.0), Some((x, y - 10.0)));
        if !left && !below {
            open = false;
            continue;
        }
        let along = if left { y } else { x };
        let key = if left { (true, (x * 10.0) as i64) } else { (false, (y * 10.0) as i64) };
        match axes.last_mut().filter(|axis| open && axis.0 == key) {
            Some(axis) => axis.1.push((along, w.text)),
            None => axes.push((key, vec![(along, w.text)])),
        }
        open = true;
    }
    axes.into_iter().map(|(_, labels)| labels).collect()
}

/// Values go evenly along the axis, or their logarithms do, or those of what is beyond a percentile.
fn even(labels: &[(f64, f64)]) -> bool {
    let evenly = |of: fn(f64) -> f64| {
        let ((p0, v0), (p1, v1)) = (labels[0], labels[labels.len() - 1]);
        let expected = |v: f64| p0 + (of(v) - of(v0)) / (of(v1) - of(v0)) * (p1 - p0);
        labels.iter().all(|(position, value)| (expected(*value) - position).abs() < 0.05)
    };
    let within = |low: f64, high: f64| labels.iter().all(|l| l.1 > low && l.1 < high);
    evenly(|v| v)
        || within(0.0, f64::INFINITY) && evenly(f64::log10)
        || within(-1e-9, 1.0) && evenly(|v| (1.0 - v).log10())
}

fn dot_area((x, y): (f64, f64), radius: f64) -> Area {
    Area { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
}

fn holds(outer: &Area, inner: &Area) -> bool {
    outer.left <= inner.left + 2.0
        && outer.right >= inner.right - 2.0
        && outer.top <= inner.top + 2.0
        && outer.bottom >= inner.bottom - 2.0
}

/// A straight line goes through an area, by halves of it.
fn crosses(a: (f64, f64), b: (f64, f64), area: &Area) -> bool {
    let outside =
        a.0.max(b.0) < area.left || a.0.min(b.0) > area.right || a.1.max(b.1) < area.top || a.1.min(b.1) > area.bottom;
    if outside {
        return false;
    }
    let inside = |p: (f64, f64)| (area.left..=area.right).contains(&p.0) && (area.top..=area.bottom).contains(&p.1);
    let middle = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
    if inside(a) || inside(b) || inside(middle) {
        return true;
    }
    (a.0 - b.0).hypot(a.1 - b.1) > 0.5 && (crosses(a, middle, area) || crosses(middle, b, area))
}

/// Everything that is wrong with a drawing.
fn faults(drawing: &Drawing) -> Vec<String> {
    let words = words(drawing);
    let mut faults = Vec::new();
    for (i, w) in words.iter().enumerate() {
        let (a, t) = (&w.area, w.text);
        if a.left < 0.0 || a.top < 0.0 || a.right > drawing.width || a.bottom > drawing.height {
            faults.push(format!("{t:?} leaves the sheet: {a:?}"));
        }
        let other = words[..i].iter().find(|other| other.area.overlap(a) > 0.5);
        faults.extend(other.map(|other| format!("{t:?} lies over {:?} at {:?}", other.text, w.at)));
        faults.extend(marks(drawing, w));
    }
    for labels in axes(drawing, &words) {
        let values: Option<Vec<(f64, f64)>> = labels.iter().map(|(at, text)| stated(text).map(|v| (*at, v))).collect();
        if let Some(values) = values.filter(|values| values.len() > 1)
            && !even(&values)
        {
            faults.push(format!("labels do not stand where they say: {labels:?}"));
        }
    }
    faults
}

/// Marks that lie over a text, or under a part of it.
fn marks(drawing: &Drawing, w: &Words<'_>) -> Vec<String> {
    let inner =
        Area { left: w.area.left + 1.0, right: w.area.right - 1.0, top: w.area.top + 1.0, bottom: w.area.bottom - 1.0 };
    let fault = |what: &str| format!("{what} over {:?} at {:?}", w.text, w.at);
    // What lies below the disc or bar that holds the text does not touch it.
    let ground = |(index, shape): (usize, &Shape)| match shape {
        Shape::Dot(centre, radius, _) => holds(&dot_area(*centre, *radius), &w.area).then_some(index),
        Shape::Box(a, b, _) => holds(&Area { left: a.0, top: a.1, right: b.0, bottom: b.1 }, &w.area).then_some(index),
        _ => None,
    };
    let ground = drawing.shapes[..w.index].iter().enumerate().filter_map(ground).next_back();
    let of = |(index, shape): (usize, &Shape)| match shape {
        _ if ground.is_some_and(|ground| index < ground) => None,
        Shape::Dot(centre, radius, _) => {
            let area = dot_area(*centre, *radius);
            let under = index < w.index && holds(&area, &w.area);
            (area.overlap(&inner) > 1.0 && !under).then(|| fault("a dot"))
        }
        Shape::Box(a, b, _) => {
            let area = Area { left: a.0, top: a.1, right: b.0, bottom: b.1 };
            let under = index < w.index && holds(&area, &w.area);
            (area.overlap(&inner) > 1.0 && !under).then(|| fault("a box"))
        }
        // Lines of the grid and the thin lines that lead to labels may.
        Shape::Line(points, colour, width) if *colour != GRID && *width >= 1.0 => {
            points.windows(2).any(|p| crosses(p[0], p[1], &inner)).then(|| fault("a line"))
        }
        _ => None,
    };
    drawing.shapes.iter().enumerate().filter_map(of).collect()
}

/// Fails unless every chart is without a fault, names its clock and keeps its shares within 0 to 100%; those of `signed` show changes,
/// and may be negative.
#[track_caller]
pub(in crate::report) fn check(what: &str, charts: &[Chart], signed: &[&str]) {
    for chart in charts {
        let faults = faults(&chart.drawing);
        assert!(faults.is_empty(), "{what}, {}:\n{}", chart.slug, faults.join("\n"));
        let clock = |w: &Words<'_>| w.text.contains("virtual clock · ") || w.text.contains("wall clock: measured");
        assert!(words(&chart.drawing).iter().any(clock), "{what}, {}: names no clock", chart.slug);
        if !signed.contains(&chart.slug) {
            let beyond = beyond_shares(&chart.drawing);
            assert!(beyond.is_empty(), "{what}, {}: {beyond:?}", chart.slug);
        }
    }
}

/// True of a drawing that says that nothing was counted.
pub(in crate::report) fn says_nothing(drawing: &Drawing) -> bool {
    words(drawing).iter().any(|w| w.text == "nothing was counted")
}

/// Shares on axes that leave 0 to 100%.
fn beyond_shares(drawing: &Drawing) -> Vec<String> {
    let words = words(drawing);
    let axes = axes(drawing, &words);
    let labels = axes.iter().flatten().filter(|(_, text)| text.ends_with(" %"));
    labels
        .filter(|(_, t)| stated(t).is_none_or(|v| !(-1e-9..=1.0 + 1e-9).contains(&v)))
        .map(|l| l.1.to_string())
        .collect()
}

#[test]
fn faults_are_found() {
    crate::report::fonts::register_fonts();
    const BLUE: RGBColor = RGBColor(0, 0, 255);
    let label = Type::new(12.0, INK);
    let sheet = || Drawing::new(400.0, 200.0);
    let one = |draw: &dyn Fn(&mut Drawing)| {
        let mut sheet = sheet();
        draw(&mut sheet);
        faults(&sheet)
    };
    let axis = |labels: [&str; 3]| {
        one(&move |sheet| {
            for (i, text) in labels.iter().enumerate() {
                let y = 150.0 - 50.0 * i as f64;
                sheet.line((47.0, y), (300.0, y), GRID, 1.0);
                sheet.text((40.0, y), *text, label.align(Align::End));
            }
        })
    };
    assert_eq!(axis(["0", "0.25", "0.50"]), Vec::<String>::new());
    assert!(axis(["0", "0.2", "0.5"])[0].contains("do not stand"));
    assert_eq!(axis(["1", "10", "100"]), Vec::<String>::new(), "a log scale");
    assert!(one(&|s| s.text((380.0, 50.0), "outside", label))[0].contains("leaves the sheet"));
    let two = |s: &mut Drawing| {
        s.text((50.0, 50.0), "one", label);
        s.text((60.0, 54.0), "two", label);
    };
    assert!(one(&two)[0].contains("lies over"));
    let under = |s: &mut Drawing| {
        s.dot((60.0, 50.0), 40.0, BLUE);
        s.text((50.0, 50.0), "one", label);
    };
    assert_eq!(one(&under), Vec::<String>::new());
    let over = |s: &mut Drawing| {
        s.text((50.0, 50.0), "one", label);
        s.dot((60.0, 50.0), 4.0, BLUE);
        s.path(&[(0.0, 0.0), (120.0, 100.0)], BLUE, 2.0, false);
    };
    assert_eq!(one(&over).len(), 2);
}
