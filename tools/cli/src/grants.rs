//! What a guest gets besides its arguments: variables and directories.

use crate::exit::Stop;
use rwasm::wasi::host::Clock;
use rwasm::wasi::{DirPerms, FilePerms, MemoryFs, RealDir, WasiCtxBuilder, ambient};
use std::ffi::OsString;
use std::fmt::Display;

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

/// Opens what `--dir` describes. Files that are changed in memory get their times from `clock`.
pub fn open_dir(
    wasi: &mut WasiCtxBuilder,
    text: &str,
    clock: Option<Box<dyn Clock>>,
) -> Result<(), Stop> {
    let Dir { host, guest, access } = Dir::parse(text);
    let failed = |error: &dyn Display| {
        Stop::error(format!("--dir {text}: cannot open the directory `{host}`: {error}"))
    };
    let dir = RealDir::new(ambient::open_dir(host).map_err(|error| failed(&error))?);
    let (dir_perms, file_perms) = (DirPerms::all(), FilePerms::all());
    match access {
        Access::Full => wasi.preopened_custom_dir(dir, guest, dir_perms, file_perms),
        Access::ReadOnly => wasi.preopened_custom_dir(dir, guest, DirPerms::READ, FilePerms::READ),
        Access::CopyOnWrite => {
            let fs = MemoryFs::over(dir, MemoryFs::CAPACITY).map_err(|error| failed(&error))?;
            let fs = match clock {
                Some(clock) => fs.with_clock(clock),
                None => fs,
            };
            wasi.preopened_custom_dir(fs.root(), guest, dir_perms, file_perms)
        }
    };
    Ok(())
}

/// A directory as `--dir` describes it.
#[derive(Debug, PartialEq, Eq)]
struct Dir<'a> {
    host: &'a str,
    guest: &'a str,
    access: Access,
}

/// What a guest may do in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Everything.
    Full,
    /// Nothing that changes it.
    ReadOnly,
    /// Everything, but what it changes stays in memory.
    CopyOnWrite,
}

impl<'a> Dir<'a> {
    fn parse(text: &'a str) -> Self {
        let (paths, access) = match text.rsplit_once("::") {
            Some((paths, "ro")) => (paths, Access::ReadOnly),
            Some((paths, "cow")) => (paths, Access::CopyOnWrite),
            _ => (text, Access::Full),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        Dir { host, guest, access }
    }
}

#[test]
fn directories() {
    use Access::*;
    let dir = |host, guest, access| Dir { host, guest, access };
    assert_eq!(Dir::parse("."), dir(".", ".", Full));
    assert_eq!(Dir::parse("a::/b"), dir("a", "/b", Full));
    assert_eq!(Dir::parse("a::ro"), dir("a", "a", ReadOnly));
    assert_eq!(Dir::parse("a::/b::ro"), dir("a", "/b", ReadOnly));
    assert_eq!(Dir::parse("a::cow"), dir("a", "a", CopyOnWrite));
    assert_eq!(Dir::parse("a::/b::cow"), dir("a", "/b", CopyOnWrite));
    assert_eq!(Dir::parse("C:/x::/b"), dir("C:/x", "/b", Full));
}
