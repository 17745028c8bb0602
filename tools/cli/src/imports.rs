//! What is missing for a module, and what would provide it.

use crate::backtrace::plain;
use rwasm::wasi::{p0, p1};
use rwasm::{ExternType, ImportType};
use std::fmt::Write;

/// What to say of a module whose imports `missing` nobody provides.
pub fn explain(path: &str, missing: &[ImportType<'_>]) -> String {
    const SHOWN: usize = 10;
    let mut text = match missing {
        [_] => format!("{path} needs an import that rwasm does not provide:"),
        _ => format!("{path} needs {} imports that rwasm does not provide:", missing.len()),
    };
    for import in missing.iter().take(SHOWN) {
        let (module, name, ty) = (plain(import.module()), plain(import.name()), import.ty());
        let _ = write!(text, "\n  `{module}::{name}`, {}", ty.describe());
    }
    if missing.len() > SHOWN {
        let _ = write!(text, "\n  … and {} more", missing.len() - SHOWN);
    }
    let mut hints = hints(missing);
    if hints.is_empty() {
        hints.push(
            "rwasm provides `wasi_snapshot_preview1` (WASI 0.1), `wasi_unstable` (what came before) \
             and nothing else",
        );
    }
    if missing.iter().all(|import| matches!(import.ty(), ExternType::Func(_))) {
        hints.push(
            "`--trap-unknown-imports` runs it all the same, up to a call of one of these functions",
        );
    }
    for hint in hints {
        let _ = write!(text, "\nhelp: {hint}");
    }
    text
}

/// Where imports come from, as far as their names tell.
pub fn hints(missing: &[ImportType<'_>]) -> Vec<&'static str> {
    let mut hints = Vec::new();
    for hint in missing.iter().filter_map(hint) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

fn hint(import: &ImportType<'_>) -> Option<&'static str> {
    if let ExternType::Memory(ty) = import.ty()
        && ty.is_shared()
    {
        return Some("it is built for threads: `--threads` provides the memory that they share");
    }
    Some(match import.module() {
        p1::MODULE => "no function of this name and type is in WASI 0.1",
        p0::MODULE => "no function of this name and type is in snapshot 0, WASI before 0.1",
        "wasi" => "it is built for wasi-threads: `--threads` lets it begin them",
        "wbg" | "__wbindgen_placeholder__" | "__wbindgen_externref_xform__" => {
            "it is made by wasm-bindgen for JavaScript; build it for `wasm32-wasip1` instead"
        }
        "go" | "gojs" => "it is built by Go for JavaScript; build it with `GOOS=wasip1` instead",
        "env" => {
            "`env` is what C compilers import symbols from that nobody defined, and what \
             Emscripten expects of JavaScript; build it for `wasm32-wasip1`"
        }
        module if module.contains(':') => {
            "it is the core of a component (WASI 0.2 or later), which are not supported yet"
        }
        _ => return None,
    })
}
