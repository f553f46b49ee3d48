//! Golden stories: each rule of the product at least once, with numbers worked out by hand in the comments.

mod authorising;
mod billing;
mod books;
mod delinquency;
mod instalments;
mod lenders;
mod loans;
mod market;
mod origination;
mod policies;
mod products;
mod properties;
mod refunds;
mod reviews;
mod targeting;
