//! Where the guest was, for people.

use crate::dwarf::{Function, locate};
use rwasm::{FrameInfo, Module, WasmBacktrace};
use std::fmt::{self, Write as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How many frames are shown, the innermost ones. Recursion without end has very many.
const SHOWN: usize = 20;

/// How long debug information is read. It is the guest's, and need not make sense.
const PATIENCE: Duration = Duration::from_secs(2);

/// The frames, innermost first, each on a line of its own, and the places in source files where
/// debug information tells them.
pub fn show(backtrace: &WasmBacktrace) -> String {
    let (send, receive) = mpsc::channel();
    let copy = backtrace.clone();
    // Names can be nested deeply.
    let reading = thread::Builder::new().stack_size(8 << 20).spawn(move || {
        let _ = send.send(text(&copy, &functions(&copy), demangled));
    });
    let read = reading.ok().and_then(|_| receive.recv_timeout(PATIENCE).ok());
    read.unwrap_or_else(|| text(backtrace, &[], str::to_owned))
}

/// What debug information says of each frame that is shown.
fn functions(backtrace: &WasmBacktrace) -> Vec<Vec<Function>> {
    let frames = backtrace.frames();
    let frames = &frames[..frames.len().min(SHOWN)];
    let mut functions = vec![Vec::new(); frames.len()];
    let mut modules: Vec<&Module> = Vec::new();
    for frame in frames {
        if !modules.iter().any(|module| Module::same(module, frame.module())) {
            modules.push(frame.module());
        }
    }
    for module in modules {
        let of_module = |i: &usize| Module::same(module, frames[*i].module());
        let indices: Vec<_> = (0..frames.len()).filter(of_module).collect();
        let offsets: Vec<_> = indices.iter().map(|&i| frames[i].module_offset()).collect();
        for (i, found) in indices.into_iter().zip(locate(module, &offsets)) {
            functions[i] = found;
        }
    }
    functions
}

fn text(
    backtrace: &WasmBacktrace,
    functions: &[Vec<Function>],
    name: impl Fn(&str) -> String,
) -> String {
    let mut text = String::new();
    let mut how = "in";
    let quoted = |mangled: &str| format!("`{}`", plain(&name(mangled)));
    let mut say = |what: &str, function: Option<&Function>| {
        let _ = write!(text, "\n  {how} {what}");
        if let Some(line) = function.and_then(|function| function.line.as_ref()) {
            let _ = write!(text, "\n      at {}", plain(&line.to_string()));
        }
        how = "called by";
    };
    let frames = backtrace.frames();
    for (i, frame) in frames.iter().enumerate().take(SHOWN) {
        let functions = functions.get(i).map_or(&[][..], |functions| functions);
        let (outer, inlined) = match functions.split_last() {
            Some((outer, inlined)) => (Some(outer), inlined),
            None => (None, functions),
        };
        for function in inlined {
            let name = function.name.as_deref().map_or_else(|| "a function".to_owned(), quoted);
            say(&format!("{name} (inlined)"), Some(function));
        }
        let known = frame.func_name().or_else(|| outer?.name.as_deref()).map(quoted);
        say(&place(frame, known), outer);
    }
    if frames.len() > SHOWN {
        text += "\n  called by …";
    }
    text
}

/// A function, and how far into the module.
fn place(frame: &FrameInfo, name: Option<String>) -> String {
    let mut text = name.unwrap_or_else(|| format!("function {}", frame.func_index()));
    if let Some(module) = frame.module().name() {
        let _ = write!(text, " of `{}`", plain(module));
    }
    if let Some(offset) = frame.module_offset() {
        let _ = write!(text, " (at offset {offset:#x})");
    }
    text
}

/// The name of a function as its source has it, if it is one that a compiler made of that.
fn demangled(name: &str) -> String {
    let mut text = Limited(String::new());
    let whole = if let Ok(symbol) = rustc_demangle::try_demangle(name) {
        write!(text, "{symbol:#}")
    } else if name.starts_with("_Z")
        && let Ok(symbol) = cpp_demangle::Symbol::new(name)
    {
        symbol.structured_demangle(&mut text, &cpp_demangle::DemangleOptions::new())
    } else {
        Err(fmt::Error)
    };
    match whole {
        Ok(()) => text.0,
        Err(_) => without_hash(name).to_owned(),
    }
}

/// Linkers leave the hash on names that they demangle as if they were C++.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|c| c.is_ascii_hexdigit()) => {
            path
        }
        _ => name,
    }
}

/// The most bytes of a name that is shown. A short one can stand for one of any length.
const MAX_TEXT: usize = 1000;

/// A text that does not become longer.
struct Limited(String);

impl fmt::Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MAX_TEXT {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// A text of the guest as it can be shown: not too long, and nothing that controls a terminal.
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let cut = text.floor_char_boundary(MAX_TEXT);
    let mut plain: String = text[..cut].chars().map(shown).collect();
    if cut < text.len() {
        plain.push('…');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled() {
        let hashed = "_ZN4core9panicking5panic17h0123456789abcdefE";
        assert_eq!(demangled(hashed), "core::panicking::panic");
        assert_eq!(
            demangled("core::panicking::panic::h0123456789abcdef"),
            "core::panicking::panic"
        );
        assert_eq!(demangled("_RNvCs1234_7mycrate3foo"), "mycrate::foo");
        assert_eq!(demangled("_ZN3foo3barEi"), "foo::bar(int)");
        assert_eq!(demangled("main"), "main");
        assert_eq!(demangled("_Znonsense"), "_Znonsense");
    }

    #[test]
    fn a_short_name_cannot_make_a_long_one() {
        // Each argument is twice the one before.
        let mut name = String::from("_Z1fILi1EE1aIS_S_E");
        for i in 0..30 {
            let _ = write!(name, "1aIS{i}_S{i}_E");
        }
        assert!(demangled(&name).len() <= MAX_TEXT);
        assert!(plain(&"x".repeat(5000)).len() < 1100);
        assert_eq!(plain("a\x1b[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
    }
}
