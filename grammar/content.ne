# The value of `content` and its kin.
#
#   "GET |0d 0a|"     !"a\;b"     "abc", nocase, depth 5
#
# Inside the quotes: plain text, escapes (backslash and one character), and bytes in hexadecimal between pipes.

@preprocessor typescript
@{%
import { contentLexer } from '../lexer.js';
import * as nodes from '../nodes.js';
%}
@lexer contentLexer

content ->
    quoted                          {% nodes.content %}
  | "!" quoted                      {% nodes.negatedContent %}
  | quoted "," arguments            {% nodes.content %}
  | "!" quoted "," arguments        {% nodes.negatedContent %}

quoted ->
    %open %close            {% nodes.emptyQuotes %}
  | %open pieces %close     {% nodes.quotes %}

pieces ->
    piece           {% nodes.first %}
  | pieces piece    {% nodes.next %}

piece ->
    %text               {% nodes.plainText %}
  | %escape             {% nodes.escape %}
  | %pipe %hex %pipe    {% nodes.hex %}

@include "arguments.ne"
