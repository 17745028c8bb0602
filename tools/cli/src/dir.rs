//! [`Dir`]: a directory as `--dir` describes it.

use crate::exit::Stop;
use rwasm::wasi::host::Clock;
use rwasm::wasi::{DirPerms, FilePerms, MemoryFs, RealDir, WasiCtxBuilder, ambient};
use serde::Deserialize;
use std::fmt::Display;
use std::path::PathBuf;

/// A directory as `--dir` describes it.
#[derive(Deserialize, Clone, Debug)]
#[serde(try_from = "String")]
pub struct Dir {
    /// Where it is.
    pub host: PathBuf,
    /// How the guest knows it.
    pub guest: String,
    /// What the guest may do there.
    pub access: Access,
    /// Who described it, for messages.
    pub said: String,
}

/// What a guest may do in a directory, in the order of how much that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Nothing that changes it.
    ReadOnly,
    /// Everything, but what it changes stays in memory.
    CopyOnWrite,
    /// Everything.
    Full,
}

impl Access {
    /// How `--dir` says it, behind the paths.
    pub fn suffix(self) -> &'static str {
        match self {
            Access::ReadOnly => "::ro",
            Access::CopyOnWrite => "::cow",
            Access::Full => "",
        }
    }
}

impl Dir {
    /// The directory that `text` describes: `HOST` or `HOST::GUEST`, and either with `::ro` or `::cow`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (paths, access) = match text.rsplit_once("::") {
            Some((paths, "ro")) => (paths, Access::ReadOnly),
            Some((paths, "cow")) => (paths, Access::CopyOnWrite),
            _ => (text, Access::Full),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        if host.is_empty() {
            return Err("expected a directory such as `data`, `data::/d` or `data::/d::ro`".into());
        }
        let said = format!("--dir {text}");
        Ok(Dir { host: host.into(), guest: guest.into(), access, said })
    }

    /// Opens it for a guest. Files that are changed in memory get their times from `clock`.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(
        &self,
        wasi: &mut WasiCtxBuilder,
        clock: Option<Box<dyn Clock>>,
    ) -> Result<(), Stop> {
        let Dir { host, guest, access, said } = self;
        let failed = |error: &dyn Display| {
            let host = host.display();
            Stop::error(format!("{said}: cannot open the directory `{host}`: {error}"))
        };
        let dir = RealDir::new(ambient::open_dir(host).map_err(|error| failed(&error))?);
        let (all_of_dir, all_of_file) = (DirPerms::all(), FilePerms::all());
        match access {
            Access::Full => wasi.preopened_custom_dir(dir, guest, all_of_dir, all_of_file),
            Access::ReadOnly => {
                wasi.preopened_custom_dir(dir, guest, DirPerms::READ, FilePerms::READ)
            }
            Access::CopyOnWrite => {
                let fs = MemoryFs::over(dir, MemoryFs::CAPACITY).map_err(|error| failed(&error))?;
                let fs = match clock {
                    Some(clock) => fs.with_clock(clock),
                    None => fs,
                };
                wasi.preopened_custom_dir(fs.root(), guest, all_of_dir, all_of_file)
            }
        };
        Ok(())
    }
}

impl PartialEq for Dir {
    fn eq(&self, other: &Self) -> bool {
        let what = |dir: &Dir| (dir.host.clone(), dir.guest.clone(), dir.access);
        what(self) == what(other) // Whoever described it.
    }
}

#[test]
fn directories() {
    use Access::*;
    let dir = |text| {
        let Dir { host, guest, access, .. } = Dir::parse(text).ok()?;
        Some((host.into_os_string().into_string().ok()?, guest, access))
    };
    let is = |host: &str, guest: &str, access| Some((host.into(), guest.into(), access));
    assert_eq!(dir("."), is(".", ".", Full));
    assert_eq!(dir("a::/b"), is("a", "/b", Full));
    assert_eq!(dir("a::ro"), is("a", "a", ReadOnly));
    assert_eq!(dir("a::/b::ro"), is("a", "/b", ReadOnly));
    assert_eq!(dir("a::cow"), is("a", "a", CopyOnWrite));
    assert_eq!(dir("a::/b::cow"), is("a", "/b", CopyOnWrite));
    assert_eq!(dir("C:/x::/b"), is("C:/x", "/b", Full));
    assert_eq!(dir("::/b"), None);
}
