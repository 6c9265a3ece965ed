//! Reads printed papers with a program that is not ours.

use std::process::Command;

/// What a PDF says, by pdftotext: two programs must agree on it. `./test --yes` installs it.
pub(crate) fn text_of_pdf(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let done = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output();
    let done = done.expect("pdftotext is installed by `./test --yes`");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
