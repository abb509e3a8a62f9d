//! A small static server: the built site on this machine, for developers and for the end-to-end tests.
//!
//! In: a folder, the path under which it appears, a port. Out: an address. It sends what any static host sends and nothing more: a
//! type for each file and the instruction to ask again each time, so that a rebuilt site is never mixed with an old one. Absent on
//! purpose: compression, ranges, isolation headers, writing. It listens on this machine only.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A running server. It ends with the program.
pub struct Server {
    address: SocketAddr,
    prefix: String,
}

impl Server {
    /// Serves `folder` under `prefix` (`/` or `/some/path/`); port 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(folder: PathBuf, prefix: &str, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let server = Self { address: listener.local_addr()?, prefix: prefix.to_owned() };
        let site = Arc::new((folder, prefix.to_owned()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                // A visitor that goes away in the middle is nobody's error.
                thread::spawn(move || answer(stream, &site.0, &site.1));
            }
        });
        Ok(server)
    }

    /// The address to open, with the prefix.
    pub fn address(&self) -> String {
        format!("http://{}{}", self.address, self.prefix)
    }
}

fn answer(mut stream: TcpStream, folder: &Path, prefix: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    // Requests have no body and a bounded head.
    let mut reader = BufReader::new(stream.try_clone()?.take(64 * 1024));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method != "GET" && method != "HEAD" {
        return respond(&mut stream, "405 Method Not Allowed", "text/plain", b"only GET and HEAD\n", true);
    }
    let found = file_for(folder, prefix, target).and_then(|path| Some((mime(&path), fs::read(path).ok()?)));
    match found {
        Some((kind, bytes)) => respond(&mut stream, "200 OK", kind, &bytes, method == "GET"),
        None => respond(&mut stream, "404 Not Found", "text/plain; charset=utf-8", b"not found\n", method == "GET"),
    }
}

fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &[u8], with_body: bool) -> io::Result<()> {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )?;
    if with_body {
        stream.write_all(body)?;
    }
    stream.flush()
}

/// The file that a request means, if it is inside the folder.
fn file_for(folder: &Path, prefix: &str, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?;
    let inside = percent_decoded(path.strip_prefix(prefix)?)?;
    let mut file = folder.to_path_buf();
    for part in inside.split('/').filter(|part| !part.is_empty()) {
        if part == "." || part == ".." || part.contains(['\\', ':', '\0']) {
            return None;
        }
        file.push(part);
    }
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The type of a file by its ending. `application/wasm` lets the browser compile while it downloads.
fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        "txt" | "md" | "csv" | "tsv" | "jsonl" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
