//! `--coredump`

use rwasm::{AsContext, Error, WasmCoreDump};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Writes the core dump of a guest that `error` ended, the program `name`. Says how that went, in
/// a line to add to the message.
pub fn write(error: &Error, store: impl AsContext, name: &str, path: &Path) -> String {
    let path_shown = path.display();
    let Some(dump) = error.downcast_ref::<WasmCoreDump>() else {
        return format!("\nthere is no core dump in {path_shown}: no function was running");
    };
    if !dump.is_of(&store) {
        return format!("\nthere is no core dump in {path_shown}: it was not the first thread");
    }
    let written = File::create(path).map_err(Error::from).and_then(|file| {
        let mut file = BufWriter::new(file);
        dump.serialize_to(store, name, |bytes| Ok(file.write_all(bytes)?))?;
        Ok(file.flush()?)
    });
    match written {
        Ok(()) => format!("\nthe core dump is in {path_shown}"),
        Err(error) => format!("\nthe core dump cannot be written to {path_shown}: {error}"),
    }
}
