//! The cases of `spec-tests/cli`, whose README says what they look like.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec-tests/cli")
}

#[test]
fn cases_give_their_expected_output() {
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder()).expect("the cases are there") {
        let case = entry.expect("the cases can be listed").path();
        if case.extension().is_some_and(|extension| extension == "wat" || extension == "wast") {
            wrong.extend(check(&case));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a case. Returns what is different, if anything is.
fn check(case: &Path) -> Option<String> {
    let output = run(case);
    let file = case.with_extension("out");
    if env::var_os("BLESS").is_some() {
        fs::write(file, output).expect("the output can be written");
        return None;
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected == output {
        return None;
    }
    let same = expected.lines().zip(output.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(end)").to_owned();
    Some(format!(
        "{}:{}:\n  expected: {}\n  found:    {}\n",
        file.display(),
        same + 1,
        line(&expected),
        line(&output)
    ))
}

fn run(case: &Path) -> String {
    let name = case.file_name().and_then(|name| name.to_str()).expect("cases have plain names");
    let work = Work::new(name);
    fs::copy(case, work.0.join(name)).expect("the case can be copied");
    let text = fs::read_to_string(case).expect("cases are text");
    let (mut output, mut stdin, mut variables) = (String::new(), String::new(), Vec::new());
    for line in text.lines().map_while(|line| line.strip_prefix(";; ")) {
        if let Some(text) = line.strip_prefix("stdin: ") {
            stdin = format!("{text}\n");
        } else if let Some(variable) = line.strip_prefix("set: ") {
            variables.push(variable.split_once('=').expect("`set` needs NAME=VALUE"));
        } else if let Some(args) = line.strip_prefix("run:") {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rwasm"));
            command.args(words(args)).current_dir(&work.0).envs(variables.drain(..));
            let _ = writeln!(output, "$ rwasm{args}");
            output += &outcome(command, &std::mem::take(&mut stdin));
        }
    }
    output
}

fn outcome(mut command: Command, stdin: &str) -> String {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that does not read it may be gone already.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let mut text = shown(&output.stdout, "");
    text += &shown(&output.stderr, "2> ");
    let _ = match output.status.code() {
        Some(code) => writeln!(text, "[status {code}]\n"),
        None => writeln!(text, "[{}]\n", output.status),
    };
    text
}

/// What a command wrote, each line after `prefix`, and NULs as the text `\0`.
fn shown(bytes: &[u8], prefix: &str) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\0', "\\0");
    text.lines().map(|line| format!("{prefix}{line}\n")).collect()
}

/// Words between spaces; `'…'` keeps some together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        match i % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A fresh folder, gone when the case is over.
struct Work(PathBuf);

impl Work {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("rwasm-cli-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder can be made");
        copy(&self::folder().join("data"), &folder.join("data"));
        Work(folder)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made");
    for entry in fs::read_dir(from).expect("the data is there") {
        let entry = entry.expect("the data can be listed");
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => {
                fs::copy(entry.path(), to.join(entry.file_name())).expect("files can be copied");
            }
        }
    }
}
