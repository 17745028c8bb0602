//! Finding what a path names, without leaving the directory that it is relative to.

use super::node::{Ino, Kind};
use super::tree::Tree;
use crate::host::{ErrorCode, Result};

/// How many symbolic links a path may lead over.
const MOST_LINKS: usize = 40;
/// How long a name may be.
const NAME_BYTES: usize = 255;
/// How long a path may be.
pub(super) const PATH_BYTES: usize = 4096;

/// Which symbolic link at the end of a path is followed; those before it always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follow {
    /// One with a slash behind it, which says that it is a directory; the others if this says so.
    Slash(bool),
    /// All, to make a file where they lead: none is made where there is a slash behind the path.
    ToMake,
    /// None: the path names an entry, and not what is there.
    Never,
}

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory and the name in it; `None` if the path ends with `.` or `..`.
    entry: Option<(Ino, Vec<u8>)>,
    /// What is there.
    node: Option<Ino>,
    /// Whether a slash is behind the path.
    pub has_slash: bool,
    /// Whether the name is longer than names are.
    is_too_long: bool,
}

impl Place {
    /// Where a path leads that ends with `.` or `..`.
    fn directory(node: Option<Ino>) -> Self {
        Self { entry: None, node, has_slash: true, is_too_long: false }
    }

    /// Whether something is there.
    pub fn exists(&self) -> bool {
        self.node.is_some()
    }

    /// What is there, whatever the path says of it.
    pub fn node(&self) -> Result<Ino> {
        match self.is_too_long {
            true => Err(ErrorCode::NameTooLong),
            false => self.node.ok_or(ErrorCode::NoEntry),
        }
    }

    /// What is there, which is a directory if the path says so.
    pub fn found(&self, tree: &Tree) -> Result<Ino> {
        let ino = self.node()?;
        match self.has_slash && !matches!(tree.node(ino).kind, Kind::Dir(_)) {
            true => Err(ErrorCode::NotDirectory),
            false => Ok(ino),
        }
    }

    /// The entry, whether something is there or not; `otherwise` if the path has no name at its end.
    pub fn entry(&self, otherwise: ErrorCode) -> Result<(Ino, &[u8])> {
        self.entry.as_ref().map(|(dir, name)| (*dir, &name[..])).ok_or(otherwise)
    }

    /// The entry, at which nothing may be.
    pub fn vacant(&self) -> Result<(Ino, &[u8])> {
        let (dir, name) = self.entry(ErrorCode::Exist)?;
        match self.node() {
            Ok(_) => Err(ErrorCode::Exist),
            Err(ErrorCode::NoEntry) => Ok((dir, name)),
            Err(error) => Err(error),
        }
    }
}

/// Finds where `path` leads from `dir` on. What is wrong with the way there is said at once, what is
/// wrong with its end when the place is used: operations on two paths walk both first.
pub(super) fn resolve(tree: &mut Tree, dir: Ino, path: &[u8], follow: Follow) -> Result<Place> {
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if path.len() >= PATH_BYTES {
        return Err(ErrorCode::NameTooLong);
    }
    // What is still to be walked, the next name last.
    let mut names = Vec::new();
    let mut has_slash = push(path, &mut names)?;
    // The directories that were walked through, from the one that no path leads out of.
    let mut walked: Vec<Ino> = vec![dir];
    let mut links = 0;
    while let Some(name) = names.pop() {
        let here = *walked.last().expect("the first stays");
        let is_last = names.is_empty();
        match &name[..] {
            b"." if is_last => return Ok(Place::directory(Some(here))),
            b"." => continue,
            b".." if walked.len() == 1 => return Err(ErrorCode::NotPermitted),
            b".." => {
                walked.pop();
                let node = walked.last().copied();
                match is_last {
                    true => return Ok(Place::directory(node)),
                    false => continue,
                }
            }
            _ => {}
        }
        // In a directory that was removed while open no name is asked after.
        let is_too_long = name.len() > NAME_BYTES && tree.node(here).links > 0;
        if is_too_long && !is_last {
            return Err(ErrorCode::NameTooLong);
        }
        if is_last && has_slash && follow == Follow::ToMake {
            return Err(ErrorCode::IsDirectory);
        }
        let found = tree.lookup(here, &name)?;
        let is_followed = match follow {
            _ if !is_last => true,
            Follow::Slash(always) => always || has_slash,
            Follow::ToMake => true,
            Follow::Never => false,
        };
        match found.map(|ino| (ino, &tree.node(ino).kind)) {
            Some((_, Kind::Symlink(target))) if is_followed => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(ErrorCode::Loop);
                }
                has_slash |= push(target, &mut names)? && is_last;
            }
            _ if is_last => {
                return Ok(Place {
                    entry: Some((here, name)),
                    node: found,
                    has_slash,
                    is_too_long,
                });
            }
            Some((ino, Kind::Dir(_))) => walked.push(ino),
            Some(_) => return Err(ErrorCode::NotDirectory),
            None => return Err(ErrorCode::NoEntry),
        }
    }
    // A link that says nothing.
    Err(ErrorCode::NoEntry)
}

/// Puts the names of a path on the stack of those to be walked, and returns whether a slash is
/// behind the last.
fn push(path: &[u8], names: &mut Vec<Vec<u8>>) -> Result<bool> {
    if path.first() == Some(&b'/') {
        return Err(ErrorCode::NotPermitted);
    }
    if path.contains(&0) {
        return Err(ErrorCode::Invalid);
    }
    let parts = path.rsplit(|&byte| byte == b'/').filter(|name| !name.is_empty());
    names.extend(parts.map(<[u8]>::to_vec));
    Ok(path.last() == Some(&b'/'))
}
