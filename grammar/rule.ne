# A rule: header and options. Structure only; building nodes is TypeScript's (src/rule/parse/nodes.ts).
#
#   alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 80: (msg:"x"; content:"y"; nocase; sid:1;)
#
# Conventions: names in camelCase; %tokens come from the lexer (src/rule/parse/lexer.ts), which drops white space; lists recurse
# on the left, so that a long list takes linear time; no rule derives the empty string; no input has two derivations.
# The value of an option is one opaque token, from its colon up to the closing semicolon.

@preprocessor typescript
@{%
import { ruleLexer } from '../lexer.js';
import * as nodes from '../nodes.js';
%}
@lexer ruleLexer

rule -> header optionBlock    {% nodes.rule %}

# Snort 3 leaves addresses and ports out where the protocol says enough.
header ->
    action protocol                                              {% nodes.shortHeader %}
  | action protocol addresses ports direction addresses ports    {% nodes.header %}

action -> %word       {% nodes.word %}

# `tcp`, or with the hook of Suricata 8: `tcp:flow_start`.
protocol -> %word     {% nodes.word %}

direction -> %arrow   {% nodes.word %}

optionBlock ->
    "(" ")"           {% nodes.noOptions %}
  | "(" options ")"   {% nodes.options %}

options ->
    option            {% nodes.first %}
  | options option    {% nodes.next %}

option ->
    %name ";"           {% nodes.keyword %}
  | %name %value ";"    {% nodes.keywordWithValue %}

@include "address.ne"
@include "port.ne"
