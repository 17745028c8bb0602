//! Errors that are messages.

/// An [`Error`](crate::Error) that is a message, formatted as by `format!`.
///
/// ```
/// let error = rwasm::format_err!("no plugin called `{}`", "a");
/// assert_eq!(error.to_string(), "no plugin called `a`");
/// ```
#[macro_export]
macro_rules! format_err {
    ($($arg:tt)+) => {
        $crate::Error::msg($crate::private::format!($($arg)+))
    };
}

/// Returns with an [`Error`](crate::Error) that is a message.
///
/// ```
/// fn find(name: &str) -> rwasm::Result<()> {
///     rwasm::bail!("no plugin called `{name}`")
/// }
/// assert!(find("a").is_err());
/// ```
#[macro_export]
macro_rules! bail {
    ($($arg:tt)+) => {
        return ::core::result::Result::Err($crate::format_err!($($arg)+))
    };
}

/// Returns with an [`Error`](crate::Error) that is a message unless a condition holds.
///
/// ```
/// fn check(len: usize) -> rwasm::Result<()> {
///     rwasm::ensure!(len < 10, "{len} is too long");
///     Ok(())
/// }
/// assert!(check(3).is_ok());
/// assert_eq!(check(12).unwrap_err().to_string(), "12 is too long");
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        $crate::ensure!($condition, "condition failed: `{}`", ::core::stringify!($condition))
    };
    ($condition:expr, $($arg:tt)+) => {
        if !$condition {
            $crate::bail!($($arg)+);
        }
    };
}
