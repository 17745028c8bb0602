//! How much has to pass at least: `floor.toml`. It rises with the testsuite and never sinks, so
//! that scripts which are no longer found, or assertions no longer made, do not go unnoticed.

use rwasm_wast::Counts;
use serde::Deserialize;

/// The file `floor.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Floor {
    /// Without the corpora.
    testsuite: Least,
    /// With them.
    corpora: Least,
}

/// The least number of each, on each dispatch backend.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Least {
    scripts: usize,
    passed: usize,
    valid: usize,
    malformed: usize,
    invalid: usize,
}

impl Floor {
    /// Reads the file that belongs to this package.
    ///
    /// # Panics
    ///
    /// If it is no such file.
    pub fn read() -> Self {
        toml::from_str(include_str!("../floor.toml")).expect("floor.toml is well-formed")
    }

    /// Compares what `scripts` scripts came to on one backend with the floor.
    ///
    /// # Errors
    ///
    /// With what is less than it should be, for people.
    pub fn check(&self, corpora: bool, scripts: usize, counts: &Counts) -> Result<(), String> {
        let least = if corpora { &self.corpora } else { &self.testsuite };
        let rows = [
            ("scripts", scripts, least.scripts),
            ("directives passed", counts.passed, least.passed),
            ("modules valid", counts.valid.right, least.valid),
            ("modules malformed", counts.malformed.right, least.malformed),
            ("modules invalid", counts.invalid.right, least.invalid),
        ];
        let low = rows.iter().filter(|(_, found, least)| found < least);
        let low: Vec<_> =
            low.map(|(what, found, least)| format!("{what}: {found}, at least {least}")).collect();
        if low.is_empty() { Ok(()) } else { Err(low.join("; ")) }
    }
}
