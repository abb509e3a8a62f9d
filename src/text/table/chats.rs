//! Conversations as JSON data sets hold them: lists of turns with `role` and `content`, or with `from` and `value`. Each becomes a text and its answer.
//!
//! The last turn of the assistant is the answer. The turns before it are the text, each on a line with who speaks, instructions of the system first; a question
//! alone stands as it is, as a visitor will type one. A turn after the answer is not used. A conversation in which the
//! assistant says nothing has an empty answer, so that it is counted where examples are collected.

use super::json::Json;

/// A conversation as a text and its answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chat {
    pub(super) prompt: String,
    pub(super) response: String,
}

/// Keys under which a document that is one conversation holds it.
const KEYS: [&str; 6] = ["messages", "conversations", "conversation", "dialogue", "dialog", "chat"];

/// Who speaks, whatever a data set calls them.
fn known(speaker: &str) -> Option<&'static str> {
    match speaker.trim().to_ascii_lowercase().as_str() {
        "system" | "developer" => Some("system"),
        "user" | "human" | "prompter" => Some("user"),
        "assistant" | "gpt" | "chatgpt" | "model" | "bot" | "ai" => Some("assistant"),
        _ => None,
    }
}

/// Who speaks in a turn, and what is said if anything, as in one that only calls a tool; `None` for what is no turn.
fn turn(item: &Json) -> Option<(&str, Option<&Json>)> {
    let of = |speaker: &str, said: &str| match item.get(speaker)? {
        Json::Text(speaker) => Some((known(speaker).unwrap_or(speaker), item.get(said))),
        _ => None,
    };
    of("role", "content").or_else(|| of("from", "value"))
}

/// What a turn says. Where it is in pieces, those that are text.
fn words(said: &Json) -> String {
    let piece = |item: &Json| match item {
        Json::Text(text) => Some(text.clone()),
        item => item.get("text").map(Json::to_cell),
    };
    match said {
        Json::List(items) => items.iter().filter_map(piece).collect::<Vec<_>>().join("\n"),
        said => said.to_cell(),
    }
}

/// Whether a value is a list of turns, at least one by somebody who is known.
pub(super) fn is_chat(value: &Json) -> bool {
    let items = value.items();
    items.iter().all(|item| turn(item).is_some()) && items.iter().filter_map(turn).any(|(speaker, _)| known(speaker).is_some())
}

/// Whether a key and its value make a document one conversation.
pub(super) fn is_document(key: &str, value: &Json) -> bool {
    KEYS.contains(&key.to_ascii_lowercase().as_str()) && is_chat(value)
}

/// The conversation that a value is.
pub(super) fn chat(value: &Json) -> Option<Chat> {
    if !is_chat(value) {
        return None;
    }
    let turns = value.items().iter().filter_map(turn);
    let mut turns: Vec<(&str, String)> = turns.map(|(speaker, said)| (speaker, said.map_or_else(String::new, words))).collect();
    let last = turns.iter().rposition(|(speaker, _)| *speaker == "assistant");
    turns.truncate(last.map_or(turns.len(), |last| last + 1));
    let response = if last.is_some() { turns.pop().map_or_else(String::new, |(_, said)| said) } else { String::new() };
    turns.retain(|(_, said)| !said.trim().is_empty());
    // Stable: the others stay in their order.
    turns.sort_by_key(|(speaker, _)| *speaker != "system");
    let prompt = match &mut turns[..] {
        [("user", question)] => std::mem::take(question),
        turns => turns.iter().map(|(speaker, said)| format!("{speaker}: {said}")).collect::<Vec<_>>().join("\n"),
    };
    Some(Chat { prompt, response })
}

#[cfg(test)]
mod tests {
    use super::super::json::whole;
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        chat(&whole(text).unwrap()).map(|chat| (chat.prompt, chat.response))
    }

    fn pair(prompt: &str, response: &str) -> Option<(String, String)> {
        Some((prompt.to_owned(), response.to_owned()))
    }

    #[test]
    fn the_last_turn_of_the_assistant_is_the_answer() {
        let roles = r#"[{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be kind."}, {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "Who\nare you?"}, {"role": "assistant", "content": "A model."}, {"role": "user", "content": "Thanks"}]"#;
        assert_eq!(read(roles), pair("system: Be kind.\nuser: Hi\nassistant: Hello!\nuser: Who\nare you?", "A model."));
        let speakers = r#"[{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]"#;
        assert_eq!(read(speakers), pair("2 + 2?", "4"), "a question alone");
    }

    #[test]
    fn what_is_not_said_is_empty() {
        assert_eq!(read(r#"[{"role": "user", "content": "Hi"}]"#), pair("Hi", ""), "nobody answers");
        assert_eq!(read(r#"[{"role": "assistant", "content": "Hello!"}]"#), pair("", "Hello!"));
        let pieces = r#"[{"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "image"}, "this?"]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": 1}]}, {"role": "tool", "content": 7}, {"role": "model"}]"#;
        assert_eq!(read(pieces), pair("user: What is\nthis?\ntool: 7", ""));
    }

    #[test]
    fn other_lists_are_no_conversations() {
        for text in [
            "[]",
            "7",
            r#"["user", "assistant"]"#,
            r#"[{"text": "a", "answer_start": 1}]"#,
            r#"[{"role": "Hamlet", "content": "To be"}]"#,
            r#"[{"role": "user", "content": "Hi"}, "and so on"]"#,
            r#"[{"role": ["user"], "content": "Hi"}]"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let is_document = |key| is_document(key, &whole(r#"[{"role": "user", "content": "Hi"}]"#).unwrap());
        assert!(is_document("messages") && !is_document("rows"), "rows of turns have columns");
    }
}
