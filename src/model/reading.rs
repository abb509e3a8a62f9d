//! Reads that were begun are ended, whether or not anybody still waits for them.
//!
//! A graphics card hands values out through buffers that burn lends to a read and takes back when the read's future goes. A future that is dropped while
//! its buffer is being mapped gives the buffer back too early: the mapping goes on, and the next read that is lent the same buffer fails. Here such a
//! future is kept until its mapping is over. In: a future that reads. Out: what it reads. Absent: what is read (`parameters`).

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

type Left = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// Reads that nobody waits for any more.
    static LEFT: RefCell<Vec<Left>> = const { RefCell::new(Vec::new()) };
}

/// Waits for a read. Where this future is dropped before its end, the read goes on by itself, and is let go of when a later one begins after its end.
pub async fn read_to_its_end<T: 'static>(read: impl Future<Output = T> + 'static) -> T {
    let_go_of_ended();
    Reading { read: Some(Box::pin(read)), begun: false }.await
}

/// Looks at every read that was left once. None of them is waited for: they hold buffers of their own.
fn let_go_of_ended() {
    let mut context = Context::from_waker(Waker::noop());
    // Not borrowed while a future is polled or dropped.
    let mut left = LEFT.take();
    left.retain_mut(|read| read.as_mut().poll(&mut context).is_pending());
    LEFT.with_borrow_mut(|list| list.append(&mut left));
}

struct Reading<T: 'static> {
    read: Option<Pin<Box<dyn Future<Output = T>>>>,
    begun: bool,
}

impl<T> Future for Reading<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.begun = true;
        let Some(read) = &mut self.read else { return Poll::Pending };
        let polled = read.as_mut().poll(context);
        if polled.is_ready() {
            self.read = None;
        }
        polled
    }
}

impl<T: 'static> Drop for Reading<T> {
    fn drop(&mut self) {
        // One that was never begun holds nothing.
        let Some(read) = self.read.take().filter(|_| self.begun) else { return };
        // A thread that ends takes everything with it.
        let _ = LEFT.try_with(|list| list.borrow_mut().push(Box::pin(async move { drop(read.await) })));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::oneshot::{Sender, channel};
    use futures::executor::block_on;
    use futures::future::FutureExt;
    use std::rc::Rc;

    /// A read that holds a buffer until its values have come.
    fn read(buffer: Rc<()>) -> (Sender<u32>, impl Future<Output = u32>) {
        let (values, come) = channel();
        let read = read_to_its_end(async move {
            let values = come.await.unwrap_or_default();
            drop(buffer);
            values
        });
        (values, read)
    }

    #[test]
    fn a_read_gives_its_values() {
        let (values, read) = read(Rc::default());
        values.send(5).unwrap();
        assert_eq!(block_on(read), 5);
    }

    #[test]
    fn a_dropped_read_keeps_its_buffer_until_its_end() {
        let buffer = Rc::new(());
        let (values, dropped) = read(buffer.clone());
        let mut dropped = Box::pin(dropped);
        assert!(dropped.as_mut().now_or_never().is_none());
        drop(dropped);
        assert_eq!(block_on(read_to_its_end(async { 1 })), 1);
        assert_eq!(Rc::strong_count(&buffer), 2, "its mapping is not over");
        values.send(5).unwrap();
        assert_eq!(block_on(read_to_its_end(async { 2 })), 2);
        assert_eq!(Rc::strong_count(&buffer), 1);
    }

    #[test]
    fn one_that_was_not_begun_is_let_go_at_once() {
        let buffer = Rc::new(());
        drop(read(buffer.clone()).1);
        assert_eq!(Rc::strong_count(&buffer), 1);
    }
}
