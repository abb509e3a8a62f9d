//! What is expected of the page, one file per story.

mod faults;
mod first_look;
mod models;
mod settings;
mod whole_loop;
