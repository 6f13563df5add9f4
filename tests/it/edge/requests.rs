//! Requests: what is refused before the app, in which words, and what passes.

use std::time::{Duration, Instant};

use http::StatusCode;
use ostoja::edge::{Cut, EdgeLimits, ListenerKind, Refusal};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::{sleep, timeout},
};

use super::house::{House, NAME, PATIENCE, ask, h2_request_on, read_to_end};

fn status(answer: &str) -> u16 {
    let line = answer.split("\r\n").next().unwrap_or_default();
    line.strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse().ok())
        .unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn ambiguous_requests_are_refused_before_the_app() {
    let house = House::open(EdgeLimits::default()).await;
    let many = "X: 1\r\n".repeat(64);
    let long = "a".repeat(20_000);
    let table: &[(String, Refusal)] = &[
        (
            format!(
                "POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            Refusal::BadFraming,
        ),
        (
            format!(
                "POST /echo HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
            ),
            Refusal::BadFraming,
        ),
        (
            format!(
                "POST / HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"
            ),
            Refusal::BadFraming,
        ),
        (format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nHost: {NAME}\r\n\r\n"), Refusal::BadHost),
        ("GET / HTTP/1.1\r\n\r\n".into(), Refusal::BadHost),
        (format!("GET http://other.test/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::BadHost),
        ("GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n".into(), Refusal::WrongHost),
        ("GET / HTTP/1.1\r\nHost: other.test\r\n\r\n".into(), Refusal::WrongHost),
        (format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n folded: 1\r\n\r\n"), Refusal::BadHeader),
        (format!("GET / HTTP/1.1\nHost: {NAME}\n\n"), Refusal::BadHeader),
        (format!("TRACE / HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::MethodRefused),
        (format!("OPTIONS * HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::MethodRefused),
        (format!("CONNECT {NAME}:443 HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::MethodRefused),
        (format!("BREW / HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::MethodUnknown),
        (format!("GET {NAME}:80 HTTP/1.1\r\nHost: {NAME}:80\r\n\r\n"), Refusal::BadRequestLine),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), Refusal::Version),
        (format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n{many}\r\n"), Refusal::HeadTooLarge),
        (format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nX: {long}\r\n\r\n"), Refusal::HeadTooLarge),
        (format!("GET /{long} HTTP/1.1\r\nHost: {NAME}\r\n\r\n"), Refusal::TargetTooLong),
        (
            format!("POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 1048577\r\n\r\n"),
            Refusal::BodyTooLarge,
        ),
        ("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n".into(), Refusal::BadRequestLine),
        ("\x16\x03\x01\x02\x00\x01\n".into(), Refusal::BadHeader),
    ];
    for (request, refusal) in table {
        let before = house.counters.refused(ListenerKind::Demo, *refusal);
        let answer = house.exchange(request.as_bytes()).await;
        let start: String = request.chars().take(90).collect();
        assert_eq!(status(&answer), refusal.status().as_u16(), "{start:?} -> {answer}");
        assert!(answer.ends_with(refusal.text()), "{start:?} -> {answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{start:?} -> {answer}");
        assert_eq!(house.counters.refused(ListenerKind::Demo, *refusal), before + 1, "{start:?}");
    }
    assert_eq!(house.calls(), 0, "the app must not see one of them");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_requests_pass_one_after_another_on_one_connection() {
    let house = House::open(EdgeLimits::default()).await;
    let mut stream = house.connect(ListenerKind::Demo).await;
    let get = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    let post = format!(
        "POST /echo HTTP/1.1\r\nHost: {NAME}:8080\r\nContent-Length: 70000\r\n\r\n{}",
        "b".repeat(70_000)
    );
    assert!(ask(&mut stream, &get).await.ends_with("\r\n\r\nhello\n"));
    assert!(ask(&mut stream, &post).await.ends_with("70000 bytes\n"));
    assert!(
        ask(&mut stream, &format!("\r\n{get}")).await.ends_with("hello\n"),
        "one stray empty line is forgiven"
    );
    let absolute = format!("GET http://{NAME}/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    let answer = ask(&mut stream, &absolute).await;
    assert!(answer.ends_with("hello\n"));
    assert!(!answer.contains("strict-transport-security"), "no HSTS over plain HTTP");

    // Chunked is fine, and the last on its connection: a request hidden behind it is not answered.
    let chunked = format!(
        "POST /echo HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n{get}"
    );
    stream.write_all(chunked.as_bytes()).await.unwrap();
    let rest = read_to_end(&mut stream).await;
    assert!(rest.ends_with("3 bytes\n"), "{rest}");
    assert!(rest.contains("connection: close"), "{rest}");
    assert_eq!(house.calls(), 5);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_are_answered_in_order_up_to_the_bad_one() {
    let house = House::open(EdgeLimits::default()).await;
    let good = format!("POST /echo HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 5\r\n\r\nabcde");
    let bad = "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n";
    let worse = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: x\r\n\r\n");
    for (bad, code) in [(bad, "421"), (&worse, "400")] {
        let answer = house.exchange(format!("{good}{good}{bad}{good}").as_bytes()).await;
        let statuses: Vec<_> = answer
            .split("HTTP/1.1 ")
            .filter(|part| !part.is_empty())
            .map(|part| &part[..3])
            .collect();
        assert_eq!(statuses, ["200", "200", code], "{answer}");
    }
    assert_eq!(house.calls(), 4);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_grows_too_large_gets_413_and_the_client_can_read_it() {
    let limits = EdgeLimits {
        body_bytes_ordinary_max: 10_000,
        body_bytes_upload_max: 500_000,
        ..EdgeLimits::default()
    };
    let house = House::open(limits).await;
    // More than the limit, without saying so beforehand, and more than the kernel's buffers hold.
    let chunk = format!("8000\r\n{}\r\n", "c".repeat(0x8000));
    let head = |path: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: {NAME}\r\nTransfer-Encoding: chunked\r\n\r\n")
    };
    let answer =
        house.exchange(format!("{}{}0\r\n\r\n", head("/echo"), chunk.repeat(20)).as_bytes()).await;
    assert_eq!(status(&answer), 413, "{answer}");
    assert!(
        answer.ends_with(Refusal::BodyTooLarge.text()),
        "the app's confusion is replaced: {answer}"
    );

    let answer = house
        .exchange(format!("{}{}0\r\n\r\n", head("/upload"), chunk.repeat(10)).as_bytes())
        .await;
    assert!(answer.ends_with("327680 bytes\n"), "uploads have a limit of their own: {answer}");

    // An app that does not look at the body: the client still reads the answer, and the connection closes.
    let answer =
        house.exchange(format!("{}{}", head("/ignore"), chunk.repeat(10)).as_bytes()).await;
    assert!(answer.contains("connection: close") && answer.ends_with("did not look"), "{answer}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_screened_like_http1() {
    let house = House::open(EdgeLimits::default()).await;
    let code = ["--http2", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"];
    let curl =
        async |path: &str, more: &[&str]| house.curl(path, &[&code[..], more].concat()).await;
    assert_eq!(curl("/", &[]).await, "2 200");
    assert_eq!(curl("/", &["--header", "Host: other.test"]).await, "2 421");
    assert_eq!(curl("/", &["--request", "TRACE"]).await, "2 405");
    assert_eq!(curl("/", &["--request", "BREW"]).await, "2 501");
    assert_eq!(curl(&format!("/{}", "a".repeat(9000)), &[]).await, "2 414");
    let headers: Vec<String> =
        (0..70).flat_map(|number| ["--header".to_owned(), format!("X-{number}: 1")]).collect();
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    assert_eq!(curl("/", &headers).await, "2 431");
    assert_eq!(house.calls(), 1);

    let said = house.curl("/", &["--http2", "--include"]).await;
    assert!(
        said.contains("strict-transport-security: max-age=63072000; includeSubDomains"),
        "{said}"
    );
    assert_eq!(house.curl("/echo", &["--http2", "--data", "some words"]).await, "10 bytes\n");
    let expecting = ["--http1.1", "--header", "Expect: 100-continue", "--data", "some words"];
    assert_eq!(house.curl("/echo", &expecting).await, "10 bytes\n");
    let large = house
        .curl("/large", &["--http2", "--output", "/dev/null", "--write-out", "%{size_download}"])
        .await;
    assert_eq!(large, super::house::LARGE_BYTES.to_string());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_empty_http2_frames_is_cut() {
    let house = House::open(EdgeLimits::default()).await;
    let mut stream = house.h2_connection(&[]).await;
    let ping = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong".repeat(100);
    let began = Instant::now();
    while stream.write_all(&ping).await.is_ok() && stream.flush().await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "the flood is never cut");
    }
    assert_eq!(house.counters.cut(ListenerKind::Public, Cut::FrameFlood), 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_cancelled_at_once_are_cut() {
    let house = House::open(EdgeLimits::default()).await;
    let mut stream = house.h2_connection(&[]).await;
    for number in (1..20_000).step_by(2) {
        let [high, low] = u16::to_be_bytes(number);
        let reset = [0, 0, 4, 3, 0, 0, 0, high, low, 0, 0, 0, 8];
        let pair = [h2_request_on(number, "GET", "/never", true), reset.to_vec()].concat();
        if stream.write_all(&pair).await.is_err() || stream.flush().await.is_err() {
            break;
        }
    }
    let mut rest = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the connection ends").ok();
    // Whichever comes first: h2's limit on unseen resets, or ours on all of them.
    assert!(house.calls() <= 501, "the app was asked {} times", house.calls());
    while house.counters.open(ListenerKind::Public) > 0 {
        sleep(Duration::from_millis(5)).await;
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_ends_one_request_and_nothing_else() {
    let house = House::open(EdgeLimits::default()).await;
    let mut stream = house.connect(ListenerKind::Demo).await;
    let answer = ask(&mut stream, &format!("GET /panic HTTP/1.1\r\nHost: {NAME}\r\n\r\n")).await;
    assert_eq!(status(&answer), 500, "{answer}");
    assert!(answer.ends_with(Refusal::Fault.text()) && !answer.contains("on purpose"), "{answer}");
    assert_eq!(house.counters.refused(ListenerKind::Demo, Refusal::Fault), 1);
    assert!(
        house
            .exchange(
                format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n").as_bytes()
            )
            .await
            .ends_with("hello\n")
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redirect_leads_home_and_nowhere_else() {
    let house = House::open(EdgeLimits::default()).await;
    let table: &[(&str, &str, StatusCode, Option<&str>)] = &[
        ("GET", "/sprawy?stan=nowe", StatusCode::PERMANENT_REDIRECT, Some("/sprawy?stan=nowe")),
        ("HEAD", "/", StatusCode::PERMANENT_REDIRECT, Some("/")),
        ("POST", "/", StatusCode::PERMANENT_REDIRECT, Some("/")),
        ("GET", "//evil.test/", StatusCode::PERMANENT_REDIRECT, Some("//evil.test/")),
        ("GET", "http://evil.test/", StatusCode::BAD_REQUEST, None),
        ("GET", "@evil.test/", StatusCode::BAD_REQUEST, None),
    ];
    for (method, target, expected, path) in table {
        let mut stream = house.connect(ListenerKind::Redirect).await;
        let request =
            format!("{method} {target} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_to_end(&mut stream).await;
        assert_eq!(status(&answer), expected.as_u16(), "{method} {target}: {answer}");
        let location = answer.split("\r\n").find_map(|line| line.strip_prefix("location: "));
        let home = path.map(|path| format!("https://{NAME}:8443{path}"));
        assert_eq!(location.map(str::to_owned), home, "{method} {target}");
    }
    let (said, _) = house
        .curl_at(ListenerKind::Redirect, "/", &["--include", "--header", "Host: evil.test"])
        .await;
    assert!(said.starts_with("HTTP/1.1 421 ") && !said.contains("ocation"), "{said}");
    assert_eq!(house.calls(), 0);
    house.close().await;
}
