//! Labels that a visitor corrects in the open table, and going on with a trained model after that.
//!
//! The prepared run keeps the table that it was made from; what is prepared next is made from the corrected one.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Session;
use super::super::host::Host;
use super::prepare::LabelPrepared;
use super::table::{OpenTable, choose};
use crate::checkpoint::NamedTensor;
use crate::protocol::labels::{CorrectedRows, ExampleFacts, LabelAnswer, LabelChoice, LabelConfig};
use crate::protocol::{Fault, FaultCode, NextAction, SplitPart};
use crate::text::table::written_cells;

/// Rows that one correction may name.
const MOST_ROWS: usize = 10_000;

fn refused(detail: impl Into<String>) -> Fault {
    Fault::new(FaultCode::SettingsRefused, NextAction::None, detail)
}

/// A trained model that the next run begins with.
pub struct Carried {
    /// What it was trained from.
    pub from: Rc<LabelPrepared>,
    /// All its weights, the head's last.
    pub weights: Vec<NamedTensor>,
}

/// The examples of a choice, and what was corrected in them since a run was prepared.
///
/// # Errors
/// As for [`choose`].
pub fn facts_beside(open: &OpenTable, choice: &LabelChoice, prepared: Option<&LabelPrepared>) -> Result<ExampleFacts, Fault> {
    let facts = choose(&open.table, choice)?.facts(open.reading());
    let Some(prepared) = prepared.filter(|prepared| prepared.table.is_same(open)) else { return Ok(facts) };
    let rows = open.rows_unlike(&prepared.table);
    let learned = prepared.part(SplitPart::Training).into_iter().map(|number| prepared.chosen.examples.rows[number]);
    let training = learned.filter(|row| rows.contains(row)).count() as u64;
    Ok(ExampleFacts { corrected: CorrectedRows { rows: rows.len() as u64, training }, ..facts })
}

impl<H: Host> Session<H> {
    /// The model as it is now, for a run that begins with it.
    ///
    /// # Errors
    /// `SettingsRefused` where there is none, or where it would mean something else in the new run.
    pub(super) async fn carry(&mut self, open: &OpenTable, config: &LabelConfig) -> Result<Carried, Fault> {
        let Some(from) = self.labels.prepared.clone() else { return Err(refused("there is no model to go on from")) };
        let (before, config) = (&from.plan.config, config.clone().clamped());
        let same_task = before.choice.columns.task == config.choice.columns.task;
        if !same_task || before.start != config.start || before.pooling != config.pooling || before.pairs != config.pairs {
            return Err(refused("the model was trained for another task, from another base, or read its texts otherwise"));
        }
        let classes = choose(&open.table, &config.choice)?.examples.classes;
        if classes != from.plan.classes {
            return Err(refused(format!("the model knows the classes {:?}, the table has {classes:?}", from.plan.classes)));
        }
        let (model, from, ..) = self.label_model().await?;
        Ok(Carried { from, weights: model.read_values().await? })
    }

    /// Corrects labels of the open table; all of them, or none where one is refused.
    pub(super) fn relabel(&mut self, request: u32, rows: &[(u32, String)]) -> Result<(), Fault> {
        let open = self.table()?;
        let Some(choice) = self.labels.choice.clone() else { return Err(refused("no columns have been chosen")) };
        if rows.len() > MOST_ROWS {
            return Err(refused(format!("{} rows at once, at most {MOST_ROWS}", rows.len())));
        }
        // A report's rows are shown as the run's columns have them, and written back so; the choice on the page may be another one by now.
        let of_run = self.labels.prepared.as_ref().filter(|prepared| prepared.table.is_same(&open));
        let columns = of_run.map_or_else(|| choice.columns.clone(), |prepared| prepared.plan.config.choice.columns.clone());
        let mut cells = BTreeMap::new();
        for (row, label) in rows {
            if *row as usize >= open.table.rows() {
                return Err(refused(format!("the table has no row {row}: there are {}", open.table.rows())));
            }
            for (column, cell) in written_cells(&open.table, &columns, *row as usize, label)? {
                cells.insert((*row, column), cell);
            }
        }
        let corrected = open.corrected(cells)?;
        let facts = facts_beside(&corrected, &choice, self.labels.prepared.as_deref())?;
        self.labels.table = Some(Rc::new(corrected));
        if let Some(run) = self.labels.run.as_mut().filter(|run| run.prepared.table.is_same(&open)) {
            run.revision += 1;
            run.want_save();
        }
        self.answer(request, LabelAnswer::Examined { facts });
        Ok(())
    }
}
