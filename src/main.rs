//! Opens the page.

fn main() {
    attune::page::open();
}
