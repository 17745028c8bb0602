//! A guest with 64 KiB of memory, and short names for what tests call.

use rwasm_wasi::p1::{Errno, Fail, GuestMemory, functions as p1};
use rwasm_wasi::{DirPerms, FilePerms, WasiCtxBuilder, WasiP1Ctx};
use std::path::Path;

pub const CREAT: u32 = 1;
pub const DIRECTORY: u32 = 2;
pub const EXCL: u32 = 4;
pub const TRUNC: u32 = 8;
pub const APPEND: u32 = 1;
pub const FOLLOW: u32 = 1;
pub const READ: u64 = 1 << 1;
pub const WRITE: u64 = 1 << 6;
pub const ROOT: u32 = 3;

/// Where results are written, where bytes go, and where paths are put.
pub const OUT: u32 = 0;
pub const IOVS: u32 = 64;
pub const BUF: u32 = 1024;
pub const PATH: u32 = 40_000;
const PATH2: u32 = 50_000;

pub struct Guest {
    pub cx: WasiP1Ctx,
    pub bytes: Vec<u8>,
}

pub type Answer<T = ()> = Result<T, Errno>;

/// What the guest sees; a trap fails the test.
pub fn answer<T>(result: Result<T, Fail>) -> Answer<T> {
    result.map_err(|fail| match fail {
        Fail::Code(errno) => errno,
        Fail::Trap(trap) => panic!("{trap}"),
    })
}

impl Guest {
    pub fn new(cx: WasiP1Ctx) -> Self {
        Self { cx, bytes: vec![0; 1 << 16] }
    }

    /// A guest that may do anything in `dir`, as `/`.
    pub fn in_dir(dir: impl AsRef<Path>) -> Self {
        Self::with_perms(dir, DirPerms::all(), FilePerms::all())
    }

    pub fn with_perms(dir: impl AsRef<Path>, dir_perms: DirPerms, file_perms: FilePerms) -> Self {
        let mut builder = WasiCtxBuilder::new();
        Self::new(builder.preopened_dir(dir, "/", dir_perms, file_perms).unwrap().build_p1())
    }

    /// Calls a function of `p1` with the context and the memory.
    pub fn call(
        &mut self,
        f: impl FnOnce(&mut WasiP1Ctx, &mut GuestMemory<'_>) -> rwasm_wasi::p1::Result,
    ) -> Answer {
        answer(f(&mut self.cx, &mut GuestMemory::new(&mut self.bytes)))
    }

    pub fn put(&mut self, at: u32, bytes: &[u8]) {
        self.bytes[at as usize..][..bytes.len()].copy_from_slice(bytes);
    }

    pub fn get(&self, at: u32, len: u32) -> &[u8] {
        &self.bytes[at as usize..][..len as usize]
    }

    pub fn u32_at(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().unwrap())
    }

    pub fn u64_at(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().unwrap())
    }

    /// Puts an array of iovecs at `IOVS` and gives its length.
    pub fn iovs(&mut self, iovs: &[(u32, u32)]) -> u32 {
        for (index, (ptr, len)) in iovs.iter().enumerate() {
            let at = IOVS + 8 * index as u32;
            self.put(at, &ptr.to_le_bytes());
            self.put(at + 4, &len.to_le_bytes());
        }
        iovs.len() as u32
    }

    /// Puts a path and gives pointer and length.
    pub fn path(&mut self, path: &str) -> (u32, u32) {
        self.put(PATH, path.as_bytes());
        (PATH, path.len() as u32)
    }

    pub fn path2(&mut self, path: &str) -> (u32, u32) {
        self.put(PATH2, path.as_bytes());
        (PATH2, path.len() as u32)
    }

    pub fn open_with(
        &mut self,
        fd: u32,
        dirflags: u32,
        path: &str,
        oflags: u32,
        rights: u64,
        fdflags: u32,
    ) -> Answer<u32> {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| {
            p1::path_open(cx, mem, fd, dirflags, ptr, len, oflags, rights, !0, fdflags, OUT)
        })?;
        Ok(self.u32_at(OUT))
    }

    pub fn open(&mut self, path: &str, oflags: u32, rights: u64) -> Answer<u32> {
        self.open_with(ROOT, 0, path, oflags, rights, 0)
    }

    pub fn close(&mut self, fd: u32) -> Answer {
        self.call(|cx, mem| p1::fd_close(cx, mem, fd))
    }

    pub fn write(&mut self, fd: u32, bytes: &[u8]) -> Answer<u32> {
        self.put(BUF, bytes);
        let count = self.iovs(&[(BUF, bytes.len() as u32)]);
        self.call(|cx, mem| p1::fd_write(cx, mem, fd, IOVS, count, OUT))?;
        Ok(self.u32_at(OUT))
    }

    pub fn pwrite(&mut self, fd: u32, bytes: &[u8], offset: u64) -> Answer<u32> {
        self.put(BUF, bytes);
        let count = self.iovs(&[(BUF, bytes.len() as u32)]);
        self.call(|cx, mem| p1::fd_pwrite(cx, mem, fd, IOVS, count, offset, OUT))?;
        Ok(self.u32_at(OUT))
    }

    pub fn read(&mut self, fd: u32, len: u32) -> Answer<Vec<u8>> {
        let count = self.iovs(&[(BUF, len)]);
        self.call(|cx, mem| p1::fd_read(cx, mem, fd, IOVS, count, OUT))?;
        Ok(self.get(BUF, self.u32_at(OUT)).to_vec())
    }

    pub fn pread(&mut self, fd: u32, len: u32, offset: u64) -> Answer<Vec<u8>> {
        let count = self.iovs(&[(BUF, len)]);
        self.call(|cx, mem| p1::fd_pread(cx, mem, fd, IOVS, count, offset, OUT))?;
        Ok(self.get(BUF, self.u32_at(OUT)).to_vec())
    }

    pub fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Answer<u64> {
        self.call(|cx, mem| p1::fd_seek(cx, mem, fd, offset as u64, whence, OUT))?;
        Ok(self.u64_at(OUT))
    }

    pub fn tell(&mut self, fd: u32) -> Answer<u64> {
        self.call(|cx, mem| p1::fd_tell(cx, mem, fd, OUT))?;
        Ok(self.u64_at(OUT))
    }

    /// File type, flags, rights and inheriting rights.
    pub fn fdstat(&mut self, fd: u32) -> Answer<(u8, u16, u64, u64)> {
        self.call(|cx, mem| p1::fd_fdstat_get(cx, mem, fd, OUT))?;
        let flags = u16::from_le_bytes(self.get(OUT + 2, 2).try_into().unwrap());
        Ok((self.bytes[OUT as usize], flags, self.u64_at(OUT + 8), self.u64_at(OUT + 16)))
    }

    /// The `filestat` at `OUT`.
    pub fn filestat(&self) -> Filestat {
        Filestat {
            ino: self.u64_at(OUT + 8),
            filetype: self.bytes[OUT as usize + 16],
            nlink: self.u64_at(OUT + 24),
            size: self.u64_at(OUT + 32),
            atim: self.u64_at(OUT + 40),
            mtim: self.u64_at(OUT + 48),
        }
    }

    pub fn stat(&mut self, fd: u32) -> Answer<Filestat> {
        self.call(|cx, mem| p1::fd_filestat_get(cx, mem, fd, OUT))?;
        Ok(self.filestat())
    }

    pub fn stat_at(&mut self, path: &str, flags: u32) -> Answer<Filestat> {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| p1::path_filestat_get(cx, mem, ROOT, flags, ptr, len, OUT))?;
        Ok(self.filestat())
    }

    pub fn mkdir(&mut self, path: &str) -> Answer {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| p1::path_create_directory(cx, mem, ROOT, ptr, len))
    }

    pub fn rmdir(&mut self, path: &str) -> Answer {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| p1::path_remove_directory(cx, mem, ROOT, ptr, len))
    }

    pub fn unlink(&mut self, path: &str) -> Answer {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| p1::path_unlink_file(cx, mem, ROOT, ptr, len))
    }

    pub fn symlink(&mut self, target: &str, path: &str) -> Answer {
        let (target, target_len) = self.path(target);
        let (ptr, len) = self.path2(path);
        self.call(|cx, mem| p1::path_symlink(cx, mem, target, target_len, ROOT, ptr, len))
    }

    pub fn link(&mut self, flags: u32, from: &str, to: &str) -> Answer {
        self.link_between(ROOT, flags, from, ROOT, to)
    }

    pub fn link_between(
        &mut self,
        fd: u32,
        flags: u32,
        from: &str,
        to_fd: u32,
        to: &str,
    ) -> Answer {
        let (from, from_len) = self.path(from);
        let (to, to_len) = self.path2(to);
        self.call(|cx, mem| p1::path_link(cx, mem, fd, flags, from, from_len, to_fd, to, to_len))
    }

    pub fn rename(&mut self, from: &str, to: &str) -> Answer {
        self.rename_between(ROOT, from, ROOT, to)
    }

    pub fn rename_between(&mut self, fd: u32, from: &str, to_fd: u32, to: &str) -> Answer {
        let (from, from_len) = self.path(from);
        let (to, to_len) = self.path2(to);
        self.call(|cx, mem| p1::path_rename(cx, mem, fd, from, from_len, to_fd, to, to_len))
    }

    pub fn readlink(&mut self, path: &str, buf_len: u32) -> Answer<String> {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| p1::path_readlink(cx, mem, ROOT, ptr, len, BUF, buf_len, OUT))?;
        Ok(String::from_utf8(self.get(BUF, self.u32_at(OUT)).to_vec()).unwrap())
    }

    pub fn set_times_at(
        &mut self,
        path: &str,
        flags: u32,
        atim: u64,
        mtim: u64,
        fst: u32,
    ) -> Answer {
        let (ptr, len) = self.path(path);
        self.call(|cx, mem| {
            p1::path_filestat_set_times(cx, mem, ROOT, flags, ptr, len, atim, mtim, fst)
        })
    }

    pub fn set_times(&mut self, fd: u32, atim: u64, mtim: u64, fst: u32) -> Answer {
        self.call(|cx, mem| p1::fd_filestat_set_times(cx, mem, fd, atim, mtim, fst))
    }

    pub fn set_size(&mut self, fd: u32, size: u64) -> Answer {
        self.call(|cx, mem| p1::fd_filestat_set_size(cx, mem, fd, size))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    pub ino: u64,
    pub filetype: u8,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
}
