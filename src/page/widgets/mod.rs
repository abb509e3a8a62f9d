//! Small parts that several places use: the clipboard, a dialog, a menu that closes by itself, coming near the screen, a row with one Tab stop,
//! the explanation of a control and its way back.

mod clipboard;
mod dialog;
mod explained;
mod menu;
mod near;
pub mod roving;

pub use clipboard::copy_text;
pub use dialog::{ConfirmDialog, Dialog};
pub use explained::{Back, help, undo};
pub use menu::Menu;
pub use near::when_near;
