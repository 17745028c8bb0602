//! Finding what a path names, without leaving the directory that it is relative to.

use super::tree::{Ino, Kind, Tree};
use crate::host::{ErrorCode, Result};

/// How many symbolic links a path may lead over.
const MOST_LINKS: usize = 40;
/// How long a name may be.
const NAME_BYTES: usize = 255;
/// How long a path may be.
const PATH_BYTES: usize = 4096;

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory and the name in it; `None` for the directory that the path is relative to.
    pub entry: Option<(Ino, Vec<u8>)>,
    /// What is there.
    pub node: Option<Ino>,
    /// Whether the path says that it is a directory, by a slash behind it.
    pub is_dir: bool,
}

impl Place {
    /// What is there.
    pub fn found(&self, tree: &Tree) -> Result<Ino> {
        let ino = self.node.ok_or(ErrorCode::NoEntry)?;
        match self.is_dir && !matches!(tree.node(ino).kind, Kind::Dir(_)) {
            true => Err(ErrorCode::NotDirectory),
            false => Ok(ino),
        }
    }

    /// The name, of which nothing may be there.
    pub fn vacant(self) -> Result<(Ino, Vec<u8>)> {
        match self {
            Place { node: Some(_), .. } => Err(ErrorCode::Exist),
            Place { entry, .. } => entry.ok_or(ErrorCode::Exist),
        }
    }
}

/// Finds where `path` leads from `dir` on. A symbolic link at its end is followed if `follow`, or if
/// there is a slash behind it.
pub(super) fn resolve(tree: &Tree, dir: Ino, path: &[u8], follow: bool) -> Result<Place> {
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if path.len() >= PATH_BYTES {
        return Err(ErrorCode::NameTooLong);
    }
    // What is still to be walked, the next name last.
    let mut names = Vec::new();
    let mut is_dir = push(path, &mut names)?;
    // The directories that were walked through, from the one that no path leads out of.
    let mut walked: Vec<(Ino, Option<(Ino, Vec<u8>)>)> = vec![(dir, None)];
    let mut links = 0;
    while let Some(name) = names.pop() {
        let is_last = names.is_empty();
        let (here, _) = *walked.last().expect("the first stays");
        // A file has no entries, not even these two.
        tree.entries(here)?;
        match &name[..] {
            b"." => is_dir |= is_last,
            b".." if walked.len() == 1 => return Err(ErrorCode::NotPermitted),
            b".." => {
                walked.pop();
                is_dir |= is_last;
            }
            _ => {
                let found = tree.lookup(here, &name)?;
                let entry = Some((here, name));
                match found {
                    None if is_last => return Ok(Place { entry, node: None, is_dir }),
                    None => return Err(ErrorCode::NoEntry),
                    Some(ino) => match &tree.node(ino).kind {
                        Kind::Symlink(target) if !is_last || follow || is_dir => {
                            links += 1;
                            if links > MOST_LINKS {
                                return Err(ErrorCode::Loop);
                            }
                            is_dir |= push(target, &mut names)? && is_last;
                        }
                        Kind::Dir(_) => walked.push((ino, entry)),
                        _ if is_last => return Ok(Place { entry, node: Some(ino), is_dir }),
                        _ => return Err(ErrorCode::NotDirectory),
                    },
                }
            }
        }
    }
    let (ino, entry) = walked.pop().expect("the first stays");
    Ok(Place { entry, node: Some(ino), is_dir })
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
    for name in path.rsplit(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        if name.len() > NAME_BYTES {
            return Err(ErrorCode::NameTooLong);
        }
        names.push(name.to_vec());
    }
    Ok(path.last() == Some(&b'/'))
}
