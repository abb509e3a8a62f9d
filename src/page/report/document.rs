//! The report as a document: Markdown to read, JSON to compute with.
//!
//! In: the report, the epochs, the settings, records of the judged rows. Out: text. Absent: the download.

mod settings;

use super::calibration::Calibrated;
use super::duel::{duels, headlines};
use super::epochs::table::{EpochRow, heads, rows};
use super::records::Record;
use crate::page::format::percent;
use crate::page::strings::report::{estimate_of, interval_of, range_of, words};
use crate::protocol::labels::{EpochReport, LabelConfig, LabelReport, ScoreLine, TaskFigures};
use serde::Serialize;
use settings::write_settings;
use std::fmt::Write;

/// Everything that is known, in one object.
#[derive(Serialize)]
struct Everything<'a> {
    title: &'a str,
    settings: Option<&'a LabelConfig>,
    learning_rate_set_last: Option<f64>,
    reports_on_these_rows: usize,
    epochs: &'a [EpochReport],
    report: &'a LabelReport,
    predictions: &'a [Record],
}

/// The whole report as JSON.
///
/// # Errors
/// When a number has no form in JSON; the report's own have.
pub fn json(report: &LabelReport, epochs: &[EpochReport], about: &About, predictions: &[Record]) -> Result<String, serde_json::Error> {
    let &About { title, settings, rate, looks } = about;
    let (learning_rate_set_last, reports_on_these_rows) = (rate, looks);
    serde_json::to_string_pretty(&Everything {
        title,
        settings,
        learning_rate_set_last,
        reports_on_these_rows,
        epochs,
        report,
        predictions,
    })
}

/// What a document says of a report beside its figures.
#[derive(Default)]
pub struct About<'a> {
    /// Names the table.
    pub title: &'a str,
    /// As planned.
    pub settings: Option<&'a LabelConfig>,
    /// The learning rate that was set last while the run went on, where it is another one.
    pub rate: Option<f64>,
    /// Reports of this visit on the same rows, this one included.
    pub looks: usize,
}

/// The report as Markdown.
pub fn markdown(report: &LabelReport, epochs: &[EpochReport], about: &About) -> String {
    let mut text = String::with_capacity(4_096);
    // Writing to a string cannot fail.
    let _ = write_markdown(&mut text, report, epochs, about);
    let _ = about.settings.map(|settings| write_settings(&mut text, settings, about.rate));
    text
}

fn write_markdown(text: &mut String, report: &LabelReport, epochs: &[EpochReport], about: &About) -> std::fmt::Result {
    let own = words();
    writeln!(text, "# {}: {}\n", own.title, inline(about.title))?;
    writeln!(text, "{}", (own.part)(report.part, report.rows, report.part_rows, about.looks))?;
    if report.part == crate::protocol::SplitPart::Validation {
        writeln!(text, "\n**{}**", own.part_warning)?;
    }
    writeln!(text, "\n| | | 95 % |\n| --- | ---: | :---: |")?;
    for (name, figure) in headlines(&report.figures) {
        let (plain, term) = (own.figure)(name);
        writeln!(text, "| {plain} ({term}) | {} | {} |", estimate_of(name, figure), range_of(name, figure))?;
    }
    writeln!(text, "| {} | {:.3} | |", own.loss, report.loss)?;
    write_figures(text, &report.figures)?;
    write_calibration(text, &report.figures)?;
    if !report.baselines.is_empty() {
        let (name, ours) = report.figures.headline();
        writeln!(text, "\n## {}\n\n| | {} |\n| --- | :---: |", own.baselines, (own.figure)(name).1)?;
        writeln!(text, "| {} | {} |", own.the_model, interval_of(name, ours))?;
        for baseline in &report.baselines {
            writeln!(text, "| {} | {} |", (own.baseline)(baseline.kind), interval_of(name, baseline.figures.headline().1))?;
        }
        for duel in duels(report) {
            writeln!(text, "\n{}", (own.duel)(&duel, name))?;
        }
    }
    write_epochs(text, epochs, report.best_epoch)
}

fn write_figures(text: &mut String, figures: &TaskFigures) -> std::fmt::Result {
    let own = words();
    match figures {
        TaskFigures::Classes(figures) => {
            let quality = &figures.quality;
            write_lines(text, &quality.classes, &[&quality.macro_average, &quality.weighted_average])?;
            write_text(text, &quality.text)?;
            writeln!(text, "\n## {}\n\n{}\n", own.matrix, own.matrix_how)?;
            let names: Vec<String> = figures.classes.iter().map(|name| inline(name)).collect();
            writeln!(text, "| | {} |\n| --- |{}", names.join(" | "), " ---: |".repeat(names.len()))?;
            for (name, row) in names.iter().zip(&quality.confusion) {
                let counts: Vec<String> = row.iter().map(ToString::to_string).collect();
                writeln!(text, "| **{name}** | {} |", counts.join(" | "))?;
            }
            Ok(())
        }
        TaskFigures::Several(figures) => {
            let averages = [&figures.micro_average, &figures.macro_average, &figures.weighted_average, &figures.samples_average];
            write_lines(text, &figures.lines, &averages)?;
            write_text(text, &figures.text)?;
            let heads = own.label_columns.join(" | ");
            writeln!(text, "\n## {}\n\n| | {heads} |\n| --- | ---: | ---: | ---: | ---: |", own.labels_table)?;
            for (name, [[neither, given], [missed, found]]) in figures.classes.iter().zip(&figures.confusion) {
                writeln!(text, "| **{}** | {found} | {missed} | {given} | {neither} |", inline(name))?;
            }
            Ok(())
        }
        TaskFigures::Spans(figures) => {
            write_lines(text, &figures.types, &[&figures.micro_average, &figures.macro_average, &figures.weighted_average])?;
            write_text(text, &figures.text)
        }
        TaskFigures::Score(_) | TaskFigures::Texts(_) => Ok(()),
    }
}

fn write_lines(text: &mut String, lines: &[ScoreLine], averages: &[&ScoreLine]) -> std::fmt::Result {
    let own = words();
    let [precision, recall, f1, support] = own.columns.map(|(_, term)| term);
    writeln!(text, "\n## {}\n\n| | {precision} | {recall} | {f1} | {support} |\n| --- | ---: | ---: | ---: | ---: |", own.table)?;
    for line in lines.iter().chain(averages.iter().copied()) {
        let name = inline(&line.name);
        writeln!(text, "| {name} | {:.2} | {:.2} | {:.2} | {} |", line.precision, line.recall, line.f1, line.support)?;
    }
    Ok(())
}

/// The sentence, and bins with rows in them.
fn write_calibration(text: &mut String, figures: &TaskFigures) -> std::fmt::Result {
    let own = words();
    let Some((calibrated, bins)) = Calibrated::of(figures) else { return Ok(()) };
    writeln!(text, "\n## {}\n\n{}", own.calibration, (own.calibrated)(&calibrated).concat())?;
    let heads = (own.calibration_terms)(calibrated.of_labels).bin.join(" | ");
    writeln!(text, "\n| {heads} |\n| --- | ---: | ---: | ---: |")?;
    let share = |value: Option<f64>| value.map_or_else(|| "\u{2013}".to_owned(), percent);
    for bin in bins.iter().filter(|bin| bin.rows > 0) {
        let range = format!("{}\u{2013}{}", percent(bin.low), percent(bin.high));
        writeln!(text, "| {range} | {} | {} | {} |", share(bin.confidence), share(bin.accuracy), bin.rows)?;
    }
    Ok(())
}

fn write_text(text: &mut String, printed: &str) -> std::fmt::Result {
    writeln!(text, "\n```text\n{}\n```", printed.trim_end_matches('\n'))
}

fn write_epochs(text: &mut String, epochs: &[EpochReport], best: u32) -> std::fmt::Result {
    if epochs.is_empty() {
        return Ok(());
    }
    let own = words();
    let heads = heads(epochs);
    writeln!(text, "\n## {}\n\n| {} | {} |\n| ---: |{}", own.epochs, own.epoch, heads.join(" | "), " ---: |".repeat(heads.len()))?;
    for EpochRow { epoch, best, cells } in rows(epochs, Some(best)) {
        let mark = if best { format!(" ({})", own.best) } else { String::new() };
        writeln!(text, "| {epoch}{mark} | {} |", cells.join(" | "))?;
    }
    Ok(())
}

/// A name within a line or a table: nothing in it is markup.
fn inline(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '\n' | '\r' | '\t' => safe.push(' '),
            '|' | '*' | '_' | '`' | '\\' | '<' | '[' | ']' | '#' => safe.extend(['\\', letter]),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::epochs::tests::epoch;
    use super::super::judged::Judged;
    use super::super::records::records;
    use super::super::samples::{classes, score, several, spans, tags, texts};
    use super::*;
    use crate::page::label_link::tests::config;
    use crate::protocol::{SplitPart, TableTask};
    use std::collections::HashMap;

    #[test]
    fn the_document_has_every_part_of_the_report() {
        let text = markdown(
            &classes().report,
            &[epoch(0, 0.25, true), epoch(3, 0.5, true)],
            &About { title: "film | reviews", settings: Some(&config(TableTask::Classify)), rate: Some(2e-4), looks: 1 },
        );
        for part in [
            "# Report: film \\| reviews",
            "| rows that are right (accuracy) | 0.67 | 0.30 to 1.00 |",
            "| good | 0.67 | 0.67 | 0.67 | 3 |",
            "```text\n              precision",
            "| **bad** | 1 | 2 |",
            "expected calibration error 0.200",
            "| 75\u{a0}%\u{2013}100\u{a0}% | 80\u{a0}% | 100\u{a0}% | 2 |",
            "## Settings",
            "too few rows to tell whether the Transformer is better than counting words",
            "| epoch | loss, training | loss, validation | macro F1, training | macro F1, validation |",
            "| 0 | 0.650 | 0.750 | 0.35 | 0.25 |",
            "| 3 (best) | 0.400 | 0.500 | 0.60 | 0.50 |",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains(words().part_warning));
    }

    #[test]
    fn figures_on_the_validation_part_carry_their_warning() {
        let mut report = classes().report;
        report.part = SplitPart::Validation;
        assert!(markdown(&report, &[], &About::default()).contains(words().part_warning));
    }

    #[test]
    fn every_task_has_a_document_with_its_headline() {
        for stored in [classes(), several(), score(), spans(), tags(), texts()] {
            let (name, figure) = stored.report.figures.headline();
            let text = markdown(&stored.report, &[], &About::default());
            assert!(text.contains((words().figure)(name).1) && text.contains(&estimate_of(name, figure)), "{text}");
        }
    }

    #[test]
    fn each_of_several_labels_has_its_four_counts() {
        let text = markdown(&several().report, &[], &About::default());
        assert!(
            text.contains("| | found | missed | wrongly given | rightly not given |") && text.contains("| **b** | 1 | 1 | 0 | 0 |"),
            "{text}"
        );
    }

    #[test]
    fn json_reads_back_as_the_same_report() {
        let stored = classes();
        let names = ["good", "bad"].map(str::to_owned);
        let predictions = records(&Judged::of(&stored).unwrap(), &names, &HashMap::new()).collect::<Vec<Record>>();
        let text =
            json(&stored.report, &[epoch(1, 0.5, true)], &About { title: "films", rate: Some(2e-4), ..About::default() }, &predictions)
                .unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<LabelReport>(value["report"].clone()).unwrap(), stored.report);
        assert_eq!((value["predictions"].as_array().map(Vec::len), &value["predictions"][5]["label"]), (Some(6), &"good".into()));
        assert_eq!(value["epochs"][0]["epoch"], 1);
        assert_eq!((&value["title"], &value["learning_rate_set_last"]), (&"films".into(), &2e-4.into()));
    }
}
