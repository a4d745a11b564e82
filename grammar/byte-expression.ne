# The values of byte_test, byte_jump, byte_extract, byte_math and other keywords with a list of arguments.
#
#   4, >, 1000, 20, relative, little          bytes 4, offset 0, oper +, rvalue 8, result len, bitmask 0x0f
#
# What an argument means is decided by each keyword.

@preprocessor typescript
@{%
import { argumentLexer } from '../lexer.js';
import * as nodes from '../nodes.js';
%}
@lexer argumentLexer

byteExpression -> arguments    {% id %}

@include "arguments.ne"
