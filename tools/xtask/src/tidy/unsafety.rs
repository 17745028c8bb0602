//! Unsafe code: only where `docs/UNSAFE.md` has an entry for it.

use super::source::Source;
use crate::Result;
use crate::workspace::Workspace;
use std::path::Path;

/// The files and folders that may hold unsafe code.
const FENCED: &[&str] = &[
    "interp/src/code.rs",
    "interp/src/dispatch/",
    "interp/src/enter.rs",
    "interp/src/exec/",
    "runtime/src/memory/",
    "runtime/src/vm/",
];

/// Files that declare unsafe functions and have no unsafe block.
const DECLARING: &[&str] = &["runtime/src/gc/tests.rs", "runtime/src/tier.rs"];

/// The roots of crates that forbid it altogether.
const FORBIDDING: &[&str] = &[
    "parser/src/lib.rs",
    "spec-tests/src/lib.rs",
    "spec-tests/src/main.rs",
    "src/lib.rs",
    "tools/cli/src/lib.rs",
    "tools/cli/src/main.rs",
    "tools/differential/src/main.rs",
    "tools/wast/src/lib.rs",
    "tools/xtask/src/main.rs",
    "wasi/src/lib.rs",
];

/// The roots of crates that deny it outside of the fence.
const DENYING: &[&str] = &["interp/src/lib.rs", "runtime/src/lib.rs"];

/// Shows the habits of the code in one file, so it has one unsafe function.
const SAMPLE: &str = "docs/style-example.rs";

pub fn check(workspace: &Workspace, sources: &[Source]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for Source { path, text } in sources {
        let name = path.display();
        if path.as_os_str() == SAMPLE || FENCED.iter().any(|fence| path.starts_with(fence)) {
            continue;
        }
        let declares = DECLARING.iter().any(|file| path.as_os_str() == *file);
        for (line, what) in unsafe_uses(text) {
            if !(declares && what == Use::Declaration) {
                findings.push(format!("{name}:{line} has unsafe code outside of the fence"));
            }
        }
    }
    let roots = FORBIDDING.iter().map(|root| (root, "#![forbid(unsafe_code)]"));
    for (root, attribute) in roots.chain(DENYING.iter().map(|root| (root, "#![deny(unsafe_code)]")))
    {
        let source = sources.iter().find(|source| source.path == Path::new(root));
        if source.is_some_and(|source| !source.text.lines().any(|line| line == attribute)) {
            findings.push(format!("{root} does not say {attribute}"));
        }
    }
    let ledger = std::fs::read_to_string(workspace.root.join("docs/UNSAFE.md")).unwrap_or_default();
    for fence in FENCED {
        if !ledger
            .lines()
            .any(|line| line.starts_with("## ") && line.contains(&format!("`{fence}`")))
        {
            findings.push(format!("docs/UNSAFE.md has no entry for {fence}"));
        }
    }
    Ok(findings)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    /// An unsafe function, or a type of pointers to such.
    Declaration,
    /// Code that relies on something, or a promise.
    Other,
}

/// The lines where the word stands as code, and what for.
fn unsafe_uses(text: &str) -> Vec<(usize, Use)> {
    let code = code_of(text);
    let mut uses = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(found) = rest.find("unsafe") {
            let before = rest[..found].chars().next_back();
            rest = &rest[found + "unsafe".len()..];
            let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            if is_word(before) || is_word(rest.chars().next()) || before == Some('(') {
                continue;
            }
            let follows = rest.trim_start();
            let declares = follows.starts_with("fn ") || follows.starts_with("extern ");
            uses.push((at + 1, if declares { Use::Declaration } else { Use::Other }));
        }
    }
    uses
}

/// `text` with comments and the insides of strings blanked out; lines stay where they are.
fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => end_of(bytes, at, b"\n"),
            b'/' if bytes[at..].starts_with(b"/*") => end_of(bytes, at + 2, b"*/"),
            b'r' if raw_hashes(bytes, at).is_some() => {
                let hashes = raw_hashes(bytes, at).unwrap_or(0);
                end_of(bytes, at + hashes + 2, &[b"\"", &b"#".repeat(hashes)[..]].concat())
            }
            b'"' => end_of_string(bytes, at + 1),
            b'\'' if bytes[at + 1..].starts_with(b"\"'") => at + 3,
            _ => at + 1,
        };
        if end > at + 1 {
            code[at..end].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
        at = end;
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// How many hashes the raw string at `at` begins with, if there is one.
fn raw_hashes(bytes: &[u8], at: usize) -> Option<usize> {
    let in_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (!in_word && bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn end_of(bytes: &[u8], from: usize, mark: &[u8]) -> usize {
    let found = bytes[from..].windows(mark.len()).position(|window| window == mark);
    found.map_or(bytes.len(), |found| from + found + mark.len())
}

fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[test]
fn unsafe_code_is_told_from_words_about_it() {
    let text = "// unsafe\n\"unsafe { \\\" }\" /* unsafe */\n#![deny(unsafe_code)]\n\
        unsafe fn f();\nlet x = unsafe { f() };\nunsafe impl T for U {}\n/// # unsafe\n'\"'\nunsafe {\n\
        r#\"unsafe \" unsafe\"# unsafe {}";
    assert_eq!(
        unsafe_uses(text),
        [
            (4, Use::Declaration),
            (5, Use::Other),
            (6, Use::Other),
            (9, Use::Other),
            (10, Use::Other)
        ]
    );
}
