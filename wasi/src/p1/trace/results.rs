//! What a call that succeeds gives.

use super::decode::{Decoder, EVENTS, FILE_TYPES, MOST, numbered, word, words};
use super::{Field, Value};
use crate::p1::rights::FdFlags;

/// What the call has written to the guest's memory.
pub(super) fn results(call: &Decoder<'_, '_>) -> Vec<Field> {
    let mut results = Vec::new();
    match call.name {
        "fd_read" | "fd_pread" | "sock_recv" => {
            if let Value::Number(count) = call.u32_at(call.arg("nread")) {
                let iovs = (call.arg("iovs"), call.arg("iovs_len"));
                // The count was a `u32`.
                results.push(("read", call.buffers(iovs.0, iovs.1, Some(count as u32))));
            }
        }
        "path_readlink" => {
            if let Value::Number(len) = call.u32_at(call.arg("bufused")) {
                results.push(("target", call.bytes(call.arg("buf"), len as u32))); // As above.
            }
        }
        "fd_prestat_dir_name" => {
            results.push(("path", call.bytes(call.arg("path"), call.arg("path_len"))));
        }
        "fd_readdir" => results.push(("entries", entries(call))),
        "poll_oneoff" => results.push(("events", events(call))),
        _ => {}
    }
    results.extend(call.args.iter().filter_map(|&(name, address)| {
        let address = address as u32; // Of a result, or this is not one.
        Some((
            name,
            match (call.name, name) {
                ("fd_tell", "offset") => call.u64_at(address),
                ("fd_fdstat_get", "stat") => fdstat(call, address),
                (_, "stat") => filestat(call, address),
                (_, "prestat") => Value::Record(vec![
                    ("type", Value::Word("dir")),
                    ("name_len", call.u32_at(address.saturating_add(4))),
                ]),
                (_, "time" | "resolution" | "newoffset") => call.u64_at(address),
                (_, "ro_flags") => call.u16_at(address),
                (
                    _,
                    "nread" | "nwritten" | "bufused" | "opened_fd" | "accepted_fd" | "nevents"
                    | "argc" | "argv_buf_size" | "environc" | "environ_buf_size",
                ) => call.u32_at(address),
                _ => return None,
            },
        ))
    }));
    results
}

fn fdstat(call: &Decoder<'_, '_>, address: u32) -> Value {
    let Ok(stat) = call.mem.read::<24>(address) else { return Value::OutOfBounds };
    Value::Record(vec![
        ("filetype", word(FILE_TYPES, Decoder::field::<1>(&stat, 0))),
        ("flags", words::<FdFlags>(Decoder::field::<2>(&stat, 2))),
    ])
}

fn filestat(call: &Decoder<'_, '_>, address: u32) -> Value {
    let (stat, size) = match call.is_snapshot_0 {
        true => (call.mem.read::<56>(address).map(Vec::from), 24),
        false => (call.mem.read::<64>(address).map(Vec::from), 32),
    };
    let Ok(stat) = stat else { return Value::OutOfBounds };
    Value::Record(vec![
        ("filetype", word(FILE_TYPES, Decoder::field::<1>(&stat, 16))),
        numbered("size", Decoder::field::<8>(&stat, size)),
        numbered("mtim", Decoder::field::<8>(&stat, size + 16)),
    ])
}

/// The names that were listed, of which the last may be cut.
fn entries(call: &Decoder<'_, '_>) -> Value {
    let Value::Number(used) = call.u32_at(call.arg("bufused")) else { return Value::OutOfBounds };
    let (mut names, mut at) = (Vec::new(), u64::from(call.arg("buf")));
    let end = at + used;
    while names.len() < MOST as usize && at + 24 <= end {
        // Both are addresses: `at` is at most `end`, and that is checked by reading.
        let Ok(entry) = call.mem.read::<24>(at as u32) else { return Value::OutOfBounds };
        let len = Decoder::field::<4>(&entry, 16);
        let there = len.min(end - at - 24);
        names.push(match call.bytes((at + 24) as u32, there as u32) {
            Value::Bytes(name, _) => Value::Bytes(name, len),
            other => other,
        });
        at += 24 + len;
    }
    Value::List(names)
}

fn events(call: &Decoder<'_, '_>) -> Value {
    let Value::Number(count) = call.u32_at(call.arg("nevents")) else { return Value::OutOfBounds };
    let mut events = Vec::new();
    for index in 0..(count as u32).min(MOST) {
        let address = call.arg("events").checked_add(index * 32);
        let Some(Ok(event)) = address.map(|address| call.mem.read::<32>(address)) else { break };
        let kind = Decoder::field::<1>(&event, 10);
        let mut fields = vec![("type", word(EVENTS, kind))];
        let error = Decoder::field::<2>(&event, 8);
        if error != 0 {
            fields.push(numbered("error", error));
        } else if kind != 0 {
            fields.push(numbered("nbytes", Decoder::field::<8>(&event, 16)));
        }
        events.push(Value::Record(fields));
    }
    Value::List(events)
}
