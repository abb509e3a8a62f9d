//! Small parts that several places use: a dialog, a menu that closes by itself, coming near the screen.

mod dialog;
mod menu;
mod near;

pub use dialog::{ConfirmDialog, Dialog};
pub use menu::Menu;
pub use near::when_near;
