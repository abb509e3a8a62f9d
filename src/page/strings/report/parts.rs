//! Sentences about rows of other parts than the report's, and about labels that were corrected in them.

use super::sentences::count;
use crate::page::format::grouped;
use crate::page::report::Hindrance;
use crate::protocol::SplitPart;
use crate::protocol::labels::CorrectedRows;

/// Which rows the report speaks of, and whether they are still unseen: what is chosen by their figures makes the next ones too good.
pub(super) fn part_en(part: SplitPart, rows: u64, all: u64, looks: usize) -> String {
    // Answering takes long: of many rows some are drawn.
    let rows = if rows < all { format!("{rows} of the {}", count(all, "row", "rows")) } else { count(rows, "row", "rows") };
    match part {
        SplitPart::Test if looks < 2 => {
            format!("On {rows} that were kept for the test: the model has never seen them, and they were looked at this once.")
        }
        SplitPart::Test => format!(
            "On {rows} that were kept for the test: the model has never learned from them, but this is report number {looks} on them. Whoever chooses settings by such reports makes \
             them too good: for the last word, draw other parts."
        ),
        SplitPart::Validation => format!("On the {rows} kept for validation."),
        SplitPart::Training | SplitPart::LeftOut => format!("On {rows}."),
    }
}

/// What was corrected, and what comes of it.
pub(super) fn corrected_en(corrected: CorrectedRows) -> String {
    let CorrectedRows { rows, training } = corrected;
    let labels = count(rows, "label", "labels");
    if training == 0 {
        return format!(
            "{labels} corrected, in rows that are only measured by: that changes what the model is held against, not what it learns. Look through the rows that it learned from as well."
        );
    }
    let of_them = if training < rows { format!("{training} of them ") } else { String::new() };
    format!("{labels} corrected, {of_them}in rows that are learned from. The report stays as it was until the model has learned on.")
}

/// Why it cannot learn on, and what can be done.
pub(super) fn learn_on_not_en(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::AnotherModel => {
            "The task, the model or how texts are read is set otherwise now, so the model cannot go on from here. Reset and Play learn anew, from the corrected labels."
        }
        Hindrance::OtherClasses => {
            "The table has other classes now, so the model cannot go on from here. Reset and Play learn anew, from the corrected labels."
        }
        Hindrance::Nothing => "Nothing can be learned from the table as it is now: see in column 1 what was noticed.",
    }
}

/// The name of a part on its button.
pub(super) fn part_name_en(part: SplitPart) -> &'static str {
    match part {
        SplitPart::Test => "Test",
        SplitPart::Validation => "Validation",
        SplitPart::Training => "Learned from",
        SplitPart::LeftOut => "Left out",
    }
}

/// What the rows of such a part are; of how many they were drawn.
pub(super) fn part_how_en(part: SplitPart, rows: u64, all: u64) -> String {
    let drawn = if rows < all { format!(" {} of {} were drawn.", grouped(rows), count(all, "row", "rows")) } else { String::new() };
    match part {
        SplitPart::Training => format!(
            "The model has learned from these rows; the hardest for it come first. What it still calls otherwise may have a wrong label: correct it, and let it learn on.{drawn}"
        ),
        SplitPart::Validation => format!("The best epoch was chosen by these rows; the worst come first.{drawn}"),
        SplitPart::Test | SplitPart::LeftOut => format!("The worst come first.{drawn}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_was_looked_at_before_is_called_so() {
        let said = |looks| part_en(SplitPart::Test, 40, 40, looks);
        assert!(said(1).ends_with("looked at this once.") && said(3).contains("report number 3 on them"));
        assert!(part_en(SplitPart::Test, 200, 900, 1).starts_with("On 200 of the 900 rows"));
    }

    #[test]
    fn what_a_correction_does_depends_on_where_it_is() {
        let said = |rows, training| corrected_en(CorrectedRows { rows, training });
        assert!(said(1, 0).starts_with("1 label corrected, in rows that are only measured by"));
        assert!(said(3, 2).starts_with("3 labels corrected, 2 of them in rows that are learned from"));
        assert!(said(2, 2).starts_with("2 labels corrected, in rows that are learned from"));
        assert!(part_how_en(SplitPart::Training, 2_000, 20_000).ends_with("2,000 of 20,000 rows were drawn."));
    }
}
