//! What the unit of a value allows: its bounds, its smallest step, and how a relative step moves it.

use serde_json::{Value as Json, json};

use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::Span;
use crate::scenario::raw::scenario::RootFile;

/// Bounds and step of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::scenario) struct UnitRange {
    least: f64,
    most: f64,
    step: f64,
    whole: bool,
}

impl UnitRange {
    /// The range of the numbers at a place of the document, as the schema has it.
    pub(in crate::scenario) fn of(pointer: &[String], value: &Node) -> UnitRange {
        let mut pointer = pointer.to_vec();
        let mut node = value;
        while let Tree::Array(items) = &node.value {
            pointer.push("0".to_owned());
            let Some(first) = items.first() else { break };
            node = first;
        }
        let schema = RootFile::checker().subschema(&pointer);
        let number = |key: &str| schema.and_then(|schema| schema.get(key)).and_then(Json::as_f64);
        let whole = schema.and_then(|schema| schema.get("type")).and_then(Json::as_str) == Some("integer");
        UnitRange {
            least: number("minimum").unwrap_or(f64::NEG_INFINITY),
            most: number("maximum").unwrap_or(f64::INFINITY),
            step: number("x-step").unwrap_or(if whole { 1.0 } else { 1e-6 }),
            whole,
        }
    }

    /// The nearest number that the unit knows, inside its bounds.
    pub(in crate::scenario) fn within(&self, value: f64) -> f64 {
        let stepped = (value / self.step).round() * self.step;
        // 3 × 0.1 is not 0.3 in binary; six decimals are the finest unit there is.
        let tidy = (stepped * 1e6).round() / 1e6;
        tidy.clamp(self.least, self.most)
    }

    /// A factor on a number. A share above a half is moved by the step of its complement: 0.97 by a fifth is 0.964 to 0.976.
    pub(in crate::scenario) fn scaled(&self, value: f64, factor: f64) -> f64 {
        self.within(if self.is_share() && value > 0.5 {
            1.0 - (1.0 - value) * (2.0 - factor).max(0.0)
        } else {
            value * factor
        })
    }

    /// The ends of a relative step to either side, at least one step of the unit away. A share of one goes down only.
    pub(in crate::scenario) fn around(&self, value: f64, span: f64) -> [f64; 2] {
        if self.is_share() && value == 1.0 {
            return [self.within(1.0 - span), 1.0];
        }
        let (a, b) = (self.scaled(value, 1.0 - span), self.scaled(value, 1.0 + span));
        let apart = |end: f64, step: f64| if end == value { self.within(value + step) } else { end };
        [apart(a.min(b), -self.step), apart(a.max(b), self.step)]
    }

    fn is_share(&self) -> bool {
        self.least == 0.0 && self.most == 1.0
    }

    /// A number as the document writes it.
    pub(in crate::scenario) fn leaf(&self, span: Span, value: f64) -> Node {
        if self.whole || value.fract() == 0.0 {
            Node::leaf(span, json!(value as i64))
        } else {
            Node::leaf(span, json!(value))
        }
    }
}

/// A number in few digits.
pub(in crate::scenario) fn shown(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
