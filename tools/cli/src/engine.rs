//! Options about the engine: features, dispatch and determinism.

use crate::exit::Stop;
use clap::{Args, ValueEnum};
use rwasm::{Config, Engine, Features};
use std::fmt::Write;

/// Options about the engine, which several commands have.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Engine")]
pub struct EngineArgs {
    /// Turn a WebAssembly feature on, or off with `=n`; `all` is every feature, `help` lists them
    #[arg(short = 'W', long = "wasm", value_name = "FEATURE[=y|n]", value_delimiter = ',')]
    pub wasm: Vec<String>,

    /// How the interpreter goes from one instruction to the next
    #[arg(long, value_name = "HOW")]
    pub dispatch: Option<Dispatch>,

    /// Compute the same bits on every machine: NaNs that operators make up are canonical
    #[arg(long)]
    pub deterministic: bool,
}

/// A way of dispatch.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// Each instruction jumps to the next; the fastest where it is safe
    Tail,
    /// One loop around one switch; works everywhere
    Loop,
}

impl EngineArgs {
    /// The settings, starting from `features`.
    ///
    /// # Errors
    ///
    /// If a feature is unknown, or `help` asked for.
    pub fn config(&self, features: Features) -> Result<Config, Stop> {
        let mut config = Config::new();
        let features = self.set(features)?;
        config.wasm_features(Features::ALL, false).wasm_features(features, true);
        config.dispatch(match self.dispatch {
            None => rwasm::Dispatch::Auto,
            Some(Dispatch::Tail) => rwasm::Dispatch::Tail,
            Some(Dispatch::Loop) => rwasm::Dispatch::Loop,
        });
        config.deterministic(self.deterministic);
        Ok(config)
    }

    /// An engine with these settings.
    ///
    /// # Errors
    ///
    /// As [`EngineArgs::config`].
    pub fn engine(&self, features: Features) -> Result<Engine, Stop> {
        engine(&self.config(features)?)
    }

    fn set(&self, mut set: Features) -> Result<Features, Stop> {
        for option in &self.wasm {
            let (name, value) = option.split_once('=').unwrap_or((option, "y"));
            let on = match value {
                "y" | "yes" | "on" | "true" => true,
                "n" | "no" | "off" | "false" => false,
                _ => {
                    let message = format!("-W {name}: expected `y` or `n`, found `{value}`");
                    return Err(Stop::Usage(message));
                }
            };
            match name {
                "all" => set.set(Features::ALL, on),
                "help" => return Err(Stop::Shown(features())),
                name => match Features::from_name(name) {
                    Some(feature) => set.set(feature, on),
                    None => {
                        let names = Features::NAMES.iter().map(|(name, _)| *name);
                        let names = names.collect::<Vec<_>>().join(", ");
                        return Err(Stop::Usage(format!(
                            "-W {name}: there is no such feature; there are: all, {names}"
                        )));
                    }
                },
            }
        }
        Ok(set)
    }
}

/// An engine with these settings.
pub fn engine(config: &Config) -> Result<Engine, Stop> {
    Engine::new(config).map_err(|error| Stop::error(format!("{error:#}")))
}

/// The features, and whether they are on, for `-W help`.
pub fn features() -> String {
    let mut text = String::from("WebAssembly features, and whether they are on by default:\n");
    for &(name, feature) in Features::NAMES {
        let on = if Features::default().contains(feature) { "on" } else { "off" };
        let _ = writeln!(text, "  {name:24} {on}");
    }
    text + "  all                      every one of these\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(options: &[&str]) -> Result<Features, Stop> {
        let wasm = options.iter().map(|option| (*option).to_owned()).collect();
        EngineArgs { wasm, ..EngineArgs::default() }.set(Features::default())
    }

    #[test]
    fn features_are_set_in_order() {
        let default = Features::default();
        assert_eq!(features(&[]).unwrap(), default);
        assert_eq!(features(&["all"]).unwrap(), Features::ALL);
        assert_eq!(features(&["all", "gc=n"]).unwrap(), Features::ALL.without(Features::GC));
        assert_eq!(features(&["simd=no"]).unwrap(), default.without(Features::SIMD));
        assert_eq!(features(&["all=off", "simd"]).unwrap(), Features::SIMD);
    }

    #[test]
    fn mistakes_are_wrong_usage() {
        assert!(matches!(features(&["teleportation"]), Err(Stop::Usage(_))));
        assert!(matches!(features(&["simd=maybe"]), Err(Stop::Usage(_))));
        assert!(matches!(features(&["help"]), Err(Stop::Shown(_))));
    }
}
