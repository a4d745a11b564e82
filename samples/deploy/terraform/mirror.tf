# What is mirrored: everything in both directions of each interface, but for the mirrored traffic itself.

resource "aws_ec2_traffic_mirror_target" "periscope" {
  description               = "Periscope"
  network_load_balancer_arn = aws_lb.periscope.arn
}

resource "aws_ec2_traffic_mirror_filter" "all" {
  description = "All but VXLAN"

  # DNS to Amazon's own resolver is mirrored only when asked for.
  network_services = ["amazon-dns"]
}

locals {
  # Numbered, ascending, the first that matches counts: VXLAN (UDP is 17) is left out, then everything is taken.
  filter_rules = {
    for pair in setproduct(["ingress", "egress"], ["vxlan", "all"]) : "${pair[0]}-${pair[1]}" => {
      direction = pair[0]
      vxlan     = pair[1] == "vxlan"
    }
  }
  sessions = sort(keys(var.mirrored_interfaces))
}

resource "aws_ec2_traffic_mirror_filter_rule" "rule" {
  for_each                 = local.filter_rules
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.all.id
  traffic_direction        = each.value.direction
  rule_number              = each.value.vxlan ? 10 : 100
  rule_action              = each.value.vxlan ? "reject" : "accept"
  protocol                 = each.value.vxlan ? 17 : null
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"

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
  description              = each.key
  network_interface_id     = each.value
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.all.id
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.periscope.id
  session_number           = 1
  virtual_network_id       = var.first_vni + index(local.sessions, each.key)

  depends_on = [aws_lb_listener.vxlan, aws_ec2_traffic_mirror_filter_rule.rule]
}
