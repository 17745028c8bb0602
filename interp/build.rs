//! Enables the tail backend where sibling calls were seen to become jumps.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail_dispatch, opstats)");
    println!("cargo::rerun-if-changed=build.rs");
    // At 1, s and z some vector handlers keep arrays on the stack, and call instead of jumping.
    let optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level == "2" || level == "3");
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let miri = std::env::var("CARGO_CFG_MIRI").is_ok();
    // Counting instructions is done by the portable backend.
    let counting = std::env::var("CARGO_CFG_OPSTATS").is_ok();
    if optimised && !miri && !counting && matches!(arch.as_str(), "x86_64" | "aarch64") {
        println!("cargo::rustc-cfg=tail_dispatch");
    }
}
