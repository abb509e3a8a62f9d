//! What is expected of the page, one file per story.

mod faults;
mod first_look;
mod history;
mod models;
mod questions;
mod settings;
mod views_while_training;
mod whole_loop;
