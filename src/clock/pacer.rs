//! stand-in
use crate::scenario::{LoadPlan, Shape};
pub struct Pacer {
    gap: f64,
    n: u64,
}
impl Pacer {
    pub fn new(plan: &LoadPlan, generators: u32, _number: u32, _seed: u64) -> Pacer {
        let rate = match plan.shape {
            Shape::Constant { rate } => rate,
            _ => 1000.0,
        };
        Pacer { gap: 1e9 / rate * f64::from(generators), n: 0 }
    }
    pub fn next(&mut self) -> u64 {
        self.n += 1;
        (self.n as f64 * self.gap) as u64
    }
}
