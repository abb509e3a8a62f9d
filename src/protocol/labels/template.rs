//! The prompt that a row becomes when a model learns to answer: a text with places for the row's cells, which the visitor may change.
//!
//! In: a template such as `{context}\nQ: {question}\nA: {answer}`. Out: its parts in order, or what is wrong with it. `{source}` and `{question}` are two
//! names for the row's text, `{context}` is its second text, `{answer}` (or `{target}`) is what the model is to write and stands at the end. A brace
//! that is meant as one is doubled. Page and engine read templates with the same code, so that a mistake shows while it is typed. Absent: tokens.

use serde::{Deserialize, Serialize};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplatePart {
    /// Words that are the same for every row.
    Words(String),
    /// The row's text.
    Text,
    /// The row's second text.
    Context,
}

/// What is wrong with a template; the page holds the sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TemplateError {
    #[error("the place of the answer is missing: write {{answer}} at the end")]
    NoAnswer,
    #[error("after {{answer}} nothing may follow: the model ends its answers by itself, but there is {after:?}")]
    AfterAnswer { after: String },
    #[error("the row's text is missing: write {{source}} or {{question}}")]
    NoText,
    #[error("there is {{context}}, but no column is chosen for it")]
    NoContextColumn,
    #[error("a column is chosen for the context, but {{context}} is missing")]
    ContextUnread,
    #[error("{{{name}}} stands there twice")]
    Twice { name: String },
    #[error("{{{name}}} is unknown: there are {{source}}, {{question}}, {{context}} and {{answer}}")]
    Unknown { name: String },
    #[error("a brace is alone: write {{{{ or }}}} for one that is meant as it stands")]
    LoneBrace,
}

/// The template to propose.
pub fn default_template(has_context: bool) -> &'static str {
    if has_context { "{context}\nQ: {question}\nA: {answer}" } else { "{source}\n=> {answer}" }
}

/// The parts of a template before the answer. `has_context` says whether a column is chosen for the context.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read_template(template: &str, has_context: bool) -> Result<Vec<TemplatePart>, TemplateError> {
    let mut parts = Vec::new();
    let mut words = String::new();
    let mut rest = template;
    let answered = loop {
        let Some(at) = rest.find(['{', '}']) else { break false };
        words.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            words.push_str(&rest[..1]);
            rest = after;
            continue;
        }
        let inside = rest.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let (name, after) = inside.filter(|(name, _)| !name.contains('{')).ok_or(TemplateError::LoneBrace)?;
        rest = after;
        if !words.is_empty() {
            parts.push(TemplatePart::Words(std::mem::take(&mut words)));
        }
        let part = match name.trim() {
            "source" | "question" => TemplatePart::Text,
            "context" => TemplatePart::Context,
            "answer" | "target" => break true,
            other => return Err(TemplateError::Unknown { name: other.to_owned() }),
        };
        if parts.contains(&part) {
            return Err(TemplateError::Twice { name: name.trim().to_owned() });
        }
        parts.push(part);
    };
    if !answered {
        return Err(TemplateError::NoAnswer);
    }
    if !rest.is_empty() {
        return Err(TemplateError::AfterAnswer { after: rest.to_owned() });
    }
    if !parts.contains(&TemplatePart::Text) {
        return Err(TemplateError::NoText);
    }
    match (parts.contains(&TemplatePart::Context), has_context) {
        (true, false) => Err(TemplateError::NoContextColumn),
        (false, true) => Err(TemplateError::ContextUnread),
        _ => Ok(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> TemplatePart {
        TemplatePart::Words(text.to_owned())
    }

    #[test]
    fn parts_come_in_order() {
        let parts = read_template(default_template(true), true).unwrap();
        assert_eq!(parts, [TemplatePart::Context, words("\nQ: "), TemplatePart::Text, words("\nA: ")]);
        assert_eq!(read_template(default_template(false), false).unwrap(), [TemplatePart::Text, words("\n=> ")]);
        assert_eq!(read_template("{{a}} { source }{target}", false).unwrap(), [words("{a} "), TemplatePart::Text]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |template: &str, has_context| read_template(template, has_context).unwrap_err();
        assert_eq!(wrong("{source}", false), TemplateError::NoAnswer);
        assert_eq!(wrong("", false), TemplateError::NoAnswer);
        assert_eq!(wrong("{source}{answer}.", false), TemplateError::AfterAnswer { after: ".".to_owned() });
        assert_eq!(wrong("{answer}", false), TemplateError::NoText);
        assert_eq!(wrong("{source}{context}{answer}", false), TemplateError::NoContextColumn);
        assert_eq!(wrong("{source}{answer}", true), TemplateError::ContextUnread);
        assert_eq!(wrong("{source}{question}{answer}", false), TemplateError::Twice { name: "question".to_owned() });
        assert_eq!(wrong("{label}{answer}", false), TemplateError::Unknown { name: "label".to_owned() });
        for lone in ["{source", "source} {answer}", "{source}{answer"] {
            assert_eq!(wrong(lone, false), TemplateError::LoneBrace, "{lone}");
        }
    }
}
