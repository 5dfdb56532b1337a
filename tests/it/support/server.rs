//! A server that does what a test wrote down, byte for byte, and remembers what it was asked.
//!
//! Each request takes the next answer; the last one is given again. A stall lasts
//! until the client has gone; a pause is there to be waited through.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// One thing that the server does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends bytes in one write.
    Send(Vec<u8>),
    /// Lets time pass between two sends.
    Pause(std::time::Duration),
    /// Sends the same bytes again and again until the client has gone.
    Flood(Vec<u8>),
    /// Sends nothing more until the client has gone.
    Stall,
    /// Ends the connection with a reset.
    Reset,
    /// Ends the connection in order.
    Close,
}

/// What the server does for one request; the connection stays open for more unless it says otherwise.
pub type Answer = Vec<Act>;

/// What makes an answer of each request.
type Answering = dyn FnMut(&Request) -> Answer + Send;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: String,
    /// Number of the connection, from 0.
    pub connection: usize,
}

impl Request {
    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server on loopback; ends with the test process.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    left: Mutex<Receiver<usize>>,
    asked: Mutex<Receiver<()>>,
}

impl Server {
    pub fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: std::collections::VecDeque<Answer> = answers.into_iter().collect();
        Self::answering(move |_| match answers.len() {
            0 | 1 => answers.front().cloned().unwrap_or_default(),
            _ => answers.pop_front().unwrap_or_default(),
        })
    }

    /// Gives each request the answer that `answer` makes of it.
    pub fn answering(answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// The same, where `listener` listens.
    pub fn on(listener: TcpListener, answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (leaving, left) = channel();
        let (asking, asked) = channel();
        let script =
            Script { answer: Arc::new(Mutex::new(answer)), requests: Arc::clone(&requests), leaving, asking };
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let script = script.clone();
                std::thread::spawn(move || script.serve(&stream, number));
            }
        });
        Self { port, requests, left: Mutex::new(left), asked: Mutex::new(asked) }
    }

    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until a request has come; each counts once.
    pub fn wait_until_asked(&self) {
        let patience = std::time::Duration::from_secs(20);
        self.asked.lock().unwrap().recv_timeout(patience).expect("a request");
    }

    /// Waits until a client has left in the middle of an answer.
    pub fn wait_until_left(&self) -> usize {
        let patience = std::time::Duration::from_secs(20);
        self.left.lock().unwrap().recv_timeout(patience).expect("the client leaves")
    }
}

#[derive(Clone)]
struct Script {
    answer: Arc<Mutex<Answering>>,
    requests: Arc<Mutex<Vec<Request>>>,
    leaving: Sender<usize>,
    asking: Sender<()>,
}

impl Script {
    fn serve(&self, stream: &TcpStream, connection: usize) {
        let _ = stream.set_nodelay(true);
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader, connection) {
            self.requests.lock().unwrap().push(request.clone());
            let _ = self.asking.send(());
            let answer = (*self.answer.lock().unwrap())(&request);
            for act in answer {
                match act {
                    Act::Send(bytes) => {
                        if (&*stream).write_all(&bytes).is_err() {
                            let _ = self.leaving.send(connection);
                            return;
                        }
                    }
                    Act::Flood(bytes) => {
                        while (&*stream).write_all(&bytes).is_ok() {}
                        let _ = self.leaving.send(connection);
                        return;
                    }
                    Act::Pause(time) => std::thread::sleep(time),
                    Act::Stall => {
                        let mut rest = Vec::new();
                        let _ = reader.read_to_end(&mut rest);
                        let _ = self.leaving.send(connection);
                        return;
                    }
                    Act::Reset => {
                        let _ = socket2::SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
                        return;
                    }
                    Act::Close => return,
                }
            }
        }
    }
}

fn read_request(reader: &mut BufReader<&TcpStream>, connection: usize) -> Option<Request> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    // Files that are sent are no text.
    Some(Request { head, body: String::from_utf8_lossy(&body).into_owned(), connection })
}

/// Status line and headers of a stream of events, chunked.
pub fn stream_head() -> Act {
    send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
}

/// Bytes as they are.
pub fn send(bytes: impl AsRef<[u8]>) -> Act {
    Act::Send(bytes.as_ref().to_vec())
}

/// One chunk of a chunked body.
pub fn chunk(bytes: impl AsRef<[u8]>) -> Act {
    let bytes = bytes.as_ref();
    Act::Send([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat())
}

/// An event that carries `text`.
pub fn says(text: &str) -> String {
    let delta =
        serde_json::json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {delta}\n\n")
}

/// The events that end a reply, and the end of the chunked body.
pub fn ends(reason: &str) -> Vec<Act> {
    let finish = serde_json::json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
    vec![chunk(format!("data: {finish}\n\n")), chunk("data: [DONE]\n\n"), send("0\r\n\r\n")]
}

/// A whole reply, a word an event.
pub fn reply(text: &str) -> Answer {
    let mut acts = vec![stream_head()];
    acts.extend(text.split_inclusive(' ').map(|word| chunk(says(word))));
    acts.extend(ends("stop"));
    acts
}

/// An answer that is no stream; `headers` end in CRLF each.
pub fn plain(status: u16, headers: &str, body: &str) -> Answer {
    vec![send(format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()))]
}

/// What a real server sent, with its chunk framing (`.raw`) or without it (`.resp`).
pub fn recorded(name: &str) -> Answer {
    let path = format!("{}/tests/fixtures/wire/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    if name.ends_with(".raw") {
        return vec![Act::Send(bytes), Act::Close];
    }
    let cut = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head: String = String::from_utf8(bytes[..cut].to_vec())
        .unwrap()
        .split_inclusive("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("transfer-encoding"))
        .map(ToOwned::to_owned)
        .collect();
    vec![send(format!("{}\r\n\r\n", head.trim_end())), send(&bytes[cut + 4..]), Act::Close]
}
