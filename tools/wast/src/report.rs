//! What became of a script's directives.

use std::fmt;
use std::ops::AddAssign;
use wast::WastDirective;

/// What became of a script.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its directives, in order.
    pub directives: Vec<Directive>,
}

/// What became of a directive.
#[derive(Clone, Debug)]
pub struct Directive {
    /// The line that it begins in, from 1 on.
    pub line: usize,
    /// Which directive it is.
    pub kind: Kind,
    /// What became of it.
    pub outcome: Outcome,
    /// What the decoder and validator made of its module, if it has one.
    pub verdict: Option<Verdict>,
}

/// What became of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Passed,
    /// It did not, and this happened instead.
    Failed(String),
    /// The text parser refused its text, as it should; the engine saw nothing of it.
    TextParser,
}

/// What the decoder and validator made of a module. This is known even of modules that are not
/// executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is what the script says: valid, malformed or invalid.
    pub right: bool,
    /// Whether the message of a refusal begins with the script's words.
    pub in_words: bool,
}

macro_rules! kinds {
    ($($name:ident $word:literal;)*) => {
        /// The directives of scripts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $(#[doc = concat!("`", $word, "`")] $name,)* }

        impl Kind {
            /// Its word in scripts.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$name => $word),* }
            }

            pub(crate) fn of(directive: &WastDirective<'_>) -> Kind {
                use WastDirective as D;
                match directive { $(D::$name { .. } => Kind::$name),* }
            }
        }
    };
}

kinds! {
    Module "module";
    ModuleDefinition "module definition";
    ModuleInstance "module instance";
    Register "register";
    Invoke "invoke";
    AssertReturn "assert_return";
    AssertTrap "assert_trap";
    AssertExhaustion "assert_exhaustion";
    AssertException "assert_exception";
    AssertSuspension "assert_suspension";
    AssertMalformed "assert_malformed";
    AssertInvalid "assert_invalid";
    AssertUnlinkable "assert_unlinkable";
    AssertMalformedCustom "assert_malformed_custom";
    AssertInvalidCustom "assert_invalid_custom";
    Thread "thread";
    Wait "wait";
}

impl Kind {
    /// Whether it asserts that a module is malformed.
    pub fn is_malformed(self) -> bool {
        matches!(self, Kind::AssertMalformed | Kind::AssertMalformedCustom)
    }

    /// Whether it asserts that a module is invalid.
    pub fn is_invalid(self) -> bool {
        matches!(self, Kind::AssertInvalid | Kind::AssertInvalidCustom)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many of something there were, and of how many it held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of how many it held.
    pub right: usize,
    /// How many there were.
    pub all: usize,
}

/// How many directives had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that did what they should.
    pub passed: usize,
    /// Those that did not.
    pub failed: usize,
    /// Those that the text parser decided.
    pub text_parser: usize,
    /// Modules that have to be valid.
    pub valid: Tally,
    /// Modules that have to be malformed.
    pub malformed: Tally,
    /// Modules that have to be invalid.
    pub invalid: Tally,
    /// Refusals of the last two whose message begins with the script's words.
    pub in_words: usize,
}

impl Report {
    /// How many directives had which outcome.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for directive in &self.directives {
            match directive.outcome {
                Outcome::Passed => counts.passed += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::TextParser => counts.text_parser += 1,
            }
            if let Some(verdict) = directive.verdict {
                let tally = match directive.kind {
                    kind if kind.is_malformed() => &mut counts.malformed,
                    kind if kind.is_invalid() => &mut counts.invalid,
                    _ => &mut counts.valid,
                };
                *tally += Tally { right: verdict.right.into(), all: 1 };
                counts.in_words += usize::from(verdict.in_words);
            }
        }
        counts
    }

    /// The directives that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Directive> {
        self.directives.iter().filter(|directive| matches!(directive.outcome, Outcome::Failed(_)))
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.right += other.right;
        self.all += other.all;
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.text_parser += other.text_parser;
        self.valid += other.valid;
        self.malformed += other.malformed;
        self.invalid += other.invalid;
        self.in_words += other.in_words;
    }
}
