//! How the model as it is now answers the rows of a part, beside what they are: as the report at the end, without what must be beaten, whenever somebody wants to
//! know. A training row that is answered wrongly, though it was learned from, is the likeliest to be labelled wrongly itself.

use super::super::Session;
use super::super::breath::Job;
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::judge::{Judge, Sample};
use super::predict::Predicting;
use super::report::{Closing, Course, close};
use crate::protocol::labels::LabelAnswer;
use crate::protocol::{Fault, Sealed, SplitPart};

async fn answer(judge: Judge, part: SplitPart, course: Course, run: u32, step: u32) -> Result<LabelAnswer, Fault> {
    let sample = Sample::of_part(&judge.prepared, part);
    match close(judge, sample, course).await? {
        Some(Closing { report, buffers }) => Ok(LabelAnswer::PartJudged { run, step, report: Sealed::of(&report), buffers }),
        None => Err(out_of_turn("there is no row in this part")),
    }
}

impl<H: Host> Session<H> {
    /// Judges rows of a part. No step is taken meanwhile.
    pub(super) async fn judge_part(&mut self, request: u32, part: SplitPart) -> Result<(), Fault> {
        if self.is_asked(request) {
            return Ok(());
        }
        let (judge, run, step) = self.judge().await?;
        let course = self.labels.run.as_ref().map_or_else(Course::default, |run| run.course());
        let job = Job::new(judge.breath.clone(), answer(judge, part, course, run, step));
        self.labels.predicting.push_back(Predicting { request, job });
        Ok(())
    }
}
