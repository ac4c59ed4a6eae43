//! Python as far as anything in here reads it: without types, decorators and comments.

use std::sync::Arc;

use crate::source::Span;

pub type Text = Arc<str>;

/// A file.
#[derive(Debug, Default)]
pub struct Module {
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug)]
pub enum ExprKind {
    None,
    Bool(bool),
    Number(Text),
    /// Also of several literals that stand side by side.
    Text(Vec<Part>),
    Name(Text),
    Member {
        object: Box<Expr>,
        name: Text,
    },
    Index {
        object: Box<Expr>,
        index: Box<Expr>,
    },
    Call {
        callee: Box<Expr>,
        args: Vec<Arg>,
    },
    /// Lists, tuples and sets.
    List(Vec<Expr>),
    Dict(Vec<Entry>),
    Binary {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `yes if test else no`.
    Conditional {
        yes: Box<Expr>,
        test: Box<Expr>,
        no: Box<Expr>,
    },
    /// Something whose value nobody in here can use, with the expressions that stand in it.
    Opaque(Vec<Expr>),
}

/// A part of a text.
#[derive(Debug)]
pub enum Part {
    Known(String),
    /// `{value}` of an f-string.
    Value(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Add,
    /// `%`, which formats.
    Rest,
    Or,
    And,
    /// `|`, which joins dictionaries.
    Union,
    Other,
}

#[derive(Debug)]
pub enum Entry {
    Pair {
        key: Expr,
        value: Expr,
    },
    /// `**other`.
    Spread(Expr),
}

#[derive(Debug)]
pub enum Arg {
    One(Expr),
    Named {
        name: Text,
        span: Span,
        value: Expr,
    },
    /// `*args`.
    Spread(Expr),
    /// `**kwargs`.
    SpreadNamed(Expr),
}

#[derive(Debug)]
pub struct Function {
    pub span: Span,
    pub name: Text,
    pub params: Vec<Param>,
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub struct Param {
    pub name: Text,
    pub default: Option<Expr>,
    /// `*args`, `**kwargs`: it holds what has no name of its own.
    pub is_rest: bool,
    /// The type that is said of it.
    pub kind: Option<Expr>,
}

#[derive(Debug)]
pub struct Class {
    pub span: Span,
    pub name: Text,
    pub bases: Vec<Expr>,
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub enum Stmt {
    Expr(Expr),
    Assign {
        target: Expr,
        value: Expr,
    },
    /// `target += value`; other operators make something that is not known.
    Add {
        target: Expr,
        value: Expr,
    },
    Function(Arc<Function>),
    Class(Arc<Class>),
    Return(Option<Expr>),
    /// One of these runs, or none.
    Choice {
        tests: Vec<Expr>,
        branches: Vec<Vec<Stmt>>,
    },
    /// `for`, `while`.
    Loop {
        target: Option<Expr>,
        over: Expr,
        body: Vec<Stmt>,
    },
    With {
        items: Vec<(Expr, Option<Expr>)>,
        body: Vec<Stmt>,
    },
    /// What is tried, and what is done after a failure and in the end.
    Try {
        body: Vec<Stmt>,
        rest: Vec<Vec<Stmt>>,
    },
    /// `import a.b as c`; without `as` it binds `a`.
    Import {
        path: Text,
        name: Text,
    },
    /// `from module import what as name`.
    From {
        module: Text,
        what: Text,
        name: Text,
    },
}
