# Addresses of a header, and the values of address variables.
#
#   any   192.168.0.0/16   10.0.0.1-10.0.0.9   fe80::1   $HOME_NET   !x   [a, b, ![c, d]]
#
# What a word means (an address, a block, a range) is for TypeScript to find out.

# An end of a header may be a list without brackets.
addresses ->
    address            {% id %}
  | bareAddresses      {% nodes.bareList %}

bareAddresses ->
    address "," address          {% nodes.firstTwo %}
  | bareAddresses "," address    {% nodes.next %}

address ->
    addressItem        {% id %}
  | "!" addressItem    {% nodes.negated %}

addressItem ->
    %any                   {% nodes.anyAddress %}
  | %variable              {% nodes.addressVariable %}
  | %word                  {% nodes.addressWord %}
  | "[" addressList "]"    {% nodes.addressList %}

addressList ->
    address                    {% nodes.first %}
  | addressList "," address    {% nodes.next %}
