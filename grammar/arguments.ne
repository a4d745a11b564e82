# Arguments: words between commas. Included by the grammars that bring the lexer.
# An argument is complete after each of its words, so its list is copied rather than grown (see nodes.ts).

arguments ->
    argument                  {% nodes.first %}
  | arguments "," argument    {% nodes.nextArgument %}

argument -> words             {% nodes.argument %}

words ->
    %word          {% nodes.first %}
  | words %word    {% nodes.next %}
