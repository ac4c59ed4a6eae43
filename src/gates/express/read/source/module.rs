//! A module as it is known while a program is walked.

use std::collections::HashMap;

use super::modules::ModuleId;
use super::val::{ObjectId, ScopeId, Val};
use crate::syntax::javascript::Text;

/// A module that was begun.
#[derive(Debug)]
pub struct Loaded {
    pub scope: ScopeId,
    /// The object `module`, with its member `exports`.
    pub module: ObjectId,
    /// What `export` made, by name.
    pub exports: HashMap<Text, Export>,
    /// `export * from`.
    pub stars: Vec<ModuleId>,
    pub is_esm: bool,
}

#[derive(Debug, Clone)]
pub enum Export {
    /// A variable, which may be set later.
    Local(Text),
    Value(Val),
}
