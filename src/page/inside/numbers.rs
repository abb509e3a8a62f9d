//! Numbers as people read them in pictures, and small HTML tables of them.
//!
//! In: numbers. Out: text with a true minus sign, and markup. Absent: units, which the words around them carry.

use crate::page::chart::palette::escape;
use std::fmt::Write;

/// Two digits, a true minus sign, and a word for what is no number.
pub fn signed(number: f32) -> String {
    fixed(number, 2)
}

/// A change in nats: its sign always, three digits.
pub fn nats(change: f32) -> String {
    change_of(change, 3)
}

/// A change with so many digits: its sign always.
pub fn change_of(change: f32, digits: usize) -> String {
    let text = fixed(change, digits);
    if change > 0.0 && text.bytes().any(|digit| matches!(digit, b'1'..=b'9')) { format!("+{text}") } else { text }
}

fn fixed(number: f32, digits: usize) -> String {
    if number == f32::NEG_INFINITY {
        return "\u{2212}\u{221e}".to_owned();
    }
    let text = format!("{:.digits$}", number.abs());
    let is_zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    if number < 0.0 && !is_zero { format!("\u{2212}{text}") } else { text }
}

/// One row of a table: its data attributes, its name, its cells.
pub struct TableRow {
    pub data: Vec<(&'static str, String)>,
    pub name: String,
    pub cells: Vec<String>,
}

/// A table as markup: one column of names, then numbers.
pub fn table(headings: &[&str], rows: &[TableRow]) -> String {
    let mut html = "<table><thead><tr>".to_owned();
    // Writing to a string cannot fail.
    let _ = (|| -> std::fmt::Result {
        for heading in headings {
            write!(html, "<th scope=\"col\">{}</th>", escape(heading))?;
        }
        html.push_str("</tr></thead><tbody>");
        for row in rows {
            html.push_str("<tr");
            for (name, value) in &row.data {
                write!(html, " data-{name}=\"{}\"", escape(value))?;
            }
            write!(html, "><th scope=\"row\">{}</th>", escape(&row.name))?;
            for cell in &row.cells {
                write!(html, "<td>{}</td>", escape(cell))?;
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        Ok(())
    })();
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_true_minus_and_no_negative_zero() {
        assert_eq!([1.234, -0.5, -0.001, f32::NEG_INFINITY].map(signed), ["1.23", "\u{2212}0.50", "0.00", "\u{2212}\u{221e}"]);
        assert_eq!([0.3466, -0.1167, 0.0, 0.0004].map(nats), ["+0.347", "\u{2212}0.117", "0.000", "0.000"]);
    }

    #[test]
    fn a_table_carries_its_values_and_no_markup_of_tokens() {
        let rows = [TableRow { data: vec![("key", "0".into())], name: "<b>".into(), cells: vec!["1.00".into()] }];
        let html = table(&["word", "q·k"], &rows);
        assert!(html.contains("<tr data-key=\"0\"><th scope=\"row\">&lt;b&gt;</th><td>1.00</td></tr>"), "{html}");
        assert_eq!(html.matches("scope=\"col\"").count(), 2);
    }
}
