//! Charts, and what all drawings of the page share: palette, pace, size, saving.
//!
//! In: points of the store. Out: SVG. Test ids of the loss chart: `loss-chart` (`data-step` while a step is read), `loss-train`,
//! `loss-validation`, `loss-step` (each with its number as text), `loss-unit`, `loss-linear`, `loss-log`, `loss-save-svg`, `loss-save-png`,
//! `more-curves`, `curve-learning-rate`, `curve-gradient-norm`, `curve-speed`.

pub mod draw;
pub mod loss;
pub mod pace;
pub mod palette;
pub mod save;
pub mod scale;
pub mod series;
pub mod size;
pub mod small;
