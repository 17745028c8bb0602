//! Modules that are meant to hurt: each is refused or accepted in time linear in its size, which a
//! test that ends shows well enough, as all of them are large.

use rwasm_parser::{DecodeConfig, DecodeError, Features, Module};

fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A number that is not negative, where signed ones are expected.
fn signed(value: u64) -> Vec<u8> {
    let mut bytes = leb(value);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

fn module(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    for (id, contents) in sections {
        bytes.push(*id);
        bytes.extend(leb(contents.len() as u64));
        bytes.extend(contents);
    }
    bytes
}

/// A list: its length and its items.
fn list(items: impl ExactSizeIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = leb(items.len() as u64);
    items.for_each(|item| bytes.extend(item));
    bytes
}

/// A module of one function with the type `[] -> []` (type 0), and `types` from 1 on.
fn with_body(types: &[Vec<u8>], body: &[u8]) -> Vec<u8> {
    let types = [vec![0x60, 0, 0]].into_iter().chain(types.iter().cloned()).collect::<Vec<_>>();
    let mut code = vec![1];
    code.extend(leb(body.len() as u64));
    code.extend(body);
    module(&[(1, list(types.into_iter())), (3, vec![1, 0]), (10, code)])
}

fn config() -> DecodeConfig {
    DecodeConfig { features: Features::ALL, ..DecodeConfig::default() }
}

fn check(bytes: Vec<u8>) -> Result<(), DecodeError> {
    Module::decode(bytes, &config())?.validate_bodies()
}

fn message(bytes: Vec<u8>) -> String {
    check(bytes).expect_err("the module is refused").message().to_owned()
}

#[test]
fn counts_without_items_reserve_nothing() {
    for id in [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13] {
        assert!(check(module(&[(id, leb(u64::from(u32::MAX)))])).is_err(), "section {id}");
    }
    let locals = [&[1][..], &leb(u64::from(u32::MAX)), &[0x7f, 0x0b]].concat();
    assert!(message(with_body(&[], &locals)).starts_with("limit exceeded: 4294967295 locals"));
    let more = [&[2][..], &leb(u64::from(u32::MAX)), &[0x7f, 1, 0x7f, 0x0b]].concat();
    assert!(message(with_body(&[], &more)).starts_with("too many locals"));
}

#[test]
fn blocks_nest_as_deep_as_bodies_allow() {
    for op in [0x02, 0x03] {
        let mut body = vec![0];
        body.extend([op, 0x40].repeat(1_000_000));
        body.extend([0x0b].repeat(1_000_001));
        assert_eq!(check(with_body(&[], &body)), Ok(()));
    }
    let mut body = vec![0];
    body.extend([0x41, 0, 0x04, 0x40].repeat(1_000_000));
    assert!(message(with_body(&[], &body)).starts_with("unexpected end"));
}

#[test]
fn types_by_the_million() {
    let same = |count| list((0..count).map(|_| vec![0x60, 0, 0]));
    assert_eq!(check(module(&[(1, same(1_000_000))])), Ok(()));
    assert!(message(module(&[(1, same(1_000_001))])).starts_with("limit exceeded"));
    // Each group has a member that refers to the other, so that none is like the one before.
    let groups = (0..300_000_u32).map(|i| {
        let i = u64::from(i);
        let heap = signed(i * 2 % 0x40);
        [&[0x4e, 2, 0x5f, 1, 0x63][..], &heap, &[0, 0x5e, 0x63], &signed(2 * i), &[0]].concat()
    });
    assert_eq!(check(module(&[(1, list(groups))])), Ok(()));
    let group = [&[1, 0x4e][..], &same(1_000_000)].concat();
    assert_eq!(check(module(&[(1, group)])), Ok(()));
}

#[test]
fn long_chains_of_supertypes_are_not_followed() {
    // Described types all have the first one as supertype; their descriptors, which are looked at
    // for each, stand one above the other.
    let count = 200_000;
    let described = (0..count).map(|i| match i {
        0 => [&[0x50, 0, 0x4d][..], &leb(count), &[0x5f, 0]].concat(),
        _ => [&[0x50, 1, 0, 0x4d][..], &leb(count + i), &[0x5f, 0]].concat(),
    });
    let descriptors = (0..count).map(|i| match i {
        0 => vec![0x50, 0, 0x4c, 0, 0x5f, 0],
        _ => [&[0x50, 1][..], &leb(count + i - 1), &[0x4c], &leb(i), &[0x5f, 0]].concat(),
    });
    let members: Vec<_> = described.chain(descriptors).collect();
    let group = [&[1, 0x4e][..], &list(members.into_iter())].concat();
    assert!(message(module(&[(1, group)])).starts_with("limit exceeded"));
}

#[test]
fn subtypes_stand_63_deep() {
    let chain = |count: u64| {
        let types = (0..count).map(|i| match i {
            0 => vec![0x50, 0, 0x5f, 0],
            _ => [&[0x50, 1][..], &leb(i - 1), &[0x5f, 0]].concat(),
        });
        let types: Vec<_> = types.collect();
        module(&[(1, list(types.into_iter()))])
    };
    assert_eq!(check(chain(64)), Ok(()));
    assert!(message(chain(65)).starts_with("limit exceeded: 64 supertypes"));
}

#[test]
fn labels_by_the_million() {
    let mut body = vec![0, 0x41, 0, 0x0e];
    body.extend(leb(7_000_000));
    body.extend([0].repeat(7_000_001));
    body.push(0x0b);
    assert_eq!(check(with_body(&[], &body)), Ok(()));
}

#[test]
fn operands_cannot_pile_up() {
    let wide = [&[0x60, 0][..], &leb(1000), &[0x7f; 1000]].concat();
    let mut body = vec![0, 0x00];
    // `block (type 1) unreachable end` leaves a thousand operands.
    body.extend([0x02, 1, 0x00, 0x0b].repeat(1_500_000));
    body.extend([0x00, 0x0b]);
    assert!(message(with_body(&[wide], &body)).starts_with("limit exceeded: 1001000 operands"));
}

#[test]
fn long_names_of_groups_are_kept_once() {
    let mut imports = vec![1];
    imports.extend(leb(100_000));
    imports.extend([b'm'; 100_000]);
    imports.extend([0, 0x7e, 0x00, 0]);
    imports.extend(leb(1_000_000));
    imports.extend([0; 1_000_000]);
    let module = module(&[(1, vec![1, 0x60, 0, 0]), (2, imports)]);
    let module = Module::decode(module, &config()).expect("the module is valid");
    assert_eq!(module.imports.len(), 1_000_000);
}

#[test]
fn locals_without_default_cost_only_their_bytes() {
    // Each function declares 50,000 locals that have to be set before they are read.
    let body = [
        &[1][..],
        &leb(50_000),
        &[0x64, 0, 0xd2, 0, 0x21],
        &leb(49_999),
        &[0x20],
        &leb(49_999),
        &[0x1a, 0x0b],
    ]
    .concat();
    let code = list((0..20_000).map(|_| [leb(body.len() as u64), body.clone()].concat()));
    let funcs = list((0..20_000).map(|_| vec![0]));
    let exports = vec![1, 0, 0, 0];
    let types = vec![1, 0x60, 0, 0];
    assert_eq!(check(module(&[(1, types), (3, funcs), (7, exports), (10, code)])), Ok(()));
}
