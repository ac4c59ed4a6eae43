//! Operators.

use oxc_ast::ast;

use crate::syntax::javascript::tree::*;

pub(super) fn assign_op(op: ast::AssignmentOperator) -> Assign {
    match op {
        ast::AssignmentOperator::Assign => Assign::Plain,
        ast::AssignmentOperator::Addition => Assign::Add,
        ast::AssignmentOperator::LogicalOr => Assign::Logical(Logical::Or),
        ast::AssignmentOperator::LogicalAnd => Assign::Logical(Logical::And),
        ast::AssignmentOperator::LogicalNullish => Assign::Logical(Logical::Else),
        _ => Assign::Other,
    }
}

pub(super) fn logical_op(op: ast::LogicalOperator) -> Logical {
    match op {
        ast::LogicalOperator::And => Logical::And,
        ast::LogicalOperator::Or => Logical::Or,
        ast::LogicalOperator::Coalesce => Logical::Else,
    }
}

pub(super) fn unary_op(op: ast::UnaryOperator) -> Unary {
    match op {
        ast::UnaryOperator::LogicalNot => Unary::Not,
        ast::UnaryOperator::UnaryNegation => Unary::Minus,
        ast::UnaryOperator::UnaryPlus => Unary::Plus,
        ast::UnaryOperator::Typeof => Unary::Typeof,
        ast::UnaryOperator::Void => Unary::Void,
        ast::UnaryOperator::Delete => Unary::Delete,
        ast::UnaryOperator::BitwiseNot => Unary::BitNot,
    }
}

pub(super) fn binary_op(op: ast::BinaryOperator) -> Binary {
    use ast::BinaryOperator as B;
    match op {
        B::Addition => Binary::Add,
        B::Subtraction => Binary::Subtract,
        B::Multiplication => Binary::Multiply,
        B::Division => Binary::Divide,
        B::Remainder => Binary::Rest,
        B::Equality | B::StrictEquality => Binary::Equal,
        B::Inequality | B::StrictInequality => Binary::Unequal,
        B::LessThan => Binary::Less,
        B::LessEqualThan => Binary::LessOrEqual,
        B::GreaterThan => Binary::Greater,
        B::GreaterEqualThan => Binary::GreaterOrEqual,
        B::Instanceof => Binary::Instanceof,
        B::In => Binary::In,
        _ => Binary::Other,
    }
}
