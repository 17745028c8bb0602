//! `rwasm run --ask`: what a module asks for is granted, or not, by whoever is at the terminal.
//!
//! Questions go to standard error and answers come from standard input, so that what the guest
//! writes stays by itself. What the module calls itself is not shown, as it could call itself
//! anything.

use crate::args::quoted;
use crate::backtrace::plain;
use crate::dir::{Access, Dir};
use crate::engine::EngineArgs;
use crate::exit::Stop;
use crate::inspect::{Capability, Grant, Report};
use crate::load;
use crate::run::RunArgs;
use rwasm::Features;
use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin};
use std::net::ToSocketAddrs as _;

impl RunArgs {
    /// Asks what else the module in `bytes` is to be granted, if it asks for something, and adds
    /// that.
    ///
    /// # Errors
    ///
    /// If it is no module, or if nobody can answer or does.
    pub fn ask(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let engine = EngineArgs::default().engine(Features::ALL)?;
        let module = load::module(&engine, &self.file, bytes.to_vec())?;
        let report = Report::of(&self.file, &module)?;
        let asks: Vec<_> = report.asks.iter().map(|ask| ask.0).collect();
        let wanted = self.wanted(&asks);
        if wanted.is_empty() {
            return Ok(());
        }
        let stream = match (stdin().is_terminal(), stderr().is_terminal()) {
            (true, true) => return self.ask_for(&wanted, &mut stdin().lock(), &mut stderr()),
            (false, _) => "input",
            (true, false) => "error",
        };
        let options: Vec<_> = wanted.iter().map(|(_, option)| format!("`{option}`")).collect();
        Err(Stop::Usage(format!(
            "--ask: standard {stream} is no terminal, so nobody can be asked\n\
             help: {} or `--policy FILE` can say what it gets; `rwasm inspect {}` says what it asks for",
            options.join(", "),
            quoted(self.file.as_os_str())
        )))
    }

    /// What of `asks` there is an option for that was not given, each with that option.
    fn wanted(&self, asks: &[&'static Capability]) -> Vec<(&'static str, &'static str)> {
        let is_given = |name| match name {
            "files" => !self.grants.dirs.is_empty(),
            "environment variables" => self.grants.inherit_env || !self.grants.env.is_empty(),
            "threads" => self.threads,
            "sockets" => !self.grants.tcplisten.is_empty(),
            _ => false,
        };
        let option = |ask: &&'static Capability| match ask.grant {
            Grant::Option(option) => Some((ask.name, option)),
            _ => None,
        };
        asks.iter().filter_map(option).filter(|(name, _)| !is_given(name)).collect()
    }

    fn ask_for(
        &mut self,
        wanted: &[(&str, &str)],
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<(), Stop> {
        let mut person = Person { input, output };
        let file = plain(&self.file.to_string_lossy());
        person.say(&format!("{file} asks for what it was not given. An empty answer is no."))?;
        let mut options = Vec::new();
        for (name, option) in wanted {
            match *name {
                "files" => self.ask_for_dirs(&mut person, &mut options)?,
                "environment variables" => self.ask_for_variables(&mut person, &mut options)?,
                "threads" => self.ask_for_threads(&mut person, &mut options)?,
                "sockets" => self.ask_for_addresses(&mut person, &mut options)?,
                // Whatever it is, nothing has to be answered for it not to be granted.
                name => person.say(&format!("\nIt asks for {name}: `{option}` grants that"))?,
            }
        }
        match options.is_empty() {
            true => person.say("\nIt gets none of that.\n"),
            false => person.say(&format!("\nThe same without questions: {}\n", options.join(" "))),
        }
    }

    fn ask_for_dirs(
        &mut self,
        person: &mut Person<'_, impl BufRead, impl Write>,
        options: &mut Vec<String>,
    ) -> Result<(), Stop> {
        person.say("\nIt can use files, in directories that it is given.")?;
        let mut question = "  Which directory (`data`, or `data::/d` if it is to know it as /d)?";
        while let Some(text) = person.answer(question)? {
            let mut dir = match Dir::parse(&text) {
                Ok(dir) if dir.host.is_dir() => dir,
                Ok(dir) => {
                    let host = plain(&dir.host.to_string_lossy());
                    person.say(&format!("  There is no directory `{host}`."))?;
                    continue;
                }
                Err(message) => {
                    person.say(&format!("  {message}"))?;
                    continue;
                }
            };
            let mut option = text;
            if dir.access == Access::Full
                && !person.agrees("  May it also change what is in there (y/n)?")?
            {
                dir.access = Access::ReadOnly;
                option += "::ro";
            }
            options.push(format!("--dir {}", quoted(OsStr::new(&option))));
            self.grants.dirs.push(dir);
            question = "  Another directory?";
        }
        Ok(())
    }

    fn ask_for_variables(
        &mut self,
        person: &mut Person<'_, impl BufRead, impl Write>,
        options: &mut Vec<String>,
    ) -> Result<(), Stop> {
        person.say("\nIt can read environment variables.")?;
        let mut question = "  Which variable (`NAME` as it is here, `NAME=VALUE`, or `all`)?";
        while let Some(text) = person.answer(question)? {
            if text == "all" {
                self.grants.inherit_env = true;
                options.push("--inherit-env".into());
                break;
            }
            let is_there = match text.split_once('=') {
                Some((name, _)) => !name.is_empty(),
                None => std::env::var_os(&text).is_some(),
            };
            if !is_there {
                person.say(&format!("  There is no variable `{}` here.", plain(&text)))?;
                continue;
            }
            options.push(format!("--env {}", quoted(OsStr::new(&text))));
            self.grants.env.push(text.into());
            question = "  Another variable?";
        }
        Ok(())
    }

    fn ask_for_addresses(
        &mut self,
        person: &mut Person<'_, impl BufRead, impl Write>,
        options: &mut Vec<String>,
    ) -> Result<(), Stop> {
        person.say("\nIt can accept TCP connections.")?;
        let mut question = "  At which address (such as `127.0.0.1:8080`)?";
        while let Some(text) = person.answer(question)? {
            if text.to_socket_addrs().is_err() {
                person.say(&format!("  There is no address `{}`.", plain(&text)))?;
                continue;
            }
            options.push(format!("--tcplisten {}", quoted(OsStr::new(&text))));
            self.grants.tcplisten.push(text);
            question = "  At another address?";
        }
        Ok(())
    }

    fn ask_for_threads(
        &mut self,
        person: &mut Person<'_, impl BufRead, impl Write>,
        options: &mut Vec<String>,
    ) -> Result<(), Stop> {
        person.say("\nIt can begin threads.")?;
        if let Some(word) = self.excludes_threads() {
            return person.say(&format!("  They do not go together with `--{word}`."));
        }
        if person.agrees("  May it (y/n)?")? {
            self.threads = true;
            options.push("--threads".into());
        }
        Ok(())
    }
}

/// Who answers.
struct Person<'a, I, O> {
    input: &'a mut I,
    output: &'a mut O,
}

impl<I: BufRead, O: Write> Person<'_, I, O> {
    fn say(&mut self, text: &str) -> Result<(), Stop> {
        writeln!(self.output, "{text}").map_err(|error| unanswered(&error))
    }

    /// The answer to a question, if it is not empty.
    fn answer(&mut self, question: &str) -> Result<Option<String>, Stop> {
        let mut line = String::new();
        let asked = write!(self.output, "{question} ").and_then(|()| self.output.flush());
        match asked.and_then(|()| self.input.read_line(&mut line)) {
            Ok(0) => {
                self.say("")?; // The question's line has no other end.
                Err(unanswered(&"there is no answer"))
            }
            Ok(_) => Ok(Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(unanswered(&"the answer is no text"))
            }
            Err(error) => Err(unanswered(&error)),
        }
    }

    /// Whether the answer to a question is yes.
    fn agrees(&mut self, question: &str) -> Result<bool, Stop> {
        loop {
            match self.answer(question)?.map(|answer| answer.to_lowercase()).as_deref() {
                Some("y" | "yes") => return Ok(true),
                None | Some("n" | "no") => return Ok(false),
                Some(_) => self.say("  Please answer `y` or `n`.")?,
            }
        }
    }
}

/// The run ends: somebody who does not answer has not said no to all, but left.
fn unanswered(why: &impl std::fmt::Display) -> Stop {
    Stop::error(format!("--ask: {why}"))
}

#[cfg(test)]
mod tests;
