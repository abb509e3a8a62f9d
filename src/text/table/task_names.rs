//! Names of columns that say what belongs together: a source and its target, two texts that are compared, titles.

/// Name pairs of text to text: what is read, what is to be written.
pub(super) const SOURCE_TARGET: &[(&str, &str)] = &[
    ("source", "target"),
    ("src", "tgt"),
    ("input", "output"),
    ("prompt", "response"),
    ("prompt", "completion"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("question", "answer"),
    ("article", "summary"),
    ("document", "summary"),
    ("text", "summary"),
    ("source", "summary"),
    ("text", "translation"),
    ("source", "translation"),
    ("article", "highlights"),
    ("问题", "答案"),
    ("原文", "译文"),
    ("原文", "摘要"),
];
/// Name pairs of two texts that are compared.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("premise", "hypothesis"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "context"),
    ("query", "passage"),
    ("query", "document"),
    ("query", "text"),
    ("query", "title"),
    ("question", "answer"),
    ("text", "pair"),
    ("left", "right"),
];
pub(super) const TITLES: &[&str] = &["title", "headline", "subject", "标题"];
