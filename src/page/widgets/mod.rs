//! Small parts that several places use: a dialog, a menu that closes by itself.

mod dialog;
mod menu;

pub use dialog::{ConfirmDialog, Dialog};
pub use menu::Menu;
