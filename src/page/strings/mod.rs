//! Every word on the page, by part. A second language is one more constant in each file and one more arm in [`words`].
//!
//! Sentences with values in them are functions, so that a language may order them as it needs. Absent: numbers' form (`page::format`).

pub mod bar;
pub mod compare;
pub mod faults;
pub mod inside;
pub mod lesson;
pub mod models;
pub mod past;
pub mod questions;
pub mod recipe;
pub mod report;
pub mod result;
pub mod text;

/// All words of one language.
pub struct Words {
    pub bar: bar::BarWords,
    pub text: text::TextWords,
    pub recipe: recipe::RecipeWords,
    pub models: models::ModelWords,
    pub inside: inside::InsideWords,
    pub past: past::PastWords,
    pub questions: questions::QuestionWords,
    pub result: result::ResultWords,
    pub faults: faults::FaultWords,
    pub lesson: lesson::LessonWords,
    pub compare: compare::CompareWords,
}

static EN: Words = Words {
    bar: bar::EN,
    text: text::EN,
    recipe: recipe::EN,
    models: models::EN,
    inside: inside::EN,
    past: past::EN,
    questions: questions::EN,
    result: result::EN,
    faults: faults::EN,
    lesson: lesson::EN,
    compare: compare::EN,
};

/// The words of the page's language.
pub fn words() -> &'static Words {
    &EN
}
