//! A model card's Markdown as blocks of plain text, and these as HTML.
//!
//! In: what cards are written in: headings, paragraphs, lists, tables, fenced code, and YAML between `---` at the top, which is for programs. Out:
//! blocks without marks; HTML in which every letter of the card is text. Absent: links, pictures, HTML; they stay as they are written.

use crate::page::chart::palette::escape;

/// A piece of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Paragraph(String),
    /// One line of a list, with its bullet or number.
    Item(String),
    /// As it stands.
    Code(String),
    /// Rows of cells; the first is the head.
    Table(Vec<Vec<String>>),
}

/// The blocks of a card, in their order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut lines = without_front_matter(text).lines().peekable();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if let Some(heading) = heading(trimmed) {
            blocks.push(Block::Heading(plain(heading)));
        } else if trimmed.starts_with('|') {
            let mut rows = vec![cells(trimmed)];
            while let Some(row) = lines.next_if(|line| line.trim_start().starts_with('|')) {
                rows.push(cells(row));
            }
            // The line between head and body.
            rows.retain(|row| !row.iter().all(|cell| !cell.is_empty() && cell.chars().all(|letter| "-: ".contains(letter))));
            blocks.push(Block::Table(rows));
        } else {
            let mut text = trimmed.to_owned();
            while let Some(more) = lines.next_if(|line| continues(line)) {
                text.push(' ');
                text.push_str(more.trim());
            }
            blocks.push(match item(&text) {
                Some(rest) => Block::Item(format!("• {}", plain(rest))),
                None if is_numbered(&text) => Block::Item(plain(&text)),
                None => Block::Paragraph(plain(&text)),
            });
        }
    }
    blocks
}

/// The card as HTML. Whatever it says is escaped: a card cannot bring elements of its own.
pub fn markup(text: &str) -> String {
    blocks(text).iter().map(Block::markup).collect()
}

impl Block {
    fn markup(&self) -> String {
        match self {
            Self::Heading(text) => format!("<h3>{}</h3>", escape(text)),
            Self::Paragraph(text) => format!("<p>{}</p>", escape(text)),
            Self::Item(text) => format!("<p class=\"card-item\">{}</p>", escape(text)),
            Self::Code(text) => format!("<pre>{}</pre>", escape(text)),
            Self::Table(rows) => {
                let row = |row: &Vec<String>, cell: &str| {
                    let cells: String = row.iter().map(|text| format!("<{cell}>{}</{cell}>", escape(text))).collect();
                    format!("<tr>{cells}</tr>")
                };
                let head = rows.first().map(|head| row(head, "th")).unwrap_or_default();
                let body: String = rows.iter().skip(1).map(|line| row(line, "td")).collect();
                format!("<div class=\"card-table\"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>")
            }
        }
    }
}

fn without_front_matter(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("---\n") else { return text };
    rest.find("\n---\n").map_or(text, |end| &rest[end + 5..])
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len()).then(|| rest.strip_prefix(' ')).flatten()
}

fn item(line: &str) -> Option<&str> {
    ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark))
}

fn is_numbered(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && line[digits..].starts_with(". ")
}

/// The line belongs to the block above it.
fn continues(line: &str) -> bool {
    let trimmed = line.trim();
    let begins_another = trimmed.starts_with("```") || trimmed.starts_with('|') || heading(trimmed).is_some();
    !(trimmed.is_empty() || begins_another || item(trimmed).is_some() || is_numbered(trimmed))
}

fn cells(row: &str) -> Vec<String> {
    row.trim().trim_matches('|').split('|').map(|cell| plain(cell.trim())).collect()
}

/// Without the marks of emphasis and code.
fn plain(text: &str) -> String {
    let text = text.replace("**", "").replace("__", "").replace('`', "");
    // Emphasis comes in pairs; a lone star is a star.
    if text.matches('*').count().is_multiple_of(2) { text.replace('*', "") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_cut_into_blocks() {
        let card = "---\nlicense: mit\n---\n# A **small** *model*\n\nTwo lines\nof `text`.\n- one\n  and more\n- two\n3. three\n\n| a | b |\n| --- | ---: |\n| 1 | **2** |\n\n```\nx = 1\n\ny\n```\n## End\n";
        let text = |text: &str| text.to_owned();
        let rows = vec![vec![text("a"), text("b")], vec![text("1"), text("2")]];
        let expected = [
            Block::Heading(text("A small model")),
            Block::Paragraph(text("Two lines of text.")),
            Block::Item(text("• one and more")),
            Block::Item(text("• two")),
            Block::Item(text("3. three")),
            Block::Table(rows),
            Block::Code(text("x = 1\n\ny")),
            Block::Heading(text("End")),
        ];
        assert_eq!(blocks(card), expected);
    }

    #[test]
    fn a_card_brings_no_elements_of_its_own() {
        let html = markup("# <b>bold</b>\n\n| <i>x</i> | y |\n| --- | --- |\n| 1 | <script>2</script> |\n");
        assert_eq!(html.matches("<b>").count() + html.matches("<i>").count() + html.matches("<script>").count(), 0, "{html}");
        assert!(html.contains("<h3>&lt;b&gt;bold&lt;/b&gt;</h3>") && html.contains("<td>1</td>"), "{html}");
    }

    #[test]
    fn marks_that_mean_nothing_are_text() {
        assert_eq!(blocks("#no heading"), [Block::Paragraph("#no heading".to_owned())]);
        assert_eq!(blocks("--- a\n---"), [Block::Paragraph("--- a ---".to_owned())]);
        assert_eq!(blocks("2 * 3"), [Block::Paragraph("2 * 3".to_owned())]);
        assert_eq!(blocks("2024 was"), [Block::Paragraph("2024 was".to_owned())]);
        assert_eq!(blocks("```\nnever closed"), [Block::Code("never closed".to_owned())]);
        assert_eq!(blocks(""), []);
    }

    #[test]
    fn the_bundled_card_is_read() {
        let card = blocks(include_str!("../../../static/models/attune-en-nano/README.md"));
        assert!(card.iter().any(|block| matches!(block, Block::Heading(text) if text.contains("attune-en-nano"))));
    }
}
