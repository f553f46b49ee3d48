//! Golden stories: each rule of the product at least once, with numbers worked out by hand in the comments.

mod authorising;
mod billing;
mod books;
mod delinquency;
mod instalments;
mod market;
mod origination;
mod products;
mod properties;
mod reviews;
