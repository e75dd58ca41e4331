//! What waits to be sent to a client: a queue of bounded size between whoever tells it of changes and its connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// Most bytes that wait for one client.
const MAX_BYTES: usize = 1 << 20;

/// Most frames that wait for one client.
const MAX_FRAMES: usize = 10_000;

/// Most bytes that wait for all clients together. Clients that read slowly share payloads, so it takes many different ones.
const MAX_TOTAL_BYTES: usize = 256 << 20;

/// Bytes that may wait for a client even when too many wait for all: others must not make it lose anything.
const FAIR_BYTES: usize = 64 * 1024;

/// What a frame takes beside its payload, in bytes, roughly.
const FRAME_OVERHEAD: usize = 64;

/// Bytes written to the connection at a time.
const CHUNK_BYTES: usize = 32 * 1024;

/// Bytes that wait for any client.
pub(super) type Total = Arc<AtomicUsize>;

/// An event on its way to one client; many clients share topic and payload.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Name of the event.
    pub(super) event: Arc<str>,
    /// Compact JSON.
    pub(super) data: Arc<[u8]>,
}

impl Frame {
    fn weight(&self) -> usize {
        FRAME_OVERHEAD + self.data.len()
    }

    /// Appends the frame as it goes over the wire.
    fn write(&self, client_id: &str, out: &mut Vec<u8>) {
        for (name, value) in
            [("id:", client_id.as_bytes()), ("\nevent:", self.event.as_bytes()), ("\ndata:", &self.data), ("\n\n", b"")]
        {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(value);
        }
    }
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It waits to be sent.
    Queued,
    /// There was no room: all that waited was dropped, and what was given instead waits now.
    Overflowed,
    /// The connection is gone.
    Closed,
}

/// The queue of one client.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    total: Total,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Frame>,
    bytes: usize,
    is_closed: bool,
    /// The connection, waiting for frames.
    reader: Option<Waker>,
    /// Whoever waits for room.
    writer: Option<Waker>,
}

impl Outbox {
    pub(super) fn new(total: Total) -> Self {
        Self { state: Mutex::default(), total }
    }

    /// Queues a frame. If there is no room, `instead` takes the place of everything that waits: the client was too slow.
    pub(super) fn push(&self, frame: Frame, instead: impl FnOnce() -> Frame) -> Pushed {
        let (pushed, reader) = self.push_quietly(frame, instead);
        if let Some(reader) = reader {
            reader.wake();
        }
        pushed
    }

    /// As [`push`](Self::push), but the connection is left to the caller to be woken.
    pub(super) fn push_quietly(&self, frame: Frame, instead: impl FnOnce() -> Frame) -> (Pushed, Option<Waker>) {
        let mut state = self.state.lock();
        if state.is_closed {
            return (Pushed::Closed, None);
        }
        let weight = frame.weight();
        let is_full = !state.frames.is_empty()
            && (state.bytes + weight > MAX_BYTES
                || state.frames.len() >= MAX_FRAMES
                || (state.bytes > FAIR_BYTES && self.total.load(Ordering::Relaxed) + weight > MAX_TOTAL_BYTES));
        let pushed = if is_full {
            self.clear(&mut state);
            self.append(&mut state, instead());
            Pushed::Overflowed
        } else {
            self.append(&mut state, frame);
            Pushed::Queued
        };
        (pushed, state.reader.take())
    }

    fn append(&self, state: &mut State, frame: Frame) {
        state.bytes += frame.weight();
        self.total.fetch_add(frame.weight(), Ordering::Relaxed);
        state.frames.push_back(frame);
    }

    fn clear(&self, state: &mut State) {
        state.frames.clear();
        self.total.fetch_sub(state.bytes, Ordering::Relaxed);
        state.bytes = 0;
    }

    /// The next bytes for the connection; `None` once the queue is closed.
    pub(super) fn poll_bytes(&self, client_id: &str, context: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        let mut state = self.state.lock();
        if state.is_closed {
            return Poll::Ready(None);
        }
        if state.frames.is_empty() {
            state.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let expected = |frame: &Frame| 32 + client_id.len() + frame.event.len() + frame.data.len();
        let capacity: usize = state.frames.iter().map(expected).take(CHUNK_BYTES / 128).sum();
        let mut out = Vec::with_capacity(capacity.min(2 * CHUNK_BYTES));
        while out.len() < CHUNK_BYTES
            && let Some(frame) = state.frames.pop_front()
        {
            state.bytes -= frame.weight();
            self.total.fetch_sub(frame.weight(), Ordering::Relaxed);
            frame.write(client_id, &mut out);
        }
        if state.frames.is_empty() {
            // Most clients are idle most of the time.
            state.frames = VecDeque::new();
        }
        let writer = if state.bytes <= MAX_BYTES / 2 { state.writer.take() } else { None };
        drop(state);
        if let Some(writer) = writer {
            writer.wake();
        }
        Poll::Ready(Some(out))
    }

    /// Ready once at least half of the room is free, or the queue is closed.
    pub(super) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        if state.is_closed || (state.bytes <= MAX_BYTES / 2 && state.frames.len() <= MAX_FRAMES / 2) {
            return Poll::Ready(());
        }
        let displaced = state.writer.replace(context.waker().clone());
        drop(state);
        // Another task of the same client, which has to find out that it is one too many.
        if let Some(displaced) = displaced.filter(|waker| !waker.will_wake(context.waker())) {
            displaced.wake();
        }
        Poll::Pending
    }

    /// Drops what waits and ends the connection.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        self.clear(&mut state);
        let wakers = [state.reader.take(), state.writer.take()];
        drop(state);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.total.fetch_sub(self.state.get_mut().bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, bytes: usize) -> Frame {
        Frame { event: event.into(), data: vec![b'x'; bytes].into() }
    }

    fn poll(outbox: &Outbox) -> Poll<Option<String>> {
        let mut context = Context::from_waker(Waker::noop());
        outbox.poll_bytes("me", &mut context).map(|bytes| bytes.map(|bytes| String::from_utf8(bytes).unwrap()))
    }

    fn resync() -> Frame {
        frame("@resync", 1)
    }

    #[test]
    fn frames_are_sent_in_order_and_together() {
        let outbox = Outbox::new(Total::default());
        assert!(poll(&outbox).is_pending());
        for event in ["a", "b"] {
            assert_eq!(outbox.push(frame(event, 2), resync), Pushed::Queued);
        }
        assert_eq!(poll(&outbox), Poll::Ready(Some("id:me\nevent:a\ndata:xx\n\nid:me\nevent:b\ndata:xx\n\n".into())));
        assert!(poll(&outbox).is_pending());
        outbox.close();
        assert_eq!(poll(&outbox), Poll::Ready(None));
        assert_eq!(outbox.push(frame("c", 1), resync), Pushed::Closed);
    }

    #[test]
    fn a_slow_reader_has_a_bounded_queue() {
        let total = Total::default();
        let outbox = Outbox::new(total.clone());
        let mut overflows = 0;
        for _ in 0..1000 {
            overflows += usize::from(outbox.push(frame("a", 10_000), resync) == Pushed::Overflowed);
            assert!(total.load(Ordering::Relaxed) <= MAX_BYTES);
        }
        assert!(overflows > 5, "{overflows}");
        let Poll::Ready(Some(text)) = poll(&outbox) else { panic!() };
        assert!(text.starts_with("id:me\nevent:@resync\n"), "what came after the overflow follows what tells of it");
        drop(outbox);
        assert_eq!(total.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn one_frame_may_be_larger_than_the_queue() {
        let outbox = Outbox::new(Total::default());
        assert_eq!(outbox.push(frame("a", 2 * MAX_BYTES), resync), Pushed::Queued);
        assert_eq!(outbox.push(frame("b", 1), resync), Pushed::Overflowed);
    }

    #[test]
    fn room_is_awaited() {
        let outbox = Outbox::new(Total::default());
        let mut context = Context::from_waker(Waker::noop());
        assert!(outbox.poll_room(&mut context).is_ready());
        while outbox.state.lock().bytes <= MAX_BYTES / 2 {
            outbox.push(frame("a", 10_000), resync);
        }
        assert!(outbox.poll_room(&mut context).is_pending());
        while outbox.state.lock().bytes > MAX_BYTES / 2 {
            assert!(poll(&outbox).is_ready());
        }
        assert!(outbox.poll_room(&mut context).is_ready());
    }
}
