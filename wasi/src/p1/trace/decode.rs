//! [`Decoder`]: what the numbers of one call mean.

use super::{Field, Value};
use crate::p1::{GuestMemory, types};

/// How many buffers, subscriptions, events and names are shown, at most.
pub(super) const MOST: u32 = 32;

/// A call, and the memory that its addresses are of.
pub(super) struct Decoder<'a, 'm> {
    pub mem: &'a GuestMemory<'m>,
    pub name: &'static str,
    pub args: &'a [(&'static str, u64)],
    pub is_snapshot_0: bool,
    /// How many bytes are shown, at most.
    pub most: usize,
}

impl Decoder<'_, '_> {
    /// The argument `name`; 0 if there is none.
    pub fn arg(&self, name: &str) -> u32 {
        // Addresses, lengths and flags have 32 bits.
        self.args.iter().find(|(other, _)| *other == name).map_or(0, |(_, value)| *value as u32)
    }

    /// The `len` bytes at `address`, cut to what is shown.
    pub fn bytes(&self, address: u32, len: u32) -> Value {
        let shown = u32::try_from(self.most).map_or(len, |most| len.min(most));
        match (self.mem.check(address, len), self.mem.slice(address, shown)) {
            (Ok(()), Ok(bytes)) => Value::Bytes(bytes.into_owned(), len.into()),
            _ => Value::OutOfBounds,
        }
    }

    pub fn u16_at(&self, address: u32) -> Value {
        self.number(address, u16::from_le_bytes)
    }

    pub fn u32_at(&self, address: u32) -> Value {
        self.number(address, u32::from_le_bytes)
    }

    pub fn u64_at(&self, address: u32) -> Value {
        self.number(address, u64::from_le_bytes)
    }

    fn number<T: Into<u64>, const N: usize>(&self, address: u32, of: fn([u8; N]) -> T) -> Value {
        match self.mem.read::<N>(address) {
            Ok(bytes) => Value::Number(of(bytes).into()),
            Err(_) => Value::OutOfBounds,
        }
    }

    /// The buffers that `iovs` names, up to `len` bytes of them in sum.
    pub fn buffers(&self, iovs: u32, count: u32, len: Option<u32>) -> Value {
        let mut left = len.unwrap_or(u32::MAX);
        let mut buffers = Vec::new();
        for index in 0..count.min(MOST) {
            let entry = iovs.checked_add(8 * index).map(|iov| self.mem.read::<8>(iov));
            let Some(Ok(iov)) = entry else {
                buffers.push(Value::OutOfBounds);
                break;
            };
            let (address, room) = types::iovec(iov);
            let filled = room.min(left);
            left -= filled;
            if len.is_none() || filled != 0 {
                buffers.push(self.bytes(address, filled));
            }
        }
        Value::List(buffers)
    }

    /// How many bytes the buffers that `iovs` names have room for.
    pub fn room(&self, iovs: u32, count: u32) -> Value {
        let mut sum = 0;
        for index in 0..count.min(1024) {
            let entry = iovs.checked_add(8 * index).map(|iov| self.mem.read::<8>(iov));
            let Some(Ok(iov)) = entry else { return Value::OutOfBounds };
            sum += u64::from(types::iovec(iov).1);
        }
        Value::Number(sum)
    }

    /// The field at `offset` of a structure of `N` bytes, as a number.
    pub fn field<const N: usize>(bytes: &[u8], offset: usize) -> u64 {
        let mut field = [0; 8];
        if let Some(found) = bytes.get(offset..offset + N) {
            field[..N].copy_from_slice(found); // Fields have at most 8 bytes.
        }
        u64::from_le_bytes(field)
    }
}

/// One of `words`, by its number.
pub(super) fn word(words: &[&'static str], number: u64) -> Value {
    let index = usize::try_from(number).ok();
    match index.and_then(|index| words.get(index)) {
        Some(word) => Value::Word(word),
        None => Value::Number(number),
    }
}

/// The flags that are set.
pub(super) fn words<F: bitflags::Flags>(bits: u64) -> Value
where
    F::Bits: TryFrom<u64> + Into<u64>,
{
    // Bits that do not fit mean nothing, as others that are no flag's.
    let low = F::Bits::try_from(bits & !0 >> (64 - 8 * size_of::<F::Bits>()));
    let flags = F::from_bits_truncate(low.unwrap_or(<F::Bits as bitflags::Bits>::EMPTY));
    let rest = bits & !flags.bits().into();
    Value::Words(flags.iter_names().map(|(name, _)| name).collect(), rest)
}

pub(super) const FILE_TYPES: &[&str] = &[
    "unknown",
    "block_device",
    "character_device",
    "directory",
    "regular_file",
    "socket_dgram",
    "socket_stream",
    "symbolic_link",
];

pub(super) const CLOCKS: &[&str] = &["realtime", "monotonic", "process_cputime", "thread_cputime"];

pub(super) const EVENTS: &[&str] = &["clock", "fd_read", "fd_write"];

/// A number with a name.
pub(super) fn numbered(name: &'static str, number: u64) -> Field {
    (name, Value::Number(number))
}
