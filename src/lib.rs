//! Yuefu (月付, "monthly pay"): a wind tunnel for a consumer-credit product inside a live-stream video app.
pub mod agents;
pub mod base;
pub mod cli;
pub mod credit;
pub mod economy;
pub mod measure;
pub mod scenario;
