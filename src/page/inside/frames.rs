//! The recorded history as a JSON file for other tools; its format is documented in docs/frames.md.
//!
//! In: stored frames. Out: text, in pieces, so that a long history is never one string. Absent: saving.

use crate::page::state::StoredFrame;
use crate::protocol::past::to_triangles;
use std::rc::Rc;

/// Name and version of the format.
pub const FORMAT: &str = "attune-attention-frames";
pub const VERSION: u32 = 1;

/// The file in pieces: its beginning, one piece per frame, its end. Nothing without frames.
pub fn pieces(frames: &[Rc<StoredFrame>]) -> Option<Vec<String>> {
    let first = &frames.first()?.head;
    let tokens = serde_json::to_string(&first.tokens).ok()?;
    let mut pieces = vec![format!(
        "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"layers\":{},\"heads\":{},\"tokens\":{tokens},\"frames\":[\n",
        first.layers, first.heads
    )];
    for (index, frame) in frames.iter().enumerate() {
        let loss = frame.head.loss.filter(|loss| loss.is_finite()).map_or_else(|| "null".to_owned(), |loss| loss.to_string());
        let weights = base64(&to_triangles(&frame.weights, first.tokens.len()));
        let comma = if index + 1 < frames.len() { "," } else { "" };
        pieces.push(format!("{{\"step\":{},\"loss\":{loss},\"weights\":\"{weights}\"}}{comma}\n", frame.head.step));
    }
    pieces.push("]}\n".to_owned());
    Some(pieces)
}

/// Standard base64 (RFC 4648) with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AttentionFrame;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm9vYmE=", b"fooba"), ("/+8A", b"\xff\xef\x00")]
        {
            assert_eq!(base64(bytes), text);
        }
    }

    #[test]
    fn the_file_is_json_with_the_causal_half_of_every_frame() {
        let frame = |step: u32, loss: Option<f32>| {
            let head = AttentionFrame { run: 1, step, layers: 1, heads: 1, tokens: vec!["\"a".into(), "b".into()], loss };
            Rc::new(StoredFrame { head, weights: vec![255, 0, 51, 204] })
        };
        let text = pieces(&[frame(0, Some(2.5)), frame(40, None)]).unwrap().concat();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((file["format"].as_str(), file["version"].as_u64(), file["tokens"][0].as_str()), (Some(FORMAT), Some(1), Some("\"a")));
        assert_eq!(file["frames"][1]["step"], 40);
        assert_eq!((file["frames"][0]["loss"].as_f64(), file["frames"][1]["loss"].is_null()), (Some(2.5), true));
        assert_eq!(file["frames"][0]["weights"], base64(&[255, 51, 204]));
        assert!(pieces(&[]).is_none());
    }
}
