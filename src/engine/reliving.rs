//! A past for a sentence that was pinned late: it is run again on the base model and on kept weights, in pieces and beside everything else.
//!
//! Kept weights stand still by themselves, so training goes on meanwhile and gives the pieces a part of recording's share of the time: on a device on
//! which one of them takes seconds the past grows slowly and the run does not stall. Where the run rests, they follow each other. The first weights come
//! first, then every eighth, fourth, second, and the page is told whenever there are twice as many. In: kept weights. Out: frames in the past.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use super::Session;
use super::breath::{Job, Progress};
use super::host::Host;
use super::run::Stage;
use crate::protocol::Fault;
use crate::protocol::past::FrameMark;

/// A frame with its maps as bytes `[layers, heads, t, t]`.
pub type Made = (FrameMark, Vec<u8>);

/// What a job has made and the session has not yet taken, and what the job waits for.
#[derive(Clone)]
pub struct Relived {
    made: Rc<RefCell<Vec<Made>>>,
    /// The base model is on its way, over the network perhaps: nothing is calculated, so there is no need to wait for it.
    pub fetches: Rc<Cell<bool>>,
}

impl Relived {
    /// Notes a frame.
    pub fn note(&self, mark: FrameMark, bytes: Vec<u8>) {
        self.made.borrow_mut().push((mark, bytes));
    }
}

struct UnderWay {
    job: Job<Result<(), Fault>>,
    relived: Relived,
    /// Seconds that the present piece has taken.
    spent: f64,
    /// Frames made, and those of them that the page has heard of.
    made: usize,
    told: usize,
}

/// What is to be relived, and how far it is.
#[derive(Default)]
pub struct Reliving {
    wanted: bool,
    under_way: Option<UnderWay>,
    /// Whose turn it is where there is other work and no training.
    steps_back: bool,
}

impl Reliving {
    /// From its beginning, for the sentence that is pinned now.
    pub fn want(&mut self) {
        *self = Self { wanted: true, ..Self::default() };
    }

    /// Lets go of what is under way, which began with another device or run; it will begin again.
    pub fn renew(&mut self) {
        if self.is_wanted() {
            self.want();
        }
    }

    fn is_wanted(&self) -> bool {
        self.wanted || self.under_way.is_some()
    }
}

/// Places `0..count` so that any first few are spread over all.
pub fn coarse_to_fine(count: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.trailing_zeros()));
    places
}

impl<H: Host> Session<H> {
    /// It is the past's turn.
    pub(super) fn relives_now(&mut self) -> bool {
        if !self.inside.reliving.is_wanted() {
            return false;
        }
        let now = self.host.now();
        if let Some(run) = self.run.as_ref().filter(|run| run.stage == Stage::Running) {
            return run.warm && run.pace.relive_due(now);
        }
        let alone = !self.run_has_work() && self.writing.is_none();
        let reliving = &mut self.inside.reliving;
        reliving.steps_back = !reliving.steps_back && !alone;
        !reliving.steps_back
    }

    /// One piece of it.
    pub(super) async fn relive_on(&mut self, interrupt: impl Future<Output = ()>) {
        let under_way = match self.inside.reliving.under_way.take() {
            Some(under_way) => Ok(under_way),
            None => {
                self.inside.reliving.wanted = false;
                self.begin_reliving().await
            }
        };
        let mut under_way = match under_way {
            Ok(under_way) => under_way,
            Err(fault) => return self.end_reliving(Err(fault)).await,
        };
        let busy = self.run_has_work() || self.writing.is_some();
        let began = self.host.now();
        let progress = if busy && under_way.relived.fetches.get() {
            under_way.job.advance(std::future::ready(())).await
        } else {
            under_way.job.advance(interrupt).await
        };
        let now = self.host.now();
        under_way.spent += now - began;
        let ended = match progress {
            Progress::Interrupted => {
                self.inside.reliving.under_way = Some(under_way);
                return;
            }
            Progress::More => None,
            Progress::Done(result) => Some(result),
        };
        if let Some(run) = &mut self.run {
            run.pace.relived(now, std::mem::take(&mut under_way.spent));
        }
        let frames = under_way.relived.made.take();
        under_way.made += frames.len();
        self.take_relived(frames);
        if under_way.made >= (2 * under_way.told).max(1) || ended.is_some() && under_way.made > under_way.told {
            under_way.told = under_way.made;
            self.say_past();
        }
        match ended {
            None => self.inside.reliving.under_way = Some(under_way),
            Some(result) => self.end_reliving(result).await,
        }
    }

    async fn begin_reliving(&mut self) -> Result<UnderWay, Fault> {
        let Some(subject) = self.subject().await? else { return Err(super::faults::out_of_turn("no model is ready yet")) };
        let inquiry = self.inquiry(subject).await?;
        let relived = Relived { made: Rc::default(), fetches: Rc::new(Cell::new(true)) };
        let job = Job::new(inquiry.shop.breath.clone(), inquiry.relive(relived.clone()));
        Ok(UnderWay { job, relived, spent: 0.0, made: 0, told: 0 })
    }

    /// All is relived, or the device failed. Nobody asked for the past by number: short of frames it is as good as complete.
    async fn end_reliving(&mut self, result: Result<(), Fault>) {
        if let Some(run) = &mut self.run {
            run.pace.all_relived();
        }
        if let (Err(_), Some(trouble)) = (&result, self.trouble()) {
            return self.lose_gpu(trouble).await;
        }
        self.save_relived();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_are_spread_over_all() {
        assert_eq!(coarse_to_fine(9), [0, 8, 4, 2, 6, 1, 3, 5, 7]);
        assert_eq!(coarse_to_fine(3), [0, 2, 1]);
        assert_eq!(coarse_to_fine(0), [] as [usize; 0]);
    }
}
