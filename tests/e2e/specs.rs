//! What is expected of the page, one file per story.

mod drawing;
mod faults;
mod first_look;
mod history;
mod keys;
mod labels;
mod labels_keeping;
mod large_table;
mod models;
mod parts;
mod questions;
mod report;
mod scenarios;
mod sentences;
mod settings;
mod tasks;
mod views_while_training;
mod whole_loop;
