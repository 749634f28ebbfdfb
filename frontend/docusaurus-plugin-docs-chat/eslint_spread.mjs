/**
 * Spreading and destructuring by position are for arrays; `Array.from` is for everything else that can be iterated.
 *
 * A site may transpile this code loosely to ES5, and then `[...nodes]` becomes `[].concat(nodes)`: one element that
 * is the whole list.
 */

import { ESLintUtils } from "@typescript-eslint/utils";

export const spreadArraysOnly = {
  meta: {
    type: "problem",
    schema: [],
    messages: { notAnArray: "This is a {{type}}, no array: transpiled loosely it is not iterated. Use Array.from." },
  },
  create(context) {
    const services = ESLintUtils.getParserServices(context);
    const checker = services.program.getTypeChecker();
    const isArray = (type) =>
      type.isUnion() ? type.types.every(isArray) : checker.isArrayType(type) || checker.isTupleType(type);
    const check = (node) => {
      const type = services.getTypeAtLocation(node);
      if (!isArray(type)) context.report({ node, messageId: "notAnArray", data: { type: checker.typeToString(type) } });
    };
    return {
      ":matches(ArrayExpression, CallExpression, NewExpression) > SpreadElement": ({ argument }) => check(argument),
      "VariableDeclarator[id.type=ArrayPattern][init]": ({ init }) => check(init),
    };
  },
};
