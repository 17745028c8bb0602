//! What is found in modules with debug information, whole and broken.

use super::*;
use rwasm::Engine;

/// The same source with versions 4 and 5 of DWARF.
const MODULES: [&[u8]; 2] = [
    include_bytes!("../../../../spec-tests/cli/data/inlined.wasm"),
    include_bytes!("../../../../spec-tests/cli/data/inlined_dwarf5.wasm"),
];

fn module(bytes: &[u8]) -> Module {
    Module::from_binary(&Engine::default(), bytes).unwrap()
}

/// Where `i32.div_s` stands.
fn division(module: &Module) -> usize {
    let syntax = module.syntax();
    let start = syntax.code_start;
    start + syntax.bytes()[start..].iter().position(|&byte| byte == 0x6d).unwrap()
}

#[test]
fn inlined_functions_are_found_with_their_lines() {
    for module in MODULES.map(module) {
        let found = locate(&module, &[Some(division(&module)), None, Some(0), Some(usize::MAX)]);
        let show = |function: &Function| {
            let line = function.line.as_ref().unwrap();
            format!("{} {line}", function.name.as_deref().unwrap())
        };
        let shown: Vec<_> = found[0].iter().map(show).collect();
        let expected = [
            "quotient /src/inlined.c:6:14",
            "mean /src/inlined.c:10:17",
            "report /src/inlined.c:15:12",
        ];
        assert_eq!(shown, expected);
        assert!(found[1..].iter().all(Vec::is_empty));
    }
}

/// Debug information is the guest's: whatever it is, there is an answer and no panic.
#[test]
fn broken_debug_information_is_no_problem() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut known = 0;
    for whole in MODULES.iter().cycle().take(4000) {
        let mut bytes = whole.to_vec();
        let whole = module(whole);
        let at = division(&whole);
        let debug: Vec<_> = whole.syntax().customs.iter().map(|custom| custom.1.clone()).collect();
        for _ in 0..=random(3) {
            let section = debug[random(debug.len())].clone();
            let place = section.start + random(section.len());
            bytes[place] = match random(3) {
                0 => 0xff,
                1 => bytes[place] ^ 1 << random(8),
                _ => random(256) as u8,
            };
        }
        let found = locate(&module(&bytes), &[Some(at), Some(at - 8)]);
        known += usize::from(!found[0].is_empty());
    }
    assert!(known > 100, "most changes are harmless: {known}");
}

#[test]
fn paths_are_joined() {
    let joined = |parts: &[&str]| {
        let mut path = String::new();
        parts.iter().for_each(|part| join(&mut path, part));
        path
    };
    assert_eq!(joined(&["/src", "lib", "a.c"]), "/src/lib/a.c");
    assert_eq!(joined(&["/src", "/usr/include", "a.h"]), "/usr/include/a.h");
    assert_eq!(joined(&["", "a.c"]), "a.c");
    assert_eq!(joined(&["/src", "sdk://lib", "a.c"]), "sdk://lib/a.c");
    assert_eq!(joined(&["/src", "C:\\a.c"]), "C:\\a.c");
}
