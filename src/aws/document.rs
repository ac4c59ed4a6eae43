//! From the SDK's types to documents as the AWS CLI prints them: an allow list of fields for each
//! type, for what nobody reads is not written, secrets least of all.

use std::collections::HashMap;
use std::hash::BuildHasher;

use aws_sdk_sts::primitives::{Blob, DateTime, DateTimeFormat};
use serde_json::{Map, Value};

use super::secrets;

/// What has a place in a document; `None` leaves its key out.
pub trait Document {
    fn document(&self) -> Option<Value>;
}

/// `shape! { Type { "key" field, "key" field => function } }` writes these fields of a type and no
/// other. A function takes the field, and makes an `Option<Value>` of it.
macro_rules! shape {
    ($($of:ty { $($key:literal $field:ident $(=> $with:path)?),* $(,)? })*) => {$(
        impl $crate::aws::document::Document for $of {
            fn document(&self) -> Option<serde_json::Value> {
                #[allow(unused_mut)]
                let mut map = serde_json::Map::new();
                $(
                    let value = shape!(@value self.$field $(, $with)?);
                    if let Some(value) = value {
                        map.insert($key.to_owned(), value);
                    }
                )*
                Some(serde_json::Value::Object(map))
            }
        }
    )*};
    (@value $field:expr) => { $crate::aws::document::Document::document(&$field) };
    (@value $field:expr, $with:path) => { $with(&$field) };
}

/// Types that are one word of a list.
macro_rules! words {
    ($($of:ty),* $(,)?) => {$(
        impl $crate::aws::document::Document for $of {
            fn document(&self) -> Option<serde_json::Value> {
                Some(serde_json::Value::from(self.as_str()))
            }
        }
    )*};
}

pub(super) use {shape, words};

macro_rules! plain {
    ($($of:ty),*) => {$(
        impl Document for $of {
            fn document(&self) -> Option<Value> {
                Some(Value::from(self.clone()))
            }
        }
    )*};
}

plain!(String, bool, i32, i64, f64);

impl<T: Document> Document for Option<T> {
    fn document(&self) -> Option<Value> {
        self.as_ref()?.document()
    }
}

impl<T: Document> Document for Box<T> {
    fn document(&self) -> Option<Value> {
        self.as_ref().document()
    }
}

impl<T: Document> Document for Vec<T> {
    fn document(&self) -> Option<Value> {
        Some(self.iter().filter_map(Document::document).collect())
    }
}

impl<K: AsRef<str>, T: Document, S: BuildHasher> Document for HashMap<K, T, S> {
    fn document(&self) -> Option<Value> {
        let entries = self.iter();
        let written =
            entries.filter_map(|(key, value)| Some((key.as_ref().to_owned(), value.document()?)));
        Some(Value::Object(written.collect()))
    }
}

impl Document for DateTime {
    fn document(&self) -> Option<Value> {
        self.fmt(DateTimeFormat::DateTime).ok().map(Value::from)
    }
}

/// Bytes are printed in base64.
impl Document for Blob {
    fn document(&self) -> Option<Value> {
        Some(Value::from(base64(self.as_ref())))
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= group.len() { digit.into() } else { '=' });
        }
    }
    out
}

/// A document with one key, as operations that list print their items.
pub fn listed<T: Document>(key: &str, items: &Vec<T>) -> Value {
    keyed(key, items.document())
}

pub fn keyed(key: &str, value: Option<Value>) -> Value {
    let entry = value.map(|value| (key.to_owned(), value));
    Value::Object(Map::from_iter(entry))
}

/// Pairs of name and value that somebody may keep a secret in.
pub fn harmless(pairs: &Option<HashMap<String, String>>) -> Option<Value> {
    let pairs = pairs.as_ref()?.iter();
    let harmless = pairs.filter(|(name, value)| secrets::may_be_written(name, value));
    let written = harmless.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    Some(Value::Object(written.collect()))
}

/// The URL of a backend, without what opens it.
pub fn url(text: &Option<String>) -> Option<Value> {
    text.as_deref().map(secrets::url).map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_base64() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
