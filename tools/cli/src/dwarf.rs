//! Debug information in a module: in which functions an address is, and on which line.
//!
//! DWARF has trees of *entries*, one per *unit*, and per unit a program that computes a table of
//! lines. Addresses count from the start of the code section's contents. All of it comes from the
//! guest: what is broken or too large is not there, no table is kept, and whoever asks gives up
//! after a while, since the same bytes can be referred to again and again.

use gimli::{
    AttributeValue, DebugAbbrev, DebugAbbrevOffset, DebugInfoOffset, DebuggingInformationEntry,
    Dwarf, EndianSlice, LittleEndian, UnitHeader, UnitOffset,
};
use rwasm::Module;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

type Reader<'m> = EndianSlice<'m, LittleEndian>;
type Unit<'m> = gimli::Unit<Reader<'m>>;
type Entry<'m> = DebuggingInformationEntry<Reader<'m>>;
type Value<'m> = AttributeValue<Reader<'m>>;

/// The most bytes of a unit's abbreviations, and of the head of its table of lines: what is made
/// of them takes many times as much.
const MAX_TABLE: usize = 1 << 20;
/// The most functions that are inlined into each other.
const MAX_INLINED: usize = 100;
/// The most entries that say of each other that they are the same function.
const MAX_HOPS: usize = 16;

/// A function that an address is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name, mangled if it is known in that way.
    pub name: Option<String>,
    /// Where in it the address, or the call of the inlined function, is.
    pub line: Option<Line>,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    file: String,
    /// Zero is unknown, as for the column.
    line: u64,
    column: u64,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line { file, line, column } = self;
        match (line, column) {
            (0, _) => write!(f, "{file}"),
            (line, 0) => write!(f, "{file}:{line}"),
            (line, column) => write!(f, "{file}:{line}:{column}"),
        }
    }
}

/// For each address, counted from the start of `module`, the functions that it is in: inlined ones
/// first, each before the one that it is inlined into. None where nothing is known.
pub fn locate(module: &Module, addresses: &[Option<usize>]) -> Vec<Vec<Function>> {
    let start = module.syntax().code_start;
    let address = |&at: &Option<usize>| at?.checked_sub(start)?.try_into().ok();
    let targets = addresses.iter().map(|at| Target { address: address(at), ..Target::default() });
    let mut targets: Vec<_> = targets.collect();
    let debug = Debug::of(module);
    // A unit that is broken says nothing; where the next one begins is not known if its head is.
    let mut units = debug.dwarf.units();
    while let Ok(Some(header)) = units.next() {
        if targets.iter().all(Target::is_found) {
            break;
        }
        if let Some(unit) = debug.unit(header) {
            debug.look_into(&unit, &mut targets);
        }
    }
    targets.into_iter().map(|target| target.functions).collect()
}

/// An address, and what was found of it.
#[derive(Default)]
struct Target {
    address: Option<u64>,
    functions: Vec<Function>,
    /// Whether it is looked for in the unit at hand.
    in_unit: bool,
    /// The functions in that unit that it is in, outermost first.
    scopes: Vec<Scope>,
    /// The row of the unit's table of lines that it is in.
    row: Option<Row>,
}

/// A function, or a place into which one is inlined.
struct Scope {
    depth: isize,
    entry: UnitOffset,
    /// For an inlined function where it is called.
    call: Row,
}

#[derive(Clone, Copy, Default)]
struct Row {
    address: u64,
    file: u64,
    line: u64,
    column: u64,
}

impl Target {
    fn is_found(&self) -> bool {
        self.address.is_none() || !self.functions.is_empty()
    }

    fn is_in(&self, start: u64, end: u64) -> bool {
        // Functions that the linker took out are left at 0, where the section has their number.
        start != 0 && self.address.is_some_and(|address| (start..end).contains(&address))
    }
}

/// The sections.
struct Debug<'m> {
    dwarf: Dwarf<Reader<'m>>,
    abbreviations: &'m [u8],
    lines: &'m [u8],
}

impl<'m> Debug<'m> {
    fn of(module: &'m Module) -> Self {
        let customs = &module.syntax().customs;
        let section = |name: &str| -> &'m [u8] {
            let custom = customs.iter().find(|custom| &*custom.0 == name);
            custom.map_or(&[], |custom| &module.syntax().bytes()[custom.1.clone()])
        };
        let load = |id: gimli::SectionId| -> Result<Reader<'m>, Infallible> {
            Ok(EndianSlice::new(section(id.name()), LittleEndian))
        };
        let Ok(dwarf) = Dwarf::load(load);
        Debug { dwarf, abbreviations: section(".debug_abbrev"), lines: section(".debug_line") }
    }

    fn unit(&self, header: UnitHeader<Reader<'m>>) -> Option<Unit<'m>> {
        let bytes = self.abbreviations.get(header.debug_abbrev_offset().0..)?;
        let bytes = &bytes[..bytes.len().min(MAX_TABLE)];
        let abbreviations = DebugAbbrev::new(bytes, LittleEndian);
        let abbreviations = abbreviations.abbreviations(DebugAbbrevOffset(0)).ok()?;
        // Making the unit reads the head of its lines.
        let mut entries = header.entries(&abbreviations);
        let root = entries.next_dfs().ok()??;
        if let Some(AttributeValue::DebugLineRef(at)) = root.attr_value(gimli::DW_AT_stmt_list)
            && !has_small_head(self.lines.get(at.0..)?)
        {
            return None;
        }
        Unit::new_with_abbreviations(&self.dwarf, header, Arc::new(abbreviations)).ok()
    }

    /// The unit with an entry, and where it is in there.
    fn unit_with(&self, entry: DebugInfoOffset) -> Option<(Unit<'m>, UnitOffset)> {
        let mut units = self.dwarf.units();
        while let Ok(Some(header)) = units.next() {
            if let Some(offset) = entry.to_unit_offset(&header) {
                return Some((self.unit(header)?, offset));
            }
        }
        None
    }

    /// Finds the functions and lines of those addresses that are in a unit.
    fn look_into(&self, unit: &Unit<'m>, targets: &mut [Target]) {
        let mut entries = unit.entries();
        let Ok(Some(root)) = entries.next_dfs() else { return };
        for target in &mut *targets {
            target.in_unit = false;
            target.scopes.clear();
            target.row = None;
        }
        let mut says_where = false;
        self.ranges(unit, root, &mut |start, end| {
            says_where = true;
            targets.iter_mut().for_each(|target| target.in_unit |= target.is_in(start, end));
        });
        for target in &mut *targets {
            target.in_unit = (target.in_unit || !says_where) && !target.is_found();
        }
        if !targets.iter().any(|target| target.in_unit) {
            return;
        }
        while let Ok(Some(entry)) = entries.next_dfs() {
            if matches!(entry.tag(), gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine) {
                self.enter(unit, entry, targets);
            }
        }
        find_rows(unit, targets);
        for target in targets.iter_mut().filter(|target| target.in_unit) {
            target.functions = self.functions(unit, target);
        }
    }

    /// Notes that addresses are in the function of an entry.
    fn enter(&self, unit: &Unit<'m>, entry: &Entry<'m>, targets: &mut [Target]) {
        let depth = entry.depth();
        self.ranges(unit, entry, &mut |start, end| {
            for target in targets.iter_mut().filter(|target| target.in_unit) {
                if !target.is_in(start, end) || target.scopes.len() == MAX_INLINED {
                    continue;
                }
                while target.scopes.last().is_some_and(|scope| scope.depth >= depth) {
                    target.scopes.pop();
                }
                let number = |attribute| entry.attr_value(attribute).map_or(0, number_of);
                let call = Row {
                    address: 0,
                    file: number(gimli::DW_AT_call_file),
                    line: number(gimli::DW_AT_call_line),
                    column: number(gimli::DW_AT_call_column),
                };
                target.scopes.push(Scope { depth, entry: entry.offset(), call });
            }
        });
    }

    /// Shows the ranges of addresses of an entry.
    fn ranges(&self, unit: &Unit<'m>, entry: &Entry<'m>, show: &mut dyn FnMut(u64, u64)) {
        let attribute = |name| entry.attr_value(name);
        if let Some(list) = attribute(gimli::DW_AT_ranges) {
            let Ok(Some(mut ranges)) = self.dwarf.attr_ranges(unit, list) else { return };
            while let Ok(Some(range)) = ranges.next() {
                show(range.begin, range.end);
            }
            return;
        }
        let address = |value| self.dwarf.attr_address(unit, value).ok()?;
        let Some(low) = attribute(gimli::DW_AT_low_pc).and_then(address) else { return };
        let high = attribute(gimli::DW_AT_high_pc).and_then(|high| match high.udata_value() {
            Some(size) => low.checked_add(size),
            None => address(high),
        });
        show(low, high.unwrap_or(low));
    }

    /// The functions that an address was found in.
    fn functions(&self, unit: &Unit<'m>, target: &Target) -> Vec<Function> {
        let mut row = target.row;
        let mut functions = Vec::new();
        for scope in target.scopes.iter().rev() {
            let (linkage, name) = self.names(unit, scope.entry, MAX_HOPS);
            let line = row.and_then(|row| self.line(unit, &row));
            functions.push(Function { name: linkage.or(name), line });
            row = Some(scope.call);
        }
        if functions.is_empty()
            && let Some(line) = row.and_then(|row| self.line(unit, &row))
        {
            functions.push(Function { name: None, line: Some(line) });
        }
        functions
    }

    /// The name of a function for the linker, and in its source.
    fn names(
        &self,
        unit: &Unit<'m>,
        entry: UnitOffset,
        hops: usize,
    ) -> (Option<String>, Option<String>) {
        let Ok(entry) = unit.entry(entry) else { return (None, None) };
        let text = |attribute| self.text(unit, entry.attr_value(attribute)?);
        let linkage =
            text(gimli::DW_AT_linkage_name).or_else(|| text(gimli::DW_AT_MIPS_linkage_name));
        let name = text(gimli::DW_AT_name);
        let other = entry
            .attr_value(gimli::DW_AT_abstract_origin)
            .or_else(|| entry.attr_value(gimli::DW_AT_specification));
        let hops = hops - 1;
        let (linkage_there, name_there) = match other {
            _ if linkage.is_some() || hops == 0 => (None, None),
            Some(AttributeValue::UnitRef(other)) => self.names(unit, other, hops),
            Some(AttributeValue::DebugInfoRef(other)) => match self.unit_with(other) {
                Some((unit, other)) => self.names(&unit, other, hops),
                None => (None, None),
            },
            _ => (None, None),
        };
        (linkage.or(linkage_there), name.or(name_there))
    }

    fn text(&self, unit: &Unit<'m>, value: Value<'m>) -> Option<String> {
        let text = self.dwarf.attr_string(unit, value).ok()?;
        Some(text.to_string_lossy().into_owned())
    }

    fn line(&self, unit: &Unit<'m>, row: &Row) -> Option<Line> {
        let header = unit.line_program.as_ref()?.header();
        let file = header.file(row.file)?;
        let mut path = String::new();
        if let Some(folder) = unit.comp_dir {
            path.push_str(&folder.to_string_lossy());
        }
        // Folder 0 is that of the unit.
        let folder = file.directory(header).filter(|_| file.directory_index() != 0);
        for part in folder.into_iter().chain([file.path_name()]) {
            join(&mut path, &self.text(unit, part)?);
        }
        Some(Line { file: path, line: row.line, column: row.column })
    }
}

/// Whether the head of a table of lines is so small that it may be read.
fn has_small_head(table: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = table.get(at..)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    // Length of the unit, version, since version 5 two sizes, and length of the head. A greater
    // first length says that lengths have 64 bits, which nobody needs in a module.
    let Some(&[version, _]) = table.get(4..6) else { return false };
    let head = number(if version >= 5 { 8 } else { 6 });
    number(0).is_some_and(|len| len < 0xffff_fff0) && head.is_some_and(|head| head <= MAX_TABLE)
}

/// Runs a unit's program of lines, and notes the rows that addresses are in.
fn find_rows(unit: &Unit<'_>, targets: &mut [Target]) {
    let Some(program) = unit.line_program.clone() else { return };
    let mut rows = program.rows();
    // The row before, in the same sequence.
    let mut last: Option<Row> = None;
    let mut is_removed = false;
    while let Ok(Some((_, row))) = rows.next_row() {
        match last {
            None => is_removed = row.address() == 0,
            Some(last) if !is_removed => {
                for target in targets.iter_mut().filter(|target| target.in_unit) {
                    if target.is_in(last.address, row.address()) && target.row.is_none() {
                        target.row = Some(last);
                    }
                }
            }
            Some(_) => {}
        }
        let column = match row.column() {
            gimli::ColumnType::LeftEdge => 0,
            gimli::ColumnType::Column(column) => column.get(),
        };
        let line = row.line().map_or(0, |line| line.get());
        let here = Row { address: row.address(), file: row.file_index(), line, column };
        last = (!row.end_sequence()).then_some(here);
    }
}

fn number_of(value: Value<'_>) -> u64 {
    match value {
        AttributeValue::FileIndex(index) => index,
        value => value.udata_value().unwrap_or(0),
    }
}

/// Makes `path` lead on to `part`, which may be a path of its own.
fn join(path: &mut String, part: &str) {
    let is_whole = part.starts_with(['/', '\\'])
        || part.contains("://")
        || part.get(1..3).is_some_and(|c| c == ":\\");
    if is_whole {
        path.clear();
    } else if !path.is_empty() && !path.ends_with('/') {
        path.push('/');
    }
    path.push_str(part);
}

#[cfg(test)]
mod tests;
