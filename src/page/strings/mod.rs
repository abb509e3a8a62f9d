//! Every word on the page, by part. A second language is one more constant in each file and one more arm in [`words`].
//!
//! Sentences with values in them are functions, so that a language may order them as it needs. Absent: numbers' form (`page::format`).

pub mod bar;
pub mod batch;
pub mod compare;
pub mod faults;
pub mod findings;
pub mod inside;
pub mod label_recipe;
pub mod lesson;
pub mod models;
pub mod past;
pub mod probe;
pub mod questions;
pub mod recipe;
pub mod report;
pub mod result;
pub mod scenario;
mod switch_effect;
pub mod table;
pub mod text;
pub mod try_labels;

/// All words of one language.
pub struct Words {
    pub bar: bar::BarWords,
    pub text: text::TextWords,
    pub recipe: recipe::RecipeWords,
    pub models: models::ModelWords,
    pub inside: inside::InsideWords,
    pub past: past::PastWords,
    pub result: result::ResultWords,
    pub faults: faults::FaultWords,
    pub lesson: lesson::LessonWords,
}

static EN: Words = Words {
    bar: bar::EN,
    text: text::EN,
    recipe: recipe::EN,
    models: models::EN,
    inside: inside::EN,
    past: past::EN,
    result: result::EN,
    faults: faults::EN,
    lesson: lesson::EN,
};

/// The words of the page's language.
pub fn words() -> &'static Words {
    &EN
}

/// Words about tables and what is learned from them. Apart from the rest, so that they come with the views that say them
/// ([`super::later`]) and not with the first paint: a table of words keeps every sentence in it alive.
pub struct LabelWords {
    pub table: table::TableWords,
    pub findings: findings::FindingWords,
    pub recipe: label_recipe::LabelRecipeWords,
    pub trying: try_labels::TryWords,
    pub batch: batch::BatchWords,
}

static EN_LABELS: LabelWords =
    LabelWords { table: table::EN, findings: findings::EN, recipe: label_recipe::EN, trying: try_labels::EN, batch: batch::EN };

/// The words about tables, in the page's language.
pub fn label_words() -> &'static LabelWords {
    &EN_LABELS
}
