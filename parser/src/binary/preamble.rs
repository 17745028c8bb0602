//! The first eight bytes. Spec: *Binary Format → Modules → Modules*.

use crate::Malformed;
use alloc::format;

/// What a binary begins to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A core module.
    Module,
    /// A component.
    Component,
}

impl Encoding {
    /// What `bytes` say they are.
    ///
    /// # Errors
    ///
    /// If they begin like neither a module nor a component.
    pub fn of(bytes: &[u8]) -> Result<Encoding, Malformed> {
        let cut_off = || Malformed::new(bytes.len(), "unexpected end: the file is cut off");
        if bytes.get(..4).ok_or_else(cut_off)? != b"\0asm" {
            return Err(Malformed::new(0, "magic header not detected: not a WebAssembly binary"));
        }
        match bytes.get(4..8) {
            Some([1, 0, 0, 0]) => Ok(Encoding::Module),
            Some([_, 0, 1, 0]) => Ok(Encoding::Component),
            Some(&[a, b, c, d]) => {
                let version = u32::from_le_bytes([a, b, c, d]);
                Err(Malformed::new(4, format!("unknown binary version: {version:#x}, expected 1")))
            }
            _ => Err(cut_off()),
        }
    }
}
