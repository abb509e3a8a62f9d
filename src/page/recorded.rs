//! The recorded run that plays until the engine and the visitor are ready: the page is alive in its first second.
//!
//! In: `recorded/index.json`, a list of files (it may be empty), and the first of them: the events a real run sent, with their times.
//! Out: those events, at their pace, into the store. Absent: how a recording is made (the engine writes it).
//!
//! A recording is JSON: `{version, title, config, events: [{t_ms, head, buffers}]}`. `head` is an event as the engine sends it in base64, `buffers`
//! are base64 of the bytes that travelled with it.

use super::fetch;
use super::state::{Part, RunState, Store};
use crate::protocol::{Event, Packet, RunConfig};
use gloo_timers::future::TimeoutFuture;
use leptos::leptos_dom::helpers::window;
use leptos::task::spawn_local;
use serde::Deserialize;

/// Version of the recording's form.
pub const RECORDING_VERSION: u32 = 2;
/// Milliseconds between two updates.
const TICK_MILLIS: u32 = 100;

/// A recorded run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Recording {
    pub version: u32,
    pub title: String,
    /// The run's settings, in base64 as well.
    pub config: String,
    pub events: Vec<RecordedEvent>,
}

/// One event of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RecordedEvent {
    /// Milliseconds since the recording began.
    pub t_ms: f64,
    pub head: String,
    #[serde(default)]
    pub buffers: Vec<String>,
}

impl RecordedEvent {
    /// The event and its buffers; `None` where it cannot be read.
    pub fn read(&self) -> Option<(Event, Vec<Vec<u8>>)> {
        let buffers = self.buffers.iter().map(|text| base64(text)).collect::<Option<_>>()?;
        let packet = Packet { head: base64(&self.head)?, buffers };
        Some((packet.read().ok()?, packet.buffers))
    }
}

/// Plays the first recording, if there is one. A page without recordings works as well, so nothing is said when one cannot be had.
pub fn play(store: Store) {
    spawn_local(async move {
        let Ok(list) = fetch::json::<Vec<String>>("recorded/index.json").await else { return };
        let Some(first) = list.first() else { return };
        let Ok(recording) = fetch::json::<Recording>(&format!("recorded/{first}")).await else { return };
        if recording.version != RECORDING_VERSION {
            return;
        }
        let Some(config) = base64(&recording.config).and_then(|head| Packet { head, buffers: Vec::new() }.read::<RunConfig>().ok()) else {
            return;
        };
        store.change(|state| state.begin_recording(recording.title.clone(), config));
        // Whoever wants less motion sees the end at once.
        let still = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches());
        let mut events = recording.events.into_iter().peekable();
        let mut now = if still { f64::INFINITY } else { 0.0 };
        while events.peek().is_some() {
            store.change(|state| {
                let mut parts = super::state::Parts::NONE;
                while let Some(event) = events.next_if(|event| event.t_ms <= now) {
                    if let Some((event, buffers)) = event.read() {
                        parts = parts.and(state.apply_recorded(event, buffers));
                    }
                }
                parts
            });
            if store.peek(|state| state.recorded.is_none()) {
                return;
            }
            TimeoutFuture::new(TICK_MILLIS).await;
            now += f64::from(TICK_MILLIS);
        }
        store.change(end);
    });
}

fn end(state: &mut RunState) -> super::state::Parts {
    if let Some(recorded) = &mut state.recorded {
        recorded.ended = true;
    }
    Part::Source.into()
}

/// Bytes of standard base64 (RFC 4648), padding optional; `None` where it is something else.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AttentionFrame;

    /// Base64 without padding.
    fn to_base64(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let bit = |index: usize| bytes.get(index / 8).map_or(0, |byte| byte >> (7 - index % 8) & 1);
        let digits = (bytes.len() * 8).div_ceil(6);
        (0..digits).map(|digit| char::from(LETTERS[(0..6).fold(0, |value, at| value << 1 | usize::from(bit(digit * 6 + at)))])).collect()
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm9vYmE", b"fooba"), ("/+8A", b"\xff\xef\x00")]
        {
            assert_eq!(base64(text).as_deref(), Some(bytes), "{text}");
        }
        assert_eq!(base64("a b"), None);
    }

    #[test]
    fn an_event_is_read_with_its_bytes() {
        let frame = AttentionFrame { run: 1, step: 0, layers: 1, heads: 1, tokens: vec!["a".into()], loss: None };
        let head = to_base64(&Packet::new(&Event::Attention { frame }, Vec::new()).unwrap().head);
        let event = RecordedEvent { t_ms: 0.0, head, buffers: vec!["/w==".into()] };
        let (event, buffers) = event.read().unwrap();
        assert!(matches!(event, Event::Attention { .. }));
        assert_eq!(buffers, [[255]]);
        assert!(RecordedEvent { t_ms: 0.0, head: "{}".into(), buffers: vec![] }.read().is_none());
    }
}
