//! What a guest gets besides its arguments: variables and directories.

use crate::exit::Stop;
use rwasm::wasi::{DirPerms, FilePerms, WasiCtxBuilder};
use std::ffi::OsString;

/// Sets what `--env` describes.
pub fn set_variable(wasi: &mut WasiCtxBuilder, variable: &OsString) -> Result<(), Stop> {
    let bytes = variable.as_encoded_bytes();
    let (name, value) = match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], bytes[at + 1..].to_vec()),
        None => match std::env::var_os(variable) {
            Some(value) => (bytes, value.into_encoded_bytes()),
            None => {
                let name = variable.display();
                return Err(Stop::error(format!(
                    "--env {name}: there is no such variable here; `--env {name}=VALUE` sets it"
                )));
            }
        },
    };
    if name.is_empty() {
        return Err(Stop::Usage("--env: the variable has no name".into()));
    }
    wasi.env(name, value);
    Ok(())
}

/// Opens what `--dir` describes.
pub fn open_dir(wasi: &mut WasiCtxBuilder, text: &str) -> Result<(), Stop> {
    let Dir { host, guest, read_only } = Dir::parse(text);
    let (dir, file) = match read_only {
        true => (DirPerms::READ, FilePerms::READ),
        false => (DirPerms::all(), FilePerms::all()),
    };
    match wasi.preopened_dir(host, guest, dir, file) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(Stop::error(format!("--dir {text}: cannot open the directory `{host}`: {error}")))
        }
    }
}

/// A directory as `--dir` describes it.
#[derive(Debug, PartialEq, Eq)]
struct Dir<'a> {
    host: &'a str,
    guest: &'a str,
    read_only: bool,
}

impl<'a> Dir<'a> {
    fn parse(text: &'a str) -> Self {
        let (paths, read_only) = match text.strip_suffix("::ro") {
            Some(paths) => (paths, true),
            None => (text, false),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        Dir { host, guest, read_only }
    }
}

#[test]
fn directories() {
    let dir = |host, guest, read_only| Dir { host, guest, read_only };
    assert_eq!(Dir::parse("."), dir(".", ".", false));
    assert_eq!(Dir::parse("a::/b"), dir("a", "/b", false));
    assert_eq!(Dir::parse("a::ro"), dir("a", "a", true));
    assert_eq!(Dir::parse("a::/b::ro"), dir("a", "/b", true));
    assert_eq!(Dir::parse("C:/x::/b"), dir("C:/x", "/b", false));
}
