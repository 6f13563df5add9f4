//! Counting HTTP/2 frames that cost work and carry nothing.
//!
//! h2 bounds streams, header lists, and streams reset before they are worked on; it does not bound PING, SETTINGS,
//! PRIORITY and empty DATA (CVE-2019-9512, -9515, -9518), nor requests that are cancelled right after the app was asked
//! (CVE-2023-44487). This walks over frame headers only and judges nothing else.
//! WINDOW_UPDATE is not counted: a large download causes many, and each costs a few instructions.

use std::time::Duration;

use tokio::time::Instant;

/// RFC 9113 section 3.4: what a client sends before its first frame.
const PREFACE_BYTES: u64 = 24;
const HEADER_BYTES: usize = 9;
const WINDOW: Duration = Duration::from_secs(10);

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const WINDOW_UPDATE: u8 = 8;

/// Where in the stream of frames we are, and what was counted.
pub(super) struct FrameCounter {
    /// Bytes to pass over before the next frame header.
    skip: u64,
    header: [u8; HEADER_BYTES],
    header_filled: usize,
    window_began: Instant,
    counted: u32,
    counted_max: u32,
}

impl FrameCounter {
    pub(super) fn new(counted_max: u32, now: Instant) -> Self {
        Self {
            skip: PREFACE_BYTES,
            header: [0; HEADER_BYTES],
            header_filled: 0,
            window_began: now,
            counted: 0,
            counted_max,
        }
    }

    /// Looks at received bytes; false if there were too many empty frames.
    pub(super) fn see(&mut self, mut bytes: &[u8], now: Instant) -> bool {
        if now.saturating_duration_since(self.window_began) >= WINDOW {
            self.window_began = now;
            self.counted = 0;
        }
        while !bytes.is_empty() {
            if self.skip > 0 {
                let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
                bytes = bytes.get(passed..).unwrap_or_default();
                self.skip = self.skip.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
                continue;
            }
            let Some((first, rest)) = bytes.split_first() else { break };
            if let Some(place) = self.header.get_mut(self.header_filled) {
                *place = *first;
            }
            self.header_filled += 1;
            bytes = rest;
            if self.header_filled == HEADER_BYTES {
                self.header_filled = 0;
                self.count();
            }
        }
        self.counted <= self.counted_max
    }

    fn count(&mut self) {
        let [high, middle, low, kind, ..] = self.header;
        let length = u32::from_be_bytes([0, high, middle, low]);
        self.skip = u64::from(length);
        // HEADERS open streams, which are limited; a stream that is reset at once is counted by its RST_STREAM.
        let carries = match kind {
            DATA => length > 0,
            HEADERS | WINDOW_UPDATE => true,
            _ => false,
        };
        if !carries {
            self.counted = self.counted.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: u8) -> Vec<u8> {
        let mut frame = vec![0, 0, length, kind, 0, 0, 0, 0, 1];
        frame.extend(std::iter::repeat_n(0xaa, usize::from(length)));
        frame
    }

    #[test]
    fn empty_frames_are_counted_however_they_are_cut_into_reads() {
        let now = Instant::now();
        let mut stream = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        for (kind, length) in
            [(4, 6), (1, 20), (0, 200), (0, 0), (8, 4), (3, 4), (6, 8), (9, 5), (2, 5), (0x77, 0)]
        {
            stream.extend(frame(kind, length));
        }
        for piece in [1, 2, 7, 9, 64, stream.len()] {
            let mut counter = FrameCounter::new(7, now);
            assert!(stream.chunks(piece).all(|bytes| counter.see(bytes, now)), "pieces of {piece}");
            assert_eq!(counter.counted, 7, "pieces of {piece}");
            assert!(!counter.see(&frame(6, 8), now), "the eighth is too many");
        }
    }

    #[test]
    fn the_count_starts_again_after_ten_seconds() {
        let now = Instant::now();
        let mut counter = FrameCounter::new(2, now);
        counter.skip = 0;
        assert!(counter.see(&frame(6, 8), now) && counter.see(&frame(6, 8), now));
        assert!(counter.see(&frame(6, 8), now + WINDOW));
        assert_eq!(counter.counted, 1);
    }
}
