//! Values of a policy that are written as on the command line, as a text or as a number.

use crate::dir::Dir;
use crate::engine::EngineArgs;
use crate::exit::Stop;
use crate::limits::Timeout;
use crate::units;
use rwasm::Features;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt::{self, Formatter};

/// What an environment variable of the guest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// What it is here.
    Here,
    /// This.
    Text(String),
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Variable;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a text in quotes, or `true` for what it is here")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Variable, E> {
                Ok(Variable::Text(text.to_owned()))
            }

            fn visit_bool<E: Error>(self, is_here: bool) -> Result<Variable, E> {
                match is_here {
                    true => Ok(Variable::Here),
                    false => Err(E::custom("a variable that is not there is left out")),
                }
            }
        }
        from.deserialize_any(Value)
    }
}

impl TryFrom<String> for Dir {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Dir::parse(&text).map_err(|message| format!("{message}, found `{text}`"))
    }
}

/// A time, such as `"1s"`.
pub fn timeout<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timeout>, D::Error> {
    from.deserialize_any(Words(Timeout::parse)).map(Some)
}

/// A size, such as `"64MiB"`.
pub fn size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    from.deserialize_any(Words(units::size)).map(Some)
}

/// A number. As a text it may be one that TOML does not have.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let parse = |text: &str| text.parse().map_err(|_| "expected a whole number from 0 on".into());
    from.deserialize_any(Words(parse)).map(Some)
}

/// Features of WebAssembly, as `-W` has them.
pub fn features<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let wasm = Vec::<String>::deserialize(from)?;
    for feature in &wasm {
        let alone = EngineArgs { wasm: vec![feature.clone()], ..EngineArgs::default() };
        match alone.config(Features::default()) {
            Err(Stop::Usage(message)) => return Err(D::Error::custom(message)),
            Err(_) => return Err(D::Error::custom(format!("`{feature}` is no feature"))),
            Ok(_) => {}
        }
    }
    Ok(wasm)
}

/// Something that is written as a text or as a number.
struct Words<F>(F);

impl<T, F: Fn(&str) -> Result<T, String>> Visitor<'_> for Words<F> {
    type Value = T;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes or a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}
