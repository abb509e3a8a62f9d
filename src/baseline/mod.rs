//! What a Transformer must beat: the majority class, and a regression on TF-IDF features (logistic for classes, ridge for numbers), trained in the page beside
//! it.
//!
//! In: texts and class numbers, or numbers. Out: classes and their probabilities for other texts, or numbers. In the order of use: [`TfidfBuilder`] counts the terms of
//! the training texts, [`TfidfBuilder::finish`] gives the [`Tfidf`] features and the weighted rows, [`LogisticFit`] trains on them step by
//! step, its [`LogisticModel`] predicts; [`RidgeFit`] and [`RidgeModel`] do so for numbers. Built to give what scikit-learn's `TfidfVectorizer`, `LogisticRegression` and `Ridge` give with their
//! defaults, so that its figures mean what readers expect.
//!
//! Every loop can be left: rows are added one by one and [`LogisticFit::step`] and [`RidgeFit::step`] do one iteration, so that the caller can report progress
//! and stop. Absent: threads, clocks, tensors, tuning of settings on a validation part.

mod analyzer;
mod error;
mod lbfgs;
mod logistic;
mod majority;
mod ridge;
mod sparse;
mod tfidf;

pub use analyzer::Analyzer;
pub use error::BaselineError;
pub use logistic::{LogisticFit, LogisticModel, LogisticSetting};
pub use majority::MajorityClass;
pub use ridge::{RidgeFit, RidgeModel, RidgeSetting};
pub use sparse::SparseRow;
pub use tfidf::{Tfidf, TfidfBuilder, most_terms};
