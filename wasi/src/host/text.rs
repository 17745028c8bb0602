//! Operations as text, for people: `open_at(3, "notes.txt", read, create)`.

use super::{
    ClockOp, Deadline, Direction, EnvOp, FsOp, HostOp, Interest, NetOp, NewTime, NewTimes, OpenHow,
    Source, Stream, When,
};
use std::fmt::{self, Display, Formatter};

impl Display for HostOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            HostOp::Read { from: from @ Source::Stream(_), .. } => write!(f, "read({from})"),
            HostOp::Read { from, offset } => write!(f, "read({from}, at {offset})"),
            HostOp::Write { to: to @ Source::Stream(_), .. } => write!(f, "write({to})"),
            HostOp::Write { to, offset: None } => write!(f, "write({to}, at the end)"),
            HostOp::Write { to, offset: Some(offset) } => write!(f, "write({to}, at {offset})"),
            HostOp::IsTerminal(stream) => write!(f, "is_terminal({stream})"),
            HostOp::Fs(op) => op.fmt(f),
            HostOp::Net(op) => op.fmt(f),
            HostOp::Clock(ClockOp::Now(clock)) => write!(f, "now({clock:?})"),
            HostOp::Clock(ClockOp::Resolution(clock)) => write!(f, "resolution({clock:?})"),
            HostOp::Clock(ClockOp::Yield) => f.write_str("yield()"),
            HostOp::Wait(wait) => {
                f.write_str("wait(")?;
                let interests = wait.interests.iter().map(|interest| interest as &dyn Display);
                let deadlines = wait.deadlines.iter().map(|deadline| deadline as &dyn Display);
                list(f, interests.chain(deadlines))?;
                f.write_str(")")
            }
            HostOp::Random => f.write_str("random()"),
            HostOp::Env(EnvOp::Args) => f.write_str("args()"),
            HostOp::Env(EnvOp::Vars) => f.write_str("vars()"),
        }
    }
}

impl Display for FsOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = |bytes: &[u8]| format!("\"{}\"", bytes.escape_ascii());
        match self {
            FsOp::Preopens => f.write_str("preopens()"),
            FsOp::OpenAt { dir, path, how } => {
                write!(f, "open_at({}, {}{how})", dir.0, text(path))
            }
            FsOp::Close { handle } => write!(f, "close({})", handle.0),
            FsOp::Stat { handle } => write!(f, "stat({})", handle.0),
            FsOp::SetTimes { handle, times } => write!(f, "set_times({}, {times})", handle.0),
            FsOp::SetSize { handle, size } => write!(f, "set_size({}, {size})", handle.0),
            FsOp::Sync { handle, data_only: false } => write!(f, "sync({})", handle.0),
            FsOp::Sync { handle, data_only: true } => write!(f, "sync({}, data)", handle.0),
            FsOp::Advise { handle, offset, len, advice } => {
                write!(f, "advise({}, {len} at {offset}, {advice:?})", handle.0)
            }
            FsOp::Entries { dir } => write!(f, "entries({})", dir.0),
            FsOp::StatAt { dir, path, follow } => {
                write!(f, "stat_at({}, {}{})", dir.0, text(path), followed(*follow))
            }
            FsOp::SetTimesAt { dir, path, follow, times } => {
                let follow = followed(*follow);
                write!(f, "set_times_at({}, {}{follow}, {times})", dir.0, text(path))
            }
            FsOp::CreateDirAt { dir, path } => {
                write!(f, "create_dir_at({}, {})", dir.0, text(path))
            }
            FsOp::RemoveDirAt { dir, path } => {
                write!(f, "remove_dir_at({}, {})", dir.0, text(path))
            }
            FsOp::UnlinkAt { dir, path } => write!(f, "unlink_at({}, {})", dir.0, text(path)),
            FsOp::ReadLinkAt { dir, path } => {
                write!(f, "read_link_at({}, {})", dir.0, text(path))
            }
            FsOp::SymlinkAt { target, dir, path } => {
                write!(f, "symlink_at({}, {}, {})", text(target), dir.0, text(path))
            }
            FsOp::LinkAt { from_dir, from, to_dir, to } => {
                write!(f, "link_at({}, {}, {}, {})", from_dir.0, text(from), to_dir.0, text(to))
            }
            FsOp::RenameAt { from_dir, from, to_dir, to } => {
                write!(f, "rename_at({}, {}, {}, {})", from_dir.0, text(from), to_dir.0, text(to))
            }
        }
    }
}

impl Display for NetOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NetOp::Listeners => f.write_str("listeners()"),
            NetOp::Accept { listener } => write!(f, "accept({})", listener.0),
            NetOp::Peek { socket } => write!(f, "peek({})", socket.0),
            NetOp::Shutdown { socket, read, write } => {
                let how = match (read, write) {
                    (true, true) => ", both",
                    (true, false) => ", read",
                    (false, true) => ", write",
                    (false, false) => "",
                };
                write!(f, "shutdown({}{how})", socket.0)
            }
        }
    }
}

fn followed(follow: bool) -> &'static str {
    if follow { ", follow" } else { "" }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Source::Stream(stream) => stream.fmt(f),
            Source::File(handle) => handle.0.fmt(f),
        }
    }
}

impl Display for Stream {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stream::In => "stdin",
            Stream::Out => "stdout",
            Stream::Err => "stderr",
        })
    }
}

impl Display for Interest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.direction {
            Direction::Read => write!(f, "{} to read", self.source),
            Direction::Write => write!(f, "{} to write", self.source),
        }
    }
}

impl Display for Deadline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.when {
            When::At(nanos) => write!(f, "{:?} at {nanos} ns", self.clock),
            When::In(nanos) => write!(f, "{:?} in {nanos} ns", self.clock),
        }
    }
}

impl Display for NewTimes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let time = |time| match time {
            NewTime::Keep => "as it is".to_owned(),
            NewTime::Now => "now".to_owned(),
            NewTime::At(nanos) => format!("{nanos} ns"),
        };
        write!(f, "access {}, modification {}", time(self.atim), time(self.mtim))
    }
}

/// Each word with a comma before it.
impl Display for OpenHow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let words = [
            (self.follow, "follow"),
            (self.read, "read"),
            (self.write, "write"),
            (self.create, "create"),
            (self.exclusive, "exclusive"),
            (self.truncate, "truncate"),
            (self.directory, "directory"),
            (self.sync, "sync"),
            (self.dsync, "dsync"),
            (self.rsync, "rsync"),
        ];
        words.iter().filter(|(is_set, _)| *is_set).try_for_each(|(_, word)| write!(f, ", {word}"))
    }
}

fn list<'a>(f: &mut Formatter<'_>, items: impl Iterator<Item = &'a dyn Display>) -> fmt::Result {
    for (index, item) in items.enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}
