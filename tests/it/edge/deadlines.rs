//! Deadlines and caps, shortened: each cut happens, not before its time, and is counted under its reason.

use std::time::{Duration, Instant};

use ostoja::edge::{Cut, EdgeLimits, ListenerKind, Refusal};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{sleep, timeout},
};

use super::house::{House, NAME, PATIENCE, ask, h2_request, read_to_end};

const SHORT: Duration = Duration::from_millis(300);

/// Production but for the linger, which would only make these tests wait.
fn limits() -> EdgeLimits {
    EdgeLimits { linger: SHORT, ..EdgeLimits::default() }
}

fn get() -> String {
    format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_cut() {
    let house =
        House::open(EdgeLimits { first_byte: SHORT, handshake: SHORT * 4, ..limits() }).await;
    let began = Instant::now();
    let mut plain = house.connect(ListenerKind::Demo).await;
    assert_eq!(read_to_end(&mut plain).await, "");
    assert!(began.elapsed() >= SHORT);
    assert_eq!(house.counters.cut(ListenerKind::Demo, Cut::Silent), 1);

    let mut no_handshake = house.connect(ListenerKind::Public).await;
    assert_eq!(read_to_end(&mut no_handshake).await, "");
    assert_eq!(house.counters.cut(ListenerKind::Public, Cut::SlowHandshake), 1);

    let mut no_request = house.shake(ListenerKind::Public, house.client()).await.unwrap();
    let mut byte = [0];
    assert!(no_request.read(&mut byte).await.is_err(), "cut without a goodbye");
    assert_eq!(house.counters.cut(ListenerKind::Public, Cut::Silent), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dribbled_head_gets_408() {
    let house = House::open(EdgeLimits { head: SHORT, ..limits() }).await;
    let (mut reading, mut writing) = house.connect(ListenerKind::Demo).await.into_split();
    let began = Instant::now();
    let dribble = tokio::spawn(async move {
        for byte in get().bytes().cycle() {
            if writing.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(SHORT / 3).await;
        }
    });
    let answer = read_to_end(&mut reading).await;
    assert!(began.elapsed() >= SHORT);
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.ends_with(Refusal::SlowHead.text()),
        "{answer}"
    );
    assert_eq!(house.calls(), 0);
    dribble.await.unwrap();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dribbled_body_gets_408_on_both_protocols() {
    let limits = EdgeLimits { body_grace: SHORT, ..limits() };
    let house = House::open(limits).await;
    let mut stream = house.connect(ListenerKind::Demo).await;
    let began = Instant::now();
    let head = format!("POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1000\r\n\r\nab");
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(began.elapsed() >= SHORT);
    assert!(
        answer.starts_with("HTTP/1.1 408 ") && answer.ends_with(Refusal::SlowBody.text()),
        "{answer}"
    );

    // HTTP/2: a head that promises a body, and one byte of it. (curl 7.88 drops the answer of a stream that is reset
    // behind it, so the frames are our own.)
    let mut stream = house.h2_connection(&[]).await;
    stream.write_all(&h2_request("POST", "/echo", false)).await.unwrap();
    stream.write_all(b"\x00\x00\x01\x00\x00\x00\x00\x00\x01a").await.unwrap();
    let mut came = Vec::new();
    let mut piece = [0; 1024];
    while !came.windows(4).any(|bytes| bytes == b"time") {
        let size =
            timeout(PATIENCE, stream.read(&mut piece)).await.expect("an answer in time").unwrap();
        assert_ne!(size, 0, "closed without an answer");
        came.extend_from_slice(&piece[..size]);
    }
    assert_eq!(house.counters.refused(ListenerKind::Public, Refusal::SlowBody), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_does_not_answer_is_answered_for() {
    let limits = EdgeLimits { request_ordinary: SHORT, ..limits() };
    let house = House::open(limits).await;
    let answer = house
        .exchange(
            format!("GET /never HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.ends_with(Refusal::NoAnswer.text()),
        "{answer}"
    );
    // An upload of the same length of time is given more.
    let mut stream = house.connect(ListenerKind::Demo).await;
    let head = format!("POST /upload HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 2\r\n\r\na");
    stream.write_all(head.as_bytes()).await.unwrap();
    sleep(SHORT * 2).await;
    assert!(ask(&mut stream, "b").await.ends_with("2 bytes\n"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_told_goodbye() {
    let house = House::open(EdgeLimits { idle: SHORT, ..limits() }).await;
    let mut stream = house.shake(ListenerKind::Public, house.client()).await.unwrap();
    ask(&mut stream, &get()).await;
    let began = Instant::now();
    ask(&mut stream, &get()).await;
    assert_eq!(read_to_end(&mut stream).await, "", "a clean end of TLS, not a cut");
    assert!(began.elapsed() >= SHORT);
    let cuts: u64 =
        Cut::ALL.into_iter().map(|cut| house.counters.cut(ListenerKind::Public, cut)).sum();
    assert_eq!(cuts, 0);

    // HTTP/2: GOAWAY, then the end, although PINGs keep it busy.
    let mut stream = house.h2_connection(&[]).await;
    stream.write_all(&h2_request("GET", "/", true)).await.unwrap();
    let mut came = Vec::new();
    let mut piece = [0; 1024];
    let mut answered_pong = false;
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < PATIENCE, "PINGs keep it open");
        match timeout(SHORT / 4, stream.read(&mut piece)).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(size)) => came.extend_from_slice(&piece[..size]),
            // It may have closed between our reading and writing.
            Err(_elapsed) => stream
                .write_all(b"\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong")
                .await
                .unwrap_or_default(),
        }
        // A graceful end asks with a PING of its own whether everything has arrived.
        if !answered_pong
            && let Some(at) = came.windows(5).position(|frame| frame == [0, 0, 8, 6, 0])
        {
            let mut pong = came[at..at + 17].to_vec();
            pong[4] = 1;
            stream.write_all(&pong).await.unwrap();
            answered_pong = true;
        }
    }
    assert!(came.windows(6).any(|bytes| bytes == b"hello\n"), "the request was answered");
    assert!(came.windows(5).any(|frame| frame == [0, 0, 8, 7, 0]), "GOAWAY was said");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_take_its_answer_is_cut() {
    let house = House::open(EdgeLimits { write_stall: SHORT, ..limits() }).await;
    let mut stream = house.connect(ListenerKind::Demo).await;
    let began = Instant::now();
    stream
        .write_all(format!("GET /large HTTP/1.1\r\nHost: {NAME}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    while house.counters.cut(ListenerKind::Demo, Cut::WriteStall) == 0 {
        assert!(began.elapsed() < PATIENCE, "never cut");
        sleep(SHORT / 10).await;
    }
    assert!(began.elapsed() >= SHORT);
    assert_eq!(house.counters.open(ListenerKind::Demo), 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_its_http2_window_is_cut() {
    let limits = EdgeLimits { request_ordinary: SHORT, write_stall: SHORT, ..limits() };
    let house = House::open(limits).await;
    // SETTINGS_INITIAL_WINDOW_SIZE = 0: no byte of an answer may be sent, while the connection itself is healthy.
    let mut stream = house.h2_connection(b"\x00\x04\x00\x00\x00\x00").await;
    stream.write_all(&h2_request("GET", "/", true)).await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect_err("cut without a goodbye");
    assert_eq!(house.counters.cut(ListenerKind::Public, Cut::SlowAnswer), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_capped_per_address_and_in_all() {
    let house = House::open(EdgeLimits { connections_per_address_max: 2, ..limits() }).await;
    let mut first = house.connect(ListenerKind::Demo).await;
    let mut second = house.connect(ListenerKind::Demo).await;
    ask(&mut first, &get()).await;
    ask(&mut second, &get()).await;
    let mut third = house.connect(ListenerKind::Demo).await;
    assert_eq!(third.read(&mut [0]).await.unwrap_or(0), 0, "the third is one too many");
    assert_eq!(house.counters.cut(ListenerKind::Demo, Cut::AddressFull), 1);
    // Another door counts for itself, and a place given back is free again.
    assert!(
        house.get(ListenerKind::Public, house.client(), "/").await.unwrap().ends_with("hello\n")
    );
    drop(first);
    while house.counters.open(ListenerKind::Demo) > 1 {
        sleep(Duration::from_millis(5)).await;
    }
    let mut fourth = house.connect(ListenerKind::Demo).await;
    ask(&mut fourth, &get()).await;
    house.close().await;

    let house = House::open(EdgeLimits { connections_max: 1, ..limits() }).await;
    let mut first = house.connect(ListenerKind::Demo).await;
    ask(&mut first, &get()).await;
    let mut waiting = house.connect(ListenerKind::Demo).await;
    waiting.write_all(get().as_bytes()).await.unwrap();
    assert!(timeout(SHORT, waiting.read(&mut [0])).await.is_err(), "it waits in the kernel");
    drop(first);
    assert!(ask(&mut waiting, "").await.ends_with("hello\n"), "and is served when there is room");
    house.close().await;
}
