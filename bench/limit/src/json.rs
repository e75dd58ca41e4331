//! JSON by hand: rows are written straight into the response buffer.
use rusqlite::{types::ValueRef, Row};

pub fn string(out: &mut Vec<u8>, s: &[u8]) {
    out.push(b'"');
    let mut from = 0;
    for (i, &b) in s.iter().enumerate() {
        let esc: &[u8] = match b {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..=0x1f => b"",
            _ => continue,
        };
        out.extend_from_slice(&s[from..i]);
        if esc.is_empty() {
            out.extend_from_slice(format!("\\u{:04x}", b).as_bytes());
        } else {
            out.extend_from_slice(esc);
        }
        from = i + 1;
    }
    out.extend_from_slice(&s[from..]);
    out.push(b'"');
}

/// Column kinds of a row layout: what JSON type a column is.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Num,
    Bool,
}

pub struct Layout {
    pub collection: &'static str,
    pub cols: &'static [(&'static str, Kind)],
}

pub fn record(out: &mut Vec<u8>, l: &Layout, row: &Row, first: usize) -> rusqlite::Result<()> {
    out.extend_from_slice(b"{\"collectionName\":\"");
    out.extend_from_slice(l.collection.as_bytes());
    out.push(b'"');
    for (i, (name, kind)) in l.cols.iter().enumerate() {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        match (kind, row.get_ref(first + i)?) {
            (Kind::Bool, ValueRef::Integer(n)) => out.extend_from_slice(if n != 0 { b"true" } else { b"false" }),
            (_, ValueRef::Integer(n)) => out.extend_from_slice(n.to_string().as_bytes()),
            (_, ValueRef::Real(f)) => out.extend_from_slice(f.to_string().as_bytes()),
            (_, ValueRef::Text(t)) => string(out, t),
            _ => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
    Ok(())
}
