//! Statements, imports and exports.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{Lower, text};
use crate::syntax::javascript::tree::*;

impl Lower {
    pub(super) fn statements(&mut self, from: &[ast::Statement<'_>]) -> Vec<Stmt> {
        from.iter().map(|one| self.statement(one)).collect()
    }

    fn statement(&mut self, from: &ast::Statement<'_>) -> Stmt {
        let span = self.span(from.span());
        if self.depth > super::DEEPEST {
            let kind = StmtKind::Empty;
            return Stmt { span, kind };
        }
        self.depth += 1;
        let kind = match (from.as_declaration(), from.as_module_declaration()) {
            (Some(declaration), _) => self.declaration(declaration),
            (_, Some(module)) => self.module_declaration(module),
            _ => self.plain(from),
        };
        self.depth -= 1;
        Stmt { span, kind }
    }

    fn block(&mut self, from: &ast::Statement<'_>) -> Box<Stmt> {
        Box::new(self.statement(from))
    }

    fn plain(&mut self, from: &ast::Statement<'_>) -> StmtKind {
        use ast::Statement as S;
        match from {
            S::BlockStatement(block) => StmtKind::Block(self.statements(&block.body)),
            S::BreakStatement(_) => StmtKind::Break,
            S::ContinueStatement(_) => StmtKind::Continue,
            S::ExpressionStatement(one) => StmtKind::Expr(self.expression(&one.expression)),
            S::ReturnStatement(one) => {
                StmtKind::Return(one.argument.as_ref().map(|value| self.expression(value)))
            }
            S::ThrowStatement(one) => StmtKind::Throw(self.expression(&one.argument)),
            S::IfStatement(one) => StmtKind::If {
                test: self.expression(&one.test),
                yes: self.block(&one.consequent),
                no: one.alternate.as_ref().map(|no| self.block(no)),
            },
            S::DoWhileStatement(one) => StmtKind::While {
                test: self.expression(&one.test),
                body: self.block(&one.body),
            },
            S::WhileStatement(one) => StmtKind::While {
                test: self.expression(&one.test),
                body: self.block(&one.body),
            },
            S::ForStatement(one) => self.for_(one),
            S::ForOfStatement(one) => self.each(false, &one.left, &one.right, &one.body),
            S::ForInStatement(one) => self.each(true, &one.left, &one.right, &one.body),
            S::LabeledStatement(one) => self.statement(&one.body).kind,
            S::WithStatement(one) => self.statement(&one.body).kind,
            S::SwitchStatement(one) => StmtKind::Switch {
                on: self.expression(&one.discriminant),
                cases: (one.cases.iter())
                    .map(|case| {
                        let test = case.test.as_ref().map(|test| self.expression(test));
                        (test, self.statements(&case.consequent))
                    })
                    .collect(),
            },
            S::TryStatement(one) => StmtKind::Try {
                block: self.statements(&one.block.body),
                caught: one.handler.as_ref().map(|handler| {
                    let param = handler.param.as_ref();
                    let param = param.map(|param| self.binding(&param.pattern));
                    (param, self.statements(&handler.body.body))
                }),
                finally: match &one.finalizer {
                    Some(block) => self.statements(&block.body),
                    None => Vec::new(),
                },
            },
            _ => StmtKind::Empty,
        }
    }

    fn for_(&mut self, from: &ast::ForStatement<'_>) -> StmtKind {
        let start = from.init.as_ref().map(|init| {
            let span = self.span(init.span());
            let kind = match init {
                ast::ForStatementInit::VariableDeclaration(vars) => self.variables(vars),
                other => match other.as_expression() {
                    Some(value) => StmtKind::Expr(self.expression(value)),
                    None => StmtKind::Empty,
                },
            };
            Box::new(Stmt { span, kind })
        });
        StmtKind::For {
            start,
            test: from.test.as_ref().map(|test| self.expression(test)),
            step: from.update.as_ref().map(|step| self.expression(step)),
            body: self.block(&from.body),
        }
    }

    fn each(
        &mut self,
        keys: bool,
        left: &ast::ForStatementLeft<'_>,
        over: &ast::Expression<'_>,
        body: &ast::Statement<'_>,
    ) -> StmtKind {
        let mut is_var = false;
        let target = match left {
            ast::ForStatementLeft::VariableDeclaration(vars) => {
                is_var = vars.kind == ast::VariableDeclarationKind::Var;
                vars.declarations.first().map(|one| self.binding(&one.id))
            }
            other => (other.as_assignment_target()).map(|target| self.target(target)),
        };
        let Some(target) = target else {
            return StmtKind::Empty;
        };
        StmtKind::Each {
            keys,
            is_var,
            target,
            over: self.expression(over),
            body: self.block(body),
        }
    }

    fn variables(&mut self, from: &ast::VariableDeclaration<'_>) -> StmtKind {
        StmtKind::Declare {
            is_var: from.kind == ast::VariableDeclarationKind::Var,
            names: (from.declarations.iter())
                .map(|one| {
                    let value = one.init.as_ref().map(|value| self.expression(value));
                    (self.binding(&one.id), value)
                })
                .collect(),
        }
    }

    fn declaration(&mut self, from: &ast::Declaration<'_>) -> StmtKind {
        use ast::Declaration as D;
        match from {
            D::VariableDeclaration(vars) if !vars.declare => self.variables(vars),
            // Without a body it is only a signature.
            D::FunctionDeclaration(function) if function.body.is_some() => {
                StmtKind::Function(self.function(function))
            }
            D::ClassDeclaration(class) if !class.declare => StmtKind::Class(self.class(class)),
            D::TSEnumDeclaration(one) => self.enumeration(one),
            D::TSImportEqualsDeclaration(one) => self.import_equals(one),
            _ => StmtKind::Empty,
        }
    }

    fn enumeration(&mut self, from: &ast::TSEnumDeclaration<'_>) -> StmtKind {
        let span = self.span(from.span);
        let mut next = Some(0.0);
        let mut properties = Vec::new();
        for member in &from.body.members {
            let key = match &member.id {
                ast::TSEnumMemberName::Identifier(name) => text(&name.name),
                ast::TSEnumMemberName::String(name)
                | ast::TSEnumMemberName::ComputedString(name) => text(&name.value),
                ast::TSEnumMemberName::ComputedTemplateString(_) => continue,
            };
            let span = self.span(member.span);
            let value = match (&member.initializer, next) {
                (Some(value), _) => self.expression(value),
                (None, Some(number)) => Expr {
                    span,
                    kind: ExprKind::Number(number),
                },
                (None, None) => continue,
            };
            next = match value.kind {
                ExprKind::Number(number) => Some(number + 1.0),
                _ => None,
            };
            properties.push(Property::Value {
                key: Key::Name(key),
                span,
                value,
            });
        }
        let name = Pattern::Name(text(&from.id.name), self.span(from.id.span));
        let value = Expr {
            span,
            kind: ExprKind::Object(properties),
        };
        StmtKind::Declare {
            is_var: false,
            names: vec![(name, Some(value))],
        }
    }

    /// `import x = require('y')`: as `const x = require('y')`.
    fn import_equals(&mut self, from: &ast::TSImportEqualsDeclaration<'_>) -> StmtKind {
        let ast::TSModuleReference::ExternalModuleReference(external) = &from.module_reference
        else {
            return StmtKind::Empty;
        };
        let span = self.span(from.span);
        let expr = |kind| Expr { span, kind };
        let module = ExprKind::Text(text(&external.expression.value));
        let call = ExprKind::Call {
            callee: Box::new(expr(ExprKind::Name(text("require")))),
            args: vec![Argument::One(expr(module))],
        };
        StmtKind::Declare {
            is_var: false,
            names: vec![(
                Pattern::Name(text(&from.id.name), self.span(from.id.span)),
                Some(expr(call)),
            )],
        }
    }

    fn module_declaration(&mut self, from: &ast::ModuleDeclaration<'_>) -> StmtKind {
        use ast::ModuleDeclaration as M;
        match from {
            M::ImportDeclaration(import) => self.import(import),
            M::ExportAllDeclaration(one) if !one.export_kind.is_type() => StmtKind::ExportFrom {
                from: text(&one.source.value),
                names: None,
                all_as: one.exported.as_ref().map(|name| text(&name.name())),
            },
            M::ExportDefaultDeclaration(one) => self.export_default(one),
            M::ExportDeclaration(one) => {
                let span = self.span(one.span);
                let kind = self.declaration(&one.declaration);
                StmtKind::Export(Box::new(Stmt { span, kind }))
            }
            M::ExportNamedDeclaration(one) => StmtKind::ExportNames(specifiers(&one.specifiers)),
            M::ExportFromDeclaration(one) if !one.export_kind.is_type() => StmtKind::ExportFrom {
                from: text(&one.source.value),
                names: Some(specifiers(&one.specifiers)),
                all_as: None,
            },
            M::TSExportAssignment(one) => StmtKind::ExportAssign(self.expression(&one.expression)),
            _ => StmtKind::Empty,
        }
    }

    fn import(&mut self, from: &ast::ImportDeclaration<'_>) -> StmtKind {
        if from.import_kind.is_type() {
            return StmtKind::Empty;
        }
        use ast::ImportDeclarationSpecifier as I;
        let names = from.specifiers.iter().flatten().filter_map(|one| {
            let (local, what) = match one {
                I::ImportSpecifier(one) if one.import_kind.is_type() => return None,
                I::ImportSpecifier(one) => match one.imported.name().as_str() {
                    "default" => (&one.local, Import::Default),
                    name => (&one.local, Import::Name(text(name))),
                },
                I::ImportDefaultSpecifier(one) => (&one.local, Import::Default),
                I::ImportNamespaceSpecifier(one) => (&one.local, Import::All),
            };
            let local = text(&local.name);
            Some(Imported { local, what })
        });
        StmtKind::Import {
            from: text(&from.source.value),
            names: names.collect(),
        }
    }

    fn export_default(&mut self, from: &ast::ExportDefaultDeclaration<'_>) -> StmtKind {
        use ast::ExportDefaultDeclarationKind as D;
        match &from.declaration {
            // A declaration, which is hoisted, and an export of its name.
            D::FunctionDeclaration(function) => {
                let function = self.function(function);
                let span = function.span;
                match &function.name {
                    Some(_) => default_of(span, StmtKind::Function(function)),
                    None => value_of(span, ExprKind::Function(function)),
                }
            }
            D::ClassDeclaration(class) => {
                let class = self.class(class);
                let span = class.span;
                match &class.name {
                    Some(_) => default_of(span, StmtKind::Class(class)),
                    None => value_of(span, ExprKind::Class(class)),
                }
            }
            D::TSInterfaceDeclaration(_) => StmtKind::Empty,
            other => match other.as_expression() {
                Some(value) => StmtKind::ExportDefault(self.expression(value)),
                None => StmtKind::Empty,
            },
        }
    }
}

fn specifiers(from: &[ast::ExportSpecifier<'_>]) -> Vec<(Text, Text)> {
    let values = from.iter().filter(|one| !one.export_kind.is_type());
    values
        .map(|one| (text(&one.local.name()), text(&one.exported.name())))
        .collect()
}

/// `export default function name() {}`: a declaration in a wrapping that says which export it is.
fn default_of(span: crate::source::Span, kind: StmtKind) -> StmtKind {
    let declaration = Stmt { span, kind };
    StmtKind::ExportDefaultDeclaration(Box::new(declaration))
}

fn value_of(span: crate::source::Span, kind: ExprKind) -> StmtKind {
    StmtKind::ExportDefault(Expr { span, kind })
}
