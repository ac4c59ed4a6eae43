//! Names, and under which conditions they got their values.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::value::Val;
use crate::syntax::python::Text;

/// A part of the program that runs under a condition; the first one runs always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Branch(pub usize);

/// Each branch lies within another one.
pub struct Branches(Vec<Branch>);

impl Branches {
    pub fn new() -> Branches {
        Branches(vec![Branch(0)])
    }

    pub fn inside(&mut self, outer: Branch) -> Branch {
        self.0.push(outer);
        Branch(self.0.len() - 1)
    }

    /// Whether one runs whenever the other does.
    pub fn is_within(&self, inner: Branch, outer: Branch) -> bool {
        let mut branch = inner;
        while branch != outer {
            if branch == Branch(0) {
                return false;
            }
            branch = self.0[branch.0];
        }
        true
    }
}

/// The names of a function, a class or a file.
pub struct Scope {
    pub file: usize,
    names: RefCell<HashMap<Text, (Val, Branch)>>,
    parent: Option<Rc<Scope>>,
}

impl Scope {
    pub fn of_file(file: usize) -> Rc<Scope> {
        Rc::new(Scope {
            file,
            names: RefCell::default(),
            parent: None,
        })
    }

    pub fn inside(parent: &Rc<Scope>) -> Rc<Scope> {
        Rc::new(Scope {
            file: parent.file,
            names: RefCell::default(),
            parent: Some(parent.clone()),
        })
    }

    pub fn find(&self, name: &str) -> Option<Val> {
        let mut scope = Some(self);
        while let Some(one) = scope {
            if let Some((val, _)) = one.names.borrow().get(name) {
                return Some(val.clone());
            }
            scope = one.parent.as_deref();
        }
        None
    }

    /// Whether one of its names is something with which many requests are sent.
    pub fn has_session(&self) -> bool {
        let names = self.names.borrow();
        names
            .values()
            .any(|(val, _)| matches!(val, Val::Session(_)))
    }

    /// A value that may take the place of another one, where a condition decides.
    pub fn assign(&self, name: &Text, val: Val, branch: Branch, branches: &Branches) {
        let mut names = self.names.borrow_mut();
        let val = match names.get(name) {
            Some((before, made)) if !branches.is_within(*made, branch) => {
                Val::one_of(vec![before.clone(), val])
            }
            _ => val,
        };
        names.insert(name.clone(), (val, branch));
    }
}
