//! The loop of the worker: messages in, one piece of work, a breath for the browser, and again.
//!
//! The breath is a message to oneself over a channel: a macrotask, so that the page's messages are delivered in between, and without the
//! delay that browsers put on nested timers.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent};

use super::browser::{Browser, post, read, scope};
use super::pausing::Pausing;
use super::{Session, Tick};
use crate::protocol::{Event, Fault, FaultCode, NextAction, Packet, VERSION};

/// Things that arrive, and who waits for them.
struct Inbox<T> {
    items: VecDeque<T>,
    waker: Option<Waker>,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), waker: None }
    }
}

type Shared<T> = Rc<RefCell<Inbox<T>>>;

fn put<T>(inbox: &Shared<T>, item: T) {
    let mut inbox = inbox.borrow_mut();
    inbox.items.push_back(item);
    if let Some(waker) = inbox.waker.take() {
        waker.wake();
    }
}

/// Waits until something is there.
async fn wait_for<T>(inbox: &Shared<T>) {
    poll_fn(|context| {
        let mut inbox = inbox.borrow_mut();
        if !inbox.items.is_empty() {
            return Poll::Ready(());
        }
        inbox.waker = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}

/// Gives the browser's event loop a turn.
struct Breather {
    channel: MessageChannel,
    echoes: Shared<()>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

impl Breather {
    fn new() -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let echoes = Shared::<()>::default();
        let heard = echoes.clone();
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |_| put(&heard, ()));
        channel.port1().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { channel, echoes, _listener: listener })
    }

    async fn breathe(&self) {
        if self.channel.port2().post_message(&JsValue::NULL).is_ok() {
            wait_for(&self.echoes).await;
            self.echoes.borrow_mut().items.clear();
        }
    }
}

/// Tells the page of a panic before it ends the worker.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        let fault = Fault::new(FaultCode::WorkerCrashed, NextAction::ResumeFromCheckpoint, info.to_string());
        post(&Event::Fault { request: None, run: None, fault }, &[]);
    }));
}

/// Starts the engine in the worker that this runs in. Call it once.
///
/// # Errors
/// When the browser has no message channels.
pub fn run() -> Result<(), JsValue> {
    report_panics();
    let inbox = Shared::<Packet>::default();
    let pausing = Rc::<Pausing>::default();
    let (arriving, early) = (inbox.clone(), pausing.clone());
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(packet) = read(&event.data()) else { return };
        if let Some(answer) = early.arrived(&packet) {
            post(&answer, &[]);
        }
        put(&arriving, packet);
    });
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    listener.forget();
    let breather = Breather::new()?;
    post(&Event::Ready { version: VERSION }, &[]);
    wasm_bindgen_futures::spawn_local(converse(Session::new(Browser { pausing }), inbox, breather));
    Ok(())
}

async fn converse(mut session: Session<Browser>, inbox: Shared<Packet>, breather: Breather) {
    loop {
        loop {
            // Not borrowed while the command is followed: more may arrive.
            let packet = inbox.borrow_mut().items.pop_front();
            let Some(packet) = packet else { break };
            session.handle(packet).await;
        }
        match session.tick(wait_for(&inbox)).await {
            Tick::Busy => breather.breathe().await,
            Tick::Idle => wait_for(&inbox).await,
        }
    }
}
