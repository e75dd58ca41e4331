//! HTML, XML and SVG.

use super::position;
use super::text::{Charset, charset};

/// Elements that a page may begin with.
#[rustfmt::skip]
static PAGE: &[&[u8]] = &[
    b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<script", b"<style", b"<iframe", b"<h1", b"<div", b"<font",
    b"<table", b"<a", b"<b", b"<br", b"<p", b"<!--",
];

/// (element, what has to stand behind it, content type) of XML.
#[rustfmt::skip]
static XML: &[(&[u8], &[u8], &str)] = &[
    (b"<rss", b"", "application/rss+xml"),
    (b"<feed", b"http://www.w3.org/2005/Atom", "application/atom+xml"),
    (b"<X3D", b"http://www.w3.org/2001/XMLSchema-instance", "model/x3d+xml"),
    (b"<kml", b"http://www.opengis.net/kml/2.2", "application/vnd.google-earth.kml+xml"),
    (b"<xliff", b"urn:oasis:names:tc:xliff:document:1.2", "application/x-xliff+xml"),
    (b"<COLLADA", b"http://www.collada.org/2005/11/COLLADASchema", "model/vnd.collada+xml"),
    (b"", b"http://www.opengis.net/gml", "application/gml+xml"),
    (b"<gpx", b"http://www.topografix.com/GPX/1/1", "application/gpx+xml"),
    (b"<TrainingCenterDatabase", b"http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2", "application/vnd.garmin.tcx+xml"),
    (b"<amf", b"", "application/x-amf"),
    (b"<model", b"http://schemas.microsoft.com/3dmanufacturing/core/2015/02", "application/vnd.ms-package.3dmanufacturing-3dmodel+xml"),
    (b"<xfdf", b"http://ns.adobe.com/xfdf/", "application/vnd.adobe.xfdf"),
    (b"<Ontology", b"http://www.w3.org/2002/07/owl#", "application/owl+xml"),
    (b"<html", b"http://www.w3.org/1999/xhtml", "application/xhtml+xml"),
    (b"<svg", b"", "image/svg+xml"),
];

/// The types of `text/html`, and after them those of `text/xml`: without a character set, in UTF-8, in Latin 1, and as the file
/// says in capitals.
type Types = [&'static str; 5];
const HTML: Types = [
    "text/html",
    "text/html; charset=utf-8",
    "text/html; charset=iso-8859-1",
    "text/html; charset=UTF-8",
    "text/html; charset=ISO-8859-1",
];
const PLAIN_XML: Types = [
    "text/xml",
    "text/xml; charset=utf-8",
    "text/xml; charset=iso-8859-1",
    "text/xml; charset=UTF-8",
    "text/xml; charset=ISO-8859-1",
];

/// `unmarked` is `head` without a byte order mark.
pub(super) fn find(head: &[u8], unmarked: &[u8], is_whole: bool) -> Option<&'static str> {
    let text = unmarked.trim_ascii_start();
    let is_end = |at: usize| text.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b'>');
    let begins =
        |tag: &[u8]| text.len() > tag.len() && text[..tag.len()].eq_ignore_ascii_case(tag) && is_end(tag.len());
    if head.len() == unmarked.len() && is_svg(text) {
        Some("image/svg+xml")
    } else if PAGE.iter().any(|tag| begins(tag)) {
        Some(with_charset(&HTML, head, said_by_page(text), is_whole))
    } else if begins(b"<?xml") {
        let rest = &text[b"<?xml".len()..];
        let known = XML.iter().find(|(element, behind, _)| {
            position_of(rest, element).is_some_and(|at| position_of(&rest[at..], behind).is_some())
        });
        Some(known.map_or_else(|| with_charset(&PLAIN_XML, head, said_by_xml(rest), is_whole), |(.., kind)| kind))
    } else {
        None
    }
}

/// Nothing is everywhere.
fn position_of(bytes: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() { Some(0) } else { position(bytes, part) }
}

/// A picture without a declaration: comments, then the element with its namespace.
fn is_svg(mut text: &[u8]) -> bool {
    while let Some(comment) = text.strip_prefix(b"<!--") {
        let Some(end) = position(comment, b"-->") else { return false };
        text = &comment[end + 3..];
    }
    let Some(element) = text.strip_prefix(b"<svg") else { return false };
    let element = element.split(|b| *b == b'>').next().unwrap_or_default();
    element.first().is_some_and(u8::is_ascii_whitespace) && position(element, b"http://www.w3.org/2000/svg").is_some()
}

/// Which one of the types: what the file says itself goes first. A character set that is not among them is left to the file,
/// for whoever reads it looks there when no other is named.
fn with_charset(types: &Types, head: &[u8], said: Option<&[u8]>, is_whole: bool) -> &'static str {
    match said {
        Some(said) => {
            let behind = |kind: &&&str| kind.split_once('=').is_some_and(|(_, charset)| charset.as_bytes() == said);
            let folded = said.to_ascii_lowercase();
            let fits = |kind: &&&str| kind.split_once('=').is_some_and(|(_, charset)| charset.as_bytes() == folded);
            types.iter().find(behind).or_else(|| types.iter().find(fits)).unwrap_or(&types[0])
        }
        None => match charset(head, is_whole) {
            Some(Charset::Utf8) => types[1],
            Some(Charset::Latin1) => types[2],
            None => types[0],
        },
    }
}

/// The `encoding` of an XML declaration.
fn said_by_xml(declaration: &[u8]) -> Option<&[u8]> {
    let declaration = &declaration[..position(declaration, b"?>")?];
    let rest = declaration[position(declaration, b"encoding")? + b"encoding".len()..].trim_ascii_start();
    value(rest)
}

/// The `charset` of a `meta` element, as an attribute or within its `content`.
fn said_by_page(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let Some(at) = rest.windows(5).position(|window| window.eq_ignore_ascii_case(b"<meta")) {
        rest = &rest[at + 5..];
        let element = rest.split(|b| *b == b'>').next().unwrap_or_default();
        if let Some(at) = element.windows(7).position(|window| window.eq_ignore_ascii_case(b"charset"))
            && let Some(said) = value(element[at + 7..].trim_ascii_start())
        {
            return Some(said);
        }
    }
    None
}

/// `="value"`, with or without quotes.
fn value(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"=")?.trim_ascii_start();
    let text = text.strip_prefix(b"\"").or_else(|| text.strip_prefix(b"'")).unwrap_or(text);
    let end = text.iter().position(|b| matches!(b, b'"' | b'\'' | b';' | b'/' | b'>') || b.is_ascii_whitespace());
    let value = &text[..end.unwrap_or(text.len())];
    (!value.is_empty()).then_some(value)
}
