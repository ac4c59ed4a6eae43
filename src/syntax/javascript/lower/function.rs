//! Functions and classes.

use std::sync::Arc;

use oxc_ast::ast;

use super::{Lower, text};
use crate::syntax::javascript::tree::*;

impl Lower {
    pub(super) fn function(&mut self, from: &ast::Function<'_>) -> Arc<Function> {
        let (params, rest) = self.params(&from.params);
        let body = match &from.body {
            Some(body) => self.statements(&body.statements),
            None => Vec::new(),
        };
        Arc::new(Function {
            span: self.span(from.span),
            name: from.id.as_ref().map(|id| text(&id.name)),
            params,
            rest,
            body: Body::Block(body),
            is_arrow: false,
        })
    }

    pub(super) fn arrow(&mut self, from: &ast::ArrowFunctionExpression<'_>) -> Arc<Function> {
        let (params, rest) = self.params(&from.params);
        let body = match &from.body {
            ast::ArrowFunctionBody::FunctionBody(body) => {
                Body::Block(self.statements(&body.statements))
            }
            other => match other.as_expression() {
                Some(value) => Body::Value(self.boxed(value)),
                None => Body::Block(Vec::new()),
            },
        };
        Arc::new(Function {
            span: self.span(from.span),
            name: None,
            params,
            rest,
            body,
            is_arrow: true,
        })
    }

    pub(super) fn params(
        &mut self,
        from: &ast::FormalParameters<'_>,
    ) -> (Vec<Param>, Option<Pattern>) {
        let params = from.items.iter().map(|item| {
            let pattern = self.binding(&item.pattern);
            Param {
                pattern: match &item.initializer {
                    Some(value) => Pattern::Default(Box::new(pattern), self.boxed(value)),
                    None => pattern,
                },
                is_field: item.accessibility.is_some() || item.readonly,
            }
        });
        let params = params.collect();
        let rest = from.rest.as_ref();
        (params, rest.map(|rest| self.binding(&rest.rest.argument)))
    }

    pub(super) fn class(&mut self, from: &ast::Class<'_>) -> Arc<Class> {
        let mut class = Class {
            span: self.span(from.span),
            name: from.id.as_ref().map(|id| text(&id.name)),
            parent: (from.heritage.as_ref()).map(|heritage| self.expression(&heritage.expression)),
            constructor: None,
            members: Vec::new(),
            is_decorated: !from.decorators.is_empty(),
        };
        for element in &from.body.body {
            self.class_element(element, &mut class);
        }
        Arc::new(class)
    }

    pub(super) fn class_element(&mut self, element: &ast::ClassElement<'_>, class: &mut Class) {
        let (key, is_static, kind) = match element {
            ast::ClassElement::MethodDefinition(method) => {
                class.is_decorated |= !method.decorators.is_empty();
                // A signature that is overloaded, or abstract.
                if method.value.body.is_none() {
                    return;
                }
                let function = self.function(&method.value);
                let kind = match method.kind {
                    ast::MethodDefinitionKind::Constructor => {
                        class.constructor = Some(function);
                        return;
                    }
                    ast::MethodDefinitionKind::Method => MemberKind::Method(function),
                    ast::MethodDefinitionKind::Get => MemberKind::Getter(function),
                    ast::MethodDefinitionKind::Set => return,
                };
                (&method.key, method.r#static, kind)
            }
            ast::ClassElement::PropertyDefinition(field) => {
                let value = field.value.as_ref().map(|value| self.expression(value));
                (&field.key, field.r#static, MemberKind::Field(value))
            }
            ast::ClassElement::AccessorProperty(field) => {
                let value = field.value.as_ref().map(|value| self.expression(value));
                (&field.key, field.r#static, MemberKind::Field(value))
            }
            ast::ClassElement::StaticBlock(_) | ast::ClassElement::TSIndexSignature(_) => return,
        };
        class.members.push(Member {
            key: self.key(key),
            is_static,
            kind,
        });
    }
}
