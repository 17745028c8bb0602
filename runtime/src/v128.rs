//! The 128-bit vector value, and its views as lanes.
//!
//! Spec: *Execution → Numerics → Storage* (`lanes`). A `[T; N]` converts to and from a [`V128`]
//! lane by lane, in little-endian order whatever the host's order is; on a little-endian host
//! both ways are a move.

use core::array::from_fn;
use core::fmt;

/// A `v128` value: 16 bytes, lane 0 first, each lane little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct V128(pub [u8; 16]);

impl V128 {
    /// The vector whose bits are all zero.
    pub const ZERO: V128 = V128([0; 16]);

    /// The vector with these bits; lane 0 has the least significant ones.
    #[inline(always)]
    pub const fn from_bits(bits: u128) -> V128 {
        V128(bits.to_le_bytes())
    }

    /// The vector's bits; lane 0 has the least significant ones.
    #[inline(always)]
    pub const fn to_bits(self) -> u128 {
        u128::from_le_bytes(self.0)
    }
}

impl From<u128> for V128 {
    #[inline(always)]
    fn from(bits: u128) -> V128 {
        V128::from_bits(bits)
    }
}

impl From<V128> for u128 {
    #[inline(always)]
    fn from(vector: V128) -> u128 {
        vector.to_bits()
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V128({:#034x})", self.to_bits())
    }
}

macro_rules! lane_views {
    ($($lane:ident)*) => {$(
        impl From<V128> for [$lane; 16 / size_of::<$lane>()] {
            #[inline(always)]
            fn from(vector: V128) -> Self {
                let (lanes, _) = vector.0.as_chunks();
                from_fn(|i| $lane::from_le_bytes(lanes[i]))
            }
        }

        impl From<[$lane; 16 / size_of::<$lane>()]> for V128 {
            #[inline(always)]
            fn from(lanes: [$lane; 16 / size_of::<$lane>()]) -> V128 {
                let mut bytes = [0; 16];
                for (to, lane) in bytes.as_chunks_mut().0.iter_mut().zip(lanes) {
                    *to = lane.to_le_bytes();
                }
                V128(bytes)
            }
        }
    )*};
}
lane_views! { u8 i8 u16 i16 u32 i32 u64 i64 f32 f64 }
