//! The scenarios' own tables, read in the page: comma-separated, quoted as RFC 4180 says. Visitors' tables are read by the engine.
//!
//! In: a file's text. Out: the cells of columns asked for by name. Absent: guessing at separators and encodings; these files are known.

/// Rows of cells. A quoted cell may hold commas, line ends and doubled quotes; empty lines are no rows.
fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            letter => cell.push(letter),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    rows
}

/// The cells of these columns, row by row. `None` where a column is not in the first row, or a row is too short for it.
pub fn columns<const N: usize>(text: &str, names: [&str; N]) -> Option<Vec<[String; N]>> {
    let mut rows = rows(text).into_iter();
    let head = rows.next()?;
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = head.iter().position(|column| column == name)?;
    }
    rows.map(|row| {
        let cells: Option<Vec<String>> = places.iter().map(|&place| row.get(place).cloned()).collect();
        cells?.try_into().ok()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_keep_commas_quotes_and_line_ends() {
        let text = "\u{feff}a,b\r\n\"one, \"\"two\"\"\",\"x\ny\"\r\n\r\nplain,\n";
        assert_eq!(rows(text), [vec!["a", "b"], vec!["one, \"two\"", "x\ny"], vec!["plain", ""]]);
    }

    #[test]
    fn columns_are_found_by_name_in_the_order_asked_for() {
        let text = "date,text,mood\n2025-03-03,Rain,neutral\n2025-03-04,Sun,positive";
        let found = columns(text, ["mood", "date"]).unwrap();
        assert_eq!(found, [["neutral", "2025-03-03"], ["positive", "2025-03-04"]].map(|row| row.map(str::to_owned)));
        assert_eq!(columns(text, ["topic"]), None);
        assert_eq!(columns("a,b\n1,2\n3", ["b"]), None);
    }

    #[test]
    fn the_scenarios_tables_are_read_whole() {
        let read = |path: &str| std::fs::read_to_string(format!("{}/static/scenarios/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(columns(&read("news/news.csv"), ["date", "text", "topic", "mood"]).unwrap().len(), 491);
        assert_eq!(columns(&read("recommender/pairs-sections.csv"), ["history", "title", "clicked", "split"]).unwrap().len(), 1_514);
    }
}
