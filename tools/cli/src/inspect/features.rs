//! Which features of WebAssembly a module cannot do without.

use crate::exit::Stop;
use rwasm::{Config, Features, Module};

/// The features without each of which alone a valid module is not valid. Halves of them are left
/// out together first, since a module is mostly valid without most of them.
///
/// # Errors
///
/// If there can be no engine.
pub fn needed(binary: &[u8]) -> Result<Features, Stop> {
    among(Features::NAMES, binary)
}

fn among(candidates: &[(&str, Features)], binary: &[u8]) -> Result<Features, Stop> {
    let all = candidates.iter().fold(Features::MVP, |all, candidate| all.with(candidate.1));
    if is_valid(Features::ALL.without(all), binary)? {
        return Ok(Features::MVP);
    }
    if let [_] = candidates {
        return Ok(all);
    }
    let (left, right) = candidates.split_at(candidates.len() / 2);
    Ok(among(left, binary)?.with(among(right, binary)?))
}

fn is_valid(features: Features, binary: &[u8]) -> Result<bool, Stop> {
    let mut config = Config::new();
    config.wasm_features(Features::ALL, false).wasm_features(features, true);
    let engine = crate::engine::engine(&config)?;
    Ok(Module::validate(&engine, binary).is_ok())
}
