//! The official testsuite, as far as it is about decoding and validating: every `module` is
//! accepted, every `assert_malformed` of a binary is malformed, every `assert_invalid` invalid.
//!
//! The scripts are in the folder that `RWASM_CORPORA` names, or else in `../shared/corpora`.

use rwasm_parser::{DecodeConfig, DecodeError, Features, Module};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wast::core::{Module as TextModule, ModuleKind};
use wast::lexer::Lexer;
use wast::parser::{ParseBuffer, parse};
use wast::{QuoteWat, Wast, WastDirective, WastExecute, Wat};

/// Folders whose proposals are not there yet.
const LATER: &[&str] = &["legacy/", "proposals/stack-switching/"];

/// Scripts that hold without a feature only, because it allows what they refuse.
const WITHOUT: &[(&str, Features)] = &[
    ("proposals/threads/imports.wast", MULTI),
    ("proposals/threads/memory.wast", MULTI),
    ("spec/gc/br_on_cast.wast", Features::CUSTOM_DESCRIPTORS),
    ("spec/gc/br_on_cast_fail.wast", Features::CUSTOM_DESCRIPTORS),
    ("spec/exceptions/tag.wast", Features::STACK_SWITCHING),
];

const MULTI: Features = Features::MULTI_MEMORY.with(Features::REFERENCE_TYPES);

fn corpora() -> Option<PathBuf> {
    if let Ok(named) = std::env::var("RWASM_CORPORA") {
        let folder = PathBuf::from(named).join("core");
        assert!(folder.is_dir(), "RWASM_CORPORA names no folder with `core` in it");
        return Some(folder);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/core");
    folder.is_dir().then_some(folder)
}

fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "wast") {
            found.push(path);
        }
    }
}

#[derive(Default)]
struct Counts {
    valid: usize,
    malformed: usize,
    invalid: usize,
    quoted: usize,
    wordings: usize,
    other_wordings: BTreeMap<(String, String), usize>,
    failures: Vec<String>,
}

#[test]
fn verdicts_are_those_of_the_testsuite() {
    let Some(root) = corpora() else {
        println!("skipped: no testsuite in ../shared/corpora, and RWASM_CORPORA is not set");
        return;
    };
    let mut found = Vec::new();
    scripts(&root, &mut found);
    found.sort();
    let mut counts = Counts::default();
    for path in &found {
        let name = path.strip_prefix(&root).expect("found below").to_string_lossy().into_owned();
        if !LATER.iter().any(|folder| name.starts_with(folder)) {
            script(&name, &fs::read_to_string(path).expect("scripts are text"), &mut counts);
        }
    }
    println!(
        "{} valid, {} malformed, {} invalid; {} quoted left out; {} of {} in the suite's words",
        counts.valid,
        counts.malformed,
        counts.invalid,
        counts.quoted,
        counts.wordings,
        counts.malformed + counts.invalid,
    );
    for ((expected, found), times) in &counts.other_wordings {
        println!("{times:4} times {expected:?} is put as {found:?}");
    }
    assert!(counts.failures.is_empty(), "{}", counts.failures.join("\n"));
    assert!(counts.valid > 2800 && counts.malformed > 900 && counts.invalid > 2900);
}

fn script(name: &str, text: &str, counts: &mut Counts) {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("scripts have tokens");
    let script = match parse::<Wast<'_>>(&buffer) {
        Ok(script) => script,
        Err(error) => {
            counts.failures.push(format!("{name}: the script does not parse: {error}"));
            return;
        }
    };
    let mut features = Features::ALL;
    for (script, without) in WITHOUT {
        if *script == name {
            features = features.without(*without);
        }
    }
    for directive in script.directives {
        let (line, _) = directive.span().linecol_in(text);
        let at = format!("{name}:{}", line + 1);
        match directive {
            WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => {
                valid(&at, features, module, counts);
            }
            WastDirective::AssertUnlinkable { module, .. } => {
                valid(&at, features, QuoteWat::Wat(module), counts);
            }
            WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => {
                valid(&at, features, QuoteWat::Wat(module), counts);
            }
            WastDirective::AssertMalformed { module, message, .. } => {
                let binary = matches!(
                    &module,
                    QuoteWat::Wat(Wat::Module(TextModule { kind: ModuleKind::Binary(_), .. }))
                );
                if binary {
                    refused(&at, features, module, message, true, counts);
                } else {
                    counts.quoted += 1;
                }
            }
            WastDirective::AssertInvalid { module, message, .. } => {
                refused(&at, features, module, message, false, counts);
            }
            _ => {}
        }
    }
}

fn verdict(features: Features, bytes: &[u8]) -> Result<(), DecodeError> {
    let config = DecodeConfig { features, ..DecodeConfig::default() };
    // In one go, and with a stop behind the bodies: nobody may see a difference.
    let whole = Module::decode(bytes, &config);
    let in_two = Module::decode_head(bytes, &config, 0).and_then(|head| {
        let rest = head.rest()?;
        Ok(head.with(rest))
    });
    match (&whole, &in_two) {
        (Ok(whole), Ok(in_two)) => {
            let datas = |module: &Module<'_>| format!("{:?}", (&module.datas, &module.customs));
            assert_eq!(datas(whole), datas(in_two));
        }
        (whole, in_two) => assert_eq!(format!("{whole:?}"), format!("{in_two:?}")),
    }
    whole?.validate_bodies()
}

fn valid(at: &str, features: Features, mut module: QuoteWat<'_>, counts: &mut Counts) {
    let bytes = match module.encode() {
        Ok(bytes) => bytes,
        Err(error) => return counts.failures.push(format!("{at}: cannot be encoded: {error}")),
    };
    counts.valid += 1;
    if let Err(error) = verdict(features, &bytes) {
        counts.failures.push(format!("{at}: expected a valid module, found {error:?}"));
    }
}

fn refused(
    at: &str,
    features: Features,
    mut module: QuoteWat<'_>,
    message: &str,
    is_malformed: bool,
    counts: &mut Counts,
) {
    // Text that cannot be encoded was refused by the text parser.
    let Ok(bytes) = module.encode() else {
        counts.quoted += 1;
        return;
    };
    let error = match verdict(features, &bytes) {
        Ok(()) => return counts.failures.push(format!("{at}: accepted, expected {message:?}")),
        Err(error) => error,
    };
    if matches!(error, DecodeError::Malformed(_)) != is_malformed {
        counts.failures.push(format!("{at}: expected {message:?}, found {error:?}"));
    }
    *(if is_malformed { &mut counts.malformed } else { &mut counts.invalid }) += 1;
    if error.message().starts_with(message) {
        counts.wordings += 1;
    } else {
        let found = error.message().split(['0', '1', '2', '3', ':']).next().unwrap_or_default();
        *counts.other_wordings.entry((message.into(), found.into())).or_default() += 1;
    }
}
