//! What can be seen of a run, in a form that does not depend on who executed it.

/// A value, as far as both engines can say what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    I32(i32),
    I64(i64),
    /// Bits.
    F32(u32),
    /// Bits.
    F64(u64),
    V128(u128),
    /// Any null reference.
    Null,
    /// How many parameters and results it has.
    Func(usize, usize),
    /// The number that the host gave away as an external reference.
    Extern(u32),
    /// A value of the other hierarchy, behind a conversion.
    Converted(Box<Value>),
    I31(u32),
    /// The first fields, and how many there are.
    Struct(Vec<Value>, usize),
    /// Some elements, and how many there are.
    Array(Vec<Value>, u32),
    /// What it carries.
    Exception(Vec<Value>),
    /// Not looked at.
    Deeper,
}

/// What ran out. How much there is of it is not part of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    /// The stack of calls.
    Stack,
    /// The heap of structures, arrays and exceptions.
    Heap,
    /// The units of execution that an engine was given.
    Fuel,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// No value exists of a type that an import has.
    Uninhabited,
    Instantiated,
    /// The export of this name was called.
    Call(String, Vec<Value>),
    /// A host function was called.
    Host(usize, Vec<Value>),
    /// What a host function did before it returned.
    Did(&'static str, Vec<Value>),
    Returned(Vec<Value>),
    Trapped(&'static str),
    Threw(Value),
    Exhausted(Exhausted),
    /// An error that no guest causes.
    Failed(String),
    State(State),
}

/// What is exported.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub globals: Vec<Value>,
    /// The length and a hash of each.
    pub memories: Vec<(u64, u64)>,
    /// The length and the elements of each.
    pub tables: Vec<(u64, Vec<Value>)>,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// What happened, in its order.
    pub events: Vec<Event>,
    /// The units of fuel that each call used up, where they are counted.
    pub fuel: Vec<u64>,
}

/// What two traces say of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// They agree until one ran out of what the other still had.
    Inconclusive,
    /// They differ at this event.
    Differs(usize),
}

/// Compares what both saw.
///
/// If the module copies arrays, two traps count as one: `array.copy` from a null reference to where
/// there is no room fails for the null reference in rwasm, as in the specification's interpreter,
/// and for want of room in wasmtime, which looks at all that concerns the destination first.
pub fn compare(ours: &[Event], theirs: &[Event], copies_arrays: bool) -> Verdict {
    // Heaps of different layouts are full at different allocations. If both ran out, most likely
    // both refused the same array, which was too large for any heap, and the rest is worth
    // comparing; but it proves nothing if it differs.
    let mut doubtful = false;
    for (at, pair) in ours.iter().zip(theirs).enumerate() {
        match pair {
            (Event::Exhausted(Exhausted::Heap), Event::Exhausted(Exhausted::Heap)) => {
                doubtful = true;
            }
            (Event::Exhausted(_), _) | (_, Event::Exhausted(_)) => return Verdict::Inconclusive,
            (ours, theirs) if ours == theirs => {}
            (Event::Trapped("null reference"), Event::Trapped("array out of bounds"))
                if copies_arrays => {}
            _ if doubtful => return Verdict::Inconclusive,
            _ => return Verdict::Differs(at),
        }
    }
    match ours.len() == theirs.len() {
        true if doubtful => Verdict::Inconclusive,
        true => Verdict::Same,
        false if doubtful => Verdict::Inconclusive,
        false => Verdict::Differs(ours.len().min(theirs.len())),
    }
}

/// A hash of a memory, which is mostly zeros.
pub fn hash(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<64>();
    let mut hash = bytes.len() as u64;
    let mut mix =
        |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for (at, chunk) in chunks.iter().enumerate() {
        if *chunk != [0; 64] {
            mix(at as u64);
            chunk.as_chunks::<8>().0.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
        }
    }
    rest.iter().for_each(|&byte| mix(byte.into()));
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_stops_early_proves_nothing_of_the_rest() {
        let returned = |value| Event::Returned(vec![Value::I32(value)]);
        let fuel = Event::Exhausted(Exhausted::Fuel);
        let heap = Event::Exhausted(Exhausted::Heap);
        let compared = |ours: &[Event], theirs: &[Event]| compare(ours, theirs, false);
        assert_eq!(compared(&[returned(1)], &[returned(1)]), Verdict::Same);
        assert_eq!(compared(&[returned(1)], &[returned(2)]), Verdict::Differs(0));
        assert_eq!(compared(&[returned(1)], &[]), Verdict::Differs(0));
        assert_eq!(compared(std::slice::from_ref(&fuel), &[returned(2)]), Verdict::Inconclusive);
        assert_eq!(compared(&[returned(1), fuel], &[returned(2)]), Verdict::Differs(0));
        let traps = [Event::Trapped("null reference"), Event::Trapped("array out of bounds")];
        let [null, room] = traps.each_ref().map(std::slice::from_ref);
        assert_eq!(compare(null, room, true), Verdict::Same);
        assert_eq!(compare(null, room, false), Verdict::Differs(0));
        assert_eq!(compare(room, null, true), Verdict::Differs(0));
        let (ours, theirs) = ([heap.clone(), returned(1)], [heap.clone(), returned(2)]);
        assert_eq!(compared(&ours, &theirs), Verdict::Inconclusive);
    }

    #[test]
    fn hashes_of_memories_differ_with_any_byte_and_place() {
        let mut bytes = vec![0; 200];
        let zero = hash(&bytes);
        let mut seen = vec![zero, hash(&bytes[1..])];
        for at in [0, 63, 64, 128, 199] {
            bytes[at] = 1;
            seen.push(hash(&bytes));
            bytes[at] = 0;
        }
        assert_eq!(hash(&bytes), zero);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }
}
