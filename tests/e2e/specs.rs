//! What is expected of the page, one file per story.

mod first_look;
