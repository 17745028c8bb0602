//! Reading and writing: `fd_read`, `fd_pread`, `fd_write`, `fd_pwrite`.
//!
//! The position of a file is kept here and given with every operation; the host's own position
//! is not used. Bytes go between the host and guest memory without a copy, unless threads share
//! that.

use crate::host::{Direction, HostOp, Io, Source, Stream, Written};
use crate::p1::ctx::settle;
use crate::p1::rights::{FdFlags, Rights};
use crate::p1::table::{Object, OpenFile};
use crate::p1::{Errno, GuestMemory, Result, WasiP1Ctx, sock};

/// Reads from `fd` at its position into the `iovs_len` iovecs at `iovs`, and writes the number of
/// bytes (`u32`) at `nread`; 0 is the end. A stream gives what it has, and waits if that is
/// nothing. The count may be short at any time.
///
/// Fails with [`Errno::Badf`] if `fd` is a directory or not open for reading, and with
/// [`Errno::Inval`] if the lengths add up to 2^32 or more.
pub fn fd_read(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
) -> Result {
    mem.check(nread, 4)?;
    let (from, position) = readable(cx, fd, None)?;
    let count = read(cx, mem, from, position, iovs, iovs_len)?;
    if let Source::File(_) = from {
        let file = cx.fds.file(fd, Rights::empty())?;
        file.position = file.position.saturating_add(count);
    }
    Ok(mem.write_u32(nread, count as u32)?) // At most the lengths, whose sum is a `u32`.
}

/// As [`fd_read`], but at `offset`, and without moving the position.
///
/// Fails also with [`Errno::Spipe`] if `fd` has no position, as a stream.
pub fn fd_pread(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Result {
    mem.check(nread, 4)?;
    let (from, offset) = readable(cx, fd, Some(offset))?;
    let count = read(cx, mem, from, offset, iovs, iovs_len)?;
    Ok(mem.write_u32(nread, count as u32)?) // As above.
}

/// Writes the `iovs_len` ciovecs at `iovs` to `fd` at its position, or at the file's end if it is
/// in append mode, and writes the number of bytes (`u32`) at `nwritten`. The count may be short
/// at any time.
///
/// Fails with [`Errno::Badf`] if `fd` is a directory or not open for writing, with
/// [`Errno::Pipe`] if nobody reads the other end, with [`Errno::Nospc`], [`Errno::Dquot`] or
/// [`Errno::Fbig`] if there is no room, and with [`Errno::Inval`] if the lengths add up to 2^32
/// or more.
pub fn fd_write(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten: u32,
) -> Result {
    mem.check(nwritten, 4)?;
    let (to, position) = writable(cx, fd, None)?;
    let written = write(cx, mem, to, position, iovs, iovs_len)?;
    if let (Source::File(_), Some(Written { end, .. })) = (to, written) {
        cx.fds.file(fd, Rights::empty())?.position = end;
    }
    Ok(mem.write_u32(nwritten, count(written))?)
}

/// As [`fd_write`], but at `offset`, and without moving the position. In append mode the bytes go
/// to the file's end all the same, as on Linux.
///
/// Fails also with [`Errno::Spipe`] if `fd` has no position, as a stream.
pub fn fd_pwrite(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten: u32,
) -> Result {
    mem.check(nwritten, 4)?;
    let (to, offset) = writable(cx, fd, Some(offset))?;
    let written = write(cx, mem, to, offset, iovs, iovs_len)?;
    Ok(mem.write_u32(nwritten, count(written))?)
}

/// Where a read of `fd` gets its bytes, and from which offset.
fn readable(cx: &mut WasiP1Ctx, fd: u32, offset: Option<u64>) -> Result<(Source, u64)> {
    let mut may_block = true;
    let descriptor = cx.fds.descriptor(fd)?;
    if let Object::File(file) = &mut descriptor.object
        && let Some(errno) = file.error.take()
    {
        return Err(errno.into());
    }
    let source = match &descriptor.object {
        Object::Stream(stream @ Stream::In) if offset.is_none() => (Source::Stream(*stream), 0),
        Object::Stream(Stream::In) => return Err(Errno::Spipe.into()),
        Object::File(file) if file.readable => {
            check_offset(file, offset)?;
            may_block = !sock::is_impatient(file);
            (Source::File(file.handle), offset.unwrap_or(file.position))
        }
        _ => return Err(Errno::Badf.into()),
    };
    descriptor.require(Rights::FD_READ)?;
    if !may_block {
        sock::require_ready(cx, source.0, Direction::Read)?;
    }
    Ok(source)
}

/// Where a write to `fd` puts its bytes, and at which offset; `None` is the end.
fn writable(cx: &mut WasiP1Ctx, fd: u32, offset: Option<u64>) -> Result<(Source, Option<u64>)> {
    let mut may_block = true;
    let descriptor = cx.fds.descriptor(fd)?;
    let source = match &descriptor.object {
        Object::Stream(Stream::In) => return Err(Errno::Badf.into()),
        Object::Stream(stream) if offset.is_none() => (Source::Stream(*stream), None),
        Object::Stream(_) => return Err(Errno::Spipe.into()),
        Object::File(file) if file.writable => {
            check_offset(file, offset)?;
            may_block = !sock::is_impatient(file);
            let append = file.flags.contains(FdFlags::APPEND);
            let offset = (!append).then(|| offset.unwrap_or(file.position));
            (Source::File(file.handle), offset)
        }
        _ => return Err(Errno::Badf.into()),
    };
    descriptor.require(Rights::FD_WRITE)?;
    if !may_block {
        sock::require_ready(cx, source.0, Direction::Write)?;
    }
    Ok(source)
}

fn check_offset(file: &OpenFile, offset: Option<u64>) -> Result {
    match offset {
        Some(_) if !file.is_seekable() => Err(Errno::Spipe.into()),
        _ => Ok(()),
    }
}

fn read(
    cx: &mut WasiP1Ctx,
    mem: &mut GuestMemory<'_>,
    from: Source,
    offset: u64,
    iovs: u32,
    iovs_len: u32,
) -> Result<u64> {
    let buffers = mem.buffers(iovs, iovs_len)?;
    if buffers.is_empty() {
        return Ok(0);
    }
    let op = HostOp::Read { from, offset };
    buffers.scatter(mem, |bufs| Ok(settle(cx.session.submit(op, Io::Read(bufs)))?.count()?))
}

/// `None` if there is nothing to write; the position then stays.
fn write(
    cx: &mut WasiP1Ctx,
    mem: &GuestMemory<'_>,
    to: Source,
    offset: Option<u64>,
    iovs: u32,
    iovs_len: u32,
) -> Result<Option<Written>> {
    let buffers = mem.buffers(iovs, iovs_len)?;
    if buffers.is_empty() {
        return Ok(None);
    }
    let op = HostOp::Write { to, offset };
    let ret = buffers.gather(mem, |bufs| {
        let bufs = if let Source::File(_) = to { &bufs[..1] } else { bufs };
        settle(cx.session.submit(op, Io::Write(bufs)))
    })?;
    Ok(Some(ret.written()?))
}

/// At most the lengths, whose sum is a `u32`.
fn count(written: Option<Written>) -> u32 {
    written.map_or(0, |written| written.bytes as u32)
}
