//! JavaScript as far as anything in here reads it: without types, comments and punctuation.

use std::sync::Arc;

use crate::source::Span;

pub type Text = Arc<str>;

/// A file.
#[derive(Debug, Default)]
pub struct Module {
    pub body: Vec<Stmt>,
    /// Where suppressions may stand.
    pub comments: Vec<Span>,
}

#[derive(Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Number(f64),
    Text(Text),
    Regex {
        pattern: Text,
        flags: Text,
    },
    /// One text more than values; a text is `None` where its escapes are wrong.
    Template {
        texts: Vec<Text>,
        values: Vec<Expr>,
    },
    Name(Text),
    This,
    Super,
    Array(Vec<Argument>),
    Object(Vec<Property>),
    Function(Arc<Function>),
    Class(Arc<Class>),
    Call {
        callee: Box<Expr>,
        args: Vec<Argument>,
    },
    New {
        callee: Box<Expr>,
        args: Vec<Argument>,
    },
    Member {
        object: Box<Expr>,
        name: Text,
    },
    Index {
        object: Box<Expr>,
        index: Box<Expr>,
    },
    Unary {
        op: Unary,
        value: Box<Expr>,
    },
    Binary {
        op: Binary,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Logical {
        op: Logical,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Conditional {
        test: Box<Expr>,
        yes: Box<Expr>,
        no: Box<Expr>,
    },
    Assign {
        op: Assign,
        target: Box<Pattern>,
        value: Box<Expr>,
    },
    /// `a++`, `--a`: by how much.
    Step {
        target: Box<Pattern>,
        by: f64,
    },
    Sequence(Vec<Expr>),
    Await(Box<Expr>),
    /// `import(…)`.
    Import(Box<Expr>),
    /// JSX, as the expressions that stand in it.
    Markup(Vec<Expr>),
    /// Something whose value nobody in here can use: a class's private names, too deep a nest.
    Opaque,
}

#[derive(Debug)]
pub enum Argument {
    One(Expr),
    Spread(Expr),
    /// `[, a]`.
    Hole,
}

#[derive(Debug)]
pub enum Property {
    Value {
        key: Key,
        span: Span,
        value: Expr,
    },
    /// `get key() {}`: its value is what it returns.
    Getter {
        key: Key,
        span: Span,
        function: Arc<Function>,
    },
    Spread(Expr),
}

#[derive(Debug)]
pub enum Key {
    Name(Text),
    Computed(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    Not,
    Minus,
    Plus,
    Typeof,
    Void,
    Delete,
    BitNot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Rest,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Instanceof,
    In,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logical {
    And,
    Or,
    /// `??`.
    Else,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assign {
    Plain,
    Add,
    Logical(Logical),
    Other,
}

#[derive(Debug)]
pub enum Pattern {
    Name(Text, Span),
    /// `a.b` or `a[b]`, where something is assigned and not declared.
    Place(Box<Expr>),
    Object {
        entries: Vec<(Key, Pattern)>,
        rest: Option<Box<Pattern>>,
    },
    Array {
        items: Vec<Option<Pattern>>,
        rest: Option<Box<Pattern>>,
    },
    Default(Box<Pattern>, Box<Expr>),
}

#[derive(Debug)]
pub struct Function {
    pub span: Span,
    pub name: Option<Text>,
    pub params: Vec<Param>,
    pub rest: Option<Pattern>,
    pub body: Body,
    pub is_arrow: bool,
}

#[derive(Debug)]
pub struct Param {
    pub pattern: Pattern,
    /// `constructor(private app)`: it becomes a field, too.
    pub is_field: bool,
}

#[derive(Debug)]
pub enum Body {
    Block(Vec<Stmt>),
    Value(Box<Expr>),
}

#[derive(Debug)]
pub struct Class {
    pub span: Span,
    pub name: Option<Text>,
    pub parent: Option<Expr>,
    pub constructor: Option<Arc<Function>>,
    pub members: Vec<Member>,
    /// Functions run over it that may do anything: `@Controller('/users')`.
    pub is_decorated: bool,
}

#[derive(Debug)]
pub struct Member {
    pub key: Key,
    pub is_static: bool,
    pub kind: MemberKind,
}

#[derive(Debug)]
pub enum MemberKind {
    Method(Arc<Function>),
    Getter(Arc<Function>),
    Field(Option<Expr>),
}

#[derive(Debug)]
pub struct Stmt {
    pub span: Span,
    pub kind: StmtKind,
}

#[derive(Debug)]
pub enum StmtKind {
    Expr(Expr),
    Declare {
        /// Whether it belongs to the function and not to the block.
        is_var: bool,
        names: Vec<(Pattern, Option<Expr>)>,
    },
    Function(Arc<Function>),
    Class(Arc<Class>),
    Return(Option<Expr>),
    Throw(Expr),
    Break,
    Continue,
    Block(Vec<Stmt>),
    If {
        test: Expr,
        yes: Box<Stmt>,
        no: Option<Box<Stmt>>,
    },
    For {
        start: Option<Box<Stmt>>,
        test: Option<Expr>,
        step: Option<Expr>,
        body: Box<Stmt>,
    },
    /// `for (… of …)`, and `in` if `keys`.
    Each {
        keys: bool,
        is_var: bool,
        target: Pattern,
        over: Expr,
        body: Box<Stmt>,
    },
    While {
        test: Expr,
        body: Box<Stmt>,
    },
    Switch {
        on: Expr,
        cases: Vec<(Option<Expr>, Vec<Stmt>)>,
    },
    Try {
        block: Vec<Stmt>,
        caught: Option<(Option<Pattern>, Vec<Stmt>)>,
        finally: Vec<Stmt>,
    },
    Import {
        from: Text,
        names: Vec<Imported>,
    },
    /// `export const a = …`, with the declaration.
    Export(Box<Stmt>),
    ExportDefault(Expr),
    /// `export default function name() {}`, or a class: with the declaration.
    ExportDefaultDeclaration(Box<Stmt>),
    /// `export { local as name }`.
    ExportNames(Vec<(Text, Text)>),
    /// `export { theirs as name } from`, `export * from` (`names` is `None`), `export * as name from`.
    ExportFrom {
        from: Text,
        names: Option<Vec<(Text, Text)>>,
        all_as: Option<Text>,
    },
    /// TypeScript's `export = `.
    ExportAssign(Expr),
    Empty,
}

#[derive(Debug)]
pub struct Imported {
    pub local: Text,
    pub what: Import,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Import {
    Default,
    All,
    Name(Text),
}
