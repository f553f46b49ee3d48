//! Golden stories: each rule of the product once, with numbers worked out by hand in the comments.

use crate::testing::story::check;

#[test]
fn first() {
    check("2027-01-03 apply -> 10000.00\nbuy 300.00 -> 300.00\n2027-03-01 is dpd=23");
}
