# What is mirrored: everything in both directions of each interface, but for the mirrored traffic itself.

resource "aws_ec2_traffic_mirror_filter" "all" {
  description = "${var.name}: all but VXLAN"

  # DNS to Amazon's own resolver is mirrored only when asked for.
  network_services = ["amazon-dns"]
}

locals {
  # Numbered, ascending, the first that matches counts: VXLAN (UDP is 17) is left out, then everything is taken. Each
  # family of addresses needs rules of its own: what no rule matches is not mirrored.
  everywhere = { v4 = "0.0.0.0/0", v6 = "::/0" }
  filter_rules = {
    for rule in setproduct(["ingress", "egress"], ["v4", "v6"], ["vxlan", "all"]) : join("-", rule) => {
      direction = rule[0]
      family    = rule[1]
      vxlan     = rule[2] == "vxlan"
      number    = (rule[2] == "vxlan" ? 10 : 100) + (rule[1] == "v6" ? 1 : 0)
    }
  }
}

resource "aws_ec2_traffic_mirror_filter_rule" "rule" {
  for_each                 = local.filter_rules
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.all.id
  traffic_direction        = each.value.direction
  rule_number              = each.value.number
  rule_action              = each.value.vxlan ? "reject" : "accept"
  protocol                 = each.value.vxlan ? 17 : null
  source_cidr_block        = local.everywhere[each.value.family]
  destination_cidr_block   = local.everywhere[each.value.family]

  dynamic "destination_port_range" {
    for_each = each.value.vxlan ? [4789] : []
    content {
      from_port = destination_port_range.value
      to_port   = destination_port_range.value
    }
  }
}

resource "aws_ec2_traffic_mirror_session" "interface" {
  for_each                 = var.mirrored_interfaces
  description              = "${var.name}: ${each.key}"
  network_interface_id     = each.value.interface
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.all.id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.periscope.id
  session_number           = 1
  virtual_network_id       = each.value.vni

  # An interface takes three sessions at most, of which each packet goes to the one with the lowest number that takes it.
  # packet_length is left out: through a load balancer 8500 bytes are the default and the most.

  depends_on = [aws_lb_listener.vxlan, aws_ec2_traffic_mirror_filter_rule.rule]
}
