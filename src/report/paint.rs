//! Paints a [`Drawing`] with plotters as a PNG file. The font is embedded and registered once, so a machine without fonts draws the
//! same pictures.

use super::drawing::{Align, Drawing, FONT_SCALE, Shape, Type};
use super::error::ReportError;
use super::fonts;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// The backend sets its texts this part of an em too high; they should sit on their point.
const BITMAP_DROP: f64 = 0.2;

/// The drawing as a PNG file, `scale` dots for each logical pixel.
pub(super) fn png(drawing: &Drawing, path: &Path, scale: f64) -> Result<(), ReportError> {
    let size = ((drawing.width * scale) as u32, (drawing.height * scale) as u32);
    let mut dots = vec![0; 3 * size.0 as usize * size.1 as usize];
    paint(drawing, &BitMapBackend::with_buffer(&mut dots, size).into_drawing_area(), scale)?;
    write_png(&dots, size, path).map_err(|source| ReportError::Io { path: path.to_path_buf(), source: source.into() })
}

/// Dots as a PNG file. Flat colours repeat from row to row, which deflate finds without a filter: the charts of a run are 1.1 MB at this
/// level, written in a third of the time that the fast compressor of the `png` crate takes, which leaves 37 MB of unfiltered dots.
fn write_png(dots: &[u8], (width, height): (u32, u32), path: &Path) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_deflate_compression(png::DeflateCompression::Level(4));
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(dots)?;
    writer.finish()
}

fn paint<DB: DrawingBackend>(drawing: &Drawing, sheet: &DrawingArea<DB, Shift>, scale: f64) -> Result<(), ReportError> {
    let failed = |e: &dyn std::fmt::Display| ReportError::Drawing(e.to_string());
    sheet.fill(&WHITE).map_err(|e| failed(&e))?;
    let at = |p: (f64, f64)| ((p.0 * scale).round() as i32, (p.1 * scale).round() as i32);
    let all = |points: &[(f64, f64)]| points.iter().copied().map(at).collect::<Vec<_>>();
    for shape in &drawing.shapes {
        let done = match shape {
            Shape::Line(points, colour, width) => {
                let style = colour.stroke_width(((width * scale).round() as u32).max(1));
                sheet.draw(&PathElement::new(all(points), style))
            }
            Shape::Area(points, colour, opacity) => {
                sheet.draw(&Polygon::new(all(points), colour.mix(*opacity).filled()))
            }
            Shape::Box(a, b, colour) => sheet.draw(&Rectangle::new([at(*a), at(*b)], colour.filled())),
            Shape::Dot(centre, radius, colour) => {
                sheet.draw(&Circle::new(at(*centre), ((radius * scale).round() as i32).max(1), colour.filled()))
            }
            Shape::Text((x, y), text, style) => {
                let lower = BITMAP_DROP * style.size;
                let point = if style.upright { (x + lower, *y) } else { (*x, y + lower) };
                sheet.draw_text(text, &text_style(text, *style, scale), at(point))
            }
        };
        done.map_err(|e| failed(&e))?;
    }
    sheet.present().map_err(|e| failed(&e))
}

fn text_style(text: &str, style: Type, scale: f64) -> TextStyle<'static> {
    let weight = if style.bold { FontStyle::Bold } else { FontStyle::Normal };
    let mut font = (fonts::family(text), style.size * FONT_SCALE * scale, weight).into_font();
    if style.upright {
        font = font.transform(FontTransform::Rotate270);
    }
    let h = match style.align {
        Align::Start => HPos::Left,
        Align::Middle => HPos::Center,
        Align::End => HPos::Right,
    };
    TextStyle { font, color: style.colour.to_backend_color(), pos: Pos::new(h, VPos::Center) }
}
