//! Writes a [`Drawing`] as an SVG document. Every text states its width: a viewer whose fonts are wider or narrower than the embedded
//! ones sets it in the same room.

use super::drawing::{Align, Drawing, Shape, Type};
use super::fonts;
use super::html::escape;
use super::palette::RGBColor;
use std::fmt::Write;

/// From the middle of a line of text down to its baseline, in ems.
const BASELINE: f64 = 0.36;

/// The drawing as an SVG document. Writing to a `String` cannot fail.
pub(super) fn svg(drawing: &Drawing) -> String {
    let (w, h) = (short(drawing.width), short(drawing.height));
    let mut out = String::with_capacity(1 << 16);
    let _ = write!(
        out,
        "<svg width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n"
    );
    for shape in &drawing.shapes {
        let _ = match shape {
            Shape::Line(points, colour, width) => writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>",
                path(points),
                hex(*colour),
                short(*width)
            ),
            Shape::Area(points, colour, opacity) => writeln!(
                out,
                "<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>",
                path(points),
                hex(*colour),
                short(*opacity)
            ),
            Shape::Box(a, b, colour) => writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                short(a.0),
                short(a.1),
                short(b.0 - a.0),
                short(b.1 - a.1),
                hex(*colour)
            ),
            Shape::Dot(centre, radius, colour) => writeln!(
                out,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>",
                short(centre.0),
                short(centre.1),
                short(*radius),
                hex(*colour)
            ),
            Shape::Text(at, words, style) => writeln!(out, "{}", text(*at, words, *style)),
        };
    }
    out + "</svg>\n"
}

fn text((x, y): (f64, f64), words: &str, style: Type) -> String {
    let down = BASELINE * style.size;
    let (x, y, turn) = if style.upright {
        (x + down, y, format!(" transform=\"rotate(-90 {} {})\"", short(x + down), short(y)))
    } else {
        (x, y + down, String::new())
    };
    let anchor = match style.align {
        Align::Start => "start",
        Align::Middle => "middle",
        Align::End => "end",
    };
    format!(
        "<text x=\"{}\" y=\"{}\" font-family=\"{}\" font-size=\"{}\"{} fill=\"{}\" text-anchor=\"{anchor}\" textLength=\"{}\" \
         lengthAdjust=\"spacingAndGlyphs\"{turn}>{}</text>",
        short(x),
        short(y),
        fonts::viewers(words),
        short(style.size),
        if style.bold { " font-weight=\"bold\"" } else { "" },
        hex(style.colour),
        short(style.width(words)),
        escape(words)
    )
}

fn path(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect::<Vec<_>>().join(" ")
}

/// Hundredths are finer than any screen.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

fn hex(colour: RGBColor) -> String {
    format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::palette::INK;

    #[test]
    fn a_text_states_its_width_and_its_fonts() {
        fonts::register_fonts();
        let mut drawing = Drawing::new(200.0, 100.0);
        drawing.text((20.0, 30.0), "月付 <A>", Type::new(12.0, INK).align(Align::End));
        drawing.line((0.0, 0.126), (10.0, 5.0), INK, 1.0);
        let svg = svg(&drawing);
        assert!(
            svg.contains(">月付 &lt;A&gt;</text>")
                && svg.contains("Noto Sans SC")
                && svg.contains("text-anchor=\"end\"")
        );
        assert!(svg.contains("points=\"0,0.13 10,5\"") && svg.contains("stroke=\"#222b36\""), "{svg}");
        let width = Type::new(12.0, INK).width("月付 <A>");
        assert!(width > 40.0 && svg.contains(&format!("textLength=\"{}\"", short(width))), "{width}: {svg}");
    }
}
