//! What stands between greenroom and a provider: names, certificates, proxies, redirects, and a network
//! that goes and comes back. A key goes to the host it is for and nowhere else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::server::{Server, plain, reply};
use crate::support::{Home, Ran, assert_sound};

const KEY: &str = "sk-very-secret-42";
const TURN: &str = "We keep the links in a table.\n\n/save\n";
const ASKS: &str = "#none\nFine. How would growth shape it?";
const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/tls");

/// A home whose model is at `base_url`, with a key.
fn home(base_url: &str) -> Home {
    let home = Home::new();
    let text = format!(
        "default_profile = \"test\"\n[profile.test]\nbase_url = \"{base_url}\"\nmodel = \"m\"\napi_key_env = \"TEST_KEY\"\ncontext_window = 32000\nfirst_byte_timeout_s = 5\n"
    );
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    home
}

fn interview(home: &Home, more: &[(&str, &str)]) -> Ran {
    let variables: Vec<_> = [("TEST_KEY", KEY)].iter().chain(more).copied().collect();
    home.run_with(&["interview", "url-shortener"], TURN, &variables)
}

/// The provider was not reached, the message says `why`, and the turn is there.
fn assert_unreached(home: &Home, ran: &Ran, why: &str) {
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.err.contains(why) && ran.err.contains("hint: "), "{}", ran.err);
    assert!(!ran.err.contains(KEY) && !ran.err.contains("panicked"), "{}", ran.err);
    assert_sound(home);
    let log = home.run(&["sessions", "export", &home.session()], "").out;
    assert!(log.contains("We keep the links in a table."), "{log}");
}

#[test]
fn a_name_that_nobody_knows_is_named() {
    let home = home("http://no-such-host.invalid/v1");
    assert_unreached(&home, &interview(&home, &[]), "http://no-such-host.invalid cannot be reached");
}

#[test]
fn a_network_that_comes_back_is_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let home = home(&format!("http://{address}/v1"));
    assert_unreached(&home, &interview(&home, &[]), "cannot be reached");
    let server = Server::on(TcpListener::bind(address).unwrap(), move |_| reply(ASKS));
    let ran = home.run_with(&["interview", "--resume"], "Sharded by code.\n\n/save\n", &[("TEST_KEY", KEY)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("How would growth shape it?"), "{ran:?}");
    assert!(server.requests()[0].head.contains(&format!("Bearer {KEY}")));
}

#[test]
fn a_server_on_ipv6_alone_is_reached() {
    // Without IPv6 on this machine there is nothing to reach.
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let port = listener.local_addr().unwrap().port();
    let server = Server::on(listener, move |_| reply(ASKS));
    let home = home(&format!("http://[::1]:{port}/v1"));
    let ran = interview(&home, &[]);
    assert_eq!((ran.code, server.requests().len()), (0, 1), "{ran:?}");
}

#[test]
fn a_proxy_is_used_for_hosts_elsewhere_and_never_for_this_machine() {
    let proxy = Server::start([reply(ASKS)]);
    let address = proxy.base_url().replace("/v1", "");
    let elsewhere = home("http://models.invalid/v1");
    let ran = interview(&elsewhere, &[("http_proxy", &address)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let head = &proxy.requests()[0].head;
    assert!(head.starts_with("POST http://models.invalid/v1/chat/completions HTTP/1.1"), "{head}");

    let server = Server::start([reply(ASKS)]);
    let here = home(&server.base_url());
    assert_eq!(interview(&here, &[("http_proxy", &address), ("all_proxy", &address)]).code, 0);
    assert_eq!((server.requests().len(), proxy.requests().len()), (1, 1));
}

#[test]
fn a_proxy_that_refuses_is_told_of_and_never_gets_the_key() {
    let proxy = Server::start([plain(403, "Connection: close\r\n", "no")]);
    let home = home("https://models.invalid/v1");
    let ran = interview(&home, &[("https_proxy", &proxy.base_url().replace("/v1", ""))]);
    assert_unreached(&home, &ran, "cannot be reached");
    for request in proxy.requests() {
        assert!(request.head.starts_with("CONNECT models.invalid:443"), "{}", request.head);
        assert!(!request.head.contains(KEY) && request.body.is_empty(), "{}", request.head);
    }
    assert!(!proxy.requests().is_empty());
}

#[test]
fn no_redirect_takes_the_key_or_the_words_elsewhere() {
    let other = Server::start([reply(ASKS)]);
    for status in [301, 302, 303, 307, 308] {
        let to = format!("Location: {}/chat/completions\r\n", other.base_url());
        let server = Server::start([plain(status, &to, "")]);
        let home = home(&server.base_url());
        assert_unreached(&home, &interview(&home, &[]), "sends requests elsewhere");
    }
    assert!(other.requests().is_empty());
}

/// A TLS server for `localhost`, whose certificate only `ca.pem` vouches for; hands over each request's head.
fn tls_server() -> (u16, Receiver<String>) {
    let leaf = CertificateDer::from_pem_file(format!("{TLS}/localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{TLS}/localhost.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heads, head) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(rustls::StreamOwned::new(connection, socket));
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                // A client that does not trust the certificate goes away.
                if stream.read_line(&mut head).unwrap_or(0) == 0 {
                    break;
                }
                if let Some(value) = head.to_ascii_lowercase().rsplit("content-length:").next() {
                    length = value.trim().parse().unwrap_or(length);
                }
            }
            if !head.ends_with("\r\n\r\n") {
                continue;
            }
            let _ = stream.read_exact(&mut vec![0; length]);
            let _ = heads.send(head);
            let body =
                serde_json::json!({"choices": [{"message": {"content": ASKS}, "finish_reason": "stop"}]});
            let body = body.to_string();
            let _ = write!(
                stream.get_mut(),
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.get_mut().conn.send_close_notify();
            let _ = stream.get_mut().flush();
        }
    });
    (port, head)
}

#[test]
fn a_certificate_must_be_vouched_for_and_name_the_host() {
    let (port, heads) = tls_server();
    let heads = Mutex::new(heads);
    let (trusted, by_name) = (format!("{TLS}/ca.pem"), home(&format!("https://localhost:{port}/v1")));
    assert_unreached(&by_name, &interview(&by_name, &[]), "certificate");
    let by_number = home(&format!("https://127.0.0.1:{port}/v1"));
    assert_unreached(&by_number, &interview(&by_number, &[("SSL_CERT_FILE", &trusted)]), "certificate");
    assert!(heads.lock().unwrap().try_recv().is_err(), "nothing was sent");
    let ran = interview(&by_name, &[("SSL_CERT_FILE", &trusted)]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(heads.lock().unwrap().recv().unwrap().contains(KEY));
}
