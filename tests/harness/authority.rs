//! A time-stamp authority of the tests' own: certificates and stamps by `openssl`, answers over HTTP on the machine itself.
//! Doorstep's own code makes none of it, so that the two must agree.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use doorstep_domain::measure::Micros;
use tempfile::TempDir;

const CONFIG: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = Example
[root]
basicConstraints = critical, CA:true
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[mail]
extendedKeyUsage = critical, emailProtection
subjectKeyIdentifier = hash
[both]
extendedKeyUsage = critical, timeStamping, emailProtection
subjectKeyIdentifier = hash
[careless]
extendedKeyUsage = timeStamping
subjectKeyIdentifier = hash
[issue]
database = index
serial = numbers
unique_subject = no
policy = anything
[anything]
commonName = supplied
[tsa]
serial = serial
signer_digest = DIGEST
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
tsa_name = yes
ess_cert_id_alg = sha256
clock_precision_digits = 3
";

/// How an authority makes its keys and signatures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// Arguments of `openssl genpkey`.
    key: &'static [&'static str],
    digest: &'static str,
}

/// RSA of 2048 bits with SHA-256.
pub(crate) const RSA: Made = Made {
    key: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    digest: "sha256",
};
/// RSA of 3072 bits with SHA-512.
pub(crate) const RSA_SHA512: Made = Made {
    key: &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    digest: "sha512",
};
/// ECDSA on P-256 with SHA-256.
pub(crate) const P256: Made = Made {
    key: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    digest: "sha256",
};
/// ECDSA on P-384 with SHA-384.
pub(crate) const P384: Made = Made {
    key: &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    digest: "sha384",
};

/// The key and certificate that a signer uses, by the names of their files.
pub(crate) const SIGNER: &str = "stamps";

/// An authority with a root certificate and a signer.
pub(crate) struct Authority {
    folder: TempDir,
    digest: &'static str,
    /// `openssl ts` counts in a file.
    counting: Mutex<()>,
}

impl Authority {
    pub(crate) fn new(made: Made) -> Self {
        let authority = Self {
            folder: tempfile::tempdir().unwrap(),
            digest: made.digest,
            counting: Mutex::new(()),
        };
        authority.write("config", CONFIG.replace("DIGEST", made.digest).as_bytes());
        authority.write("serial", b"01");
        authority.write("index", b"");
        authority.key("root", made);
        authority.run(
            "req -x509 -new -config config -extensions root -days 30 -sha256 -subj /CN=Root -key root.key -out root.pem",
        );
        authority.key(SIGNER, made);
        authority.certificate(SIGNER, "-days 30");
        authority
    }

    /// The root's certificate in PEM.
    pub(crate) fn ca(&self) -> Vec<u8> {
        self.read("root.pem")
    }

    /// Makes a key.
    pub(crate) fn key(&self, name: &str, made: Made) {
        let out = format!("{name}.key");
        let arguments = [&["genpkey", "-out", &out], made.key].concat();
        assert!(self.openssl(&arguments), "no key");
    }

    /// Has the root certify a key for what the section of the same name says; `dates` are options of `openssl ca`.
    pub(crate) fn certificate(&self, name: &str, dates: &str) {
        self.run(&format!(
            "req -new -config config -subj /CN={name} -key {name}.key -out {name}.csr"
        ));
        self.run(&format!(
            "ca -batch -notext -config config -name issue -rand_serial -outdir . -md sha256 -cert root.pem -keyfile root.key \
             -extensions {name} {dates} -in {name}.csr -out {name}.pem"
        ));
    }

    /// A stamp as `openssl ts` gives it.
    pub(crate) fn answer(&self, request: &[u8]) -> Vec<u8> {
        let _one_at_a_time = self.counting.lock().unwrap();
        self.write("request", request);
        self.run(&format!(
            "ts -reply -config config -section tsa -queryfile request -signer {SIGNER}.pem -inkey {SIGNER}.key -out answer"
        ));
        self.read("answer")
    }

    /// What an answer states, signed anew by `openssl cms` with another key or in another way.
    pub(crate) fn signed_anew(&self, answer: &[u8], signer: &str, options: &str) -> Vec<u8> {
        self.write("answer", answer);
        self.run("ts -reply -in answer -token_out -out token");
        self.run("cms -verify -noverify -inform DER -binary -in token -out statement");
        self.run(&format!(
            "cms -sign -binary -nodetach -cades -nosmimecap -outform DER -econtent_type 1.2.840.113549.1.9.16.1.4 \
             -md {} -signer {signer}.pem -inkey {signer}.key {options} -in statement -out token",
            self.digest
        ));
        // `openssl ts` reads no signatures with PSS; `openssl cms` reads all.
        self.run(&format!(
            "cms -verify -inform DER -binary -purpose any -CAfile root.pem -certfile {signer}.pem -in token -out statement"
        ));
        let token = self.read("token");
        let parts = [vec![0x30, 0x03, 0x02, 0x01, 0x00], token].concat();
        let size = u16::try_from(parts.len()).unwrap().to_be_bytes();
        [&[0x30, 0x82], size.as_slice(), &parts].concat()
    }

    /// Whether `openssl ts -verify` accepts an answer for these bytes under a root certificate.
    pub(crate) fn accepts(&self, answer: &[u8], data: &[u8], ca: &[u8]) -> bool {
        self.write("checked", answer);
        self.write("data", data);
        self.write("trusted.pem", ca);
        let command = "ts -verify -in checked -data data -CAfile trusted.pem";
        self.openssl(&command.split(' ').collect::<Vec<_>>())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn run(&self, command: &str) {
        assert!(
            self.openssl(&command.split_whitespace().collect::<Vec<_>>()),
            "openssl {command} failed"
        );
    }

    fn openssl(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(self.folder.path());
        let output = command.stdin(Stdio::null()).output();
        let Ok(output) = output else {
            panic!("openssl was not found; ./test --yes installs it")
        };
        output.status.success()
    }
}

/// How an authority answers.
#[derive(Debug, Clone)]
pub(crate) enum Manner {
    /// As it should.
    Honest,
    /// Always with these bytes.
    Always(Vec<u8>),
    /// With an HTTP error.
    Broken,
}

/// An authority that can be asked over HTTP until it is dropped.
pub(crate) struct AuthorityServer {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    authority: Authority,
    manner: Mutex<Option<Manner>>,
    answers: Mutex<Vec<Vec<u8>>>,
}

impl AuthorityServer {
    pub(crate) fn start(made: Made) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsr", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            authority: Authority::new(made),
            manner: Mutex::new(Some(Manner::Honest)),
            answers: Mutex::new(Vec::new()),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(manner) = serving.manner.lock().unwrap().clone() else {
                    return;
                };
                // Whoever hangs up in between asks again.
                let _ = serving.serve(stream.unwrap(), manner);
            }
        });
        Self { url, shared }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.shared.authority
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = Some(manner);
    }

    /// What was answered so far.
    pub(crate) fn answers(&self) -> Vec<Vec<u8>> {
        self.shared.answers.lock().unwrap().clone()
    }
}

impl Drop for AuthorityServer {
    fn drop(&mut self) {
        *self.shared.manner.lock().unwrap() = None;
        // The thread looks at this only when somebody comes.
        let address = self.url.trim_start_matches("http://").trim_end_matches("/tsr");
        let _ = TcpStream::connect(address);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream, manner: Manner) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut line, mut length, mut typed) = (String::new(), 0, false);
        while reader.read_line(&mut line)? > 2 {
            let header = line.trim().to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            typed |= header == "content-type: application/timestamp-query";
            line.clear();
        }
        let mut request = vec![0; length];
        reader.read_exact(&mut request)?;
        let (status, body) = match manner {
            Manner::Honest if typed => ("200 OK", self.authority.answer(&request)),
            Manner::Always(body) => ("200 OK", body),
            Manner::Honest | Manner::Broken => ("503 Service Unavailable", Vec::new()),
        };
        self.answers.lock().unwrap().push(body.clone());
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(&body)
    }
}

/// The true time: an authority knows no other.
#[allow(
    clippy::disallowed_methods,
    reason = "openssl takes the time from the system, and no option changes that"
)]
pub(crate) fn true_time() -> Micros {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Micros(i64::try_from(since.unwrap().as_micros()).unwrap())
}

/// The text of a signed note: what is stamped.
pub(crate) fn stamped_text(note: &[u8]) -> Vec<u8> {
    let end = note.windows(2).position(|pair| pair == b"\n\n").unwrap();
    note[..=end].to_vec()
}

/// Writes a root certificate into a data folder and names the authority in its configuration.
pub(crate) fn configure(folder: &Path, server: &AuthorityServer) {
    std::fs::write(folder.join("tsa.pem"), server.authority().ca()).unwrap();
    let path = folder.join("doorstep.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let changed = text
        .replace("timestamp_url = \"\"", &format!("timestamp_url = \"{}\"", server.url()))
        .replace("timestamp_ca = \"\"", "timestamp_ca = \"tsa.pem\"");
    assert_ne!(text, changed);
    std::fs::write(&path, changed).unwrap();
}
