//! Yuefu (月付, "monthly pay"): a wind tunnel for a consumer-credit product inside a live-stream video app.
pub mod agents;
pub mod base;
pub mod cli;
pub mod clock;
pub mod credit;
pub mod economy;
pub mod experiment;
pub mod measure;
pub mod population;
#[allow(clippy::disallowed_methods, reason = "charts may use the host's libm: a picture is not hashed")]
pub mod report;
pub mod results;
pub mod scenario;
pub mod world;

#[cfg(test)]
pub mod testing;
