//! A report for programs.

use super::capability::{Capability, Grant};
use super::producers::Field;
use super::report::Report;
use crate::entry::Kind;
use crate::json::Json;
use rwasm::{ExternType, Features, ImportType};
use std::fmt;

/// All of a report.
pub fn report(report: &Report<'_>) -> Json {
    let module = report.module;
    let syntax = module.syntax();
    let names = |features: Features| list(features.iter().map(|(name, _)| text(name)));
    let custom = |&(name, size): &(&str, usize)| {
        Json::Object(vec![("name", text(name)), ("size", number(size))])
    };
    Json::Object(vec![
        ("file", text(report.file.display())),
        ("kind", text(kind(report.kind))),
        ("name", module.name().map_or(Json::Null, text)),
        ("wasi", list(report.versions.iter().map(text))),
        ("capabilities", list(report.asks.iter().map(capability))),
        ("embedder", list(report.foreign.iter().map(import))),
        ("exports", list(module.exports().map(|export| named(vec![], export.name(), export.ty())))),
        ("memories", memories(report)),
        ("tables", tables(report)),
        ("features", names(report.features)),
        ("features_off_by_default", names(report.unusual_features())),
        ("producers", list(report.producers.iter().flat_map(producers))),
        ("function_names", Json::Bool(report.has_names())),
        ("debug_information", Json::Bool(report.has_dwarf())),
        ("size", number(syntax.bytes().len())),
        ("code", counted("functions", syntax.bodies.len(), report.code)),
        ("data", counted("segments", syntax.datas.len(), report.data)),
        ("custom_sections", list(report.customs.iter().map(custom))),
    ])
}

fn capability((capability, imports): &(&Capability, Vec<ImportType<'_>>)) -> Json {
    let (granted, option) = match capability.grant {
        Grant::Option(option) => ("option", text(option)),
        Grant::Always(_) => ("always", Json::Null),
    };
    Json::Object(vec![
        ("name", text(capability.name)),
        ("granted", text(granted)),
        ("option", option),
        ("imports", list(imports.iter().map(import))),
    ])
}

fn memories(report: &Report<'_>) -> Json {
    let syntax = report.module.syntax();
    list(syntax.mems.iter().enumerate().map(|(index, ty)| {
        Json::Object(vec![
            ("imported", Json::Bool(index < syntax.imported.mems as usize)),
            ("minimum", Json::Number(ty.limits.min)),
            ("maximum", ty.limits.max.map_or(Json::Null, Json::Number)),
            ("page_size", Json::Number(1 << ty.page_size_log2)),
            ("shared", Json::Bool(ty.shared)),
            ("is_64", Json::Bool(ty.is_64)),
        ])
    }))
}

fn tables(report: &Report<'_>) -> Json {
    let syntax = report.module.syntax();
    list(syntax.tables.iter().enumerate().map(|(index, ty)| {
        Json::Object(vec![
            ("imported", Json::Bool(index < syntax.imported.tables as usize)),
            ("minimum", Json::Number(ty.limits.min)),
            ("maximum", ty.limits.max.map_or(Json::Null, Json::Number)),
            ("element", text(ty.element)),
            ("is_64", Json::Bool(ty.is_64)),
        ])
    }))
}

fn producers(field: &Field) -> impl Iterator<Item = Json> {
    field.values.iter().map(|(name, version)| {
        Json::Object(vec![
            ("field", text(&field.name)),
            ("name", text(name)),
            ("version", text(version)),
        ])
    })
}

fn counted(what: &'static str, count: usize, size: usize) -> Json {
    Json::Object(vec![(what, number(count)), ("size", number(size))])
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::Reactor => "reactor",
        Kind::Start => "start",
        Kind::Library => "library",
    }
}

fn import(import: &ImportType<'_>) -> Json {
    named(vec![("module", text(import.module()))], import.name(), import.ty())
}

/// An import or export, with the fields that come before its name.
fn named(mut fields: Vec<(&'static str, Json)>, name: &str, ty: ExternType) -> Json {
    let (kind, shown) = match &ty {
        ExternType::Func(ty) => ("function", ty.to_string()),
        ExternType::Global(_) => ("global", ty.describe()),
        ExternType::Table(_) => ("table", ty.describe()),
        ExternType::Memory(_) => ("memory", ty.describe()),
        ExternType::Tag(_) => ("tag", ty.describe()),
    };
    fields.extend([("name", text(name)), ("kind", text(kind)), ("type", Json::Text(shown))]);
    Json::Object(fields)
}

fn text(shown: impl fmt::Display) -> Json {
    Json::Text(shown.to_string())
}

fn number(number: usize) -> Json {
    Json::Number(number as u64)
}

fn list(items: impl Iterator<Item = Json>) -> Json {
    Json::List(items.collect())
}
