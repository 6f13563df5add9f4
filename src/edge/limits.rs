//! Every number of the edge, with its unit in the name and its reason beside it.
//!
//! Not here: rate limits per account or per act, and what a form may hold; those belong to the app.
//! The reader of these numbers is `clock.rs`; a test shortens them by changing the struct, never the constants.

use std::time::Duration;

/// A phone on a 2G link needs about 2 s for three round trips; five leave room for one lost packet.
const HANDSHAKE_SECONDS: u64 = 5;
/// A connection that has said nothing after its handshake is a browser's preconnect or an attack; both can come back.
const FIRST_BYTE_SECONDS: u64 = 5;
/// 16 KiB of head at 2 KB/s is 8 s. Slower than that is a slow-header attack.
const HEAD_SECONDS: u64 = 10;
/// One ordinary request, from its head to the head of the answer.
const REQUEST_SECONDS: u64 = 60;
/// 100 MiB over a 2 Mbit/s uplink of a farmhouse takes 7 minutes.
const UPLOAD_SECONDS: u64 = 600;
/// A body may be late by this much before its rate counts: a phone changing cells is silent for several seconds.
const BODY_GRACE_SECONDS: u64 = 10;
/// A quarter of what GPRS delivers; below it only attacks are found.
const BODY_RATE_BYTES_PER_SECOND: u64 = 1024;
/// Long enough for reading a page and pressing the next button often; short enough that 2,000 slots turn over.
const IDLE_SECONDS: u64 = 15;
/// Not one byte taken by the client's side in this time: it is gone, or holds our memory on purpose.
const WRITE_STALL_SECONDS: u64 = 20;
/// After a refusal the rest of the request is read and dropped this long, so that the client sees the answer and not a
/// connection reset.
const LINGER_SECONDS: u64 = 2;
/// How much of such a rest is read before the connection is dropped anyway.
const LINGER_BYTES_MAX: usize = 1024 * 1024;
/// Stop waits this long for answers in flight. systemd's own limit must be longer.
const STOP_GRACE_SECONDS: u64 = 20;
/// Certificate files are compared this often: renewal must not need a person.
const RELOAD_POLL_SECONDS: u64 = 30;

/// All public connections together. An idle one costs 31 KiB with TLS and HTTP/1, 52 KiB with HTTP/2 (measured with
/// 1,000 of each): 100 MiB when all slots are taken.
const CONNECTIONS_MAX: usize = 2_000;
/// The machine listener has slots of its own, so that a flood at the front door does not blind the metrics.
const MACHINE_CONNECTIONS_MAX: usize = 128;
/// Redirects are answered in one round trip.
const REDIRECT_CONNECTIONS_MAX: usize = 256;
/// One address (IPv4) or one subscriber (IPv6 /64). A village of 600 people behind one carrier address has some
/// 40 browsers open at once with up to 6 connections each.
const CONNECTIONS_PER_ADDRESS_MAX: u32 = 256;

/// Browsers send 15 to 25 header fields.
const HEADERS_MAX: usize = 64;
/// Four times the largest head our own pages cause.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Search forms with every filter set stay under 2 KiB.
const TARGET_BYTES_MAX: usize = 8 * 1024;
/// The largest ordinary form, without files, is under 100 KiB.
const BODY_BYTES_MAX: u64 = 1024 * 1024;
/// Two files of 50 MiB, the largest single file a case accepts.
const UPLOAD_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// Requests at the same time in one HTTP/2 connection: a page of ours needs under ten.
const H2_STREAMS_MAX: u32 = 64;
/// Streams opened and reset before being worked on: "rapid reset" (CVE-2023-44487).
const H2_PENDING_RESETS_MAX: usize = 20;
/// Streams we had to reset for the client's errors: "made you reset" (CVE-2025-8671).
const H2_LOCAL_ERROR_RESETS_MAX: usize = 100;
/// Receive window of a stream and of the connection: 5 MB/s of upload at 50 ms, and never more than this in memory.
const H2_WINDOW_BYTES: u32 = 256 * 1024;
/// Answer bytes held per stream while the client's window is closed.
const H2_SEND_BUFFER_BYTES: usize = 64 * 1024;
/// PING, SETTINGS, PRIORITY, CONTINUATION, RST_STREAM and empty DATA frames in ten seconds. A browser that leaves a page
/// resets a dozen streams; nobody leaves forty pages in ten seconds.
const H2_CONTROL_FRAMES_PER_TEN_SECONDS_MAX: u32 = 500;

/// hyper's buffer in one HTTP/1 connection: one whole head and some body.
const H1_BUFFER_BYTES: usize = 64 * 1024;
/// Pieces an answer is cut into, so that progress is seen while a large file goes out.
const ANSWER_PIECE_BYTES: usize = 16 * 1024;
/// What the kernel may hold of an answer (it doubles the figure). Small, so that a stalled reader is seen as stalled
/// and not hidden by megabytes of kernel memory; still 2 MB/s at 30 ms.
const SOCKET_SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Which deadlines and sizes a request falls under.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestClass {
    /// Pages, forms without files, the API.
    Ordinary,
    /// Forms that carry files.
    Upload,
}

/// The deadlines and limits of the edge. `Default` is production; tests shorten single fields.
#[derive(Clone, Debug)]
pub struct EdgeLimits {
    /// TCP accepted to TLS established.
    pub handshake: Duration,
    /// Connection ready to the first byte of a request.
    pub first_byte: Duration,
    /// First to last byte of a request head.
    pub head: Duration,
    /// Head of an ordinary request to the head of its answer.
    pub request_ordinary: Duration,
    /// The same for uploads.
    pub request_upload: Duration,
    /// Waiting for body bytes before the rate counts.
    pub body_grace: Duration,
    /// Lowest rate of a body after that, and of an answer being taken.
    pub body_rate_bytes_per_second: u64,
    /// Between requests.
    pub idle: Duration,
    /// Without one byte taken by the client's side.
    pub write_stall: Duration,
    /// Reading and dropping the rest of a refused request.
    pub linger: Duration,
    /// At most so much of it.
    pub linger_bytes_max: usize,
    /// Answers in flight at stop.
    pub stop_grace: Duration,
    /// Between two looks at the certificate files.
    pub reload_poll: Duration,
    /// Public connections, all addresses.
    pub connections_max: usize,
    /// Machine connections.
    pub machine_connections_max: usize,
    /// Redirect connections.
    pub redirect_connections_max: usize,
    /// Connections of one IPv4 address or IPv6 /64, per listener.
    pub connections_per_address_max: u32,
    /// Header fields of a request.
    pub headers_max: usize,
    /// Request line and header fields.
    pub head_bytes_max: usize,
    /// Request target.
    pub target_bytes_max: usize,
    /// Body of an ordinary request.
    pub body_bytes_ordinary_max: u64,
    /// Body of an upload.
    pub body_bytes_upload_max: u64,
    /// HTTP/2 streams at the same time.
    pub h2_streams_max: u32,
    /// HTTP/2 streams reset before being worked on.
    pub h2_pending_resets_max: usize,
    /// HTTP/2 streams reset by us.
    pub h2_local_error_resets_max: usize,
    /// HTTP/2 receive windows.
    pub h2_window_bytes: u32,
    /// HTTP/2 answer bytes held per stream.
    pub h2_send_buffer_bytes: usize,
    /// HTTP/2 frames that cost work and carry nothing, resets included.
    pub h2_control_frames_per_ten_seconds_max: u32,
    /// HTTP/1 buffer.
    pub h1_buffer_bytes: usize,
    /// Pieces of an answer.
    pub answer_piece_bytes: usize,
    /// Kernel send buffer asked for.
    pub socket_send_buffer_bytes: usize,
}

impl Default for EdgeLimits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(HANDSHAKE_SECONDS),
            first_byte: Duration::from_secs(FIRST_BYTE_SECONDS),
            head: Duration::from_secs(HEAD_SECONDS),
            request_ordinary: Duration::from_secs(REQUEST_SECONDS),
            request_upload: Duration::from_secs(UPLOAD_SECONDS),
            body_grace: Duration::from_secs(BODY_GRACE_SECONDS),
            body_rate_bytes_per_second: BODY_RATE_BYTES_PER_SECOND,
            idle: Duration::from_secs(IDLE_SECONDS),
            write_stall: Duration::from_secs(WRITE_STALL_SECONDS),
            linger: Duration::from_secs(LINGER_SECONDS),
            linger_bytes_max: LINGER_BYTES_MAX,
            stop_grace: Duration::from_secs(STOP_GRACE_SECONDS),
            reload_poll: Duration::from_secs(RELOAD_POLL_SECONDS),
            connections_max: CONNECTIONS_MAX,
            machine_connections_max: MACHINE_CONNECTIONS_MAX,
            redirect_connections_max: REDIRECT_CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            headers_max: HEADERS_MAX,
            head_bytes_max: HEAD_BYTES_MAX,
            target_bytes_max: TARGET_BYTES_MAX,
            body_bytes_ordinary_max: BODY_BYTES_MAX,
            body_bytes_upload_max: UPLOAD_BYTES_MAX,
            h2_streams_max: H2_STREAMS_MAX,
            h2_pending_resets_max: H2_PENDING_RESETS_MAX,
            h2_local_error_resets_max: H2_LOCAL_ERROR_RESETS_MAX,
            h2_window_bytes: H2_WINDOW_BYTES,
            h2_send_buffer_bytes: H2_SEND_BUFFER_BYTES,
            h2_control_frames_per_ten_seconds_max: H2_CONTROL_FRAMES_PER_TEN_SECONDS_MAX,
            h1_buffer_bytes: H1_BUFFER_BYTES,
            answer_piece_bytes: ANSWER_PIECE_BYTES,
            socket_send_buffer_bytes: SOCKET_SEND_BUFFER_BYTES,
        }
    }
}

impl EdgeLimits {
    /// How long a request of this class may take up to the head of its answer.
    #[must_use]
    pub fn request(&self, class: RequestClass) -> Duration {
        match class {
            RequestClass::Ordinary => self.request_ordinary,
            RequestClass::Upload => self.request_upload,
        }
    }

    /// How large the body of a request of this class may be.
    #[must_use]
    pub fn body_bytes_max(&self, class: RequestClass) -> u64 {
        match class {
            RequestClass::Ordinary => self.body_bytes_ordinary_max,
            RequestClass::Upload => self.body_bytes_upload_max,
        }
    }
}
