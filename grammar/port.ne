# Ports of a header, and the values of port variables.
#
#   any   80   1024:   :1023   80:90   $HTTP_PORTS   !x   [80, 443, ![8000:8010]]

ports ->
    port         {% id %}
  | barePorts    {% nodes.bareList %}

barePorts ->
    port "," port         {% nodes.firstTwo %}
  | barePorts "," port    {% nodes.next %}

port ->
    portItem        {% id %}
  | "!" portItem    {% nodes.negated %}

portItem ->
    %any                {% nodes.anyPort %}
  | %variable           {% nodes.portVariable %}
  | %word               {% nodes.portWord %}
  | "[" portList "]"    {% nodes.portList %}

portList ->
    port                 {% nodes.first %}
  | portList "," port    {% nodes.next %}
