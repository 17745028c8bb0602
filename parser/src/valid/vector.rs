//! Vectors. Spec: *Validation → Instructions → Vector Instructions*.

use crate::ops::*;
use crate::syntax::*;
use crate::walk::{Sink, Walk, Walked};
use crate::{DecodeError, Invalid};
use alloc::format;

const V128: ValType = ValType::V128;

impl<S: Sink> Walk<'_, '_, S> {
    /// The index of one of `lanes` lanes.
    pub(crate) fn lane(&mut self, lanes: u32) -> Result<u8, DecodeError> {
        let lane = self.reader.u8()?;
        if u32::from(lane) < lanes {
            return Ok(lane);
        }
        let message = format!("invalid lane index: {lane}, expected less than {lanes}");
        Err(Invalid::new(self.offset, message).into())
    }

    pub(crate) fn vunop(&mut self, op: VUnOp) -> Walked<S> {
        self.operands.unary(self.cx(), V128, V128)?;
        self.emit(|sink, at| sink.vunop(at, op))
    }

    pub(crate) fn vbinop(&mut self, op: VBinOp) -> Walked<S> {
        self.operands.binary(self.cx(), V128, V128, V128)?;
        self.emit(|sink, at| sink.vbinop(at, op))
    }

    pub(crate) fn vternop(&mut self, op: VTernOp) -> Walked<S> {
        self.operands.pop(self.cx(), V128)?;
        self.operands.binary(self.cx(), V128, V128, V128)?;
        self.emit(|sink, at| sink.vternop(at, op))
    }

    pub(crate) fn vtestop(&mut self, op: VTestOp) -> Walked<S> {
        self.operands.unary(self.cx(), V128, ValType::I32)?;
        self.emit(|sink, at| sink.vtestop(at, op))
    }

    pub(crate) fn vshiftop(&mut self, op: VShiftOp) -> Walked<S> {
        self.operands.binary(self.cx(), V128, ValType::I32, V128)?;
        self.emit(|sink, at| sink.vshiftop(at, op))
    }

    pub(crate) fn vsplat(&mut self, op: VSplatOp) -> Walked<S> {
        self.operands.unary(self.cx(), op.operands()[0], V128)?;
        self.emit(|sink, at| sink.vsplat(at, op))
    }

    pub(crate) fn vextract(&mut self, op: VExtractOp) -> Walked<S> {
        let lane = self.lane(op.lanes())?;
        self.operands.unary(self.cx(), V128, op.results()[0])?;
        self.emit(|sink, at| sink.vextract(at, op, lane))
    }

    pub(crate) fn vreplace(&mut self, op: VReplaceOp) -> Walked<S> {
        let lane = self.lane(op.lanes())?;
        self.operands.binary(self.cx(), V128, op.operands()[1], V128)?;
        self.emit(|sink, at| sink.vreplace(at, op, lane))
    }

    pub(crate) fn vshuffle(&mut self) -> Walked<S> {
        let mut lanes = [0; 16];
        for lane in &mut lanes {
            *lane = self.lane(32)?;
        }
        self.operands.binary(self.cx(), V128, V128, V128)?;
        self.emit(|sink, at| sink.vshuffle(at, lanes))
    }
}

/// The number of lanes, which stands in the mnemonic: `i8x16.extract_lane_s`.
const fn lanes(mnemonic: &str) -> u32 {
    match mnemonic.as_bytes() {
        [_, b'8', b'x', ..] => 16,
        [_, b'1', b'6', ..] => 8,
        [_, b'3', b'2', ..] => 4,
        _ => 2,
    }
}

impl VExtractOp {
    /// How many lanes the vector has.
    pub const fn lanes(self) -> u32 {
        lanes(self.mnemonic())
    }
}

impl VReplaceOp {
    /// How many lanes the vector has.
    pub const fn lanes(self) -> u32 {
        lanes(self.mnemonic())
    }
}
