//! A lock for the engine's shared tables.

#[cfg(feature = "std")]
mod imp {
    /// A mutex that a panic of another thread does not poison.
    #[derive(Default)]
    pub struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        /// A mutex over `value`.
        pub const fn new(value: T) -> Self {
            Mutex(std::sync::Mutex::new(value))
        }

        /// Waits for the lock.
        pub fn lock(&self) -> impl core::ops::DerefMut<Target = T> + '_ {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        }

        /// The value.
        pub fn into_inner(self) -> T {
            self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    pub use crate::vm::SpinLock as Mutex;
}

pub use imp::Mutex;
