//! Bytes, integers, names. Spec: *Binary Format → Values*.

use crate::{Features, Malformed};
use alloc::format;
use core::ops::Range;

/// A position in the bytes of a module, up to the end of a section or function body.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    /// The module from its start, so that positions are offsets, up to where reading must stop.
    bytes: &'a [u8],
    pos: usize,
    /// What the types that are read may use.
    pub(crate) features: Features,
}

impl<'a> Reader<'a> {
    /// Reads `range` of a module. The range must be within `module`.
    pub(crate) fn new(module: &'a [u8], range: Range<usize>, features: Features) -> Self {
        Reader { bytes: &module[..range.end], pos: range.start, features }
    }

    /// Offset of the next byte from the start of the module.
    #[inline]
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Whether everything was read.
    #[inline]
    pub(crate) fn is_at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    /// How many bytes there are to read.
    #[inline]
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.pos
    }

    /// How many items to make room for when `count` are announced and each takes at least
    /// `min_bytes`.
    pub(crate) fn capacity(&self, count: u32, min_bytes: usize) -> usize {
        (count as usize).min(self.remaining() / min_bytes)
    }

    /// One byte.
    #[inline(always)]
    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        match self.bytes.get(self.pos) {
            Some(&byte) => {
                self.pos += 1;
                Ok(byte)
            }
            None => Err(self.unexpected_end()),
        }
    }

    /// The next byte, which stays the next one.
    #[inline]
    pub(crate) fn peek(&self) -> Result<u8, Malformed> {
        self.bytes.get(self.pos).copied().ok_or_else(|| self.unexpected_end())
    }

    /// The next two bytes if there are as many, which stay where they are.
    #[inline(always)]
    pub(crate) fn peek2(&self) -> Option<[u8; 2]> {
        match self.bytes.get(self.pos..) {
            Some(&[first, second, ..]) => Some([first, second]),
            _ => None,
        }
    }

    /// Goes on by `count` bytes that were peeked at.
    #[inline(always)]
    pub(crate) fn skip(&mut self, count: usize) {
        self.pos += count;
    }

    /// As many bytes as the length that stands before them, as a range of the module.
    pub(crate) fn sized(&mut self) -> Result<Range<usize>, Malformed> {
        let at = self.pos;
        let len = self.u32()? as usize;
        if len > self.remaining() {
            let message =
                format!("length out of bounds: {len} bytes, {} are left", self.remaining());
            return Err(Malformed::new(at, message));
        }
        let start = self.pos;
        self.pos += len;
        Ok(start..self.pos)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.bytes.get(self.pos..).and_then(|rest| rest.first_chunk::<N>()) {
            Some(&array) => {
                self.pos += N;
                Ok(array)
            }
            None => Err(self.unexpected_end()),
        }
    }

    /// 32 bits, the lowest first.
    pub(crate) fn bits32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// 64 bits, the lowest first.
    pub(crate) fn bits64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    /// 16 bytes.
    pub(crate) fn bytes16(&mut self) -> Result<[u8; 16], Malformed> {
        self.array()
    }

    /// `u32` in LEB128.
    #[inline(always)]
    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(u32::from(byte))
            }
            _ => match self.short_leb128() {
                Some((value, _)) => Ok(value),
                None => self.unsigned(32).map(|value| value as u32),
            },
        }
    }

    /// `u64` in LEB128.
    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(u64::from(byte))
            }
            _ => match self.short_leb128() {
                Some((value, _)) => Ok(value.into()),
                None => self.unsigned(64),
            },
        }
    }

    /// `i32` in LEB128.
    #[inline(always)]
    pub(crate) fn s32(&mut self) -> Result<i32, Malformed> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(i32::from((byte << 1) as i8 >> 1))
            }
            _ => match self.short_leb128() {
                Some((value, bits)) => Ok((value << (32 - bits)) as i32 >> (32 - bits)),
                None => self.signed(32).map(|value| value as i32),
            },
        }
    }

    /// `i33` in LEB128, which block types and heap types are written as.
    pub(crate) fn s33(&mut self) -> Result<i64, Malformed> {
        self.signed(33)
    }

    /// `i64` in LEB128.
    #[inline]
    pub(crate) fn s64(&mut self) -> Result<i64, Malformed> {
        match self.short_leb128() {
            Some((value, bits)) => Ok(i64::from((value << (32 - bits)) as i32 >> (32 - bits))),
            None => self.signed(64),
        }
    }

    /// A value in LEB128 of at most four bytes, which every type has room for, and how many bits
    /// it has. `None`, and nothing is read, if it is longer or the module may end before it does.
    #[inline(always)]
    fn short_leb128(&mut self) -> Option<(u32, u32)> {
        let chunk = u32::from_le_bytes(*self.bytes.get(self.pos..)?.first_chunk::<4>()?);
        let last = !chunk & 0x8080_8080;
        if last == 0 {
            return None;
        }
        let len = last.trailing_zeros() / 8 + 1;
        self.pos += len as usize;
        let value = (chunk & 0x7f)
            | (chunk >> 1 & 0x7f << 7)
            | (chunk >> 2 & 0x7f << 14)
            | (chunk >> 3 & 0x7f << 21);
        Some((value & ((1 << (7 * len)) - 1), 7 * len))
    }

    fn unsigned(&mut self, bits: u32) -> Result<u64, Malformed> {
        let start = self.pos;
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if shift + 7 >= bits {
                // The last byte there may be: no continuation, and no bits past the type's.
                if byte & 0x80 != 0 {
                    return Err(too_long(start));
                }
                if byte >> (bits - shift) != 0 {
                    return Err(too_large(start));
                }
                return Ok(value);
            }
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    fn signed(&mut self, bits: u32) -> Result<i64, Malformed> {
        let start = self.pos;
        let mut value = 0;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            value |= i64::from(byte & 0x7f) << shift;
            if shift + 7 >= bits {
                if byte & 0x80 != 0 {
                    return Err(too_long(start));
                }
                // The bits past the type's repeat its sign.
                let rest = ((byte << 1) as i8) >> (bits - shift);
                if rest != 0 && rest != -1 {
                    return Err(too_large(start));
                }
                let unused = 64 - bits;
                return Ok(value << unused >> unused);
            }
            shift += 7;
            if byte & 0x80 == 0 {
                let unused = 64 - shift;
                return Ok(value << unused >> unused);
            }
        }
    }

    /// The length of a list.
    pub(crate) fn count(&mut self) -> Result<u32, Malformed> {
        self.u32()
    }

    /// A name.
    pub(crate) fn name(&mut self) -> Result<&'a str, Malformed> {
        let range = self.sized()?;
        let start = range.start;
        core::str::from_utf8(&self.bytes[range]).map_err(|error| {
            Malformed::new(start + error.valid_up_to(), "malformed UTF-8 encoding")
        })
    }

    #[cold]
    fn unexpected_end(&self) -> Malformed {
        Malformed::new(self.bytes.len(), "unexpected end of section or function")
    }
}

#[cold]
fn too_long(offset: usize) -> Malformed {
    Malformed::new(offset, "integer representation too long")
}

#[cold]
fn too_large(offset: usize) -> Malformed {
    Malformed::new(offset, "integer too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(bytes: &[u8]) -> Reader<'_> {
        Reader::new(bytes, 0..bytes.len(), Features::ALL)
    }

    #[test]
    fn integers_keep_to_their_width() {
        assert_eq!(reader(&[0xe5, 0x8e, 0x26]).u32().unwrap(), 624_485);
        assert_eq!(reader(&[0xff, 0xff, 0xff, 0xff, 0x0f]).u32().unwrap(), u32::MAX);
        assert!(
            reader(&[0xff, 0xff, 0xff, 0xff, 0x1f]).u32().unwrap_err().message().contains("large")
        );
        assert!(
            reader(&[0x80, 0x80, 0x80, 0x80, 0x80]).u32().unwrap_err().message().contains("long")
        );
        assert_eq!(reader(&[0x7f]).s32().unwrap(), -1);
        assert_eq!(reader(&[0x80, 0x7f]).s32().unwrap(), -128);
        assert_eq!(reader(&[0x80, 0x80, 0x80, 0x80, 0x78]).s32().unwrap(), i32::MIN);
        assert!(reader(&[0x80, 0x80, 0x80, 0x80, 0x70]).s32().is_err());
        let min = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f];
        assert_eq!(reader(&min).s64().unwrap(), i64::MIN);
        assert_eq!(reader(&[0xff, 0xff, 0xff, 0xff, 0x0f]).s33().unwrap(), i64::from(u32::MAX));
    }

    #[test]
    fn integers_are_the_same_wherever_the_module_ends() {
        for len in 1..=4 {
            for (first, last) in [(0x80, 0x3f), (0xff, 0x40), (0xd5, 0x7f), (0xaa, 0x00)] {
                let mut bytes = alloc::vec![first; len];
                bytes[len - 1] = last;
                let mut padded = bytes.clone();
                padded.extend([0xff; 8]);
                for (bytes, end) in [(&bytes, len), (&padded, len)] {
                    let mut r = reader(bytes);
                    assert_eq!(i64::from(r.clone().s32().unwrap()), r.clone().signed(32).unwrap());
                    assert_eq!(r.clone().s64().unwrap(), r.clone().signed(64).unwrap());
                    assert_eq!(
                        u64::from(r.clone().u32().unwrap()),
                        r.clone().unsigned(32).unwrap()
                    );
                    assert_eq!(r.u64().unwrap(), reader(bytes).unsigned(64).unwrap());
                    assert_eq!(r.pos(), end);
                }
            }
        }
        assert!(reader(&[0x80, 0x80]).s32().is_err());
    }

    #[test]
    fn names_are_utf8() {
        assert_eq!(reader(b"\x02hi").name().unwrap(), "hi");
        assert!(reader(b"\x02\xff\xff").name().is_err());
        assert!(
            reader(b"\x03hi").name().unwrap_err().message().starts_with("length out of bounds")
        );
    }
}
