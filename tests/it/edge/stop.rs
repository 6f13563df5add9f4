//! Starting and stopping: wrong configurations are told, answers in flight are delivered.

use std::{
    error::Error as _,
    net::{SocketAddr, TcpListener},
    time::{Duration, Instant},
};

use ostoja::edge::{
    Cut, DemoListener, EdgeError, EdgeLimits, Hosts, ListenerKind, Listeners, Place,
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use super::house::{House, NAME, PATIENCE, ask, listeners, read_to_end};

#[tokio::test(flavor = "multi_thread")]
async fn stop_delivers_the_answer_in_flight_and_takes_nothing_new() {
    let house = House::open(EdgeLimits::default()).await;
    let app = house.app.clone();
    let address = house.address(ListenerKind::Demo);
    let silent = house.connect(ListenerKind::Demo).await;
    let mut idle = house.connect(ListenerKind::Demo).await;
    ask(&mut idle, &format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n")).await;
    let mut waiting = house.connect(ListenerKind::Demo).await;
    waiting
        .write_all(format!("GET /wait HTTP/1.1\r\nHost: {NAME}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    app.entered.notified().await;

    house.stop.send_replace(true);
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection ends at once");
    // The listening socket is gone as soon as its task has seen the stop.
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!house.served.is_finished(), "the answer in flight is waited for");
    app.release.notify_one();
    let answer = read_to_end(&mut waiting).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("worth waiting for\n"),
        "{answer}"
    );
    drop(silent);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_delivers_an_http2_answer_to_curl() {
    let house = House::open(EdgeLimits::default()).await;
    let curl = house.curl("/wait", &["--http2"]);
    let stop = async {
        house.app.entered.notified().await;
        house.stop.send_replace(true);
        tokio::time::sleep(Duration::from_millis(50)).await;
        house.app.release.notify_one();
    };
    let (said, ()) = tokio::join!(curl, stop);
    assert_eq!(said, "worth waiting for\n");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_does_not_wait_for_ever() {
    let house =
        House::open(EdgeLimits { stop_grace: Duration::from_millis(300), ..EdgeLimits::default() })
            .await;
    let mut stream = house.connect(ListenerKind::Demo).await;
    stream
        .write_all(format!("GET /never HTTP/1.1\r\nHost: {NAME}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    house.app.entered.notified().await;
    let counters = house.counters.clone();
    let began = Instant::now();
    house.stop.send_replace(true);
    timeout(PATIENCE, house.served).await.unwrap().unwrap().unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(counters.cut(ListenerKind::Demo, Cut::Stopped), 1);
    assert_eq!(counters.open(ListenerKind::Demo), 0);
}

#[test]
fn the_demo_listener_refuses_everything_but_loopback() {
    let demo = |places| Listeners {
        demo: Some(DemoListener { places, hosts: Hosts::loopback() }),
        ..Listeners::default()
    };
    let inherited = TcpListener::bind("0.0.0.0:0").unwrap();
    let anywhere = ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"]
        .map(|text| text.parse::<SocketAddr>().unwrap().into());
    for place in anywhere.into_iter().chain([Place::Inherited(inherited)]) {
        let refused = demo(vec![place])
            .bind(&EdgeLimits::default())
            .err()
            .expect("plain HTTP for the network");
        assert!(matches!(refused, EdgeError::NotLoopback { .. }));
        assert!(refused.to_string().contains("loopback only"), "{refused}");
    }
    let inherited = Place::Inherited(TcpListener::bind("127.0.0.1:0").unwrap());
    let bound = demo(vec![inherited]).bind(&EdgeLimits::default()).unwrap();
    assert_eq!(bound.addresses(ListenerKind::Demo).len(), 1);
}

#[test]
fn what_cannot_be_started_is_told_before_serving() {
    let limits = EdgeLimits::default();
    assert!(matches!(Listeners::default().bind(&limits), Err(EdgeError::Nothing)));

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let demo = DemoListener { places: vec![address.into()], hosts: Hosts::loopback() };
    let error = Listeners { demo: Some(demo), ..Listeners::default() }.bind(&limits).err().unwrap();
    assert_eq!(error.to_string(), format!("cannot listen on {address} for the demo listener"));

    let empty = tempfile::TempDir::new().unwrap();
    let public = listeners(empty.path()).public;
    let error = Listeners { public, ..Listeners::default() }.bind(&limits).err().unwrap();
    assert_eq!(error.to_string(), "the certificates of the public listener cannot be used");
    assert!(error.source().unwrap().to_string().ends_with("server.pem"), "{error:?}");
}
