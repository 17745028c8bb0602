//! What a call is given.

use super::decode::{CLOCKS, Decoder, EVENTS, MOST, numbered, word, words};
use super::{Field, Value};
use crate::p0;
use crate::p1::rights::{FdFlags, FstFlags, LookupFlags, OFlags, RiFlags, Rights, SdFlags};
use crate::p1::types::{self, Subscription, SubscriptionKind};

/// The arguments of a call. Where results go is none of them.
pub(super) fn arguments(call: &Decoder<'_, '_>) -> Vec<Field> {
    let shown = |&(name, number): &(&'static str, u64)| Some((name, argument(call, name, number)?));
    call.args.iter().filter_map(shown).collect()
}

fn argument(call: &Decoder<'_, '_>, name: &'static str, number: u64) -> Option<Value> {
    let path = |len| call.bytes(number as u32, call.arg(len)); // Addresses have 32 bits.
    let writes = matches!(call.name, "fd_write" | "fd_pwrite" | "sock_send");
    Some(match (call.name, name) {
        // Where a name goes, and how long it may be.
        ("fd_prestat_dir_name", "path") => return None,
        ("fd_prestat_dir_name", "path_len") => Value::Number(number),
        (_, "path") => path("path_len"),
        (_, "old_path") => path("old_path_len"),
        (_, "new_path") => path("new_path_len"),
        (_, "path_len" | "old_path_len" | "new_path_len") => return None,
        (_, "iovs") if writes => call.buffers(number as u32, call.arg("iovs_len"), None),
        (_, "iovs") => call.room(number as u32, call.arg("iovs_len")),
        (_, "subs") => subscriptions(call),
        ("fd_tell", "offset") => return None,
        ("fd_seek", "offset") => Value::Signed(number as i64),
        (_, "whence") if call.is_snapshot_0 => word(&["cur", "end", "set"], number),
        (_, "whence") => word(&["set", "cur", "end"], number),
        (_, "advice") => {
            word(&["normal", "sequential", "random", "willneed", "dontneed", "noreuse"], number)
        }
        ("clock_res_get" | "clock_time_get", "id") => word(CLOCKS, number),
        ("path_filestat_get" | "path_filestat_set_times", "flags")
        | (_, "dirflags" | "old_flags") => words::<LookupFlags>(number),
        (_, "flags" | "fdflags") => words::<FdFlags>(number),
        (_, "oflags") => words::<OFlags>(number),
        (_, "fst_flags") => words::<FstFlags>(number),
        (_, "rights_base" | "rights_inheriting") => words::<Rights>(number),
        (_, "ri_flags") => words::<RiFlags>(number),
        (_, "how") => words::<SdFlags>(number),
        (
            _,
            "fd" | "to" | "old_fd" | "new_fd" | "len" | "buf_len" | "offset" | "size" | "cookie"
            | "precision" | "atim" | "mtim" | "code" | "sig" | "si_flags",
        ) => Value::Number(number),
        // What else there is are addresses of results, and lengths that are shown by what they
        // are the lengths of.
        _ => return None,
    })
}

fn subscriptions(call: &Decoder<'_, '_>) -> Value {
    let size = if call.is_snapshot_0 { 56 } else { 48 };
    let mut shown = Vec::new();
    for index in 0..call.arg("nsubscriptions").min(MOST) {
        let Some(address) = call.arg("subs").checked_add(index * size) else { break };
        let subscription = match call.is_snapshot_0 {
            true => call.mem.read(address).map(|bytes| p0::types::subscription(&bytes)),
            false => call.mem.read(address).map(|bytes| types::subscription(&bytes)),
        };
        shown.push(match subscription {
            Ok(Ok(subscription)) => described(&subscription),
            Ok(Err(_)) => Value::Word("invalid"),
            Err(_) => Value::OutOfBounds,
        });
    }
    Value::List(shown)
}

fn described(subscription: &Subscription) -> Value {
    Value::Record(match subscription.kind {
        SubscriptionKind::Clock { id, timeout, absolute } => vec![
            ("clock", word(CLOCKS, id.into())),
            numbered(if absolute { "at" } else { "in" }, timeout),
        ],
        SubscriptionKind::FdRead(fd) => vec![numbered(EVENTS[1], fd.into())],
        SubscriptionKind::FdWrite(fd) => vec![numbered(EVENTS[2], fd.into())],
    })
}
