//! Answers Pause the moment it arrives, even while the session waits for the device: the step under way ends in its own time, the page need not
//! wait for it.
//!
//! In: every packet as it arrives, every event before it is sent. Out: the answer, and which events to hold back so that nobody hears "running"
//! after "paused".

use std::cell::Cell;

use crate::protocol::{Command, Event, Packet, RunPhase};

/// What the page has been told of the run.
#[derive(Debug, Default)]
pub struct Pausing {
    /// The run that is going on, as far as the page knows.
    going: Cell<Option<u32>>,
    /// Pause was answered, and the session has not yet heard of it.
    answered: Cell<bool>,
}

impl Pausing {
    /// A packet has arrived; returns what to answer at once.
    pub fn arrived(&self, packet: &Packet) -> Option<Event> {
        let run = self.going.get()?;
        let pause = matches!(packet.read::<Command>(), Ok(Command::Pause));
        pause.then(|| {
            self.answered.set(true);
            Event::Phase { run, phase: RunPhase::Paused }
        })
    }

    /// Whether an event may be sent.
    pub fn allows(&self, event: &Event) -> bool {
        let Event::Phase { run, phase } = event else { return true };
        match phase {
            RunPhase::Running | RunPhase::Evaluating | RunPhase::WarmingUp { .. } => {
                self.going.set(Some(*run));
                !self.answered.get()
            }
            RunPhase::Paused | RunPhase::Finished { .. } => {
                self.going.set(None);
                self.answered.set(false);
                true
            }
            RunPhase::LoadingModel { .. } | RunPhase::Tokenizing | RunPhase::Measuring => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::StopReason;

    fn phase(phase: RunPhase) -> Event {
        Event::Phase { run: 3, phase }
    }

    #[test]
    fn a_pause_is_answered_at_once_and_not_taken_back() {
        let pausing = Pausing::default();
        let pause = Packet::new(&Command::Pause, vec![]).unwrap();
        assert_eq!(pausing.arrived(&pause), None, "nothing runs");
        assert!(pausing.allows(&phase(RunPhase::Running)));
        assert_eq!(pausing.arrived(&Packet::new(&Command::Save, vec![]).unwrap()), None);
        assert_eq!(pausing.arrived(&pause), Some(phase(RunPhase::Paused)));
        // The evaluation that was going on ends.
        assert!(!pausing.allows(&phase(RunPhase::Running)));
        assert!(pausing.allows(&Event::Ready { version: 1 }));
        // The session hears of the pause, and later of the visitor's wish to go on.
        assert!(pausing.allows(&phase(RunPhase::Paused)));
        assert_eq!(pausing.arrived(&pause), None);
        assert!(pausing.allows(&phase(RunPhase::Running)));
    }

    #[test]
    fn a_run_that_ends_instead_says_so() {
        let pausing = Pausing::default();
        assert!(pausing.allows(&phase(RunPhase::Evaluating)));
        pausing.arrived(&Packet::new(&Command::Pause, vec![]).unwrap());
        assert!(pausing.allows(&phase(RunPhase::Finished { reason: StopReason::AllSteps })));
        assert_eq!(pausing.arrived(&Packet::new(&Command::Pause, vec![]).unwrap()), None);
    }
}
