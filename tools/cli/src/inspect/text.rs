//! A report for people.

use super::capability::{Grant, provided};
use super::page::Page;
use super::report::Report;
use crate::args::quoted;
use crate::entry::Kind;
use crate::{imports, units};
use rwasm::{ExportType, ExternType, ImportType};
use std::collections::HashMap;

/// The report as text: of what there is very much of, only some, unless `all` is asked for.
pub fn report(report: &Report<'_>, all: bool) -> String {
    let mut page = Page::new(all);
    what_it_is(&mut page, report);
    what_it_asks_for(&mut page, report);
    what_it_needs_besides(&mut page, report);
    how_to_run_it(&mut page, report);
    what_it_exports(&mut page, report);
    memories_and_tables(&mut page, report);
    features(&mut page, report);
    origin(&mut page, report);
    sizes(&mut page, report);
    page.text()
}

fn what_it_is(page: &mut Page, report: &Report<'_>) {
    let what = match report.kind {
        Kind::Command => "a command",
        Kind::Reactor => "a reactor",
        Kind::Start => "a module with a start function",
        Kind::Library => "a library",
    };
    let versions = match &report.versions[..] {
        [] => String::new(),
        versions => format!(" for {}", versions.join(" and ")),
    };
    let size = units::shown(report.module.syntax().bytes().len() as u64);
    page.line(&format!("{}: {what}{versions}, {size}", report.file.display()));
    if let Some(name) = report.module.name().filter(|name| !name.is_empty()) {
        page.quote("It calls itself `", name, "`");
    }
}

fn what_it_asks_for(page: &mut Page, report: &Report<'_>) {
    match (&report.asks[..], &report.foreign[..]) {
        ([], []) => return page.part("It asks for nothing"),
        ([], _) => return,
        _ => page.part("It asks for"),
    }
    for (capability, imports) in &report.asks {
        let how = match capability.grant {
            Grant::Option(option) => format!("granted by `{option}`"),
            Grant::Always(note) => note.to_owned(),
        };
        page.line(&format!("  {}: {how}", capability.name));
        let mut names: Vec<_> = imports.iter().map(import).collect();
        names.sort_unstable();
        names.dedup();
        page.words(6, &names);
    }
}

fn what_it_needs_besides(page: &mut Page, report: &Report<'_>) {
    if report.foreign.is_empty() {
        return;
    }
    page.part(match report.foreign.iter().all(is_function) {
        true => "Functions it needs from the embedder, which `rwasm run` does not have",
        false => "What it needs from the embedder, which `rwasm run` does not have",
    });
    let mut foreign: Vec<_> = report.foreign.iter().collect();
    let total = foreign.len();
    // One module after the other, in the order in which they are first imported from.
    let mut first = HashMap::new();
    for (index, import) in foreign.iter().enumerate() {
        first.entry(import.module()).or_insert(index);
    }
    foreign.sort_by_key(|import| first[import.module()]);
    foreign.truncate(page.shown(total));
    for imports in foreign.chunk_by(|a, b| a.module() == b.module()) {
        page.quote("  ", imports[0].module(), "");
        let row =
            |import: &&ImportType<'_>| (format!("    {}", import.name()), import.ty().describe());
        page.columns(&imports.iter().map(row).collect::<Vec<_>>());
    }
    page.more(total);
    for hint in imports::hints(&report.foreign) {
        page.line(&format!("help: {hint}"));
    }
}

fn how_to_run_it(page: &mut Page, report: &Report<'_>) {
    let is_called = report.kind != Kind::Command
        && report.module.exports().any(|export| matches!(export.ty(), ExternType::Func(_)));
    let is_nothing = report.kind == Kind::Library && !is_called;
    let can_be_traps =
        report.foreign.iter().all(|import| is_function(import) && provided(import).is_none());
    if is_nothing || !can_be_traps {
        return;
    }
    let mut command = "rwasm run".to_owned();
    for (capability, _) in &report.asks {
        if let Grant::Option(option) = capability.grant {
            command += &format!(" {option}");
        }
    }
    for (feature, _) in report.unusual_features().iter() {
        command += &format!(" -W {feature}");
    }
    if !report.foreign.is_empty() {
        command += " --trap-unknown-imports";
    }
    if is_called {
        command += " --invoke NAME";
    }
    command += &format!(" {}", quoted(report.file.as_os_str()));
    if is_called || report.asks.iter().any(|ask| ask.0.name == "arguments") {
        command += " ARGS";
    }
    let what = match report.kind {
        _ if !is_called => "To run it",
        Kind::Reactor => "To call one of its functions, after `_initialize`",
        Kind::Start => "To call one of its functions, after its start function",
        _ => "To call one of its functions",
    };
    let has_options = report.asks.iter().any(|ask| matches!(ask.0.grant, Grant::Option(_)));
    page.part(&match has_options {
        true => format!("{what}, with all of that granted"),
        false => what.to_owned(),
    });
    page.line(&format!("  {command}"));
}

fn what_it_exports(page: &mut Page, report: &Report<'_>) {
    let syntax = report.module.syntax();
    let row = |export: ExportType<'_>| {
        let shown = match export.ty() {
            // More about these follows.
            ExternType::Memory(_) if syntax.mems.len() == 1 => "memory".to_owned(),
            ExternType::Table(_) if syntax.tables.len() == 1 => "table".to_owned(),
            ty => ty.describe(),
        };
        (format!("  {}", export.name()), shown)
    };
    let rows: Vec<_> = report.module.exports().map(row).collect();
    page.part(if rows.is_empty() { "It exports nothing" } else { "It exports" });
    page.rows(&rows);
}

fn memories_and_tables(page: &mut Page, report: &Report<'_>) {
    let syntax = report.module.syntax();
    let mut rows = Vec::new();
    for (index, ty) in syntax.mems.iter().enumerate() {
        let size = |pages: u64| {
            let bytes = u128::from(pages) << ty.page_size_log2;
            let bytes = units::shown(u64::try_from(bytes).unwrap_or(u64::MAX));
            match ty.page_size_log2 {
                0 => bytes,
                _ => format!("{} ({bytes})", many(pages, "page")),
            }
        };
        let mut text = limits(ty.limits.min, ty.limits.max, size);
        for (is_so, what) in [
            (ty.shared, ", shared by threads"),
            (ty.is_64, ", with 64-bit addresses"),
            (index < syntax.imported.mems as usize, ", imported"),
        ] {
            text += if is_so { what } else { "" };
        }
        rows.push((format!("  memory {index}"), text));
    }
    for (index, ty) in syntax.tables.iter().enumerate() {
        let mut text = format!("{}, ", ty.element);
        text += &limits(ty.limits.min, ty.limits.max, |count| many(count, "element"));
        for (is_so, what) in [
            (ty.is_64, ", with 64-bit indices"),
            (index < syntax.imported.tables as usize, ", imported"),
        ] {
            text += if is_so { what } else { "" };
        }
        rows.push((format!("  table {index}"), text));
    }
    if !rows.is_empty() {
        page.part("Memories and tables");
        page.rows(&rows);
    }
}

fn features(page: &mut Page, report: &Report<'_>) {
    let name = |(name, feature)| match report.unusual_features().contains(feature) {
        true => format!("{name} (off by default)"),
        false => String::from(name),
    };
    let names: Vec<_> = report.features.iter().map(name).collect();
    if names.is_empty() {
        return page.part("It needs nothing beyond the first version of WebAssembly");
    }
    page.part("What it needs beyond the first version of WebAssembly");
    page.words(2, &names);
}

fn origin(page: &mut Page, report: &Report<'_>) {
    let mut rows = Vec::new();
    for field in &report.producers {
        for (name, version) in &field.values {
            let value = format!("{name} {version}");
            rows.push((format!("  {}", field.name), value.trim_end().to_owned()));
        }
    }
    if !rows.is_empty() {
        page.part("Made with");
        page.rows(&rows);
    }
    page.part(match (report.has_names(), report.has_dwarf()) {
        (true, true) => "It has names of functions and debug information (DWARF)",
        (true, false) => "It has names of functions and no debug information",
        (false, true) => "It has no names of functions, but debug information (DWARF)",
        (false, false) => "It has no names of functions and no debug information",
    });
}

fn sizes(page: &mut Page, report: &Report<'_>) {
    let syntax = report.module.syntax();
    let size = |bytes: usize| units::shown(bytes as u64);
    let of_all = |bytes: usize, count: usize, what: &str| match count {
        0 => "none".to_owned(),
        _ => format!("{} in {}", size(bytes), many(count as u64, what)),
    };
    let code = of_all(report.code, syntax.bodies.len(), "function");
    let data = of_all(report.data, syntax.datas.len(), "segment");
    let mut rows = vec![("  code".to_owned(), code), ("  data".to_owned(), data)];
    let is_debug = |custom: &&(&str, usize)| custom.0.starts_with(".debug_");
    let debug: usize = report.customs.iter().filter(is_debug).map(|custom| custom.1).sum();
    if report.has_dwarf() {
        rows.push(("  debug information".to_owned(), size(debug)));
    }
    for (name, bytes) in report.customs.iter().filter(|custom| !is_debug(custom)) {
        rows.push((format!("  section `{name}`"), size(*bytes)));
    }
    page.part("Sizes");
    page.rows(&rows);
}

fn is_function(import: &ImportType<'_>) -> bool {
    matches!(import.ty(), ExternType::Func(_))
}

/// What an import that rwasm has is called.
fn import(import: &ImportType<'_>) -> String {
    match import.ty() {
        ExternType::Func(_) => import.name().to_owned(),
        ty => format!("a {}", ty.describe()),
    }
}

/// A number of something.
fn many(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// How large something is and can get.
fn limits(min: u64, max: Option<u64>, size: impl Fn(u64) -> String) -> String {
    match max {
        Some(max) if max == min => format!("always {}", size(min)),
        Some(max) => format!("{}, at most {}", size(min), size(max)),
        None => format!("{}, no maximum", size(min)),
    }
}
