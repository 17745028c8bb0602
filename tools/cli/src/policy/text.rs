//! What a program is granted, as the text of a policy.

use super::program::Program;
use super::value::Variable;
use crate::dir::Dir;
use crate::grants::ClockArg;
use std::path::Path;

/// The table of the program `name`, with comments.
pub fn table(name: &str, program: &Program, notes: &[&str]) -> String {
    let mut lines = vec![format!("[program.{}]", quoted(name))];
    lines.extend(notes.iter().map(|&note| note.to_owned()));
    let mut add = |key: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{key} = {value}")));
    };
    let text = |text: &Option<String>| text.as_deref().map(quoted);
    let path = |path: &Option<std::path::PathBuf>| path.as_deref().map(quoted_path);
    let flag = |is_set: bool| is_set.then(|| "true".to_owned());

    add("dir", list(program.dir.iter().map(dir)));
    add("env", variables(program));
    add("inherit-env", flag(program.inherit_env));
    add("tcplisten", list(program.tcplisten.iter().cloned()));
    add("stdin", path(&program.stdin));
    add("stdout", path(&program.stdout));
    add("stderr", path(&program.stderr));
    add("argv0", text(&program.argv0));
    add("cwd", text(&program.cwd));
    add("seed", program.seed.map(number));
    add("clock", program.clock.map(|clock| quoted(clock_name(clock))));
    add("threads", flag(program.threads));
    add("fuel", program.fuel.map(number));
    add("timeout", program.timeout.as_ref().map(|timeout| quoted(&timeout.text)));
    add("max-memory", program.max_memory.map(size));
    add("max-written", program.max_written.map(size));
    add("deterministic", flag(program.deterministic));
    add("wasm", list(program.wasm.iter().cloned()));
    add("trap-unknown-imports", flag(program.trap_unknown_imports));
    add("lazy-validation", flag(program.lazy_validation));
    lines.join("\n") + "\n"
}

/// A directory as `--dir` has it.
pub fn dir(dir: &Dir) -> String {
    let host = dir.host.to_string_lossy();
    let guest = match *dir.guest == *host {
        true => String::new(),
        false => format!("::{}", dir.guest),
    };
    format!("{host}{guest}{}", dir.access.suffix())
}

fn variables(program: &Program) -> Option<String> {
    let pair = |(name, value): (&String, &Variable)| {
        let value = match value {
            Variable::Here => "true".to_owned(),
            Variable::Text(text) => quoted(text),
        };
        format!("{} = {value}", key(name))
    };
    let pairs: Vec<_> = program.env.iter().map(pair).collect();
    (!pairs.is_empty()).then(|| format!("{{ {} }}", pairs.join(", ")))
}

/// A list, of which each element has a line of its own if there are several.
fn list(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<_> = texts.map(|text| quoted(&text)).collect();
    match &texts[..] {
        [] => None,
        [one] => Some(format!("[{one}]")),
        _ => Some(format!("[\n  {},\n]", texts.join(",\n  "))),
    }
}

fn clock_name(clock: ClockArg) -> &'static str {
    match clock {
        ClockArg::Fixed => "fixed",
        ClockArg::Virtual => "virtual",
    }
}

/// A number; those that TOML does not have are texts.
fn number(number: u64) -> String {
    match i64::try_from(number) {
        Ok(number) => number.to_string(),
        Err(_) => quoted(&number.to_string()),
    }
}

fn size(bytes: u64) -> String {
    let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)) {
        Some((name, unit)) => quoted(&format!("{}{name}", bytes / unit)),
        None => number(bytes),
    }
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A text between quotes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[test]
fn what_is_written_is_read_alike() {
    let text = r#"
        dir = ["a", "b::/b::ro", "c d::ro", "e::cow", "\u001b\"\\::é"]
        env = { A = "1\n2", "é.=x" = true, C = "" }
        inherit-env = true
        tcplisten = ["127.0.0.1:80", "[::1]:0"]
        stdin = "in"
        stdout = "o/ut"
        stderr = "/err"
        argv0 = "name"
        cwd = "/b"
        seed = "18446744073709551615"
        clock = "virtual"
        threads = true
        fuel = 7
        timeout = "1.5s"
        max-memory = "1GiB"
        max-written = "3KiB"
        deterministic = true
        wasm = ["all", "gc=n"]
        trap-unknown-imports = true
        lazy-validation = true
    "#;
    let program: Program = toml::from_str(text).unwrap();
    let table = table("a\"b", &program, &["# A note."]);
    let (head, body) = table.split_once('\n').unwrap();
    assert_eq!(head, r#"[program."a\"b"]"#);
    assert_eq!(toml::from_str::<Program>(body).unwrap(), program);
    assert_eq!(body.matches('=').count(), text.matches('=').count());

    let empty = Program::default();
    assert_eq!(super::text::table("a", &empty, &[]), "[program.\"a\"]\n");
    for bytes in [0, 1, 1024, 1025, 5 << 20, 3 << 40, u64::MAX] {
        let program = Program { max_memory: Some(bytes), ..Program::default() };
        let table = super::text::table("a", &program, &[]);
        let body = table.split_once('\n').unwrap().1;
        assert_eq!(toml::from_str::<Program>(body).unwrap(), program, "{bytes}");
    }
}
