//! TLS: versions, suites, groups, ALPN, client certificates, replacement without a restart.

use std::{os::unix::fs::PermissionsExt as _, time::Duration};

use jiff::{Timestamp, ToSpan as _};
use ostoja::edge::{EdgeLimits, ListenerKind, certificates};
use rustls::{
    pki_types::{CertificateDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::house::{House, NAME, PATIENCE, as_argument, ask, client, read_to_end, tool};

#[tokio::test(flavor = "multi_thread")]
async fn the_public_door_speaks_1_3_with_a_post_quantum_group_and_1_2_with_aead() {
    let house = House::open(EdgeLimits::default()).await;
    let said = house.get(ListenerKind::Public, house.client(), "/peer").await.unwrap();
    for fact in ["listener=public\n", "version=1.3\n", "group=X25519MLKEM768\n", "alpn=http/1.1\n"]
    {
        assert!(said.contains(fact), "{fact} in {said}");
    }
    assert!(
        said.contains("strict-transport-security: max-age=63072000; includeSubDomains\r\n"),
        "{said}"
    );
    assert!(!said.contains("subject="), "{said}");

    let old = client(&house.dir.path().join("ca.pem"), &[&TLS12], None);
    let said = house.get(ListenerKind::Public, old, "/peer").await.unwrap();
    assert!(said.contains("version=1.2\nsuite=TLS_ECDHE_ECDSA_WITH_AES_"), "{said}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_finds_nothing_old_and_no_early_data() {
    let house = House::open(EdgeLimits::default()).await;
    let connect = format!("127.0.0.1:{}", house.address(ListenerKind::Public).port());
    let authority = house.dir.path().join("ca.pem").display().to_string();
    let openssl = async |more: &[&str]| {
        let fixed = [
            "s_client",
            "-connect",
            &connect,
            "-servername",
            NAME,
            "-CAfile",
            &authority,
            "-verify_return_error",
        ];
        tool("openssl", fixed.iter().chain(more).map(|word| (*word).to_owned()).collect(), "Q\n")
            .await
    };
    let (said, code) = openssl(&["-tls1_3"]).await;
    assert!(
        code == 0 && said.contains("TLSv1.3") && said.contains("Verify return code: 0"),
        "{said}"
    );
    assert!(!said.contains("Max Early Data: 1"), "{said}");
    let (said, code) = openssl(&["-tls1_2"]).await;
    assert!(code == 0 && said.contains("ECDHE-ECDSA-AES"), "{said}");

    // Each of these is offered by the client alone, at a security level that lets it try.
    for old in [
        ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"],
        ["-tls1_2", "-cipher", "kRSA:kDHE:@SECLEVEL=0"],
    ] {
        let (said, code) = openssl(&old).await;
        assert!(code != 0 && said.contains("alert"), "{old:?}: {said}");
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_is_what_alpn_agreed() {
    let house = House::open(EdgeLimits::default()).await;
    let version = ["--output", "/dev/null", "--write-out", "%{http_version}"];
    assert_eq!(house.curl("/", &version).await, "2", "curl prefers HTTP/2");
    assert_eq!(house.curl("/", &[&version[..], &["--http1.1"]].concat()).await, "1.1");
    assert_eq!(house.curl("/", &[&version[..], &["--no-alpn"]].concat()).await, "1.1");

    let mut config = house.client();
    config.alpn_protocols = vec![b"spdy/3".to_vec()];
    let error = house.get(ListenerKind::Public, config, "/").await.unwrap_err();
    assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");

    // HTTP/2 by prior knowledge over a connection that agreed on HTTP/1.1.
    let mut stream = house.shake(ListenerKind::Public, house.client()).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 505 "));
    assert_eq!(house.calls(), 3);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_need_a_certificate_of_ours() {
    let house = House::open(EdgeLimits::default()).await;
    let now = Timestamp::now();
    let (config, issued) = house.machine_client("gops", now);
    let said = house.get(ListenerKind::Machine, config, "/peer").await.unwrap();
    let leaf = CertificateDer::from_pem_file(&issued.certificate).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &leaf);
    let fingerprint: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    for fact in [
        "listener=machine\n".to_owned(),
        "version=1.3\n".into(),
        "subject=CN=gops\nname=gops\n".into(),
        format!("serial={}\n", issued.serial),
        format!("fingerprint={fingerprint}\n"),
        format!("der={}\n", leaf.len()),
    ] {
        assert!(said.contains(&fact), "{fact} in {said}");
    }

    let refused = async |config, why: &str, what: &str| {
        let error = house.get(ListenerKind::Machine, config, "/").await.expect_err(what);
        assert!(error.to_string().contains(why), "{what}: {error}");
    };
    refused(house.client(), "CertificateRequired", "no certificate").await;
    let foreign = TempDir::new().unwrap();
    certificates::create_ca(foreign.path(), "Gmina Modrzewie", now).unwrap();
    let stranger = certificates::issue_client(foreign.path(), "gops", 30, now).unwrap();
    let authority = house.dir.path().join("ca.pem");
    refused(
        client(&authority, &[&TLS13], Some(&stranger)),
        "alert",
        "another authority of the same name",
    )
    .await;
    let (late, _) = house.machine_client("spozniony", now - (24 * 31).hours());
    refused(late, "CertificateExpired", "an expired certificate").await;
    refused(client(&authority, &[&TLS12], Some(&issued)), "ProtocolVersion", "TLS 1.2").await;
    let server = certificates::Issued {
        certificate: house.dir.path().join("server.pem"),
        key: house.dir.path().join("server.key"),
        ..issued.clone()
    };
    refused(client(&authority, &[&TLS13], Some(&server)), "alert", "a server's certificate").await;
    assert_eq!(house.calls(), 1);

    let identity =
        ["--cert", &as_argument(&issued.certificate), "--key", &as_argument(&issued.key)];
    let (said, code) = house.curl_at(ListenerKind::Machine, "/peer", &identity).await;
    assert!(code == 0 && said.contains("name=gops\n") && said.contains("alpn=h2\n"), "{said}");
    let (_, code) = house.curl_at(ListenerKind::Machine, "/peer", &[]).await;
    assert_ne!(code, 0, "curl without a certificate");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_machine_is_out_without_a_restart() {
    let house = House::open(EdgeLimits::default()).await;
    let now = Timestamp::now();
    let (bad, bad_issued) = house.machine_client("skradziony", now);
    let (good, _) = house.machine_client("archiwum", now);
    let mut open = house.shake(ListenerKind::Machine, bad.clone()).await.unwrap();
    ask(&mut open, &format!("GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n")).await;

    certificates::revoke(house.dir.path(), &bad_issued.serial, now).unwrap();
    house.reload.notify_one();
    assert_eq!(read_to_end(&mut open).await, "", "its open connection ends");
    let error = house.get(ListenerKind::Machine, bad, "/").await.unwrap_err();
    assert!(error.to_string().contains("CertificateRevoked"), "{error}");
    assert!(house.get(ListenerKind::Machine, good, "/").await.unwrap().ends_with("hello\n"));

    // A second revocation keeps the first.
    let (_, worse) = house.machine_client("zgubiony", now);
    certificates::revoke(house.dir.path(), &worse.serial, now).unwrap();
    let list = vec![
        "crl".into(),
        "-in".into(),
        as_argument(&house.dir.path().join("ca.crl")),
        "-noout".into(),
        "-text".into(),
    ];
    let (said, _) = tool("openssl", list, "").await;
    assert_eq!(said.matches("Serial Number:").count(), 2, "{said}");
    assert!(
        said.contains(&worse.serial.to_uppercase().trim_start_matches('0').to_owned()),
        "{said}"
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_replaced_without_a_restart_and_broken_ones_are_not_taken() {
    let house =
        House::open(EdgeLimits { reload_poll: Duration::from_millis(50), ..EdgeLimits::default() })
            .await;
    let served = async || {
        let stream = house.shake(ListenerKind::Public, house.client()).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let sample = |metric: &str| {
        let mut samples = house.counters.samples().into_iter();
        samples.find(|sample| sample.metric == metric && sample.listener == "public").unwrap().value
    };
    let first = served().await;
    let renewed_at = Timestamp::now() + 1.hour();
    certificates::issue_server(house.dir.path(), &[NAME.to_owned()], Timestamp::now()).unwrap();
    let began = std::time::Instant::now();
    while served().await == first {
        assert!(began.elapsed() < PATIENCE, "the new certificate is never used");
    }
    let second = served().await;
    let expires = sample("certificate_expires_timestamp_seconds");
    let in_90_days = u64::try_from(renewed_at.as_second()).unwrap() + 90 * 86_400;
    assert!(expires > in_90_days - 7200 && expires < in_90_days, "{expires}");

    // A certificate that does not belong to the key, as in the middle of a clumsy renewal.
    let chain = house.dir.path().join("server.pem");
    let good = std::fs::read(&chain).unwrap();
    std::fs::copy(house.dir.path().join("ca.pem"), &chain).unwrap();
    while sample("certificate_reloads_failed_total") == 0 {
        assert!(began.elapsed() < PATIENCE, "the broken file is never noticed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(served().await, second, "the old one stays");
    std::fs::write(&chain, good).unwrap();
    certificates::issue_server(house.dir.path(), &[NAME.to_owned()], Timestamp::now()).unwrap();
    while served().await == second {
        assert!(began.elapsed() < PATIENCE, "the repaired files are never used");
    }
    house.close().await;
}

#[test]
fn the_authority_keeps_its_keys_to_itself_and_refuses_nonsense() {
    let dir = TempDir::new().unwrap();
    let here = dir.path().join("pki");
    let now = Timestamp::now();
    let names = [NAME.to_owned()];
    assert!(certificates::issue_server(&here, &names, now).is_err(), "no authority yet");
    certificates::create_ca(&here, "Gmina Modrzewie", now).unwrap();
    assert!(
        certificates::create_ca(&here, "Gmina Modrzewie", now).is_err(),
        "a second one would replace the first"
    );
    let server = certificates::issue_server(&here, &names, now).unwrap();
    let client = certificates::issue_client(&here, "gops", 30, now).unwrap();
    let again = certificates::issue_client(&here, "gops", 1, now).unwrap();
    assert_ne!(client.serial, again.serial);
    assert_eq!(again.expires, now + 24.hours());
    for key in [&here.join("ca.key"), &server.key, &client.key] {
        assert_eq!(
            std::fs::metadata(key).unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            key.display()
        );
    }
    assert_eq!(std::fs::metadata(&here).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(certificates::issue_client(&here, "../gops", 30, now).is_err());
    assert!(certificates::issue_client(&here, "gops", 0, now).is_err());
    assert!(certificates::issue_client(&here, "gops", 398, now).is_err());
    assert!(certificates::issue_server(&here, &[], now).is_err());
    assert!(certificates::revoke(&here, "not hex", now).is_err());
}
