//! What people may write, file by file: the only serde of inputs. Each resolves to a type without serde in `plan`, `credit::terms` or
//! `agents::levers`; doc lines here are the schema's.

pub(in crate::scenario) mod assumptions;
pub(in crate::scenario) mod behaviour;
pub(in crate::scenario) mod comparison;
pub(in crate::scenario) mod economy;
pub(in crate::scenario) mod law;
pub(in crate::scenario) mod lengths;
pub(in crate::scenario) mod load;
pub(in crate::scenario) mod objective;
pub(in crate::scenario) mod people;
pub(in crate::scenario) mod pricing;
pub(in crate::scenario) mod product;
pub(in crate::scenario) mod scenario;
pub(crate) mod schemas;
pub(in crate::scenario) mod sensitivity;
pub(in crate::scenario) mod suite;
pub(in crate::scenario) mod target;
pub(in crate::scenario) mod time;
pub(in crate::scenario) mod world;
