//! Long work in small pieces: a job is a future that takes a breath between two pieces, and the session polls it one piece at a time, so
//! that commands are heard in between.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Handed to a job; clones speak of the same job.
#[derive(Debug, Clone, Default)]
pub struct Breath(Rc<Cell<bool>>);

impl Breath {
    /// Lets the session answer commands before the job goes on.
    pub async fn take(&self) {
        self.0.set(true);
        let mut waited = false;
        std::future::poll_fn(|context| {
            if waited {
                return Poll::Ready(());
            }
            waited = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    fn taken(&self) -> bool {
        self.0.replace(false)
    }
}

/// What came of polling a job once more.
pub enum Progress<T> {
    /// It took a breath; there is more to do.
    More,
    /// It waits for something outside, and the interruption came first.
    Interrupted,
    Done(T),
}

/// A job under way.
pub struct Job<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    breath: Breath,
}

impl<T> Job<T> {
    /// Work that was given this breath. Dropping the job ends it.
    pub fn new(breath: Breath, future: impl Future<Output = T> + 'static) -> Self {
        Self { future: Box::pin(future), breath }
    }

    /// Goes on until the next breath, the end, or until `interrupt` is ready while the job waits.
    pub async fn advance(&mut self, interrupt: impl Future<Output = ()>) -> Progress<T> {
        let mut interrupt = std::pin::pin!(interrupt);
        std::future::poll_fn(move |context: &mut Context| match self.future.as_mut().poll(context) {
            Poll::Ready(value) => Poll::Ready(Progress::Done(value)),
            Poll::Pending if self.breath.taken() => Poll::Ready(Progress::More),
            Poll::Pending => interrupt.as_mut().poll(context).map(|()| Progress::Interrupted),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use std::future::{pending, ready};

    #[test]
    fn a_job_stops_at_each_breath_and_ends_with_its_value() {
        let breath = Breath::default();
        let inside = breath.clone();
        let mut job = Job::new(breath, async move {
            inside.take().await;
            inside.take().await;
            7
        });
        assert!(matches!(block_on(job.advance(pending())), Progress::More));
        assert!(matches!(block_on(job.advance(pending())), Progress::More));
        assert!(matches!(block_on(job.advance(pending())), Progress::Done(7)));
    }

    #[test]
    fn a_job_that_waits_can_be_interrupted_and_goes_on_later() {
        let (sender, receiver) = futures::channel::oneshot::channel::<u32>();
        let mut job = Job::new(Breath::default(), receiver);
        assert!(matches!(block_on(job.advance(ready(()))), Progress::Interrupted));
        sender.send(3).unwrap();
        assert!(matches!(block_on(job.advance(pending())), Progress::Done(Ok(3))));
    }
}
