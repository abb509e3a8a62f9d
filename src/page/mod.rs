//! The page: Leptos components that show what the engine says and send what the visitor wants. Never burn.

pub mod chart;
pub mod inside;
pub mod result;
pub mod state;
